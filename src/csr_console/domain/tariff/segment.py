"""A rated bill segment: lines in whole cents, each with the reason for it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from csr_console.domain.tariff.values import Status

LineKind = Literal["charge", "tax"]


class Why(NamedTuple):
    """Why a line is what it is: the version of the rule, its source, what went in and the arithmetic.

    `rule` names book, component and version (`gru/E-ENERGY@2014-10-01`); `policy` the rule of a catalogue
    that it follows (`TAX-01`), or nothing.
    """

    rule: str
    policy: str
    citation: str
    status: Status
    inputs: tuple[tuple[str, str], ...]
    arithmetic: str


class RatedLine(NamedTuple):
    """One line: `exact` is the amount in dollars before it was rounded half-up to `amount_cents`.

    `part` tells lines of one component apart: a tier, a period of the day. `first_day` and `last_day` are the
    service days it is for. `quantity` and `price` stay None where there is no such thing.
    """

    kind: LineKind
    component: str
    part: str
    label: str
    group: str
    first_day: date
    last_day: date
    quantity: Decimal | None
    unit: str
    price: Decimal | None
    exact: Decimal
    amount_cents: int
    why: Why


@dataclass(frozen=True, slots=True)
class RatedSegment:
    """One service over one period. Its total is the sum of its rounded lines."""

    book: str
    book_digest: str
    schedule: str
    service: str
    customer_class: str
    first_day: date
    last_day: date
    days: int
    estimated: bool
    lines: tuple[RatedLine, ...]
    notices: tuple[str, ...] = ()
    """What a clerk has to know: a certificate that exempts, or one that has lapsed."""

    @property
    def charges_cents(self) -> int:
        return sum(line.amount_cents for line in self.lines if line.kind == "charge")

    @property
    def taxes_cents(self) -> int:
        return sum(line.amount_cents for line in self.lines if line.kind == "tax")

    @property
    def total_cents(self) -> int:
        return sum(line.amount_cents for line in self.lines)

    @property
    def unverified(self) -> bool:
        """Whether any line rests on a figure that was not found in its source."""
        return any(line.why.status == "unverified" for line in self.lines)

    def cents_by_component(self) -> dict[str, int]:
        """The amount of each component and tax, in the order of the bill."""
        amounts: dict[str, int] = {}
        for line in self.lines:
            amounts[line.component] = amounts.get(line.component, 0) + line.amount_cents
        return amounts

    def cents_by_group(self) -> dict[str, int]:
        """The amount of each group (energy, fuel, ...), taxes under `tax`, in the order of the bill."""
        amounts: dict[str, int] = {}
        for line in self.lines:
            amounts[line.group] = amounts.get(line.group, 0) + line.amount_cents
        return amounts
