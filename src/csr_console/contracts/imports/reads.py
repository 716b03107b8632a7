"""reads.csv: what meters showed, one read a row."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from csr_console.contracts.imports.cells import NeededDay, NeededFigure, NeededId
from csr_console.contracts.imports.records import read_records
from csr_console.contracts.imports.report import Refused, excerpt, from_errors
from csr_console.domain.billing.reads import Read, ReadKind


def _yes(value: str) -> bool:
    if value not in ("", "no", "yes"):
        raise ValueError(f"is {excerpt(value)}: write yes where the register passed zero, else no")
    return value == "yes"


class ReadRow(BaseModel):
    """One read: what the register showed at the end of a day. `rolled_over` where it passed zero since the
    read before. `row` is where it stood in the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    row: int
    meter: NeededId
    read_on: NeededDay
    value: NeededFigure
    kind: Literal["actual", "estimated", "customer"]
    rolled_over: Annotated[bool, BeforeValidator(_yes)]

    @property
    def read(self) -> Read:
        return Read(self.read_on, self.value, ReadKind(self.kind))


READ_COLUMNS = tuple(name for name in ReadRow.model_fields if name != "row")


def read_meter_reads(path: Path, today: date) -> Iterator[ReadRow | Refused]:
    """The reads of the file in order, each as a `ReadRow` or as one `Refused` for each wrong field.

    Never raises for any content of the file. A meter is read once a day; a read of a day after `today` is
    refused.
    """
    first_row: dict[tuple[str, date], int] = {}
    for record in read_records(path, READ_COLUMNS):
        if isinstance(record, Refused):
            yield record
            continue
        values: dict[str, Any] = {**record.values, "row": record.row}
        try:
            read = ReadRow.model_validate(values)
        except ValidationError as error:
            details = error.errors(include_url=False)
            yield from from_errors(details, record.row, path.name, READ_COLUMNS, "meter")
            continue
        earlier = first_row.setdefault((read.meter, read.read_on), record.row)
        if earlier != record.row:
            reason = f"stands for this meter in row {earlier} and again in row {record.row}: keep one of them"
            yield Refused(record.row, "read_on", reason, path.name)
        elif read.read_on > today:
            yield Refused(record.row, "read_on", "is in the future: correct the day", path.name)
        else:
            yield read
