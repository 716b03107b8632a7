"""A report names the last commands that counted a call on it, so that a desk counts none of them twice."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("report", sa.Column("counted", sa.String(), nullable=False, server_default="[]"))
