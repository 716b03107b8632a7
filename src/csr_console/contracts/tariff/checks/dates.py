"""Effective dates: versions in order, without a gap and without an overlap."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from csr_console.contracts.tariff.lines import Path
from csr_console.contracts.tariff.parts import Parts
from csr_console.domain.tariff.values import Version

_DAY = timedelta(days=1)


def date_mistakes(parts: Parts) -> Iterator[tuple[Path, str]]:
    for section in ("component", "tax", "billing_factor"):
        for path, item in parts.of(section):
            yield from version_mistakes(item.version, (*path, "version"))
    for path, schedule in parts.schedules:
        if schedule.last_day is not None and schedule.last_day < schedule.first_day:
            yield (*path, "to"), f"is {schedule.last_day}, before its first day {schedule.first_day}"


def version_mistakes(versions: Sequence[Version], path: Path) -> Iterator[tuple[Path, str]]:
    for index, version in enumerate(versions):
        if version.last_day is not None and version.last_day < version.first_day:
            yield (*path, index, "to"), f"is {version.last_day}, before its first day {version.first_day}"
        if index:
            sentence = _between(versions[index - 1], version)
            if sentence:
                yield (*path, index, "from"), sentence


def _between(earlier: Version, later: Version) -> str:
    if later.first_day <= earlier.first_day:
        return (
            f"is {later.first_day}, not after the version before ({earlier.first_day}): "
            "overlap; list versions from the oldest to the newest"
        )
    if earlier.last_day is None:
        return ""
    expected = earlier.last_day + _DAY
    if later.first_day < expected:
        return f"is {later.first_day}: overlap with the version before, which holds to {earlier.last_day}"
    if later.first_day > expected:
        return (
            f"is {later.first_day}: gap, the version before ends {earlier.last_day} and nothing holds from "
            f"{expected} to {later.first_day - _DAY}"
        )
    return ""


def covered(versions: Sequence[Version]) -> tuple[date, date | None]:
    """The first and the last day on which versions hold; None for no end."""
    return versions[0].first_day, versions[-1].last_day
