"""What a term means, and what it is often taken for; of an Ally or a group, what it is a member of."""

from __future__ import annotations

from knowledge.answer import Answer, Row
from knowledge.arithmetic import tally
from knowledge.asking.resolve import Subject
from knowledge.facts import Facts
from knowledge.figure import Citation
from knowledge.questions import saying
from knowledge.questions.funding import budget_rows
from knowledge.questions.membership import membership
from knowledge.sentences import Listing, Typed, say
from knowledge.things import Definition


def define(facts: Facts, subject: Subject) -> Answer:
    """One entry of the glossary with what it is not the same as; without a term, every entry."""
    found = subject.term
    if found is None:
        return _all_terms(facts, subject)
    if not isinstance(found, Definition):
        return membership(facts, subject, found)
    rows = [Row(say("In the source's words"), say("“{quote}”", quote=found.quote))] if found.quote else []
    cited = [found.source]
    for pair in facts.distinctions:
        if found.id in (pair.a, pair.b):
            other = facts.definitions[pair.b if pair.a == found.id else pair.a]
            rows.append(Row(say("Not the same as"), say("{other}: {why}", other=other, why=pair.why)))
            cited.append(pair.source)
    rows += budget_rows(facts, found)
    if found.also_called:
        names = Listing(tuple(map(Typed, found.also_called)), "unit")
        rows.append(Row(say("Also asked for as"), say("{names}", names=names)))
    told = saying.told_by(found.source) if found.source is not None else say("this ledger's own words")
    rows.append(Row(say("Source"), told))
    headline = say("{term}: {definition}", term=found, definition=found.definition)
    notes = (say("{note}", note=found.note),) if found.note else ()
    more = tuple(Citation(source) for source in cited if source is not None)
    return Answer(subject.asked, headline, tuple(rows), notes, more=more)


def _all_terms(facts: Facts, subject: Subject) -> Answer:
    rows = tuple(Row(say("{term}", term=d), say("“define {id}”", id=Typed(d.id))) for d in facts.definitions.values())
    count = tally(len(rows), say("terms of the glossary"))
    headline = say("The glossary has {count} terms; name one to read what it means.", count=count)
    more = say(
        "Other words lead there too: dues, NATO budget, points, real terms, SIPRI; and the name of an Ally or a group."
    )
    return Answer(subject.asked, headline, rows, (more,))
