"""The audit chain: every row of the command log carries the hash of the row before it in its office.

A row's hash covers its place, its content and its predecessor, so a changed, removed or moved row breaks the
chain where it stood, and the head tells of a tail that was cut off. Whoever rewrites everything from a row on
still meets the witnesses: each desk keeps the (seq, hash) of its own outcomes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import select

from csr_console.central.database import Database
from csr_console.central.tables.commands import command_log, office_head
from csr_console.contracts.envelope import canonical
from csr_console.contracts.outcome import Witness
from csr_console.domain.ids import fingerprint

GENESIS: Final = "0" * 64
_CHAINED: Final = (
    "office",
    "seq",
    "command_id",
    "kind",
    "actor",
    "station",
    "counter",
    "session",
    "issued_at",
    "applied_at",
    "digest",
    "body",
    "state",
    "outcome",
    "prev_hash",
)
_MOVED_ROWS_TRIED: Final = 500

FindingKind = Literal["changed", "removed", "reordered", "added", "truncated", "rewritten"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with one place of an office's log; `command_id` names the row where it is known."""

    office: str
    seq: int
    kind: FindingKind
    sentence: str
    command_id: str = ""


def link(row: Mapping[str, Any], seq: int | None = None) -> str:
    """The hash of a row of the log at its own place, or at another one to see whether it belongs there."""
    values = [row[name] for name in _CHAINED]
    if seq is not None:
        values[_CHAINED.index("seq")] = seq
    return fingerprint(canonical(values))


@dataclass(slots=True)
class _Walk:
    """The state of one walk along a chain: what the next row must follow, and the rows that do not fit."""

    office: str
    findings: list[Finding]
    misfits: list[dict[str, Any]]
    previous: dict[str, Any] | None = None

    def step(self, row: dict[str, Any], witnesses: Mapping[int, str]) -> None:
        seq = row["seq"]
        expected = self.previous["seq"] + 1 if self.previous else 1
        for missing in range(expected, seq):
            self._add(missing, "removed", "is missing")
        if link(row) != row["hash"]:
            self.misfits.append(row)
        elif seq == expected and self.previous and row["prev_hash"] != self.previous["hash"]:
            if link(self.previous) == self.previous["hash"]:
                self._add(seq - 1, "changed", "is not the row that the next one follows", self.previous)
        elif seq == 1 and row["prev_hash"] != GENESIS:
            self._add(seq, "changed", "does not start the chain", row)
        if seq in witnesses and witnesses[seq] != row["hash"]:
            self._add(seq, "rewritten", "is not what a desk was told when it was applied", row)
        self.previous = row

    def name_misfits(self) -> None:
        """A row that fits another place was moved; one that fits none was changed."""
        places = [row["seq"] for row in self.misfits[:_MOVED_ROWS_TRIED]]
        gone = [finding.seq for finding in self.findings if finding.kind == "removed"]
        for row in self.misfits:
            near = [row["seq"] - 1, row["seq"] + 1]
            home = next(
                (seq for seq in [*near, *places, *gone[:_MOVED_ROWS_TRIED]] if link(row, seq) == row["hash"]),
                None,
            )
            if home is None:
                self._add(row["seq"], "changed", "was changed", row)
            else:
                self._add(row["seq"], "reordered", f"stood at {home}", row)

    def end(self, chain_seq: int, chain_hash: str, witnesses: Mapping[int, str]) -> None:
        last = self.previous["seq"] if self.previous else 0
        for missing in range(last + 1, chain_seq + 1):
            self._add(missing, "truncated", "is missing at the end")
        for told in witnesses:
            if told > max(last, chain_seq):
                self._add(told, "truncated", "is missing at the end, and a desk was told of it")
        if last > chain_seq:
            self._add(last, "added", "is beyond the head of the chain", self.previous)
        elif self.previous and last == chain_seq and self.previous["hash"] != chain_hash:
            self._add(last, "changed", "is not the row the head names", self.previous)

    def _add(self, seq: int, kind: FindingKind, what: str, row: Mapping[str, Any] | None = None) -> None:
        command_id = row["command_id"] if row else ""
        named = f" ({row['kind']} {command_id})" if row else ""
        self.findings.append(
            Finding(self.office, seq, kind, f"Row {seq} of {self.office}{named} {what}.", command_id)
        )


def verify_audit(db: Database, office: str, witnesses: Iterable[Witness] = ()) -> list[Finding]:
    """Everything wrong with an office's command log, in the order of its places; empty when all is well.

    `witnesses` are what desks were told; with them a chain rewritten as a whole is found as well.
    """
    told = {witness.seq: witness.hash for witness in witnesses if witness.office == office}
    walk = _Walk(office, [], [])
    with db.read() as connection:
        head = connection.execute(select(office_head).where(office_head.c.office == office)).one_or_none()
        rows = connection.execution_options(yield_per=500).execute(
            select(command_log).where(command_log.c.office == office).order_by(command_log.c.seq)
        )
        for row in rows.mappings():
            walk.step(dict(row), told)
    walk.name_misfits()
    chain_seq, chain_hash = (head.chain_seq, head.chain_hash) if head else (0, GENESIS)
    walk.end(chain_seq, chain_hash, told)
    return sorted(walk.findings, key=lambda finding: (finding.seq, finding.kind))
