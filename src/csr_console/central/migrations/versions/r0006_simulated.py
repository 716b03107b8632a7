"""A tariff book says when and by whom it was simulated, without which nobody approves it."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tariff_book", sa.Column("simulated_at", sa.String(), nullable=True))
    op.add_column("tariff_book", sa.Column("simulated_by", sa.String(), nullable=True))
