"""The end of a shift: everything entered is accounted for, here and in central's audit log."""

from collections.abc import Callable
from datetime import datetime

from csr_console.contracts.outcome import Witness
from csr_console.desk.model import WAITING, Reconciliation
from csr_console.desk.store import outbox_rows as rows
from csr_console.desk.store.database import Store
from csr_console.desk.store.queue_items import verify_outbox
from csr_console.domain.refusals import Answer

AuditRow = Callable[[int | None], Witness]
"""Central's newest audit row, or the one at a place. Raises `Answer`."""


def reconcile(
    store: Store, shift: str, office: str, since: datetime | None, audit_row: AuditRow
) -> Reconciliation:
    """Count the shift's commands by state, verify the queue's own chain, and compare the newest outcome this
    station was told of with what central's audit log has in that place."""
    findings = verify_outbox(store)
    with store.read() as connection:
        counts = rows.shift_counts(connection, shift)
        head = rows.head(connection)
        entered = rows.entered_in(connection, shift)
        told = rows.newest_witness(connection, office)
    witness = Witness(office=office, seq=told[0], hash=told[1]) if told else None
    central: Witness | None = None
    try:
        central = audit_row(None)
        findings += _compare(witness, central, audit_row)
    except Answer as answer:
        central = None
        findings.append(f"Central's audit log could not be compared: {answer.sentence}")
    return Reconciliation(
        since=since,
        entered=entered,
        counts=counts,
        open=sum(count for state, count in counts.items() if state in WAITING),
        chain_head=head.hash,
        witness=witness,
        central_head=central,
        findings=tuple(findings),
    )


def _compare(witness: Witness | None, central: Witness, audit_row: AuditRow) -> list[str]:
    """What does not fit between the outcome this station holds and central's log."""
    if witness is None:
        return []
    if central.seq < witness.seq:
        return [f"Central's audit log ends at {central.seq}, but it gave this station {witness.seq}."]
    there = central if central.seq == witness.seq else audit_row(witness.seq)
    if there.hash != witness.hash:
        return [f"Central's audit log was changed at or before {witness.seq}."]
    return []
