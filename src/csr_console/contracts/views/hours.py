"""Use by the hour as it is read: what a meter counted in each interval of a bill's period."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from csr_console.contracts.inert import InertLine
from csr_console.domain.tariff.determinants import IntervalUse


class HoursBlock(BaseModel):
    """Intervals without a gap at one offset of the clock; `estimated` are the places of those that nobody
    measured."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    starts_at: AwareDatetime
    values: list[Decimal]
    estimated: list[int] = []


class HoursView(BaseModel):
    """The intervals of a service over the days of a bill; `minutes` is how long each of them is."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    service: InertLine
    meter: InertLine
    unit: InertLine
    minutes: Annotated[int, Field(ge=1, le=60)]
    blocks: list[HoursBlock]

    def intervals(self) -> Iterator[IntervalUse]:
        """Each interval with the clock of its meter, in their order."""
        step = timedelta(minutes=self.minutes)
        for block in self.blocks:
            for place, value in enumerate(block.values):
                yield IntervalUse(block.starts_at + place * step, value, self.minutes)
