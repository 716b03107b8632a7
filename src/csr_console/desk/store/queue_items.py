"""The queue as a person reads it, and the proof that nobody has changed it."""

import json
from datetime import datetime
from uuid import UUID

from csr_console.contracts.envelope import Submission, canonical
from csr_console.contracts.outcome import Outcome
from csr_console.contracts.registry import REGISTRY
from csr_console.desk.model import QueueItem
from csr_console.desk.store import outbox_rows as rows
from csr_console.desk.store.database import Reads, Row
from csr_console.desk.store.tables import moment
from csr_console.domain.command import Command
from csr_console.domain.ids import fingerprint
from csr_console.domain.refusals import Refusal


def row_hash(previous: str, row: Row) -> str:
    """The link of the chain: what was entered, by whom, after what."""
    names = ("seq", "command_id", "station", "counter", "actor", "session", "lane", "kind", "digest")
    return fingerprint(canonical([previous, *(row[name] for name in names)]))


def item_of(row: Row, now: datetime) -> QueueItem:
    """A row as the queue screen shows it."""
    document = json.loads(row["body"])["envelope"]
    outcome = Outcome.model_validate_json(row["outcome"]) if row["outcome"] else None
    try:
        command: Command | None = REGISTRY.read(document["command"])
    except Refusal:
        command = None
    kind = REGISTRY.commands.get(row["kind"])
    problem = outcome.problem if outcome else None
    entered_at = moment(row["entered_us"])
    return QueueItem(
        id=UUID(row["command_id"]),
        seq=row["seq"],
        kind=row["kind"],
        title=kind.title if kind else row["kind"],
        lane=row["lane"],
        about=row["about"],
        state=row["state"],
        entered_at=entered_at,
        age_s=max(0.0, (now - entered_at).total_seconds()),
        attempts=row["attempts"],
        actor=row["actor"],
        sentence=_sentence(row, outcome),
        parked=bool(row["parked"]),
        problem=problem,
        command=command,
        outcome=outcome,
        expects=document.get("expects", {}),
        replaced_by=UUID(row["replaced_by"]) if row["replaced_by"] else None,
    )


def verify_outbox(store: Reads) -> list[str]:
    """A sentence for each row that was changed, removed or reordered; [] when the queue is whole."""
    findings: list[str] = []
    previous, after = "", 0
    with store.read() as connection:
        head = rows.head(connection)
        while page := rows.in_order(connection, after, 500):
            for row in page:
                findings += _row_findings(row, previous, after)
                previous, after = row["hash"], row["seq"]
    if (after, previous) != (head.seq, head.hash):
        findings.append(f"The queue ends at {after}, but {head.seq} commands were entered.")
    return findings


def _sentence(row: Row, outcome: Outcome | None) -> str:
    if row["state"] == "discarded":
        return "Discarded."
    if outcome is not None and row["state"] == outcome.state:
        return outcome.problem.detail if outcome.problem else outcome.answer
    if row["parked"]:
        detail = json.loads(row["problem"])["detail"] if row["problem"] else ""
        return f"Set aside after {row['faults']} equal errors: {detail}"
    return {
        "queued": "Waiting to be sent.",
        "sending": "Being sent.",
        "unconfirmed": "Sent, but no answer came: it is asked again under the same id.",
    }.get(row["state"], "")


def _row_findings(row: Row, previous: str, after: int) -> list[str]:
    found = []
    name = f"Command {row['seq']} ({row['kind']})"
    if row["seq"] != after + 1:
        found.append(f"{after + 1} to {row['seq'] - 1} are missing from the queue.")
    if row["prev_hash"] != previous or row["hash"] != row_hash(row["prev_hash"], row):
        found.append(f"{name} does not follow from the one before it.")
    try:
        digest = Submission.model_validate_json(row["body"]).envelope.digest()
    except ValueError:
        digest = ""
    if digest != row["digest"]:
        found.append(f"{name} is not what was entered.")
    return found
