"""What a bill on paper has to tell beside its lines, read back from the PDF."""

from datetime import date, timedelta
from typing import Any

import pytest
from tests.papers import views
from tests.papers.test_pdfs import LETTERHEAD, each_language, text_of, to

from csr_console.contracts.views.bills import BillingView, BillView, MovementView
from csr_console.papers import notices, words
from csr_console.papers.bill import bill_pdf

PLACES = ("City Hall, 300 S Adams St, 850 555 0100", "Library, www.example.gov/pay")


def flat(pdf: bytes) -> str:
    return " ".join(text_of(pdf).split())


def estimated(view: BillView, service: str = "water") -> BillView:
    """The bill with the read at the end of one service estimated."""
    reads = [
        one.model_copy(update={"to_how": "estimated" if one.service == service else "actual"})
        for one in view.reads
    ]
    return view.model_copy(update={"reads": reads})


def history(view: BillView, months_ago: dict[int, str], service: str = "water") -> BillingView:
    """The history with how some earlier reads of a service were found, by months before the bill."""
    billing = views.billing_view()
    use = [
        month.model_copy(
            update={
                "read_how": months_ago.get((view.bill.last_day - month.last_day).days // 30, "actual")
                if month.service == service
                else "actual"
            }
        )
        for month in billing.use
    ]
    return billing.model_copy(update={"use": use})


@each_language
def test_fuel_that_a_tax_leaves_out_stands_apart(language: str) -> None:
    """The gross receipts tax takes fuel in, the public service tax does not."""
    view = views.bill_view()
    electric = next(one for one in view.segments if one.service == "electric")
    assert notices.untaxed_fuel(electric) == {"Public service tax, electric": 3474}
    said = words.Words(words.language_of(language))("untaxed_fuel", money="$34.74")
    assert flat(bill_pdf(view, None, to(language))).count(said) == 1
    for service in ("water", "stormwater"):
        segment = next(one for one in view.segments if one.service == service)
        assert notices.untaxed_fuel(segment) == {}


@each_language
def test_the_second_estimate_in_six_months_is_explained(language: str) -> None:
    view = estimated(views.bill_view(estimated=True))
    billing = history(view, {4: "estimated", 2: "customer"})
    ((found),) = notices.repeated_estimates(view, billing)
    assert (found.read.service, found.count) == ("water", 2)
    text = flat(bill_pdf(view, billing, to(language), LETTERHEAD))
    term = words.Words(words.language_of(language))
    known = {"service": term.known("service", "water"), "meter": "W0922817"}
    assert term("estimated_again", count=2, on=term.day(view.bill.last_day), **known) in text
    assert term("estimated_ask") in text


@pytest.mark.parametrize("earlier", [{}, {7: "estimated"}, {3: "customer"}, {0: "estimated"}])
def test_one_estimate_in_six_months_needs_no_explanation(earlier: dict[int, str]) -> None:
    """The bill's own read, one of seven months ago and a customer's own read do not count."""
    view = estimated(views.bill_view(estimated=True))
    assert notices.repeated_estimates(view, history(view, earlier)) == []
    assert "estimate number" not in flat(bill_pdf(view, history(view, earlier), to()))
    other = history(view, {2: "estimated"}, service="gas")
    assert notices.repeated_estimates(view, other) == []
    assert notices.repeated_estimates(views.bill_view(), history(view, {2: "estimated"})) == []


def movement(number: int, kind: str, on: date, cents: int, **values: Any) -> MovementView:
    document = {
        "entry_id": views.uuid_of(number),
        "kind": kind,
        "on": on,
        "posted_at": f"{on}T12:00:00Z",
        "text": "",
        "cents": cents,
        "balance_cents": 0,
        "bill": None,
    }
    return MovementView.model_validate(document | values)


def test_late_charges_since_the_bill_before_are_said() -> None:
    view = views.bill_view()
    on = view.bill.billed_on
    before = view.bill.model_copy(update={"number": 1, "billed_on": on - timedelta(days=30)})
    moved = [
        movement(1, "late_charge", on - timedelta(days=31), 1),
        movement(2, "late_charge", on - timedelta(days=9), 500),
        movement(3, "late_charge", on - timedelta(days=8), 20),
        movement(4, "reversal", on - timedelta(days=7), -20, reverses=views.uuid_of(3)),
        movement(5, "late_charge", on + timedelta(days=1), 2),
        movement(6, "payment", on - timedelta(days=6), -900),
    ]
    billing = views.billing_view().model_copy(update={"movements": moved, "bills": [view.bill, before]})
    assert notices.late_charges(view, billing) == 500
    said = words.Words("en")("late_charges", money="$5.00")
    assert f"(As of Sep 8, 2026), {said}" in flat(bill_pdf(view, billing, to()))
    assert "late charges of" not in flat(bill_pdf(view, None, to()))


@each_language
def test_where_to_pay_without_a_surcharge_stands_on_the_bill(language: str) -> None:
    head = words.Words(words.language_of(language))("pay_places")
    view, billing = views.bill_view(), views.billing_view()
    text = text_of(bill_pdf(view, billing, to(language), LETTERHEAD, PLACES))
    assert "\n".join((head, *PLACES)) in text
    assert head not in text_of(bill_pdf(view, billing, to(language), LETTERHEAD))
    hostile = ("\x1b[2J\u202ex" * 2000,) * 40
    assert "\x1b" not in text_of(bill_pdf(view, billing, to(language), LETTERHEAD, hostile))


@each_language
def test_a_bill_has_all_that_the_rule_asks(language: str) -> None:
    """The list of F.A.C. 25-6.100 and 25-30.335, item by item."""
    view = estimated(views.bill_view(estimated=True))
    billing = views.billing_view(newest=view)
    text = flat(bill_pdf(view, billing, to(language), LETTERHEAD, PLACES))
    term = words.Words(words.language_of(language))
    for key in (
        "total_bill", "rate", "period", "read_days", "due_on", "delinquent_after", "use_a_day", "last_year",
        "conversion", "estimated", "charges", "fuel", "taxes", "balance", "pay_places", "meter",
    ):  # fmt: skip
        assert term(key) in text, key
    for line in (*LETTERHEAD, *PLACES, *(one.schedule for one in view.segments)):
        assert line in text
