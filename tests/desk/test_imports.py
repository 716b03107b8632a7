"""What a workstation loads, which is what it keeps in memory all day (docs/adr/0011-sql-on-the-desk.md)."""

from tests.test_architecture import loaded_by, roots


def test_a_desk_loads_neither_an_object_mapper_nor_a_web_framework() -> None:
    loaded = roots(loaded_by("import csr_console.desk.desk"))
    assert {"sqlcipher3", "httpx", "pydantic"} <= loaded
    assert not loaded & {"sqlalchemy", "sqlmodel", "fastapi", "starlette", "uvicorn", "alembic"}
