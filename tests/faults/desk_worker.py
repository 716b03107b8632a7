"""Run as a program: a workstation that enters a seeded stream of commands and sends it, until it is killed.

`python -m tests.faults.desk_worker JOB` is one life. With `--host` it reads one job a line and forks a life
for each, so that dozens of kills a minute do not pay for the imports each time; it answers with the process
id. A life writes the place of each command to the acknowledgement file once `submit` has returned, and not
before.
"""

import ctypes
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from argon2 import PasswordHasher
from tests.faults import stream

from csr_console.contracts.envelope import Submission, canonical, seal
from csr_console.contracts.outcome import BatchAnswer, Outcome
from csr_console.desk.desk import Desk
from csr_console.desk.events import DeskEvent, SignedOut
from csr_console.desk.gateway import Gateway
from csr_console.desk.model import DeskSettings, RetryLater, Unreachable
from csr_console.desk.secrets import ThrowAwayKeys
from csr_console.desk.store.outbox import new_id
from csr_console.desk.store.station import Pin
from csr_console.domain.refusals import Refusal

PIN = "2580"
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Job:
    """What a life is told. `first` to `count` are the places of the stream it enters, one each `pause`
    seconds; `clock` is a file with the seconds its clock is ahead; it goes on sending until it gets SIGTERM.

    Two controls: `fresh_ids` sends each attempt under a new id, `no_turn` sends whoever else does."""

    folder: str
    station: str
    socket: str
    acknowledgements: str
    login: str
    password: str
    seed: int
    first: int
    count: int
    pause: float = 0.0
    fresh_ids: bool = False
    no_turn: bool = False
    clock: str = ""

    def line(self) -> str:
        return json.dumps(asdict(self))


class FreshIds(Gateway):
    """The desk this project is not: every attempt is a new command under a new id, sealed anew."""

    def __init__(self, socket: str) -> None:
        super().__init__(uds=socket)
        self.key: Callable[[], bytes] = bytes

    def _again(self, body: bytes) -> tuple[UUID, bytes]:
        submission = Submission.model_validate_json(body)
        fresh = new_id(datetime.now(UTC))
        envelope = submission.envelope.model_copy(update={"id": fresh})
        sealed = seal(self.key(), envelope.digest())
        again = submission.model_copy(update={"envelope": envelope, "seal": sealed})
        return fresh, canonical(again.document())

    async def put(self, command_id: UUID, submission: bytes, *, dry_run: bool = False) -> Outcome:
        fresh, body = self._again(submission)
        outcome = await super().put(fresh, body, dry_run=dry_run)
        return outcome.model_copy(update={"id": command_id})

    async def batch(self, submissions: Sequence[tuple[UUID, bytes]]) -> BatchAnswer:
        again = [(command_id, *self._again(body)) for command_id, body in submissions]
        first_id = {fresh: command_id for command_id, fresh, _ in again}
        answer = await super().batch([(fresh, body) for _, fresh, body in again])
        return BatchAnswer(
            outcomes=[outcome.model_copy(update={"id": first_id[outcome.id]}) for outcome in answer.outcomes],
            skipped=[first_id[fresh] for fresh in answer.skipped],
        )


def clock_from(path: str) -> Callable[[], datetime]:
    """A clock that is ahead by the seconds that stand in a file, read at each look."""

    def now() -> datetime:
        ahead = Path(path).read_text(encoding="utf-8") if path else ""
        return datetime.now(UTC) + timedelta(seconds=float(ahead or 0))

    return now


class Life:
    """One run of the workstation, from opening its stores to SIGTERM or SIGKILL."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.told_to_stop = threading.Event()
        self.signed_out = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: self.told_to_stop.set())
        self.acknowledgements = os.open(job.acknowledgements, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        gateway = FreshIds(job.socket) if job.fresh_ids else Gateway(uds=job.socket)
        self.desk = Desk.open(
            DeskSettings(Path(job.folder), job.station),
            ThrowAwayKeys(Path(job.folder)),
            gateway=gateway,
            on_event=self.on_event,
            clock=clock_from(job.clock),
        )
        if isinstance(gateway, FreshIds):
            gateway.key = self._key
        if job.no_turn:
            self.desk._files.turn.take = lambda: True  # type: ignore[method-assign]
        self.desk.start()

    def _key(self) -> bytes:
        shift = self.desk._session.shift
        return shift.seal_key if shift else b""

    def on_event(self, event: DeskEvent) -> None:
        if isinstance(event, SignedOut):
            self.signed_out.set()

    def sign_in(self) -> None:
        """As a clerk would: the PIN where there is one, else the password until central answers."""
        if self.desk.has_pin(self.job.login) and not self.signed_out.is_set():
            self.desk.unlock(PIN, self.job.login)
            return
        while not self.told_to_stop.is_set():
            try:
                self.desk.sign_in(self.job.login, self.job.password)
            except (Unreachable, RetryLater):
                time.sleep(0.05)
            else:
                cheap = PasswordHasher(time_cost=1, memory_cost=64).hash(PIN)
                self.desk._files.station.save_pin(self.job.login, Pin(cheap, 0))
                self.signed_out.clear()
                return

    def enter(self, place: int) -> None:
        command, command_id = stream.command_at(self.job.seed, place), stream.id_at(self.job.seed, place)
        try:
            self.desk.submit(command, id=command_id, wait_s=0)
        except Refusal as refusal:
            if refusal.code != "signed-out":
                raise
            self.sign_in()
            self.desk.submit(command, id=command_id, wait_s=0)
        os.write(self.acknowledgements, f"{place}\n".encode())

    def run(self) -> None:
        self.sign_in()
        for place in range(self.job.first, self.job.count):
            if self.told_to_stop.is_set():
                break
            if self.signed_out.is_set():
                self.sign_in()
            self.enter(place)
            time.sleep(self.job.pause)
        while not self.told_to_stop.wait(0.05):
            if self.signed_out.is_set():
                self.sign_in()
        self.desk.close()


def host(live: Callable[[str], None]) -> None:
    """Fork a child that lives by each line of standard input; the host itself only waits for them."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os.setsid()
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # no life outlives its host
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            sys.stdin.close()
            live(line)
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


def live(line: str) -> None:
    Life(Job(**json.loads(line))).run()


if __name__ == "__main__":
    if sys.argv[1:] == ["--host"]:
        host(live)
    else:
        live(sys.argv[1])
