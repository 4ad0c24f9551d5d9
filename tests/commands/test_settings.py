"""`/settings` as those who manage a server meet it, and what every answer there makes of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import discord
import msgspec
import pytest
from babel import Locale

from bot.discord.client import LedgerClient
from bot.discord.conversation import Conversation
from bot.features import FEATURES
from bot.follow.posts import Posts
from bot.ledger import Ledger
from commands.options import ENDONYMS
from data.local import LocalStore
from data.servers import AS_EVER, QUIET, Answering, all_answering, change_answering
from knowledge.asking.defaults import Defaults
from knowledge.facts import Facts
from knowledge.names import index_of, is_we
from tests.commands.test_channel import labels, texts
from tests.conftest import Channel

MANAGER = discord.Permissions(manage_guild=True)
BOSS = discord.Permissions(administrator=True)


class Server:
    """A server with somebody who manages it, an administrator, a member, and two channels."""

    def __init__(self, offline: Channel, guild: Any) -> None:
        self.offline, self.id = offline, guild.id
        rights = {"manager": [MANAGER], "administrator": [BOSS], "member": []}
        self.people = {
            name: guild.add_member(
                offline.env.create_user(name), roles=[guild.create_role(name, permissions=one) for one in given]
            )
            for name, given in rights.items()
        }
        self.here, self.there = guild.create_text_channel("here"), guild.create_text_channel("there")

    async def set(self, command: str, *, who: str = "manager", **options: Any) -> str:
        result = await self.people[who].slash(self.here, f"settings {command}", **options)
        assert result.ephemeral
        return text_of(result)

    async def ask(self, name: str, channel: Any = None, **options: Any) -> Any:
        return await self.people["member"].slash(channel or self.here, name, **options)

    async def told(self, name: str, channel: Any = None, **options: Any) -> str:
        return text_of(await self.ask(name, channel, **options))

    @property
    def kept(self) -> Answering:
        """What is on disk, which is what is heeded."""
        ledger = self.offline.client.ledger
        kept = all_answering(ledger.local).get(self.id, AS_EVER)
        assert kept == ledger.answering(self.id)
        return kept


def text_of(result: Any) -> str:
    return "\n".join(texts(result.response.components))


@pytest.fixture
def server(offline: Channel) -> Server:
    return Server(offline, offline.channel.guild)


@pytest.fixture
def other(offline: Channel) -> Server:
    return Server(offline, offline.env.create_guild("Another"))


Speak = Callable[[str, str], None]


@pytest.fixture
def speak(monkeypatch: pytest.MonkeyPatch) -> Speak:
    """From now on readers have one language and servers another."""
    plain: Any = discord.Interaction._from_data

    def speaking(reader: str, server: str) -> None:
        def translated(self: Any, data: Any) -> None:
            where = {"guild_locale": server} if data.get("guild_id") else {}
            plain(self, {**data, "locale": reader, **where})

        monkeypatch.setattr(discord.Interaction, "_from_data", translated)

    return speaking


# -- who may -----------------------------------------------------------------------------------------

STEPS: list[tuple[str, dict[str, Any]]] = [
    ("show", {}),
    ("answers", {"language": "de"}),
    ("answers", {"visibility": "private"}),
    ("answers", {"edition": "2024"}),
    ("answers", {"rule": "wales"}),
    ("answers", {"country": "DEU"}),
    ("channel", {"visibility": "quiet"}),
    ("reset", {"what": "answers"}),
]


@pytest.mark.parametrize("who", ["manager", "administrator", "member"])
async def test_who_may(server: Server, who: str) -> None:
    """A server's own settings may open the command to everybody; who may is asked again at each step."""
    guild = server.here.guild
    [synced] = [c for c in await server.offline.client.tree.fetch_commands() if c.name == "settings"]
    guild.set_command_permissions(synced, {guild.default_role: True})
    for command, options in STEPS:
        before = server.kept
        told = await server.set(command, who=who, **options)
        refused = "Only those who may manage this server set this." in told
        assert refused == (who == "member"), command
        assert (server.kept == before) == (refused or command == "show"), (command, options)
    assert not server.offline.env.errors


async def test_discord_does_not_offer_it_in_direct_messages_or_to_members(server: Server) -> None:
    everywhere = server.offline.env.create_user("solo").available_commands()
    theirs = server.people["member"].available_commands(server.here)
    assert [command for command in (*everywhere, *theirs) if command.startswith("settings")] == []
    assert "settings answers" in server.people["manager"].available_commands(server.here)


# -- what is set, and back ---------------------------------------------------------------------------

# option, what is typed or what a list shows, what is kept, and what /settings show says of it
TYPED = [
    ("language", "de", "de", "Deutsch"),
    ("language", "Türkçe", "tr", "Türkçe"),
    ("edition", "2024", "2024", "2024 edition"),
    ("edition", "2024 edition", "2024", "2024 edition"),
    ("rule", "wales", "wales", "Wales pledge"),
    ("rule", "2% guideline", "guideline", "2% guideline of 2006"),
    ("country", "Deutschland", "DEU", "Germany"),
    ("country", "🇵🇱 Poland", "POL", "Poland"),
]


def of(kept: Answering, option: str) -> str | None:
    found: str | None = getattr(kept if option == "language" else kept.defaults, option)
    return found


@pytest.mark.parametrize(("option", "typed", "kept", "shown"), TYPED, ids=lambda part: str(part))
async def test_what_is_typed_is_kept_shown_and_taken_back(
    server: Server, option: str, typed: str, kept: str, shown: str
) -> None:
    before = await server.set("show")
    told = await server.set("answers", **{option: typed})
    assert of(server.kept, option) == kept
    assert shown in told
    assert shown in await server.set("show")
    assert await server.set("answers") == told  # nothing named, nothing changed
    await server.set("answers", **{option: "default"})
    assert server.kept == AS_EVER
    assert await server.set("show") == before


# what is typed, and what is said; nothing is kept
REFUSED = [
    ("language", "Klingon", "unknown-language"),
    ("edition", "1999", "unknown-edition"),
    ("edition", "1 March 2026", "unknown-edition"),
    ("rule", "nonsense", "unknown-rule"),
    ("rule", "spain", "not-its-rule"),
    ("rule", "growth-1977", "rule-without-level"),
    ("country", "Atlantis", "unknown-member"),
    ("country", "Nordic", "one-ally"),
    ("country", "NATO", "one-ally"),
    ("country", "we", "no-country"),
]


async def test_what_cannot_be_a_default_is_refused(server: Server) -> None:
    for option, typed, code in REFUSED:
        result = await server.people["manager"].slash(server.here, "settings answers", **{option: typed})
        assert code in text_of(result), typed
        assert labels(result.response.components) == []  # it was no question, so none is offered
        assert server.kept == AS_EVER


@pytest.mark.parametrize("option", ["language", "edition", "rule", "country"])
async def test_a_list_begins_with_the_way_back_and_all_it_shows_is_understood(server: Server, option: str) -> None:
    manager = server.people["manager"]
    choices = await manager.autocomplete(server.here, "settings answers", option, "")
    assert choices[0]["value"] == "default"
    assert len(choices) > 2
    for choice in choices[1:4]:
        assert choice["name"] in [c["name"] for c in await manager.autocomplete(
            server.here, "settings answers", option, choice["name"][:12])]  # fmt: skip
        await server.set("answers", **{option: choice["name"]})
        assert of(server.kept, option) == choice["value"]
    await server.set("answers", **{option: choices[0]["name"]})
    assert server.kept == AS_EVER


def test_every_language_of_the_bot_can_be_chosen() -> None:
    assert set(ENDONYMS) == set(Conversation.languages)
    assert {key: Locale(key).get_language_name(key) for key in ENDONYMS} == ENDONYMS


async def test_resetting_takes_back_one_part(server: Server) -> None:
    await server.set("answers", language="de", edition="2024", rule="wales", country="DEU", visibility="private")
    await server.set("channel", visibility="quiet", channel=server.there)
    await server.set("corrections", people=1)
    await server.set("reset", what="answers")
    assert server.kept == Answering(channels={server.there.id: "quiet"})
    await server.set("reset", what="channels")
    assert server.kept == AS_EVER
    assert "One person is enough" in await server.set("show")
    await server.set("reset", what="corrections")
    assert "Default: two people" in await server.set("show")
    local = server.offline.client.ledger.local
    assert local.servers() == set()


# -- whose language ----------------------------------------------------------------------------------

# set, the reader's, the server's on Discord, what all see, what one sees
LANGUAGES = [
    (None, "fr", "de", "de", "fr"),
    (None, "fr", "en-US", "fr", "fr"),  # no Community server, so it could not choose
    ("it", "fr", "de", "it", "fr"),
    ("it", "fr", "en-US", "it", "fr"),
    ("en", "fr", "de", "en", "fr"),
]


@pytest.mark.parametrize(("chosen", "reader", "discords", "seen_by_all", "seen_by_one"), LANGUAGES)
async def test_whose_language(
    server: Server, speak: Speak, chosen: str | None, reader: str, discords: str, seen_by_all: str, seen_by_one: str
) -> None:
    if chosen:
        await server.set("answers", language=chosen)
    speak(reader, discords)
    public, private = await server.ask("gap", member="DEU"), await server.ask("gap", member="DEU", private=True)
    assert language_of(public) == seen_by_all
    assert language_of(private) == seen_by_one
    shared = await server.people["member"].click(private.response, label=labels(private.response.components)[-1])
    assert language_of(shared) == (chosen or seen_by_one)


def language_of(result: Any) -> str:
    """By what stands under every answer."""
    text = text_of(result)
    found = {"en": "calculations ours", "de": "Berechnung", "fr": "calculs", "it": "calcoli"}
    return next(key for key, words in found.items() if words in text)


# -- who sees an answer ------------------------------------------------------------------------------

# the server's, the channel's own, what is asked, and whether it is private
SEEN = [
    ("default", "default", None, False),
    ("default", "default", True, True),
    ("default", "private", None, True),
    ("default", "private", False, False),
    ("default", "public", True, True),
    ("private", "default", None, True),
    ("private", "default", False, False),
    ("private", "public", None, False),
    ("private", "public", True, True),
    ("private", "private", False, False),
    ("default", "quiet", None, True),
    ("default", "quiet", False, True),
    ("private", "quiet", False, True),
]


async def test_who_sees_an_answer(server: Server, other: Server) -> None:
    for case in SEEN:
        servers, own, asked, private = case
        await server.set("answers", visibility=servers)
        await server.set("channel", visibility=own)
        options = {} if asked is None else {"private": asked}
        result = await server.ask("gap", member="DEU", **options)
        assert result.ephemeral == private, case
        assert ("Share" in labels(result.response.components)) == (private and own != "quiet"), case
        elsewhere = await server.ask("gap", server.there, member="DEU", **options)
        assert elsewhere.ephemeral == (asked if asked is not None else servers == "private"), case
        assert (await other.ask("gap", member="DEU", **options)).ephemeral == bool(asked), case
    assert not server.offline.env.errors


@pytest.mark.parametrize("servers", ["default", "private"])
async def test_what_is_private_by_itself_stays_so(server: Server, servers: str) -> None:
    await server.set("answers", visibility=servers)
    await server.set("channel", visibility="public")
    assert (await server.ask("help")).ephemeral
    assert not (await server.ask("help", private=False)).ephemeral


async def test_a_question_that_is_offered_is_asked_as_privately(server: Server) -> None:
    await server.set("answers", visibility="private")
    wrong = await server.ask("gap", member="Slov")
    label = labels(wrong.response.components)[0]
    assert (await server.people["member"].click(wrong.response, label=label)).ephemeral


async def test_a_thread_is_as_its_channel_unless_it_has_its_own(server: Server) -> None:
    await server.set("channel", visibility="quiet", channel=server.there)
    thread = await thread_in(server, server.there)
    assert (await server.ask("gap", thread, member="DEU", private=False)).ephemeral
    await server.set("channel", visibility="public", channel=thread)
    assert not (await server.ask("gap", thread, member="DEU")).ephemeral


async def thread_in(server: Server, channel: Any) -> Any:
    found = server.offline.client.get_partial_messageable(channel.id)
    message = await found.send("a talk")
    await server.offline.client.http.start_thread_with_message(
        channel.id, message.id, name="talk", auto_archive_duration=60
    )
    return channel.threads[0]


async def test_in_a_quiet_channel_nothing_is_shared_and_no_news_are_posted(server: Server) -> None:
    before = await server.ask("gap", member="DEU", private=True)
    chart = await server.people["member"].click(before.response, label="Chart")
    await server.set("channel", visibility="quiet")
    for shown in (before, chart):
        refused = await server.people["member"].click(shown.response, label="Share")
        assert refused.ephemeral
        assert "quiet-channel" in text_of(refused)
    shown = await server.ask("gap", member="DEU")
    picture = await server.people["member"].click(shown.response, label="Chart")
    assert "Share" not in labels(picture.response.components)
    news = await server.people["manager"].slash(server.here, "follow start", what="everything")
    assert "quiet-channel" in text_of(news)
    news = await server.people["manager"].slash(server.there, "follow start", what="everything", channel=server.here)
    assert "quiet-channel" in text_of(news)
    assert server.offline.client.ledger.local.follows() == []
    assert not server.offline.env.errors


async def test_a_channel_that_follows_news_cannot_be_quiet(server: Server) -> None:
    await server.people["manager"].slash(server.here, "follow start", what="everything")
    assert "channel-follows" in await server.set("channel", visibility="quiet")
    assert server.kept == AS_EVER
    assert "channel-follows" not in await server.set("channel", visibility="private")
    await server.people["manager"].slash(server.here, "follow stop", what="everything")
    assert "Quiet: private answers only" in await server.set("channel", visibility="quiet")


async def test_so_many_channels_and_no_more(server: Server) -> None:
    ids = range(10**18, 10**18 + 50)
    full = Answering("tr", True, dict.fromkeys(ids, QUIET), Defaults("report-2023", "hague", "MKD"))
    ledger = server.offline.client.ledger
    change_answering(ledger.local, server.id, lambda _: full)
    await ledger.take_settings()
    assert "too-many-channels" in await server.set("channel", visibility="quiet")
    shown = await server.people["manager"].slash(server.here, "settings show")
    assert labels(shown.response.components) == []  # all of it is on one page, since no button could turn it
    assert f"<#{ids[-1]}>" in text_of(shown)
    assert "Proposals wait in" in text_of(shown)
    assert server.kept == full


# -- what a question leaves open ---------------------------------------------------------------------

NOTE = "This server's default:"
LEFT_OUT = "does not answer this, so it was left out"
# the server's, the question, and what its answer says and does not say
OPEN: list[tuple[Defaults, str, dict[str, Any], list[str], list[str]]] = [
    (Defaults(edition="2024"), "gap", {"member": "DEU"}, ["2.12%", "2024 edition, published", f"{NOTE} 2024 edition."], []),
    (Defaults(edition="2024"), "gap", {"member": "DEU", "edition": "2025"}, ["2025 edition, published"], [NOTE, LEFT_OUT]),
    (Defaults(edition="2024"), "gap", {"member": "germany 2025 edition"}, [], [LEFT_OUT]),
    (Defaults(edition="2024"), "gap", {"member": "DEU", "year": "2026"}, ["2.69%", "2024 edition, does not answer"], [NOTE]),
    (Defaults(edition="2024"), "rank", {}, ["2024 edition, published", NOTE], []),
    (Defaults(edition="2024"), "compare", {"members": "DEU, FRA"}, ["2024 edition, published", NOTE], []),
    (Defaults(edition="2024"), "revisions", {"member": "POL", "year": "2024"}, ["3.75% (2026 edition)"], [NOTE, LEFT_OUT]),
    (Defaults(edition="2024"), "pledges", {"member": "DEU"}, ["2026 edition"], [NOTE, LEFT_OUT]),
    (Defaults(edition="2024"), "sources", {}, ["14 NATO releases"], [NOTE]),
    (Defaults(edition="2024"), "rule", {"rule": "hague"}, [], [NOTE]),
    (Defaults(edition="2014"), "gap", {"member": "DEU"}, ["2.69%", "default “2014” is held no longer"], [NOTE]),
    (Defaults(edition="2014"), "gap", {"member": "DEU", "edition": "2025"}, [], [NOTE, "no longer"]),
    (Defaults(rule="wales"), "gap", {"member": "DEU"}, ["2%", f"{NOTE} Wales pledge", "2.69%"], ["short of the 3.5%"]),
    (Defaults(rule="wales"), "gap", {"member": "DEU", "rule": "hague"}, ["short of the 3.5%"], [NOTE]),
    (Defaults(rule="wales"), "gap", {"member": "germany hague"}, ["short of the 3.5%"], [NOTE, LEFT_OUT]),
    (Defaults(rule="wales"), "target", {"member": "DEU"}, [NOTE], []),
    (Defaults(rule="wales"), "rank", {"measure": "share"}, [NOTE], []),
    (Defaults(rule="wales"), "rank", {"level": "3%"}, ["3%"], [NOTE, LEFT_OUT]),
    (Defaults(rule="wales"), "rank", {"measure": "personnel"}, [], [NOTE, LEFT_OUT, "rule-needs-share"]),
    (Defaults(rule="wales"), "rank", {"measure": "members"}, [], [NOTE, LEFT_OUT, "bad-level"]),
    (Defaults(rule="wales"), "rule", {"rule": "all"}, [], [NOTE]),
    (Defaults(rule="wales"), "spending", {"member": "DEU"}, [], [NOTE]),
    (Defaults(rule="gone"), "gap", {"member": "DEU"}, ["short of the 3.5%", "“gone” is held no longer"], [NOTE]),
    (Defaults("2024", "wales"), "gap", {"member": "DEU"}, ["2.12%", f"{NOTE} 2024 edition and Wales pledge"], []),
    (Defaults("2024", "wales"), "gap", {"member": "DEU", "year": "2026"}, ["2.69%", LEFT_OUT, f"{NOTE} Wales"], []),
    (Defaults("2024", "wales"), "rank", {"measure": "personnel"}, [f"{NOTE} 2024 edition."], [LEFT_OUT]),
    (Defaults("2024", "wales"), "gap", {"member": "Atlantis"}, ["unknown-member"], [NOTE, LEFT_OUT]),
    (Defaults(country="DEU"), "gap", {"member": "we"}, ["Germany", "2.69%"], []),
    (Defaults(country="DEU"), "gap", {"member": "Wir 2024"}, ["Germany", "2024"], []),
    (Defaults(country="FRA"), "spending", {"member": "nous depuis 2014"}, [], ["Germany"]),
    (Defaults(country="TUR"), "gap", {"member": "biz"}, ["Türkiye"], []),
    (Defaults(country="POL"), "pledges", {"member": "my"}, ["Poland"], []),
    (Defaults(country="ITA"), "whatif", {"member": "noi", "share": "3"}, ["Italy"], []),
    (Defaults(country="ESP"), "compare", {"members": "nosotros, France"}, ["Spain", "France"], []),
    (Defaults(country="DEU"), "gap", {"member": "France"}, ["France"], ["Germany"]),
    (Defaults(country="XXX"), "gap", {"member": "we"}, ["no-country"], []),
    (Defaults(), "gap", {"member": "we"}, ["no-country", "“we”", "/settings answers"], []),
    (Defaults(), "gap", {"member": "wir 2024"}, ["no-country", "“wir”"], []),
    (Defaults(), "compare", {"members": "we, France"}, ["no-country", "“we”"], []),
]  # fmt: skip


async def test_what_is_left_open_is_what_the_server_chose(server: Server, other: Server) -> None:
    ledger, wrong = server.offline.client.ledger, {}
    for chosen, name, options, said, not_said in OPEN:
        elsewhere = await other.told(name, **options)
        ledger.answer_so(server.id, Answering(defaults=chosen))
        told = await server.told(name, **options)
        ledger.answer_so(server.id, AS_EVER)
        missing = [text for text in said if text not in told] + [text for text in not_said if text in told]
        unlike = {await other.told(name, **options), await server.told(name, **options)} - {elsewhere}
        if missing or unlike or NOTE in elsewhere:
            wrong[f"{chosen} {name} {options}"] = missing, unlike
    assert wrong == {}
    assert not server.offline.env.errors


async def test_a_direct_message_is_answered_as_ever(server: Server) -> None:
    solo = server.offline.env.create_user("solo")
    before = text_of(await solo.slash("gap", member="DEU"))
    await server.set("answers", edition="2024", rule="wales", language="de", visibility="private", country="FRA")
    after = await solo.slash("gap", member="DEU")
    assert text_of(after) == before
    assert not after.ephemeral
    assert "no-country" in text_of(await solo.slash("gap", member="we"))


async def test_buttons_hold_what_was_answered(server: Server) -> None:
    """A button asks what its answer answered, whatever the server chooses afterwards."""
    await server.set("answers", edition="2024", rule="wales", country="DEU")
    member = server.people["member"]
    shown = await server.ask("gap", member="we", private=True)
    assert NOTE in text_of(shown)
    shared = await member.click(shown.response, label="Share")
    assert text_of(shared) == text_of(shown)  # the note too, since it is what others read
    workings = text_of(await member.click(shown.response, label="Workings"))
    await server.set("answers", edition="2025", rule="hague", country="FRA")
    assert text_of(await member.click(shown.response, label="Workings")) == workings
    later = text_of(await member.click(shown.response, label="Share"))
    assert "2.12%" in later
    assert NOTE not in later  # it is none any more
    await server.set("reset", what="answers")
    plain = await server.ask("gap", member="DEU", private=True)
    before = text_of(await member.click(plain.response, label="Workings"))
    await server.set("answers", edition="2024", rule="wales")
    assert text_of(await member.click(plain.response, label="Workings")) == before
    assert text_of(await member.click(plain.response, label="Share")) == text_of(plain)
    assert not server.offline.env.errors


async def test_we_comes_first_in_a_list(server: Server) -> None:
    """Discord sends the first when Enter is pressed."""
    for name in ("gap", "target", "pledges"):
        for word in ("we", "Wir", "nous", "nosotros", "nosotras", "noi", "my", "biz"):
            choices = await server.people["member"].autocomplete(server.here, name, "member", word)
            assert (choices[0]["name"], choices[0]["value"]) == (word, word)
    assert (await server.people["member"].autocomplete(server.here, "gap", "member", "we 2024"))[0][
        "value"
    ] == "we 2024"
    assert await server.people["member"].autocomplete(server.here, "compare", "members", "France, we") == []


def test_we_is_the_name_of_nothing_that_can_be_asked_about(facts: Facts) -> None:
    index = index_of(facts)
    named = (index.spenders, index.groups, index.measures, index.rules, index.editions, index.currencies)
    assert [name for names in named for name in names if any(map(is_we, name.split()))] == []


# -- kept --------------------------------------------------------------------------------------------


def test_it_is_read_at_the_start(facts: Facts, tmp_path: Any) -> None:
    path = tmp_path / "local.db"
    local = LocalStore(path)
    chosen = Answering("de", True, {5: "quiet"}, Defaults("2024", "wales", "DEU"))
    change_answering(local, 7, lambda _: chosen)
    local.close()
    again = LocalStore(path)
    ledger = Ledger(facts, again)
    assert ledger.answering(7) == chosen
    assert ledger.answering(8) == ledger.answering(None) == AS_EVER
    again.close()


async def test_no_answer_waits_for_the_disk(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    await server.set("answers", edition="2024")

    async def never(*_: object) -> None:
        raise AssertionError("an answer went to the disk")

    monkeypatch.setattr(server.offline.client.ledger, "locally", never)
    assert NOTE in await server.told("gap", member="DEU")
    assert not server.offline.env.errors


async def test_what_another_process_wrote_is_seen_when_it_is_taken(server: Server) -> None:
    ledger = server.offline.client.ledger
    change_answering(ledger.local, server.id, lambda now: msgspec.structs.replace(now, private=True))
    assert ledger.answering(server.id) == AS_EVER
    await ledger.take_settings()
    assert ledger.answering(server.id).private


async def test_settings_outlive_a_restart(server: Server, facts: Facts) -> None:
    await server.set("answers", edition="2024")
    client = LedgerClient(Ledger(facts, server.offline.client.ledger.local), FEATURES)
    await server.offline.env.restart_bot(client)
    assert NOTE in await server.told("gap", member="DEU")


async def test_what_the_disk_refuses_is_not_heeded(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(LocalStore, "writing", full)
        assert "not-kept" in await server.set("answers", edition="2024")
        assert "not-kept" in await server.set("reset", what="channels")
    assert server.kept == AS_EVER


async def test_a_server_that_is_left_is_forgotten_and_answered_as_ever(server: Server) -> None:
    """Also by the bot that runs on, in case it is added again."""
    ledger, gone = server.offline.client.ledger, 7
    await server.set("answers", edition="2024")
    ledger.answer_so(gone, change_answering(ledger.local, gone, lambda _: Answering(private=True)))
    ledger.local.put(f"absent:{gone}", (datetime.now(UTC) - timedelta(days=8)).isoformat())
    await Posts(server.offline.client, ledger).look()
    assert ledger.answering(gone) == AS_EVER
    assert ledger.local.servers() == {server.id}
    assert server.kept.defaults == Defaults(edition="2024")


def test_nothing_is_left_of_a_server_that_took_everything_back() -> None:
    local = LocalStore(None)
    change_answering(local, 7, lambda _: Answering(private=True))
    local.forget_absent(set())
    assert local.get("absent:7")
    change_answering(local, 7, lambda _: AS_EVER)
    assert local.get("absent:7") is None
    local.close()


async def test_a_thread_of_a_quiet_channel_follows_nothing(server: Server) -> None:
    await server.set("channel", visibility="quiet", channel=server.there)
    thread = await thread_in(server, server.there)
    news = await server.people["manager"].slash(server.here, "follow start", what="everything", channel=thread)
    assert "quiet-channel" in text_of(news)


async def test_posts_are_in_the_language_that_was_chosen(server: Server) -> None:
    preview = {"what": "edition"}
    manager = server.people["manager"]
    before = text_of(await manager.slash(server.here, "follow preview", **preview))
    await server.set("answers", language="de")
    after = text_of(await manager.slash(server.here, "follow preview", **preview))
    assert "This is what a post looks like" in before
    assert "This is what a post looks like" not in after
    await manager.slash(server.here, "follow start", **preview)
    assert [follow.language for follow in server.offline.client.ledger.local.follows()] == ["de"]
