"""What a button, a select or a modal is called: version · kind · payload, so that it works after any restart."""

from __future__ import annotations

from msgspec import Struct

from knowledge.asking.problem import Problem
from knowledge.sentences import say

LONGEST = 100  # characters, says Discord
OURS, VERSION = "al", "1"  # a kind whose payload changes its meaning takes a new kind; a new grammar a new version


class Pressed(Struct, frozen=True):
    """What was pressed or sent: its kind, and what it carries."""

    kind: str
    payload: str


def id_of(kind: str, *payload: str) -> str:
    """The id of something to press; the last part alone may hold a colon."""
    return ":".join([OURS + VERSION, kind, *payload])


def read_id(custom_id: str) -> Pressed:
    """What an id says; Problem if it is of another version than this."""
    version, _, rest = custom_id.partition(":")
    kind, _, payload = rest.partition(":")
    if version != OURS + VERSION or not kind:
        raise old_button()
    return Pressed(kind, payload)


def old_button() -> Problem:
    """What is told to who pressed something that this version does not know, or no longer."""
    return Problem(
        "old-button",
        say("This button is of another version of the bot and no longer works. Ask again to get new ones."),
    )
