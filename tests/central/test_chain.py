"""The audit chain: whatever was changed, removed, moved or cut off is found and named."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text, update

from csr_console.central.chain import link, verify_audit
from csr_console.central.tables.commands import command_log, office_head
from csr_console.contracts.outcome import Outcome
from csr_console.domain.accounts.commands import AddNote
from csr_console.domain.outages.commands import ReportOutage
from csr_console.domain.refusals import Fault

MARIA = "100482771"


@pytest.fixture
def chain(town: Any) -> list[Outcome]:
    """Ten rows."""
    return [town.do(AddNote(account=MARIA, text=f"note {index}")) for index in range(10)]


def tamper(town: Any, *statements: str, **values: Any) -> None:
    """Write under the triggers, as somebody with the database in their hands would."""
    with town.db.write() as connection:
        if town.db.dialect == "sqlite":
            connection.execute(text("DROP TRIGGER IF EXISTS command_log_no_update"))
            connection.execute(text("DROP TRIGGER IF EXISTS command_log_no_delete"))
        else:
            connection.execute(text("ALTER TABLE command_log DISABLE TRIGGER USER"))
        for statement in statements:
            connection.execute(text(statement), values)


def found(town: Any) -> list[tuple[str, int]]:
    return [(finding.kind, finding.seq) for finding in verify_audit(town.db, "main")]


def test_an_untouched_chain_passes(town: Any, chain: list[Outcome]) -> None:
    assert found(town) == []
    assert verify_audit(town.db, "main", [o.witness for o in chain if o.witness]) == []
    assert verify_audit(town.db, "nowhere") == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("actor", "'lea'"), ("state", "'refused'"), ("body", "'{}'"), ("applied_at", "'2020'"),
        ("outcome", "'{}'"), ("digest", "'00'"), ("counter", "99"), ("hash", "'00'"), ("prev_hash", "'00'"),
        ("command_id", "'00'"), ("session", "'0'"), ("station", "'X1'"), ("kind", "'x'"),
        ("issued_at", "'x'"),
    ],
)  # fmt: skip
def test_a_changed_row_is_named(town: Any, chain: list[Outcome], column: str, value: str) -> None:
    tamper(town, f"UPDATE command_log SET {column} = {value} WHERE seq = 4")
    findings = verify_audit(town.db, "main")
    assert [(finding.kind, finding.seq) for finding in findings] == [("changed", 4)]
    assert findings[0].command_id == ("00" if column == "command_id" else str(chain[3].id))
    assert findings[0].sentence.startswith("Row 4 of main (")


def test_a_changed_row_with_a_hash_made_to_fit_is_named(town: Any, chain: list[Outcome]) -> None:
    for seq in (4, 10):
        with town.db.read() as connection:
            row = dict(
                connection.execute(command_log.select().where(command_log.c.seq == seq)).mappings().one()
            )
        row["actor"] = "lea"
        tamper(
            town,
            "UPDATE command_log SET actor = 'lea', hash = :hash WHERE seq = :seq",
            hash=link(row),
            seq=seq,
        )
        assert ("changed", seq) in found(town)
    assert found(town) == [("changed", 4), ("changed", 10)]


@pytest.mark.parametrize("seq", [1, 5])
def test_a_removed_row_is_named(town: Any, chain: list[Outcome], seq: int) -> None:
    tamper(town, f"DELETE FROM command_log WHERE seq = {seq}")
    assert found(town) == [("removed", seq)]


def test_rows_that_changed_places_are_named(town: Any, chain: list[Outcome]) -> None:
    tamper(
        town,
        "UPDATE command_log SET seq = 100 WHERE seq = 3",
        "UPDATE command_log SET seq = 3 WHERE seq = 8",
        "UPDATE command_log SET seq = 8 WHERE seq = 100",
    )
    findings = verify_audit(town.db, "main")
    assert [(finding.kind, finding.seq) for finding in findings] == [("reordered", 3), ("reordered", 8)]
    assert "stood at 8" in findings[0].sentence
    assert [finding.command_id for finding in findings] == [str(chain[7].id), str(chain[2].id)]


def test_a_removed_row_with_the_rest_moved_up_is_found(town: Any, chain: list[Outcome]) -> None:
    tamper(town, "DELETE FROM command_log WHERE seq = 5", *(
        f"UPDATE command_log SET seq = {seq - 1} WHERE seq = {seq}" for seq in range(6, 11)
    ))  # fmt: skip
    assert found(town) == [*(("reordered", seq) for seq in range(5, 10)), ("truncated", 10)]


def test_a_truncated_tail_is_named(town: Any, chain: list[Outcome]) -> None:
    tamper(town, "DELETE FROM command_log WHERE seq > 7")
    assert found(town) == [("truncated", 8), ("truncated", 9), ("truncated", 10)]


def test_a_tail_cut_off_together_with_the_head_meets_the_witnesses(town: Any, chain: list[Outcome]) -> None:
    """Without a witness this cannot be seen: that is what the desks keep theirs for."""
    tamper(town, "DELETE FROM command_log WHERE seq > 9")
    with town.db.write() as connection:
        connection.execute(update(office_head).values(chain_seq=9, chain_hash=chain[8].witness.hash))
    assert found(town) == []
    witnesses = [outcome.witness for outcome in chain]
    assert [(f.kind, f.seq) for f in verify_audit(town.db, "main", witnesses)] == [("truncated", 10)]


def test_a_chain_rewritten_as_a_whole_meets_the_witnesses(town: Any, chain: list[Outcome]) -> None:
    with town.db.read() as connection:
        rows = [dict(row) for row in connection.execute(
            command_log.select().order_by(command_log.c.seq)).mappings()]  # fmt: skip
    previous = rows[5]["prev_hash"]
    tamper(town)
    with town.db.write() as connection:
        for row in rows[5:]:
            row |= {"actor": "lea", "prev_hash": previous}
            previous = row["hash"] = link(row)
            connection.execute(update(command_log).where(command_log.c.seq == row["seq"]).values(row))
        connection.execute(update(office_head).values(chain_hash=previous))
    assert found(town) == []
    witnesses = [chain[7].witness]
    assert [(f.kind, f.seq) for f in verify_audit(town.db, "main", witnesses)] == [("rewritten", 8)]


def test_a_row_beyond_the_head_is_named(town: Any, chain: list[Outcome]) -> None:
    with town.db.write() as connection:
        connection.execute(update(office_head).values(chain_seq=9, chain_hash=chain[8].witness.hash))
    assert found(town) == [("added", 10)]


@pytest.mark.parametrize("statement", [
    "UPDATE command_log SET actor = 'lea'", "DELETE FROM command_log",
    "DELETE FROM command_log WHERE seq = 1", "UPDATE command_log SET state = state WHERE seq = 1",
])  # fmt: skip
def test_the_log_refuses_to_be_changed(town: Any, chain: list[Outcome], statement: str) -> None:
    with pytest.raises(Fault, match=r"append-only|RaiseException"), town.db.write() as connection:
        connection.execute(text(statement))
    assert found(town) == []


def test_the_log_refuses_to_be_emptied(town: Any, chain: list[Outcome]) -> None:
    if town.db.dialect == "sqlite":
        pytest.skip("SQLite has no TRUNCATE")
    with pytest.raises(Fault, match="RaiseException"), town.db.write() as connection:
        connection.execute(text("TRUNCATE command_log"))
    assert found(town) == []


ACTS = st.lists(st.integers(0, 5), min_size=1, max_size=25)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_the_chain_holds_after_any_mix_of_operations(
    make_town: Callable[[str], Any], acts: list[int], offices: list[int]
) -> None:
    offices.append(len(offices))
    town = make_town(f"office-{len(offices)}")
    who = town.staff.actors["clara"]
    pending: list[Any] = []
    witnesses = []
    for act in acts:
        submission = town.submission(AddNote(account=MARIA, text="note"))
        if act == 0:
            pending.append(submission)
        elif act == 1:
            pending.append(submission.model_copy(update={"seal": "0" * 64}))
        elif act == 2:
            answer = town.pipeline.apply_batch(pending, requester=who)
            witnesses += [outcome.witness for outcome in answer.outcomes if outcome.witness]
            pending = []
        elif act == 3:
            town.pipeline.apply(submission, requester=who, dry_run=True)
        elif act == 4:
            refused = town.submission(ReportOutage(premise="P0009999", scope="all", hazard="none"))
            witnesses.append(town.pipeline.apply(refused, requester=who).outcome.witness)
        else:
            first = town.pipeline.apply(submission, requester=who)
            assert town.pipeline.apply(submission, requester=who).replayed
            witnesses.append(first.outcome.witness)
    assert verify_audit(town.db, who.office, witnesses) == []
    assert sorted(witness.seq for witness in witnesses) == list(range(1, len(witnesses) + 1))


@pytest.fixture
def offices() -> list[int]:
    """One new office an example."""
    return []
