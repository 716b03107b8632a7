"""The weather of the demo city, and what its customers use in it."""

import subprocess
import sys
from datetime import date, timedelta
from itertools import pairwise

import pytest

from csr_console.demo.city.billing import read_days
from csr_console.demo.city.climate import USE, days_between, over, temperatures, use_a_day

AS_OF = date(2026, 10, 31)


def test_the_weather_is_the_same_for_every_process() -> None:
    day = date(2026, 7, 19)
    asked = "from csr_console.demo.city.climate import temperatures; from datetime import date"
    code = f"{asked}; print(temperatures(date({day.year}, {day.month}, {day.day})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(temperatures(day))


def test_two_years_are_like_north_florida() -> None:
    """Normals of Tallahassee, 1991 to 2020: about 1,500 heating and 2,700 cooling degree days a year."""
    found = over(AS_OF - timedelta(days=730), AS_OF)
    assert 1_000 < found.heating / 2 < 2_000
    assert 2_000 < found.cooling / 2 < 3_200
    all_days = [temperatures(day) for day in days_between(AS_OF - timedelta(days=730), AS_OF)]
    assert all(low < high for low, high in all_days)
    assert min(low for low, _ in all_days) > 5
    assert max(high for _, high in all_days) < 110


def test_no_two_winters_are_alike() -> None:
    winters = [over(date(year, 11, 1), date(year + 1, 3, 1)).heating for year in range(2020, 2026)]
    assert len(set(winters)) == len(winters)


@pytest.mark.parametrize("service", sorted(USE))
def test_use_follows_the_weather(service: str) -> None:
    base, heating, cooling = USE[service]
    periods = list(pairwise(read_days("100482771", AS_OF)))
    for after, until in periods:
        found, days = over(after, until), (until - after).days
        expected = base + (heating * float(found.heating) + cooling * float(found.cooling)) / days
        assert use_a_day(service, after, until) == pytest.approx(expected)
    coldest = max(periods, key=lambda period: over(*period).heating)
    mildest = min(periods, key=lambda period: over(*period).heating + over(*period).cooling)
    assert use_a_day(service, *coldest) > use_a_day(service, *mildest) > base


def test_what_bills_in_the_background_starts_on_its_own() -> None:
    """A process of its own imports this module first, before anything else of central."""
    done = subprocess.run([sys.executable, "-c", "import csr_console.demo.history"], capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
