"""What breaks between the bot and Discord: the asker has the answer or a sentence, once; the log one line, no trace."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import pytest

from tests.loopback.conftest import Shared
from tests.loopback.faults import CALLBACK, EDIT, Fault
from tests.loopback.payloads import Json, press, slash, typing
from tests.loopback.server import Asked, Message, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

ANSWER, CHART, LIST = "answer", "chart", "list"  # what is asked for; a chart takes a while, so it is deferred
SENTENCE, NOTHING = "sentence", "nothing"  # what is seen instead


@dataclass(frozen=True, slots=True)
class Row:
    what: str
    asked: str
    fault: Fault
    seen: tuple[str, ...]  # one of these, once
    warnings: int = 1  # lines in the log at most
    late: bool = False


WIRE = (
    Row("reset before Discord did it", ANSWER, Fault(CALLBACK, cut="reset"), (ANSWER,)),
    Row("closed before Discord did it", ANSWER, Fault(CALLBACK, cut="close"), (ANSWER,)),
    Row("reset after Discord did it", ANSWER, Fault(CALLBACK, cut="reset", done=True), (ANSWER,)),
    Row("closed after Discord did it", ANSWER, Fault(CALLBACK, cut="close", done=True), (ANSWER,)),
    Row("reset twice", ANSWER, Fault(CALLBACK, cut="reset", times=2), (ANSWER, SENTENCE, NOTHING)),
    Row("reset for ever", ANSWER, Fault(CALLBACK, cut="reset", times=99), (NOTHING,), 2),
    Row("503 once", ANSWER, Fault(CALLBACK, status=503), (ANSWER,), 0),
    Row("502 after Discord did it: 40060", ANSWER, Fault(CALLBACK, status=502, done=True), (ANSWER,), 0),
    Row("429 by Discord", ANSWER, Fault(CALLBACK, status=429), (ANSWER,)),
    Row("429 by Cloudflare", ANSWER, Fault(CALLBACK, status=429, via=False), (ANSWER, SENTENCE)),
    Row("a locked thread: 50083", ANSWER, Fault(CALLBACK, status=400, code=50083), (SENTENCE, NOTHING)),
    Row("too late: 10062", ANSWER, Fault(CALLBACK, delay=0.1), (NOTHING,), late=True),
    Row("a slow network", ANSWER, Fault(CALLBACK, delay=1.0), (ANSWER,), 0),
    Row("the defer reset before", CHART, Fault(CALLBACK, cut="reset"), (CHART, SENTENCE)),
    Row("the defer reset after", CHART, Fault(CALLBACK, cut="reset", done=True), (CHART,)),
    Row("the defer closed after", CHART, Fault(CALLBACK, cut="close", done=True), (CHART,)),
    Row("the defer 502 after", CHART, Fault(CALLBACK, status=502, done=True), (CHART,)),
    Row("the defer too late: 10062", CHART, Fault(CALLBACK, delay=0.1), (NOTHING,), late=True),
    Row("the edit reset before", CHART, Fault(EDIT, cut="reset"), (CHART,)),
    Row("the edit closed before", CHART, Fault(EDIT, cut="close"), (CHART,)),
    Row("the edit reset after", CHART, Fault(EDIT, cut="reset", done=True), (CHART,)),
    Row("the edit closed after", CHART, Fault(EDIT, cut="close", done=True), (CHART,)),
    Row("the edit 503 once", CHART, Fault(EDIT, status=503), (CHART,), 0),
    Row("the edit 429 by Discord", CHART, Fault(EDIT, status=429), (CHART,)),
    Row("the edit of a dismissed message: 10008", CHART, Fault(EDIT, status=404, code=10008), (SENTENCE, NOTHING)),
    Row("the edit after the token died: 50027", CHART, Fault(EDIT, status=401, code=50027), (SENTENCE, NOTHING)),
    Row("a list too late: 10062", LIST, Fault(CALLBACK, delay=0.1), (NOTHING,), late=True),
    Row("a list reset", LIST, Fault(CALLBACK, cut="reset"), (NOTHING, LIST)),
    Row("a list 429 by Cloudflare", LIST, Fault(CALLBACK, status=429, via=False), (NOTHING, LIST)),
)

NEVER_DRAWN = product(("share", "personnel"), range(2014, 2027))


@pytest.mark.parametrize("row", WIRE, ids=lambda row: f"{row.asked} {row.what}".replace(":", ""))
async def test_on_the_wire(shared: Shared, row: Row) -> None:
    discord = shared.begin()
    event = await _event(shared, row.asked)
    discord.faults.rows.append(row.fault)
    if row.late:
        discord.patience = 0.0
    asked = await discord.ask(event)
    place = "PATCH /webhooks/" if row.fault.where == EDIT else "POST /interactions/"
    assert await until(lambda: len(discord.taken(place)) >= min(row.fault.times, 2), 15), "the fault was not met"
    if NOTHING not in row.seen:
        await discord.seen(asked, 15)
    said = await shared.said(1.5 if row.fault.status >= 500 else 0.4)  # the library tries once more after a second
    said.check()
    assert len(said.warnings) <= row.warnings, said.log
    assert _seen(asked) in row.seen, (asked, said.log)


async def _event(shared: Shared, what: str) -> Json:
    if what == LIST:
        return typing("gap", "member", "ger")
    if what == ANSWER:
        return slash("gap", member="germany")
    measure, year = next(NEVER_DRAWN)
    (answer,) = await shared.discord.seen(await shared.discord.ask(slash("rank", measure=measure, year=str(year))))
    return press(answer.payload, next(key for key in answer.ids if ":chart:" in key))


def _seen(asked: Asked) -> str:
    """What the asker has, in a word; two messages are not one of those that may be seen."""
    if asked.callback is not None and "choices" in (asked.callback.get("data") or {}):
        return LIST
    assert len(asked.seen) <= 1, [message.text for message in asked.seen]
    return _kind(asked.seen[0]) if asked.seen else NOTHING


def _kind(message: Message) -> str:
    if any(name.endswith(".png") for name in message.files):
        return CHART
    return ANSWER if "Germany" in message.text else SENTENCE


async def test_a_list_of_a_command_that_is_gone(shared: Shared) -> None:
    """Whoever sends the command is told; no list is answered with a message."""
    asked = await shared.begin().ask(typing("gone", "member", "ger"))
    said = await shared.said()
    said.check()
    assert said.warnings == []
    assert _seen(asked) == NOTHING
