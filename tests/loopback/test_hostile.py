"""Hostile inputs over every option, list, button, select and modal: a sentence each, no trace, nothing live, in no time.

A fixed seed each; `make soak` tries 20,000. Lone surrogates are left out: Discord sends whole characters only.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest
from discord import AppCommandOptionType, Locale, app_commands

from bot.discord.conversation import Conversation
from bot.discord.ids import id_of
from bot.features import FEATURES
from bot.ledger import Ledger
from commands import ALL
from data.local import LocalStore
from knowledge.asking.kinds import KINDS
from knowledge.asking.question import read
from knowledge.facts import Facts
from tests.conftest import few_or_many
from tests.loopback import payloads
from tests.loopback.conftest import Said
from tests.loopback.payloads import Json, Typed, press, select, slash, submit, typing
from tests.loopback.process import bot
from tests.loopback.server import Loopback, Message

BATCHES, EACH = few_or_many(1, 20), few_or_many(300, 1000)
OWN_TIME = 0.05  # seconds of the bot's own for one input
ANOTHER = "159985870458322944"  # another bot's id

HOSTILE = (
    "@everyone", "@here", f"<@{ANOTHER}>", f"<@!{ANOTHER}>", f"<@&{payloads.ROLE}>", f"<#{ANOTHER}>",
    f"</gap:{ANOTHER}>", "<t:1700000000:R>", "<id:customize>", f"<:nato:{ANOTHER}>", f"<a:nato:{ANOTHER}>",
    "https://evil.example/x", "<https://evil.example>", "[NATO](https://evil.example)", "[x](<https://evil.example>)",
    "https:\\/\\/evil.example", "discord.gg/nato", "http://discord.com/invite/x", "mailto:x@evil.example",
    "www.evil.example", "file:///etc/passwd", "javascript:alert(1)", "attachment://lost.png",
    "**bold**", "__x__", "~~x~~", "||spoiler||", "`code`", "```\nblock", "```", "``` ` ```", "# head", "-# small",
    "> quote", ">>> quote", "* item", "1. item", "\\", "\\\\*", "a\\`b", "*_~`|<>@#[]()-:/", "\n\n# x", "\r\n-# y",
    "' OR 1=1 --", "'; DROP TABLE follow; --", '"; select * from state', "%s %d %n", "{0} {text} {}", "${x}", "{{7*7}}",
    "{member.__class__}", "../../etc/passwd", "\\x00", "NULL", "None", "true", "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)",
    "\u202egermany", "\u2066x", "x\u2069y", "\u200bgermany\u200b", "ger\u200dmany", "\ufeffgap", "\u00adgermany",
    "\u2028", "\u0000", "\u0007\u001b[31m", "\ufffd", "\uffff", "\U0010ffff", "\ue000", "e" + "\u0301" * 400, "\u0e49" * 80,
    "😀", "👩‍👩‍👧‍👦", "🇩🇪", "🇩", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "𝔤𝔢𝔯𝔪𝔞𝔫𝔶", "ＧＥＲ，ＦＲＡ／２０２６", "ﬀ", "ß", "İ", "ı", "ǆ", "ﷺ", "ﷺ" * 300,
    "0", "-0", "00", "1e999999", "9" * 400, "0." + "0" * 400 + "1", "NaN", "Infinity", "-inf", "1/0", "0x7f", "½", "²", "٣",
    "2026-9999", "9999-2014", "0000", "2026-02-30", "31 February 2026", "since 2020 until 1900", "2%-1%", "below %",
    "3,5", "3.5.5", "1_000", "٢٠٢٦", "|", "||||||||||||||||||||", ":", "::::", ",,,,", "，、/", "all", "private:True",
    "member:member:member:", "year: rule: edition:", "rule:rule", " ", "\t", "\u3000", "a", "x" * 6000, "germany " * 750,
    ", ".join(["germany"] * 200), "(" * 3000, "2026 " * 1200, "-" * 6000, "0123456789" * 600, "a1" * 3000, "é" * 6000,
    "germany," * 700, "since " * 1000, " " * 6000, "👍" * 3000, "1," * 3000, "@everyone " * 600, "below " * 1000,
)  # fmt: skip

# What is left of a message's text when `/follow`'s own channel and role, escaped signs and code are taken out.
CALM = re.compile(rf"<#{payloads.CHANNEL}>|<@&{payloads.ROLE}>|\\[^\w\s]|(`+).*?\1", re.DOTALL)
LIVE = re.compile(
    r"@(?:everyone|here)\b|<(?:@[!&]?|#|a?:\w+:|/[\w ]+:|t:|id:)\w|\]\(|https?://|discord\.gg/|mailto:", re.IGNORECASE
)
GARBLES = re.compile("[\u202a-\u202e\u2028\u2029\ufeff\u0000-\u0009\u000b-\u001f]")
OPENS, CLOSES = "\u2066\u2067\u2068", "\u2069"


def inputs(facts: Facts, seed: int) -> Iterator[tuple[Json, Json]]:
    """What people, and those who forge, may send: each with where it comes from."""
    random = Random(seed)
    inner = [one for group in ALL if isinstance(group, app_commands.Group) for one in group.walk_commands()]
    commands = [command for command in (*ALL, *inner) if isinstance(command, app_commands.Command)]
    presses = [*Conversation(Ledger(facts, LocalStore(None)), FEATURES).presses, "nosuch", "", "al1", "🦙"]
    fair = [*(kind.example for kind in KINDS.values()), *facts.members, *facts.rules, *facts.measures, *facts.editions]

    def text() -> str:
        """One line of the table, or something fair with it in the midst."""
        bad = random.choice(HOSTILE)
        good = random.choice(fair).split()[-1]
        return random.choice((bad, bad, good, f"{good} {bad}", f"{bad}{good}", good[:2] + bad + good[2:]))[:6000]

    def value(kind: AppCommandOptionType) -> Any:
        match kind:
            case AppCommandOptionType.boolean:
                return random.random() < 0.5
            case AppCommandOptionType.integer:
                return random.choice((-1, 0, 1, 2, 3, 10**6, 2**53))
            case AppCommandOptionType.channel:
                return Typed(payloads.CHANNEL_OPTION, payloads.CHANNEL)
            case AppCommandOptionType.role:
                return Typed(payloads.ROLE_OPTION, payloads.ROLE)
        return text()

    def custom_id() -> str:
        """One that this version could have made, or nobody."""
        name, *_ = asked = read(random.choice(list(KINDS.values())).example).compact.split("|")
        for _ in range(random.randrange(4)):
            asked.insert(random.randrange(len(asked) + 1), text())
        payload = random.choice(("|".join(asked), "|".join([name, *asked[1:16]]), text(), text()))
        page = random.choice(("1", "1", "2", "0", "999", "-1", "٣", "²", "chart", "", text()[:9]))
        made = id_of(random.choice(presses), page, payload)
        return random.choice((made, made, made, made.replace("al1", "al2"), made.replace(":", "::"), text()))[:100]

    message: Json = {"id": ANOTHER, "channel_id": payloads.CHANNEL, "type": 0, "author": payloads.person(bot=True)}
    message |= {"content": "", "timestamp": "2026-11-01T12:00:00+00:00", "edited_timestamp": None, "flags": 0}
    message |= {key: [] for key in ("mentions", "mention_roles", "attachments", "embeds", "components")}
    message |= dict.fromkeys(("tts", "mention_everyone", "pinned"), False)

    def event() -> Json:
        what, command = random.random(), random.choice(commands)
        named = {one.name: one for one in command.parameters}
        given = {one.name: value(one.type) for one in named.values() if one.required or random.random() < 0.4}
        if what < 0.4:
            return slash(command.qualified_name, **given)
        lists = [one.name for one in named.values() if one.autocomplete]
        if what < 0.65 and lists:
            focused = random.choice(lists)
            given.pop(focused, None)
            return typing(command.qualified_name, focused, text(), **given)
        if what < 0.9:
            return press(message, custom_id())
        if what < 0.95:
            chosen = select(message, custom_id(), *(text()[:100] for _ in range(random.randrange(4))))
            chosen["data"]["component_type"] = random.choice((3, 5, 6, 7, 8))
            return chosen
        return submit(
            custom_id(),
            **{random.choice(("reason", "address", f"field{n}")): text()[:4000] for n in range(random.randrange(1, 4))},
        )

    def place() -> Json:
        """A server, or none, in any language, with more or fewer permissions."""
        locale = random.choice(list(Locale)).value
        where: Json = {"locale": locale, "guild_locale": random.choice(list(Locale)).value}
        if random.random() < 0.2:
            where |= {"guild_id": None, "guild": None, "guild_locale": None, "member": None, "context": 1}
            where["user"] = payloads.person()
        elif random.random() < 0.2:
            where["member"] = payloads.member(permissions="0")
        return where

    for _ in range(EACH):
        yield event(), place()


@dataclass(frozen=True, slots=True)
class Held:
    """One input that was answered, and what is wrong with how."""

    event: Json
    place: Json
    wrong: list[str]
    seconds: float


async def sent(discord: Loopback, event: Json, place: Json, ours: set[str]) -> Held:
    asked = await discord.ask(event, **place)
    await asyncio.wait([asked.over], timeout=15)
    refused = [f"{line.place}: {line.status}" for line in discord.requests if line.status >= 400]
    wrong = [*refused, *filter(None, (fault(message, ours) for message in asked.seen))]
    if asked.callback is None:
        wrong.append("no answer")
    elif not asked.seen and not {"choices", "title"} & asked.callback["data"].keys():  # a list, or a form
        wrong.append("nothing is seen")
    discord.forget()
    return Held(event, place, wrong, float("inf") if asked.came is None else asked.came - asked.sent)


def fault(message: Message, ours: set[str]) -> str | None:
    """What is live in a message, garbles what stands around it, or is our fault."""
    if "F-" in message.text:
        return f"our fault: {message.text!r}"
    calm = CALM.sub("", message.text)
    for address in ours:
        calm = calm.replace(f"](<{address}>)", "")
    if live := LIVE.search(calm):
        return f"live: {live[0]!r} in {message.text!r}"
    for line in message.text.splitlines():
        if odd := GARBLES.search(line):
            return f"garbles: {odd[0]!r} in {line!r}"
        if sum(map(line.count, OPENS)) != line.count(CLOSES):
            return f"a direction is left open: {line!r}"
    return None


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(BATCHES))
async def test_hostile_inputs(facts: Facts, tmp_path: Path, seed: int) -> None:
    ours = {source.address for source in facts.sources.values()}
    discord = Loopback()
    async with discord.running(), bot(discord, tmp_path / "first") as process:
        await _warm(discord)
        begun = len(process.log)
        held = [await sent(discord, *one, ours) for one in inputs(facts, seed)]
        said = Said(process.log[begun:])
    assert [(one.event["data"], one.wrong) for one in held if one.wrong] == []
    said.check()
    assert said.log == ""
    slow = [one for one in held if one.seconds > OWN_TIME]
    assert await _slow(slow, tmp_path / "second") == []


async def _slow(slow: list[Held], folder: Path) -> list[tuple[Json, float]]:
    """Those that take too long of the processor too, asked anew: what else the machine did is not counted."""
    if not slow:
        return []
    found, discord = [], Loopback()
    async with discord.running(), bot(discord, folder) as process:
        await _warm(discord)
        for one in slow:
            before = (await process.report()).cpu
            await discord.crowd([one.event | one.place])
            took = (await process.report()).cpu - before
            if took > OWN_TIME:
                found.append((one.event["data"], took))
    return found


async def _warm(discord: Loopback) -> None:
    """The first of each kind pays for what is read when it is needed first."""
    (answer,) = await discord.seen(await discord.ask(slash("rank")))
    await discord.crowd([press(answer.payload, key) for key in answer.ids], in_flight=1)
    for kind in KINDS.values():
        await discord.crowd([slash(kind.name, **read(kind.example).given)])
    await discord.crowd([slash(name, file="none") for name in ("data import", "data add rule")], in_flight=1)
