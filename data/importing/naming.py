"""What labels in tables can mean: the names of the store, those of other languages, and those only tables use."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale

from data.importing.recognised import Names
from knowledge.facts import Facts
from knowledge.names import index_of, plain
from knowledge.things import Group

LANGUAGES = ("de", "fr")
# Seen in tables that were passed round, and in no list of names.
LABELS = {
    "MKD": ("ARYM", "Rép. de Macédoine du Nord"),
    "CZE": ("Rép. tchèque", "Tschech. Republik"),
    "SVK": ("République slovaque", "Slowakische Republik", "Rép. slovaque", "Slovak Rep."),
    "GBR": ("Ver. Königreich", "Vereinigtes Königreich", "Großbritannien"),
    "USA": ("Ver. Staaten", "Vereinigte Staaten von Amerika"),
    "NATO_TOTAL": ("Total OTAN", "OTAN total", "NATO gesamt", "NATO insgesamt", "OTAN_TOTAL", "NATO_TOTAL"),
    "NATO_EUR_CAN": (
        "OTAN_EUR_CA",
        "NATO_EUR_CA",
        "OTAN Europe et Canada",
        "Europe et Canada",
        "NATO Europa und Kanada",
    ),
}
CURRENCIES = {"koruny": "CZK", "koruna": "CZK", "crowns": "CZK", "kroner": "NOK", "kuna": "HRK", "kunas": "HRK"}


def names_of(facts: Facts) -> Names:
    """Every name by which a table can call an Ally, a total, a country that is none, a currency or a measure."""
    return _made(facts.built or facts)  # corrected figures change none of them


@lru_cache(maxsize=2)
def _made(facts: Facts) -> Names:
    index = index_of(facts)
    spenders = {name: thing.code for name, thing in index.spenders.items() if not isinstance(thing, Group)}
    for member in facts.members.values():
        for language in LANGUAGES:
            spenders.setdefault(plain(Locale(language).territories[member.iso2]), member.code)
        spenders.setdefault(plain(member.nato_label), member.code)
    for code, labels in LABELS.items():
        for label in (code, *labels):
            spenders[plain(label)] = code
    spenders.pop("", None)
    others = {name: thing.name for name, thing in index.lookalikes.items() if name not in spenders}
    measures = {plain(name): m.id for m in facts.measures.values() for name in (m.id, m.name)}
    return Names(spenders, others, _currencies(facts), measures)


def _currencies(facts: Facts) -> dict[str, tuple[str, ...]]:
    """Currencies by name, and by the last word of a name: "dollars" are those of several countries."""
    found: dict[str, set[str]] = {}
    for currency in facts.currencies.values():
        for name in (currency.code, currency.name, *currency.aliases):
            key = plain(name)
            for word in {key, key.split()[-1], key.split()[-1].removesuffix("s")}:
                found.setdefault(word, set()).add(currency.code)
    for name, code in CURRENCIES.items():
        found.setdefault(name, set()).add(code)
    return {name: tuple(sorted(codes)) for name, codes in found.items()}
