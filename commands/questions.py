"""The commands that ask a question: a row each; every one is answered where knowledge/asking/kinds.py says."""

from __future__ import annotations

import inspect
from typing import Annotated, Any, TypeAlias

from discord import app_commands

from commands import options
from commands.face import Asked
from commands.options import Option
from knowledge.asking.question import Question

AnyQuestion: TypeAlias = app_commands.Command[Any, ..., None]


def question(name: str, description: str, *needed: str, private: bool = False, **options_of: Option) -> AnyQuestion:
    """A command whose options make a question as they stand.

    `private` is one that is answered to the asker alone unless they say otherwise, whatever the server chose. It may be asked in servers, in DMs and group DMs, by server and by user install. An option that is needed comes
    first in Discord, which then takes what is typed on after the command's name.
    """

    async def ask(interaction: Asked, **given: object) -> None:
        said = given.pop("private")
        alone = bool(said) if said is not None else (private or None)
        asked = Question(name, **{option: value or None for option, value in given.items()})  # type: ignore[arg-type]
        await interaction.client.conversation.answer(interaction, asked, private=alone)

    callback: Any = ask
    callback.__signature__ = inspect.Signature(
        [
            _parameter("interaction", Asked),
            *(_parameter(o, Annotated[str, kind], ... if o in needed else None) for o, kind in options_of.items()),
            _parameter("private", bool, None),
        ]
    )
    says = {option: kind.says for option, kind in options_of.items()} | {"private": options.PRIVATE}
    command: AnyQuestion = app_commands.command(name=name, description=description)(
        app_commands.describe(**says)(callback)
    )
    command = app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)(command)
    return app_commands.allowed_installs(guilds=True, users=True)(command)


def _parameter(name: str, annotation: object, default: object = ...) -> inspect.Parameter:
    given = inspect.Parameter.empty if default is ... else default
    return inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=annotation, default=given)


# In the order of the help page.
QUESTIONS = (
    question(
        "target", "What the rules ask of an Ally in a year", "member",
        member=options.MEMBER, year=options.YEAR, rule=options.LEVEL_RULE, edition=options.EDITION,
    ),
    question(
        "gap", "How far an Ally is from the rule: points of GDP, money, pace", "member",
        member=options.SPENDER, year=options.SPAN, rule=options.LEVEL_RULE, edition=options.EDITION,
    ),
    question(
        "spending", "What an Ally spends: the figures NATO prints", "member",
        member=options.SPENDER, year=options.SPAN, measure=options.MEASURE, currency=options.CURRENCY,
        level=options.LEVEL, edition=options.EDITION,
    ),
    question(
        "rank", "All Allies in order, and how many meet the rule",
        measure=options.RANKED_MEASURE, year=options.SPAN, group=options.GROUP, rule=options.LEVEL_RULE,
        level=options.LEVEL, edition=options.EDITION,
    ),
    question(
        "compare", "Two to six Allies side by side over the years", "members",
        members=options.COMPARED, year=options.SPAN, measure=options.COMPARED_MEASURE, currency=options.CURRENCY,
        edition=options.EDITION,
    ),
    question(
        "whatif", "What a share of GDP by a year would mean, or when a rule is met", "member",
        member=options.MEMBER, share=options.SHARE, by=options.BY, growth=options.GROWTH, prices=options.PRICES,
        rule=options.LEVEL_RULE, edition=options.EDITION,
    ),
    question(
        "revisions", "How NATO's editions changed a figure, and what the newest changed most",
        member=options.REVISED, year=options.REVISED_YEAR, measure=options.MEASURE, edition=options.REVISED_UP_TO,
    ),
    question(
        "pledges", "What an Ally has said itself, beside the rule and NATO's figure", "member",
        member=options.ALLY, edition=options.EDITION,
    ),
    question("rule", "What was adopted, proposed or demanded, when, by whom", "rule", rule=options.RULE),
    question(
        "summit", "What a meeting decided on spending, and what was only proposed", "summit", summit=options.SUMMIT
    ),
    question("define", "What a term means, and what it is not the same as", "term", term=options.TERM),
    question("sources", "Where the figures come from, and when they were published", edition=options.EDITION),
    question("help", "What you can ask, with an example of each", private=True),
    question("about", "Who makes this, licence, notice, and the date of the data", private=True),
)  # fmt: skip
