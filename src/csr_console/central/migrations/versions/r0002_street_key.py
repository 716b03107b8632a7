"""Premises are found by the name of their street, for outages reported at an intersection."""

import sqlalchemy as sa
from alembic import op

from csr_console.domain.words import parse_address, street_key

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_PREMISE = sa.table(
    "premise",
    sa.column("office", sa.String),
    sa.column("premise", sa.String),
    sa.column("street", sa.String),
    sa.column("street_key", sa.String),
)


def upgrade() -> None:
    op.add_column("premise", sa.Column("street_key", sa.String(), nullable=True))
    _fill(op.get_bind())
    op.create_index("premise_street_key", "premise", ["office", "street_key", "premise"])


def _fill(connection: sa.Connection) -> None:
    """The premises that are there: an import writes only what has changed."""
    rows = connection.execute(sa.select(_PREMISE.c.office, _PREMISE.c.premise, _PREMISE.c.street)).all()
    keyed = [
        {"of": row.office, "at": row.premise, "key": street_key(parse_address(row.street).street) or None}
        for row in rows
    ]
    if keyed:
        here = (_PREMISE.c.office == sa.bindparam("of")) & (_PREMISE.c.premise == sa.bindparam("at"))
        connection.execute(sa.update(_PREMISE).where(here).values(street_key=sa.bindparam("key")), keyed)
