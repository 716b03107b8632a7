"""Budget plans, use by the hour, degree days, who settled what a bill run found, and fewer indexes
on what every command writes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _index_less()
    _degree_days()


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
