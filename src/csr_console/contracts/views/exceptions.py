"""What bill runs found, as a work list."""

from datetime import date

from pydantic import AwareDatetime, BaseModel, ConfigDict

from csr_console.contracts.inert import InertLine, InertText
from csr_console.domain.billing.exceptions import exception_key

MOST = 1_000
"""So many of the newest a workstation keeps; the counts are of all."""


class ExceptionView(BaseModel):
    """One thing a run found of one service. `settled_by` is empty while it waits; `version` is what a
    settlement expects; `meter` and what it showed last are there where something is metered."""

    model_config = ConfigDict(frozen=True)

    run: InertLine
    account: InertLine
    name: InertLine
    service_address: InertLine
    service: InertLine
    code: InertLine
    sentence: InertText
    found_on: date
    settled_by: InertLine = ""
    settled_at: AwareDatetime | None = None
    reason: InertText = ""
    version: int = 1
    meter: InertLine = ""
    last_read_on: date | None = None
    last_value: InertLine = ""

    @property
    def key(self) -> str:
        """The resource that a settlement names."""
        return exception_key(self.run, self.account, self.service, self.code)


class ExceptionCount(BaseModel):
    """How many of a code wait in the whole office."""

    model_config = ConfigDict(frozen=True)

    code: InertLine
    waiting: int


class ExceptionList(BaseModel):
    """A page, the newest run first; `counts` are of everything that waits, `as_settled` the moment of the
    last settlement; `next` is an opaque cursor or None."""

    model_config = ConfigDict(frozen=True)

    items: list[ExceptionView]
    counts: list[ExceptionCount]
    as_settled: AwareDatetime | None = None
    next: str | None
