"""Budget plans, use by the hour, degree days, who settled what a bill run found, and fewer indexes
on what every command writes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

from csr_console.central.tables.append_only import append_only_statements

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _index_less()
    _settled()
    _budget_plans()
    _degree_days()
    _interval_use()


def _index_less() -> None:
    held = text("held = 1")
    op.drop_index("command_log_id", "command_log")
    op.drop_index("command_key_held", "command_key")
    op.create_index(
        "command_key_held", "command_key", ["office", "seq"], sqlite_where=held, postgresql_where=held
    )


def _degree_days() -> None:
    op.create_table(
        "degree_day",
        sa.Column("office", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("station", sa.String(), nullable=False),
        sa.Column("heating_tenths", sa.Integer(), nullable=False),
        sa.Column("cooling_tenths", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("office", "day"),
    )


def _budget_plans() -> None:
    texts: tuple[str, ...] = ("plan_id", "account", "strategy", "rule", "arithmetic", "started_on")
    texts = (*texts, "agreed_by", "ended_by", "ended_why")
    op.create_table(
        "budget_plan",
        sa.Column("office", sa.String(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in texts),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("ended_on", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("office", "plan_id"),
        sa.ForeignKeyConstraint(["office", "account"], ["account.office", "account.account"]),
    )
    op.create_index("budget_plan_account", "budget_plan", ["office", "account", "started_on"])
    texts = ("bill_id", "plan_id", "rule", "arithmetic", "next_rule", "next_arithmetic", "notice")
    cents = ("asked_cents", "next_cents", "variance_cents", "balance_cents")
    op.create_table(
        "budget_bill",
        sa.Column("office", sa.String(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in texts),
        sa.Column("plan_month", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in cents),
        sa.PrimaryKeyConstraint("office", "bill_id"),
        sa.ForeignKeyConstraint(["office", "bill_id"], ["bill.office", "bill.bill_id"]),
        sa.ForeignKeyConstraint(["office", "plan_id"], ["budget_plan.office", "budget_plan.plan_id"]),
    )
    op.create_index("budget_bill_plan", "budget_bill", ["office", "plan_id"])
    for statement in append_only_statements(op.get_bind().dialect.name, "budget_bill"):
        op.execute(statement)


def _interval_use() -> None:
    names = ("office", "meter", "day", "unit", "blocks")
    op.create_table(
        "interval_use",
        *(sa.Column(name, sa.String(), nullable=False) for name in names),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("office", "meter", "day"),
    )


def _settled() -> None:
    op.add_column("bill_exception", sa.Column("settled_at", sa.String(), nullable=True))
    op.add_column("bill_exception", sa.Column("reason", sa.String(), nullable=True))
