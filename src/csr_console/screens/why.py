"""Why the last bill was high: its difference to another taken apart, and what to say and ask."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from csr_console.domain.text import clean_line
from csr_console.screens import why_checks, why_words
from csr_console.screens.base import verb_bindings
from csr_console.screens.format import words
from csr_console.screens.money import TURNING, BillReading, show_money
from csr_console.screens.panels import DIM, ERROR, OK, WARN
from csr_console.screens.why_checks import Check
from csr_console.screens.why_words import Against, Comparison
from csr_console.widgets.charts import waterfall

if TYPE_CHECKING:
    from csr_console.app import ConsoleApp
    from csr_console.contracts.views.accounts import RosterEntry

MARGIN = 5
"""Cells beside the text: the padding and the scroll bar."""
AGAINST: dict[Against, str] = {"previous": "the bill before", "last_year": "the same month last year"}
_TONES = {"✓": OK, "!": WARN, "?": DIM}


async def show_why(app: ConsoleApp, entry: RosterEntry) -> None:
    """`why`: the newest bill against the one before it."""
    await show_money(app, WhyScreen(entry))


class WhyScreen(BillReading):
    """`t` turns to the same month of last year, `s` to one service, Enter opens the lines."""

    DEFAULT_CSS = """
    WhyScreen #whose { height: 1; padding: 0 1; }
    WhyScreen #reading { height: 1fr; padding: 0 1; }
    WhyScreen #text { height: auto; text-wrap: wrap; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "turn", "Last year"),
        Binding("s", "next_service", "Service"),
        Binding("enter", "lines", "Lines"),
        Binding("y", "lines", "Lines", show=False),
        *TURNING,
        *(one for one in verb_bindings() if isinstance(one, Binding) and one.key != "y"),
    ]
    against: Against = "previous"
    service = ""

    def compose_body(self) -> ComposeResult:
        yield Static(id="whose")
        with VerticalScroll(id="reading"):
            yield Static(id="text")

    def work_widget(self) -> Widget:
        return self.query_one("#reading")

    def on_resize(self, event: events.Resize) -> None:
        if self.bill is not None:
            self.call_after_refresh(self.show_bill)

    def show_bill(self) -> None:
        self.query_one("#whose", Static).update(Content.styled(self.heading, "bold"))
        self.query_one("#text", Static).update(self._text())

    def _text(self) -> Content:
        bill, line = self.bill, self.line
        if bill is None or line is None:
            return Content(self.nothing)
        found = why_words.compare(bill, self.view, self.against)
        if found is None:
            other = AGAINST[self.against]
            head = [Content(f"Bill #{line.number}: there is nothing to compare it with ({other}).")]
        else:
            head = self._differences(found)
        wide = self.size.width - MARGIN
        points = (_point(check, wide) for check in why_checks.checks(bill, self.view, found))
        return Content("\n").join([*head, Content(""), Content.styled("Look at", "bold"), *points])

    def _differences(self, found: Comparison) -> list[Content]:
        wide = self.size.width - MARGIN
        scope = words(self.service) if self.service else "whole bill"
        gone = " · ✗ cancelled since" if self.line and self.line.cancelled else ""
        head = f"Bill #{found.now.number} against {AGAINST[found.against]} · {scope}{gone}"
        said = [Content.assemble(("Say ", DIM), (f"“{why_words.sentence(found)}”", "bold"))]
        if self.entry.language == "es":
            said.append(Content.assemble(("Diga ", DIM), (f"“{why_words.sentence(found, 'es')}”", "bold")))
        lines = [Content.styled(head, ERROR if gone else DIM), *said, Content("")]
        lines += waterfall(why_words.steps(found, self.service), wide)
        lines += [Content(""), *map(Content, why_checks.use_lines(found, self.view))]
        if not self.service:
            lines += [Content(""), *(Content.styled(one, DIM) for one in why_words.by_service(found))]
        return lines

    # Keys.

    def action_turn(self) -> None:
        """The other bill to compare with."""
        self.against = "last_year" if self.against == "previous" else "previous"
        self.service = ""
        self._show_from_the_top()

    def action_next_service(self) -> None:
        """From the whole bill through its metered services and back."""
        causes = self.bill.causes if self.bill else []
        scopes = ["", *(one.service for one in causes if one.against == self.against)]
        at = scopes.index(self.service) if self.service in scopes else 0
        self.service = scopes[(at + 1) % len(scopes)]
        self._show_from_the_top()

    def _show_from_the_top(self) -> None:
        self.show_bill()
        self.query_one("#reading", VerticalScroll).scroll_home(animate=False)

    async def action_lines(self) -> None:
        """The bill line by line."""
        from csr_console.screens.bill import BillScreen

        if self.bill is not None:
            await show_money(self.console, BillScreen(self.entry, self.viewed, self.bill.bill.bill_id))


def _point(check: Check, width: int) -> Content:
    """A point with its mark; what does not fit on a line goes on under its first word."""
    text = wrap(clean_line(check.text, limit=400), max(20, width - 2), subsequent_indent="  ")
    return Content.assemble((f"{check.mark} ", _TONES[check.mark]), "\n".join(text))
