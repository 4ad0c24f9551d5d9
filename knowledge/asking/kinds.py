"""The table of question kinds: what each takes, who answers it, an example, and its line in the help."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from knowledge.sentences import Sentence, say


class Kind(Struct, frozen=True):
    """One kind of question.

    `options` in the order of the help; the first is the free text, in which everything may be typed in any order.
    `answer` is the file and the function in knowledge/questions/. `year` is what a year means to it: "one" year that
    is printed, a "span" of such years, or "any" year, ahead ones too. `lacks` says what an Ally without armed forces
    does not have; `groups` whether groups of Allies may be asked about as one.
    """

    name: str
    options: tuple[str, ...]
    answer: str
    example: str
    help: Sentence
    year: Literal["", "one", "span", "any"] = ""
    lacks: Sentence | None = None
    groups: bool = False

    @property
    def free(self) -> str:
        return self.options[0] if self.options else ""

    @property
    def dated(self) -> bool:
        """Whether a day asked for tells also what had been agreed and said by then, beside what was published."""
        return "rule" in self.options or self.name == "pledges"


_LISTED = (
    Kind(
        "target", ("member", "year", "rule", "edition"), "target.target", "target poland 2032",
        say("What the rules ask of an Ally in a year"), "any", say("core target"),
    ),
    Kind(
        "gap", ("member", "year", "rule", "edition"), "gap.gap", "gap germany",
        say("How far an Ally is from the rule"), "span", say("gap to any rule"), True,
    ),
    Kind(
        "spending", ("member", "year", "measure", "currency", "level", "edition"), "spending.spending",
        "spending france", say("What an Ally spends: the figures NATO prints"), "span", say("series"), True,
    ),
    Kind(
        "rank", ("measure", "year", "group", "rule", "level", "edition"), "rank.rank", "rank share 2024",
        say("All Allies in order of a measure"), "span",
    ),
    Kind(
        "compare", ("members", "year", "measure", "currency", "edition"), "compare.compare",
        "compare germany, france, poland", say("Two to six side by side over the years"), "span", None, True,
    ),
    Kind(
        "whatif", ("member", "share", "by", "growth", "prices", "rule", "edition"), "whatif.whatif",
        "whatif germany 3.5 2032", say("What a share by a year would mean, or the pace"), "any",
        say("share to start from"),
    ),
    Kind(
        "revisions", ("member", "year", "measure", "edition"), "revisions.revisions", "revisions poland 2024",
        say("What later editions made of a figure"), "any", say("figure that an edition could change"),
    ),
    Kind(
        "pledges", ("member", "edition"), "pledges.pledges", "pledges germany", say("What an Ally has said itself"),
        "any",
    ),
    Kind("rule", ("rule",), "rule.rule", "rule hague", say("What was adopted, proposed or demanded")),
    Kind("summit", ("summit",), "meeting.summit", "summit antalya", say("What a meeting decided on spending")),
    Kind("define", ("term",), "define.define", "define nato budget", say("What a term means, and what it is not")),
    Kind("sources", ("edition",), "pages.sources", "sources", say("Where the figures come from")),
    Kind("help", (), "pages.help_", "help", say("This list")),
    Kind("about", (), "pages.about", "about", say("Who makes this, licence and data")),
    Kind("privacy", (), "pages.privacy", "privacy", say("What is stored about you")),
)  # fmt: skip
KINDS = {kind.name: kind for kind in _LISTED}
