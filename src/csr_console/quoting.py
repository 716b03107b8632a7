"""`csr-console quote`: a tariff book's answer on the command line."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from csr_console.contracts.quotes import QuoteRequest, quote
from csr_console.contracts.tariff import read_book
from csr_console.contracts.tariff.reader import refusal_text
from csr_console.contracts.views.bills import SegmentView
from csr_console.domain.money import dollars_text
from csr_console.domain.refusals import Refusal
from csr_console.domain.tariff.book import TariffBook

_OPTIONS = {
    "from_read_on": "--from",
    "to_read_on": "--to",
    "demand_kw": "--demand",
    "usage_by_period": "--in",
}


def quote_text(
    path: Path, given: dict[str, Any], use_in: Iterable[str], premise: Iterable[str], *, as_json: bool
) -> str:
    """The quote as JSON or as text. Raises `ValueError` with the sentence for whatever is wrong."""
    book = _book(path)
    pairs = {"usage_by_period": _pairs(use_in, "--in"), "premise": _pairs(premise, "--premise")}
    try:
        segment = quote(book, QuoteRequest.model_validate(given | pairs))
    except ValidationError as error:
        item = error.errors(include_url=False, include_input=False)[0]
        name = str(item["loc"][0]) if item["loc"] else "--from and --to"
        option = _OPTIONS.get(name, name if name.startswith("--") else f"--{name}")
        raise ValueError(f"{option}: {item['msg'].removeprefix('Value error, ')}.") from None
    except Refusal as refusal:
        raise ValueError(refusal.sentence) from None
    return segment.model_dump_json(indent=2) if as_json else _page(book, segment)


def _book(path: Path) -> TariffBook:
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not UTF-8 text: save it as UTF-8.") from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {(error.strerror or 'input error').lower()}.") from None
    reading = read_book(text)
    if reading.book is None:
        raise ValueError(refusal_text(reading.mistakes, path.name))
    return reading.book


def _pairs(items: Iterable[str], option: str) -> dict[str, str]:
    pairs = {}
    for item in items:
        name, equals, value = item.partition("=")
        if not equals or not name or not value:
            raise ValueError(f"{option}: write name=value.")
        pairs[name] = value
    return pairs


def _page(book: TariffBook, segment: SegmentView) -> str:
    schedule = book.get_schedule(segment.schedule)
    rows = [
        f"{book.book.name}: {schedule.name} ({segment.schedule})",
        f"{segment.days} days, {segment.first_day} to {segment.last_day}",
        "",
    ]
    for line in segment.lines:
        rows.append(f"{line.label:<52}{dollars_text(line.amount_cents):>12}")
        rows.append(f"    {line.why.arithmetic}")
        rows.append(f"    {line.why.rule}: {line.why.citation}")
    rows += ["", f"{'Total':<52}{dollars_text(segment.total_cents):>12}"]
    return "\n".join((*rows, *segment.notices))
