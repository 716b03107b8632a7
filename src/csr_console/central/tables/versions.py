"""Which version a resource has, and which field was last set by whom: what `expects` is judged against."""

from sqlalchemy import BigInteger
from sqlmodel import Field

from csr_console.central.tables.base import CentralTable, table_of


class ResourceVersion(CentralTable, table=True):
    """`fields` is JSON: field -> {version, actor, at}. A resource without a row has version 1."""

    __tablename__ = "resource_version"

    office: str = Field(primary_key=True)
    resource: str = Field(primary_key=True)
    version: int = Field(sa_type=BigInteger)
    fields: str


resource_version = table_of(ResourceVersion)
