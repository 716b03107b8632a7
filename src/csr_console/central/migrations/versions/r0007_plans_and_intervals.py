"""Budget plans, use by the hour, degree days, and who settled what a bill run found."""

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
