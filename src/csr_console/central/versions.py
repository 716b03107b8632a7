"""Versions of resources that are set, and the two grades of a conflict.

Others changed other fields: a parallel change, merged and told. Others changed the same field to another
value: a clash, shown side by side with who and when, and the clerk decides.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from csr_console.central.statements import Statement
from csr_console.central.tables.columns import from_json, to_json
from csr_console.central.tables.versions import resource_version
from csr_console.domain.refusals import Conflict

FIRST = 1
"""The version of a resource that nobody has changed since it was imported or opened."""
_CURRENT = Statement(
    select(resource_version.c.version, resource_version.c.fields).where(
        resource_version.c.office == bindparam("office"), resource_version.c.resource == bindparam("resource")
    )
)


def _set(insert: Any) -> Statement:
    statement = insert(resource_version)
    return Statement(
        statement.on_conflict_do_update(
            index_elements=[resource_version.c.office, resource_version.c.resource],
            set_={"version": statement.excluded.version, "fields": statement.excluded.fields},
        )
    )


_SET = {"sqlite": _set(sqlite_insert), "postgresql": _set(postgresql_insert)}


@dataclass(frozen=True, slots=True)
class Current:
    """The version of a resource, and for each field ever set {version, actor, at}."""

    version: int
    fields: Mapping[str, Mapping[str, Any]]


def current(connection: Connection, office: str, resource: str) -> Current:
    row = connection.execute(_CURRENT, {"office": office, "resource": resource}).one_or_none()
    return Current(row.version, from_json(row.fields)) if row else Current(FIRST, {})


def bump(
    connection: Connection, office: str, resource: str, fields: Collection[str], *, actor: str, at: str
) -> int:
    """The next version, with these fields set in it by `actor` at the stored time `at`."""
    known = current(connection, office, resource)
    version = known.version + 1
    changed = {name: {"version": version, "actor": actor, "at": at} for name in fields}
    row = {
        "office": office,
        "resource": resource,
        "version": version,
        "fields": to_json({**known.fields, **changed}),
    }
    connection.execute(_SET[connection.dialect.name], row)
    return version


def compare(
    known: Current, expected: int, yours: Mapping[str, Any], theirs: Mapping[str, Any], *, actor: str
) -> list[dict[str, Any]]:
    """What others than `actor` changed since `expected`, to be told: [{field, value, by, at}].

    What the actor set before is no news to them: two changes queued one after the other carry one version.

    `yours` are the values to be set, `theirs` the values as they stand. Raises `Conflict` clash with
    `facts["fields"]` = {field: {theirs, by, at, yours}} when one of yours was set to another value
    meanwhile. A version that this service never gave out (a restored backup) counts as nothing seen.
    """
    seen = expected if expected <= known.version else 0
    newer = {
        name: mark for name, mark in known.fields.items() if mark["version"] > seen and mark["actor"] != actor
    }
    clashing = {
        name: {
            "theirs": theirs.get(name, ""),
            "by": newer[name]["actor"],
            "at": newer[name]["at"],
            "yours": yours[name],
        }
        for name in yours
        if name in newer and theirs.get(name, "") != yours[name]
    }
    if clashing:
        names = ", ".join(name.replace("_", " ") for name in clashing)
        raise Conflict(
            "clash",
            f"Changed by someone else meanwhile: {names}.",
            facts={"fields": clashing, "version": known.version},
        )
    return [
        {"field": name, "value": theirs.get(name, ""), "by": mark["actor"], "at": mark["at"]}
        for name, mark in newer.items()
        if name not in yours
    ]
