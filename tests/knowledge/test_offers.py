"""What is offered can be asked: the questions beside every refusal, and every value an option lists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from knowledge.facts import Facts
from tests.knowledge.tables import (
    EDITIONS,
    MEASURES,
    MEMBERS,
    NEWEST,
    TOTALS,
    cells,
    level_of,
    rules,
    table,
    years_held,
)
from tests.knowledge.test_cases import answered

ANSWERS = Path(__file__).parents[2] / "docs" / "answers.md"
# No edition held reaches back to a year in which no rule asked for a share.
OF_NO_YEAR_HELD = {"no-rule-then"}

# Texts that cannot be answered as they stand, by the code of the refusal; at least one of each gives that code.
REFUSED: dict[str, tuple[str, ...]] = {
    "unknown-command": ("hello", "gaps germany", "", "/", "germany", "how much does germany spend", "2%", "🇩🇪"),
    "unknown-option": (
        "gap germany measure:share",
        "target germany currency:EUR",
        "summit member:germany",
        "rank member:germany",
        "compare member:germany",
        "help year:2024",
        "spending germany foo:bar",
    ),
    "too-many-words": (
        "gap germany 2026 hague 2026 extra",
        "gap germany 2026 hague 2026 and then some",
        "pledges germany 2024 2025 2026",
        "rank share 2024 nordic hague 2026 and more",
        "whatif germany 3.5 2030 1.2 2026 hague 2026 more",
    ),
    "too-long": (
        "gap " + "germany" * 20,
        "target germany year:" + "2" * 120,
        "rank " + "share" * 30,
        "rule " + "hague" * 30,
        "summit " + "wales" * 30,
        "define " + "budget" * 30,
        "spending germany edition:" + "2024" * 40,
        "rank share group:" + "nordic" * 30,
        "compare " + "germany, " * 60,
    ),
    "no-member": (
        "gap",
        "target",
        "spending",
        "whatif",
        "gap 2024",
        "target 2032",
        "gap member:",
        "spending 2024",
    ),
    "no-country": ("gap we", "spending wir 2024", "compare nous, italy"),
    "unknown-member": (
        "gap germny",
        "gap atlantis",
        "target polnad 2032",
        "spending frence",
        "whatif xyzzy 3.5",
        "pledges polnad",
        "revisions slov 2024",
        "compare germany, franse",
        "compare germany, zzzz",
        "gap germany please",
        "gap 🦆",
        "gap مرحبا",
        "gap Robert'); DROP TABLE member;--",
        "spending <@123456>",
        "gap 1=1",
        "spending 2014-2026",
    ),
    "two-members": (
        "gap germany france",
        "gap germany and france",
        "target germany, poland 2032",
        "spending france & italy",
        "pledges germany, france",
        "revisions germany and france",
        "whatif germany france 3.5",
    ),
    "not-a-member": (
        "gap ukraine",
        "gap austria",
        "target ireland 2032",
        "spending switzerland",
        "spending russia 2024",
        "whatif ukraine 3.5",
        "revisions ukraine",
        "pledges austria",
        "compare germany, ukraine",
        "compare ukraine, austria",
        "gap european union",
        "spending japan",
    ),
    "bad-year": (
        "gap germany year:soon",
        "gap germany year:2014-2026",
        "target germany year:since 2014",
        "target germany year:<@123456>",
        "rank share year:lately",
        "rank year:2014,2015",
        "revisions poland year:then",
        "whatif germany 3.5 by:tomorrow",
        "spending germany year:often",
        "compare germany, france year:often",
    ),
    "year-out-of-range": (
        "gap germany 1948",
        "gap germany 2051",
        "target germany 1900",
        "target germany 3000",
        "rank share 1914",
        "revisions poland 1900",
        "spending germany 99999",
        "spending germany 1900-1950",
        "compare germany, france 2060",
        "whatif germany 3.5 by:2060",
    ),
    "unknown-edition": (
        "gap germany edition:1999",
        "target germany edition:first",
        "spending germany edition:2018",
        "spending germany edition:1 March 1990",
        "rank share edition:none",
        "compare germany, france edition:1999",
        "whatif germany edition:2001",
        "revisions germany edition:1 January 1950",
        "pledges germany edition:blue",
        "sources edition:1999",
    ),
    "unknown-rule": (
        "gap germany rule:nonsense",
        "gap germany rule:hauge",
        "target germany 2032 rule:ruttee",
        "rank share rule:xyzzy",
        "whatif germany rule:7%",
        "rule nonsense",
        "rule vilnus",
        "rule <@123456>",
    ),
    "rule-without-level": (
        "gap germany rule:growth-1977",
        "gap germany rule:ankara",
        "target germany 2030 rule:capability-targets",
        "rank share rule:plans-2017",
        "rank gap rule:ankara",
        "whatif germany rule:growth-1977",
    ),
    "not-its-rule": (
        "gap germany rule:spain",
        "target france 2030 rule:spain",
        "rank share rule:spain",
        "whatif germany rule:spain",
        "gap france rule:luxembourg",
        "gap nato rule:spain",
    ),
    "rule-needs-share": (
        "rank personnel rule:hague",
        "rank usd rule:wales",
        "rank spending_usd 2024 rule:vilnius",
        "rank gdp rule:hague",
    ),
    "unknown-measure": (
        "spending germany measure:happiness",
        "rank euro tanks",
        "rank germany",
        "rank nordics",
        "rank measure:shrae",
        "compare germany, france measure:xyzzy",
        "revisions poland 2024 nonsense",
        "spending germany measure:<@123456>",
    ),
    "unknown-group": ("rank share group:foo", "rank share group:balt", "rank group:benelux", "rank usd group:g7"),
    "not-rankable": ("rank national", "rank spending_national_constant 2024", "revisions measure:national"),
    "not-comparable": ("revisions gdp constant", "revisions 2022 measure:gdp_usd_constant"),
    "bad-level": ("rank share level:0", "rank usd level:2", "rank gap level:2-3", "spending germany level:200"),
    "not-held": (
        "spending germany usd 2024 edition:2025",
        "gap norway 2021 edition:report-2021",
        "spending czechia 2025 edition:report-2025",
        "compare germany, france usd edition:2025",
    ),
    "not-held-then": ("spending germany 2024 edition:1 March 2020", "gap poland 2024 edition:1 January 2023"),
    "which-year": (
        "gap germany 2025/26",
        "compare canada, usa 2023/24",
        "spending poland FY2025/26",
        "rank share 2025/26",
    ),
    "other-base": ("gap luxembourg 2021 rule:luxembourg", "gap luxembourg 2014 rule:GNI"),
    "no-revision": (
        "revisions 2026",
        "revisions nato edition:2019",
        "revisions year:2012 measure:spending_usd_constant",
        "revisions edition:2019",
    ),
    "one-ally": ("pledges nato", "pledges europe and canada"),
    "unknown-term": ("define xyzzy", "define percentge point", "define budget", "define 🦆", "define the"),
    "no-rule-then": ("rank gap 2004", "rank gap 2005 edition:2019"),
    "too-few-members": ("compare", "compare germany", "compare germany, germany", "compare 2024", "compare , ,"),
    "too-many-members": (
        "compare germany france uk italy poland spain usa",
        "compare germany, france, uk, italy, poland, spain, usa, canada 2024",
    ),
    "different-currencies": ("compare germany, france measure:national", "compare uk, usa measure:national_constant"),
    "no-armed-forces": (
        "compare germany, iceland, france",
        "compare iceland, norway 2024",
        "compare iceland, nato usd",
    ),
    "no-currency-here": (
        "compare germany, france currency:eur",
        "compare germany, france measure:personnel currency:gbp",
        "compare uk, usa measure:constant usd currency:GBP",
    ),
    "unknown-currency": (
        "compare germany, france measure:usd currency:yen",
        "compare germany, france measure:usd currency:doubloons",
        "compare uk, usa 2024 measure:usd currency:CHF",
    ),
    "bad-number": ("whatif germany share:lots", "whatif germany 3.5 growth:fast", "whatif germany share:1.2.3"),
    "no-share": ("whatif germany by:2030", "whatif germany growth:1.2", "whatif germany prices:current"),
    "share-out-of-range": ("whatif germany 0", "whatif germany 40", "whatif germany share:-3", "whatif nato 99"),
    "by-out-of-range": (
        "whatif germany 3.5 2020",
        "whatif germany 3.5 2045",
        "whatif nato 3.5 2050",
        "whatif uk 5 2014",
    ),
    "growth-out-of-range": ("whatif germany 3.5 growth:900", "whatif germany 3.5 2030 growth:-50"),
    "unknown-prices": (
        "whatif germany 3.5 prices:2010",
        "whatif germany 3.5 prices:cheap",
        "whatif türkiye 3.5 prices:current",
        "whatif nato 3.5 prices:current",
        "whatif germany 3.5 growth:1 prices:current",
    ),
    "no-projection": (
        "whatif germany 3.5 edition:2024",
        "whatif nato 3.5 edition:2024",
        "whatif poland 4 edition:2019",
    ),
    "no-pace": ("whatif germany edition:report-2025", "whatif estonia edition:2022"),
    "years-backwards": ("spending germany 2026-2014", "compare germany, france 2026-2014", "spending nato 2020-2019"),
    "unknown-summit": ("summit atlantis", "summit <@!123456>", "summit ankra", "summit 1900", "summit nowhere 2030"),
    "which-summit": ("summit brussels", "summit washington", "summit london"),
    "not-published": ("spending nato measure:national", "spending europe measure:national_constant"),
    "not-in-edition": (
        "spending germany measure:usd edition:2025",
        "spending germany measure:personnel edition:2023",
        "rank usd edition:2025",
        "rank gap-usd 2025 edition:2025",
        "gap germany edition:2022",
        "target germany edition:2022",
        "spending nato edition:2019",
        "gap finland edition:2019",
        "compare germany, poland edition:2022",
        "compare germany, poland measure:usd edition:2025",
        "whatif germany edition:2022",
        "spending germany 2014-2024 edition:2022",
    ),
    "blank": (
        "gap germany 2025 edition:2025",
        "spending germany 2025 edition:2025",
    ),
    "no-figure-yet": (
        "gap germany 2032",
        "gap nato 2040",
        "revisions poland 2035",
        "spending germany 2030",
        "spending germany 2030-2035",
        "spending poland 2026 edition:2024",
        "gap germany 2025 edition:2024",
        "spending poland 2035 measure:usd",
    ),
    "no-figure": (
        "gap germany 1990",
        "spending germany 2005",
        "spending germany 1990-2000",
        "spending germany 2015 edition:2023",
        "rank share 2040",
        "rank share 2025 edition:2024",
        "rank share 1999",
        "compare germany, france 2040",
        "compare germany, france 1990-2000",
        "compare germany, france 2025 edition:2024",
        "revisions poland 2005",
    ),
}
EVERY_REFUSAL = [(code, text) for code, texts in REFUSED.items() for text in texts]


def documented() -> set[str]:
    """The codes of questions, which are the first table of their part of docs/answers.md."""
    errors = ANSWERS.read_text(encoding="utf-8").partition("\n## Error codes\n")[2]
    errors = errors.partition("\nThese come from a command or a button that asks no question")[0]
    first = (line.split("|")[1] for line in errors.splitlines() if line.startswith("| `"))
    return {code for column in first for code in re.findall(r"`([a-z-]+)`", column)}


def test_there_are_many() -> None:
    assert len({text for _, text in EVERY_REFUSAL}) >= 150


@pytest.mark.parametrize("code", sorted(documented() - OF_NO_YEAR_HELD))
def test_every_documented_code_is_met(facts: Facts, code: str) -> None:
    errors = [answered(facts, text).error for text in REFUSED[code]]
    assert code in {error.code for error in errors if error is not None}


def test_no_code_goes_undocumented(facts: Facts) -> None:
    errors = [answered(facts, text).error for _, text in EVERY_REFUSAL]
    assert {error.code for error in errors if error is not None} <= documented()


@pytest.mark.parametrize(("code", "text"), EVERY_REFUSAL, ids=lambda part: part[:40])
def test_every_refusal_offers_what_has_an_answer(facts: Facts, code: str, text: str) -> None:
    assert fault(facts, text) is None


def fault(facts: Facts, text: str) -> str | None:
    """What is wrong where a text is neither answered nor refused with questions that all are; None if nothing is."""
    error = answered(facts, text).error
    if error is None:
        return None
    if not error.instead:
        return f"{error.code}: nothing is offered"
    again = {question: answered(facts, question).error for question in error.instead}
    return next((f"{error.code}: {q} gives {e.code}" for q, e in again.items() if e is not None), None)


# -- every value an option lists ---------------------------------------------------------------------

SPENDERS = [*MEMBERS, *TOTALS]
RULES = [rule["id"] for rule in rules()]
LEVEL_RULES = [rule["id"] for rule in rules() if level_of(rule) is not None and not rule.get("only")]
OWN_RULES = [(rule["id"], code) for rule in rules() if level_of(rule) is not None for code in rule.get("only", ())]
NATIONAL = [m for m, row in MEASURES.items() if row["kind"] == "money" and not row["currency"]]
RANKED = [m for m in (*MEASURES, "gap", "gap-usd") if m not in NATIONAL]
GROUPS = [row["id"] for row in table("groups")]
TERMS = [row["id"] for row in table("definitions")]
SUMMITS = [row["id"] for row in table("summits")]
YEARS = [str(year) for year in years_held(NEWEST, "share")]
FAR_YEARS = ["2030", "2032", "2035"]


# Somebody whose share an edition has.
ONE_OF = {edition: who for edition, measure, who, _ in sorted(cells(), reverse=True) if measure == "share"}


# What is asked with a value; each of these has an answer.
ASKED_WITH: dict[str, list[str]] = {
    "member": [
        f"{command} member:{who}"
        for command in ("gap", "target", "target year:2032", "spending", "whatif", "whatif share:3.5", "revisions")
        for who in SPENDERS
    ],
    "ally": [f"pledges member:{who}" for who in MEMBERS],
    "members": [f"compare members:{who}, NATO" for who in SPENDERS if who not in ("ISL", "NATO_TOTAL")],
    "rule": [
        *(f"rule rule:{rule}" for rule in RULES),
        *(
            f"{command} rule:{rule}"
            for command in ("gap germany", "target germany", "target germany 2032")
            for rule in LEVEL_RULES
        ),
        *(f"{command} rule:{rule}" for command in ("rank share", "rank gap", "whatif germany") for rule in LEVEL_RULES),
        *(f"{command} member:{who} rule:{rule}" for command in ("gap", "target") for rule, who in OWN_RULES),
    ],
    "measure": [
        *(f"spending member:DEU measure:{measure}" for measure in MEASURES),
        *(f"rank measure:{measure}" for measure in RANKED),
        *(f"compare members:DEU, FRA measure:{measure}" for measure in MEASURES if measure not in NATIONAL),
        *(f"revisions member:DEU measure:{measure}" for measure in MEASURES),
    ],
    "edition": [
        *(
            f"{command} member:{who} edition:{edition}"
            for command in ("gap", "spending")
            for edition, who in ONE_OF.items()
        ),
        *(f"{command} edition:{edition}" for command in ("rank", "sources", "pledges germany") for edition in ONE_OF),
    ],
    "group": [f"rank measure:{measure} group:{group}" for measure in ("share", "usd", "gap") for group in GROUPS],
    "year": [
        *(
            f"{command} year:{year}"
            for command in ("gap germany", "spending germany", "rank", "compare germany, france")
            for year in YEARS
        ),
        *(f"target germany year:{year}" for year in (*YEARS, *FAR_YEARS)),
        *(f"whatif germany share:3.5 by:{year}" for year in FAR_YEARS),
    ],
    "term": [f"define term:{term}" for term in TERMS],
    "summit": [f"summit summit:{meeting}" for meeting in SUMMITS],
    "summit in words": [f"summit {meeting}" for meeting in SUMMITS],
}


@pytest.mark.parametrize("option", ASKED_WITH)
def test_every_value_an_option_lists(facts: Facts, option: str) -> None:
    errors = {question: answered(facts, question).error for question in ASKED_WITH[option]}
    assert not {question: error.code for question, error in errors.items() if error is not None}


# Values that do not go together are refused with an offer that works, like everything else.
CROSSED: dict[str, list[str]] = {
    "member and measure": [
        f"spending member:{who} measure:{measure} edition:{edition}"
        for who in ("DEU", "ISL", "FIN", "USA", *TOTALS)
        for measure in MEASURES
        for edition in EDITIONS
    ],
    "member and edition": [
        f"{command} member:{who} edition:{edition}"
        for command in ("gap", "target year:2024", "spending", "whatif", "whatif share:3", "revisions", "pledges")
        for who in ("DEU", "ISL", "FIN", *TOTALS)
        for edition in EDITIONS
    ],
    "rank": [
        f"rank measure:{measure} year:{year} edition:{edition}"
        for measure in (*MEASURES, "gap", "gap-usd")
        for year in (2014, 2018, 2022, 2024, 2026)
        for edition in EDITIONS
    ],
    "compare": [
        f"compare members:{who} measure:{measure} edition:{edition}"
        for who in ("DEU, FRA", "ISL, NOR", "FIN, NATO_TOTAL")
        for measure in MEASURES
        for edition in EDITIONS
    ],
    "years": [
        f"{command} year:{year}"
        for command in (
            "gap germany",
            "spending germany",
            "spending iceland",
            "rank",
            "rank gap",
            "compare germany, france",
        )
        for year in (*range(1950, 2050, 9), *FAR_YEARS, "2010-2013", "2028-2030")
    ],
    "rule and member": [
        f"{command} member:{who} rule:{rule}"
        for command in ("gap", "target", "target year:2032", "whatif", "whatif share:3")
        for who in ("DEU", "ESP", "LUX", "ISL", "USA", *TOTALS)
        for rule in RULES
    ],
    "revisions": [
        *(f"revisions measure:{measure} year:{year}" for measure in MEASURES for year in range(2012, 2027)),
        *(f"revisions member:{who} measure:{measure}" for who in ("DEU", "ISL", "NATO_TOTAL") for measure in MEASURES),
        *(f"revisions year:{year} edition:{edition}" for year in (2014, 2020, 2024) for edition in EDITIONS),
    ],
}


@pytest.mark.parametrize("values", CROSSED)
def test_values_that_do_not_go_together(facts: Facts, values: str) -> None:
    faults = {question: fault(facts, question) for question in CROSSED[values]}
    assert not {question: found for question, found in faults.items() if found is not None}
