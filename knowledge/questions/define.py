"""What a term means, and what it is often taken for."""

from __future__ import annotations

from knowledge import names
from knowledge.answer import Answer, Row
from knowledge.facts import Definition, Facts
from knowledge.figure import Citation, Source
from knowledge.question import Question
from knowledge.questions import parts
from knowledge.sentences import Listing, Typed, say


def define(facts: Facts, question: Question) -> Answer:
    """One entry of the glossary with what it is not the same as; without a term, every entry."""
    if not question.term:
        return _all_terms(facts)
    found = names.index_of(facts).term(question.term)
    rows = [
        Row(say("Not the same as"), say("{other}: {why}", other=facts.definitions[other], why=why))
        for other, why, _ in _distinctions(facts, found)
    ]
    if found.also_called:
        rows.append(
            Row(say("Also asked for as"), say("{names}", names=Listing(tuple(map(Typed, found.also_called)), "unit")))
        )
    grade = parts.graded(found.grade) if found.grade else say("this ledger's own words")
    rows.append(Row(say("Source"), grade))
    cited = [found.source, *(source for _, _, source in _distinctions(facts, found))]
    return Answer(
        Question("define", term=found.id),
        say("{term}: {definition}", term=found, definition=found.definition),
        tuple(rows),
        (say("{note}", note=found.note),) if found.note else (),
        more=tuple(Citation(source) for source in cited if source is not None),
    )


def _distinctions(facts: Facts, found: Definition) -> list[tuple[str, str, Source | None]]:
    """The other term of each pair this one is in, and why the two are not the same."""
    return [
        (pair.b if pair.a == found.id else pair.a, pair.why, pair.source)
        for pair in facts.distinctions
        if found.id in (pair.a, pair.b)
    ]


def _all_terms(facts: Facts) -> Answer:
    rows = tuple(Row(say("{term}", term=d), say("“define {id}”", id=Typed(d.id))) for d in facts.definitions.values())
    return Answer(
        Question("define"),
        say("The glossary has {count} terms; name one to read what it means.", count=str(len(rows))),
        rows,
        (say("Other words lead there too: dues, NATO budget, points, real terms, SIPRI."),),
    )
