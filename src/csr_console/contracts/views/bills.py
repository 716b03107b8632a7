"""Bills as they are read: segments, their lines, and why each line is what it is."""

from datetime import date
from decimal import Decimal
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict

from csr_console.contracts.inert import InertLine, InertText
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
