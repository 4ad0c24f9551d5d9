"""What is understood of what people type: in any order, in any words, and printable back to the same question."""

from __future__ import annotations

from datetime import date

import pytest

from knowledge.asking.problem import Problem
from knowledge.asking.question import Question, from_compact, read
from knowledge.asking.resolve import resolve
from knowledge.facts import Facts

TODAY = date(2026, 11, 25)

# Typed, and what it means: the question with everything it left open filled in.
UNDERSTOOD = {
    "gap germany edition:2026": "gap member:DEU year:2026 edition:2026",
    "gap 2024 germany 2026 edition": "gap member:DEU year:2024 edition:2026",
    "gap germany vilnius 2024 edition:2026": "gap member:DEU year:2024 rule:vilnius edition:2026",
    "gap canada rule:2% 2024 edition:2026": "gap member:CAN year:2024 rule:vilnius edition:2026",
    "gap germany 2024 vilnius 2025": "gap member:DEU year:2024 rule:vilnius edition:2025",
    "gap germany last year edition:2026": "gap member:DEU year:2025 edition:2026",
    "gap germany this year edition:2026": "gap member:DEU year:2026 edition:2026",
    "gap the netherlands in 2024, 2026 edition": "gap member:NLD year:2024 edition:2026",
    "gap uk 2025/26 edition:2026": "gap member:GBR year:2025 edition:2026",
    "gap canada FY2025/26 edition:2026": "gap member:CAN year:2025 edition:2026",
    "gap usa 2025-26 edition:2026": "gap member:USA year:2026 edition:2026",
    "gap belgium 2016 to 2022 edition:2026": "gap member:BEL year:2016-2022 edition:2026",
    "spending norway 2017 per head edition:2026": "spending member:NOR year:2017 measure:per_head_constant edition:2026",
    "spending norway per head 2017 edition:2026": "spending member:NOR year:2017 measure:per_head_constant edition:2026",
    "spending poland 2024 pln edition:2024": "spending member:POL year:2024 edition:2024 currency:PLN",
    "spending poland 2024 zloty edition:2024": "spending member:POL year:2024 edition:2024 currency:PLN",
    "spending uk pounds 2024 edition:2026": "spending member:GBR year:2024 edition:2026 currency:GBP",
    "spending greece 2021 edition:1 April 2022": "spending member:GRC year:2021 edition:report-2021",
    "spending greece 2021 edition:12 June 2021": "spending member:GRC year:2021 edition:2021-06",
    "spending germany since 2014 edition:2026": "spending member:DEU year:2014-2026 edition:2026",
    "rank share 2025 2% edition:2026": "rank year:2025 rule:vilnius measure:share edition:2026",
    "rank 2025 share edition:2026": "rank year:2025 measure:share edition:2026",
    "rank share 2025 below 2% edition:2026": "rank year:2025 measure:share edition:2026 level:below 2",
    "rank share 2025 between 2% and 3.5% edition:2026": "rank year:2025 measure:share edition:2026 level:2-3.5",
    "rank equipment 2017 wales edition:2026": "rank year:2017 rule:wales measure:equipment_share edition:2026",
    "rank since 2014 edition:2024": "rank year:2014-2024 measure:growth-since edition:2024",
    "rank share since 2014 edition:2026": "rank year:2014-2026 measure:share edition:2026",
    "rank share nordic 2024 edition:2026": "rank year:2024 measure:share edition:2026 group:nordic",
    "rank share members of 2004 edition:2026": "rank year:2026 measure:share edition:2026 group:members 2004",
    "compare baltics, france 2026 usd edition:2026": "compare year:2026 measure:spending_usd edition:2026 members:baltic,FRA",
    "compare germany and france, usd, 2024 edition:2026": "compare year:2024 measure:spending_usd edition:2026 members:FRA,DEU",
    "compare estonia latvia personnel 2020 edition:2026": "compare year:2020 measure:personnel edition:2026 members:EST,LVA",
    "compare 🇩🇪🇫🇷 2024 edition:2026": "compare year:2024 measure:share edition:2026 members:FRA,DEU",
    "whatif germany 3.5 2032 edition:2026": "whatif member:DEU edition:2026 share:3.5 by:2032",
    "whatif germany 3,5% by 2032 edition:2026": "whatif member:DEU edition:2026 share:3.5 by:2032",
    "whatif 5 netherlands 2026 edition:2026": "whatif member:NLD edition:2026 share:5 by:2026",
    "pledges poland edition:2026": "pledges member:POL edition:2026",
    "summit next": "summit summit:tirana-2027",
}  # fmt: skip


@pytest.mark.parametrize(("typed", "meant"), UNDERSTOOD.items())
def test_what_is_typed_is_understood(facts: Facts, typed: str, meant: str) -> None:
    assert str(resolve(facts, read(typed), TODAY).asked) == meant


@pytest.mark.parametrize("typed", UNDERSTOOD)
def test_what_was_understood_is_printed_back_to_the_same_question(facts: Facts, typed: str) -> None:
    subject = resolve(facts, read(typed), TODAY)
    for again in (read(str(subject.asked)), from_compact(subject.asked.compact)):
        found = resolve(facts, again, TODAY)
        assert found.asked == subject.asked
        assert (found.spenders, found.measure, found.years, found.edition) == (
            subject.spenders, subject.measure, subject.years, subject.edition,
        )  # fmt: skip


def test_today_says_what_this_year_is(facts: Facts) -> None:
    question = Question("gap", member="DEU", year="last year")
    assert resolve(facts, question, date(2025, 1, 1)).year == 2024
    assert resolve(facts, question, date(2026, 1, 1)).year == 2025
    assert resolve(facts, question).year == facts.newest.published.year - 1


def test_a_day_counts_every_release_published_by_then(facts: Facts) -> None:
    for edition in facts.editions.values():
        day = edition.published.last.isoformat()
        known = resolve(facts, Question("pledges", member="DEU", edition=day)).known
        assert edition in known
        assert all(other.published.last <= edition.published.last for other in known)


# Typed, and which word is refused.
NOT_UNDERSTOOD = {
    "gap germany xyzzy": ("too-many-words", "xyzzy"),
    "gap germany 2024 2019 2025": ("too-many-words", "2025"),
    "compare germany, xyzzy": ("unknown-member", "xyzzy"),
    "gap germany france": ("two-members", ""),
    "spending germany 2024 vilnius": ("too-many-words", "vilnius"),
    "rank xyzzy 2024": ("unknown-measure", "xyzzy"),
}


@pytest.mark.parametrize(("typed", "refused"), NOT_UNDERSTOOD.items())
def test_a_word_that_means_nothing_is_named(facts: Facts, typed: str, refused: tuple[str, str]) -> None:
    code, word = refused
    with pytest.raises(Problem) as problem:
        resolve(facts, read(typed), TODAY)
    assert problem.value.code == code
    text = problem.value.sentence.values.get("text")
    assert not word or getattr(text, "text", None) == word
