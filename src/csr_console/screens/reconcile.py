"""The end of a shift: what was entered is somewhere, and both audit heads agree."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from csr_console.desk.events import DeskEvent, StatusChanged
from csr_console.domain.refusals import Answer
from csr_console.domain.text import clean_line
from csr_console.screens.base import ConsoleScreen, verb_bindings
from csr_console.screens.format import moment_on
from csr_console.screens.submit import refuse
from csr_console.screens.work import keep_up

if TYPE_CHECKING:
    from csr_console.desk.model import DeskStatus, Reconciliation


class ReconcileScreen(ConsoleScreen):
    """The counts of this workstation against central."""

    DEFAULT_CSS = """
    ReconcileScreen VerticalScroll { padding: 0 2; }
    ReconcileScreen #sheet { height: auto; text-wrap: wrap; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*verb_bindings()]

    def compose_body(self) -> ComposeResult:
        with VerticalScroll(id="reading"):
            yield Static(Content("Counting…"), id="sheet")

    def work_widget(self) -> Widget:
        return self.query_one("#reading")

    def on_mount(self) -> None:
        self._load()

    def desk_event(self, event: DeskEvent) -> None:
        if isinstance(event, StatusChanged):
            self._load()

    async def refresh_now(self) -> None:
        self._load()

    def _load(self) -> None:
        keep_up(self, self._count, group="load")

    async def _count(self) -> None:
        desk = self.console.desk
        try:
            result = await asyncio.to_thread(desk.reconcile)
        except Answer as answer:
            refuse(self.console, answer)
            self.query_one("#sheet", Static).update(Content(clean_line(answer.sentence)))
            return
        status = await asyncio.to_thread(desk.status)
        self.query_one("#sheet", Static).update(sheet(result, status, self.console.now()))


def sheet(result: Reconciliation, status: DeskStatus, now: datetime) -> Content:
    """Entered = the sum of every state; what an earlier shift left; the heads; what does not fit."""
    since = f" since {moment_on(result.since, now)}" if result.since else ""
    lines = [
        Content.styled(f"{'Entered in this shift' + since:<34} {result.entered:>6,}", "bold"),
        *(Content(f"  {state:<32} {count:>6,}") for state, count in result.counts.items() if count),
        Content(f"  {'of these, central has not answered':<34}{result.open:>5,}"),
    ]
    left = status.queued + status.unconfirmed - result.open
    if left > 0:
        lines.append(Content.styled(f"  {'left over from an earlier shift':<32} {left:>6,}", "$tone-warn"))
    lines += [Content(""), Content(f"This workstation's chain  {result.chain_head[:16] or 'empty'}")]
    reached = result.central_head is not None
    if result.central_head is not None:
        head = result.central_head
        lines.append(Content(f"Central's audit log       {head.hash[:16]}  row {head.seq:,}"))
    # Without central its log is the one finding there is, and nothing is wrong.
    findings = result.findings if reached else result.findings[:-1]
    lines.append(Content(""))
    lines += [Content.styled(f"✗ {clean_line(finding, limit=300)}", "$tone-error") for finding in findings]
    adds_up = result.entered == sum(result.counts.values())
    if not adds_up:
        lines.append(Content.styled("✗ The counts differ: call support before you leave.", "$tone-error"))
    if not reached:
        said = "◌ Central is not reached: count again with F5 when the network is back."
        lines.append(Content.styled(said, "$tone-warn"))
    elif adds_up and not findings:
        lines.append(Content.styled("✓ Everything entered is accounted for.", "$tone-ok"))
    return Content("\n").join(lines)
