"""`/data add`: what is no figure and can be entered: a pledge, a meeting, a definition, a rule."""

from __future__ import annotations

from typing import Annotated, Literal

import discord
from discord import app_commands
from msgspec import Struct

from commands import options
from commands.data import EVERYWHERE, data
from commands.face import Asked


class Stands(Struct, frozen=True):
    """Where something entered stands: whose publication it is, under which title and address."""

    title: str
    address: str
    publisher: str
    said_by: str


class AddPledge(Struct, frozen=True):
    """What an Ally promised is to be entered."""

    member: str
    kind: str
    summary: str
    announced: str
    share: str | None
    first: int | None
    last: int | None
    basis: str
    quote: str | None
    source: Stands
    everywhere: bool


class AddMeeting(Struct, frozen=True):
    """A meeting is to be entered."""

    name: str
    place: str
    start: str
    end: str | None
    kind: str
    decided: str | None
    proposed: str | None
    source: Stands
    everywhere: bool


class AddDefinition(Struct, frozen=True):
    """A term is to be entered."""

    term: str
    text: str
    also: str | None
    quote: str | None
    source: Stands
    everywhere: bool


class AddRule(Struct, frozen=True):
    """A rule, in the layout of the seed tables, is to be entered for every server."""

    file: discord.Attachment


add = app_commands.Group(
    name="add", description="Enter what is no figure: a pledge, a meeting, a term, a rule", parent=data
)
_SOURCE = {
    "title": "The title of the source", "source": "The address of the source, with https://",
    "publisher": "Who published it", "said_by": "Whose words it holds",
}  # fmt: skip
Address = app_commands.Range[str, 8, 300]
Title = app_commands.Range[str, 3, 200]
Publisher = app_commands.Range[str, 2, 100]
Day = app_commands.Range[str, 4, 10]
Line = app_commands.Range[str, 2, 100]
Text = app_commands.Range[str, 5, 600]
SaidBy = Literal["government", "nato", "institution", "press", "think-tank"]


@add.command(name="pledge", description="What an Ally promised, planned or decided to spend")
@app_commands.describe(
    member="The Ally", kind="What it is", summary="What was said, in a sentence of your own",
    announced="When, as 2026-11-03, 2026-11 or 2026", share="The share of GDP it is about, as 2.5",
    first="From which year", last="To which year", basis="Of what it is a share", quote="The speaker's own words",
    everywhere=EVERYWHERE, **_SOURCE,
)  # fmt: skip
async def add_pledge(
    interaction: Asked,
    member: Annotated[str, options.MEMBER],
    kind: Literal["promise", "plan", "law", "law intended", "budget", "ambition", "proposal", "statement"],
    summary: Text,
    announced: Day,
    title: Title,
    source: Address,
    publisher: Publisher,
    said_by: SaidBy = "government",
    share: app_commands.Range[str, 1, 6] | None = None,
    first: app_commands.Range[int, 1949, 2100] | None = None,
    last: app_commands.Range[int, 1949, 2100] | None = None,
    basis: Literal["core", "related", "total", "national budget"] = "core",
    quote: Text | None = None,
    everywhere: bool = False,
) -> None:
    stands = Stands(title, source, publisher, said_by)
    wanted = AddPledge(member, kind, summary, announced, share, first, last, basis, quote, stands, everywhere)
    await interaction.client.conversation.act(interaction, wanted)


MEETINGS = {
    "summit of leaders": "summit", "meeting of ministers": "ministerial", "special meeting": "special meeting",
    "planned meeting": "planned",
}  # fmt: skip


@add.command(name="meeting", description="A meeting that decides on spending")
@app_commands.choices(kind=[app_commands.Choice(name=name, value=value) for name, value in MEETINGS.items()])
@app_commands.describe(
    name="Its name, as Tirana summit", place="Where", start="Its first day, as 2027-06-25", end="Its last day",
    kind="What it is", decided="What it decided on spending", proposed="What was proposed there",
    everywhere=EVERYWHERE, **_SOURCE,
)  # fmt: skip
async def add_meeting(
    interaction: Asked,
    name: Line,
    place: Line,
    start: Day,
    title: Title,
    source: Address,
    publisher: Publisher,
    said_by: SaidBy = "nato",
    end: Day | None = None,
    kind: app_commands.Choice[str] | None = None,
    decided: Text | None = None,
    proposed: Text | None = None,
    everywhere: bool = False,
) -> None:
    stands = Stands(title, source, publisher, said_by)
    of = "summit" if kind is None else kind.value
    wanted = AddMeeting(name, place, start, end, of, decided, proposed, stands, everywhere)
    await interaction.client.conversation.act(interaction, wanted)


@add.command(name="definition", description="What a term means, with its source")
@app_commands.describe(
    term="The term", text="What it means, in words of your own", also="Other names of it, with commas between",
    quote="The source's own words", everywhere=EVERYWHERE, **_SOURCE,
)  # fmt: skip
async def add_definition(
    interaction: Asked,
    term: Line,
    text: Text,
    title: Title,
    source: Address,
    publisher: Publisher,
    said_by: SaidBy = "nato",
    also: app_commands.Range[str, 2, 200] | None = None,
    quote: Text | None = None,
    everywhere: bool = False,
) -> None:
    stands = Stands(title, source, publisher, said_by)
    wanted = AddDefinition(term, text, also, quote, stands, everywhere)
    await interaction.client.conversation.act(interaction, wanted)


@add.command(
    name="rule", description="A rule from a file in the layout of rules.toml, for every server: maintainers only"
)
@app_commands.describe(file="A TOML file with one [[rule]]")
async def add_rule(interaction: Asked, file: discord.Attachment) -> None:
    await interaction.client.conversation.act(interaction, AddRule(file))
