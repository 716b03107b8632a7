"""The rows of a radial distribution network and the network they make."""

import math
import re
from dataclasses import dataclass as plain_dataclass
from typing import Annotated, Literal

from pydantic import BeforeValidator
from pydantic.dataclasses import dataclass

from csr_console.contracts.imports.report import excerpt
from csr_console.domain.text import clean_line

_ID_LIMIT = 80


def _id(value: str) -> str:
    if not value:
        raise ValueError("is empty: fill it in")
    return _id_or_empty(value)


def _id_or_empty(value: str) -> str:
    if len(value) > _ID_LIMIT:
        raise ValueError(f"is longer than {_ID_LIMIT} characters: shorten it")
    if clean_line(value) != value:
        raise ValueError(
            f"is {excerpt(value)}: an id has no control characters and no outer or double blanks"
        )
    return value


def _phases(value: str) -> str:
    if not re.fullmatch(r"[ABC]{1,3}", value) or len(set(value)) != len(value):
        raise ValueError(f"is {excerpt(value)}: write each phase once, as A, BC or ABC")
    return value


def _count(value: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,9}", value):
        raise ValueError(f"is {excerpt(value)}: write a whole number")
    return int(value)


def _number(value: str) -> float:
    number = (
        float(value)
        if re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{0,18})?([eE][-+]?[0-9]{1,2})?", value)
        else math.nan
    )
    if math.isnan(number) or abs(number) > 1e12:
        raise ValueError(f"is {excerpt(value)}: write a number such as 12.47")
    return number


def _amount(value: str) -> float:
    number = _number(value)
    if number < 0:
        raise ValueError(f"is {excerpt(value)}: it cannot be below zero")
    return number


_Id = Annotated[str, BeforeValidator(_id)]
_IdOrNone = Annotated[str | None, BeforeValidator(lambda value: _id_or_empty(value) or None)]
_Phases = Annotated[str, BeforeValidator(_phases)]
_PhasesOrNone = Annotated[str, BeforeValidator(lambda value: _phases(value) if value else value)]
_Count = Annotated[int, BeforeValidator(_count)]
_Number = Annotated[float, BeforeValidator(_number)]
_Amount = Annotated[float, BeforeValidator(_amount)]
_AmountOrNone = Annotated[float | None, BeforeValidator(lambda value: _amount(value) if value else None)]
_Text = Annotated[str, BeforeValidator(_id_or_empty)]

EdgeKind = Literal[
    "line", "switch", "regulator", "transformer", "substation_transformer", "step_transformer", "breaker",
    "recloser", "fuse", "tie",
]  # fmt: skip
DeviceKind = Literal["source", "substation", "feeder_head", "breaker", "recloser", "fuse", "transformer"]


@dataclass(frozen=True, slots=True)
class NodeRow:
    """A pole or a bus. `x`, `y` in degrees east and north, or feet; `kv_ll` in kilovolts."""

    node: _Id
    x: _Number
    y: _Number
    kv_ll: _Amount
    phases: _Phases
    xy_source: _Text


@dataclass(frozen=True, slots=True)
class EdgeRow:
    """A line, switch or transformer; `from_node` is the source side. `closed_loop` is a known normal loop."""

    edge: _Id
    from_node: _Id
    to_node: _Id
    kind: EdgeKind
    normal: Literal["closed", "open", "closed_loop"]
    phases: _Phases
    length_ft: _Amount
    kva: _AmountOrNone
    device: _IdOrNone


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A protective device of the tree, in preorder: `idx` is its position, `parent` a lower one or -1.

    The supply points behind it are the half-open range `first_cust` .. `last_cust` of customers.csv.
    `section_miles` are the line miles between it and the next devices down.
    """

    idx: _Count
    id: _Id
    kind: DeviceKind
    parent: _Count
    edge: _IdOrNone
    node: _Id
    phases: _PhasesOrNone
    source: _Text
    kva: _AmountOrNone
    first_cust: _Count
    last_cust: _Count
    n_cust: _Count
    depth: _Count
    section_miles: _Amount


@dataclass(frozen=True, slots=True)
class SupplyPointRow:
    """A customer's connection: `device` is the idx of its transformer, `critical` '' or MED or CRIT."""

    cust: _Count
    id: _Id
    node: _Id
    device: _Count
    phases: _Phases
    kw: _Amount
    critical: Literal["", "MED", "CRIT"]
    load: _Text


@plain_dataclass(frozen=True, slots=True)
class Network:
    """A checked radial network; the position of a device or supply point is its `idx` or `cust`."""

    nodes: tuple[NodeRow, ...]
    edges: tuple[EdgeRow, ...]
    devices: tuple[DeviceRow, ...]
    supply_points: tuple[SupplyPointRow, ...]
