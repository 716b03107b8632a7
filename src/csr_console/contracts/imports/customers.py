"""customers.csv: one row per account, as a city's customer information system exports it."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    WrapValidator,
    model_validator,
)

from csr_console.contracts.imports.cells import Cents, Day, NeededCents, NeededDay, parse_day
from csr_console.contracts.imports.records import read_records
from csr_console.contracts.imports.report import Refused, excerpt, from_errors
from csr_console.contracts.views.accounts import AccountStatus, ServiceName, ServiceState
from csr_console.domain.accounts.alerts import ALERT_KINDS
from csr_console.domain.fields import AccountNumber, Email, FilledLine, Line, Phone, PremiseId
from csr_console.domain.text import clean_line, holds_card_number

ALERT_CODES = tuple(kind.code for kind in ALERT_KINDS if kind.code != "outage_here")
"""The alerts that can be imported, in ribbon order; an outage at the premise is found, never told."""
_SERVICES: tuple[str, ...] = get_args(ServiceName)
_STATES: tuple[str, ...] = get_args(ServiceState)
_METER_LETTERS = {"electric": "E", "water": "W", "gas": "G"}
_ENTRIES_LIMIT = 40


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ServiceEntry(_Row):
    """A service at the premise; `meter` is empty where it is not metered."""

    service: ServiceName
    meter: str
    state: ServiceState


class AlertEntry(_Row):
    """An alert on the account; `expires_on` is its last day or None."""

    code: str
    expires_on: date | None = None


def _or_empty(value: object, handler: Callable[[object], object]) -> object:
    return "" if value == "" else handler(value)


def _answer_day(value: str) -> date | None:
    try:
        return parse_day(value)
    except ValueError:
        raise ValueError("is not a date: write it as 1961-01-31, or leave it empty") from None


def _four(value: str) -> str:
    if not re.fullmatch(r"[0-9A-Z]{4}|", value):
        raise ValueError("is not four digits: give the last four only, or leave it empty")
    return value


def _zip(value: str) -> str:
    if not re.fullmatch(r"[0-9]{5}(-[0-9]{4})?", value):
        raise ValueError(f"is {excerpt(value)}: write five digits, or five and four")
    return value


def _state(value: str) -> str:
    if not re.fullmatch(r"[A-Z]{2}|", value):
        raise ValueError(f"is {excerpt(value)}: write the two capital letters of the state")
    return value


def _supply_point(value: str) -> str | None:
    point = value.strip()
    if clean_line(point) != point or holds_card_number(point):
        raise ValueError(f"is {excerpt(point)}: write it as the network files do, or leave it empty")
    return point or None


def _entries(value: str) -> list[list[str]]:
    entries = [entry.strip().split(":") for entry in value.split(";")] if value.strip() else []
    if len(entries) > _ENTRIES_LIMIT:
        raise ValueError(f"holds {len(entries):,} entries: at most {_ENTRIES_LIMIT} are possible")
    return entries


def _services(value: str) -> tuple[ServiceEntry, ...]:
    found: dict[tuple[str, str], ServiceEntry] = {}
    for parts in _entries(value):
        if len(parts) != 3:
            raise ValueError(
                f"holds {excerpt(':'.join(parts))}: write service:meter:state, as electric:E1020304:connected"
            )
        service, meter, state = parts
        if service not in _SERVICES:
            raise ValueError(f"holds the unknown service {excerpt(service)}: use {', '.join(_SERVICES)}")
        if state not in _STATES:
            raise ValueError(f"holds the unknown state {excerpt(state)}: use {', '.join(_STATES)}")
        letter = _METER_LETTERS.get(service, "")
        if meter and not (letter and re.fullmatch(letter + "[0-9]{7}", meter)):
            form = f"{letter} and seven digits" if letter else "nothing, since it is not metered"
            raise ValueError(f"holds the meter {excerpt(meter)} for {service}: write {form}")
        named = {"service": service, "meter": meter, "state": state}
        if (service, meter) in found:
            raise ValueError(f"names {service} twice: keep one entry for each meter")
        found[service, meter] = ServiceEntry.model_validate(named)
    return tuple(found.values())


def _alerts(value: str) -> tuple[AlertEntry, ...]:
    found: dict[str, AlertEntry] = {}
    for code, *rest in _entries(value):
        if code not in ALERT_CODES:
            raise ValueError(f"holds the unknown alert {excerpt(code)}: use {', '.join(ALERT_CODES)}")
        if len(rest) > 1:
            raise ValueError(f"holds {excerpt(':'.join((code, *rest)))}: write code or code:2026-01-31")
        if code in found:
            raise ValueError(f"names {code} twice: keep one")
        found[code] = AlertEntry.model_construct(code=code, expires_on=parse_day(rest[0]) if rest else None)
    return tuple(found[code] for code in ALERT_CODES if code in found)


_PhoneOrNone = Annotated[Phone, WrapValidator(_or_empty)]
_Four = Annotated[str, BeforeValidator(_four), Field(repr=False)]
_ZipOrNone = Annotated[str, BeforeValidator(lambda value: _zip(value) if value else value)]


class CustomerRow(_Row):
    """One account with its premise, services, balance forward, alerts and the answers that verify a caller.

    Text is one line, cleaned; an empty text means there is none. `row` is where it stood in the file.
    """

    row: int
    account_number: AccountNumber
    kind: Literal["residential", "commercial"]
    status: AccountStatus
    name: FilledLine
    language: Literal["en", "es"]
    phone_1: _PhoneOrNone
    phone_2: _PhoneOrNone
    email: Annotated[Email, WrapValidator(_or_empty)]
    mailing_street: Line
    mailing_city: Line
    mailing_state: Annotated[str, BeforeValidator(_state)]
    mailing_zip: _ZipOrNone
    premise: PremiseId
    service_street: FilledLine
    service_unit: Line
    service_city: FilledLine
    service_zip: Annotated[str, BeforeValidator(_zip)]
    supply_point: Annotated[str | None, Field(max_length=80), BeforeValidator(_supply_point)]
    services: Annotated[tuple[ServiceEntry, ...], BeforeValidator(_services)]
    since_on: NeededDay
    balance_cents: NeededCents
    balance_on: NeededDay
    age_0_30_cents: NeededCents
    age_31_60_cents: NeededCents
    age_61_90_cents: NeededCents
    age_over_90_cents: NeededCents
    due_on: Day
    cut_on: Day
    last_payment_cents: Cents
    last_payment_on: Day
    alerts: Annotated[tuple[AlertEntry, ...], BeforeValidator(_alerts)]
    verify_ssn4: _Four
    verify_dob: Annotated[date | None, BeforeValidator(_answer_day), Field(repr=False)]
    verify_dl4: _Four
    verify_passphrase: Annotated[Line, Field(repr=False)]

    @model_validator(mode="after")
    def _ages_sum_to_balance(self) -> Self:
        ages = self.age_0_30_cents + self.age_31_60_cents + self.age_61_90_cents + self.age_over_90_cents
        if ages != self.balance_cents:
            raise ValueError(
                f"is {self.balance_cents} but the four ages sum to {ages}: correct one of them, in cents"
            )
        return self


CUSTOMER_COLUMNS = tuple(name for name in CustomerRow.model_fields if name != "row")


def read_customers(path: Path) -> Iterator[CustomerRow | Refused]:
    """The rows of customers.csv in order, each as a `CustomerRow` or as one `Refused` for each wrong field.

    Never raises for any content of the file. Of two rows with one account number the first is taken and the
    refusal of the second names both; for that, one number an account is held in memory.
    """
    first_row: dict[int, int] = {}
    for record in read_records(path, CUSTOMER_COLUMNS):
        if isinstance(record, Refused):
            yield record
            continue
        values: dict[str, Any] = {**record.values, "row": record.row}
        try:
            customer = CustomerRow.model_validate(values)
        except ValidationError as error:
            details = error.errors(include_url=False)
            yield from from_errors(details, record.row, path.name, CUSTOMER_COLUMNS, "balance_cents")
            continue
        earlier = first_row.setdefault(int(customer.account_number), record.row)
        if earlier != record.row:
            reason = f"stands in row {earlier} and again in row {record.row}: keep one of them"
            yield Refused(record.row, "account_number", reason, path.name)
            continue
        yield customer
