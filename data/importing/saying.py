"""What the words of a title, a unit line or a heading say of the figures below them, in English, French and German."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from msgspec import Struct

from knowledge.names import plain


class Said(Struct, frozen=True):
    """What one phrase says; whatever it does not say is empty."""

    about: frozenset[str] = frozenset()
    unit: str = ""  # "percent", "usd", "national", "people" or "other" for money in a currency no table is in
    scale: int | None = None  # power of ten
    prices: str = ""  # "current" or "constant"
    base: str = ""  # the year of constant prices
    since: bool = False  # a change over several years


NOTHING = Said()

# Each measure by what it is about, its unit, and whether its prices are constant; None where it has no prices.
MEASURES: dict[str, tuple[frozenset[str], str, bool | None]] = {
    "share": (frozenset({"share"}), "percent", None),
    "real_change": (frozenset({"change"}), "percent", None),
    "real_change_since_2014": (frozenset({"change"}), "percent", None),
    "spending_usd": (frozenset({"spending"}), "usd", False),
    "spending_usd_constant": (frozenset({"spending"}), "usd", True),
    "spending_national": (frozenset({"spending"}), "national", False),
    "spending_national_constant": (frozenset({"spending"}), "national", True),
    "gdp_usd": (frozenset({"gdp"}), "usd", False),
    "gdp_usd_constant": (frozenset({"gdp"}), "usd", True),
    "per_head_constant": (frozenset({"spending", "head"}), "usd", True),
    "gdp_per_head_constant": (frozenset({"gdp", "head"}), "usd", True),
    "personnel": (frozenset({"personnel"}), "people", None),
    "equipment_share": (frozenset({"equipment"}), "percent", None),
    "personnel_share": (frozenset({"personnel"}), "percent", None),
    "infrastructure_share": (frozenset({"infrastructure"}), "percent", None),
    "other_share": (frozenset({"other"}), "percent", None),
}

# A share of GDP names GDP and is none, as a percentage of spending names spending: these are taken out of the text first.
_SHARE = re.compile(
    r"(share|percent(age)?|per cent|pct|pc|%|part) (of |du |en % du |to )?(the )?(real )?(gdp|gross domestic product|pib|bip)"
    r"|gdp share|% (of |du |vom |des )?(real )?(gdp|pib|bip)|(in|en) % (des bip|du pib)|anteil am (realen )?bip|bip anteil"
    r"|(gdp|pib|bip) ?\(?%|(defen[cs]e|military) share"
)
_OF_SPENDING = re.compile(
    r"(percentage|percent|per cent|%|share|part|anteil) (of|des|der|an den|an) "
    r"(total |totales |gesamten )?(defen[cs]e |depenses |verteidigungs)?(expenditure|spending|de defense|ausgaben|depenses)"
)
_ABOUT = {
    "change": r"real change|real growth|annual change|variation reelle|croissance reelle|reale veranderung|realwachstum",
    "head": r"per (capita|head|person|inhabitant)|par (habitant|tete)|pro kopf|je einwohner",
    "gdp": r"\bgdp\b|\bpib\b|\bbip\b|gross domestic product|produit interieur brut|bruttoinlandsprodukt",
    "equipment": r"\bequip(ment|ement|ements)?\b|ausrustung",
    "infrastructure": r"\binfra(structure|structures|struktur)?\b",
    "other": r"^other\b|\bother (expenditure|spending|costs)|\bautres\b|\bsonstige",
    "personnel": r"\bpers(onnel)?\b|\bpersonal|troops|soldiers|soldats|soldaten|armed forces|effectifs|streitkrafte",
    "spending": r"spending|expenditure|depenses|ausgaben|outlays|\bbudget",
}
_UNITS = {
    "national": r"national currency|national currencies|monnaie nationale|landeswahrung|local currency",
    "usd": r"us ?\$|\$|\busd\b|us dollar|\bdollars?\b",
    "percent": r"%|\bpercent(age)?\b|\bper cent\b|\bpct\b|\bpc\b|pour cent|pourcentage|prozent|\banteil\b",
    "people": r"\bpeople\b|\bpersons\b|\bpersonnes\b|\bpersonen\b|\bheads\b|soldiers|soldats|soldaten",
    "other": r"€|£|\beuros?\b|\beur\b|\bpounds?\b|\bgbp\b|zloty|\blira\b",
}
_SCALES = {
    9: r"billions?\b|\bbn\b|\bmilliards?\b|\bmilliarden\b|\bmrds?\b|(?<=\$)b\b",
    6: r"\bmillions?\b|\bmillionen\b|\bmio\b|\bmn\b|(?<=\$)m\b|\bm (us|\$)",
    3: r"\bthousands?\b|\bmilliers\b|\btausend\b|\btsd\b",
}
_CONSTANT = re.compile(
    r"constant|konstant|constants|\b((?:19|20)\d\d) prices|prix (?:constants )?(?:de )?((?:19|20)\d\d)"
    r"|preisen? (?:von |des jahres )?((?:19|20)\d\d)"
)
_BASE = re.compile(r"\b((?:19|20)\d\d)\b")
_CURRENT = re.compile(r"current (prices|us|usd|dollars)|prix courants|jeweiligen preisen|laufenden? preisen?|nominal")
_SPAN = re.compile(r"(?:19|20)\d\d ?e? ?(?:[-–—/]|to|bis|a) ?(?:19|20)\d\d|since|depuis|\bseit\b")
_YEARLY = re.compile(r"annual|yearly|annuel|jahrlich")
_APART = re.compile(r"(?<!current prices) (?:and|et|und) |;|·")


def _spaced(text: str) -> str:
    """The text as names are compared, with the signs that say a unit."""
    return " ".join(plain(text).replace("(", " ( ").replace(")", " ) ").replace("%", " % ").split())


@lru_cache(maxsize=2000)
def said(text: str) -> tuple[Said, ...]:
    """What the phrases of a text say, in their order; those that say nothing are left out."""
    phrases = (_phrase(part, text) for part in _APART.split(text))
    return tuple(phrase for phrase in phrases if phrase != NOTHING)


def _phrase(part: str, whole: str) -> Said:
    key = _spaced(part)
    about = set()
    unit = ""
    if _SHARE.search(key):
        about.add("share")
        unit = "percent"
        key = _SHARE.sub(" ", key)
    if _OF_SPENDING.search(key):
        unit = "percent"
        key = _OF_SPENDING.sub(" ", key)
    about |= {name for name, pattern in _ABOUT.items() if re.search(pattern, key)}
    unit = unit or next((name for name, pattern in _UNITS.items() if re.search(pattern, key)), "")
    scale = next((power for power, pattern in _SCALES.items() if re.search(pattern, key)), None)
    prices = base = ""
    if constant := _CONSTANT.search(key):
        prices = "constant"
        years = _BASE.findall(key)
        base = next((year for year in constant.groups() if year), years[0] if len(years) == 1 else "")
    elif _CURRENT.search(key):
        prices = "current"
    since = "change" in about and bool(_SPAN.search(part.casefold())) and not _YEARLY.search(key)
    return Said(frozenset(about), unit, scale, prices, base, since)


def together(levels: Sequence[tuple[Said, ...]], taken: Iterable[Said] = ()) -> Said:
    """What several texts say of a column, the nearest first: whatever is said nearest holds.

    Of a text with several phrases the first counts that agrees with what is known and is not `taken` by other columns.
    """
    known = NOTHING
    others = tuple(taken)
    for n, level in enumerate(levels):
        fitting = [phrase for phrase in level if _agree(known, phrase)]
        if n and len(level) > 1 and known.unit == "":
            fitting = [p for p in fitting if not any(o.unit and o.unit == p.unit for o in others)] or fitting
        if fitting:
            filled = _filled(known, fitting[0], own=n == 0)
            if measures_of(filled) or not measures_of(known):
                known = filled
    return known


def _agree(known: Said, phrase: Said) -> bool:
    if known.unit and phrase.unit and known.unit != phrase.unit:
        return False
    mine, theirs = known.about - {"spending"}, phrase.about - {"spending"}  # spending is what all titles are about
    return not (mine and theirs) or bool(mine & theirs)


def _filled(known: Said, more: Said, own: bool) -> Said:
    about = known.about or more.about
    if known.unit and not known.about:  # a title may be of several things: what has this unit is meant
        fitting = frozenset().union(*(m[0] for m in MEASURES.values() if m[1] == known.unit))
        about = more.about & fitting
    return Said(
        about,
        known.unit or more.unit,
        more.scale if known.scale is None else known.scale,
        known.prices or more.prices,
        known.base or (more.base if not known.prices else ""),
        known.since or (own and more.since),
    )


def measures_of(known: Said) -> tuple[str, ...]:
    """The measures that fit what is said; one if it is decided, all of them if nothing is said."""
    about = known.about
    fitting = []
    for name, (needs, unit, constant) in MEASURES.items():
        if known.unit and unit != known.unit:
            continue
        if about and (not needs <= about or ("head" in about) != ("head" in needs)):
            continue
        if known.prices and constant is not None and constant != (known.prices == "constant"):
            continue
        if known.scale is not None and unit == "percent" != known.unit:
            continue
        if "change" in needs and about and known.since != (name == "real_change_since_2014"):
            continue
        fitting.append(name)
    # "Defence expenditure as a share of GDP" is about spending as well: what is more particular is meant.
    particular = [name for name in fitting if not MEASURES[name][0] <= {"spending"}]
    if about - {"spending"} and particular:
        return tuple(particular)
    return tuple(fitting)
