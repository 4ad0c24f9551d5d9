"""Values worked out apart from this code and typed by hand, so that a slip in the code cannot move them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from knowledge.facts import Facts
from knowledge.forecast import Projection

# 3.5 % of GDP in 2035, in billions of the Ally's own currency: in 2035's prices, and in those of 2026.
PROJECTED = {
    "DEU": ("EUR", 212, 174),
    "POL": ("PLN", 229, 181),
    "GBR": ("GBP", 147, 125),
    "FRA": ("EUR", 137, 117),
    "USA": ("USD", 1573, 1336),
}
# How many Allies print 2.00 % of GDP or more, from 2014 on.
AT_TWO = {
    "2026": (3, 4, 4, 3, 5, 6, 8, 6, 7, 10, 17, 28, 30),
    "2024": (3, 5, 5, 4, 6, 7, 9, 6, 7, 10, 23),
}


@pytest.mark.parametrize("code", PROJECTED)
def test_three_and_a_half_per_cent_in_2035(facts: Facts, code: str) -> None:
    currency, own, real = PROJECTED[code]
    level = facts.rules["hague"].level("core")
    assert level is not None
    assert level.value == Decimal("3.5")
    found = Projection(facts, facts.newest, facts.members[code]).amount(level, 2035)
    assert found is not None
    assert found.own is not None
    for figure, billions in ((found.own, own), (found.real, real)):
        assert figure.unit.currency == currency
        assert float(figure.value) == pytest.approx(billions * 1e9, rel=0.005)
    assert (found.own.unit.prices, found.real.unit.prices) == ("", "2026")


@pytest.mark.parametrize("edition", AT_TWO)
def test_allies_at_two_per_cent(facts: Facts, edition: str) -> None:
    counted = []
    for year in range(2014, 2014 + len(AT_TWO[edition])):
        shares = [facts.figure(facts.editions[edition], "share", member, year) for member in facts.members.values()]
        counted.append(sum(share is not None and share.printed >= 2 for share in shares))
    assert tuple(counted) == AT_TWO[edition]
