"""Finding accounts at central: by the start of a number or a name, by phone, by meter."""

import unicodedata
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select

from csr_console.central.reads import cursors
from csr_console.central.reads.accounts import roster_entries
from csr_console.central.service import Central
from csr_console.central.tables.accounts import account, contact, person, service
from csr_console.contracts.lookup import AccountSearch, RosterList
from csr_console.contracts.views.accounts import RosterEntry

_HIGHEST = "\U0010ffff"


def name_key(name: str) -> str:
    """A name as it is kept for search: case-folded, on one line."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def find_accounts(
    connection: Connection, office: str, search: AccountSearch, central: Central
) -> list[RosterEntry]:
    """The first roster lines that fit, by account number."""
    numbers = [row.account for row in connection.execute(_query(connection, office, search))]
    found = roster_entries(connection, office, numbers, central.clock().date())
    return [found[number] for number in numbers if number in found]


def list_accounts(
    connection: Connection, office: str, cursor: str | None, limit: int, central: Central
) -> RosterList:
    """A page of all accounts of an office, by number. Raises `Refusal` invalid for a foreign cursor."""
    query = select(account.c.account).where(account.c.office == office)
    if cursor is not None:
        query = query.where(account.c.account > cursors.decode(cursor, str)[0])
    rows = connection.execute(query.order_by(account.c.account).limit(limit + 1))
    numbers = [row.account for row in rows]
    page = numbers[:limit]
    found = roster_entries(connection, office, page, central.clock().date())
    more = cursors.encode([page[-1]]) if len(numbers) > limit else None
    return RosterList(items=[found[number] for number in page], next=more)


def _query(connection: Connection, office: str, search: AccountSearch) -> Select[Any]:
    if search.phone is not None:
        column, fits = contact.c, or_(contact.c.phone_1 == search.phone, contact.c.phone_2 == search.phone)
        query = select(column.account).where(column.office == office, fits).order_by(column.account)
    elif search.meter is not None:
        query = (
            select(service.c.account)
            .where(service.c.office == office, service.c.meter == search.meter)
            .distinct()
            .order_by(service.c.account)
        )
    elif search.name is not None:
        query = (
            select(account.c.account)
            .join(person, and_(person.c.office == account.c.office, person.c.person == account.c.person))
            .where(person.c.office == office, _starts(connection, person.c.name_key, name_key(search.name)))
            .order_by(person.c.name_key, account.c.account)
        )
    else:
        start = search.account or ""
        between = account.c.account.between(start.ljust(9, "0"), start.ljust(9, "9"))
        query = (
            select(account.c.account).where(account.c.office == office, between).order_by(account.c.account)
        )
    return query.limit(search.limit)


def _starts(connection: Connection, column: ColumnElement[str], start: str) -> ColumnElement[bool]:
    """Whether a column starts so, in the form each database can look up in an index: SQLite compares bytes,
    so a range will do; PostgreSQL compares by its collation and has an index for patterns."""
    if connection.dialect.name == "sqlite":
        return and_(column >= start, column < start + _HIGHEST)
    return column.startswith(start, autoescape=True)
