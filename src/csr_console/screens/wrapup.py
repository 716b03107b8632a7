"""Wrap up: the likely dispositions first, the note written from what was done, three keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from csr_console.domain.accounts.commands import Disposition, InteractionOutcome, LogInteraction
from csr_console.domain.text import clean_line
from csr_console.screens.base import ConsoleScreen
from csr_console.screens.customers import Done
from csr_console.screens.format import call_time
from csr_console.screens.forms import FormScreen
from csr_console.screens.submit import Sending
from csr_console.screens.work import begin
from csr_console.widgets.card import Card
from csr_console.widgets.cells import Column, Toned
from csr_console.widgets.result_list import ResultList

if TYPE_CHECKING:
    from csr_console.app import ConsoleApp
    from csr_console.contracts.views.accounts import RosterEntry
    from csr_console.desk.model import Draft

LIKELY: Mapping[str, tuple[Disposition, ...]] = {
    "outage.report": (Disposition.OUTAGE_NEW, Disposition.OUTAGE_STATUS),
    "outage.add": (Disposition.OUTAGE_STATUS,),
    "outage.correct": (Disposition.OUTAGE_STATUS,),
    "callback.request": (Disposition.OUTAGE_STATUS,),
    "hazard.open": (Disposition.GAS_ODOR,),
    "contact.update": (Disposition.CONTACT_CHG,),
    "caller.verify": (),
    "note.add": (),
}
"""What a contact in which these commands were done was most likely about."""
COLUMNS = (Column("Disposition", 18), Column("", 0))
OFTEN = (
    Disposition.BILL_EXPLAIN,
    Disposition.HIGH_BILL,
    Disposition.OUTAGE_STATUS,
    Disposition.PAY_TAKEN,
    Disposition.PAY_ARR,
    Disposition.NO_ACTION,
    Disposition.WRONG_NO,
)
"""What most contacts are about when nothing was done in them."""


def likely_dispositions(done: Sequence[Done]) -> frozenset[Disposition]:
    """What the contact was about, judged by what was done in it."""
    return frozenset(code for item in done for code in LIKELY.get(item.command.kind, ()))


def ordered_dispositions(done: Sequence[Done]) -> tuple[Disposition, ...]:
    """Every disposition once: what was done last first, then the frequent ones, then the rest."""
    likely = [code for item in reversed(done) for code in LIKELY.get(item.command.kind, ())]
    return tuple(dict.fromkeys((*likely, *OFTEN, *Disposition)))


def written_note(done: Sequence[Done], name: str) -> str:
    """The note from what was done, one sentence each in the order it was done."""
    if not done:
        return f"Spoke with {clean_line(name)}; nothing was changed."
    return " ".join(f"{item.command.title}: {item.sentence}" for item in done)


async def wrap_up(app: ConsoleApp, entry: RosterEntry | None) -> None:
    """Open the list of dispositions for the customer in front, or for a contact without one."""
    await app.show_screen(WrapUpScreen(entry))


async def open_draft(app: ConsoleApp, draft: Draft) -> None:
    """The form of a wrap-up as it was left."""
    customer = app.customers.find(draft.account or "")
    contact = Contact(customer.entry if customer else None, draft.saved_at, 0, ())
    await app.show_screen(WrapUpForm(contact, {}, draft))


@dataclass(frozen=True, slots=True)
class Contact:
    """The contact that is wrapped up: with whom, since when, how long, and what was done."""

    entry: RosterEntry | None
    started_at: datetime
    talk_seconds: int
    done: tuple[Done, ...]

    @classmethod
    def of(cls, app: ConsoleApp, entry: RosterEntry | None) -> Contact:
        """The call on the clock; without one, since the customer was opened."""
        now = app.now()
        customer = app.customers.find(entry.account) if entry else None
        started = app.call.started_at or (customer.opened_at if customer else now)
        done = tuple(app.call.of(entry.account if entry else None))
        return cls(entry, started, max(0, int((now - started).total_seconds())), done)

    @property
    def account(self) -> str | None:
        return self.entry.account if self.entry else None

    @property
    def note(self) -> str:
        return written_note(self.done, self.entry.name if self.entry else "a caller without an account")

    def fixed(self) -> dict[str, object]:
        return {
            "account": self.account,
            "started_at": self.started_at,
            "talk_seconds": min(self.talk_seconds, 86_400),
            "commands": tuple(done.id for done in self.done),
        }


async def _finish(app: ConsoleApp, contact: Contact) -> None:
    """The contact is over: home, with the answer there and the line ready."""
    said = app.screen.said if isinstance(app.screen, ConsoleScreen) else ("ok", "")
    app.end_call(contact.account)
    if (customer := app.customers.find(contact.account or "")) is not None:
        app.customers.close(customer)
    await app.go_home()
    app.notify_line(*said)


class WrapUpScreen(ConsoleScreen):
    """The dispositions, then the card; Enter on the card posts it."""

    DEFAULT_CSS = """
    WrapUpScreen #heading { height: 2; padding: 0 2; text-style: bold; }
    WrapUpScreen #narrowed { height: 1; padding: 0 2; color: $tone-dim; }
    WrapUpScreen #dispositions { height: 1fr; }
    WrapUpScreen Card { margin: 0 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("e", "edit", "Edit the note")]

    def __init__(self, entry: RosterEntry | None) -> None:
        super().__init__()
        self._entry = entry
        self._chosen: Disposition | None = None
        self._codes: tuple[Disposition, ...] = ()
        self._likely: frozenset[Disposition] = frozenset()
        self._typed = ""

    @property
    def here(self) -> RosterEntry | None:
        return self._entry

    def compose_body(self) -> ComposeResult:
        yield Static(id="heading")
        yield Static(id="narrowed")
        yield ResultList(COLUMNS, empty="No disposition is called so.", header=False, id="dispositions")

    def work_widget(self) -> Widget:
        return self.query_one("#dispositions")

    def on_mount(self) -> None:
        self.contact = Contact.of(self.console, self._entry)
        self._sending = Sending(self.console, self.contact.account)
        whose = clean_line(self._entry.name) if self._entry else "no customer"
        heading = f"Wrap up · {whose} · {call_time(self.contact.talk_seconds)}"
        self.query_one("#heading", Static).update(Content(heading))
        self._likely = likely_dispositions(self.contact.done)
        self._narrow("")

    def _narrow(self, typed: str) -> None:
        """List the dispositions that have the typed letters in them; the numbers follow the list."""
        self._typed = typed
        known = ordered_dispositions(self.contact.done)
        self._codes = tuple(code for code in known if typed in code.value.replace("-", "").casefold())
        rows = [
            (code.value, Toned("from what was done" if code in self._likely else "", "dim"))
            for code in self._codes
        ]
        self.query_one("#dispositions", ResultList).set_rows(rows)
        said = f"letters: {typed}" if typed else "a number picks; letters narrow the list"
        self.query_one("#narrowed", Static).update(Content(said))

    def on_key(self, event: events.Key) -> None:
        """Letters narrow the list while it is in front."""
        if self._chosen is not None or self.mode == "TYPE" or self.desk_asks():
            return
        if event.key == "backspace" and self._typed:
            self._narrow(self._typed[:-1])
        elif event.character is not None and event.character.isalpha():
            self._narrow(self._typed + event.character.casefold())
        else:
            return
        event.stop()

    @on(ResultList.Chosen, "#dispositions")
    def _choose(self, event: ResultList.Chosen) -> None:
        event.stop()
        begin(self, partial(self._show_card, self._codes[event.index]), group="card", exclusive=True)

    async def _show_card(self, code: Disposition) -> None:
        async with self.console.gate.hold("the card"):
            self._chosen = code
            lines = [
                ("Disposition", code.value),
                ("Outcome", InteractionOutcome.RESOLVED.label),
                ("Call", call_time(self.contact.talk_seconds)),
                ("Note", self.contact.note),
            ]
            card = Card("Wrap up", lines, commit="wrap up")
            await self.query_one("#body").mount(card)
            self.query_one("#dispositions").display = False
            self.set_focus(card)

    @on(Card.Committed)
    def _commit(self, event: Card.Committed) -> None:
        event.stop()
        begin(self.app, partial(self._send, event.card), group="submit")

    async def _send(self, card: Card) -> None:
        async with self.console.gate.hold("sending"):
            document = {"disposition": self._chosen, "summary": self.contact.note, **self.contact.fixed()}
            if await self._sending.send(LogInteraction.model_validate(document)):
                await _finish(self.console, self.contact)
            else:
                card.reopen()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "edit":
            return self._chosen is not None
        return super().check_action(action, parameters)

    async def action_edit(self) -> None:
        values = {"disposition": self._chosen, "summary": self.contact.note}
        await self.console.show_screen(WrapUpForm(self.contact, values))

    async def leave(self) -> None:
        """From the card back to the list, from the list off the screen."""
        if self._chosen is None:
            await super().leave()
            return
        self._chosen = None
        await self.query(Card).remove()
        self.query_one("#dispositions").display = True
        self.set_focus(self.work_widget())


class WrapUpForm(FormScreen):
    """The wrap-up with every field open to change."""

    form_name = "wrapup"
    command_class = LogInteraction
    fields = ("disposition", "outcome", "channel", "summary")

    def __init__(self, contact: Contact, values: Mapping[str, object], draft: Draft | None = None) -> None:
        super().__init__(contact.entry, draft)
        self._contact = contact
        self._values = values
        whose = clean_line(contact.entry.name) if contact.entry else "no customer"
        self.heading = f"Wrap up · {whose} · {call_time(contact.talk_seconds)}"

    def initial(self) -> Mapping[str, object]:
        return self._values

    def fixed(self) -> Mapping[str, object]:
        return self._contact.fixed()

    async def close_sent(self) -> None:
        await self.journal.drop()
        await _finish(self.console, self._contact)
