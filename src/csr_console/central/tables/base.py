"""The base of every central table: a metadata of its own, so that the desk's tables never mix with it."""

from typing import cast

from sqlalchemy import Table
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

_registry = registry()
metadata = _registry.metadata


class CentralTable(SQLModel, registry=_registry):
    """A table of the central service. Rows are built from validated contracts: tables are never input."""

    __abstract__ = True


def table_of(model: type[CentralTable]) -> Table:
    """The Core table of a model: the write path speaks Core, which costs a third of the ORM."""
    return cast("Table", vars(model)["__table__"])
