"""Two desks, one central service and everything that happens to them, one step at a time."""

import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.strategies import SearchStrategy
from tests.central.conftest import FINAL, FRAUD, MARIA, MEDICAL, NEIGHBOR, NONPAY
from tests.property import holds
from tests.property.acts import ACTS
from tests.property.city import CLERKS, STAFF, City, Killed
from tests.property.crossing import FATES, Fate, Sent
from tests.property.fields import Sight
from tests.property.station import Station

from csr_console.central.staff import find_actor
from csr_console.contracts.views.approvals import HeldView
from csr_console.desk.model import STOPPED, WAITING
from csr_console.domain.command import Command
from csr_console.domain.oversight.commands import DecideApproval, DiscardCommand
from csr_console.domain.refusals import Answer, Conflict, Refusal

ACCOUNTS = (MARIA, NEIGHBOR, NONPAY, FRAUD, MEDICAL, FINAL)
PREMISES = ("P0001204", "P0001206", "P0001210")
LOCATIONS = ("Oak & 12th", "OAK & 12TH", "pole 10432")
DEVICES = ("t:FU2", "t:TR4", "t:none")
MEETING = ("outage.report", "outage.add", "outage.correct", "caller.verify", "contact.update")
"""Kinds that two desks do to the same thing."""
HOURS = 40
"""Rounds of healing: far more than the slowest needs, and a desk that is wedged is never done."""

which = st.integers(0, 1)
ways = st.lists(st.one_of(st.sampled_from(FATES), st.just("good")), max_size=4)
"""What becomes of the next requests of a desk."""


def some_kinds(kinds: Iterable[str]) -> SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(sorted(kinds)), min_size=1, max_size=5)


class Storm(RuleBasedStateMachine):
    """Every rule is one thing that happens; `teardown` lets everything heal and looks at what is left."""

    def __init__(self, make_url: Callable[[Path], str], tally: Counter[str] | None = None) -> None:
        super().__init__()
        self.tally: Counter[str] = Counter() if tally is None else tally
        self.folder = Path(tempfile.mkdtemp(prefix="csr-storm-"))
        self.city = City(make_url(self.folder))
        self.story = holds.Story()
        self.stations = [
            Station("C07", self.folder / "C07", self.city, "sam", self.tally),
            Station("C08", self.folder / "C08", self.city, "lea", self.tally),
        ]
        for station in self.stations:
            station.sign_in()
            station.pull()

    # what clerks do

    @rule(at=which, kinds=some_kinds(ACTS), fates=ways, times=st.integers(0, 2), data=st.data())
    def work(self, at: int, kinds: list[str], fates: list[Fate], times: int, data: st.DataObject) -> None:
        """Some acts in a row, of which the first may be on their way before the last are entered."""
        self._work(self.stations[at], kinds, fates, times, data)

    @rule(at=which, kinds=some_kinds(MEETING), fates=ways, times=st.integers(0, 2), data=st.data())
    def work_on_what_meets(
        self, at: int, kinds: list[str], fates: list[Fate], times: int, data: st.DataObject
    ) -> None:
        self._work(self.stations[at], kinds, fates, times, data)

    def _work(
        self, station: Station, kinds: list[str], fates: list[Fate], times: int, data: st.DataObject
    ) -> None:
        for kind in kinds:
            self._enter(station, kind, data)
        self._drain(station, fates, times)

    def _enter(self, station: Station, kind: str, data: st.DataObject) -> None:
        if not self._staff(station):
            return
        strategy = ACTS[kind](self._sight(station))
        if strategy is None:
            return
        command = data.draw(strategy, label=kind)
        if isinstance(command, DiscardCommand):
            self._discard(station, command.discarded)
            return
        self._submit(station, command)

    def _submit(self, station: Station, command: Command, replaces: UUID | None = None) -> None:
        """Save it as a screen does; what is refused here and now was never acknowledged."""
        command_id = station.new_id()
        expects = self._expects(station, command)
        try:
            if replaces is None:
                receipt = station.desk.submit(command, id=command_id, expects=expects, wait_s=0.0)
            else:
                self.story.resolved[replaces] = self._chain_seq()
                receipt = station.desk._entering.submit(
                    command, id=command_id, expects=expects, wait_s=0.0, replaces=replaces
                )
        except (Refusal, Conflict) as refusal:
            if refusal.code not in ("not-permitted", "offline-never", "in-progress", "already-applied"):
                raise
            return
        station.acknowledged.append(receipt.id)
        self.tally[f"entered: {command.kind}"] += 1

    def _expects(self, station: Station, command: Command) -> dict[str, int] | None:
        """The versions that the clerk saw."""
        if command.resource is None:
            return None
        if command.resource.startswith("report:"):
            seen = [one.version for one in station.desk.reports() if command.resource == f"report:{one.id}"]
        else:
            viewed = station.desk.account(command.resource.partition(":")[2])
            seen = [viewed.view.contact.version] if viewed else []
        return {command.resource: seen[0] if seen else 1}

    def _discard(self, station: Station, command_id: UUID) -> None:
        self.story.resolved.setdefault(command_id, self._chain_seq())
        try:
            receipt = station.desk.discard(command_id, "Not wanted any more", wait_s=0.0)
        except (Refusal, Conflict) as refusal:
            if refusal.code not in ("not-permitted", "in-progress", "already-applied", "discarded"):
                raise
            return
        station.acknowledged.append(receipt.id)
        self.tally["entered: command.discard"] += 1

    @precondition(lambda self: self._has(STOPPED))
    @rule(at=which, resend=st.booleans())
    def resolve_what_is_stopped(self, at: int, resend: bool) -> None:
        """The clerk sends it again, corrected, or gives it up."""
        station = self.stations[at]
        stopped = [item for item in station.desk.queue(open_only=True) if item.state in STOPPED]
        if not stopped or not self._staff(station):
            return
        item = stopped[0]
        if resend and item.command is not None:
            self._submit(station, item.command, replaces=item.id)
        else:
            self._discard(station, item.id)

    @precondition(lambda self: self._has({*WAITING, "held"}))
    @rule(at=which, position=st.integers(0, 5))
    def discard_what_waits(self, at: int, position: int) -> None:
        station = self.stations[at]
        waiting = [item for item in station.desk.queue(open_only=True) if item.state in (*WAITING, "held")]
        if waiting and self._staff(station):
            self._discard(station, waiting[position % len(waiting)].id)

    @rule(at=which, number=st.sampled_from(ACCOUNTS))
    def open_customer(self, at: int, number: str) -> None:
        station = self.stations[at]
        if self._staff(station) and not station.desk._network.manual:
            with suppress(Answer, Killed):
                station.desk.refresh_account(number)
                station.fetched.add(number)

    @rule(at=which, login=st.sampled_from(CLERKS))
    def change_shift(self, at: int, login: str) -> None:
        station = self.stations[at]
        if self._may_sign_in(login):
            station.crossing.fates = []
            station.desk.sign_out()
            station.sign_in(login)

    @rule(at=which, on=st.booleans())
    def work_offline(self, at: int, on: bool) -> None:
        self.stations[at].crossing.fates = []
        self.stations[at].desk.work_offline(on)

    # what the background does

    @rule(at=which, fates=ways, times=st.integers(1, 3))
    def drain(self, at: int, fates: list[Fate], times: int) -> None:
        self._drain(self.stations[at], fates, times)

    def _drain(self, station: Station, fates: list[Fate], times: int) -> None:
        station.crossing.fates = list(fates)
        for _ in range(times):
            station.drain()

    @rule(at=which, fates=ways)
    def pull(self, at: int, fates: list[Fate]) -> None:
        station = self.stations[at]
        station.crossing.fates = list(fates)
        station.pull()

    # what happens to them

    @precondition(lambda self: any(station.crossing.late for station in self.stations))
    @rule(at=which, position=st.integers(0, 3))
    def a_late_request_arrives(self, at: int, position: int) -> None:
        station = self.stations[at]
        if station.crossing.late:
            station.run(station.crossing.arrive(position % len(station.crossing.late)))

    @rule(at=which, what=st.sampled_from(["desk", "desk when answers are kept", "central"]))
    def a_process_is_killed(self, at: int, what: str) -> None:
        station = self.stations[at]
        if what == "central":
            self.city.restart()
        elif what == "desk":
            station.crash()
        else:
            station.dies_at_change = True
            station.drain()
            station.dies_at_change = False
        holds.nothing_forgotten(station)

    @precondition(lambda self: self._has(WAITING))
    @rule(at=which, position=st.integers(0, 5), times=st.integers(1, 7))
    def central_breaks_on_one(self, at: int, position: int, times: int) -> None:
        waiting = [item for item in self.stations[at].desk.queue(open_only=True) if item.state in WAITING]
        if waiting:
            self.city.breaks[str(waiting[position % len(waiting)].id)] = times

    @rule(whose=st.integers(0, 2), days=st.integers(-3, 3), minutes=st.integers(-90, 90))
    def a_clock_jumps(self, whose: int, days: int, minutes: int) -> None:
        clocks = [*(station.clock for station in self.stations), self.city.clock]
        clocks[whose].jump(days=days, minutes=minutes)

    @rule(login=st.sampled_from(CLERKS), disabled=st.booleans())
    def a_clerk_is_disabled(self, login: str, disabled: bool) -> None:
        self.city.set_disabled(login, disabled)

    @rule(number=st.sampled_from(ACCOUNTS), cents=st.integers(1, 20_000))
    def the_cashier_takes_a_payment(self, number: str, cents: int) -> None:
        self.city.take_payment(number, cents, self.folder)

    @rule(keep=st.one_of(st.none(), st.integers(0, 3)))
    def the_feed_is_pruned(self, keep: int | None) -> None:
        """None: as after an import."""
        if keep is None:
            self.city.forget_feed()
        else:
            self.city.prune(keep)

    # what has to hold all the time

    @invariant()
    def no_call_is_shown_twice(self) -> None:
        self.tally["steps"] += 1
        log = self.city.log()
        for station in self.stations:
            holds.calls_shown(station, log)

    # what everybody needs

    def _has(self, states: Collection[str]) -> bool:
        """Whether anything in the two queues is in one of the states."""
        return any(row["state"] in states for station in self.stations for row in station.open_rows())

    def _staff(self, station: Station) -> bool:
        """Somebody is at the desk, if anybody may be."""
        if station.staffed and station.desk._session.can_send:
            return True
        if not self._may_sign_in(station.clerk):
            return station.staffed
        manual = station.desk._network.manual
        station.sign_in()
        if manual:
            station.desk.work_offline(True)
        return True

    def _may_sign_in(self, login: str) -> bool:
        actor = self.city.read(lambda connection: find_actor(connection, login))
        return actor is not None and not actor.disabled

    def _sight(self, station: Station) -> Sight:
        held: list[HeldView] = []
        with suppress(Answer, Killed):
            held = station.desk.online.approvals()
        return Sight(
            now=station.clock(),
            accounts=ACCOUNTS,
            premises=PREMISES,
            locations=LOCATIONS,
            devices=DEVICES,
            reports=station.desk.reports(),
            hazards=station.desk.hazards(),
            held=held,
            commands=station.acknowledged,
            receipts=self.city.receipts,
            new_id=station.new_id(),
        )

    def _chain_seq(self) -> int:
        log = self.city.log()
        return log[-1].seq if log else 0

    # healing

    def teardown(self) -> None:
        try:
            if sys.exc_info()[0] is None:
                self.heal()
                for check in holds.AFTERWARDS:
                    check(self.city, self.stations, self.story)
                holds.feed_is_gapless(self.city)
                self._repeat_everything()
                self._count()
        finally:
            for station in self.stations:
                station.close()
            self.city.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def heal(self) -> None:
        """Good weather, right clocks, nobody disabled, and clerks who work off what is left."""
        for login in STAFF:
            self.city.set_disabled(login, False)
        self.city.breaks.clear()
        for station in self.stations:
            station.crossing.fates = []
            station.clock.now = self.city.clock.now
        for _ in range(HOURS):
            self.city.clock.jump(seconds=40)
            done = [self._work_off(station) for station in self.stations]
            if all(done):
                break
        else:
            left = [item for station in self.stations for item in station.desk.queue(open_only=True)]
            raise AssertionError(f"it does not heal: {left}")
        for station in self.stations:
            station.pull()

    def _work_off(self, station: Station) -> bool:
        """One hour at a desk; True when nothing was left to do."""
        station.clock.now = self.city.clock.now
        if station.desk._network.manual:
            station.desk.work_offline(False)
        if station.clerk != "boss" or not station.staffed or not station.desk._session.can_send:
            station.desk.sign_out()
            station.sign_in("boss")
        while station.crossing.late:
            station.run(station.crossing.arrive(0))
        for _ in range(4):
            station.drain()
        for item in station.desk.queue(open_only=True):
            if item.parked:
                station.desk.retry(item.id)
            if item.state in STOPPED:
                self._discard(station, item.id)
        for held in station.desk.online.approvals():
            decision = DecideApproval(held=held.id, digest=held.digest, approve=True, reason="All is well")
            self._submit(station, decision)
        return not station.desk.queue(open_only=True)

    def _repeat_everything(self) -> None:
        """Whatever central has had, it gets once more: it answers, and nothing happens but that what was
        discarded unseen is told so."""
        before = self.city.log()
        lines = self.city.entries()
        for station in self.stations:
            token = station.desk._gateway.token
            for sent in [*station.crossing.seen]:
                station.run(_again(station, sent, token))
        news = [row.outcome.state for row in self.city.log()[len(before) :]]
        assert set(news) <= {"discarded"}, "a repeated request was applied again"
        assert self.city.entries() == lines

    def _count(self) -> None:
        self.tally["storms"] += 1
        for row in self.city.log():
            self.tally[f"outcome: {row.outcome.state}"] += 1


async def _again(station: Station, sent: Sent, token: str | None) -> None:
    if "dry_run" not in str(sent.url):
        await station.crossing.deliver(sent, token)
