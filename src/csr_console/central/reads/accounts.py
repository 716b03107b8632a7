"""Accounts as they are read: the roster line and the whole workspace."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    CompoundSelect,
    Connection,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.types import String

from csr_console.central import ledger, versions
from csr_console.central.reads.arrangements import arrangement_view
from csr_console.central.reads.budget import budget_view
from csr_console.central.statements import Statement
from csr_console.central.tables.accounts import (
    account,
    account_alert,
    balance,
    caller_verification,
    contact,
    person,
    premise,
    service,
    timeline,
)
from csr_console.central.tables.columns import (
    AnyRow,
    date_or_none,
    from_json,
    from_text,
    to_json,
    to_text,
)
from csr_console.central.tables.network import device, supply_point
from csr_console.central.tables.outages import report
from csr_console.central.tables.payments import payment
from csr_console.contracts.views.accounts import (
    AccountView,
    AlertView,
    BalanceView,
    ContactView,
    OpenReport,
    OtherAccount,
    RosterEntry,
    ServiceView,
    TimelineEntry,
)
from csr_console.domain.accounts.alerts import Alert, in_ribbon_order
from csr_console.domain.accounts.verification import HOLDS_FOR, Level
from csr_console.domain.billing.budget_standing import BudgetStanding
from csr_console.domain.outages.kinds import Criticality
from csr_console.domain.permissions import Actor
from csr_console.domain.refusals import Refusal

TIMELINE_ENTRIES = 50
OTHER_ACCOUNTS = 20

_OFFICE: Any = bindparam("office")


def _entries(number: Callable[[Any], Any]) -> Select[Any]:
    """The roster columns of the accounts that `number` picks."""
    transformer = device.c.id.label("device")
    return (
        select(account, person.c.name, person.c.kind, contact.c.phone_1, contact.c.phone_2)
        .add_columns(contact.c.language, premise.c.street, premise.c.unit, premise.c.zip)
        .add_columns(premise.c.supply_point, supply_point.c.critical, transformer)
        .join(person, and_(person.c.office == account.c.office, person.c.person == account.c.person))
        .join(premise, and_(premise.c.office == account.c.office, premise.c.premise == account.c.premise))
        .outerjoin(
            contact, and_(contact.c.office == account.c.office, contact.c.account == account.c.account)
        )
        .outerjoin(
            supply_point,
            and_(supply_point.c.office == premise.c.office, supply_point.c.id == premise.c.supply_point),
        )
        .outerjoin(
            device, and_(device.c.office == supply_point.c.office, device.c.idx == supply_point.c.device_idx)
        )
        .where(account.c.office == _OFFICE, number(account.c.account))
    )


def _parts_of(number: Callable[[Any], Any]) -> CompoundSelect[Any]:
    """Services, alerts and open outages of the accounts that `number` picks, in one statement."""
    nothing = cast(null(), String)
    services = select(
        literal("service").label("part"),
        service.c.account,
        service.c.position,
        service.c.service.label("code"),
        service.c.meter,
        service.c.state,
    ).where(service.c.office == _OFFICE, number(service.c.account))
    alerts = select(
        literal("alert"),
        account_alert.c.account,
        literal(0),
        account_alert.c.code,
        nothing,
        account_alert.c.expires_on,
    ).where(account_alert.c.office == _OFFICE, number(account_alert.c.account))
    at_premise = and_(report.c.office == account.c.office, report.c.premise == account.c.premise)
    outages = (
        select(literal("outage"), account.c.account, literal(0), literal("outage_here"), nothing, nothing)
        .join(report, and_(at_premise, report.c.state == "open"))
        .where(account.c.office == _OFFICE, number(account.c.account))
        .distinct()
    )
    return union_all(services, alerts, outages)


def _is_one(column: Any) -> Any:
    return column == bindparam("account")


def _in_document(column: Any) -> Any:
    """Among those of a JSON list: SQLite binds no arrays."""
    return column.in_(select(func.json_each(bindparam("accounts")).table_valued("value").c.value))


def _in_array(column: Any) -> Any:
    return column == any_(cast(bindparam("accounts"), ARRAY(Text)))


_READ_ONE = Statement(_entries(_is_one)), Statement(_parts_of(_is_one))
_READ_MANY = {
    dialect: (Statement(_entries(among)), Statement(_parts_of(among)))
    for dialect, among in (("sqlite", _in_document), ("postgresql", _in_array))
}
_ACCOUNT: dict[str, Any] = {"office": bindparam("office"), "account": bindparam("account")}
_OFFICE_OF = Statement(select(account.c.office).where(account.c.account == _ACCOUNT["account"]).limit(1))
_CONTACT = Statement(
    select(contact).where(contact.c.office == _ACCOUNT["office"], contact.c.account == _ACCOUNT["account"])
)
_BALANCE = Statement(
    select(balance).where(balance.c.office == _ACCOUNT["office"], balance.c.account == _ACCOUNT["account"])
)
_LAST_PAYMENT = Statement(
    select(payment.c.cents, payment.c.paid_on)
    .where(payment.c.office == _ACCOUNT["office"], payment.c.account == _ACCOUNT["account"])
    .order_by(payment.c.paid_on.desc(), payment.c.receipt.desc())
    .limit(1)
)
_TIMELINE = Statement(
    select(timeline)
    .where(timeline.c.office == _ACCOUNT["office"], timeline.c.account == _ACCOUNT["account"])
    .order_by(timeline.c.at.desc(), timeline.c.entry_id.desc())
    .limit(TIMELINE_ENTRIES)
)
_OPEN_REPORT = Statement(
    select(report.c.report_id, report.c.number, report.c.calls, report.c.counted, report.c.opened_at)
    .where(
        report.c.office == bindparam("office"),
        report.c.premise == bindparam("premise"),
        report.c.state == "open",
    )
    .order_by(report.c.opened_at, report.c.report_id)
    .limit(1)
)
_OTHERS = Statement(
    select(account.c.account, account.c.status, premise.c.street, premise.c.unit)
    .join(premise, and_(premise.c.office == account.c.office, premise.c.premise == account.c.premise))
    .where(
        account.c.office == _ACCOUNT["office"],
        account.c.account != _ACCOUNT["account"],
        or_(account.c.person == bindparam("person"), account.c.premise == bindparam("premise")),
    )
    .order_by(account.c.status, account.c.account)
    .limit(OTHER_ACCOUNTS)
)
_VERIFIED = Statement(
    select(caller_verification.c.level, caller_verification.c.at)
    .where(
        caller_verification.c.office == _ACCOUNT["office"],
        caller_verification.c.account == _ACCOUNT["account"],
        caller_verification.c.actor == bindparam("actor"),
        caller_verification.c.at >= bindparam("since"),
        caller_verification.c.at <= bindparam("until"),
    )
    .order_by(caller_verification.c.level.desc(), caller_verification.c.at.desc())
    .limit(1)
)

_Parts = dict[str, list[AnyRow]]


def address(street: str, unit: str) -> str:
    """`1204 Oak St Apt 3`: how a premise is said."""
    return f"{street} {unit}".strip()


def no_account(connection: Connection, number: str) -> Refusal:
    """Why an account is not there for an office: it belongs to another one, or to none."""
    office = connection.execute(_OFFICE_OF, {"account": number}).scalar()
    if office:
        return Refusal(
            "other-office", f"Account {number} belongs to the office {office}.", rule="permissions"
        )
    return Refusal("not-found", f"There is no account {number}.")


def criticality(supply_point_word: str | None, alerts: Iterable[str]) -> Criticality:
    """The network's word for the supply point; a medically essential customer is at least MED
    (F.S. 366.15)."""
    word = Criticality(supply_point_word or "")
    if word is Criticality.ORDINARY and "life_support" in alerts:
        return Criticality.MED
    return word


def alerts_of(parts: Sequence[AnyRow], today: date) -> tuple[Alert, ...]:
    """The alerts in force in ribbon order, `outage_here` among them while a report at the premise is open."""
    rows = (row for row in parts if row.part != "service")
    return in_ribbon_order((Alert(row.code, date_or_none(row.state)) for row in rows), today)


def _read(connection: Connection, office: str, accounts: Sequence[str]) -> tuple[list[AnyRow], _Parts]:
    """The rows of these accounts and their parts by number; one account is read by plain equality."""
    if len(accounts) == 1:
        entries, parts_of = _READ_ONE
        values: dict[str, Any] = {"office": office, "account": accounts[0]}
    else:
        dialect = connection.dialect.name
        entries, parts_of = _READ_MANY[dialect]
        numbers = list(accounts)
        values = {"office": office, "accounts": to_json(numbers) if dialect == "sqlite" else numbers}
    rows, parts_rows = connection.execute(entries, values), connection.execute(parts_of, values)
    parts: _Parts = defaultdict(list)
    for row in parts_rows:
        parts[row.account].append(row)
    return list(rows), parts


def _services(parts: Sequence[AnyRow]) -> list[AnyRow]:
    return sorted((row for row in parts if row.part == "service"), key=lambda row: int(row.position))


def _entry(row: AnyRow, parts: Sequence[AnyRow], today: date) -> RosterEntry:
    services = _services(parts)
    flags = [alert.code for alert in alerts_of(parts, today)]
    return RosterEntry.model_validate(
        {
            "account": row.account,
            "name": row.name,
            "kind": row.kind,
            "status": row.status,
            "language": row.language or "en",
            "premise": row.premise,
            "service_address": address(row.street, row.unit),
            "zip": row.zip,
            "phones": [phone for phone in (row.phone_1, row.phone_2) if phone],
            "meters": [part.meter for part in services if part.meter],
            "electric_state": next((part.state for part in services if part.code == "electric"), None),
            "supply_point": row.supply_point,
            "device": row.device,
            "critical": str(criticality(row.critical, flags)),
            "flags": flags,
            "version": row.version,
        }
    )


def roster_entries(
    connection: Connection, office: str, accounts: Sequence[str], today: date
) -> dict[str, RosterEntry]:
    """The roster lines of these accounts by number; one that does not exist is not in it."""
    rows, parts = _read(connection, office, accounts)
    return {row.account: _entry(row, parts[row.account], today) for row in rows}


def contact_of(connection: Connection, office: str, number: str) -> dict[str, str]:
    """The contact details on file, every field a text."""
    row = connection.execute(_CONTACT, {"office": office, "account": number}).mappings().one_or_none()
    return {name: value for name, value in row.items() if name not in _ACCOUNT} if row else {}


def verification_of(
    connection: Connection, office: str, number: str, actor: str, moment: datetime
) -> tuple[Level, datetime | None]:
    """The highest level this clerk established with a caller within the hour before `moment`, and when."""
    row = connection.execute(
        _VERIFIED,
        {
            "office": office,
            "account": number,
            "actor": actor,
            "since": to_text(moment - HOLDS_FOR),
            "until": to_text(moment),
        },
    ).one_or_none()
    return (Level(row.level), from_text(row.at)) if row else (Level.L0, None)


def account_view(
    connection: Connection, office: str, number: str, *, reader: Actor, now: datetime
) -> AccountView:
    """The workspace of an account for the clerk who reads it. Raises `Refusal` not-found or other-office."""
    rows, parts_of = _read(connection, office, [number])
    if not rows:
        raise no_account(connection, number)
    row, parts, today = rows[0], parts_of[number], now.date()
    key = {"office": office, "account": number}
    at_premise = {"office": office, "premise": row.premise}
    open_report = connection.execute(_OPEN_REPORT, at_premise).one_or_none()
    others = connection.execute(_OTHERS, {**key, "person": row.person, "premise": row.premise})
    level, verified_at = verification_of(connection, office, number, reader.login, now)
    version = versions.current(connection, office, f"contact:{number}").version
    standing = ledger.standings(connection, office, [number])[number]
    budget, stands = budget_view(connection, office, number, standing, today)
    return AccountView(
        entry=_entry(row, parts, today),
        since_on=date_or_none(row.since_on),
        contact=ContactView.model_validate({**contact_of(connection, office, number), "version": version}),
        services=[
            ServiceView.model_validate({"service": part.code, "meter": part.meter, "state": part.state})
            for part in _services(parts)
        ],
        balance=_balance(connection, key, stands, today),
        alerts=[AlertView(code=alert.code, expires_on=alert.expires_on) for alert in alerts_of(parts, today)],
        timeline=[
            TimelineEntry.model_validate(
                {
                    "id": line.entry_id,
                    "kind": line.kind,
                    "at": line.at,
                    "actor": line.actor,
                    "text": line.text,
                }
            )
            for line in connection.execute(_TIMELINE, key)
        ],
        open_report=OpenReport.model_validate(
            {
                **open_report._mapping,
                "id": open_report.report_id,
                "counted": from_json(open_report.counted),
            }
        )
        if open_report
        else None,
        others=[
            OtherAccount.model_validate(
                {
                    "account": other.account,
                    "service_address": address(other.street, other.unit),
                    "status": other.status,
                }
            )
            for other in others
        ],
        arrangement=arrangement_view(connection, office, number, today),
        budget=budget,
        verified_level=level,
        verified_at=verified_at,
        version=row.version,
    )


def _balance(connection: Connection, key: dict[str, str], stands: BudgetStanding, today: date) -> BalanceView:
    """What is owed today by the ledger; the day of a cut and an old payment are as the import told them."""
    row = connection.execute(_BALANCE, key).mappings().one_or_none()
    told = dict(row) if row else {}
    paid = connection.execute(_LAST_PAYMENT, key).one_or_none()
    aged = stands.ages(today)
    return BalanceView.model_validate(
        {
            "balance_cents": stands.balance_cents,
            "on": today,
            "age_0_30_cents": aged.current_cents + aged.past_1_30_cents,
            "age_31_60_cents": aged.past_31_60_cents,
            "age_61_90_cents": aged.past_61_90_cents,
            "age_over_90_cents": aged.past_over_90_cents,
            "due_on": stands.due_on,
            "cut_on": told.get("cut_on"),
            "last_payment_cents": paid.cents if paid else told.get("last_payment_cents"),
            "last_payment_on": paid.paid_on if paid else told.get("last_payment_on"),
        }
    )
