"""Commands that wait for a second person: read exactly what is held, then yes or no with a reason."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from csr_console.contracts.registry import REGISTRY
from csr_console.domain.oversight.commands import DecideApproval
from csr_console.domain.refusals import Answer
from csr_console.domain.text import clean_line
from csr_console.screens.ask import AskScreen, check_reason
from csr_console.screens.base import ConsoleScreen
from csr_console.screens.following import follow
from csr_console.screens.format import age, day, money, words
from csr_console.screens.submit import Sending, refuse
from csr_console.screens.work import begin
from csr_console.widgets.cells import Column
from csr_console.widgets.result_list import ResultList

if TYPE_CHECKING:
    from uuid import UUID

    from csr_console.contracts.views.approvals import HeldView
    from csr_console.desk.desk import Desk

COLUMNS = (
    Column("Command", 24),
    Column("Customer", 0),
    Column("By", 12),
    Column("Age", 6, right=True),
)


class ApprovalsScreen(ConsoleScreen):
    """The list comes from central each time: an approval is never given on what is only remembered."""

    DEFAULT_CSS = """
    ApprovalsScreen #held { height: 1fr; }
    ApprovalsScreen #reading { height: 60%; padding: 0 1; border-top: solid $line; }
    ApprovalsScreen #command { height: auto; text-wrap: wrap; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "decide(True)", "Approve"),
        Binding("n", "decide(False)", "Decline"),
        Binding("space", "more_lines", "More lines"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._held: list[HeldView] = []
        self._customers: dict[str, str] = {}
        self._read: UUID | None = None

    def compose_body(self) -> ComposeResult:
        yield ResultList(COLUMNS, empty="Nothing waits for a second person", id="held")
        with VerticalScroll(id="reading", can_focus=False):
            yield Static(id="command")

    def work_widget(self) -> Widget:
        return self.query_one("#held", ResultList)

    def on_mount(self) -> None:
        self._load()

    async def refresh_now(self) -> None:
        self._load()

    def _load(self) -> None:
        begin(self, self._show, group="load", exclusive=True)

    async def _show(self) -> None:
        was = [held.id for held in self._held]
        try:
            self._held = await asyncio.to_thread(self.console.desk.online.approvals)
        except Answer as answer:
            self._held = []
            refuse(self.console, answer)
        self._customers = await asyncio.to_thread(customers_of, self.console.desk, self._held)
        now = self.console.now()
        cells = [
            (title_of(held), self._customer(held), clean_line(held.actor), age(now - held.held_at))
            for held in self._held
        ]
        follow(self.query_one("#held", ResultList), was, cells, [held.id for held in self._held])
        self._show_command()

    def _customer(self, held: HeldView) -> str:
        account = str(held.command.get("account", ""))
        return self._customers.get(account, clean_line(account))

    def _chosen(self) -> HeldView | None:
        cursor = self.query_one("#held", ResultList).cursor
        return self._held[cursor] if cursor is not None and cursor < len(self._held) else None

    @on(ResultList.Highlighted, "#held")
    @on(ResultList.Chosen, "#held")
    def _show_command(self) -> None:
        held = self._chosen()
        lines = command_lines(held) if held else []
        self.query_one("#command", Static).update(Content("\n".join(lines)))
        if held is None or held.id != self._read:
            self._read = held.id if held else None
            self.query_one("#reading", VerticalScroll).scroll_home(animate=False)

    def action_more_lines(self) -> None:
        """The next page of what is read, from the last one back to the first."""
        reading = self.query_one("#reading", VerticalScroll)
        if reading.scroll_offset.y >= reading.max_scroll_y:
            reading.scroll_home(animate=False)
        else:
            reading.scroll_relative(y=max(1, reading.size.height - 1), animate=False)

    def action_decide(self, approve: bool) -> None:
        held = self._chosen()
        if held is None:
            self.notify_line("info", "Nothing waits for a second person.")
            return
        actor = self.console.desk.actor
        own = actor is not None and actor.login == held.actor
        if held.why_not and (approve or own):
            self.console.gate.clear()
            self.notify_line("error", held.why_not)
            return
        word = "Approve" if approve else "Decline"
        question = f"{word} “{title_of(held)}” of {held.actor} for {self._customer(held)}? Why:"
        self.app.push_screen(AskScreen(question, check=check_reason), partial(self._decide, held, approve))

    def _decide(self, held: HeldView, approve: bool, reason: str | None) -> None:
        if reason is not None:
            command = DecideApproval(held=held.id, digest=held.digest, approve=approve, reason=reason)
            begin(self.app, partial(self._send, command), group="send")

    async def _send(self, command: DecideApproval) -> None:
        async with self.console.gate.hold("sending"):
            await Sending(self.console).send(command)
        if self.app.screen is self and not self.console.offline:
            self._load()


def customers_of(desk: Desk, held: list[HeldView]) -> dict[str, str]:
    """The customer of each account that is named in what is held."""
    accounts = {str(item.command["account"]) for item in held if item.command.get("account")}
    found = {account: desk.entry(account) for account in accounts}
    return {account: f"{clean_line(entry.name)} · {account}" for account, entry in found.items() if entry}


def title_of(held: HeldView) -> str:
    """The title of the command's kind."""
    kind = REGISTRY.commands.get(held.kind)
    return kind.title if kind else clean_line(held.kind)


def command_lines(held: HeldView) -> list[str]:
    """Why it waits, every field of what would be done, each line of a bill before and after, and the
    beginning of the digest an approval signs."""
    fields = [
        f"{words(name):<14} {clean_line(str(value), limit=300) or '(empty)'}"
        for name, value in held.command.items()
        if name != "kind" and value is not None
    ]
    until = f" · until {day(held.expires_at.astimezone().date())}" if held.expires_at else ""
    sealed = f"{title_of(held)} · station {clean_line(held.station)}{until} · digest {held.digest[:12]}"
    lines = [clean_line(line, limit=300) for line in difference_lines(held.shown)]
    totals = [clean_line(line, limit=300) for line in total_lines(held.shown)]
    return [*limit_lines(held), clean_line(held.sentence, limit=300), *totals, *fields, *lines, sealed]


def limit_lines(held: HeldView) -> list[str]:
    """Why whoever reads it may not say yes, and what counts against their limit."""
    lines = [f"✗ {clean_line(held.why_not, limit=300)}"] if held.why_not else []
    if held.amount_cents is not None and held.linked_cents:
        total = money(held.amount_cents + held.linked_cents)
        lines.append(f"With what was approved for the account in 30 days it comes to {total}.")
    return lines


def total_lines(shown: Mapping[str, Any]) -> list[str]:
    """Each bill with what it comes to before and after, and what that does for the customer."""
    bills = shown.get("bills") or ([shown] if "bill" in shown else [])
    lines = [
        f"Bill {one['bill']}: {money(one['before_cents'])} → {money(one['after_cents'])}"
        + (f", due {one['due_on']}" if one.get("due_on") else "")
        for one in bills
    ]
    if len(bills) > 1:
        lines.append(f"Together: {money(shown['before_cents'])} → {money(shown['after_cents'])}")
    parts = shown.get("repayment", ())
    if len(parts) > 1:
        due = ", ".join(f"{money(one['cents'])} by {one['due_on']}" for one in parts)
        lines.append(f"May be repaid: {due}")
    if refund := shown.get("refund_cents"):
        lines.append(f"Goes back to the customer: {money(refund)}")
    was, is_ = shown.get("overdue_before_cents", 0), shown.get("overdue_after_cents", 0)
    if was != is_:
        lines.append(f"Overdue: {money(was)} → {money(is_)}")
    return lines


def difference_lines(shown: Mapping[str, Any]) -> list[str]:
    """The lines of the bills before and after, as central shows them beside what it holds."""
    several = len(shown.get("bills", ())) > 1
    return [
        (f"{one['bill']} · " if several else "")
        + f"{one['service']} · {one['label']}: {_amount(one['before_cents'])} → {_amount(one['after_cents'])}"
        for one in shown.get("differences", ())
    ]


def _amount(cents: int | None) -> str:
    return "none" if cents is None else money(cents)
