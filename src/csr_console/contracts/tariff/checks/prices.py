"""Tiers and price tables: each quantity and each premise has one price."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from csr_console.contracts.tariff.lines import Path
from csr_console.contracts.tariff.parts import Parts
from csr_console.domain.tariff.components import (
    Block,
    BlockVersion,
    Demand,
    DemandVersion,
    Eru,
    EruVersion,
    Priced,
    Tier,
    TimeOfUse,
    UseVersion,
)
from csr_console.domain.tariff.values import Condition


def price_mistakes(parts: Parts) -> Iterator[tuple[Path, str]]:
    for path, component in parts.components.values():
        for index, version in enumerate(component.version):
            at = (*path, "version", index)
            if isinstance(version, Priced):
                yield from row_mistakes([row.where for row in version.row], (*at, "row"))
            if isinstance(version, EruVersion) and isinstance(component, Eru):
                yield from row_mistakes([item.where for item in version.eru_class], (*at, "eru_class"))
            if isinstance(component, Block | TimeOfUse | Demand):
                yield from _tiers_of(version, at)
            if isinstance(version, BlockVersion):
                yield from _units_of(version, at)


def _tiers_of(version: object, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(version, BlockVersion | DemandVersion) and version.tier:
        yield from tier_mistakes(version.tier, (*path, "tier"))
    if isinstance(version, UseVersion | DemandVersion):
        for index, period in enumerate(version.period):
            if period.tier:
                yield from tier_mistakes(period.tier, (*path, "period", index, "tier"))


def _units_of(version: BlockVersion, path: Path) -> Iterator[tuple[Path, str]]:
    if (version.units == "account") != (version.unit_count is None):
        yield (*path, "units"), f"is {version.units}: tiers by units need unit_count, others have none"
    if (version.units == "extra-allotment") != (version.extra is not None):
        yield (*path, "units"), f"is {version.units}: extra goes with extra-allotment, and only with it"


def tier_mistakes(tiers: Sequence[Tier], path: Path) -> Iterator[tuple[Path, str]]:
    """From 0 upwards, each over what the one before goes up to, the last one open."""
    reached: Decimal | None = Decimal(0)
    for index, tier in enumerate(tiers):
        at = (*path, index)
        if reached is None:
            yield (
                (*path, index - 1),
                "has no up_to, so no tier can follow it: write up_to, or remove what follows",
            )
        elif tier.over > reached:
            yield (
                (*at, "over"),
                f'is {tier.over}: gap, the tiers before end at {reached}; write over = "{reached}"',
            )
        elif tier.over < reached:
            yield (
                (*at, "over"),
                f'is {tier.over}: overlap, the tiers before end at {reached}; write over = "{reached}"',
            )
        if tier.up_to is not None and tier.up_to <= tier.over:
            yield (*at, "up_to"), f"is {tier.up_to}: must be more than over, {tier.over}"
        reached = tier.up_to
    if reached is not None:
        yield (*path, len(tiers) - 1, "up_to"), f"is {reached}: gap, nothing is priced above it; leave it out"


def row_mistakes(rows: Sequence[tuple[Condition, ...]], path: Path) -> Iterator[tuple[Path, str]]:
    """No two rows fit one premise, and ranges of rows that are otherwise alike leave no gap."""
    for index, row in enumerate(rows):
        if not row:
            yield (*path, index), "has no condition: write where = { attribute = ... }"
        for before in range(index):
            if rows[before] and row and _overlap(rows[before], row):
                yield (*path, index), f"overlap: a premise can fit this row and row {before + 1}"
                break
    yield from _range_gaps(rows, path)


def _overlap(one: Sequence[Condition], other: Sequence[Condition]) -> bool:
    return not any(
        a.attribute == b.attribute and _apart(a, b) for a in one for b in other if a.numeric == b.numeric
    )


def _apart(one: Condition, other: Condition) -> bool:
    if not one.numeric:
        return not set(one.values) & set(other.values)
    low, high = (one, other) if (one.over or Decimal(0)) <= (other.over or Decimal(0)) else (other, one)
    return low.up_to is not None and low.up_to <= (high.over or Decimal(0))


def _range_gaps(rows: Sequence[tuple[Condition, ...]], path: Path) -> Iterator[tuple[Path, str]]:
    groups: dict[tuple[object, ...], list[tuple[Decimal, Decimal | None, int]]] = {}
    for index, row in enumerate(rows):
        ranges = [condition for condition in row if condition.numeric]
        if len(ranges) == 1:
            rest = frozenset((item.attribute, item.values) for item in row if not item.numeric)
            bound = (ranges[0].over or Decimal(0), ranges[0].up_to, index)
            groups.setdefault((ranges[0].attribute, rest), []).append(bound)
    for (attribute, _), bounds in groups.items():
        ordered = sorted(bounds, key=lambda item: item[0])
        for (_, up_to, _), (over, _, index) in pairwise(ordered):
            if up_to is not None and over > up_to:
                yield (*path, index), f"gap: no row has {attribute} over {up_to} up to {over}"
