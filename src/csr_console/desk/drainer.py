"""Sending what is queued: in order within a lane, in batches across lanes, one sender a station."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from csr_console.contracts.envelope import MAX_BATCH
from csr_console.contracts.outcome import Outcome
from csr_console.contracts.problems import to_document
from csr_console.desk.gateway import Gateway
from csr_console.desk.model import EQUAL_FAULTS, ItemState, RetryLater, Unreachable
from csr_console.desk.network import Network
from csr_console.desk.session import Session
from csr_console.desk.store.outgoing import Outgoing, Waiting
from csr_console.desk.store.turn import Turn
from csr_console.domain.refusals import Answer, Conflict, Fault, Refusal

MOST, FIRST_SIZE = MAX_BATCH, 16
"""Commands of a batch: by doubling as many as central takes."""
MOST_BYTES = 1_000_000
LOOK_S, HELD_S = 0.5, 60.0
"""How often the queue is looked at for what another console entered, and held commands are asked about."""
LONGEST_BACKOFF_S, VERSION_S = 8.0, 30.0
_AGAIN = frozenset({"in-progress", "broken", "unavailable", "unknown-kind"})
"""Codes of an outcome that is none: the same id is asked again. A kind that central does not know yet is one
it will know when it is updated after its workstations."""
_NOT_ITS_FAULT = frozenset({"signed-out", "too-many"})
"""Refusals that say nothing about what was sent: no attempt is counted."""


@dataclass(slots=True)
class Pace:
    """How much is sent at once and when the next try may be: full jitter, and central's own wish."""

    size: int = FIRST_SIZE
    failures: int = 0
    not_before: float = 0.0
    asked_until: float = 0.0

    def grow(self) -> None:
        self.size = min(MOST, self.size * 2)
        self.failures, self.not_before = 0, 0.0

    def halve(self) -> None:
        self.size = max(1, self.size // 2)

    def fail(self) -> float:
        """The seconds to wait after one more failure: anything up to twice the last bound."""
        self.failures += 1
        wait = random.uniform(0, min(LONGEST_BACKOFF_S, 0.25 * 2**self.failures))  # noqa: S311  a pause
        self.not_before = time.monotonic() + wait
        return wait

    def obey(self, after_s: float) -> None:
        """Central asks for time, and asks everybody: never sooner, and not all at the same moment."""
        spread = random.uniform(0, min(after_s, LONGEST_BACKOFF_S))  # noqa: S311  a pause
        self.asked_until = time.monotonic() + after_s + spread

    def left(self) -> float:
        return max(self.not_before, self.asked_until) - time.monotonic()


class Drainer:
    """Sends while the network is up, somebody's token is there and it is this console's turn.

    `on_change` is told after every change of the queue that is on disk.
    """

    def __init__(
        self,
        outgoing: Outgoing,
        gateway: Gateway,
        session: Session,
        network: Network,
        turn: Turn,
        clock: Callable[[], datetime],
        on_change: Callable[[], None],
    ) -> None:
        self._outgoing = outgoing
        self._gateway = gateway
        self._session = session
        self._network = network
        self._turn = turn
        self._clock = clock
        self._on_change = on_change
        self._wake = asyncio.Event()
        self._pace = Pace()
        self._passes = 0
        self._passes_at_fault: dict[UUID, int] = {}
        self._held_at = time.monotonic()
        self._suspects_turn = False
        self.sentence = ""
        self.drains = False

    def wake(self, *, urgent: bool = False) -> None:
        """There is something to send; a danger to life waits for no back-off."""
        if urgent:
            self._pace.not_before = 0.0
        self._wake.set()

    async def run(self) -> None:
        """Drain for ever. An error of the desk's own stops no one: it is tried again later."""
        while True:
            pause = await self.step()
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()
            self._wake.clear()

    async def take_turn(self) -> bool:
        """Whether this console drains; what an earlier one left on the wire is unconfirmed then."""
        mine = await asyncio.to_thread(self._turn.take)
        if mine and not self.drains:
            await asyncio.to_thread(self._outgoing.adopt_interrupted)
        if mine != self.drains:
            self.drains = mine
            self._on_change()
        return mine

    async def step(self) -> float:
        """Send one batch if there is one. Gives the seconds until the next look."""
        if not await self.take_turn():
            return LOOK_S * 2
        if not self._network.up or not self._session.can_send:
            return LOOK_S
        if (left := self._pace.left()) > 0:
            return min(left, LOOK_S)
        batch = await asyncio.to_thread(self._choose)
        if not batch:
            await self._ask_held()
            return LOOK_S
        return await self._send(batch)

    def _choose(self) -> list[Waiting]:
        """What goes together: dangers to life first and among themselves, then everything in order. One on
        which central broke goes alone and takes turns with the rest, so that neither waits for the other."""
        self._suspects_turn = not self._suspects_turn
        suspects = self._outgoing.sendable(1, suspects=True) if self._suspects_turn else []
        if suspects:
            return suspects
        waiting = self._outgoing.sendable(self._pace.size)
        return together(waiting) or self._outgoing.sendable(1, suspects=True)

    async def _send(self, batch: Sequence[Waiting]) -> float:
        previous: dict[UUID, ItemState] = {item.id: item.state for item in batch}
        await asyncio.to_thread(self._outgoing.mark, list(previous), "sending")
        if self._network.manual:  # the clerk chose to work offline since the queue was looked at
            await self._restore(previous)
            return LOOK_S
        try:
            outcomes, skipped = await self._exchange(batch)
        except Answer as answer:
            pause = await self._unanswered(answer, batch, previous)
            self._on_change()
            return pause
        await self._close(batch, outcomes)
        for command_id in skipped:
            await asyncio.to_thread(self._outgoing.mark, [command_id], previous[command_id])
        self._pace.grow()
        self.sentence = ""
        return 0.0

    async def _exchange(self, batch: Sequence[Waiting]) -> tuple[list[Outcome], list[UUID]]:
        """The outcomes, and the ids central has not looked at."""
        if len(batch) == 1:
            item = batch[0]
            return [await self._session.authorized(lambda: self._gateway.put(item.id, item.body))], []
        pairs = [(item.id, item.body) for item in batch]
        answer = await self._session.authorized(lambda: self._gateway.batch(pairs))
        return answer.outcomes, answer.skipped

    async def _close(self, batch: Sequence[Waiting], outcomes: Sequence[Outcome]) -> None:
        unsettled = {
            outcome.id: outcome.problem
            for outcome in outcomes
            if outcome.problem is not None and outcome.problem.code in _AGAIN
        }
        final = [outcome for outcome in outcomes if outcome.id not in unsettled]
        if final:
            await asyncio.to_thread(self._outgoing.close, final)
            self._passes += len(final)
            self._on_change()
        for item in batch:
            if (problem := unsettled.get(item.id)) is not None:
                await self._fault(item.id, Fault(problem.code, problem.detail))

    async def _unanswered(
        self, answer: Answer, batch: Sequence[Waiting], previous: dict[UUID, ItemState]
    ) -> float:
        """Nothing was decided: what the items become, and how long to wait."""
        single = len(batch) == 1
        match answer:
            case Unreachable():
                await asyncio.to_thread(self._outgoing.unanswered, previous, sent=answer.sent)
                self._network.doubt()
                if answer.sent:
                    self._pace.halve()
                self._pace.fail()
            case RetryLater():
                await self._restore(previous)
                self._pace.obey(answer.after_s)
            case Fault() if answer.code == "other-version":
                await self._restore(previous)
                self.sentence = answer.sentence
                self._pace.asked_until = time.monotonic() + VERSION_S
            case Refusal() if answer.code in _NOT_ITS_FAULT:
                await self._restore(previous)
                self._pace.fail()
            case Refusal() if single and answer.code in _AGAIN:
                await self._fault(batch[0].id, answer)
            case Refusal() if single:
                await self._refuse(batch[0], answer)
            case Fault() | Conflict() if single:
                await self._fault(batch[0].id, answer)
                self._pace.halve()
            case _:
                await asyncio.to_thread(self._outgoing.unanswered, previous, sent=True)
                self._pace.halve()
                self._pace.fail()
        return min(max(0.0, self._pace.left()), LOOK_S)

    async def _restore(self, previous: dict[UUID, ItemState]) -> None:
        for state in sorted(set(previous.values())):
            same = [command_id for command_id, before in previous.items() if before == state]
            await asyncio.to_thread(self._outgoing.mark, same, state)

    async def _refuse(self, item: Waiting, refusal: Refusal) -> None:
        """Central did not take it at all (too long, not understood, a seal that does not fit)."""
        outcome = Outcome(
            id=item.id,
            kind=item.kind,
            state="refused",
            answer=refusal.sentence,
            problem=to_document(refusal),
            applied_at=self._clock(),
        )
        await asyncio.to_thread(self._outgoing.close, [outcome])
        self._on_change()

    async def _fault(self, command_id: UUID, answer: Answer) -> None:
        """Central broke on one item: after five equal faults while others pass, its lane is parked."""
        since = self._passes_at_fault.setdefault(command_id, self._passes)
        wait = timedelta(seconds=self._pace.fail())
        await asyncio.to_thread(
            self._outgoing.faulted,
            command_id,
            answer,
            next_at=self._clock() + wait,
            park_at=EQUAL_FAULTS if self._passes > since else None,
        )

    async def _ask_held(self) -> None:
        """Ask what became of commands that wait for a second person: the same id, the newest outcome."""
        if time.monotonic() - self._held_at < HELD_S:
            return
        self._held_at = time.monotonic()
        held = await asyncio.to_thread(self._outgoing.held, MOST)
        if not held:
            return
        try:
            outcomes, _skipped = await self._exchange(held)
        except Answer:
            return
        decided = [outcome for outcome in outcomes if outcome.state != "held"]
        if decided:
            await asyncio.to_thread(self._outgoing.close, decided)
            self._on_change()


def together(waiting: Sequence[Waiting]) -> list[Waiting]:
    """As many as fit one request, of one urgency."""
    chosen: list[Waiting] = []
    size = 0
    for item in waiting:
        size += len(item.body)
        if item.urgent != waiting[0].urgent or (chosen and size > MOST_BYTES):
            break
        chosen.append(item)
    return chosen
