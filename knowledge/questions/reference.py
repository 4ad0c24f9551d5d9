"""What was decided, proposed and published: rules, meetings, sources, and the pages about the ledger itself."""

from __future__ import annotations

from knowledge import names, rules
from knowledge.answer import Answer, Row
from knowledge.facts import Facts, Summit
from knowledge.figure import Citation, Standing
from knowledge.question import COMMANDS, Question
from knowledge.questions import parts
from knowledge.sentences import Days, Typed, say

NOTICE = say(
    "Independent project. Not affiliated with, endorsed by or speaking for NATO or any Ally. Figures are credited to "
    "their publishers; calculations, projections and errors are ours."
)


def rule(facts: Facts, question: Question) -> Answer:
    """One rule with its parts, dates and references, or without a name all of them under their standing."""
    if not question.rule:
        return _all_rules(facts)
    found = names.index_of(facts).rule(question.rule)
    rows = []
    for part in found.components:
        if not part.verified:
            rows.append(Row(say("Not shown"), say("{measure}: its level has no source yet.", measure=part.measure)))
        elif (level := found.level(part.code)) is not None and part.unit in ("% of GDP", "% of defence expenditure"):
            asks = say("{op} {level} of GDP: {measure}") if part.unit == "% of GDP" else say("{op} {level}: {measure}")
            rows.append(Row(say("Part"), asks.filled(op=part.op, level=level, measure=part.measure), found.standing))
    for label, text in (
        (say("Agreed or said"), say("{date}, by {by}", date=found.announced, by=found.by)),
        (say("Where"), say("{venue}", venue=found.venue) if found.venue else None),
        (say("How it is measured"), say("{text}", text=found.calculation) if found.calculation else None),
        (say("Force"), say("{text}", text=found.force) if found.force else None),
        (say("Review"), say("{text}", text=found.review) if found.review else None),
        (say("What became of it"), say("{text}", text=found.outcome) if found.outcome else None),
    ):
        if text is not None:
            rows.append(Row(label, text))
    for exemption in found.exemptions:
        rows.append(Row(say("{member}", member=facts.members[exemption.member]), say("{text}", text=exemption.text)))
    notes = [say("{caution}", caution=found.caution)] if found.caution else []
    return Answer(
        Question("rule", rule=found.id),
        say("{standing}: {rule}. {summary}", standing=parts.standing(found), rule=found, summary=found.summary),
        tuple(rows),
        tuple(notes),
    )


def _all_rules(facts: Facts) -> Answer:
    rows = []
    for one in reversed(list(facts.rules.values())):
        if one.kind in ("share", "growth") or one.standing is Standing.READING:
            text = say("{rule} ({announced}): “rule {id}”", rule=one, announced=one.announced, id=Typed(one.id))
            rows.append(Row(parts.standing(one), text, one.standing))
    main = rules.main_rule(facts, facts.newest.published.year)
    assert main is not None
    return Answer(
        Question("rule"),
        say(
            "The adopted rule in force is {rule}: {asks}, {when}; everything else was superseded, proposed or demanded.",
            rule=main,
            asks=parts.asks(main),
            when=parts.when(main),
        ),
        tuple(rows),
        (say("Ask “rule hague”, or any other by its word, for its parts, dates and references."),),
    )


def summit(facts: Facts, question: Question) -> Answer:
    """A meeting: what was decided on spending, what was only proposed, when and by whom."""
    if not question.summit:
        meetings = [s for s in facts.summits.values() if s.decided or s.proposed][::-1]
        rows = [
            Row(say("{days}", days=_days(s)), say("{name}: “summit {id}”", name=s, id=Typed(s.id))) for s in meetings
        ]
        headline = say("These {count} meetings are held with something on spending; name one.", count=str(len(rows)))
        return Answer(Question("summit"), headline, tuple(rows))
    found = names.index_of(facts).summit(question.summit)
    decided = say("{text}", text=found.decided) if found.decided else say("nothing on spending.")
    if found.kind == "planned":
        headline = say("{name} is planned for {days}; it has decided nothing yet.", name=found, days=_days(found))
    elif found.decided:
        headline = say("{name}, {days}: {decided}", name=found, days=_days(found), decided=found.decided)
    elif found.proposed:
        headline = say(
            "{name}, {days}: nothing was decided on spending; only proposed or discussed: {proposed}",
            name=found,
            days=_days(found),
            proposed=found.proposed,
        )
    else:
        headline = say("{name}, {days}: no decision on spending is recorded.", name=found, days=_days(found))
    rows = [Row(say("Decided"), decided, Standing.ADOPTED if found.decided else None)]
    if found.proposed:
        rows.append(Row(say("Only proposed or discussed"), say("{text}", text=found.proposed), Standing.PROPOSED))
    rows.append(Row(say("Who"), say("{who}", who=found.who)))
    rows.append(Row(say("Where"), say("{place}", place=found.place)))
    related = [r for r in facts.rules.values() if r.summit == found.id]
    rows += [parts.rule_row(r) for r in related if r.kind == "share" and r.level("core", "total") is not None]
    rows += [
        Row(parts.standing(r), say("{rule}: {summary}", rule=r, summary=r.summary), r.standing)
        for r in related
        if r.kind != "share"
    ]
    notes = [say("{note}", note=found.note)] if found.note else []
    return Answer(Question("summit", summit=found.id), headline, tuple(rows), tuple(notes))


def _days(meeting: Summit) -> Days:
    return Days(meeting.start, meeting.end or meeting.start)


def sources(facts: Facts, question: Question) -> Answer:
    """The editions and data sets held, or one edition in full."""
    if question.edition:
        edition = names.index_of(facts).edition(question.edition)
        return Answer(
            Question("sources", edition=edition.id),
            say("The {edition}: published {published}.", edition=edition, published=edition.published),
            (
                Row(say("Title"), say("{title}", title=edition.source.title)),
                Row(
                    say("Counts"),
                    say(
                        "{definition}, constant prices of {base}",
                        definition=edition.definition,
                        base=edition.price_base,
                    ),
                ),
                Row(say("Held"), say("{held}", held=edition.held)),
                *([Row(say("Information to"), say("{day}", day=edition.cut_off))] if edition.cut_off else []),
            ),
            edition=edition,
            more=(edition,),
        )
    newest = facts.newest
    rows = [
        Row(say("{edition}", edition=e), say("{published}: {held}", published=e.published, held=e.held))
        for e in facts.editions.values()
    ]
    others = [s for key, s in facts.sources.items() if key in DATASETS]
    rows += [Row(say("{publisher}", publisher=s.publisher), say("{title}", title=s.title)) for s in others]
    return Answer(
        Question("sources"),
        say(
            "Figures come from {count} NATO releases, the newest the {edition} of {published}; forecasts from the IMF.",
            count=str(len(facts.editions)),
            edition=newest,
            published=newest.published,
        ),
        tuple(rows),
        (
            say("Grades: A primary text · B press or think tank · C aggregator · D a file that cites a primary text."),
            say("Source of GDP forecasts: International Monetary Fund, World Economic Outlook Database, April 2026."),
        ),
        edition=newest,
        more=tuple(Citation(s) for s in others),
    )


DATASETS = ("imf-weo-2026-04", "ameco-2026-05", "wdi-population", "ecb-per-euro", "frb-per-dollar")

EXAMPLES = {
    "target": (say("What the rules ask of an Ally in a year"), "target poland 2032"),
    "gap": (say("How far an Ally is from the rule"), "gap germany"),
    "spending": (say("What an Ally spends: the figures NATO prints"), "spending france"),
    "rank": (say("All Allies in order of a measure"), "rank share 2024"),
    "compare": (say("Two to six side by side over the years"), "compare germany, france, poland"),
    "whatif": (say("What a share by a year would mean, or the pace"), "whatif germany 3.5 2032"),
    "revisions": (say("What later editions made of a figure"), "revisions poland 2024"),
    "pledges": (say("What an Ally has said itself"), "pledges germany"),
    "rule": (say("What was adopted, proposed or demanded"), "rule hague"),
    "summit": (say("What a meeting decided on spending"), "summit antalya"),
    "define": (say("What a term means, and what it is not"), "define nato budget"),
    "sources": (say("Where the figures come from"), "sources"),
    "help": (say("This list"), "help"),
    "about": (say("Who makes this, licence and data"), "about"),
    "privacy": (say("What is stored about you"), "privacy"),
}


def help_(facts: Facts, question: Question) -> Answer:
    """Every command that works, with an example."""
    rows = tuple(
        Row(say("/{name}", name=name), say("{what}: “{example}”", what=EXAMPLES[name][0], example=EXAMPLES[name][1]))
        for name in COMMANDS
    )
    following = Row(
        say("/{name}", name="follow"),
        say("For those who manage a server: a channel hears when figures change; “/follow start”"),
    )
    return Answer(
        Question("help"),
        say("Allied Ledger computes answers on NATO spending and shows its sources and its arithmetic."),
        (*rows, following),
        (
            say("Members may be typed as Türkiye, Turkey, TUR or 🇹🇷; an edition as 2024, or as a day: 1 March 2026."),
            say("Every answer has Workings and Sources; private:True shows it to you alone."),
        ),
    )


def about(facts: Facts, question: Question) -> Answer:
    """Licence, notice, and which data answers stand on."""
    newest = facts.newest
    return Answer(
        Question("about"),
        say("Allied Ledger is an independent, open-source ledger of NATO spending; it computes and never guesses."),
        (
            Row(
                say("Data"),
                say(
                    "{edition} of {published}, information to {cut_off}",
                    edition=newest,
                    published=newest.published,
                    cut_off=newest.cut_off,
                ),
            ),
            Row(say("Store"), say("version {version}", version=facts.version)),
            Row(
                say("Licence"),
                say("MIT for the code; the figures belong to their publishers and are quoted with credit."),
            ),
        ),
        (NOTICE,),
        edition=newest,
        more=(newest,),
    )


def privacy(facts: Facts, question: Question) -> Answer:
    """What is stored, which is next to nothing; PRIVACY.md says the same at length."""
    return Answer(
        Question("privacy"),
        say("Allied Ledger stores nothing about you: a question is answered in memory and not kept."),
        (
            Row(
                say("Stored"),
                say(
                    "one technical line: a hash of the command list, so that it is sent to Discord only when it changed."
                ),
            ),
            Row(
                say("Stored for /follow"),
                say(
                    "the ids of the server, the channel and the role to ping, the server's language, what is followed "
                    "and what was announced last."
                ),
            ),
            Row(
                say("Deleted"),
                say("with /follow stop or with the channel; and when the bot is taken off the server, within a day."),
            ),
            Row(say("Not stored"), say("who asked, who set up a follow, what was asked, messages, names.")),
            Row(say("Logs"), say("errors with a code and the name of the command; no text and no names.")),
            Row(say("In full"), say("PRIVACY.md in the project's repository, or ask the person who runs this bot.")),
        ),
    )
