"""Ctrl+Z: the last own action is taken back where a rule allows it; else the clerk is told what to do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from csr_console.desk.model import WAITING
from csr_console.domain.accounts.commands import UpdateContact
from csr_console.domain.outages.commands import CorrectReport, ReportOutage
from csr_console.domain.refusals import Answer
from csr_console.screens.customers import Done
from csr_console.screens.question import Question
from csr_console.screens.submit import Sending, refuse

if TYPE_CHECKING:
    from csr_console.app import ConsoleApp
    from csr_console.domain.command import Command

STAYS = {
    "note.add": "A note stays on the timeline: add another that puts it right (n).",
    "interaction.log": "A wrap-up stays in the log: add a note that puts it right (n).",
    "caller.verify": "A verification stays in the log; it lapses by itself after an hour.",
    "callback.request": "A promise to call stays: add a note for the one who calls (n).",
    "outage.add": "A call on a report stays: add a remark to the report.",
    "hazard.open": "A danger is never withdrawn: it is closed when its source is verified.",
}
LOGGED = frozenset({"caller.verify", "interaction.log"})
"""What was seen and said is kept, sent or not."""


async def undo_last(app: ConsoleApp) -> None:
    """Ask before the last own action is taken back; nothing happens without the answer."""
    last = app.call.done[-1] if app.call.done else None
    if last is None:
        app.notify_line("info", "Nothing was done in this call that could be undone.")
        return
    state = "" if last.command.urgent or last.command.kind in LOGGED else await _waits(app, last)
    if state == "queued":
        _offer_to_take_back(app, last)
    elif state:
        app.notify_line("info", "It was sent, and central has not answered yet: undo it when it has.")
    elif (reverse := await _reverse(app, last)) is None:
        kind = last.command.kind
        app.notify_line("info", STAYS.get(kind, "This cannot be undone: correct it where it was entered."))
    else:
        command, expects, words = reverse

        async def do() -> None:
            if await Sending(app, last.account).send(command, expects=expects):
                await _forget(app, last)

        _ask(app, words, do)


async def _waits(app: ConsoleApp, last: Done) -> str:
    """The state in which an action waits to reach central; empty when it does not wait."""
    items = await app.desk_call(partial(app.desk.queue, open_only=True), doing="looking at the queue")
    return next((item.state for item in items if item.id == last.id and item.state in WAITING), "")


def _offer_to_take_back(app: ConsoleApp, last: Done) -> None:
    """What has not left this desk is discarded: another command after it would meet it as a change by
    somebody else."""

    async def do() -> None:
        try:
            await app.desk_call(app.desk.discard, last.id, "undone", doing="undoing")
        except Answer as answer:
            refuse(app, answer)
        else:
            app.notify_line("ok", "Undone: it was not sent.")
            await _forget(app, last)

    _ask(app, f"{last.command.title}: not sent yet. Take it back?", do)


def _ask(app: ConsoleApp, words: str, do: Callable[[], Awaitable[None]]) -> None:
    async def leave_it() -> None:
        app.notify_line("info", "Left as it is.")

    app.ask(Question(f"{words} Enter yes, d leave it", do, leave_it))


async def _forget(app: ConsoleApp, last: Done) -> None:
    """The action is no part of the call any more."""
    app.call.done.remove(last)
    if last.account is not None:
        await app.reread(last.account)


async def _reverse(app: ConsoleApp, last: Done) -> tuple[Command, dict[str, int], str] | None:
    """The command that takes an action back, what it expects, and the question."""
    command = last.command
    if isinstance(command, ReportOutage) and not command.urgent:
        reports = await asyncio.to_thread(app.desk.reports)
        report = next((item for item in reports if item.id == last.id), None)
        if report is None:
            return None
        place = command.premise or command.location or ""
        withdraw = CorrectReport(report=last.id, place=place, withdrawn=True)
        return withdraw, {withdraw.resource: report.version}, f"Withdraw the outage report at {report.place}?"
    if isinstance(command, UpdateContact) and last.before:
        viewed = await asyncio.to_thread(app.desk.account, command.account)
        if viewed is None:
            return None
        former = UpdateContact.model_validate({"account": command.account, **last.before})
        names = ", ".join(name.replace("_", " ") for name in last.before)
        return former, {former.resource: viewed.view.contact.version}, f"Put the former {names} back?"
    return None
