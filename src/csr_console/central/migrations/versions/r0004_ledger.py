"""The ledger: entries and postings that only grow, the balances they sum to, and the payments posted."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ledger_entry",
        *_texts("office", "entry_id", "kind", "account", "effective_on", "posted_at", "memo"),
        sa.Column("reverses", sa.String(), nullable=True),
        *_texts("command_id"),
        sa.PrimaryKeyConstraint("office", "entry_id"),
        sa.UniqueConstraint("office", "reverses"),
    )
    op.create_index("ledger_entry_account", "ledger_entry", ["office", "account", "effective_on"])
    op.create_table(
        "ledger_posting",
        *_texts("office", "entry_id"),
        sa.Column("line", sa.Integer(), nullable=False),
        *_texts("kind", "code", "account", "due_on"),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("office", "entry_id", "line"),
        sa.ForeignKeyConstraint(["office", "entry_id"], ["ledger_entry.office", "ledger_entry.entry_id"]),
    )
    op.create_index("ledger_posting_account", "ledger_posting", ["office", "account"])
    op.create_table(
        "ledger_balance",
        *_texts("office", "account", "kind", "code", "due_on"),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("office", "account", "kind", "code", "due_on"),
    )
    op.create_table(
        "payment",
        *_texts("office", "receipt", "account"),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        *_texts("paid_on", "tender", "drawer", "entry_id", "file_digest"),
        sa.PrimaryKeyConstraint("office", "receipt"),
        sa.ForeignKeyConstraint(["office", "account"], ["account.office", "account.account"]),
        sa.ForeignKeyConstraint(["office", "entry_id"], ["ledger_entry.office", "ledger_entry.entry_id"]),
    )
    op.create_index("payment_account", "payment", ["office", "account", "paid_on"])
    for table in ("ledger_entry", "ledger_posting"):
        _refuse_changes(table)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


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
