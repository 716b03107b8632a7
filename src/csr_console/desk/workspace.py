"""What a clerk sees: the cache with the queue laid over it, and what a command would come to."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import UUID

from csr_console.contracts.views.accounts import AccountView, RosterEntry
from csr_console.desk import budget, overlay
from csr_console.desk.board import Board
from csr_console.desk.decisions import decide
from csr_console.desk.laid import LaidBoard
from csr_console.desk.model import QueueItem, Viewed
from csr_console.desk.omnibox import NOBODY, Lookup
from csr_console.desk.session import Session
from csr_console.desk.store import cache_rows
from csr_console.desk.store.cache_files import CacheFiles
from csr_console.desk.store.cache_rows import CachedView
from csr_console.desk.store.pending import Pending, PendingReader
from csr_console.desk.store.roster import Roster
from csr_console.domain.accounts.decide import AccountFacts
from csr_console.domain.billing.budget_decide import BudgetFacts
from csr_console.domain.billing.decide import MoneyFacts
from csr_console.domain.command import Change, Command, Context, Offline, Plan
from csr_console.domain.outages.commands import ReportOutage
from csr_console.domain.outages.decide import PlaceFacts, ReportFacts
from csr_console.domain.outages.hazards import HazardFacts
from csr_console.domain.permissions import Actor, Permission, Role, may, require
from csr_console.domain.refusals import Refusal


class Workspace:
    """Reads only; safe from any thread."""

    def __init__(
        self,
        cache: CacheFiles,
        pending: PendingReader,
        session: Session,
        station: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._cache = cache
        self.roster = Roster(cache)
        self._pending = pending
        self._session = session
        self._station = station
        self._clock = clock
        self._laid = LaidBoard(
            cache, pending, self.find_entry, lambda board: Fold(self, lambda: board, None).lay
        )

    def may(self, permission: Permission) -> bool:
        """Whether whoever is signed in may see such things: what is cached was fetched for others too."""
        actor = self._session.actor
        return actor is None or may(actor, permission)

    @contextmanager
    def lookup(self) -> Iterator[Lookup]:
        """The roster, empty for somebody who may not read accounts."""
        if not self.may(Permission.ACCOUNT_READ):
            yield NOBODY
            return
        with self.roster.reader() as reader:
            yield reader

    def entry(self, account: str) -> RosterEntry | None:
        if not self.may(Permission.ACCOUNT_READ):
            return None
        with self.roster.reader() as reader:
            return reader.entry(account)

    def neighbor(self, account: str, step: int) -> RosterEntry | None:
        """Who lives at the premise `step` doors further along the street."""
        if not self.may(Permission.ACCOUNT_READ):
            return None
        with self.roster.reader() as reader:
            entry = reader.entry(account)
            return reader.neighbor(entry, step) if entry else None

    def find_entry(self, account: str | None, premise: str | None) -> RosterEntry | None:
        """The entry of an account, or of whoever is at a premise."""
        with self.roster.reader() as reader:
            if account and (entry := reader.entry(account)) is not None:
                return entry
            at_premise = reader.by_premise(premise) if premise else []
            return at_premise[0] if at_premise else None

    def account(self, number: str) -> Viewed[AccountView] | None:
        """The cached view with the queue laid over it, None when only the roster knows the account."""
        if not self.may(Permission.ACCOUNT_READ):
            return None
        with self._cache.read() as connection:
            cached = cache_rows.find_view(connection, number)
        if cached is None:
            return None
        view = self._as_read_by_me(cached)
        waiting = self._pending.of_account(number, view.entry.premise, cached.mark)
        # The feed may tell of them sooner than their outcomes: a report is not the second call on itself.
        fold = Fold(self, partial(self._laid.before, {item.id for item in waiting}), view)
        pending_fields: frozenset[str] = frozenset()
        for item in waiting:
            for change in fold.lay(item):
                if item.waits:
                    pending_fields |= overlay.fields_set(change, number)
        return Viewed(
            fold.view or view,
            cached.as_of,
            sum(item.waits for item in waiting),
            cached.stale,
            pending_fields,
        )

    def _as_read_by_me(self, cached: CachedView) -> AccountView:
        """The verification in a view is of the clerk it was fetched for."""
        if cached.reader == self.reader:
            return cached.view
        return cached.view.model_copy(update={"verified_level": 0, "verified_at": None})

    def shown(self, items: list[QueueItem], office_of: Callable[[str], str | None]) -> list[QueueItem]:
        """The queue as whoever is signed in may see it: another office's commands, and everybody's for one
        who may not read accounts, say nothing of a customer."""
        actor = self._session.actor
        if actor is None:
            return items
        reads = may(actor, Permission.ACCOUNT_READ)
        logins = {item.actor for item in items}
        theirs = {login for login in logins if office_of(login) not in (None, actor.office) or not reads}
        hidden = theirs - {actor.login}
        return [_hidden(item) if item.actor in hidden else item for item in items]

    @property
    def reader(self) -> str:
        actor = self._session.actor
        return actor.login if actor else ""

    def board(self) -> Board:
        """Reports, hazards and planned outages with the queue laid over them."""
        return self._laid.board()

    def context(self, item: Pending) -> Context:
        actor = Actor(item.actor, item.actor, Role.SUPERVISOR, self._session.office or "")
        return Context(actor, self._clock(), str(item.id), item.station, item.issued_at)

    def preview(self, command: Command, *, command_id: UUID, network_up: bool) -> Plan:
        """What the command would come to. Raises `Refusal` by the same rules as central, on cached facts."""
        actor = self._session.author().actor
        require(actor, command.permission, actor.office)
        if command.offline is Offline.NEVER and not network_up:
            raise Refusal("offline-never", command.offline_sentence)
        now = self._clock()
        context = Context(actor, now, str(command_id), self._station, now)
        return decide(command, Fold(self, self.board, None), context)

    def money_of(self, account: str) -> MoneyFacts:
        """What a customer owes as far as it is known here. Raises `Refusal` not-found without a view."""
        viewed = self.account(account)
        if viewed is None:
            raise Refusal("not-found", f"What {account} owes is not known here: open the account first.")
        return overlay.money_facts(viewed.view)

    def budget_of(self, account: str) -> BudgetFacts:
        """How an account stands for budget billing as far as it is known here. Raises `Refusal` not-found
        without a view."""
        viewed = self.account(account)
        if viewed is None:
            raise Refusal("not-found", f"What {account} owes is not known here: open the account first.")
        return budget.budget_facts(viewed.view)

    def facts_of(self, account: str, command: Command) -> AccountFacts:
        """What is known of an account: its view with the queue over it, or its line of the roster."""
        viewed = self.account(account)
        if viewed is not None:
            return overlay.account_facts(viewed.view, command)
        entry = self.entry(account)
        if entry is None:
            raise Refusal("not-found", f"The account {account} is not known on this workstation.")
        phones = dict(zip(("phone_1", "phone_2"), entry.phones, strict=False))
        return AccountFacts(account, entry.status, entry.flags, phones)


def _hidden(item: QueueItem) -> QueueItem:
    """A command of somebody else's, without what it is about."""
    sentence = "It belongs to another office, or to a role that reads accounts: theirs to see and to send."
    return replace(
        item, lane="", about="", sentence=sentence, problem=None, command=None, outcome=None, expects={}
    )


class Fold:
    """A `World` that changes as queued commands are decided on it and laid over it, in order."""

    def __init__(
        self, workspace: Workspace, make_board: Callable[[], Board], view: AccountView | None
    ) -> None:
        self._workspace = workspace
        self._make_board = make_board
        self._made: Board | None = None
        self.view = view

    @property
    def _board(self) -> Board:
        if self._made is None:
            self._made = self._make_board()
        return self._made

    def lay(self, item: Pending) -> Sequence[Change]:
        """Lay one queued command over the world; what it changes, nothing if it would be refused now."""
        context = self._workspace.context(item)
        try:
            plan = decide(item.command, self, context)
        except Refusal:
            return ()
        number = item.result.get("number")
        for change in plan.changes:
            if type(change).__module__.startswith("csr_console.domain.outages"):
                self._board.apply(
                    change,
                    item.id,
                    number=number if isinstance(number, int) else 0,
                    actor=item.actor,
                    station=item.station,
                )
            if self.view is not None:
                self.view = overlay.lay_over(self.view, change, item.id, self._workspace.reader)
        return plan.changes

    def money_facts(self, account: str) -> MoneyFacts:
        if self.view is not None and self.view.entry.account == account:
            return overlay.money_facts(self.view)
        return self._workspace.money_of(account)

    def budget_facts(self, account: str) -> BudgetFacts:
        if self.view is not None and self.view.entry.account == account:
            return budget.budget_facts(self.view)
        return self._workspace.budget_of(account)

    def account_facts(self, account: str, command: Command, context: Context) -> AccountFacts:
        if self.view is not None and self.view.entry.account == account:
            facts = overlay.account_facts(self.view, command)
            if context.actor.login != self._workspace.reader:
                return overlay.trusting(facts, context.happened_at)
            return facts
        return self._workspace.facts_of(account, command)

    def place_facts(self, command: ReportOutage, context: Context) -> PlaceFacts:
        return self._board.place_facts(command, context.happened_at)

    def report_facts(self, report: UUID) -> ReportFacts:
        return self._board.report_facts(report)

    def hazard_facts(self, hazard: UUID) -> HazardFacts:
        return self._board.hazard_facts(hazard)

    def device_exists(self, device: str) -> bool:
        """Only transformers are known here: central has the whole network, so none is refused."""
        return bool(device)
