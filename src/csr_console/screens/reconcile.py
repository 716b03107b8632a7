"""The end of a shift: what was entered is somewhere, and both audit heads agree."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from csr_console.domain.refusals import Answer
from csr_console.screens.base import ConsoleScreen
from csr_console.screens.submit import refuse
from csr_console.screens.work import begin

if TYPE_CHECKING:
    from csr_console.desk.model import Reconciliation


class ReconcileScreen(ConsoleScreen):
    """The counts of this workstation against central."""

    def compose_body(self) -> ComposeResult:
        sheet = Static(Content("Counting…"), id="sheet")
        sheet.can_focus = True
        yield sheet

    def work_widget(self) -> Widget:
        return self.query_one("#sheet")

    def on_mount(self) -> None:
        begin(self, self._count, group="load", exclusive=True)

    async def refresh_now(self) -> None:
        begin(self, self._count, group="load", exclusive=True)

    async def _count(self) -> None:
        try:
            result = await asyncio.to_thread(self.console.desk.reconcile)
        except Answer as answer:
            refuse(self.console, answer)
            return
        self.query_one("#sheet", Static).update(Content("\n".join(sheet_lines(result))))


def sheet_lines(result: Reconciliation) -> list[str]:
    """Entered = the sum of every state; the heads; what does not fit."""
    lines = [f"Entered on this workstation    {result.entered:>8,}", ""]
    lines += [f"  {state:<28} {count:>8,}" for state, count in result.counts.items()]
    lines += [f"  {'still open':<28} {result.open:>8,}", ""]
    lines.append(f"Own chain      {result.chain_head[:16]}")
    if result.central_head is None:
        lines.append("Central        not reached: count again when the network is back (F5)")
    else:
        lines.append(f"Central        #{result.central_head.seq} {result.central_head.hash[:16]}")
    lines.append("")
    if result.findings:
        lines += [f"✗ {finding}" for finding in result.findings]
    else:
        lines.append("✓ Everything entered is accounted for." if result.balanced else "✗ The counts differ.")
    return lines
