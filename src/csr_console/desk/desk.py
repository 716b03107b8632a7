"""The workstation as its screens see it: everything saved before it is sent, everything read at once."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Self
from uuid import UUID

from csr_console.contracts.outcome import Outcome, Witness
from csr_console.contracts.signin import SessionTokens
from csr_console.contracts.views.accounts import AccountView, RosterEntry
from csr_console.contracts.views.outages import HazardView, PlannedView, ReportView
from csr_console.desk.alarms import Alarms
from csr_console.desk.bills import Bills
from csr_console.desk.bundle import read_bundle, write_bundle
from csr_console.desk.drainer import Drainer
from csr_console.desk.entering import Entering
from csr_console.desk.events import (
    AccountChanged,
    DeskEvent,
    HazardAlarm,
    OutagesChanged,
    RosterProgress,
    SignedOut,
)
from csr_console.desk.exceptions import Exceptions
from csr_console.desk.gateway import Gateway
from csr_console.desk.model import (
    DeskSettings,
    DeskStatus,
    Draft,
    QueueItem,
    Receipt,
    Reconciliation,
    Unreachable,
    Viewed,
)
from csr_console.desk.network import Network
from csr_console.desk.omnibox import Resolution, resolve
from csr_console.desk.online import Online
from csr_console.desk.publisher import Publisher
from csr_console.desk.puller import Puller
from csr_console.desk.reconcile import reconcile
from csr_console.desk.secrets import KeySource
from csr_console.desk.session import Session
from csr_console.desk.store.files import Files
from csr_console.desk.store.outbox import new_id
from csr_console.desk.store.pending import PendingReader
from csr_console.desk.store.queue_items import verify_outbox
from csr_console.desk.sync import Background, Sync
from csr_console.desk.workspace import Workspace
from csr_console.domain.command import Command, Plan
from csr_console.domain.permissions import Actor, Permission
from csr_console.domain.refusals import Refusal

PIN_SENDS_NOTHING = "The PIN opens this desk, it sends nothing: what waits goes out when somebody signs in."


def _now() -> datetime:
    return datetime.now(UTC)


def _alarms(settings: DeskSettings, on_event: Callable[[DeskEvent], None]) -> Alarms:
    def sound(hazard_id: UUID, sentence: str) -> None:
        on_event(HazardAlarm(hazard_id, sentence))

    return Alarms(settings.station, settings.dispatch_phone, sound)


class Desk:
    """One workstation. Every method may be called from any thread and blocks until it is done; screens call
    them through `asyncio.to_thread`. `on_event` is called from background threads."""

    def __init__(
        self,
        settings: DeskSettings,
        files: Files,
        gateway: Gateway,
        on_event: Callable[[DeskEvent], None],
        clock: Callable[[], datetime],
    ) -> None:
        self.closed = False
        self._files = files
        self._gateway = gateway
        self._clock = clock
        self._on_event = on_event
        self._background = Background()
        self._publisher = Publisher(files, on_event, self.status)
        self._network = Network(clock, self._publisher.dirty)
        self._session = Session(
            files.station,
            gateway,
            settings.station,
            clock,
            erase_cache=files.erase_cache,
            on_end=self._ended,
        )
        self._drainer = Drainer(
            files.outgoing, gateway, self._session, self._network, files.turn, clock, self._drained
        )
        self._puller = Puller(
            files.cache,
            gateway,
            self._session,
            self._network,
            clock,
            my_turn=lambda: self._drainer.drains,
            last_closing=files.last_closing,
            on_changed=self._changed,
            on_progress=lambda done, total: on_event(RosterProgress(done, total)),
        )
        pending = PendingReader(files.outbox_store)
        self.dispatch_phone = settings.dispatch_phone
        """The telephone of the dispatchers, which needs no network; empty when the settings name none."""
        self._workspace = Workspace(files.cache, pending, self._session, settings.station, clock)
        self.bills = Bills(
            files.cache, gateway, self._session, self._network, self._workspace, self._background, clock
        )
        self.online = Online(files, gateway, self._session, self._network, self._background)
        alarms = _alarms(settings, on_event)
        self._sync = Sync(
            gateway,
            self._network,
            self._drainer,
            self._puller,
            alarms,
            self._workspace,
            pending,
            clock=clock,
            publish=self._publisher.publish,
        )
        self._publisher.wake = lambda: self._background.tell(self._sync.look_at_queue)
        self._entering = Entering(
            files,
            self._session,
            self._network,
            self._drainer,
            self._background,
            self._publisher,
            clock=clock,
            wait_s=settings.submit_wait_s,
        )

    @cached_property
    def exceptions(self) -> Exceptions:
        """What bill runs found, as this workstation knows it."""
        pending = PendingReader(self._files.outbox_store)
        return Exceptions(self._files.cache, self.online, self._session, pending, self._clock)

    @classmethod
    def open(
        cls,
        settings: DeskSettings,
        keys: KeySource,
        *,
        gateway: Gateway,
        on_event: Callable[[DeskEvent], None],
        clock: Callable[[], datetime] = _now,
    ) -> Self:
        """Open the stores. Raises `StoreLocked` with what to do about it; nothing is touched then."""
        return cls(settings, Files(settings, keys, clock), gateway, on_event, clock)

    def start(self) -> None:
        """Begin to probe, drain and pull in the background."""
        self._background.ask(self._sync.start())

    def close(self) -> None:
        """Stop the background and close the stores. What was on the wire is asked about at the next start."""
        self.closed = True
        self._background.ask(self._sync.stop())
        self._background.stop()
        self._files.close()

    # who

    @property
    def actor(self) -> Actor | None:
        return self._session.actor

    @property
    def locked(self) -> bool:
        return self._session.locked

    @property
    def last_login(self) -> str | None:
        """Whom the lock screen greets."""
        return self._session.last_login

    def has_pin(self, login: str | None = None) -> bool:
        return self._session.has_pin(login)

    def sign_in(self, login: str, password: str) -> Actor:
        """Raises `Refusal` sign-in-failed, or `Unreachable`: then `unlock` with the PIN."""
        return self._admitted(*self._background.ask(self._session.sign_in(login, password)))

    def enter(self, tokens: SessionTokens) -> Actor:
        """Begin the session that the identity provider's code has given (`online.poll_device`)."""
        return self._admitted(*self._background.ask(self._session.enter(tokens)))

    def _admitted(self, actor: Actor, last_counter: int) -> Actor:
        self._files.outbox.raise_counter(last_counter)
        self._files.serve_office(actor.office)
        self._background.tell(self._sync.wake)
        self._publisher.dirty()
        return actor

    def unlock(self, secret: str, login: str | None = None) -> Actor:
        """By PIN, or by password when there is no PIN and the network is there. Raises `Answer`."""
        name = login or self._session.last_login
        if self._session.has_pin(login) or name is None:
            actor = self._session.unlock_by_pin(secret, login)
            self._files.serve_office(actor.office)
            self._background.tell(self._sync.wake)
            self._publisher.dirty()
            return actor
        return self.sign_in(name, secret)

    def set_pin(self, pin: str) -> None:
        self._session.set_pin(pin)

    def lock(self) -> None:
        """Hide the data; drafts stay and the queue drains on."""
        self._session.lock()
        self._publisher.dirty()

    def sign_out(self) -> None:
        """End the session. What is queued stays and goes out under whoever signs in next."""
        self._background.ask(self._session.sign_out())
        self._publisher.dirty()

    # find

    def resolve(self, line: str, *, here: str | None = None) -> Resolution:
        """What a line of the omnibox means; fast enough for every key."""
        with self._workspace.lookup() as lookup:
            return resolve(line, lookup, here=here)

    def entry(self, account: str) -> RosterEntry | None:
        return self._workspace.entry(account)

    def neighbor(self, account: str, step: int) -> RosterEntry | None:
        """The customer `step` doors along the street, for F7 and F8."""
        return self._workspace.neighbor(account, step)

    # read

    def account(self, number: str) -> Viewed[AccountView] | None:
        """The cached view with what is queued laid over it; None when only the roster line is known."""
        return self._workspace.account(number)

    def refresh_account(self, number: str) -> Viewed[AccountView]:
        """Ask central for the account. Raises `Unreachable`, `Refusal` not-found or not-permitted."""
        self._network.refuse_if_manual()
        known = self._files.find_view(number, self._workspace.reader)
        mark = self._files.last_closing()
        etag = known.etag if known else ""
        reader = self._workspace.reader
        given = self._background.ask(self._session.authorized(lambda: self._gateway.account(number, etag)))
        if given is None:
            self._files.confirm_view(number, mark)
        else:
            self._files.save_view(*given, reader=reader, mark=mark)
        viewed = self._workspace.account(number)
        if viewed is None:
            raise Unreachable("The account could not be kept: ask again.", sent=True)
        return viewed

    def reports(self) -> list[ReportView]:
        """Open reports in work-list order; one still in the queue has number 0."""
        return self._workspace.board().reports() if self._sees_outages() else []

    def hazards(self) -> list[HazardView]:
        return self._workspace.board().hazards() if self._sees_outages() else []

    def open_counts(self) -> tuple[int, int]:
        """Open reports and open hazards."""
        return self._workspace.board().counts()

    def planned(self) -> list[PlannedView]:
        return self._workspace.board().planned(self._clock()) if self._sees_outages() else []

    def _sees_outages(self) -> bool:
        return self._workspace.may(Permission.OUTAGE_READ)

    # write

    def new_id(self) -> UUID:
        """The id of a command, made when its form opens and never changed."""
        return new_id(self._clock())

    def preview(self, command: Command) -> Plan:
        """What the command would come to, from cached facts. Raises `Refusal`; central has the last word."""
        return self._workspace.preview(command, command_id=self.new_id(), network_up=self._network.up)

    def submit(
        self,
        command: Command,
        *,
        id: UUID,
        expects: dict[str, int] | None = None,
        reason: str | None = None,
        wait_s: float | None = None,
    ) -> Receipt:
        """Save a command and send it if the network is there; on disk when this returns. The same id again
        gives the same receipt. Waits up to `wait_s` for central's answer (0: not at all).

        Raises `Refusal` signed-out, not-permitted, offline-never, id-reused; `StoreUnsure`.
        """
        return self._entering.submit(command, id=id, expects=expects, reason=reason, wait_s=wait_s)

    def resend(
        self,
        id: UUID,
        command: Command,
        *,
        expects: dict[str, int] | None = None,
        wait_s: float | None = None,
    ) -> Receipt:
        """Send a corrected command under a new id in the place of one that did not go through."""
        self._must_be_theirs(id)
        return self._entering.submit(command, id=self.new_id(), expects=expects, wait_s=wait_s, replaces=id)

    def discard(self, id: UUID, reason: str, *, wait_s: float | None = None) -> Receipt:
        """Never send a queued command, and say why; the receipt is of the discard, itself a command."""
        self._must_be_theirs(id)
        return self._entering.discard(id, reason, discard_id=self.new_id(), wait_s=wait_s)

    def retry(self, id: UUID) -> None:
        """Try a parked or waiting command again now, under its own id."""
        self._entering.retry(id)

    # the queue, drafts, state

    def queue(self, *, open_only: bool = False) -> list[QueueItem]:
        """What waits, what was refused and what is held in the order entered, then the newest closed ones;
        of what whoever is signed in may not see no more than that it is there."""
        return self._workspace.shown(self._files.queue(open_only=open_only), self._files.station.office_of)

    def outcome(self, id: UUID) -> Outcome | None:
        """What central answered, None while it has not. Raises `Refusal` not-found."""
        return self._files.item(id).outcome

    def verify_outbox(self) -> list[str]:
        """A sentence for each row of the queue that was tampered with; [] when it is whole."""
        return verify_outbox(self._files.outbox_store)

    def export_bundle(self, path: Path, passphrase: str) -> int:
        """Write what waits to an encrypted file that another workstation can send; how many that are.

        Nothing leaves the queue: what is sent twice is answered once. Raises `Refusal` for a weak passphrase.
        """
        return write_bundle(path, passphrase, self._files.outbox.waiting())

    def import_bundle(self, path: Path, passphrase: str) -> int:
        """Take in another workstation's bundle and send it from here; how many were not known yet.

        Raises `Refusal` for another passphrase or a file that is no bundle; nothing is taken then.
        """
        self._session.author()
        taken = self._files.outbox.carry(read_bundle(path, passphrase))
        self._background.tell(self._drainer.wake)
        self._publisher.dirty()
        return taken

    def save_draft(self, draft: Draft) -> None:
        self._files.station.save_draft(draft)

    def drafts(self) -> list[Draft]:
        """The drafts of whoever is signed in, the newest first."""
        return self._files.station.drafts(self._workspace.reader)

    def drop_draft(self, id: UUID) -> None:
        self._files.station.drop_draft(id)

    def status(self) -> DeskStatus:
        """The state of the workstation now."""
        counts = self._files.counts()
        network = self._network.view
        return DeskStatus(
            network=network.state,
            since=network.since,
            sentence=self._sentence(),
            queued=counts.get("queued", 0) + counts.get("sending", 0),
            unconfirmed=counts.get("unconfirmed", 0),
            held=counts.get("held", 0),
            attention=counts["attention"],
            parked=counts["parked"],
            signed_in=self._session.can_send,
            locked=self._session.locked,
            drains=self._drainer.drains,
            roster_count=self._files.roster_count(),
            roster_progress=self._puller.taken,
            as_of=self._puller.as_of or self._files.cached_as_of(),
            trouble=self._trouble(),
        )

    def _trouble(self) -> str:
        if self._files.reserve.held:
            return self._sync.trouble
        return self._sync.trouble or "The disk of this workstation is nearly full: free some space."

    def _sentence(self) -> str:
        """What a clerk should know about the workstation, the most pressing first."""
        known = (self._network.view, self._drainer, self._puller)
        said = self._trouble() or next((part.sentence for part in known if part.sentence), "")
        if not said and self._session.actor is not None and not self._session.can_send:
            return PIN_SENDS_NOTHING
        return said

    def _must_be_theirs(self, id: UUID) -> None:
        """Raises `Refusal` not-permitted for a command that whoever is signed in may not even see."""
        item = self._files.item(id)
        if self._workspace.shown([item], self._files.station.office_of) != [item]:
            raise Refusal(
                "not-permitted", "That command is of another office, or of a role that reads accounts."
            )

    def work_offline(self, on: bool) -> None:
        """The clerk's own switch: nothing is sent or asked while it is on."""
        self._network.work_offline(on)
        if not on:
            self._background.ask(self._sync.look())
            self._background.tell(self._sync.wake)

    def reconcile(self) -> Reconciliation:
        """The end of the shift: every command entered is accounted for, here and at central."""
        shift = self._session.shift
        if shift is None:
            raise Refusal("signed-out", "Sign in first: a shift belongs to a person.")

        def audit_row(seq: int | None) -> Witness:
            self._network.refuse_if_manual()
            return self._background.ask(self._session.authorized(lambda: self._gateway.audit_head(seq)))

        return reconcile(
            self._files.outbox_store, shift.shift, shift.actor.office, shift.signed_in_at, audit_row
        )

    # what the background tells

    def _drained(self) -> None:
        self._puller.wake()
        self._publisher.dirty()

    def _ended(self) -> None:
        self._on_event(SignedOut())
        self._publisher.dirty()

    def _changed(self, accounts: frozenset[str], outages: bool) -> None:
        for account in sorted(accounts):
            self._on_event(AccountChanged(account))
        if outages:
            self._on_event(OutagesChanged())
        self._publisher.dirty()
