"""What each verb opens. A screen is imported when it is first needed: the first paint waits for none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from csr_console.app import ConsoleApp
    from csr_console.contracts.views.accounts import RosterEntry


@dataclass(frozen=True, slots=True)
class Order:
    """What a verb is to do: for which customer or where, with which words; `insist` is the `!`."""

    entry: RosterEntry | None = None
    args: tuple[str, ...] = ()
    insist: bool = False
    location: str | None = None


Run = Callable[["ConsoleApp", Order], Awaitable[None]]


async def _report_outage(app: ConsoleApp, order: Order) -> None:
    from csr_console.screens import outage_report

    await outage_report.report(app, order.entry, order.args, order.insist, order.location)


async def _open_gas(app: ConsoleApp, order: Order) -> None:
    from csr_console.screens import hazard

    await hazard.open_hazard(app, order.entry, order.args)


async def _note(app: ConsoleApp, order: Order) -> None:
    from csr_console.screens import note

    if order.entry is not None:
        await note.add(app, order.entry, order.args)


async def _contact(app: ConsoleApp, order: Order) -> None:
    from csr_console.screens import contact

    if order.entry is not None:
        await contact.update(app, order.entry)


async def _verify(app: ConsoleApp, order: Order) -> None:
    from csr_console.screens import verify

    if order.entry is not None:
        await verify.verify(app, order.entry, order.args)


async def _wrap(app: ConsoleApp, order: Order) -> None:
    from csr_console.screens import wrapup

    await wrapup.wrap_up(app, order.entry)


async def _callback(app: ConsoleApp, order: Order) -> None:
    from csr_console.screens import callback

    await callback.request(app, order.entry, order.args)


async def _plan(app: ConsoleApp, order: Order) -> None:
    from csr_console.screens import plan

    await plan.plan(app, order.entry, order.args)


async def _bills(app: ConsoleApp, order: Order) -> None:
    from csr_console.screens import billing

    if order.entry is not None:
        await billing.show_bills(app, order.entry)


async def _why(app: ConsoleApp, order: Order) -> None:
    from csr_console.screens import why

    if order.entry is not None:
        await why.show_why(app, order.entry)


async def _arrangement(app: ConsoleApp, order: Order) -> None:
    from csr_console.screens import arrangement

    if order.entry is not None:
        await arrangement.make(app, order.entry, order.args)


async def _budget(app: ConsoleApp, order: Order) -> None:
    from csr_console.screens import budget

    if order.entry is not None:
        await budget.join(app, order.entry, order.args)


async def _leave_budget(app: ConsoleApp, order: Order) -> None:
    from csr_console.screens import budget

    if order.entry is not None:
        await budget.leave(app, order.entry, order.args)


async def _print(app: ConsoleApp, order: Order) -> None:
    from csr_console.screens import printing

    if order.entry is not None:
        await printing.print_paper(app, order.entry, order.args)


async def _returned_payment(app: ConsoleApp, order: Order) -> None:
    from csr_console.screens import returned_payment

    if order.entry is not None:
        await returned_payment.take_back(app, order.entry, order.args)


async def _correct_bill(app: ConsoleApp, order: Order) -> None:
    from csr_console.screens import correction

    if order.entry is not None:
        await correction.correct(app, order.entry, order.args)


async def _leak(app: ConsoleApp, order: Order) -> None:
    from csr_console.screens import leak

    if order.entry is not None:
        await leak.adjust(app, order.entry, order.args)


async def _read(app: ConsoleApp, order: Order) -> None:
    from csr_console.screens import meter_read

    if order.entry is not None:
        await meter_read.enter(app, order.entry, order.args)


async def _exceptions(app: ConsoleApp, order: Order) -> None:
    from csr_console.screens import exceptions

    await exceptions.show_exceptions(app, order.args)


async def _queue(app: ConsoleApp, order: Order) -> None:
    from csr_console.screens.queue import QueueScreen

    screen = QueueScreen()
    await app.show_screen(screen)
    await screen.read_first()


async def _outages(app: ConsoleApp, order: Order) -> None:
    from csr_console.screens.outages import OutagesScreen

    await app.show_kept(OutagesScreen)


async def _hazards(app: ConsoleApp, order: Order) -> None:
    from csr_console.screens.hazards import HazardsScreen

    await app.show_screen(HazardsScreen())


async def _approvals(app: ConsoleApp, order: Order) -> None:
    from csr_console.screens.approvals import ApprovalsScreen

    await app.show_screen(ApprovalsScreen())


async def _drafts(app: ConsoleApp, order: Order) -> None:
    from csr_console.screens.drafts import DraftsScreen

    await app.show_screen(DraftsScreen())


async def _shift(app: ConsoleApp, order: Order) -> None:
    from csr_console.screens.reconcile import ReconcileScreen

    await app.show_screen(ReconcileScreen())


async def _sign_in(app: ConsoleApp, order: Order) -> None:
    from csr_console.screens.sign_in import SignInScreen

    app.call.shown.clear()
    await app.show_screen(SignInScreen())


async def _sign_out(app: ConsoleApp, order: Order) -> None:
    from csr_console.screens.sign_in import start_over

    await app.desk_call(app.desk.sign_out, doing="signing out")
    await start_over(app)
    await _sign_in(app, Order())


async def _lock(app: ConsoleApp, order: Order) -> None:
    from csr_console.screens.sign_in import LockScreen

    app.call.shown.clear()
    await app.desk_call(app.desk.lock, doing="locking")
    await app.push_screen(LockScreen())


async def _pin(app: ConsoleApp, order: Order) -> None:
    from csr_console.screens import pin

    await pin.choose(app)


async def _history(app: ConsoleApp, order: Order) -> None:
    from csr_console.screens.workspace import WorkspaceScreen

    if isinstance(screen := app.screen, WorkspaceScreen):
        screen.turn_timeline()
    else:
        app.notify_line("info", "A timeline belongs to a customer: open one first.")


async def _network(app: ConsoleApp, order: Order) -> None:
    word = order.args[0] if order.args else ""
    if word in app.options.weathers:
        app.set_weather(word)
    elif word in ("off", "on"):
        await app.desk_call(app.desk.work_offline, word == "off", doing="switching")
        said = "Working offline until `net on`." if word == "off" else "Back on the network."
        app.notify_line("info", said)
    else:
        known = ", ".join(("off", "on", *app.options.weathers))
        app.notify_line("info", f"net and one of: {known}.")


async def _theme(app: ConsoleApp, order: Order) -> None:
    from csr_console.widgets import themes

    names = themes.names()
    wanted = "-".join(order.args)
    if wanted not in names:
        wanted = (
            names[(names.index(app.theme) + 1) % len(names)] if not order.args and app.theme in names else ""
        )
    if wanted:
        app.theme = wanted
        app.notify_line("info", f"Colors: {wanted}.")
    else:
        app.notify_line("info", f"theme and one of: {', '.join(names)}.")


async def _refresh(app: ConsoleApp, order: Order) -> None:
    from csr_console.screens.base import ConsoleScreen

    if isinstance(screen := app.screen, ConsoleScreen):
        await screen.refresh_now()


async def _help(app: ConsoleApp, order: Order) -> None:
    from csr_console.screens import acts
    from csr_console.screens.base import ConsoleScreen

    if isinstance(screen := app.screen, ConsoleScreen):
        acts.show_palette(screen, title="Help: type what you want to do", query=" ".join(order.args))


async def _quit(app: ConsoleApp, order: Order) -> None:
    await app.action_quit()


RUNS: Mapping[str, Run] = {
    "out": _report_outage,
    "gas": _open_gas,
    "note": _note,
    "con": _contact,
    "cb": _callback,
    "v": _verify,
    "wrap": _wrap,
    "hist": _history,
    "bills": _bills,
    "why": _why,
    "pa": _arrangement,
    "budget": _budget,
    "unbudget": _leave_budget,
    "print": _print,
    "nsf": _returned_payment,
    "rebill": _correct_bill,
    "leak": _leak,
    "read": _read,
    "exceptions": _exceptions,
    "plan": _plan,
    "queue": _queue,
    "outages": _outages,
    "hazards": _hazards,
    "approvals": _approvals,
    "drafts": _drafts,
    "shift": _shift,
    "net": _network,
    "lock": _lock,
    "pin": _pin,
    "signin": _sign_in,
    "signout": _sign_out,
    "theme": _theme,
    "refresh": _refresh,
    "help": _help,
    "quit": _quit,
}
