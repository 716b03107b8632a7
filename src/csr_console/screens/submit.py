"""The one way a screen does something: ask the rules first, send, say what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from csr_console.contracts.problems import from_document
from csr_console.domain.refusals import Answer
from csr_console.screens.customers import Done

if TYPE_CHECKING:
    from csr_console.app import ConsoleApp
    from csr_console.desk.model import ItemState, Receipt
    from csr_console.domain.command import Command

Tone = Literal["info", "ok", "warn", "error", "danger"]

_TONES: dict[ItemState, Tone] = {
    "applied": "ok",
    "queued": "warn",
    "sending": "warn",
    "unconfirmed": "warn",
    "held": "info",
}
_AFTER: dict[ItemState, str] = {
    "queued": "Saved here, on its way.",
    "sending": "Saved here, on its way.",
    "unconfirmed": "Saved here; sent, but not yet confirmed.",
    "held": "It waits for a second person.",
}
_OFFLINE = "Saved here; sent when the network is back."


class Sending:
    """What a form sends. The id is made when the form opens, so that a second Enter sends the same command;
    what central has refused is sent again under a new id that closes the old one."""

    def __init__(
        self, app: ConsoleApp, account: str | None = None, *, in_place_of: UUID | None = None
    ) -> None:
        """`in_place_of` is a command that was stopped: what is sent closes it."""
        self._app = app
        self._account = account
        self._id = app.desk.new_id()
        self._refused = in_place_of
        self.refusal: Answer | None = None
        """The last no; None after a yes."""

    @property
    def id(self) -> UUID:
        """The id of the command, made before anything is known of it."""
        return self._id

    async def send(
        self,
        command: Command,
        *,
        expects: dict[str, int] | None = None,
        before: Mapping[str, str] | None = None,
    ) -> bool:
        """Ask the rules of this desk, save, send; the answer is on the alert line when this returns.

        False when it was refused or met a conflict: then the form stays as it is, and keys typed ahead are
        dropped. `before` are the values it replaces, for undo.
        """
        app = self._app
        self.refusal = None
        try:
            plan = await app.desk_call(app.desk.preview, command, doing="checking")
            receipt = await app.desk_call(self._submit, command, expects, doing="sending")
        except Answer as answer:
            self._refuse(answer)
            return False
        if receipt.state in _TONES:
            sentence = receipt.answer if receipt.state in ("applied", "held") else plan.answer
            app.call.add(Done(receipt.id, command, self._account, sentence, app.now(), before or {}))
            waits = app.offline and receipt.state == "queued"
            after = _OFFLINE if waits else _AFTER.get(receipt.state, "")
            app.notify_line(_TONES[receipt.state], f"{sentence} {after}".strip())
            return True
        self._refused = receipt.id
        if receipt.state == "conflict":
            await show_conflict(app, receipt.id)
        elif receipt.problem is not None:
            self._refuse(from_document(receipt.problem))
        else:
            app.notify_line("error", receipt.answer)
        return False

    def _refuse(self, answer: Answer) -> None:
        self.refusal = answer
        refuse(self._app, answer)

    def _submit(self, command: Command, expects: dict[str, int] | None) -> Receipt:
        desk = self._app.desk
        if self._refused is not None:
            return desk.resend(self._refused, command, expects=expects)
        return desk.submit(command, id=self._id, expects=expects)


def refuse(app: ConsoleApp, answer: Answer) -> None:
    """Say no in the rule's own words, with what to do next; whatever was typed ahead is dropped."""
    app.gate.clear()
    app.notify_line("error", f"{answer.sentence} {answer.next_step}")


async def show_conflict(app: ConsoleApp, id: UUID) -> None:
    """Both versions side by side, for the clerk to choose; what was typed ahead is dropped."""
    from csr_console.screens.conflict import ConflictScreen

    app.gate.clear()
    items = await app.desk_call(app.desk.queue, doing="opening the queue")
    item = next((item for item in items if item.id == id), None)
    if isinstance(app.screen, ConflictScreen):
        await app.pop_screen()
    if item is not None:
        await app.push_screen(ConflictScreen(item))
