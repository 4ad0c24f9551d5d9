"""`/follow` as those who manage a server meet it, and what it refuses."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
import pytest

from bot.follow import places
from bot.follow.acts import MOST
from data.local import Follow
from knowledge.following import state_of
from tests.commands.test_channel import labels, texts
from tests.conftest import Channel

BEFORE = '{"version":1,"edition":"2025","published":"2025-08-28"}'
MANAGER = discord.Permissions(manage_guild=True)


@pytest.fixture
def moderator(offline: Channel) -> Any:
    server = offline.channel.guild
    role = server.create_role("Moderators", permissions=MANAGER)
    return server.add_member(offline.env.create_user("max"), roles=[role])


async def told(person: Any, here: Any, command: str, /, **options: Any) -> str:
    """What /follow says, which nobody else sees."""
    result = await person.slash(here, f"follow {command}", **options)
    assert result.ephemeral
    return "\n".join(texts(result.response.components))


def kept(offline: Channel) -> list[Follow]:
    return offline.client.ledger.local.follows()


async def test_a_member_is_followed_here_and_counts_as_seen(offline: Channel, moderator: Any) -> None:
    text = await told(moderator, offline.channel, "start", what="member:DEU")
    assert "will hear when a new NATO edition or a correction changes the figures of Germany" in text
    assert f"<#{offline.channel.id}>" in text
    assert "Nobody will be pinged." in text
    state = state_of(offline.client.ledger.facts, "member:DEU")
    server = offline.channel.guild.id
    assert kept(offline) == [Follow(server, offline.channel.id, "member:DEU", None, "en-US", state or "")]
    assert not offline.env.errors


async def test_a_rule_is_followed_elsewhere_with_a_role(offline: Channel, moderator: Any) -> None:
    server = offline.channel.guild
    news = server.create_text_channel("news")
    role = server.create_role("Readers", mentionable=True)
    text = await told(moderator, offline.channel, "start", what="the hague commitment", channel=news, role=role)
    assert "a level or the deadline of this rule changes: The Hague commitment" in text
    assert f"<@&{role.id}> will be pinged." in text
    assert "Make sure that this bot may see" in text
    assert [(f.channel, f.what, f.role) for f in kept(offline)] == [(news.id, "rule:hague", role.id)]


async def test_the_answer_pings_nobody(offline: Channel, moderator: Any) -> None:
    role = offline.channel.guild.create_role("Readers", mentionable=True)
    result = await moderator.slash(offline.channel, "follow start", what="new edition", role=role)
    assert result.response.message.role_mentions == []
    sent = offline.env.http_requests[-1].json["data"]
    assert sent["allowed_mentions"] == {"parse": []}


async def test_following_again_changes_the_role_alone(offline: Channel, moderator: Any) -> None:
    role = offline.channel.guild.create_role("Readers", mentionable=True)
    await told(moderator, offline.channel, "start", what="edition")
    offline.client.ledger.local.mark_seen(kept(offline)[0], "2025")
    await told(moderator, offline.channel, "start", what="new edition", role=role)
    assert [(f.what, f.role, f.seen) for f in kept(offline)] == [("edition", role.id, "2025")]


async def test_list_and_stop(offline: Channel, moderator: Any) -> None:
    news = offline.channel.guild.create_text_channel("news")
    assert "Begin with /follow start" in await told(moderator, offline.channel, "list")
    for what, channel in (("Germany", offline.channel), ("Germany", news), ("edition", news)):
        await told(moderator, offline.channel, "start", what=what, channel=channel)
    listed = await told(moderator, offline.channel, "list")
    assert listed.count("Germany") == 2
    assert "New editions" in listed
    assert "not out yet" not in listed
    text = await told(moderator, offline.channel, "stop", what="member:DEU", channel=news)
    assert f"No longer followed in <#{news.id}>: Germany." in text
    assert "not followed there" in await told(moderator, offline.channel, "stop", what="member:DEU", channel=news)
    await told(moderator, offline.channel, "start", what="Germany", channel=news)
    text = await told(moderator, offline.channel, "stop", what="germany")
    assert f"<#{offline.channel.id}>" in text
    assert f"<#{news.id}>" in text
    assert [f.what for f in kept(offline)] == ["edition"]


async def test_the_list_says_what_could_not_be_posted(offline: Channel, moderator: Any) -> None:
    await told(moderator, offline.channel, "start", what="edition")
    offline.client.ledger.local.mark_seen(kept(offline)[0], BEFORE)
    assert "not out yet" in await told(moderator, offline.channel, "list")
    offline.client.ledger.local.mark_seen(kept(offline)[0], "2025")  # a form that is replaced and not posted
    assert "not out yet" not in await told(moderator, offline.channel, "list")


async def test_the_list_says_what_was_deleted_or_closed(offline: Channel, moderator: Any) -> None:
    server, backend = offline.channel.guild, offline.env.backend
    everyone = {server.default_role: discord.PermissionOverwrite(send_messages=False)}
    channels = {name: server.create_text_channel(name) for name in ("gone", "open")}
    channels["closed"] = server.create_text_channel("closed", overwrites=everyone)
    roles = {name: server.create_role(name, mentionable=True) for name in ("deleted", "silent", "heard")}
    follows = [
        # thing, channel, role → what the list says
        ("DEU", "gone", None, "This channel was deleted, so nothing is posted there."),
        ("FRA", "closed", "heard", "This bot may not see it or not write there, so nothing is posted."),
        ("ITA", "open", "deleted", "That role is gone: follow again to name another."),
        ("POL", "open", "silent", "Neither everybody nor this bot may mention this role, so nobody is pinged."),
        ("ESP", "open", "heard", f"<@&{roles['heard'].id}> is pinged"),
    ]
    for code, channel, role, _ in follows:
        role_id = roles[role].id if role is not None else None
        state = state_of(offline.client.ledger.facts, f"member:{code}") or ""
        kept_there = Follow(server.id, channels[channel].id, f"member:{code}", role_id, "en-US", state)
        offline.client.ledger.local.follow(kept_there)
    backend.delete_channel(channels["gone"].id)
    backend.delete_role(server.id, roles["deleted"].id)
    backend.edit_role(server.id, roles["silent"].id, {"mentionable": False})
    [own] = [role for role in backend.get_guild(server.id).roles.values() if role.name == "TestBot"]
    may = discord.Permissions(own.permissions)
    may.update(mention_everyone=False)
    backend.edit_role(server.id, own.id, {"permissions": may.value})
    before = len(offline.env.http_requests)
    listed = await told(moderator, offline.channel, "list")
    rows = dict(zip(("Germany", "France", "Italy", "Poland", "Spain"), listed.split("**")[2::2], strict=True))
    for row, (*_, sentence) in zip(rows.values(), follows, strict=True):
        assert sentence in row
    asked = [request.path for request in offline.env.http_requests[before:] if request.method == "GET"]
    assert len(asked) == 2 + len(channels)


async def test_the_list_does_not_wait_for_discord(
    offline: Channel, moderator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await told(moderator, offline.channel, "start", what="edition")

    async def never(*_: Any, **__: Any) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(places, "IN_TIME", 0.05)
    monkeypatch.setattr(discord.Client, "fetch_guild", never)
    assert "New editions" in await told(moderator, offline.channel, "list")
    monkeypatch.undo()
    offline.env.inject_error("GET", "/guilds/*", status=500)
    assert "New editions" in await told(moderator, offline.channel, "list")
    assert not offline.env.errors


PREVIEWS = [
    # what → what its post says
    ("new edition", "NATO's 2026 edition is out: for NATO the share of GDP in 2025e is now 2.75%"),
    ("Germany", "NATO's 2026 edition is out: for Germany the share of GDP"),
    ("nordic", "NATO's 2026 edition is out: for the Nordic countries the share of GDP in 2026e is 3.18%"),
    ("who crosses a line", "No longer at 2%** · Albania (1.48%; 2.01% in the 2025 edition), Czechia"),
    ("who crosses a line", "2026 edition, published 10 July 2026 · estimate · figures"),
    ("everything", "No longer at 2%** · Albania (1.48%; 2.01% in the 2025 edition), Czechia"),
    ("rule:hague", "What is held here on The Hague commitment has changed."),
]


@pytest.mark.parametrize(("what", "sentence"), PREVIEWS)
async def test_a_preview_is_the_post_and_posts_and_keeps_nothing(
    offline: Channel, moderator: Any, what: str, sentence: str
) -> None:
    text = await told(moderator, offline.channel, "preview", what=what)
    assert sentence in text
    assert "This is what a post looks like." in text
    assert kept(offline) == []
    assert not any(request.path.endswith("/messages") for request in offline.env.http_requests)
    assert not offline.env.errors


NAMES = [
    # what the list shows → what is followed
    ("Everything: editions, corrections and rules", "everything"),
    ("everything", "everything"),
    ("Allies that cross the line", "crossed"),
    ("Nordic countries", "group:nordic"),
    ("Europe and Canada", "member:NATO_EUR_CAN"),
    ("the Baltics", "group:baltic"),
    ("Deutschland", "member:DEU"),
    ("neue Editionen", "edition"),
]


@pytest.mark.parametrize(("typed", "what"), NAMES)
async def test_what_a_list_shows_is_understood(offline: Channel, moderator: Any, typed: str, what: str) -> None:
    assert "will hear" in await told(moderator, offline.channel, "start", what=typed)
    assert [follow.what for follow in kept(offline)] == [what]


async def test_what_is_no_longer_held_can_still_be_ended(offline: Channel, moderator: Any) -> None:
    server = offline.channel.guild.id
    offline.client.ledger.local.follow(Follow(server, offline.channel.id, "rule:gone", None, "en-US", '{"version":1}'))
    assert "rule:gone" in (await told(moderator, offline.channel, "list")).replace("\\", "").lower()
    await told(moderator, offline.channel, "stop", what="rule:gone")
    assert kept(offline) == []


# -- who may ------------------------------------------------------------------------------------------


async def test_discord_does_not_offer_it_to_members_or_in_direct_messages(offline: Channel, moderator: Any) -> None:
    assert [c for c in offline.member.available_commands(offline.channel) if c.startswith("follow")] == []
    offered = moderator.available_commands(offline.channel)
    assert {"follow start", "follow stop", "follow list", "follow preview"} <= set(offered)
    assert [c for c in offline.env.create_user("solo").available_commands() if c.startswith("follow")] == []


@pytest.mark.parametrize(
    ("command", "options"),
    [("start", {"what": "DEU"}), ("stop", {"what": "DEU"}), ("list", {}), ("preview", {"what": "DEU"})],
)
async def test_a_member_is_refused_even_where_the_server_offers_it(
    offline: Channel, moderator: Any, command: str, options: dict[str, str]
) -> None:
    """A server's own settings may open the command to everybody; who may manage it is asked again here."""
    await told(moderator, offline.channel, "start", what="DEU")
    server = offline.channel.guild
    synced = [c for c in await offline.client.tree.fetch_commands() if c.name == "follow"]
    server.set_command_permissions(synced[0], {server.default_role: True})
    text = await told(offline.member, offline.channel, command, **options)
    assert "Only those who may manage this server" in text
    assert "Germany" not in text
    assert len(kept(offline)) == 1
    assert await offline.member.autocomplete(offline.channel, "follow stop", "what", "") == []


async def test_a_bot_that_was_not_added_to_the_server_says_so(
    offline: Channel, moderator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discord.Interaction, "is_user_integration", lambda _: True)
    assert "was not added to this server" in await told(moderator, offline.channel, "start", what="DEU")
    assert kept(offline) == []


async def test_one_server_cannot_touch_anothers(offline: Channel, moderator: Any) -> None:
    offline.client.ledger.local.follow(Follow(1, 2, "member:DEU", None, "en-US", "x"))
    assert "Begin with" in await told(moderator, offline.channel, "list")
    assert "not followed there" in await told(moderator, offline.channel, "stop", what="member:DEU")
    assert len(kept(offline)) == 1


# -- what it refuses ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("Wakanda", "cannot be followed"),
        ("Ukraine", "cannot be followed"),
        ("Iceland", "no spending figure for Iceland"),
        ("member:ISL", "cannot be followed"),
        ("rule:", "cannot be followed"),
        (" ", "cannot be followed"),
        ("<@&1> @everyone", "cannot be followed"),
        ("x" * 6000, "cannot be followed"),
        ("'; drop table follow;--", "cannot be followed"),
    ],
)
async def test_an_unknown_thing_is_one_sentence(offline: Channel, moderator: Any, what: str, sentence: str) -> None:
    text = await told(moderator, offline.channel, "start", what=what)
    assert sentence in text
    assert "<@" not in text
    assert len(text) < 400
    assert kept(offline) == []
    assert not offline.env.errors


async def test_a_role_that_is_everybody_is_refused(offline: Channel, moderator: Any) -> None:
    everyone = offline.channel.guild.default_role
    text = await told(moderator, offline.channel, "start", what="DEU", role=everyone)
    assert "not @everyone" in text
    assert kept(offline) == []


async def test_a_role_the_asker_may_not_ping_is_refused(offline: Channel, moderator: Any) -> None:
    text = await told(moderator, offline.channel, "start", what="DEU", role=offline.channel.guild.create_role("Staff"))
    assert "You may not ping" in text
    assert kept(offline) == []


async def test_a_channel_the_bot_may_not_write_in_is_refused(offline: Channel, moderator: Any) -> None:
    bot = offline.channel.guild.roles["Moderators"]
    closed = offline.channel.guild.create_text_channel(
        "closed",
        overwrites={
            offline.channel.guild.default_role: discord.PermissionOverwrite(send_messages=False),
            bot: discord.PermissionOverwrite(send_messages=True),
        },
    )
    assert "This bot may not write" in await told(moderator, closed, "start", what="DEU")
    reading = offline.channel.guild.create_text_channel(
        "reading", overwrites={offline.channel.guild.default_role: discord.PermissionOverwrite(send_messages=False)}
    )
    text = await told(moderator, offline.channel, "start", what="DEU", channel=reading)
    assert "You may not write" in text
    assert kept(offline) == []


async def test_the_twenty_sixth_is_refused(offline: Channel, moderator: Any) -> None:
    members = [m.code for m in offline.client.ledger.facts.members.values() if m.armed_forces][: MOST + 1]
    for code in members[:MOST]:
        await told(moderator, offline.channel, "start", what=code)
    assert "A server may follow 25 things" in await told(moderator, offline.channel, "start", what=members[MOST])
    assert len(kept(offline)) == MOST
    assert "will hear" in await told(moderator, offline.channel, "start", what=members[0])
    assert (await told(moderator, offline.channel, "list")).count(f"<#{offline.channel.id}>") == MOST


# -- autocomplete -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("", "everything"),
        ("nordic", "group:nordic"),
        ("cross", "crossed"),
        ("new", "edition"),
        ("ger", "member:DEU"),
        ("the hague c", "rule:hague"),
        ("europe", "member:NATO_EUR_CAN"),
    ],
)
async def test_autocomplete_offers_what_can_be_followed(
    offline: Channel, moderator: Any, typed: str, first: str
) -> None:
    choices = await moderator.autocomplete(offline.channel, "follow start", "what", typed)
    assert 1 <= len(choices) <= 25
    assert choices[0]["value"] == first
    assert all(1 <= len(choice["name"]) <= 100 for choice in choices)


async def test_every_choice_can_be_followed(offline: Channel, moderator: Any) -> None:
    choices = await moderator.autocomplete(offline.channel, "follow start", "what", "")
    for choice in choices[:5]:
        assert "will hear" in await told(moderator, offline.channel, "start", what=choice["value"])
    stops = await moderator.autocomplete(offline.channel, "follow stop", "what", "")
    assert [c["value"] for c in stops] == [c["value"] for c in choices[:5]]


async def test_what_is_no_question_has_no_buttons(offline: Channel, moderator: Any) -> None:
    for options in ({"what": "the hague commitment"}, {"what": "edition"}):
        result = await moderator.slash(offline.channel, "follow start", **options)
        assert labels(result.response.components) == []
    result = await moderator.slash(offline.channel, "follow list")
    assert labels(result.response.components) == []


async def test_standing_facts_are_not_offered(offline: Channel, moderator: Any) -> None:
    choices = await moderator.autocomplete(offline.channel, "follow start", "what", "iceland")
    assert not any("lack of armed forces" in choice["name"] for choice in choices)
