"""What bill runs found, as it is read: the newest run first."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from sqlalchemy import Connection, and_, bindparam, func, or_, select

from csr_console.central.reads import cursors
from csr_console.central.tables.accounts import account, person, premise
from csr_console.central.tables.billing import agreement, bill_exception, meter_read
from csr_console.central.tables.columns import AnyRow, from_text, moment_or_none
from csr_console.central.tables.versions import resource_version
from csr_console.central.versions import FIRST
from csr_console.contracts.views.exceptions import ExceptionCount, ExceptionList, ExceptionView
from csr_console.domain.billing.exceptions import ExceptionCode, exception_key

MOST = 200
Which = Literal["waiting", "settled", "all"]

_found = bill_exception.c
_LIST = (
    select(
        bill_exception,
        person.c.name,
        premise.c.street,
        premise.c.unit,
    )
    .join(account, and_(account.c.office == _found.office, account.c.account == _found.account))
    .join(person, and_(person.c.office == account.c.office, person.c.person == account.c.person))
    .join(premise, and_(premise.c.office == account.c.office, premise.c.premise == account.c.premise))
    .where(_found.office == bindparam("office"))
    .order_by(_found.run.desc(), _found.account, _found.service, _found.code)
    .limit(bindparam("limit"))
)
_AFTER = or_(
    _found.run < bindparam("run"),
    and_(
        _found.run == bindparam("run"),
        or_(
            _found.account > bindparam("account"),
            and_(
                _found.account == bindparam("account"),
                or_(
                    _found.service > bindparam("service"),
                    and_(_found.service == bindparam("service"), _found.code > bindparam("code")),
                ),
            ),
        ),
    ),
)
_COUNTS = (
    select(_found.code, func.count().label("waiting"))
    .where(_found.office == bindparam("office"), _found.settled_by == "")
    .group_by(_found.code)
    .order_by(_found.code)
)
_LAST_SETTLED = select(func.max(_found.settled_at)).where(_found.office == bindparam("office"))
_METERS = select(agreement.c.account, agreement.c.service, agreement.c.meter).where(
    agreement.c.office == bindparam("office"),
    agreement.c.account.in_(bindparam("accounts", expanding=True)),
    agreement.c.meter != "",
)
_newest = (
    select(meter_read.c.meter, func.max(meter_read.c.read_on).label("read_on"))
    .where(
        meter_read.c.office == bindparam("office"),
        meter_read.c.meter.in_(bindparam("meters", expanding=True)),
    )
    .group_by(meter_read.c.meter)
    .subquery()
)
_LAST_READS = select(meter_read.c.meter, meter_read.c.read_on, meter_read.c.value).join(
    _newest,
    and_(
        meter_read.c.office == bindparam("office"),
        meter_read.c.meter == _newest.c.meter,
        meter_read.c.read_on == _newest.c.read_on,
    ),
)
_VERSIONS = select(resource_version.c.resource, resource_version.c.version).where(
    resource_version.c.office == bindparam("office"),
    resource_version.c.resource.in_(bindparam("resources", expanding=True)),
)


def list_exceptions(
    connection: Connection,
    office: str,
    *,
    which: Which = "waiting",
    code: ExceptionCode | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> ExceptionList:
    """A page of what runs found. Raises `Refusal` invalid for a cursor of another list."""
    limit = max(1, min(limit, MOST))
    statement = _LIST
    values: dict[str, Any] = {"office": office, "limit": limit + 1}
    if which != "all":
        waits = _found.settled_by == ""
        statement = statement.where(waits if which == "waiting" else ~waits)
    if code is not None:
        statement = statement.where(_found.code == code.value)
    if cursor is not None:
        place = cursors.decode(cursor, str, str, str, str)
        statement = statement.where(_AFTER)
        values |= dict(zip(("run", "account", "service", "code"), place, strict=True))
    rows = connection.execute(statement, values).all()
    last = rows[limit - 1] if len(rows) > limit else None
    rows = rows[:limit]
    return ExceptionList(
        items=_views(connection, office, rows),
        counts=[
            ExceptionCount(code=row.code, waiting=row.waiting)
            for row in connection.execute(_COUNTS, {"office": office})
        ],
        as_settled=moment_or_none(connection.execute(_LAST_SETTLED, {"office": office}).scalar()),
        next=cursors.encode([last.run, last.account, last.service, last.code]) if last else None,
    )


def _views(connection: Connection, office: str, rows: Sequence[AnyRow]) -> list[ExceptionView]:
    meters = _meters(connection, office, [row.account for row in rows])
    reads = _last_reads(connection, office, list(meters.values()))
    keys = [exception_key(row.run, row.account, row.service, row.code) for row in rows]
    known = {"office": office, "resources": keys}
    seen = connection.execute(_VERSIONS, known).all() if keys else []
    versions = {one.resource: one.version for one in seen}
    found = []
    for row, key in zip(rows, keys, strict=True):
        meter = meters.get((row.account, row.service), "")
        read = reads.get(meter)
        found.append(
            ExceptionView(
                run=row.run,
                account=row.account,
                name=row.name,
                service_address=", ".join(part for part in (row.street, row.unit) if part),
                service=row.service,
                code=row.code,
                sentence=row.sentence,
                found_on=row.found_on,
                settled_by=row.settled_by,
                settled_at=from_text(row.settled_at) if row.settled_at else None,
                reason=row.reason or "",
                version=versions.get(key, FIRST),
                meter=meter,
                last_read_on=read.read_on if read else None,
                last_value=read.value if read else "",
            )
        )
    return found


def _meters(connection: Connection, office: str, accounts: Sequence[str]) -> Mapping[tuple[str, str], str]:
    if not accounts:
        return {}
    rows = connection.execute(_METERS, {"office": office, "accounts": sorted(set(accounts))})
    return {(row.account, row.service): row.meter for row in rows}


def _last_reads(connection: Connection, office: str, meters: Sequence[str]) -> Mapping[str, AnyRow]:
    if not meters:
        return {}
    rows = connection.execute(_LAST_READS, {"office": office, "meters": sorted(set(meters))})
    return {row.meter: row for row in rows}
