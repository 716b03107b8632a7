"""agreements.csv: what each account is billed for, by which schedule of which tariff book."""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError

from csr_console.contracts.imports.cells import NeededDay, NeededFigure, NeededId, parse_id
from csr_console.contracts.imports.records import read_records
from csr_console.contracts.imports.report import Refused, excerpt, from_errors
from csr_console.domain.fields import AccountNumber
from csr_console.domain.tariff.book import Service

DIALS = range(3, 13)
"""How many digits a register has."""
_PAIR = re.compile(r"([a-z][a-z0-9_]{0,39})=([A-Za-z0-9][A-Za-z0-9 ._/-]{0,39})")


def _meter(value: str) -> str:
    return parse_id(value) if value else ""


def _dials(value: str) -> int:
    if not value:
        return 5
    if not re.fullmatch("[0-9]{1,2}", value) or int(value) not in DIALS:
        raise ValueError(
            f"is {excerpt(value)}: write how many digits the register has, {DIALS[0]} to {DIALS[-1]}"
        )
    return int(value)


def _more_than_nothing(value: Decimal) -> Decimal:
    if not value:
        raise ValueError("is nothing: write what one count of the register stands for, 1 for most")
    return value


def _premise(value: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in filter(None, (part.strip() for part in value.split(";"))):
        pair = _PAIR.fullmatch(text)
        if pair is None:
            raise ValueError(f"holds {excerpt(text)}: write name=value, as location=inside;phase=1")
        if pair[1] in found:
            raise ValueError(f"names {pair[1]} twice: keep one")
        found[pair[1]] = pair[2]
    return found


class AgreementRow(BaseModel):
    """One service of an account. `meter` is empty where nothing is metered; `multiplier` is what one count of
    its register stands for in the unit of the schedule; `premise` has the attributes the schedule asks for,
    and `contract_kw` or `power_factor` where it charges by them. `row` is where it stood in the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    row: int
    account_number: AccountNumber
    service: Service
    schedule: NeededId
    book: NeededId
    since_on: NeededDay
    meter: Annotated[str, BeforeValidator(_meter)]
    dials: Annotated[int, BeforeValidator(_dials)]
    multiplier: Annotated[NeededFigure, AfterValidator(_more_than_nothing)]
    premise: Annotated[dict[str, str], BeforeValidator(_premise)]


AGREEMENT_COLUMNS = tuple(name for name in AgreementRow.model_fields if name != "row")


def read_agreements(path: Path) -> Iterator[AgreementRow | Refused]:
    """The agreements of the file in order, each as an `AgreementRow` or as one `Refused` a wrong field.

    Never raises for any content of the file. An account has a service once, a meter counts for one service.
    """
    services: dict[tuple[str, str], int] = {}
    meters: dict[str, int] = {}
    for record in read_records(path, AGREEMENT_COLUMNS):
        if isinstance(record, Refused):
            yield record
            continue
        values: dict[str, Any] = {**record.values, "row": record.row}
        values["multiplier"] = values["multiplier"] or "1"
        try:
            agreed = AgreementRow.model_validate(values)
        except ValidationError as error:
            details = error.errors(include_url=False)
            yield from from_errors(details, record.row, path.name, AGREEMENT_COLUMNS, "account_number")
            continue
        before = services.setdefault((agreed.account_number, agreed.service), record.row)
        same = meters.setdefault(agreed.meter, record.row) if agreed.meter else record.row
        if before != record.row:
            reason = (
                f"stands for this account in row {before} and again in row {record.row}: keep one of them"
            )
            yield Refused(record.row, "service", reason, path.name)
        elif same != record.row:
            reason = f"counts in row {same} already: a meter is of one service of one account"
            yield Refused(record.row, "meter", reason, path.name)
        else:
            yield agreed
