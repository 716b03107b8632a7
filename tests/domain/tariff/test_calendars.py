"""Time-of-use periods and the holidays as rules of data."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from tests.domain.tariff.books import rated, shipped

from csr_console.domain.tariff.calendars import Holiday, easter_sunday, nth_weekday
from csr_console.domain.tariff.determinants import Determinants, IntervalUse, ServicePeriod

CALENDAR = shipped("tallahassee").calendars["NIGHTS-WEEKENDS"]


@pytest.mark.parametrize(
    ("moment", "period"),
    [
        ("2024-05-29T06:59", "off"),
        ("2024-05-29T07:00", "on"),
        ("2024-05-29T18:59", "on"),
        ("2024-05-29T19:00", "off"),
        ("2024-05-25T12:00", "off"),  # Saturday
        ("2024-05-27T12:00", "off"),  # Memorial Day
        ("2024-11-28T12:00", "off"),  # Thanksgiving
        ("2021-07-05T12:00", "off"),  # July 4 on a Sunday, kept on Monday
        ("2020-07-03T12:00", "off"),  # July 4 on a Saturday, kept on Friday
        ("2021-12-31T12:00", "off"),  # January 1, 2022 on a Saturday, kept in the year before
        ("2020-06-19T12:00", "on"),  # before Juneteenth was a holiday
        ("2023-06-19T12:00", "off"),
    ],
)
def test_nights_weekends_and_holidays_are_off_peak(moment: str, period: str) -> None:
    assert CALENDAR.period_at(datetime.fromisoformat(f"{moment}:00-04:00")) == period


@pytest.mark.parametrize(
    ("year", "easter"),
    [(2000, "2000-04-23"), (2008, "2008-03-23"), (2024, "2024-03-31"), (2038, "2038-04-25")],
)
def test_easter(year: int, easter: str) -> None:
    assert easter_sunday(year) == date.fromisoformat(easter)


def test_good_friday_by_its_days_before_easter() -> None:
    friday = Holiday(name="Good Friday", rule="easter", offset_days=-2)
    assert friday.in_year(2024) == date(2024, 3, 29)


def test_a_month_without_a_fifth_monday() -> None:
    assert nth_weekday(2024, 2, 0, 5) is None
    assert nth_weekday(2024, 4, 0, 5) == date(2024, 4, 29)
    assert nth_weekday(2024, 5, 0, -1) == date(2024, 5, 27)


def test_intervals_are_sorted_into_their_periods() -> None:
    """A kWh an hour over May 2024: 22 weekdays of 12 on-peak hours, Memorial Day off-peak."""
    first = datetime.fromisoformat("2024-05-01T00:00:00-04:00")
    hours = tuple(IntervalUse(first + timedelta(hours=hour), Decimal(1)) for hour in range(31 * 24))
    period = ServicePeriod(date(2024, 4, 30), date(2024, 5, 31))
    premise = {"phase": "1", "location": "inside"}
    segment = rated(
        shipped("tallahassee"),
        Determinants(intervals=hours),
        schedule_id="E-NW",
        period=period,
        premise=premise,
    )
    use = {line.part: line.quantity for line in segment.lines if line.component == "EN-ENERGY"}
    assert use == {"on": 22 * 12, "off": 31 * 24 - 22 * 12}
