"""What the screens of bills say, from views that a test can write down."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csr_console.contracts.views.bills import (
    BillingView,
    BillLine,
    BillView,
    CausesView,
    MovementView,
    UseMonth,
)
from csr_console.screens import bill as bill_screen
from csr_console.screens import movements, usage, why_checks, why_words
from csr_console.screens.figures import change, daily, number, price, quantity, signed, span

NOW = datetime(2026, 9, 1, 18, 0, tzinfo=UTC)
ESCAPE = "\x1b[31m"


def cells_of(row: tuple[Any, ...]) -> list[str]:
    return [getattr(cell, "text", cell) for cell in row]


def line(number: int, **values: Any) -> BillLine:
    document = {
        "bill_id": UUID(int=number),
        "number": number,
        "billed_on": date(2026, 8, 30),
        "due_on": date(2026, 9, 20),
        "first_day": date(2026, 8, 1),
        "last_day": date(2026, 8, 30),
        "total_cents": 15_000,
        "estimated": False,
        "cancelled": False,
        "replaces": None,
        "services": [("electric", 14_000), ("stormwater", 1_000)],
    }
    return BillLine.model_validate({**document, **values})


def movement(entry: int, kind: str, cents: int, **values: Any) -> MovementView:
    document = {
        "entry_id": UUID(int=entry),
        "kind": kind,
        "on": date(2026, 8, 30),
        "posted_at": NOW,
        "text": "Payment, cash",
        "cents": cents,
        "balance_cents": 0,
        "bill": UUID(int=entry) if kind == "bill" else None,
    }
    return MovementView.model_validate({**document, **values})


def use(months_ago: int, kwh: int, **values: Any) -> UseMonth:
    document = {
        "service": "electric",
        "last_day": date(2026, 8, 30) - timedelta(days=30 * months_ago + (5 if months_ago >= 12 else 0)),
        "days": 30,
        "usage": Decimal(kwh),
        "unit": "kWh",
        "estimated": False,
        "cents": kwh * 12,
    }
    return UseMonth.model_validate({**document, **values})


def history(**values: Any) -> BillingView:
    document = {
        "account": "100482771",
        "on": date(2026, 9, 1),
        "balance_cents": 15_000,
        "overdue_cents": 0,
        "bills": [],
        "movements": [],
        "use": [],
        "arrangement": None,
        "newest": None,
    }
    return BillingView.model_validate({**document, **values})


def cause(**values: Any) -> CausesView:
    document = {
        "against": "previous",
        "service": "electric",
        "bill_id": UUID(int=1001),
        "from_day": date(2026, 7, 2),
        "to_day": date(2026, 7, 31),
        "days": 30,
        "days_before": 30,
        "usage": Decimal(903),
        "usage_before": Decimal(800),
        **dict.fromkeys(("days_cents", "use_cents", "rate_cents", "fuel_cents", "taxes_cents"), 0),
        "weather_cents": None,
        "total_cents": 0,
    }
    known = {**document, **values}
    if "total_cents" not in values:
        known["total_cents"] = sum(known[f"{name}_cents"] or 0 for name in why_words.CAUSES)
    return CausesView.model_validate(known)


def bill_of(causes: list[CausesView], **values: Any) -> BillView:
    document = {"account": "100482771", "bill": line(1002), "segments": [], "reads": [], "causes": causes}
    return BillView.model_validate({**document, **values})


def compared(causes: list[CausesView], before_cents: int | None) -> why_words.Comparison:
    bills = [line(1002)]
    if before_cents is not None:
        bills.append(line(1001, total_cents=before_cents, billed_on=date(2026, 7, 31)))
    found = why_words.compare(bill_of(causes), history(bills=bills), "previous")
    assert found is not None
    return found


# Figures.


def test_figures_say_their_sign_and_their_unit() -> None:
    assert [signed(cents) for cents in (2740, -210, 0, 123_456)] == [
        "+$27.40",
        "-$2.10",
        "$0.00",
        "+$1,234.56",
    ]
    assert [number(Decimal(text)) for text in ("1530", "0.0719100", "100")] == ["1,530", "0.07191", "100"]
    assert [price(Decimal(text)) for text in ("11.7", "0.07191", "7")] == ["$11.70", "$0.07191", "$7.00"]
    assert quantity(Decimal("1530.0"), "kWh") == "1,530 kWh"
    assert span(date(2026, 10, 16), date(2026, 11, 18)) == "Oct 16–Nov 18"
    assert daily(Decimal(903), 30) == Decimal("30.1")
    assert daily(Decimal(903), 0) == 0
    assert [change(Decimal(1000), Decimal(to)) for to in (1610, 900, 1001)] == ["+61%", "-10%", "0%"]
    assert change(Decimal(0), Decimal(5)) == ""


# The timeline.


def test_a_read_stands_below_the_bill_of_its_day_and_an_estimate_has_its_sign() -> None:
    view = history(
        bills=[line(1002, estimated=True)],
        movements=[
            movement(1002, "bill", 15_000, balance_cents=15_000),
            movement(7, "payment", -500, on=date(2026, 8, 2)),
        ],
        use=[use(0, 903, estimated=True), use(1, 800)],
    )
    rows = [cells_of(row.cells) for row in movements.rows_of(view, NOW)]
    assert rows == [
        ["Aug 30", "▤ bill", "#1002 Aug 1–Aug 30 ≈", "+$150.00", "$150.00"],
        ["Aug 30", "≈ read est.", "electric 903 kWh", "", ""],
        ["Aug 2", "● payment", "Payment, cash", "-$5.00", "$0.00"],
        ["Jul 31", "○ read", "electric 800 kWh", "", ""],
    ]


def test_a_read_after_an_estimate_is_no_estimate_itself() -> None:
    view = history(use=[use(0, 903, estimated=True, read_how="actual"), use(1, 800, read_how="customer")])
    after, own = movements.rows_of(view, NOW)
    assert cells_of(after.cells)[1] == "○ read"
    assert after.said.endswith("read at the meter; the read before was an estimate.")
    assert cells_of(own.cells)[1] == "◔ own read"


def test_a_cancelled_bill_and_the_one_in_its_place_name_each_other() -> None:
    view = history(
        bills=[line(1003, replaces=UUID(int=1002)), line(1002, cancelled=True)],
        movements=[
            movement(1003, "bill", 15_000),
            movement(9, "reversal", -15_000, reverses=UUID(int=1002), text="Bill 1002 cancelled"),
            movement(1002, "bill", 15_000),
        ],
    )
    new, back, old = movements.rows_of(view, NOW)
    assert cells_of(new.cells)[2] == "#1003 instead of #1002"
    assert cells_of(back.cells)[1:3] == ["↩ reversal", "of bill #1002: Bill 1002 cancelled"]
    assert cells_of(old.cells)[1:3] == ["✗ cancelled", "#1002 cancelled, now #1003"]
    assert (back.linked, old.linked, old.bill) == (UUID(int=1002), UUID(int=9), UUID(int=1002))
    assert movements.linked_bill(view.bills[0], view) == UUID(int=1002)
    assert movements.linked_bill(view.bills[1], view) == UUID(int=1003)


def test_a_payment_taken_back_and_what_took_it_back_are_linked() -> None:
    view = history(
        movements=[
            movement(9, "reversal", 500, reverses=UUID(int=8), text="Returned: no funds"),
            movement(8, "payment", -500, text=f"Payment {ESCAPE}"),
        ]
    )
    back, paid = movements.rows_of(view, NOW)
    assert cells_of(back.cells)[2] == "of payment of Aug 30, 2026: Returned: no funds"
    assert cells_of(paid.cells)[1:3] == ["✗ returned", "back Sep 1: Payment \ufffd[31m"]
    assert (back.linked, paid.linked) == (UUID(int=8), UUID(int=9))
    assert paid.said == "Taken back Sep 1, 2026: Returned: no funds. It was: Payment \ufffd[31m"


def test_what_an_older_entry_took_back_is_said_without_a_name() -> None:
    (row,) = movements.rows_of(history(movements=[movement(9, "reversal", 5, reverses=UUID(int=1))]), NOW)
    assert cells_of(row.cells)[2].startswith("of an earlier entry")


# Use.


def test_thirteen_months_stand_beside_the_same_month_of_the_year_before() -> None:
    shown = usage.months([use(ago, 900 + ago) for ago in range(25)], "electric")
    assert len(shown) == 13
    assert shown[-1].use.usage == 900
    assert shown[-1].before is not None
    assert shown[-1].before.usage == 912
    newest, *_, oldest = usage.table_rows(shown)
    assert cells_of(newest)[:6] == ["Aug 30, 2026", "30", "900 kWh", "30", "912", "-1%"]
    assert cells_of(oldest)[4] == "924"


def test_the_chart_and_its_table_are_of_one_service_and_mark_estimates() -> None:
    water = use(0, 5400, service="water", unit="gal")
    known = [use(0, 903), water, use(1, 800, estimated=True)]
    assert usage.services_of(known) == ["electric", "water"]
    shown = usage.months(known, "electric")
    assert [cells_of(row)[7] for row in usage.table_rows(shown)] == ["actual", "≈ est."]
    assert "Jul≈" in usage.chart(shown, 76, 6)[-1].plain
    assert usage.legend(shown, "electric").startswith("Electric, kWh a bill")


# Why.


@given(st.lists(st.integers(-50_000, 50_000), min_size=6, max_size=6), st.integers(0, 50_000))
def test_the_steps_go_from_one_bill_to_the_other_to_the_cent(cents: list[int], before: int) -> None:
    known = dict(zip((f"{name}_cents" for name in why_words.CAUSES), cents, strict=True))
    found = compared([cause(**known)], before)
    first, *between, last = why_words.steps(found)
    assert (first.value, last.value) == (before, 15_000)
    assert first.value + sum(step.value for step in between) == last.value
    assert sum(amount for _, amount in found.parts()) == found.total_cents == 15_000 - before


def test_the_sentence_names_what_is_not_nothing_and_says_which_way() -> None:
    causes = [cause(days=34, days_cents=620, use_cents=1890, rate_cents=-40, taxes_cents=270)]
    found = compared(causes, 15_000 - 2740)
    assert why_words.sentence(found) == (
        "Your bill is $27.40 higher than the one of Jul 31, 2026: 4 more days $6.20, more use a day $18.90,"
        " lower prices minus $0.40, taxes $2.70."
    )
    assert why_words.sentence(found, "es") == (
        "Su factura es $27.40 más alta que la del 31 de jul de 2026: 4 días más $6.20,"
        " más consumo por día $18.90, precios más bajos menos $0.40, impuestos $2.70."
    )


def test_services_without_use_are_a_cause_of_their_own() -> None:
    found = compared([cause(use_cents=-500)], 15_000 - 200)
    assert found.other_cents == 700
    assert "less use a day minus $5.00, other services $7.00" in why_words.sentence(found)
    assert any("other" in line and "+$7.00" in line for line in why_words.by_service(found))


def test_a_bill_that_came_to_as_much_says_so_and_a_lower_one_is_lower() -> None:
    assert why_words.sentence(compared([cause()], 15_000)) == (
        "Your bill comes to as much as the one of Jul 31, 2026."
    )
    assert "is $1.00 lower" in why_words.sentence(compared([cause(days=29, days_cents=-100)], 15_100))


def test_the_other_bill_may_be_too_old_for_the_list() -> None:
    found = compared([cause(use_cents=300)], None)
    first, *_, last = why_words.steps(found)
    assert (first.value, last.value, found.other_cents) == (14_700, 15_000, 0)


@pytest.mark.parametrize(
    ("days", "said"),
    [(4, "4 more days"), (1, "1 more day"), (0, "as many days"), (-1, "1 day fewer"), (-3, "3 fewer days")],
)
def test_days_are_counted_in_words(days: int, said: str) -> None:
    assert why_words.label("days", days * 100, days) == said


def test_there_is_no_comparison_without_another_bill() -> None:
    assert why_words.compare(bill_of([]), history(), "last_year") is None
    assert any(check.text.startswith("Weather") for check in why_checks.checks(bill_of([]), None, None))


def weather(cooling: int, before: int, use: str | None, **values: Any) -> dict[str, Any]:
    document = {
        "heating": 0,
        "heating_before": 3,
        "cooling": cooling,
        "cooling_before": before,
        "heating_use": None if use is None else "-1.5",
        "cooling_use": use,
        "why": "22.00 kWh a day and so on",
    }
    return {**document, **values}


HOTTER = {"weather_cents": 1820, "weather": weather(312, 241, "91.5")}


def test_weather_is_a_part_of_the_sentence_and_of_the_waterfall() -> None:
    water = cause(service="water", use_cents=0)
    found = compared([cause(use_cents=300, days_cents=400, **HOTTER), water], 15_000 - 2520)
    assert why_words.sentence(found) == (
        "Your bill is $25.20 higher than the one of Jul 31, 2026: as many days $4.00, hotter weather $18.20,"
        " more use a day $3.00. It was hotter: 312 cooling degree days against 241."
    )
    assert why_words.sentence(found, "es").endswith(
        "más calor $18.20, más consumo por día $3.00."
        " Hizo más calor: 312 grados-día de refrigeración contra 241."
    )
    assert [step.label for step in why_words.steps(found)][1:4] == [
        "as many days",
        "hotter weather",
        "more use a day",
    ]
    head, row, other = why_words.by_service(found)
    assert head.split() == ["days", "weather", "use", "together"]
    assert row.split() == ["electric", "+$4.00", "+$18.20", "+$3.00", "+$25.20"]
    assert other.split() == ["water", "$0.00", "–", "$0.00", "$0.00"]


@pytest.mark.parametrize(
    ("heating_use", "cooling_use", "said", "spanish"),
    [
        ("0", "9", "It was hotter: 312 cooling", "Hizo más calor: 312 grados-día de refrigeración"),
        ("3", "-9", "It was less hot: 312 cooling", "Hizo menos calor: 312"),
        ("9", "-3", "It was colder: 40 heating", "Hizo más frío: 40 grados-día de calefacción"),
        ("-9", "3", "It was less cold: 40 heating", "Hizo menos frío: 40"),
    ],
)
def test_the_weather_is_told_by_what_moved_the_use_most(
    heating_use: str, cooling_use: str, said: str, spanish: str
) -> None:
    values = weather(312, 241, cooling_use, heating="40.2", heating_use=heating_use)
    gas = cause(service="gas", weather_cents=-20, weather=weather(9, 9, "5"))
    found = compared([gas, cause(days=34, weather_cents=500, weather=values)], 14_000)
    assert f"{said} degree days in 34 days against" in why_words.sentence(found)
    assert spanish in why_words.sentence(found, "es")


def test_a_part_of_the_weather_that_is_not_claimed_is_not_said() -> None:
    unclaimed = cause(use_cents=300, weather=weather(312, 241, None, why="9 bills before it"))
    found = compared([unclaimed], 14_700)
    assert "It was" not in why_words.sentence(found)
    assert "weather" not in [name for name, _ in found.parts()]
    checked = [check for check in why_checks.checks(bill_of([]), None, found) if "Weather" in check.text]
    assert [(check.mark, check.text) for check in checked] == [
        ("?", "Weather, electric: nothing is claimed of it: 9 bills before it. Ask")
    ]
    nothing = compared([cause(weather_cents=0, weather=weather(312, 312, "0", heating_use="0"))], 15_000)
    assert why_words.sentence(nothing) == "Your bill comes to as much as the one of Jul 31, 2026."
    assert why_words.steps(nothing)[2].label == "weather"


def test_use_is_told_at_the_weather_of_before() -> None:
    then, now = use(1, 800, last_day=date(2026, 7, 31)), use(0, 903)
    found = compared([cause(use_cents=300)], 14_700)
    assert why_checks.use_lines(found, history(use=[now, then])) == [
        "electric: 26.7 kWh a day then, 30.1 now +13%"
    ]
    assert [
        check.mark for check in why_checks.checks(bill_of([]), None, found) if "no degree days" in check.text
    ] == ["?"]
    hot = compared([cause(use_cents=300, **HOTTER)], 15_000 - 2120)
    assert why_checks.use_lines(hot, history(use=[now, then]))[1:] == [
        "  weather: 241 cooling, 3 heating degree days then, 312 and 0 now",
        "  at the weather then 27.1 kWh a day +1%",
    ]
    (check,) = [one for one in why_checks.checks(bill_of([]), None, hot) if one.text.startswith("Weather")]
    assert (check.mark, check.text) == (
        "!",
        "Weather, electric: +$18.20, 27.1 a day at the weather then: 22.00 kWh a day and so on",
    )


def marked(view: BillingView, bill: BillView) -> dict[str, str]:
    return {check.text.split(":")[0]: check.mark for check in why_checks.checks(bill, view, None)}


def test_use_is_unusual_when_far_from_the_average_and_nothing_at_all_is_told_apart() -> None:
    steady = [use(ago, 900 + 10 * (ago % 2)) for ago in range(1, 13)]
    bill = bill_of([])
    assert marked(history(use=[use(0, 1800), *steady]), bill)["Electric"] == "!"
    assert marked(history(use=[use(0, 910), *steady]), bill)["Electric"] == "✓"
    assert marked(history(use=[use(0, 960), *steady]), bill)["Electric"] == "!"  # three deviations
    assert marked(history(use=[use(0, 1800), *steady[:3]]), bill)["Electric"] == "?"
    nothing = why_checks.checks(bill, history(use=[use(0, 0), *steady]), None)
    assert any("counted nothing" in check.text and check.mark == "!" for check in nothing)


@pytest.mark.parametrize(
    ("begin", "end", "read_mark", "true_up"),
    [
        ("actual", "actual", "✓", "✓ The bill before was not estimated"),
        (
            "estimated",
            "actual",
            "✓",
            "! The bill before was ≈ estimated (electric): this read makes up for it",
        ),
        (
            "estimated",
            "estimated",
            "!",
            "! The bill before was ≈ estimated, too: the next read makes up for both",
        ),
        ("actual", "customer", "!", "✓ The bill before was not estimated"),
    ],
)
def test_an_estimate_is_told_apart_from_the_read_that_makes_up_for_it(
    begin: str, end: str, read_mark: str, true_up: str
) -> None:
    read = {
        "service": "electric", "meter": "E1", "from_on": "2026-07-31", "to_on": "2026-08-30",
        "usage": "903", "unit": "kWh", "estimated": "estimated" in (begin, end),
        "from_value": "100", "to_value": "1003", "from_how": begin, "to_how": end,
    }  # fmt: skip
    first, *rest = why_checks.checks(bill_of([], reads=[read]), None, None)
    assert first.mark == read_mark
    assert true_up in [f"{check.mark} {check.text}" for check in rest]


def by_the_hour(*values: str, minutes: int = 60) -> dict[str, Any]:
    block = {"starts_at": "2026-08-20T00:00:00-04:00", "values": list(values)}
    return {"service": "water", "meter": "W1", "unit": "gal", "minutes": minutes, "blocks": [block]}


@pytest.mark.parametrize(
    ("values", "minutes", "said"),
    [
        (["4.5", "9"] * 30, 60, "! Water ran around the clock, Aug 20–Aug 22, never below 4.5 gal an hour"),
        (["2", "1.25"] * 48, 15, "! Water ran around the clock, Aug 20–Aug 20, never below 5 gal an hour"),
        (["4"] * 23 + ["0"] + ["4"] * 23, 60, "✓ Water came to a stop in every day and night"),
        (["0"] * 48, 60, "✓ Water came to a stop in every day and night"),
    ],
)
def test_water_that_never_stops_is_a_leak(values: list[str], minutes: int, said: str) -> None:
    bill = bill_of([], hours=[by_the_hour(*values, minutes=minutes)])
    found = [f"{check.mark} {check.text}" for check in why_checks.checks(bill, None, None)]
    assert any(one.startswith(said) for one in found), found


def test_without_water_by_the_hour_the_caller_is_asked() -> None:
    electric = by_the_hour("4") | {"service": "electric"}
    for hours in ([], [electric]):
        found = why_checks.checks(bill_of([], hours=hours), None, None)
        assert any(check.mark == "?" and "no interval data here" in check.text for check in found)


# A bill.


def test_a_bill_reads_service_by_service_and_each_line_has_its_reason() -> None:
    why = {
        "rule": f"book/E{ESCAPE}",
        "policy": "TAX-01",
        "citation": "where it stands",
        "status": "unverified",
        "inputs": [("use", "903 kWh")],
        "arithmetic": "903 × 0.07 = 63.21",
    }
    values = {
        "kind": "charge", "component": "E", "part": "", "label": "Energy", "group": "energy",
        "first_day": "2026-08-01", "last_day": "2026-08-30", "quantity": "903", "unit": "kWh",
        "price": "0.07", "amount_cents": 6321, "why": why,
    }  # fmt: skip
    segment = {
        "book": "b", "book_digest": "d" * 64, "schedule": "E-RES", "service": "electric",
        "first_day": "2026-08-01", "last_day": "2026-08-30", "days": 30, "estimated": True,
        "unverified": True, "lines": [values], "notices": ["A certificate has lapsed."],
        "charges_cents": 6321, "taxes_cents": 0, "total_cents": 6321,
    }  # fmt: skip
    head, energy, notice, total = bill_screen.rows_of(bill_of([], segments=[segment]))
    assert cells_of(head.cells) == ["electric E-RES, 30 days ≈", "", "", "$63.21", ""]
    assert cells_of(energy.cells) == ["  Energy", "903 kWh", "$0.07", "$63.21", "△"]
    assert "lapsed" in cells_of(notice.cells)[0]
    assert cells_of(total.cells)[3] == "$150.00"
    said = bill_screen.why_text(energy, 76).plain
    assert "Rule    book/E\ufffd[31m · TAX-01" in said
    assert "903 × 0.07 = 63.21" in said
    assert "unverified" in said
    assert "Sum     charges $63.21 + taxes $0.00 = $63.21" in bill_screen.why_text(head, 76).plain
    assert bill_screen.why_text(None, 76).plain == ""


def test_a_long_source_goes_on_under_its_first_word() -> None:
    row = bill_screen.Row((), (("Source", "a page of the city " * 8),))
    first, *rest = bill_screen.why_text(row, 60).plain.split("\n")
    assert first.startswith("Source  a page")
    assert rest
    assert all(line.startswith(" " * bill_screen.LABEL) and len(line) <= 60 for line in rest)
