"""Meter error, leaks, shares of a building, late charges and returned items, by their published examples."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csr_console.domain.billing.allocation import occupant_weight, unit_shares
from csr_console.domain.billing.late_charge import LATE_CHARGE_METHODS, late_charge
from csr_console.domain.billing.leaks import LEAK_PROGRAMS, LeakCredit, LeakFacts, leak_credit
from csr_console.domain.billing.meter_error import (
    affected_months,
    creep_use,
    refund_cents,
    undercharge_cents,
)
from csr_console.domain.billing.returned_item import returned_item_fee
from csr_console.domain.refusals import Refusal

JUNE = date(2024, 6, 3)


def test_a_fast_meter_is_refunded() -> None:
    """1,296.00 billed at 104 % gives 49.85: billed x (1 - 100 / registration)."""
    assert refund_cents(129_600, Decimal(104)) == 4985


@pytest.mark.parametrize("registration", ["98", "100", "101.9", "102", "90"])
def test_a_meter_within_2_percent_or_a_slow_one_is_not_refunded(registration: str) -> None:
    assert refund_cents(129_600, Decimal(registration)) == 0


def test_a_slow_meter_left_something_unbilled() -> None:
    """100.00 at 80 % should have been 125.00."""
    assert undercharge_cents(10_000, Decimal(80)) == 2500
    assert undercharge_cents(10_000, Decimal("98.5")) == 0
    assert undercharge_cents(10_000, Decimal(0)) == 0


def test_half_the_time_since_the_last_test_at_most_a_year() -> None:
    assert affected_months(Decimal(9)) == Decimal("4.5")
    assert affected_months(Decimal(60)) == 12


def test_creep_counts_a_quarter_of_the_time() -> None:
    assert creep_use(Decimal("0.5"), Decimal(720)) == 90


def credit(name: str, leak: int, normal: int, *last: int) -> LeakCredit:
    facts = LeakFacts(Decimal(leak), Decimal(normal), tuple(Decimal(item) for item in last))
    return leak_credit(name, facts, asked_on=JUNE, repair_proven=True, account_current=True, days_to_repair=1)


@pytest.mark.parametrize(
    ("name", "leak", "normal", "credited"),
    [
        (
            "half-of-excess",
            125_000,
            6000,
            60_000,
        ),  # Wildwood, NJ: 119,000 / 2, the odd thousand to the customer
        ("half-of-excess", 26_000, 6000, 10_000),
        ("at-most-twice-normal", 50_000, 10_000, 30_000),  # Stafford, VA: charged 20,000
        ("at-most-twice-normal", 16_000, 10_000, 3000),  # below that the excess is split
        ("half-when-doubled", 20_000, 10_000, 5000),  # WHUD
        ("half-when-doubled", 19_999, 10_000, 0),
        ("quarter-of-excess", 30_000, 10_000, 5000),  # Washington Court House, OH
        ("half-of-largest", 20_000, 10_000, 5000),  # Cedar Hill, TX
        ("half-of-excess", 5000, 6000, 0),
        ("at-most-twice-normal", 5000, 6000, 0),
    ],
)
def test_leak_programs(name: str, leak: int, normal: int, credited: int) -> None:
    assert credit(name, leak, normal) == LeakCredit(
        Decimal(credited), Decimal(0), credit(name, leak, normal).arithmetic
    )


def test_ventura_charges_the_excess_at_the_next_lower_tier() -> None:
    found = credit("next-lower-tier", 50_000, 10_000)
    assert (found.credited, found.at_lower_tier) == (0, 30_000)


def test_cedar_hill_takes_the_largest_of_three_bills() -> None:
    assert credit("half-of-largest", 14_000, 10_000, 20_000, 12_000, 90_000).credited == 5000


@given(st.sampled_from(sorted(LEAK_PROGRAMS)), st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_credit_is_never_more_than_the_excess(name: str, leak: int, normal: int) -> None:
    found = credit(name, leak, normal)
    assert 0 <= found.credited + found.at_lower_tier <= max(leak - normal, 0)


@pytest.mark.parametrize(
    ("name", "gate", "rule"),
    [
        ("half-of-excess", {"repair_proven": False}, "repair has to be proven"),
        ("half-of-excess", {"account_current": False}, "account has to be current"),
        ("half-of-excess", {"earlier_credits": (date(1999, 1, 1),)}, "1 leak adjustment for ever"),
        ("at-most-twice-normal", {"earlier_credits": (date(2021, 6, 4),)}, "in 36 months"),
        ("half-when-doubled", {"bills": 4}, "at most 3 bills"),
        ("next-lower-tier", {"days_to_repair": 3}, "within 2 days"),
        ("next-lower-tier", {}, "within 2 days"),
        ("half-of-largest", {"use_is_normal_again": False}, "normal again"),
    ],
)
def test_a_closed_gate_is_named(name: str, gate: dict[str, object], rule: str) -> None:
    facts = LeakFacts(Decimal(125_000), Decimal(6000))
    known: dict[str, object] = {"asked_on": JUNE, "repair_proven": True, "account_current": True}
    with pytest.raises(Refusal, match=rule) as refused:
        leak_credit(name, facts, **{**known, **gate})  # type: ignore[arg-type]
    assert refused.value.code == "not-eligible"
    assert name in refused.value.rule


def test_a_gate_opens_when_its_months_have_passed() -> None:
    facts = LeakFacts(Decimal(50_000), Decimal(10_000))
    found = leak_credit(
        "at-most-twice-normal", facts, asked_on=JUNE, repair_proven=True, account_current=True,
        earlier_credits=(date(2021, 6, 3),),
    )  # fmt: skip
    assert found.credited == 30_000


MAILED = date(2024, 5, 1)


@pytest.mark.parametrize(
    ("method", "due", "charge"),
    [
        ("greater-of-5-and-1.5", 10_000, 500),  # FPL
        ("greater-of-5-and-1.5", 40_000, 600),
        ("1.5-percent", 10_000, 150),
        ("flat-and-percent", 10_000, 650),
        ("greater-of-5-and-2", 2499, 0),  # Mesa, AZ: none under $25
        ("greater-of-5-and-2", 2500, 500),
        ("greater-of-5-and-2", 50_000, 1000),
        ("5-percent", 13_374, 669),  # Batavia, IL
        ("10-percent-after-21", 13_374, 1337),  # Palmetto, FL
    ],
)
def test_late_charges(method: str, due: int, charge: int) -> None:
    assert late_charge(method, due, MAILED, date(2024, 6, 3)).amount_cents == charge


@pytest.mark.parametrize("method", sorted(LATE_CHARGE_METHODS))
def test_no_late_charge_before_its_day_nor_on_government(method: str) -> None:
    last_free = MAILED + timedelta(days=LATE_CHARGE_METHODS[method].grace_days)
    assert late_charge(method, 50_000, MAILED, last_free).amount_cents == 0
    assert late_charge(method, 50_000, MAILED, last_free + timedelta(days=1)).amount_cents > 0
    assert late_charge(method, 50_000, MAILED, JUNE, government=True).amount_cents == 0
    assert LATE_CHARGE_METHODS[method].grace_days >= 20


@pytest.mark.parametrize(
    ("face", "bank", "fee"),
    [
        (100, 0, 2500), (5000, 0, 2500), (5001, 0, 3000), (30_000, 0, 3000), (30_001, 0, 4000),
        (80_000, 0, 4000), (80_010, 0, 4001), (100_000, 0, 5000), (13_374, 750, 3750),
    ],
)  # fmt: skip
def test_returned_item_fee(face: int, bank: int, fee: int) -> None:
    """$25 to $50 of face, $30 to $300, $40 above, or 5 % when that is more, plus bank fees (F.S. 68.065)."""
    assert returned_item_fee(face, bank).amount_cents == fee


def test_a_returned_item_has_a_face() -> None:
    with pytest.raises(ValueError, match="face"):
        returned_item_fee(0)


def test_shares_of_a_building_sum_to_its_bill() -> None:
    """100.00 less 10 % for common areas among three like units: a cent is left over and goes to the first."""
    assert unit_shares(10_000, [1, 1, 1], Decimal(10)) == (3000, 3000, 3000)
    assert unit_shares(10_000, [1, 1, 1]) == (3334, 3333, 3333)


def test_weights_by_occupants() -> None:
    """1, 1.6, 2.2 and 0.6 for each further one; an empty unit pays nothing."""
    assert [occupant_weight(count) for count in range(5)] == [
        0, 1, Decimal("1.6"), Decimal("2.2"), Decimal("2.8"),
    ]  # fmt: skip


@given(
    st.integers(0, 10**7),
    st.lists(st.integers(0, 50), min_size=1, max_size=40).filter(any),
    st.decimals(0, 100, places=2),
)
def test_no_cent_of_a_building_is_lost(bill: int, weights: list[int], common: Decimal) -> None:
    shares = unit_shares(bill, weights, common)
    assert sum(shares) == int((Decimal(bill) * (100 - common) / 100 + Decimal("0.5")) // 1)
    assert all(share == 0 for share, weight in zip(shares, weights, strict=True) if not weight)
