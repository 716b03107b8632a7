"""The schema of the central database, step by step (Alembic)."""
