"""What a question means where it leaves an edition, a rule or "we" open, as a server may choose it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from knowledge.asking.kinds import Kind
from knowledge.asking.question import Question
from knowledge.facts import Facts
from knowledge.names import Index, is_we
from knowledge.sentences import Listing, Sentence, Typed, say

_ITSELF = ("revisions", "sources", "pledges")  # whose edition is what is asked about, or how far to look back


class Defaults(Struct, frozen=True):
    """Ids of an edition, a rule and an Ally; one may be held no longer."""

    edition: str | None = None
    rule: str | None = None
    country: str | None = None

    def named_in(self, question: Question) -> Defaults:
        """Those that a question in full rests on, so that asking it again fills in nothing else."""
        edition, rule = question.edition, question.rule
        return Defaults(
            self.edition if edition == self.edition else None, self.rule if rule == self.rule else None, self.country
        )


NONE = Defaults()


def with_country(facts: Facts, words: Mapping[str, str], defaults: Defaults) -> dict[str, str]:
    """The words of a question with the country that is meant in the place of "we", if one was chosen."""
    code = defaults.country
    if code is None or code not in facts.members:
        return dict(words)
    return {
        option: re.sub(r"\w+", lambda word: code if is_we(word[0]) else word[0], text)
        if option in ("member", "members")
        else text
        for option, text in words.items()
    }


def filled(
    facts: Facts, index: Index, kind: Kind, words: Mapping[str, str], defaults: Defaults
) -> tuple[dict[str, str], tuple[Sentence, ...]]:
    """The words with what they leave open, and what is to be told: which default the answer rests on, or which is gone."""
    options, rests_on, said = dict(words), list[object](), list[Sentence]()
    for option, things in (("edition", facts.editions), ("rule", facts.rules)):
        key: str | None = getattr(defaults, option)
        if key is None or not _takes(kind, option, words):
            continue
        if key not in things:
            gone = say("This server's default “{text}” is held no longer, so it was left out: /settings answers.")
            said += [gone.filled(text=Typed(key))] if option not in words else []
            continue
        text = options.setdefault(option, key)
        found: object = index.edition(text) if option == "edition" else index.known(text, index.rules)
        rests_on += [things[key]] if getattr(found, "id", None) == key else []
    if rests_on:
        said.insert(0, say("This server's default: {what}.", what=Listing(tuple(rests_on))))
    return options, tuple(said)


def _takes(kind: Kind, option: str, words: Mapping[str, str]) -> bool:
    """Whether what is left open there can be filled in: a level stands in the place of a rule."""
    if option not in kind.options or kind.free == option or kind.name in _ITSELF:
        return False
    return option != "rule" or "level" not in words


def left_out(facts: Facts, question: Question, defaults: Defaults, *options: str) -> tuple[Sentence, ...]:
    """What is to be told of defaults without which alone a question has an answer.

    Not of a rule in a ranking, where it is no matter of the figures that are ranked.
    """
    held = {"edition": facts.editions.get(defaults.edition or ""), "rule": facts.rules.get(defaults.rule or "")}
    names = [
        thing.name for option in options if (thing := held[option]) and (option, question.name) != ("rule", "rank")
    ]
    told = say("This server's default, {what}, does not answer this, so it was left out.", what=Listing(tuple(names)))
    return (told,) if names else ()
