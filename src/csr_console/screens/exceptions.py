"""What bill runs found: a work list of the office, the newest run first."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from pydantic import ValidationError
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from csr_console.contracts.views.exceptions import MOST
from csr_console.desk.events import AccountChanged, DeskEvent, StatusChanged
from csr_console.domain.billing.commands import SettleException
from csr_console.domain.billing.exceptions import ENDED_BY_READ, ExceptionCode
from csr_console.domain.permissions import Permission, require
from csr_console.domain.refusals import Answer, Refusal
from csr_console.domain.text import clean_line
from csr_console.screens.ask import AskScreen, check_reason
from csr_console.screens.base import ConsoleScreen, verb_bindings
from csr_console.screens.following import follow
from csr_console.screens.format import as_of, near_day, words
from csr_console.screens.submit import Sending
from csr_console.screens.work import again_after, begin, keep_up
from csr_console.widgets.cells import Cell, Column, Toned
from csr_console.widgets.result_list import ResultList

if TYPE_CHECKING:
    from datetime import date

    from csr_console.app import ConsoleApp
    from csr_console.contracts.views.accounts import RosterEntry
    from csr_console.contracts.views.exceptions import ExceptionView
    from csr_console.desk.exceptions import Found

WIDE = 110
"""From this many columns on there is room for what was found in words."""
NARROW_COLUMNS = (
    Column("Found", 18),
    Column("Service", 11),
    Column("Customer", 0),
    Column("Run", 12, right=True),
)
WIDE_COLUMNS = (*NARROW_COLUMNS[:3], Column("Said", 46), NARROW_COLUMNS[3])
_OWN_KEYS = ("s", "r", "k")


async def show_exceptions(app: ConsoleApp, args: tuple[str, ...]) -> None:
    """`exceptions` lists all that waits, `exceptions high` what is called so."""
    asked = "-".join(args).casefold()
    only = next((code for code in ExceptionCode if asked and code.value.startswith(asked)), None)
    screen = ExceptionsScreen(only)
    await app.show_screen(screen)
    await screen.read_first()
    if asked and only is None:
        kinds = ", ".join(code.label for code in ExceptionCode)
        app.notify_line("info", f"Nothing is called {clean_line(asked)}; there are: {kinds}.")


class ExceptionsScreen(ConsoleScreen):
    """Enter opens the customer's bills, `s` settles with a reason, `r` gives a read, `k` shows one kind."""

    DEFAULT_CSS = """
    ExceptionsScreen #summary { height: 2; padding: 0 1; color: $tone-dim; text-wrap: wrap; }
    ExceptionsScreen #exceptions { height: 1fr; }
    ExceptionsScreen #said { height: 4; padding: 0 1; border-top: solid $line; text-wrap: wrap; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "settle", "Settle"),
        Binding("r", "read", "Enter read"),
        Binding("k", "next_kind", "One kind"),
        *(one for one in verb_bindings() if isinstance(one, Binding) and one.key not in _OWN_KEYS),
    ]

    def __init__(self, only: ExceptionCode | None = None) -> None:
        super().__init__()
        self._only = only
        self._found: Found | None = None
        self._items: list[ExceptionView] = []
        self._entry: RosterEntry | None = None
        self._reading = True
        self._offline: bool | None = None
        self._trouble = ""

    def compose_body(self) -> ComposeResult:
        yield Static(id="summary")
        columns = WIDE_COLUMNS if self.app.size.width >= WIDE else NARROW_COLUMNS
        yield ResultList(columns, empty="", id="exceptions")
        yield Static(id="said")

    def work_widget(self) -> Widget:
        return self.query_one("#exceptions", ResultList)

    @property
    def here(self) -> RosterEntry | None:
        """The customer of the cursor's row, once they are looked up."""
        chosen = self._chosen()
        known = self._entry
        return known if chosen and known and known.account == chosen.account else None

    # Reading.

    async def read_first(self) -> None:
        """Show what is on this desk while the keys wait, then ask central behind it."""
        async with self.console.gate.hold("reading the exceptions"):
            self._found = await asyncio.to_thread(self.console.desk.exceptions.waiting)
            self._show()
        self._load()

    def _load(self) -> None:
        keep_up(self, self._ask, group="load")

    async def _ask(self) -> None:
        if self.console.leaving:
            return
        exceptions = self.console.desk.exceptions
        try:
            self._reading = not self.console.offline
            read = exceptions.waiting if self.console.offline else exceptions.refresh
            self._found = await asyncio.to_thread(read)
            self._trouble = ""
        except Answer as answer:
            self._found = await asyncio.to_thread(exceptions.waiting)
            unreachable = answer.code == "unavailable"
            self._trouble = "central not reached" if unreachable else clean_line(answer.sentence)
            if (again := again_after(answer)) is not None:
                begin(self, partial(self._ask_after, again), group="again", exclusive=True)
        finally:
            self._reading = False
        self._show()

    async def _ask_after(self, seconds: float) -> None:
        await self.console.rest(seconds)
        self._load()

    def desk_event(self, event: DeskEvent) -> None:
        turned = isinstance(event, StatusChanged) and self.console.offline is not self._offline
        self._offline = self.console.offline
        if turned or isinstance(event, AccountChanged):
            self._load()

    async def refresh_now(self) -> None:
        async with self.console.gate.hold("refreshing"):
            await self._ask()
            self.notify_line("info", f"Not refreshed: {self._trouble}." if self._trouble else "Refreshed.")

    # Showing.

    def _show(self) -> None:
        was = [one.key for one in self._items]
        found, today = self._found, self.console.now().date()
        only = self._only.value if self._only else None
        self._items = [one for one in found.items if only in (None, one.code)] if found else []
        queued = found.queued if found else frozenset()
        wide = self.app.size.width >= WIDE
        cells = [row_of(one, today, queued=one.key in queued, wide=wide) for one in self._items]
        listed = self.query_one("#exceptions", ResultList)
        listed.set_rows(listed.rows, keep=True, empty=self._nothing)
        follow(listed, was, cells, [one.key for one in self._items])
        self.query_one("#summary", Static).update(Content(self._summary()))
        self._say()

    @property
    def _nothing(self) -> str:
        if self._found is not None:
            return f"No {self._only.label} waits" if self._only else "Nothing that a bill run found waits"
        if self._reading:
            return "Reading from central …"
        return self._trouble or "This list was never read on this desk, and central is not reached."

    def _summary(self) -> str:
        if self._found is None:
            return ""
        counts = [f"{one.waiting:,} {words(one.code.replace('-', ' '))}" for one in self._found.counts]
        total = sum(one.waiting for one in self._found.counts)
        said = as_of(self._found.as_of, self.console.now())
        if self._trouble or self.console.offline:
            said += f" · {self._trouble or 'offline'}"
        shown = f" · only {self._only.label}" if self._only else ""
        most = f" · the newest {MOST:,} are listed" if total > MOST else ""
        return f"{total:,} waiting · {said}{shown}{most}\n{' · '.join(counts)}"

    @on(ResultList.Highlighted, "#exceptions")
    def _highlight(self, event: ResultList.Highlighted) -> None:
        event.stop()
        self._say()

    def _say(self) -> None:
        one = self._chosen()
        lines = said_of(one) if one else []
        self.query_one("#said", Static).update(Content("\n".join(lines)))
        if one is not None and (self._entry is None or self._entry.account != one.account):
            begin(self, partial(self._look_up, one.account), group="entry", exclusive=True)

    async def _look_up(self, account: str) -> None:
        self._entry = await asyncio.to_thread(self.console.desk.entry, account)

    def _chosen(self) -> ExceptionView | None:
        at = self.query_one("#exceptions", ResultList).cursor
        return self._items[at] if at is not None and at < len(self._items) else None

    # Keys.

    @on(ResultList.Chosen, "#exceptions")
    def _open(self, event: ResultList.Chosen) -> None:
        event.stop()
        if event.index < len(self._items):
            begin(self.app, partial(self._open_bills, self._items[event.index]), group="line")

    async def _open_bills(self, one: ExceptionView) -> None:
        from csr_console.screens.billing import show_bills

        if (entry := await self._customer(one)) is not None:
            await show_bills(self.console, entry)

    async def _customer(self, one: ExceptionView) -> RosterEntry | None:
        desk = self.console.desk
        entry = await self.console.desk_call(desk.entry, one.account, doing="opening the customer")
        if entry is None:
            self.notify_line("warn", f"Account {one.account} is not on this desk yet.")
        return entry

    def action_next_kind(self) -> None:
        """Each kind that waits in turn, then all of them again."""
        counts = self._found.counts if self._found else ()
        kinds = [code for code in ExceptionCode if any(one.code == code.value for one in counts)]
        turns = [None, *kinds]
        at = turns.index(self._only) if self._only in turns else 0
        self._only = turns[(at + 1) % len(turns)]
        self._show()

    def action_settle(self) -> None:
        one = self._allowed(Permission.EXCEPTION_SETTLE)
        if one is None:
            return
        what = f"{words(one.code.replace('-', ' '))} of {words(one.service)}, {clean_line(one.name)}"
        question = f"Settle {what}? What came of it:"
        self.app.push_screen(AskScreen(question, check=check_reason), partial(self._settle, one))

    def _settle(self, one: ExceptionView, reason: str | None) -> None:
        if reason is None:
            return
        named = {"account": one.account, "run": one.run, "service": one.service, "code": one.code}
        try:
            command = SettleException.model_validate({**named, "reason": reason})
        except ValidationError:
            self.notify_line("error", "This workstation does not know what was found there: update it.")
        else:
            begin(self.app, partial(self._send, command, one.version), group="send")

    async def _send(self, command: SettleException, version: int) -> None:
        async with self.console.gate.hold("sending"):
            sending = Sending(self.console, command.account)
            await sending.send(command, expects={command.resource: version})
        if self in self.app.screen_stack:
            self._load()

    async def action_read(self) -> None:
        """Give the read that the row waits for."""
        from csr_console.screens.meter_read import MeterReadScreen

        one = self._allowed(Permission.READ_ENTER)
        if one is None:
            return
        service = "water" if one.service == "sewer" and one.code in ENDED_BY_READ else one.service
        if (entry := await self._customer(one)) is not None:
            await self.console.show_screen(MeterReadScreen(entry, service, last=last_read(one)))

    def _allowed(self, permission: Permission) -> ExceptionView | None:
        """The row of the cursor, if there is one and the clerk may; else what stands against it is said."""
        one, actor = self._chosen(), self.console.desk.actor
        if one is None:
            self.notify_line("info", "Nothing waits here.")
            return None
        try:
            if actor is not None:
                require(actor, permission, actor.office)
                return one
        except Refusal as refusal:
            self.notify_line("warn", refusal.sentence)
        return None


def row_of(one: ExceptionView, today: date, *, queued: bool, wide: bool) -> tuple[Cell, ...]:
    """A row of the list; one that a queued command will settle says so."""
    kind = words(one.code.replace("-", " "))
    not_billed = one.code in (*ENDED_BY_READ, ExceptionCode.NOT_RATED)
    found: Cell = Toned(f"… {kind}", "dim") if queued else Toned(kind, "danger" if not_billed else "warn")
    who = f"{clean_line(one.name)} · {one.account}"
    said = (clean_line(one.sentence),) if wide else ()
    return (found, words(one.service), who, *said, near_day(one.found_on, today))


def said_of(one: ExceptionView) -> list[str]:
    """What was found in full, where, and what its meter showed last."""
    where = f"{clean_line(one.service_address)} · {one.account}"
    return [clean_line(one.sentence, limit=300), f"{where} · {last_read(one)}" if one.meter else where]


def last_read(one: ExceptionView) -> str:
    """`meter E1000000, last 73670 on 2024-08-01`; empty for what has no meter."""
    if not one.meter:
        return ""
    last = f", last {clean_line(one.last_value)} on {one.last_read_on}" if one.last_read_on else ""
    return f"meter {clean_line(one.meter)}{last}"
