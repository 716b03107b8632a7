"""Tariff books for the tests: the two that ship, and small ones made of a few tables."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources

from csr_console.contracts.tariff import read_book
from csr_console.domain.tariff.book import TariffBook
from csr_console.domain.tariff.determinants import Determinants, ServicePeriod
from csr_console.domain.tariff.rate import rate
from csr_console.domain.tariff.segment import RatedSegment
from csr_console.domain.tariff.taxes import Certificate

CITED = 'citation = "the test"\nstatus = "verified"\n'
HEAD = f"""
[book]
id = "test"
name = "A book of a test"
jurisdiction = "Nowhere"
rounding = "line-half-up"

[[proration]]
id = "FULL"
fixed = "full"
tiers = "full"
{CITED}
"""
APRIL_30_DAYS = ServicePeriod(date(2020, 3, 31), date(2020, 4, 30))


def readable(text: str) -> TariffBook:
    """The book of a text without mistakes."""
    reading = read_book(text)
    assert not reading.mistakes, "\n".join(str(mistake) for mistake in reading.mistakes)
    assert reading.book
    return reading.book


@cache
def shipped(name: str) -> TariffBook:
    return readable(resources.files("csr_console").joinpath("tariffs", f"{name}.toml").read_text("utf-8"))


def attribute(name: str, values: str = "") -> str:
    kind = f"values = [{values}]" if values else 'unit = "each"'
    return f'\n[[attribute]]\nid = "{name}"\nlabel = "{name}"\n{kind}\n'


def component(
    kind: str, version: str, *, name: str = "C", table: str = "", starts: str = "2000-01-01", more: str = ""
) -> str:
    """A component with one version, and whatever `more` follows it."""
    return (
        f'\n[[component]]\nid = "{name}"\nkind = "{kind}"\nlabel = "Charge {name}"\n'
        f'group = "energy"\n{table}\n'
        f"\n[[component.version]]\nfrom = {starts}\n{version}\n{CITED}{more}"
    )


def schedule(
    *components: str,
    service: str = "electric",
    unit: str = "kWh",
    customer_class: str = "residential",
    table: str = "",
) -> str:
    names = ", ".join(f'"{name}"' for name in components)
    proration = "" if "proration" in table else 'proration = "FULL"\n'
    return (
        f'\n[[schedule]]\nid = "S"\nname = "Schedule"\nservice = "{service}"\nclass = "{customer_class}"\n'
        f'eligibility = "Everyone."\nunit = "{unit}"\nfrom = 2000-01-01\n{proration}'
        f"components = [{names}]\n{table}\n"
    )


def rated(
    book: TariffBook,
    determinants: Determinants,
    *,
    schedule_id: str = "S",
    period: ServicePeriod = APRIL_30_DAYS,
    premise: Mapping[str, str | int | Decimal] | None = None,
    as_of: date = date(2020, 5, 5),
    certificates: tuple[Certificate, ...] = (),
) -> RatedSegment:
    return rate(
        book, schedule_id, period, determinants, premise or {}, as_of=as_of, certificates=certificates
    )


def use(quantity: str | int) -> Determinants:
    return Determinants(usage=Decimal(quantity))


def cents(segment: RatedSegment) -> list[int]:
    return [line.amount_cents for line in segment.lines]
