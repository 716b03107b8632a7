"""Bills, statements and letters, read back from the PDF."""

import io
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from tests.papers import views

from csr_console.contracts.views.bills import BillingView
from csr_console.papers import words
from csr_console.papers.addressee import Addressee
from csr_console.papers.bill import bill_pdf
from csr_console.papers.heads import WINDOW
from csr_console.papers.letter import arrangement_pdf
from csr_console.papers.sheets import SUBSTITUTE, printable
from csr_console.papers.statement import statement_pdf

LETTERHEAD = ("City Utilities", "435 N Macomb St", "850 555 0100")
LANGUAGES = ("en", "es")
each_language = pytest.mark.parametrize("language", LANGUAGES)
HOSTILE = (
    "<b>Bold</b> & <para> <img src='x'/>",
    "\u202eevil\u202c \x1b[2J\x07\x00",
    "'; DROP TABLE bill; -- {0.__class__} {name} %s %(x)s",
    "x" * 10_000,
    "word " * 2_000,
    "שלום مرحبا 日本語 🏴‍☠️ Nguyễn Łukasz",
    "",
    "(((\\)))",
)


def to(language: str = "en", name: str = "Peter Nuñez", mailing: str = "PO Box 90210") -> Addressee:
    return Addressee.of(views.account_view(name, language, mailing))


def text_of(pdf: bytes) -> str:
    reader = PdfReader(io.BytesIO(pdf), strict=True)
    return "\n".join(page.extract_text() for page in reader.pages)


def pieces_of(pdf: bytes, page: int = 0) -> list[tuple[float, float, str]]:
    """Every text drawn on a page with where it begins."""
    found: list[tuple[float, float, str]] = []

    def see(text: str, _cm: Any, matrix: list[float], _font: Any, _size: float) -> None:
        if text.strip():
            found.append((matrix[4], matrix[5], text.strip()))

    PdfReader(io.BytesIO(pdf)).pages[page].extract_text(visitor_text=see)
    return found


def money_in(text: str) -> list[str]:
    return re.findall(r"\$[\d,]+\.\d\d(?: CR)?", text)


def test_both_languages_have_every_term_with_the_same_parts() -> None:
    english, spanish = words.WORDS["en"], words.WORDS["es"]
    assert english.keys() == spanish.keys()
    for key, term in english.items():
        assert term
        assert spanish[key]
        assert sorted(re.findall(r"{\w+}", term)) == sorted(re.findall(r"{\w+}", spanish[key])), key


@each_language
def test_a_bill_has_every_figure_of_its_view(language: str) -> None:
    view = views.bill_view()
    said = words.Words(words.language_of(language))
    text = text_of(bill_pdf(view, views.billing_view(), to(language), LETTERHEAD))
    figures = money_in(text)
    for segment in view.segments:
        assert said.known("service", segment.service) in text
        assert f"{said('rate')} {segment.schedule}" in text
        assert said.money(segment.total_cents) in figures
        for line in segment.lines:
            assert line.label in text
            assert said.money(line.amount_cents) in figures
    assert figures.count(said.money(view.bill.total_cents)) == 2
    for read in view.reads:
        assert f"{said('meter')} {read.meter}" in text
        assert f"{words.quantity(read.usage)} {read.unit}" in text
    for day in (view.bill.billed_on, view.bill.due_on, view.bill.first_day, view.bill.last_day):
        assert said.day(day) in text
    for line_of_sender in LETTERHEAD:
        assert line_of_sender in text
    assert "6400 gal » 64 cgal" in text


@each_language
def test_the_lines_of_a_bill_on_paper_sum_to_its_total(language: str) -> None:
    view = views.bill_view()
    pdf = bill_pdf(view, None, to(language))
    amounts = [
        piece
        for page in range(len(PdfReader(io.BytesIO(pdf)).pages))
        for x, _, piece in pieces_of(pdf, page)
        if x > 490 and re.fullmatch(r"\$[\d,]+\.\d\d", piece)
    ]
    cents = [int(amount.replace("$", "").replace(",", "").replace(".", "")) for amount in amounts]
    total, services = view.bill.total_cents, sum(segment.total_cents for segment in view.segments)
    lines = sum(line.amount_cents for segment in view.segments for line in segment.lines)
    # The total stands twice, each service once below its lines.
    assert sum(cents) == 2 * total + services + lines
    assert total == services == lines


def test_seven_services_take_two_pages_that_count_themselves() -> None:
    pdf = bill_pdf(views.bill_view(), views.billing_view(), to(), LETTERHEAD)
    pages = PdfReader(io.BytesIO(pdf)).pages
    assert len(pages) == 2
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of 2" in page.extract_text()


@each_language
def test_an_estimate_and_a_figure_that_was_not_found_are_marked(language: str) -> None:
    said = words.Words(words.language_of(language))
    view = views.bill_view(estimated=True)
    text = text_of(bill_pdf(view, None, to(language)))
    assert text.count(said("estimated")) >= 4
    assert said("estimated_note") in text
    marked = sum(line.why.status == "unverified" for segment in view.segments for line in segment.lines)
    assert marked
    assert text.count("†") == marked + sum(segment.unverified for segment in view.segments) + 1
    assert said("estimated_note") not in text_of(bill_pdf(views.bill_view(), None, to(language)))


def test_use_is_compared_with_a_year_ago_and_drawn_for_thirteen_bills() -> None:
    view, billing = views.bill_view(), views.billing_view()
    text = text_of(bill_pdf(view, billing, to()))
    assert "Average daily use: 39.4 kWh · a year ago: 39 kWh" in text
    assert "Electric: use of the last 13 bills, kWh" in text
    pdf = PdfReader(io.BytesIO(bill_pdf(view, billing, to())))
    bars = sum(page.get_contents().get_data().count(b" re f") for page in pdf.pages)  # type: ignore[union-attr]
    assert bars == 3 * 13
    assert "a year ago" not in text_of(bill_pdf(view, None, to()))


def test_the_dials_are_shown_with_their_multiplier_and_how_they_were_read() -> None:
    view = views.bill_view()
    electric, water, gas = view.reads
    reads = [
        electric.model_copy(
            update={"from_value": Decimal(18_204), "to_value": Decimal(19_386), "to_how": "estimated"}
        ),
        water.model_copy(
            update={"from_value": Decimal(812), "to_value": Decimal(876), "from_how": "customer"}
        ),
        gas.model_copy(update={"from_value": Decimal(9_990), "to_value": Decimal(12)}),
    ]
    text = text_of(bill_pdf(view.model_copy(update={"reads": reads}), None, to()))
    assert "Aug 5, 2026: 18,204 – Sep 4, 2026: 19,386 (ESTIMATED) · Use 1,182 kWh" in text
    assert (
        "Aug 5, 2026: 812 (read by the customer) – Sep 4, 2026: 876 · Use 6,400 gal · Multiplier 100" in text
    )
    assert text.count("Multiplier") == 1
    assert "9,990 – Sep 4, 2026: 12 " in text


def test_fuel_stands_apart() -> None:
    assert "Charges without fuel $92.77 · Fuel $34.74 · Taxes $12.87" in text_of(
        bill_pdf(views.bill_view(), None, to())
    )


def test_a_cancelled_bill_says_so() -> None:
    view = views.bill_view(cancelled=True, replaces=views.uuid_of(3))
    text = text_of(bill_pdf(view, None, to()))
    assert words.WORDS["en"]["cancelled"] in text
    assert words.WORDS["en"]["replaces"] in text


@each_language
def test_a_statement_leads_to_the_balance(language: str) -> None:
    view = views.billing_view()
    said = words.Words(words.language_of(language))
    text = text_of(statement_pdf(view, to(language), LETTERHEAD))
    figures = money_in(text)
    for movement in view.movements:
        assert said.known("movement", movement.kind) in text
        assert said.money(movement.cents) in figures
        assert said.money(movement.balance_cents) in figures
    assert said.money(view.movements[-1].balance_cents - view.movements[-1].cents) in figures
    assert figures.count(said.money(view.balance_cents)) == 3
    assert said.money(view.overdue_cents) in figures


def test_a_statement_of_nothing_says_so() -> None:
    empty = views.billing_view(movements=[], balance_cents=0, overdue_cents=0)
    assert words.WORDS["en"]["no_movements"] in text_of(statement_pdf(empty, to()))


def test_a_long_statement_goes_on_with_its_head_on_each_page() -> None:
    billing = views.billing_view()
    many = BillingView.model_validate({**dict(billing), "movements": billing.movements * 60})
    pages = PdfReader(io.BytesIO(statement_pdf(many, to()))).pages
    assert len(pages) == 4
    assert all(views.ACCOUNT in page.extract_text() for page in pages)


@each_language
def test_a_letter_has_its_installments_and_the_day_of_the_promise(language: str) -> None:
    view = views.arrangement()
    said = words.Words(words.language_of(language))
    text = text_of(arrangement_pdf(view, to(language)))
    for item in view.installments:
        assert said.day(item.due_on) in text
    assert money_in(text).count(said.money(14_106)) == 3
    assert sum(item.cents for item in view.installments) == view.total_cents
    assert said.money(view.total_cents) in text
    assert view.broken_on is not None
    assert said.day(view.broken_on) in text
    assert said("arrangement.active") in text
    kept = view.model_copy(update={"state": "kept"})
    assert said("arrangement.kept") in text_of(arrangement_pdf(kept, to(language)))


@each_language
def test_only_the_address_can_show_through_the_window(language: str) -> None:
    left, right, bottom, top = WINDOW
    customer = to(language)
    papers = (
        bill_pdf(views.bill_view(), views.billing_view(), customer, LETTERHEAD * 2),
        statement_pdf(views.billing_view(), customer, LETTERHEAD * 2),
        arrangement_pdf(views.arrangement(), customer, LETTERHEAD * 2),
    )
    for pdf in papers:
        shown = [text for x, y, text in pieces_of(pdf) if left <= x <= right and bottom - 8 <= y <= top]
        assert shown == [customer.name, *customer.mailing]


def test_without_a_mailing_address_it_goes_to_the_premise() -> None:
    assert to(mailing="").mailing == ("1204 W Pensacola St Apt 3", "32304")


@each_language
def test_the_same_paper_has_the_same_bytes(language: str) -> None:
    for make in (
        lambda: bill_pdf(views.bill_view(), views.billing_view(), to(language), LETTERHEAD),
        lambda: statement_pdf(views.billing_view(), to(language), LETTERHEAD),
        lambda: arrangement_pdf(views.arrangement(), to(language), LETTERHEAD),
    ):
        assert make() == make()
    assert bill_pdf(views.bill_view(), None, to("en")) != bill_pdf(views.bill_view(), None, to("es"))


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_only_text_and_stays_in_its_place(hostile: str) -> None:
    customer = Addressee(views.ACCOUNT, hostile, hostile, (hostile, hostile), "en")
    view = views.bill_view()
    line = view.segments[0].lines[0].model_copy(update={"label": hostile})
    segment = view.segments[0].model_copy(
        update={"lines": [line], "notices": [hostile], "schedule": hostile, "service": hostile}
    )
    view = view.model_copy(update={"segments": [segment]})
    movement = views.billing_view().movements[0].model_copy(update={"text": hostile})
    billing = views.billing_view(movements=[movement])
    arrangement = views.arrangement().model_copy(update={"agreed_by": hostile})
    letterhead = (hostile,) * 12
    papers = (
        bill_pdf(view, billing, customer, letterhead),
        statement_pdf(billing, customer, letterhead),
        arrangement_pdf(arrangement, customer, letterhead),
    )
    for pdf in papers:
        reader = PdfReader(io.BytesIO(pdf), strict=True)
        assert len(reader.pages) <= 2
        for page in range(len(reader.pages)):
            for x, y, text in pieces_of(pdf, page):
                assert 0 < x < 612
                assert 0 < y < 792
                assert not set(text) & set("\x00\x07\x1b\u202e\u202c")
    assert view.bill.number
    assert str(view.bill.number) in text_of(papers[0])


def test_markup_is_printed_as_it_is() -> None:
    assert "<b>Bold</b> & <para>" in text_of(bill_pdf(views.bill_view(), None, to(name=HOSTILE[0])))


def test_letters_beyond_the_font_lose_their_marks_and_the_rest_is_seen_to_be_missing() -> None:
    assert printable("Nguyễn Peña Łódź") == f"Nguyen Peña {SUBSTITUTE}ódz"
    assert printable("日本") == SUBSTITUTE * 2
    assert printable("n\u0303") == "ñ"


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=300), st.integers(-(10**11), 10**11), st.decimals(0, 10**9, places=3))
def test_whatever_comes_in_a_bill_comes_out(text: str, cents: int, usage: Decimal) -> None:
    customer = Addressee(views.ACCOUNT, text, text, (text,), "es")
    view = views.bill_view(total_cents=cents)
    month = views.use()[0].model_copy(update={"usage": usage})
    billing = views.billing_view(use=[month, month], balance_cents=cents)
    read = text_of(bill_pdf(view, billing, customer, (text,)))
    assert words.Words("es").money(cents) in read
