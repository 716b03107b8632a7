"""A replay that is 400 days late is answered with the first outcome; what was never seen is still judged."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import delete
from tests.faults.processes import CentralProcess, Office, audit_findings, read_effects, read_log
from tests.faults.wire import Clerk

from csr_console.central.database import Database
from csr_console.central.tables.commands import command_key
from csr_console.contracts.outcome import Outcome
from csr_console.domain.accounts.commands import AddNote
from csr_console.domain.refusals import Fault, Refusal

LATE_S = 400 * 86_400
UNKNOWN = AddNote(account="100482771", text="An account that central does not have.")


class Archive:
    """Central, its clock, and what it said to a clerk when it was asked first."""

    def __init__(self, office: Office, listen: Path, folder: Path) -> None:
        self.office = office
        self._listen = listen
        self._clock = folder / "central.clock"
        self.first: dict[UUID, tuple[bytes, Outcome]] = {}
        self.unsent: list[tuple[UUID, bytes]] = []
        self.other: tuple[UUID, bytes] | None = None

    @contextmanager
    def open(self, ahead_s: int) -> Iterator[Clerk]:
        """Start central at a time, which prunes what it prunes, and sign in."""
        self._clock.write_text(str(ahead_s))
        program = ("-m", "tests.faults.central_worker", "--clock", str(self._clock))
        with (
            CentralProcess(self.office, self._listen, *program, CSR_CENTRAL_FEED_ROWS_KEPT="1000"),
            Clerk(self._listen) as clerk,
        ):
            clerk.sign_in()
            yield clerk

    def ask_first(self, count: int) -> None:
        """Applied ones and a refused one; one that is sealed and not sent, and one that reuses an id."""
        with self.open(0) as clerk:
            bodies = [clerk.submission(place) for place in range(count)]
            bodies.append(clerk.submission(count, UNKNOWN))
            for command_id, body in bodies:
                self.first[command_id] = (body, clerk.put_again(command_id, body))
            self.unsent = [clerk.submission(count + 1)]
            self.other = clerk.submission(0, UNKNOWN)
        states = [outcome.state for _, outcome in self.first.values()]
        assert states == ["applied"] * count + ["refused"]


@pytest.fixture
def make_archive(
    make_office: Callable[[str], Office], sockets: Path, tmp_path: Path
) -> Callable[[str], Archive]:
    return lambda dialect: Archive(make_office(dialect), sockets / "central", tmp_path)


@pytest.mark.parametrize("dialect", ["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)])
def test_a_replay_400_days_late_is_answered_with_the_first_outcome(
    dialect: str, make_archive: Callable[[str], Archive]
) -> None:
    archive = make_archive(dialect)
    archive.ask_first(20)
    before = read_log(archive.office.database)
    with archive.open(LATE_S) as clerk:
        for command_id, (body, outcome) in archive.first.items():
            assert clerk.put_again(command_id, body) == outcome
        pairs = [(command_id, body) for command_id, (body, _) in archive.first.items()]
        again = clerk.batch_again(pairs[:-1]).outcomes
        assert again == [outcome for _, outcome in archive.first.values()][:-1]
        assert archive.other is not None
        with pytest.raises(Refusal) as reused:
            clerk.put_again(*archive.other)
        assert reused.value.code == "id-reused"
        assert read_log(archive.office.database) == before
        late = clerk.put_again(*archive.unsent[0])
        assert late.state == "applied", late.answer
    assert set(read_effects(archive.office.database).values()) == {1}
    assert audit_findings(archive.office.database) == []


def test_control_ids_that_are_forgotten_after_a_year_are_answered_anew(
    make_archive: Callable[[str], Archive],
) -> None:
    """What keeping the ids for good is for."""
    archive = make_archive("sqlite")
    archive.ask_first(3)
    db = Database(archive.office.database)
    with db.write() as connection:
        connection.execute(delete(command_key))
    db.close()
    answered_anew = 0
    with archive.open(LATE_S) as clerk:
        for command_id, (body, outcome) in archive.first.items():
            try:
                answered_anew += clerk.put_again(command_id, body) != outcome
            except (Fault, Refusal):
                answered_anew += 1
    assert answered_anew > 0
