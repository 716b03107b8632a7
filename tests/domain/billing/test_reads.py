"""Usage from reads: rollovers, multipliers, reads that are refused, and how often a bill may be estimated."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csr_console.domain.billing.estimates import estimated_use, months_before, rule_on_estimate
from csr_console.domain.billing.reads import Read, ReadKind, Register, usage_between
from csr_console.domain.billing.winter_average import WaterUse, winter_average
from csr_console.domain.refusals import Refusal

APRIL, MAY = date(2015, 4, 29), date(2015, 5, 30)
FIVE_DIALS = Register(5)


def between(
    previous: int, present: int, register: Register = FIVE_DIALS, *, rollover: bool = False
) -> Decimal:
    use = usage_between(
        Read(APRIL, Decimal(previous)), Read(MAY, Decimal(present)), register, rollover=rollover
    )
    assert use.days == 31
    return use.usage


def test_gainesville_903_kwh() -> None:
    """74573 - 73670, x 1.0 x 1.0, from 4/29 to 5/30: 31 days (expydoc.com/doc/4135883)."""
    use = usage_between(Read(APRIL, Decimal(73670)), Read(MAY, Decimal(74573)), FIVE_DIALS)
    assert (use.usage, use.days, use.estimated) == (903, 31, False)
    assert use.arithmetic == "(74573 - 73670) × 1 × 1 = 903"


def test_gainesville_gas_multiplier() -> None:
    """3221 - 3204 = 17, x 1.017 = 17.289 CCF (paperzz.com/doc/7712276)."""
    assert between(3204, 3221, Register(4, Decimal("1.017"))) == Decimal("17.289")


def test_a_register_that_passes_zero() -> None:
    assert between(99_950, 30, rollover=True) == 80
    assert between(9950, 30, Register(4, Decimal(10), Decimal("1.5")), rollover=True) == 1200


@pytest.mark.parametrize(
    ("previous", "present", "rollover", "rule"),
    [
        (74_573, 73_670, False, "a read below the last needs a rollover"),
        (73_670, 74_573, True, "a rollover passes zero"),
        (73_670, 100_000, False, "digits of the register"),
        (100_000, 1, True, "digits of the register"),
        (-1, 1, False, "digits of the register"),
    ],
)
def test_a_read_that_cannot_be_is_refused_with_its_rule(
    previous: int, present: int, rollover: bool, rule: str
) -> None:
    with pytest.raises(Refusal) as refused:
        between(previous, present, rollover=rollover)
    assert (refused.value.code, refused.value.rule) == ("read-refused", rule)
    assert str(present) in refused.value.sentence or str(previous) in refused.value.sentence


def test_a_read_of_the_same_day_is_refused() -> None:
    with pytest.raises(Refusal, match="not after the last one"):
        usage_between(Read(MAY, Decimal(1)), Read(MAY, Decimal(2)), FIVE_DIALS)


@given(st.integers(0, 99_999), st.integers(0, 99_999))
def test_use_is_never_negative_and_less_than_a_turn(previous: int, present: int) -> None:
    use = between(previous, present, rollover=present < previous)
    assert 0 <= use < 100_000
    assert (previous + use) % 100_000 == present


def reads(*days: str, kind: ReadKind = ReadKind.ESTIMATED) -> list[Read]:
    return [Read(date.fromisoformat(day), Decimal(1), kind) for day in days]


ACTUAL = reads("2024-05-20", kind=ReadKind.ACTUAL)


def test_the_first_estimate_is_only_labelled() -> None:
    ruling = rule_on_estimate(date(2024, 6, 20), ACTUAL)
    assert not ruling.letter_needed
    assert not ruling.actual_read_overdue
    assert len(ruling.notices) == 1


def test_the_second_estimate_in_six_months_needs_a_letter() -> None:
    assert rule_on_estimate(date(2024, 7, 20), [*ACTUAL, *reads("2024-06-20")]).letter_needed
    assert not rule_on_estimate(date(2024, 12, 21), [*ACTUAL, *reads("2024-06-20")]).letter_needed


def test_the_fifth_estimate_in_twelve_months_is_refused() -> None:
    """No more than four in twelve months for a cause in the utility's control (F.A.C. 25-30.335)."""
    four = reads("2024-01-20", "2024-03-20", "2024-04-20", "2024-06-20")
    with pytest.raises(Refusal) as refused:
        rule_on_estimate(date(2024, 7, 20), [*ACTUAL, *four])
    assert refused.value.rule.startswith("BIL-03")
    assert rule_on_estimate(date(2024, 7, 20), [*ACTUAL, *four], utility_controls_cause=False).letter_needed
    assert rule_on_estimate(date(2025, 1, 20), [*ACTUAL, *four]).actual_read_overdue


def test_no_actual_read_for_six_months_is_told() -> None:
    assert rule_on_estimate(date(2024, 11, 21), ACTUAL).actual_read_overdue
    assert not rule_on_estimate(date(2024, 11, 20), ACTUAL).actual_read_overdue


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [("2024-03-31", 1, "2024-02-29"), ("2023-03-31", 1, "2023-02-28"), ("2024-01-15", 1, "2023-12-15"),
     ("2024-05-31", 6, "2023-11-30"), ("2024-02-29", 12, "2023-02-28")],
)  # fmt: skip
def test_months_before(day: str, months: int, before: str) -> None:
    assert months_before(date.fromisoformat(day), months) == date.fromisoformat(before)


def test_estimated_use_follows_the_days() -> None:
    assert estimated_use(Decimal(903), 31, 29) == 845
    with pytest.raises(ValueError, match="days"):
        estimated_use(Decimal(903), 0, 29)


WINTER = [
    WaterUse(date(2023, 12, 12), 30, Decimal(4200)),
    WaterUse(date(2024, 1, 12), 31, Decimal(4100)),
    WaterUse(date(2024, 2, 12), 31, Decimal(4500)),
    WaterUse(date(2024, 3, 12), 29, Decimal(9000)),
]


def test_winter_average_of_rio_rancho() -> None:
    """Total of December, January and February / total days x 30.42 (ci.rio-rancho.nm.us NID=175)."""
    average = winter_average(WINTER)
    assert average is not None
    assert average.quantize(Decimal("0.01")) == Decimal("4232.35")  # 12,800 / 92 x 30.42


def test_winter_average_of_gainesville() -> None:
    """January and February, x 30.4 (gainesville.com, 2010-11-30)."""
    average = winter_average(WINTER, (1, 2), Decimal("30.4"))
    assert average is not None
    assert average.quantize(Decimal("0.01")) == Decimal("4216.77")  # 8,600 / 62 x 30.4


def test_the_last_whole_winter_counts_alone() -> None:
    """An older winter is past, and one that has begun is not over."""
    older = [
        WaterUse(bill.read_on.replace(year=bill.read_on.year - 1), bill.days, bill.usage * 9)
        for bill in WINTER
    ]
    begun = WaterUse(date(2024, 12, 12), 30, Decimal(90_000))
    assert winter_average([*older, *WINTER, begun]) == winter_average(WINTER)
    assert winter_average([*WINTER, begun, *older]) == winter_average(WINTER)


def test_a_customer_without_a_whole_winter_is_new() -> None:
    assert winter_average(WINTER[1:]) is None
    assert winter_average([]) is None
