"""What was adopted, proposed or demanded: one rule whole, or all of them under their standing."""

from __future__ import annotations

from decimal import Decimal

from knowledge import rules
from knowledge.answer import Answer, Row
from knowledge.asking.resolve import Subject
from knowledge.facts import Facts
from knowledge.figure import Figure, Kind, Standing, Unit
from knowledge.questions import saying
from knowledge.sentences import Listing, Sentence, Typed, Year, say
from knowledge.things import Component, Rule

_PARTS = {
    "% of GDP": say("{op} {level} of GDP: {measure}"),
    "% of GNI": say("{op} {level} of national income: {measure}"),
}


def rule(facts: Facts, subject: Subject) -> Answer:
    """One rule with its parts, dates and references, or without a name all of them under their standing."""
    if (found := subject.rule) is None:
        return _all_rules(facts, subject)
    told = (
        (say("Agreed or said"), say("{date}, by {by}", date=found.announced, by=found.by)),
        (say("Where"), _text(found.venue)),
        (say("In force"), _in_force(found)),
        (say("How it is measured"), _text(found.calculation)),
        (say("Force"), _text(found.force)),
        (say("Review"), _text(found.review)),
        (say("What became of it"), _text(found.outcome)),
        *((say("{member}", member=facts.members[code]), _text(text)) for code, text in found.exemptions),
    )
    rows = [_part_row(found, part) for part in found.components]
    rows += [Row(label, text) for label, text in told if text is not None]
    headline = say("{standing}: {rule}. {summary}", standing=saying.standing(found), rule=found, summary=found.summary)
    return Answer(subject.asked, headline, tuple(rows), tuple(saying.cautions([found])), more=found.citations)


def _text(text: str) -> Sentence | None:
    return say("{text}", text=text) if text else None


def _part_row(found: Rule, part: Component) -> Row:
    """What one part asks; a part that has no source is named and its level is not."""
    if not part.verified:
        return Row(say("Not shown"), say("{measure}: its level has no source yet.", measure=part.measure))
    level = found.level(part.code) or _amount(found, part)
    if level is None:
        return Row(say("Not shown"), say("{measure}: its unit is not computed with here.", measure=part.measure))
    text = _PARTS.get(level.unit.text, say("{op} {level}: {measure}"))
    return Row(say("Part"), text.filled(op=part.op, level=level, measure=part.measure), found.standing)


def _amount(found: Rule, part: Component) -> Figure | None:
    """A part that is an amount of money, such as "70 EUR billion"."""
    currency, _, scale = part.unit.partition(" ")
    if scale != "billion":
        return None
    name, value, unit = f"rule.{found.id}.{part.code}", part.value * Decimal(10**9), Unit(Kind.MONEY, currency)
    label = say("{rule}: {measure}", rule=found.name, measure=part.measure)
    return Figure(name, value, unit, label, standing=found.standing, citations=found.citations)


def _in_force(found: Rule) -> Sentence | None:
    """The years in which an adopted rule bears."""
    if found.standing is not Standing.ADOPTED or found.applies_from is None:
        return None
    first = Year(found.applies_from)
    if found.applies_to is None:
        return say("since {first}", first=first)
    return say("{first} to {last}", first=first, last=Year(found.applies_to))


def _all_rules(facts: Facts, subject: Subject) -> Answer:
    newest_first = reversed(list(facts.rules.values()))
    shown = [one for one in newest_first if one.kind in ("share", "growth") or one.standing is Standing.READING]
    text = say("{rule} ({announced}): “rule {id}”")
    rows = [
        Row(saying.standing(one), text.filled(rule=one, announced=one.announced, id=Typed(one.id)), one.standing)
        for one in shown
    ]
    main = rules.main_rule(facts, facts.newest.last)
    headline = say("No rule on a share of GDP is in force; what was adopted, proposed or demanded stands below.")
    if main is not None:
        others = [
            one for one in shown if one.standing is Standing.ADOPTED and not one.superseded_by and one is not main
        ]
        goals = tuple(say("{rule} ({asks}, {when})", **saying.of_rule(one)) for one in (main, *others))
        headline = say("Adopted and in force: {rules}; no other rule below is both.", rules=Listing(goals))
    note = say("Ask “rule hague”, or any other by its word, for its parts, dates and references.")
    return Answer(subject.asked, headline, tuple(rows), (note,))
