"""Billing: tariff books, agreements, reads, bills and their segments, exceptions, arrangements.

A column is written `name`, `name:int` or `name:big`, with `?` when it may be empty; the first `key` columns
are the primary key.
"""

from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ACCOUNT = ("office account", "account.office account.account")


class _Table(NamedTuple):
    name: str
    columns: str
    key: int
    refers: tuple[tuple[str, str], ...] = ()
    unique: str = ""
    indexed: tuple[str, str] = ("", "")


_TABLES = (
    _Table("tariff_book", "office digest book_id text loaded_by loaded_at approved_by in_force_since", 2),
    _Table(
        "agreement",
        "office account service since_on billed_to_on until_on? book_id schedule premise meter dials:int"
        " multiplier",
        4,
        (_ACCOUNT,),
    ),
    _Table("meter_read", "office meter read_on value kind rolled_over:int", 3),
    _Table(
        "bill",
        "office bill_id account number:big billed_on due_on first_day last_day total_cents:big replaces?"
        " cancelled_by? run",
        2,
        (_ACCOUNT, ("office bill_id", "ledger_entry.office ledger_entry.entry_id")),
        unique="office number",
        indexed=("bill_account", "office account billed_on"),
    ),
    _Table(
        "bill_segment",
        "office bill_id position:int service schedule book_digest from_read_on to_read_on usage? unit"
        " estimated:int determinants premise amounts charges_cents:big taxes_cents:big",
        3,
        (("office bill_id", "bill.office bill.bill_id"),),
    ),
    _Table(
        "bill_exception",
        "office run account service code sentence found_on settled_by",
        5,
        (_ACCOUNT,),
        indexed=("bill_exception_open", "office settled_by found_on"),
    ),
    _Table(
        "arrangement",
        "office arrangement_id account agreed_on agreed_by total_cents:big installments",
        2,
        (_ACCOUNT,),
        indexed=("arrangement_account", "office account agreed_on"),
    ),
)
_TYPES = {"": sa.String, "int": sa.Integer, "big": sa.BigInteger}


def upgrade() -> None:
    for table in _TABLES:
        columns = [_column(text) for text in table.columns.split()]
        op.create_table(
            table.name,
            *columns,
            sa.PrimaryKeyConstraint(*(column.name for column in columns[: table.key])),
            *(sa.ForeignKeyConstraint(here.split(), there.split()) for here, there in table.refers),
            *([sa.UniqueConstraint(*table.unique.split())] if table.unique else []),
        )
        name, names = table.indexed
        if name:
            op.create_index(name, table.name, names.split())
    for name in ("bill_segment", "arrangement"):
        _refuse_changes(name)


def _column(text: str) -> sa.Column[object]:
    name, _, kind = text.removesuffix("?").partition(":")
    return sa.Column(name, _TYPES[kind](), nullable=text.endswith("?"))


def _refuse_changes(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table}"
                " BEGIN SELECT RAISE(ABORT, 'this table is append-only'); END"
            )
        return
    op.execute(
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
