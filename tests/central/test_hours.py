"""Bills by the hour the whole way: files imported, the run, the bill rated again, the bill as read."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from tests.central.conftest import MARIA, NEIGHBOR, Town
from tests.central.handlers.test_corrections import correct
from tests.central.hours import NOW, Files, in_force, moments
from tests.contracts.tariff.test_urdb import PEER_TOLERANCE, YEAR, furthest, item, load, peer_months

from csr_console.central.reads.bills import bill_view, billing_view
from csr_console.central.tables import billing
from csr_console.central.tariff_loads import simulate_book
from csr_console.central.tariffs import shipped_texts
from csr_console.contracts.tariff import read_book
from csr_console.contracts.tariff.urdb import import_urdb
from csr_console.domain.billing.commands import CorrectBill
from csr_console.domain.tariff.calendars import Calendar
from csr_console.domain.tariff.determinants import peak_kw

FIRST, LAST = date(2026, 10, 5), date(2026, 11, 4)
"""A bill with the day on which the clocks go back, 1 November 2026."""
METER = "E1000000"
PREMISE = "location=inside;phase=1"
FLAT = Decimal("1.25")


@pytest.fixture
def files(town: Town, tmp_path: Path) -> Files:
    in_force(town.db, shipped_texts()["tallahassee"])
    return Files(town, tmp_path)


def nights(files: Files) -> None:
    """Maria on Nights & Weekends, her meter read at both ends of a bill."""
    assert files.agreements((MARIA, "electric", "E-NW", "tallahassee", FIRST, METER, 5, 1, PREMISE)).applied
    days = (LAST - FIRST).days * 24 + 1
    reads = (
        (METER, FIRST, 73_670, "actual", "no"),
        (METER, LAST, 73_670 + int(FLAT * days), "actual", ""),
    )
    assert files.reads(*reads).added == 2


def flat(_moment: datetime) -> Decimal:
    return FLAT


def test_time_of_use_is_billed_from_the_hours_of_the_meter(files: Files) -> None:
    """Half past one comes twice on 1 November: 745 hours, each in one period and none lost."""
    nights(files)
    assert files.hours(METER, FIRST + timedelta(days=1), LAST, flat).added == 30 * 24 + 1
    assert files.run(LAST).exceptions == {}
    (row,) = files.rows(billing.bill_segment)
    assert (row.usage, row.estimated) == ("901.25", 0)
    ((rated, segment),) = files.segments()
    # 22 weekdays of 12 hours on-peak; Columbus Day is no holiday of this calendar
    lines = {line.component + line.part: line for line in segment.lines}
    assert lines["EN-ENERGYon"].quantity == 264 * FLAT
    assert lines["EN-ENERGYoff"].quantity == (721 - 264) * FLAT
    assert lines["EN-ENERGYon"].why.inputs == (("on-peak", "330 kWh in 264 hours"),)
    assert lines["EN-ENERGYon"].amount_cents == 5827
    assert len(row.determinants) < 5_000
    assert rated.determinants.total() == Decimal(row.usage)


RIVER_FALLS = """
[book]
id = "riverfalls"
name = "River Falls Municipal Utilities, time of day"
jurisdiction = "City of River Falls, Wisconsin"
rounding = "line-half-up"

[[proration]]
id = "FULL"
fixed = "full"
tiers = "full"
citation = "the example is of a month"
status = "verified"

[[calendar]]
id = "TOD"
period = [{ id = "on", label = "on-peak" }, { id = "off", label = "off-peak" }]
window = [{ period = "on", days = ["mon", "tue", "wed", "thu", "fri"], from = "08:00", to = "20:00" }]
otherwise = "off"
on_holidays = "off"
holiday = [
    { name = "New Year's Day", rule = "fixed", month = 1, day = 1 },
    { name = "Memorial Day", rule = "nth-weekday", month = 5, weekday = "mon", nth = -1 },
    { name = "Independence Day", rule = "fixed", month = 7, day = 4 },
    { name = "Labor Day", rule = "nth-weekday", month = 9, weekday = "mon", nth = 1 },
    { name = "Thanksgiving Day", rule = "nth-weekday", month = 11, weekday = "thu", nth = 4 },
    { name = "Christmas Day", rule = "fixed", month = 12, day = 25 },
]
citation = "wi-riverfalls.civicplus.com/606/Time-of-Day-Rates, rates as of Sept. 29, 2020"
status = "verified"

[[component]]
id = "CUST"
kind = "fixed"
label = "Customer charge"
group = "customer"
version = [{ from = 2020-01-01, price = "14.00", citation = "88.98 - 675.54 x 0.1110", status = "verified" }]

[[component]]
id = "ENERGY"
kind = "time-of-use"
label = "Energy"
group = "energy"
unit = "kWh"

[[component.version]]
from = 2020-01-01
calendar = "TOD"
period = [{ id = "on", price = "0.1910" }, { id = "off", price = "0.0660" }]
citation = "wi-riverfalls.civicplus.com/606/Time-of-Day-Rates, rates as of Sept. 29, 2020"
status = "verified"

[[schedule]]
id = "TOD"
name = "Residential time of day"
service = "electric"
class = "residential"
eligibility = "Homes."
unit = "kWh"
from = 2020-01-01
proration = "FULL"
components = ["CUST", "ENERGY"]
"""


def of_month(calendar: Calendar, every: list[datetime], share: str) -> dict[datetime, Decimal]:
    """675.54 kWh in the hours of a month, so much of it on-peak, to the watt-hour."""
    on = [moment for moment in every if calendar.period_at(moment) == "on"]
    used: dict[datetime, Decimal] = {}
    for some, part in ((on, Decimal(share)), (sorted(set(every) - set(on)), 1 - Decimal(share))):
        whole = Decimal("675.54") * part
        each = (whole / len(some)).quantize(Decimal("0.001"))
        used |= dict.fromkeys(some, each) | {some[0]: whole - each * (len(some) - 1)}
    return used


@pytest.mark.parametrize(("share", "cents"), [("0.45", 9658), ("0.35", 8814), ("0.30", 8392), ("0.25", 7970)])
def test_the_published_example_of_river_falls(town: Town, tmp_path: Path, share: str, cents: int) -> None:
    """675.54 kWh a month on time of day: $96.58 with 45 % on-peak, then 10, 15 and 20 % of the use moved to
    off-peak (wi-riverfalls.civicplus.com/606/Time-of-Day-Rates). The month has 25 hours on 1 November and
    Thanksgiving, which is off-peak."""
    in_force(town.db, RIVER_FALLS)
    files = Files(town, tmp_path)
    first, last = date(2020, 10, 28), date(2020, 11, 27)
    assert files.agreements((MARIA, "electric", "TOD", "riverfalls", first, METER, 5, "", "")).applied
    files.reads((METER, first, 10_000, "actual", ""), (METER, last, 10_675, "actual", ""))
    book = read_book(RIVER_FALLS).book
    assert book
    used = of_month(book.calendars["TOD"], list(moments(first + timedelta(days=1), last)), share)
    files.hours(METER, first + timedelta(days=1), last, used.__getitem__)
    assert files.run(last).total_cents == cents


def test_demand_is_the_highest_interval_and_says_its_moment(town: Town, tmp_path: Path) -> None:
    """General service, demand, of Gainesville: 9.25 a kW of the highest quarter hour."""
    in_force(town.db, shipped_texts()["gru"])
    files = Files(town, tmp_path)
    moment = datetime(2026, 10, 14, 19, 15, tzinfo=UTC)
    agreed = (MARIA, "electric", "E-GSD", "gru", FIRST, METER, 5, 80, "location=inside")
    assert files.agreements(agreed).applied
    hours = Decimal(30 * 24 + 1)
    files.reads((METER, FIRST, 100, "actual", ""), (METER, LAST, 100 + int(60 * hours / 80), "actual", ""))

    def load_of(at: datetime) -> Decimal:
        return Decimal("21.05") if at == moment else Decimal(15)

    assert files.hours(METER, FIRST + timedelta(days=1), LAST, load_of, 15).applied
    assert files.run(LAST).exceptions == {}
    ((rated, segment),) = files.segments()
    (demand,) = (line for line in segment.lines if line.component == "ED-DEMAND")
    assert (demand.quantity, demand.amount_cents) == (Decimal("84.2"), 77885)
    assert demand.why.inputs == (("measured", "84.2 kW on 2026-10-14 at 15:15, 15 minutes"),)
    assert peak_kw(rated.determinants.intervals) == Decimal("84.2")


def test_a_ratchet_looks_back_on_the_bills_before(town: Town, tmp_path: Path) -> None:
    """80 % of the highest demand of the eleven months before, and the contract's minimum; power factor 0.90
    raises what was measured by five hundredths."""
    text = shipped_texts()["gru"].replace('id = "gru"', 'id = "ratchet"', 1)
    old = 'version = [{ from = 2012-10-01, price = "9.25", citation'
    more = (
        'ratchet_percent = "80", ratchet_months = 11, contract = true, power_factor_target = "0.95", citation'
    )
    assert old in text
    in_force(town.db, text.replace(old, old.removesuffix("citation") + more))
    files = Files(town, tmp_path)
    premise = "location=inside;contract_kw=20;power_factor=0.90"
    first = date(2026, 6, 5)
    agreed = (MARIA, "electric", "E-GSD", "ratchet", first, METER, 6, 1, premise)
    assert files.agreements(agreed).applied
    files.reads((METER, first, 0, "actual", ""))
    value, billed = 0, []
    for kwh in ("40", "10", "30", "16"):
        last = first + timedelta(days=30)
        value += int(Decimal(kwh) * 720)
        files.reads((METER, last, value, "actual", ""))
        files.hours(METER, first + timedelta(days=1), last, lambda _, kwh=kwh: Decimal(kwh))
        assert files.run(last).exceptions.get("missing-read") is None
        *_, (_rated, segment) = files.segments()
        billed.append(next(line.quantity for line in segment.lines if line.component == "ED-DEMAND"))
        first = last
    assert billed == [Decimal("42.00"), Decimal("32.0"), Decimal("32.0"), Decimal("32.0")]
    assert len(files.segments()) == 4


def test_missing_hours_wait_with_their_days_and_are_billed_when_they_come(files: Files) -> None:
    nights(files)
    files.hours(METER, FIRST + timedelta(days=1), date(2026, 10, 19), flat)
    files.hours(METER, date(2026, 10, 23), LAST, flat)
    assert files.run(LAST).exceptions == {"missing-read": 1}
    sentence = files.found()["electric", "missing-read"]
    assert sentence.startswith("Hours of meter E1000000 are missing: 2026-10-20 to 2026-10-22.")
    assert files.rows(billing.bill_segment) == []
    files.hours(METER, date(2026, 10, 20), date(2026, 10, 22), flat)
    assert files.run(LAST).bills == 1


def test_without_any_hours_nothing_is_made_up(files: Files) -> None:
    nights(files)
    assert files.run(LAST).exceptions == {"missing-read": 1}
    assert "2026-10-06 to 2026-11-04" in files.found()["electric", "missing-read"]


def test_an_hour_that_nobody_measured_marks_the_bill(files: Files) -> None:
    nights(files)
    files.hours(METER, FIRST + timedelta(days=1), LAST, flat)
    gone = datetime(2026, 10, 14, 19, tzinfo=UTC)
    row = (METER, gone.isoformat(), 60, FLAT, "estimated")
    assert files.intervals(row).changed == 1
    files.run(LAST)
    (segment,) = files.rows(billing.bill_segment)
    assert (segment.usage, segment.estimated) == ("901.25", 1)


def test_hours_that_do_not_come_to_the_reads_wait(files: Files) -> None:
    nights(files)
    files.hours(METER, FIRST + timedelta(days=1), LAST, lambda _: Decimal("1.3"))
    assert files.run(LAST).exceptions == {"read-refused": 1}
    assert "come to 937.3, its reads to 901" in files.found()["electric", "read-refused"]


def test_an_old_bill_comes_out_the_same_whatever_becomes_of_the_hours(files: Files) -> None:
    nights(files)
    files.hours(METER, FIRST + timedelta(days=1), LAST, flat)
    files.run(LAST)
    ((before, _),) = files.segments()
    with files.town.db.write() as connection:
        connection.execute(billing.interval_use.delete())
    ((after, segment),) = files.segments()
    assert after == before
    (row,) = files.rows(billing.bill)
    assert segment.total_cents == row.total_cents


def test_the_bill_is_read_with_its_hours(files: Files) -> None:
    nights(files)
    files.agreements((MARIA, "water", "W-RES", "tallahassee", FIRST, "W1000000", 5, 100, PREMISE))
    files.reads(("W1000000", FIRST, 10, "actual", ""), ("W1000000", LAST, 20, "actual", ""))
    files.hours(METER, FIRST + timedelta(days=1), LAST, flat)
    files.hours("W1000000", LAST, LAST, lambda at: Decimal(at.hour))
    files.run(LAST)
    (row,) = files.rows(billing.bill)
    with files.town.db.read() as connection:
        bill = bill_view(connection, "main", MARIA, row.bill_id)
        view = billing_view(connection, "main", MARIA, LAST)
    assert view.newest == bill
    electric, water = bill.hours
    assert (electric.service, electric.unit, electric.minutes) == ("electric", "kWh", 60)
    assert sum(one.quantity for one in electric.intervals()) == Decimal("901.25")
    assert sum(one.starts_at.date() == date(2026, 11, 1) for one in electric.intervals()) == 25
    assert [one.quantity for one in water.intervals()] == [Decimal(hour) for hour in range(24)]
    assert type(bill).model_validate_json(bill.model_dump_json()) == bill


def test_a_month_is_compared_by_period_of_the_day(files: Files) -> None:
    """No price changed, though the hours of the two months lie on other weekdays."""
    nights(files)
    later = date(2026, 11, 25)
    files.hours(METER, FIRST + timedelta(days=1), LAST, flat)
    files.run(LAST)
    files.reads((METER, later, 74_571 + 1008, "actual", ""))
    files.hours(METER, LAST + timedelta(days=1), later, lambda _: Decimal(2))
    files.run(later)
    with files.town.db.read() as connection:
        view = billing_view(connection, "main", MARIA, later)
    assert view.newest
    (cause,) = view.newest.causes
    assert (cause.against, cause.rate_cents, cause.fuel_cents) == ("previous", 0, 0)
    assert cause.total_cents == view.bills[0].total_cents - view.bills[1].total_cents


def test_a_rate_load_is_simulated_on_the_hours_of_other_days(files: Files) -> None:
    nights(files)
    files.hours(METER, FIRST + timedelta(days=1), LAST, flat)
    files.run(LAST)
    (row,) = files.rows(billing.bill)
    book = read_book(shipped_texts()["tallahassee"]).book
    assert book
    begins_on = date(2027, 10, 1)
    with files.town.db.write() as connection:
        found = simulate_book(
            connection, "main", book.digest, LAST.replace(day=1), "ben", NOW, begins_on=begins_on
        )
    compared = found.schedules["E-NW"]
    assert (found.refused_count, compared.segments, compared.before_cents) == (0, 1, row.total_cents)
    assert compared.after_cents > 0


def test_a_bill_by_the_hour_is_corrected_by_hours(files: Files) -> None:
    """No read says in which hours its use was: taken back, given its right hours, it is billed again."""
    nights(files)
    files.hours(METER, FIRST + timedelta(days=1), LAST, flat)
    files.run(LAST)
    (before,) = files.rows(billing.bill)
    town = files.town
    town.clock.now = NOW
    values = {"account": MARIA, "bill": before.number, "reason": "Meter clock was wrong"}
    refused = town.do(CorrectBill.model_validate({**values, "reads": "electric 74000"}))
    assert refused.problem
    assert refused.problem.code == "not-eligible"
    assert "is rated by the hour: cancel the bill without reads" in refused.problem.detail
    correct(town, **values)
    right = {12: Decimal("0.25"), 22: Decimal("2.25")}
    moved = files.hours(METER, FIRST + timedelta(days=1), LAST, lambda at: right.get(at.hour, FLAT))
    assert (moved.applied, moved.changed) == (True, 60)
    run_on = LAST + timedelta(days=1)
    assert files.run(run_on).bills == 1
    *_, after = sorted(files.rows(billing.bill), key=lambda row: row.number)
    assert after.total_cents < before.total_cents


def test_a_year_of_bill_runs_is_what_the_peer_reckons(town: Town, tmp_path: Path) -> None:
    """Reads and hours imported, twelve runs, and each bill rated again: within 0.005 a month of PySAM."""
    name = "both demands and time of use"
    text = import_urdb(json.dumps({"items": [item(name)]})).text
    assert text
    book = read_book(text).book
    assert book
    in_force(town.db, text)
    files = Files(town, tmp_path, UTC)
    first = date(YEAR - 1, 12, 31)
    assert files.agreements((NEIGHBOR, "electric", "URDB", book.book.id, first, "E7", 6, "", "")).applied
    used = dict(zip(moments(date(YEAR, 1, 1), date(YEAR, 12, 31), UTC), load(), strict=True))
    ends = [date(YEAR, month, 1) - timedelta(days=1) for month in range(2, 13)] + [date(YEAR, 12, 31)]
    total = {end: sum(kwh for at, kwh in used.items() if at.date() <= end) for end in ends}
    files.reads(("E7", first, 0, "actual", ""), *(("E7", end, int(total[end]), "actual", "") for end in ends))
    files.hours("E7", date(YEAR, 1, 1), date(YEAR, 12, 31), used.__getitem__)
    for end in ends:
        assert files.run(end).bills == 1
    assert files.found() == {}
    segments = [segment for _, segment in files.segments()]
    assert furthest(segments, peer_months(item(name))) <= PEER_TOLERANCE
