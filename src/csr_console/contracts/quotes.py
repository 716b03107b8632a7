"""A quote: what a schedule would come to, line by line, without a bill and without a posting."""

from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from csr_console.contracts.views.bills import SegmentView
from csr_console.domain.tariff.book import TariffBook
from csr_console.domain.tariff.determinants import Determinants, ServicePeriod
from csr_console.domain.tariff.rate import rate
from csr_console.domain.tariff.values import Figure, Id

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=60)]
Value = Annotated[str, Field(max_length=60)]


class QuoteRequest(BaseModel):
    """What to rate. Figures are text, so that they stay exact; `from_read_on` is the day of the first read,
    which is no service day itself; `premise` has the attributes the book asks for."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    schedule: Id
    from_read_on: date
    to_read_on: date
    usage: Figure | None = None
    usage_by_period: Annotated[dict[Name, Figure], Field(max_length=12)] = {}
    demand_kw: Figure | None = None
    demand_by_period: Annotated[dict[Name, Figure], Field(max_length=12)] = {}
    past_demand_kw: Annotated[list[Figure], Field(max_length=36)] = []
    contract_kw: Figure | None = None
    power_factor: Figure | None = None
    reactive_kvar: Figure | None = None
    winter_average: Figure | None = None
    premise: Annotated[dict[Name, Value], Field(max_length=40)] = {}

    @model_validator(mode="after")
    def _a_period(self) -> Self:
        days = (self.to_read_on - self.from_read_on).days
        if not 1 <= days <= 400:
            raise ValueError("the second read is 1 to 400 days after the first")
        return self


def quote(book: TariffBook, request: QuoteRequest) -> SegmentView:
    """The segment the request comes to. Raises `Refusal` not-found or not-rated with what is missing."""
    determinants = Determinants(
        usage=request.usage,
        usage_by_period=request.usage_by_period,
        demand_kw=request.demand_kw,
        demand_by_period=request.demand_by_period,
        past_demand_kw=tuple(request.past_demand_kw),
        contract_kw=request.contract_kw,
        power_factor=request.power_factor,
        reactive_kvar=request.reactive_kvar,
        winter_average=request.winter_average,
    )
    period = ServicePeriod(request.from_read_on, request.to_read_on)
    segment = rate(book, request.schedule, period, determinants, request.premise, as_of=request.to_read_on)
    return SegmentView.of(segment)


class BookQuote(QuoteRequest):
    """A quote by one of central's books."""

    book: Id
