"""Every act there is on a screen: one table feeds the keys, the palette, F1 and the line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from csr_console.domain.permissions import require
from csr_console.domain.refusals import Refusal
from csr_console.domain.verbs import VERBS, Verb, find_verb
from csr_console.screens.runs import RUNS, Order

if TYPE_CHECKING:
    from csr_console.app import ConsoleApp
    from csr_console.contracts.views.accounts import RosterEntry
    from csr_console.desk.omnibox import Hit, Resolution
    from csr_console.screens.base import ConsoleScreen
    from csr_console.widgets.palette import Act

HELP: Mapping[str, str] = {
    "out": "Power out at the customer's premise: scope, then the hazard question. `8505550142 out a n`.",
    "gas": "Gas, CO or a wire down: the words to say first, then the record. Works from any screen.",
    "note": "A note for the next clerk on the customer's timeline. `note gate code changed`.",
    "con": "Phone, e-mail, mailing address, language. Needs a caller verified at L2.",
    "cb": "A promise to call back: when power is restored, soon, or at a time.",
    "v": "Check the caller's answers and log the level that they reach.",
    "wrap": "What the contact was about; the note is written from what was done.",
    "queue": "Every command entered here, its state and central's own reason.",
    "outages": "The work list: hazards, critical places, then age.",
    "hazards": "Dangers to life that are open, and who has taken them.",
    "approvals": "Commands that wait for a second person.",
    "drafts": "Forms that were begun and not sent.",
    "hist": "Turn the timeline: everything, notes, contacts, outages, changes.",
    "shift": "End of shift: everything entered is applied, stopped, or still open.",
    "net": "Work offline on purpose and come back. `net off`, `net on`.",
    "lock": "Hide what is on the screen; the queue goes on.",
    "pin": "Four to twelve digits that unlock this desk for you, without the network too.",
    "bills": "Bills, payments, reads and corrections on one timeline; use beside the year before. `bills`.",
    "why": "The last bill against the one before, cause by cause, and a sentence to read. `8505550142 why`.",
    "pa": "What is owed, in installments: the schedule is shown before it is sent. `pa 3`.",
    "budget": "A budget amount each month instead of each bill, with its arithmetic. `budget level`.",
    "unbudget": "Off the budget plan: the true balance is due. `unbudget moves away`.",
    "print": "Bill, statement, arrangement, receipt, or use as Green Button. `print bill`, `export usage`.",
    "nsf": "A payment that the bank sent back: taken back, and the fee of the statute charged.",
    "rebill": "A wrong bill taken back and billed again: each line before and after. `rebill 1001-1003`.",
    "leak": "Water of a leak that was repaired, credited by a program. `leak 1001`.",
    "read": "What a meter shows, by us or the customer, or an estimate. `read electric 74573`.",
    "exceptions": "What bill runs found: a missing read, no use, far more than last year. `exceptions high`.",
    "plan": "Callers below a device are told until when, and no crew is sent. `plan demo:TR12`.",
    "signin": "Sign in, or hand the desk over to a colleague; what is queued stays.",
    "theme": "Other colors. `theme light`.",
}
_NEEDS_NETWORK: Mapping[str, str] = {
    "approvals": "An approval needs what central holds now: wait for the network.",
}


async def carry_out(screen: ConsoleScreen, resolution: Resolution, hit: Hit | None) -> None:
    """Do what a line says, on the hit that was exact or chosen; a no or a form ends the line there."""
    app, line = screen.console, resolution.line
    entry = hit.entry if hit else None
    if entry is not None and (hit is None or hit.why != "open" or not line.acts):
        await app.open_customer(entry)
    for act in line.acts:
        before = app.screen
        order = Order(entry, act.args, line.insist, resolution.place)
        done = await run_verb(app, act.verb.code, order)
        if not done or app.screen is not before:
            return


async def run_verb(app: ConsoleApp, code: str, order: Order) -> bool:
    """Do one verb; what stands against it is said instead, and the answer is False."""
    verb = find_verb(code)
    run = RUNS.get(verb.code) if verb else None
    if verb is None or run is None:
        app.notify_line("warn", f"Nothing is called {code} here. F1 lists what there is.")
        return False
    if why_not := disabled_reason(app, verb, order.entry):
        app.gate.clear()
        app.notify_line("warn", why_not)
        return False
    await run(app, order)
    return True


def disabled_reason(app: ConsoleApp, verb: Verb, entry: RosterEntry | None) -> str:
    """Why a verb cannot be done now, in the words of the rule; empty when it can."""
    if not app.is_open:
        return "The desk is still opening."
    actor = app.desk.actor
    if verb.permission is not None:
        if actor is None:
            return "Nobody is signed in."
        try:
            require(actor, verb.permission, actor.office)
        except Refusal as refusal:
            return refusal.sentence
    if verb.needs_customer and entry is None:
        return f"{verb.title}: for whom? Open a customer first, by phone, account, name or address."
    return _NEEDS_NETWORK.get(verb.code, "") if app.offline else ""


def show_palette(screen: ConsoleScreen, *, title: str = "Commands", query: str = "") -> None:
    """The list of everything that can be done, narrowed while it is typed; Enter does it."""
    from csr_console.widgets.palette import Palette

    screen.app.push_screen(Palette(table(screen), title=title, query=query))


def table(screen: ConsoleScreen) -> list[Act]:
    """Every act, as this screen and this clerk can or cannot do it now."""
    from csr_console.widgets.palette import Act

    app, here = screen.console, screen.here

    def act(verb: Verb) -> Act:
        async def run() -> None:
            await run_verb(app, verb.code, Order(here))

        return Act(
            verb.title,
            run,
            key=app.options.keys.get(verb.code, verb.key),
            code=verb.code,
            alias=" ".join(verb.aliases),
            help=HELP.get(verb.code, verb.title),
            disabled_reason=disabled_reason(app, verb, here),
        )

    nobody = "" if app.customers.current else "No customer is open."
    return [
        *(act(verb) for verb in VERBS if verb.code in RUNS),
        Act("Call: start, hold, go on", app.turn_call, key="F2", help="The clock of the call."),
        Act("Other customer", app.other_customer, key="`", help="Park and return.", disabled_reason=nobody),
        Act("Refresh now", screen.refresh_now, key="F5", help="Read it from central again."),
        Act("Undo the last own action", lambda: undo(screen), key="^z", help="Where a rule allows it."),
        Act("Leave the console", app.action_quit, code="quit", help="The queue stays on disk."),
    ]  # fmt: skip


async def show_help(screen: ConsoleScreen) -> None:
    """F1: the help of the focused field first; again, or elsewhere, all commands."""
    from csr_console.screens.help import field_help

    said = field_help(screen)
    if said and screen.said[1] != said:
        screen.notify_line("info", said)
    else:
        show_palette(screen, title="Help: type what you want to do")


async def undo(screen: ConsoleScreen) -> None:
    """Ctrl+Z: take the last own action back where a rule allows, else say what to do."""
    from csr_console.screens.undo import undo_last

    await undo_last(screen.console)


async def lock(app: ConsoleApp) -> None:
    await run_verb(app, "lock", Order())
