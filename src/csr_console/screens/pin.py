"""Choosing the PIN that unlocks this desk, without the network too."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from csr_console.domain.refusals import Answer
from csr_console.screens.ask import AskScreen
from csr_console.screens.submit import refuse
from csr_console.screens.work import begin

if TYPE_CHECKING:
    from csr_console.app import ConsoleApp


async def choose(app: ConsoleApp) -> None:
    """Ask for the PIN, and once more: what is hidden while it is typed is not taken on one try."""
    if app.desk.actor is None:
        app.notify_line("info", "Sign in first: a PIN belongs to a person.")
        return
    first = AskScreen("A PIN for the lock screen: four to twelve digits", check=check_pin, secret=True)
    app.push_screen(first, partial(_again, app))


def check_pin(pin: str) -> str:
    """Why a PIN is not taken, in words."""
    if not re.fullmatch(r"[0-9]{4,12}", pin):
        return "Four to twelve digits."
    return "Not all the same digit." if len(set(pin)) == 1 else ""


def _again(app: ConsoleApp, pin: str | None) -> None:
    if pin is not None:

        def check(again: str) -> str:
            return "" if again == pin else "That is another PIN."

        app.push_screen(AskScreen("The same PIN again", check=check, secret=True), partial(_take, app))


def _take(app: ConsoleApp, pin: str | None) -> None:
    if pin is not None:
        begin(app, partial(_set, app, pin), group="send")


async def _set(app: ConsoleApp, pin: str) -> None:
    try:
        await app.desk_call(app.desk.set_pin, pin, doing="keeping the PIN")
    except Answer as answer:
        refuse(app, answer)
    else:
        app.notify_line("ok", "The PIN is set: it unlocks this desk without the network too.")
