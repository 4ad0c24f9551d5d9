"""A meeting: what was decided on spending, what was only proposed, when and by whom."""

from __future__ import annotations

from knowledge.answer import Answer, Row
from knowledge.arithmetic import tally
from knowledge.asking.resolve import Subject
from knowledge.facts import Facts
from knowledge.figure import Standing
from knowledge.questions import saying
from knowledge.sentences import Days, Sentence, Typed, say
from knowledge.things import Rule, Summit


def summit(facts: Facts, subject: Subject) -> Answer:
    """One meeting with the rules it made, or without a name the list of those held."""
    if (found := subject.summit) is None:
        return _all_meetings(facts, subject)
    decided = say("{text}", text=found.decided) if found.decided else say("nothing on spending.")
    rows = [Row(say("Decided"), decided, Standing.ADOPTED if found.decided else None)]
    if found.proposed:
        rows.append(Row(say("Only proposed or discussed"), say("{text}", text=found.proposed), Standing.PROPOSED))
    rows.append(Row(say("Who"), say("{who}", who=found.who)))
    rows.append(Row(say("Where"), say("{place}", place=found.place)))
    made = (r for r in facts.rules.values() if r.summit == found.id)
    rows += map(_rule_row, sorted(made, key=lambda r: (r.kind != "share", r.standing)))
    notes = (say("{note}", note=found.note),) if found.note else ()
    return Answer(subject.asked, _headline(found), tuple(rows), notes)


def _headline(found: Summit) -> Sentence:
    values: dict[str, object] = {"name": found, "days": _days(found)}
    if found.kind == "planned":
        return say("{name} is planned for {days}; it has decided nothing yet.", **values)
    if found.decided:
        return say("{name}, {days}: {decided}", **values, decided=found.decided)
    if not found.proposed:
        return say("{name}, {days}: no decision on spending is recorded.", **values)
    text = say("{name}, {days}: nothing was decided on spending; only proposed or discussed: {proposed}")
    return text.filled(**values, proposed=found.proposed)


def _days(found: Summit) -> Days:
    return Days(found.start, found.end or found.start)


def _rule_row(rule: Rule) -> Row:
    if rule.kind == "share" and rule.level("core", "total") is not None:
        return saying.rule_row(rule)
    return Row(saying.standing(rule), say("{rule}: {summary}", rule=rule, summary=rule.summary), rule.standing)


def _all_meetings(facts: Facts, subject: Subject) -> Answer:
    """Those with something on spending, newest first."""
    meetings = [meeting for meeting in facts.summits.values() if meeting.decided or meeting.proposed][::-1]
    text = say("{name}: “summit {id}”")
    rows = tuple(Row(say("{days}", days=_days(m)), text.filled(name=m, id=Typed(m.id))) for m in meetings)
    count = tally(len(meetings), say("meetings with something on spending"))
    headline = say("{count} of the meetings here had something on spending; name one.", count=count)
    return Answer(subject.asked, headline, rows)
