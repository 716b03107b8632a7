"""payments.csv: what the cashier's office took, one receipt a row."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from csr_console.contracts.imports.cells import NeededCents, NeededDay
from csr_console.contracts.imports.records import read_records
from csr_console.contracts.imports.report import Refused, from_errors
from csr_console.domain.fields import AccountNumber

Tender = Literal["cash", "check", "card", "transfer", "lockbox"]


def _more_than_nothing(cents: int) -> int:
    if cents <= 0:
        raise ValueError("is not more than nothing: a returned item is entered as one, not as a payment")
    return cents


class PaymentRow(BaseModel):
    """One receipt. `receipt` is the cashier's own number, by which a payment is known for good; `drawer` is
    the counter's drawer, empty for what went to the bank straight away. `row` is where it stood in the file.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    row: int
    receipt: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9./_-]{0,39}$")]
    account_number: AccountNumber
    amount_cents: Annotated[NeededCents, AfterValidator(_more_than_nothing)]
    paid_on: NeededDay
    tender: Tender
    drawer: Annotated[str, Field(pattern=r"^([A-Za-z0-9][A-Za-z0-9-]{0,19})?$")]


PAYMENT_COLUMNS = tuple(name for name in PaymentRow.model_fields if name != "row")


def read_payments(path: Path, today: date) -> Iterator[PaymentRow | Refused]:
    """The receipts of the file in order, each as a `PaymentRow` or as one `Refused` for each wrong field.

    Never raises for any content of the file. A receipt that stands twice is taken once; one of a day after
    `today` is refused.
    """
    first_row: dict[str, int] = {}
    for record in read_records(path, PAYMENT_COLUMNS):
        if isinstance(record, Refused):
            yield record
            continue
        values: dict[str, Any] = {**record.values, "row": record.row}
        try:
            payment = PaymentRow.model_validate(values)
        except ValidationError as error:
            details = error.errors(include_url=False)
            yield from from_errors(details, record.row, path.name, PAYMENT_COLUMNS, "receipt")
            continue
        earlier = first_row.setdefault(payment.receipt, record.row)
        if earlier != record.row:
            reason = f"stands in row {earlier} and again in row {record.row}: keep one of them"
            yield Refused(record.row, "receipt", reason, path.name)
        elif payment.paid_on > today:
            yield Refused(record.row, "paid_on", "is in the future: correct the day", path.name)
        else:
            yield payment
