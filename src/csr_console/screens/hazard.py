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
from csr_console.domain.permissions import require
from csr_console.domain.refusals import Refusal
from csr_console.domain.text import clean_line
from csr_console.screens.base import ConsoleScreen
from csr_console.screens.drafts import Journal
from csr_console.screens.format import call_time, hhmm, moment_on, phone, words
from csr_console.screens.submit import Sending, refuse
from csr_console.screens.work import begin, keep_up
from csr_console.widgets.form import Form
from csr_console.widgets.themes import tone_style

if TYPE_CHECKING:
    from csr_console.app import ConsoleApp
    from csr_console.contracts.views.accounts import RosterEntry
    from csr_console.contracts.views.outages import HazardView
    from csr_console.desk.model import Draft

FIRST_QUESTION = "Is anyone hurt, is there fire or was there an explosion? Then 911 first."
DETAILS = ("location", "phone", "where", "people_inside", "access", "remark")
_WORDS = {
    "wire": Hazard.WIRE_DOWN,
    "cable": Hazard.WIRE_DOWN,
    "pole": Hazard.POLE_DOWN,
    "poste": Hazard.POLE_DOWN,
    "sparks": Hazard.SPARKS,
    "chispas": Hazard.SPARKS,
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
    # Of the application: the record is made even when its screen is left at once.
    begin(app, partial(_record, app, sending, command), group="hazard")
    await app.show_screen(HazardScreen(sending.id, hazard, command.opened_at, entry))


async def _record(app: ConsoleApp, sending: Sending, command: OpenHazard) -> None:
    if await sending.send(command):
        await say_if_unsent(app, sending.id)


async def say_if_unsent(app: ConsoleApp, command_id: UUID) -> None:
    """A hazard that central has not answered is dispatched by telephone: no comfort in a queue."""
    if await asyncio.to_thread(app.desk.outcome, command_id) is None:
        app.notify_line("danger", f"On this desk only, not at central: telephone {dispatcher_of(app)} now.")


def dispatcher_of(app: ConsoleApp) -> str:
    """Whom to telephone, without any network."""
    return clean_line(app.desk.dispatch_phone) or "the dispatcher"


def say_leave_now(app: ConsoleApp) -> None:
    """The words where nobody may enter anything: behind the lock screen and before the sign-in."""
    path = dispatcher_of(app) if app.is_open else "the dispatcher"
    app.notify_line(
        "danger",
        "Gas: leave the building now, no switches, no flames; hurt or fire: 911."
        f" Telephone {path}; unlock to record it.",
    )


async def open_draft(app: ConsoleApp, draft: Draft) -> None:
    """The details as they were left, on the hazard as it is now."""
    hazards = await asyncio.to_thread(app.desk.hazards)
    view = next((hazard for hazard in hazards if str(hazard.id) == draft.values.get("hazard")), None)
    if view is None:
        app.notify_line("warn", "That hazard is closed; the draft is kept.")
    else:
        await app.show_screen(HazardScreen(view.id, Hazard(view.hazard), view.opened_at, draft=draft))


class HazardScreen(ConsoleScreen):
    """One hazard, from the first words to the named dispatcher. Esc goes from the form to WORK, then away.

    It opens in the form of the details; with `view`, a hazard that is known, in WORK on what is known of it.
    """

    DEFAULT_CSS = """
    HazardScreen #danger { height: 1; padding: 0 1; }
    HazardScreen #script { height: auto; padding: 0 1; text-wrap: wrap; }
    HazardScreen #dispatch { height: auto; padding: 0 1; text-wrap: wrap; }
    HazardScreen #facts { height: auto; padding: 0 1; }
    HazardScreen Form { height: 1fr; padding: 0 0 0 1; }
    HazardScreen NoteEditor { height: 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "details", "Details"),
        Binding("k", "acknowledge", "Dispatcher took it"),
        Binding("x", "close", "Close"),
    ]

    def __init__(
        self,
        hazard_id: UUID,
        hazard: Hazard,
        opened_at: datetime,
        entry: RosterEntry | None = None,
        *,
        view: HazardView | None = None,
        draft: Draft | None = None,
    ) -> None:
        super().__init__()
        self._hazard_id = hazard_id
        self._hazard = hazard
        self._opened_at = opened_at
        self._entry = entry
        self._view = view
        self._known = view is not None
        self._draft = draft
        self._over = False

    @classmethod
    def of_view(cls, view: HazardView) -> HazardScreen:
        return cls(view.id, Hazard(view.hazard), view.opened_at, view=view)

    @property
    def here(self) -> RosterEntry | None:
        return self._entry

    def compose_body(self) -> ComposeResult:
        yield Static(Content.styled(FIRST_QUESTION, tone_style("danger")), id="danger")
        yield Static(Content(HAZARD_SCRIPTS[self._hazard]), id="script")
        dispatch = Static(id="dispatch")
        dispatch.can_focus = True
        yield dispatch
        yield Static(id="facts")
        if not self._known:
            yield self._details()

    def _details(self) -> Form:
        number = self._entry.phones[0] if self._entry and self._entry.phones else None
        view = self._view
        known = (
            {name: getattr(view, name) for name in ("phone", "where", "people_inside", "access")}
            if view
            else {}
        )
        initial = {"phone": number, **{name: value for name, value in known.items() if value}}
        return Form(DetailHazard, fields=DETAILS, initial=initial, fixed={"hazard_id": self._hazard_id})

    def work_widget(self) -> Widget:
        return self.query_one("#dispatch")

    def first_widget(self) -> Widget:
        forms = self.query(Form)
        return next(iter(forms.first().fields.values())).editor if forms else self.work_widget()

    @property
    def account(self) -> str | None:
        return self._entry.account if self._entry else None

    def on_mount(self) -> None:
        self._sending = Sending(self.console, self.account)
        self.journal = Journal(self, "hazard", "hazard details", self.account, draft=self._draft)
        if self._draft is not None:
            self.query_one(Form).restore(self._draft.values)
        self._show()
        if not self.console.options.thin:
            self.set_interval(1, self._show)
        keep_up(self, self._reload, group="load")

    async def action_back(self) -> None:
        if self.focused is not None and any(form in self.focused.ancestors for form in self.query(Form)):
            self.console.gate.clear()
            self.set_focus(self.work_widget())
        else:
            await super().action_back()

    async def leave(self) -> None:
        """One step back; details that were typed stay as a draft."""
        await self.journal.save()
        await super().leave()

    def desk_event(self, event: DeskEvent) -> None:
        if isinstance(event, OutagesChanged | OutcomeArrived):
            keep_up(self, self._reload, group="load")

    async def refresh_now(self) -> None:
        await self._reload()

    async def _reload(self) -> None:
        hazards = await asyncio.to_thread(self.console.desk.hazards)
        view = next((hazard for hazard in hazards if hazard.id == self._hazard_id), None)
        self._over = view is None and self._view is not None
        self._view = view or self._view
        account = view.account if view else None
        if self._entry is None and account:
            self._entry = await asyncio.to_thread(self.console.desk.entry, account)
        self._show()

    def _show(self) -> None:
        now = self.console.now()
        waited = call_time(int((now - self._opened_at).total_seconds()))
        since = f"since {hhmm(self._opened_at)}" if self.console.options.thin else waited
        self.query_one("#dispatch", Static).update(self._dispatch(since))
        lines = [self._place()] if self.query(Form) or self._view is None else facts_lines(self._view, now)
        self.query_one("#facts", Static).update(Content("\n".join(lines)))

    def _place(self) -> str:
        if self._view is not None and self._view.place:
            return f"Place: {clean_line(self._view.place)}"
        on_file = clean_line(self._entry.service_address) if self._entry else ""
        return f"Place on file: {on_file}" if on_file else "Place not known yet: ask once they are safe."

    def _dispatch(self, since: str) -> Content:
        view, name = self._view, words(self._hazard).upper()
        if self._over:
            return Content.styled(f"{name} · closed: the source is verified as controlled.", tone_style("ok"))
        if view is None or view.version == 0:
            said = f"{name} {since} · NOT YET AT CENTRAL: telephone {dispatcher_of(self.console)} now."
            return Content.styled(said, tone_style("danger"))
        if view.acknowledged_at is None:
            said = f"{name} {since} · at central, no dispatcher has taken it yet."
            return Content.styled(said, tone_style("warn"))
        due = f"on site by {hhmm(view.expected_at)}" if view.expected_at else "no time given"
        return Content.styled(
            f"{name} {since} · taken by {clean_line(view.dispatcher)}, {due}.", tone_style("ok")
        )

    async def action_details(self) -> None:
        await self._ask(self._details())

    async def action_acknowledge(self) -> None:
        fixed = {"hazard_id": self._hazard_id}
        fields = ("dispatcher", "eta_minutes")
        await self._ask(Form(AcknowledgeHazard, fields=fields, fixed=fixed, title="Who has taken it?"))

    async def action_close(self) -> None:
        """Ask for the verification, of whoever may close a hazard at all."""
        actor = self.console.desk.actor
        try:
            if actor is not None:
                require(actor, CloseHazard.permission, actor.office)
        except Refusal as refusal:
            refuse(self.console, refusal)
            return
        fixed = {"hazard_id": self._hazard_id}
        fields = ("verified_by", "access_blocked")
        await self._ask(Form(CloseHazard, fields=fields, fixed=fixed, title="Is the source controlled?"))

    async def _ask(self, form: Form) -> None:
        await self.query(Form).remove()
        await self.query_one("#body").mount(form)
        self._sending = Sending(self.console, self.account)
        self._show()
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
            if not await self._sending.send(command):
                return
            if isinstance(command, DetailHazard):
                await self.journal.drop()
            if self.app.screen is not self:
                return
            await self._reload()
            if isinstance(command, DetailHazard) and (
                self._view is None or self._view.acknowledged_at is None
            ):
                await self.action_acknowledge()
                return
            severity, text = self.said
            await self.leave()
            self.console.notify_line(severity, text)


def facts_lines(view: HazardView, now: datetime) -> list[str]:
    """Everything known of a hazard, in words."""
    known = (
        ("Place", view.place or "not known yet"),
        ("Phone", phone(view.phone) if view.phone else ""),
        ("Strongest", view.where),
        ("People", view.people_inside),
        ("Access", view.access),
        ("Opened", f"{moment_on(view.opened_at, now)} by {view.opened_by}, station {view.station}"),
        ("Dispatcher", view.dispatcher),
        *(("Remark", remark) for remark in view.remarks),
    )
    return [f"{label:<11} {clean_line(text, limit=300)}" for label, text in known if text]
