"""Bills as they are read: segments, their lines, and why each line is what it is."""

from datetime import date
from decimal import Decimal
from typing import Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from csr_console.contracts.inert import InertLine, InertText
from csr_console.contracts.views.budget import BudgetBillView, BudgetView
from csr_console.contracts.views.hours import HoursView
from csr_console.domain.tariff.segment import RatedLine, RatedSegment


class _View(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class WhyView(_View):
    """The rule a line follows, its source, what went in, and the arithmetic in words."""

    rule: InertLine
    policy: InertLine
    citation: InertText
    status: Literal["verified", "unverified"]
    inputs: list[tuple[InertLine, InertLine]]
    arithmetic: InertText


class LineView(_View):
    """One line of a segment; `quantity` and `price` are exact figures or None."""

    kind: Literal["charge", "tax"]
    component: InertLine
    part: InertLine
    label: InertLine
    group: InertLine
    first_day: date
    last_day: date
    quantity: Decimal | None
    unit: InertLine
    price: Decimal | None
    amount_cents: int
    why: WhyView

    @classmethod
    def of(cls, line: RatedLine) -> Self:
        why = line.why
        return cls(
            kind=line.kind,
            component=line.component,
            part=line.part,
            label=line.label,
            group=line.group,
            first_day=line.first_day,
            last_day=line.last_day,
            quantity=line.quantity,
            unit=line.unit,
            price=line.price,
            amount_cents=line.amount_cents,
            why=WhyView(
                rule=why.rule,
                policy=why.policy,
                citation=why.citation,
                status=why.status,
                inputs=list(why.inputs),
                arithmetic=why.arithmetic,
            ),
        )


class SegmentView(_View):
    """One service over one period, rated; the lines sum to `total_cents`."""

    book: InertLine
    book_digest: InertLine
    schedule: InertLine
    service: InertLine
    first_day: date
    last_day: date
    days: int
    estimated: bool
    unverified: bool
    lines: list[LineView]
    notices: list[InertText]
    charges_cents: int
    taxes_cents: int
    total_cents: int

    @classmethod
    def of(cls, segment: RatedSegment) -> Self:
        return cls(
            book=segment.book,
            book_digest=segment.book_digest,
            schedule=segment.schedule,
            service=segment.service,
            first_day=segment.first_day,
            last_day=segment.last_day,
            days=segment.days,
            estimated=segment.estimated,
            unverified=segment.unverified,
            lines=[LineView.of(line) for line in segment.lines],
            notices=list(segment.notices),
            charges_cents=segment.charges_cents,
            taxes_cents=segment.taxes_cents,
            total_cents=segment.total_cents,
        )


class WeatherView(_View):
    """The degree days of both periods, base 65 °F. `heating_use` and `cooling_use` are what their change
    accounts for over the later period, in the unit of the service, None where nothing is claimed; `why` is
    by which figures, or why nothing is."""

    heating: Decimal
    cooling: Decimal
    heating_before: Decimal
    cooling_before: Decimal
    heating_use: Decimal | None = None
    cooling_use: Decimal | None = None
    why: InertText


class CausesView(_View):
    """Why a segment came to more or less than another one: causes that sum to `total_cents`.

    `against` is `previous` or `last_year`; the days and the use of both are there to be said. `weather` is
    None where no degree days are known, `weather_cents` where nothing is claimed of them: then the weather
    is within `use_cents`.
    """

    against: Literal["previous", "last_year"]
    service: InertLine
    bill_id: UUID
    from_day: date
    to_day: date
    days: int
    days_before: int
    usage: Decimal | None
    usage_before: Decimal | None
    days_cents: int
    use_cents: int
    rate_cents: int
    fuel_cents: int
    taxes_cents: int
    total_cents: int
    weather_cents: int | None = None
    weather: WeatherView | None = None


ReadHow = Literal["actual", "estimated", "customer"]
"""Read at the meter, estimated, or given by the customer."""


class ReadView(_View):
    """The reads of a metered segment: what the register showed at its two ends and how that was found, None
    where it is not known; `estimated` when either end is."""

    service: InertLine
    meter: InertLine
    from_on: date
    to_on: date
    usage: Decimal
    unit: InertLine
    estimated: bool
    from_value: Decimal | None = None
    to_value: Decimal | None = None
    from_how: ReadHow | None = None
    to_how: ReadHow | None = None


class BillLine(_View):
    """A bill in a list. `services` are the cents of each service in the order of the bill, `budget_cents`
    what it asked under a budget plan, None where it asked for itself."""

    bill_id: UUID
    number: int
    billed_on: date
    due_on: date
    first_day: date
    last_day: date
    total_cents: int
    estimated: bool
    cancelled: bool
    replaces: UUID | None
    services: list[tuple[InertLine, int]]
    budget_cents: int | None = None


class BillView(_View):
    """One bill whole: its segments with every line's reason, its reads, why it differs from the one before
    and from the same month of last year, and its use by the hour where meters tell it."""

    account: InertLine
    bill: BillLine
    segments: list[SegmentView]
    reads: list[ReadView]
    causes: list[CausesView]
    hours: list[HoursView] = []
    budget: BudgetBillView | None = None


MovementKind = Literal[
    "opening", "bill", "payment", "late_charge", "returned_item", "adjustment", "application", "reversal"
]


class MovementView(_View):
    """One line of a customer's ledger: what moved the balance on a day, and what the balance was then.

    A reversal names the movement that it takes back in `reverses`.
    """

    entry_id: UUID
    kind: MovementKind
    on: date
    posted_at: AwareDatetime
    text: InertText
    cents: int
    balance_cents: int
    bill: UUID | None
    reverses: UUID | None = None


class UseMonth(_View):
    """The metered use of one bill, for the chart; `estimated` when a read at either end of it is, `read_how`
    is the one at its end. `degree_days` is heating and cooling together, None where no weather is known."""

    service: InertLine
    last_day: date
    days: int
    usage: Decimal
    unit: InertLine
    estimated: bool
    cents: int
    degree_days: Decimal | None = None
    read_how: ReadHow | None = None


class InstallmentView(_View):
    number: int
    due_on: date
    cents: int
    paid_cents: int


class ArrangementView(_View):
    """A payment arrangement; `broken_on` is the day its promise counts as broken if nothing more comes in."""

    arrangement_id: UUID
    agreed_on: date
    agreed_by: InertLine
    state: Literal["active", "kept", "broken"]
    total_cents: int
    installments: list[InstallmentView]
    broken_on: date | None


class BillingView(_View):
    """An account's money: bills, movements and use, the newest first; the balance is the ledger's of `on`."""

    account: InertLine
    on: date
    balance_cents: int
    overdue_cents: int
    bills: list[BillLine]
    movements: list[MovementView]
    use: list[UseMonth]
    arrangement: ArrangementView | None
    newest: BillView | None
    budget: BudgetView | None = None
