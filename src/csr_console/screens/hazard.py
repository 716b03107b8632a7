"""Gas, carbon monoxide, a wire down: the record is made at the first key, the words come before the address.

49 CFR 192.615(a): receive, identify, classify; people first. A hazard is never an ordinary queue item: until
central has it and a named dispatcher has taken it, this screen keeps the telephone on top.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from csr_console.desk.events import DeskEvent, OutagesChanged, OutcomeArrived
from csr_console.domain.outages.commands import (
    AcknowledgeHazard,
    CloseHazard,
    DetailHazard,
    OpenHazard,
)
from csr_console.domain.outages.kinds import HAZARD_SCRIPTS, Hazard
from csr_console.domain.text import clean_line
from csr_console.screens.base import ConsoleScreen
from csr_console.screens.drafts import Journal
from csr_console.screens.format import age, call_time, hhmm, words
from csr_console.screens.submit import Sending
from csr_console.screens.work import begin
from csr_console.widgets.cells import Cell, Column, Toned
from csr_console.widgets.form import Form
from csr_console.widgets.result_list import ResultList

if TYPE_CHECKING:
    from csr_console.app import ConsoleApp
    from csr_console.contracts.views.accounts import RosterEntry
    from csr_console.contracts.views.outages import HazardView
    from csr_console.desk.model import Draft

FIRST_QUESTION = "Is anyone hurt, is there fire or was there an explosion? Then 911 first."
LEAVE_FIRST = frozenset({Hazard.GAS, Hazard.CARBON_MONOXIDE})
_WORDS = {
    "wire": Hazard.WIRE_DOWN,
    "pole": Hazard.POLE_DOWN,
    "sparks": Hazard.SPARKS,
    "co": Hazard.CARBON_MONOXIDE,
}


async def open_hazard(app: ConsoleApp, entry: RosterEntry | None, args: tuple[str, ...]) -> None:
    """Record the hazard now, whatever else is known; the screen is up before central has answered."""
    hazard = _WORDS.get(args[0].casefold(), Hazard.GAS) if args else Hazard.GAS
    sending = Sending(app, entry.account if entry else None)
    command = OpenHazard(
        hazard_id=sending.id,
        hazard=hazard,
        account=entry.account if entry else None,
        premise=entry.premise if entry else None,
        opened_at=app.now(),
    )
    await app.show_screen(HazardScreen(sending.id, hazard, command.opened_at, entry, (sending, command)))


async def open_draft(app: ConsoleApp, draft: Draft) -> None:
    """The details as they were left, on the hazard as it is now."""
    hazards = await asyncio.to_thread(app.desk.hazards)
    view = next((hazard for hazard in hazards if str(hazard.id) == draft.values.get("hazard")), None)
    if view is None:
        app.notify_line("warn", "That hazard is closed; the draft is kept.")
    else:
        await app.show_screen(HazardScreen(view.id, Hazard(view.hazard), view.opened_at, draft=draft))


class HazardScreen(ConsoleScreen):
    """One hazard, from the first words to the named dispatcher. Esc goes from the form to WORK, then away."""

    DEFAULT_CSS = """
    HazardScreen #danger { height: auto; padding: 0 1; color: $tone-danger; text-style: bold; }
    HazardScreen #script { height: auto; padding: 0 1; text-wrap: wrap; }
    HazardScreen #dispatch { height: auto; padding: 0 1; color: $tone-warn; text-wrap: wrap; }
    HazardScreen Form { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "details", "Details"),
        Binding("k", "acknowledge", "Dispatcher took it"),
        Binding("x", "close", "Controlled"),
    ]

    def __init__(
        self,
        hazard_id: UUID,
        hazard: Hazard,
        opened_at: datetime,
        entry: RosterEntry | None = None,
        opening: tuple[Sending, OpenHazard] | None = None,
        draft: Draft | None = None,
    ) -> None:
        super().__init__()
        self._hazard_id = hazard_id
        self._hazard = hazard
        self._opened_at = opened_at
        self._entry = entry
        self._opening = opening
        self._draft = draft
        self._view: HazardView | None = None

    @classmethod
    def of_view(cls, view: HazardView) -> HazardScreen:
        return cls(view.id, Hazard(view.hazard), view.opened_at)

    @property
    def here(self) -> RosterEntry | None:
        return self._entry

    def compose_body(self) -> ComposeResult:
        yield Static(Content(FIRST_QUESTION), id="danger")
        yield Static(Content(HAZARD_SCRIPTS[self._hazard]), id="script")
        dispatch = Static(Content(""), id="dispatch")
        dispatch.can_focus = True
        yield dispatch
        yield Form(
            DetailHazard,
            fields=["location", "phone", "where", "people_inside", "access", "remark"],
            initial=self._known(),
            fixed=self._fixed(),
            title="Once they are safe",
        )

    def _known(self) -> dict[str, object]:
        if self._entry is None or not self._entry.phones:
            return {}
        return {"phone": self._entry.phones[0]}

    def _fixed(self) -> dict[str, object]:
        fixed: dict[str, object] = {"hazard_id": self._hazard_id}
        if self._entry is not None:
            fixed["premise"] = self._entry.premise
        return fixed

    def work_widget(self) -> Widget:
        return self.query_one("#dispatch")

    def on_mount(self) -> None:
        self.journal = Journal(
            self,
            "hazard",
            "hazard details",
            self._entry.account if self._entry else None,
            draft=self._draft,
        )
        form = self.query_one(Form)
        if self._draft is not None:
            form.restore(self._draft.values)
        form.focus_first()
        self.set_interval(1, self._show_dispatch)
        if self._opening is not None:
            # Of the application: the record is made even when this screen is left at once.
            begin(self.app, partial(self._opening[0].send, self._opening[1]), group="hazard")
        begin(self, self._reload, group="load", exclusive=True)

    async def action_back(self) -> None:
        if self.focused is not None and self.query_one(Form) in self.focused.ancestors:
            self.console.gate.clear()
            self.set_focus(self.work_widget())
        else:
            await super().action_back()

    def desk_event(self, event: DeskEvent) -> None:
        if isinstance(event, OutagesChanged | OutcomeArrived):
            begin(self, self._reload, group="load", exclusive=True)

    async def _reload(self) -> None:
        hazards = await asyncio.to_thread(self.console.desk.hazards)
        self._view = next((hazard for hazard in hazards if hazard.id == self._hazard_id), None)
        self._show_dispatch()

    def _show_dispatch(self) -> None:
        waited = call_time(int((self.console.now() - self._opened_at).total_seconds()))
        self.query_one("#dispatch", Static).update(Content(self._dispatch(waited)))

    def _dispatch(self, waited: str) -> str:
        view = self._view
        name = words(self._hazard).upper()
        if view is None or view.version == 0:
            path = clean_line(self.console.desk.dispatch_phone) or "the dispatcher"
            return f"{name} {waited} · recorded here, NOT YET AT CENTRAL: telephone {path} now."
        if view.acknowledged_at is None:
            return f"{name} {waited} · at central, no dispatcher has taken it yet. k when one has."
        due = hhmm(view.expected_at) if view.expected_at else "no time given"
        return f"{name} {waited} · taken by {clean_line(view.dispatcher)}, on site by {due}."

    async def action_details(self) -> None:
        await self._ask(
            DetailHazard,
            ["location", "phone", "where", "people_inside", "access", "remark"],
            self._known(),
            self._fixed(),
        )

    async def action_acknowledge(self) -> None:
        await self._ask(AcknowledgeHazard, ["dispatcher", "eta_minutes"], {}, {"hazard_id": self._hazard_id})

    async def action_close(self) -> None:
        await self._ask(CloseHazard, ["verified_by", "access_blocked"], {}, {"hazard_id": self._hazard_id})

    async def _ask(
        self, kind: Any, fields: list[str], initial: dict[str, object], fixed: dict[str, object]
    ) -> None:
        await self.query(Form).remove()
        form = Form(kind, fields=fields, initial=initial, fixed=fixed, title=kind.title)
        await self.query_one("#body").mount(form)
        form.focus_first()

    @on(Form.Changed)
    def _journal(self, event: Form.Changed) -> None:
        event.stop()
        if event.form.command_class is DetailHazard:
            self.journal.note({**event.values, "hazard": str(self._hazard_id)})

    @on(Form.Submitted)
    def _submit(self, event: Form.Submitted) -> None:
        event.stop()
        begin(self.app, partial(self._send, event.command), group="send")

    async def _send(self, command: Any) -> None:
        async with self.console.gate.hold("sending"):
            if await Sending(self.console).send(command):
                await self._reload()
                if isinstance(command, DetailHazard):
                    await self.journal.drop()
                    await self.action_acknowledge()
                else:
                    await self.leave()

    @on(Form.Cancelled)
    async def _cancel(self, event: Form.Cancelled) -> None:
        event.stop()
        await self.leave()


class HazardsScreen(ConsoleScreen):
    """Every open hazard, the one that waits longest first; nothing groups or hides one."""

    def __init__(self) -> None:
        super().__init__()
        self._hazards: list[HazardView] = []

    def compose_body(self) -> ComposeResult:
        columns = (
            Column("Hazard", 16),
            Column("Place", 0),
            Column("Waiting", 8, right=True),
            Column("Dispatcher", 22),
        )
        yield ResultList(columns, empty="No open hazards", id="hazards")

    def work_widget(self) -> Widget:
        return self.query_one("#hazards", ResultList)

    def on_mount(self) -> None:
        self._load()

    def desk_event(self, event: DeskEvent) -> None:
        if isinstance(event, OutagesChanged):
            self._load()

    async def refresh_now(self) -> None:
        self._load()

    def _load(self) -> None:
        begin(self, self._show, group="load", exclusive=True)

    async def _show(self) -> None:
        hazards = await asyncio.to_thread(self.console.desk.hazards)
        self._hazards = [hazard for hazard in hazards if hazard.state == "open"]
        now = self.console.now()
        rows = [_hazard_row(hazard, now) for hazard in self._hazards]
        self.query_one("#hazards", ResultList).set_rows(rows, keep=True)

    @on(ResultList.Chosen, "#hazards")
    async def _open(self, event: ResultList.Chosen) -> None:
        event.stop()
        if event.index < len(self._hazards):
            await self.app.push_screen(HazardScreen.of_view(self._hazards[event.index]))


def _hazard_row(hazard: HazardView, now: datetime) -> tuple[Cell, ...]:
    taken: Cell = clean_line(hazard.dispatcher) if hazard.dispatcher else Toned("NOBODY YET", "danger")
    return (
        Toned(words(hazard.hazard), "danger"),
        clean_line(hazard.place) or Toned("place not known yet", "warn"),
        age(now - hazard.opened_at),
        taken,
    )
