"""The pages about the ledger itself: where its figures come from, what can be asked, who makes it, what is stored."""

from __future__ import annotations

from knowledge.answer import Answer, Row
from knowledge.arithmetic import tally
from knowledge.asking.kinds import KINDS
from knowledge.asking.resolve import Subject
from knowledge.facts import Facts
from knowledge.figure import Citation
from knowledge.sentences import say

NOTICE = say(
    "Independent project. Not affiliated with, endorsed by or speaking for NATO or any Ally. Figures are credited to "
    "their publishers; calculations, projections and errors are ours."
)


def sources(facts: Facts, subject: Subject) -> Answer:
    """The editions and data sets held, or one edition in full."""
    if subject.asked.edition:
        return _one_edition(subject)
    newest, held = facts.newest, facts.forecast
    datasets = [facts.sources[key] for key in dict.fromkeys((held.gdp, held.second, held.people))]
    gdp = datasets[0]
    count = tally(len(facts.editions), say("NATO releases held"))
    headline = say(
        "Figures come from {count} NATO releases, the newest the {edition} of {published}; forecasts from the IMF."
    ).filled(count=count, edition=newest, published=newest.published)
    rows = [
        Row(say("{edition}", edition=e), say("{published}: {held}", published=e.published, held=e.held))
        for e in facts.editions.values()
    ]
    rows += [Row(say("{publisher}", publisher=s.publisher), say("{title}", title=s.title)) for s in datasets]
    credit = say("Source of GDP forecasts: {publisher}, {title}.", publisher=gdp.publisher, title=gdp.title)
    more = tuple(map(Citation, datasets))
    return Answer(subject.asked, headline, tuple(rows), (credit,), edition=newest, more=more)


def _one_edition(subject: Subject) -> Answer:
    edition = subject.edition
    counts = say("{definition}", definition=edition.definition)
    if edition.price_base:
        counts = say("{definition}, constant prices of {base}", definition=edition.definition, base=edition.price_base)
    rows = [
        Row(say("Title"), say("{title}", title=edition.source.title)),
        Row(say("Counts"), counts),
        Row(say("Held"), say("{held}", held=edition.held)),
    ]
    if edition.cut_off is not None:
        rows.append(Row(say("Information to"), say("{day}", day=edition.cut_off)))
    headline = say("The {edition}: published {published}.", edition=edition, published=edition.published)
    return Answer(subject.asked, headline, tuple(rows), edition=edition)


def help_(facts: Facts, subject: Subject) -> Answer:
    """Every command that works, with an example."""
    text = say("{what}: “{example}”")
    lines = {kind.name: text.filled(what=kind.help, example=kind.example) for kind in KINDS.values()}
    lines["follow"] = say("For those who manage a server: a channel hears when figures change; “/follow start”")
    headline = say("Allied Ledger computes answers on NATO spending and shows its sources and its arithmetic.")
    notes = (
        say("Members may be typed as Türkiye, Turkey, TUR or 🇹🇷; an edition as 2024, or as a day: 1 March 2026."),
        say("The words of a question may stand in any order: “rank share 2024 nordic”, “gap 2024 germany”."),
        say("What is computed has Workings, what is quoted has Sources; private:True shows an answer to you alone."),
    )
    return Answer(subject.asked, headline, tuple(Row(say("/{name}", name=n), t) for n, t in lines.items()), notes)


def about(facts: Facts, subject: Subject) -> Answer:
    """Licence, notice, and which data answers stand on."""
    newest = facts.newest
    data = say("{edition} of {published}")
    if newest.cut_off is not None:
        data = say("{edition} of {published}, information to {cut_off}")
    licence = say("MIT for the code; the figures belong to their publishers and are quoted with credit.")
    rows = (
        Row(say("Data"), data.filled(edition=newest, published=newest.published, cut_off=newest.cut_off)),
        Row(say("Store"), say("version {version}", version=facts.version)),
        Row(say("Licence"), licence),
    )
    headline = say(
        "Allied Ledger is an independent, open-source ledger of NATO spending; it computes and never guesses."
    )
    return Answer(subject.asked, headline, rows, (NOTICE,), edition=newest)


def privacy(facts: Facts, subject: Subject) -> Answer:
    """What is stored, which is next to nothing; PRIVACY.md says the same at length."""
    stored = say(
        "technical lines: the bot's own number, a hash of the command list, and the last faults of the program, "
        "without what was asked."
    )
    follow = say(
        "the ids of the server, the channel and the role to ping, the language to post in, what is followed "
        "and what was announced last."
    )
    corrections = say(
        "who proposed or decided on a correction and the words they wrote, and what the server set; the log itself holds "
        "no names."
    )
    deleted = say(
        "with /follow stop or with the channel; your own part in corrections with /privacy delete; everything of a "
        "server a good week after the bot is taken off it."
    )
    rows = (
        Row(say("Stored"), stored),
        Row(say("Stored for /follow"), follow),
        Row(say("Stored for corrections"), corrections),
        Row(say("Deleted"), deleted),
        Row(say("Not stored"), say("who asked, who set up a follow, what was asked, messages, names.")),
        Row(say("Logs"), say("errors with a code and the name of the command; no text and no names.")),
        Row(say("In full"), say("PRIVACY.md in the project's repository, or ask the person who runs this bot.")),
    )
    headline = say("Allied Ledger stores nothing about who asks: a question is answered in memory and written nowhere.")
    return Answer(subject.asked, headline, rows)
