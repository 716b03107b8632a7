"""Changes of queued commands laid over a cached account, so that a clerk sees what they just did."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from csr_console.contracts.views.accounts import AccountView, OpenReport, TimelineEntry
from csr_console.contracts.views.bills import ArrangementView, InstallmentView
from csr_console.desk import budget
from csr_console.domain.accounts.decide import AccountFacts, CallerVerified, ContactSet, EntryAdded
from csr_console.domain.accounts.verification import SECRET_FACTORS, Level
from csr_console.domain.billing.arrangement import Arrangement, ArrangementState, broken_on
from csr_console.domain.billing.budget_decide import BudgetEnded, BudgetJoined
from csr_console.domain.billing.decide import ArrangementMade, MoneyFacts
from csr_console.domain.command import Change, Command
from csr_console.domain.outages.decide import CallCounted, ReportCorrected, ReportOpened


def account_facts(view: AccountView, command: Command) -> AccountFacts:
    """What a decision reads of an account. A proof is taken at its word here; central checks it."""
    claimed = SECRET_FACTORS.intersection(getattr(command, "factors", ()))
    return AccountFacts(
        account=view.entry.account,
        status=view.entry.status,
        alerts=[alert.code for alert in view.alerts],
        contact={name: str(value) for name, value in view.contact.model_dump(exclude={"version"}).items()},
        verified_at=view.verified_at,
        verified_level=Level(view.verified_level),
        proven=tuple(claimed) if getattr(command, "proof", None) else (),
    )


def money_facts(view: AccountView) -> MoneyFacts:
    """What a decision reads of what a customer owes."""
    held = view.arrangement
    return MoneyFacts(
        view.entry.account,
        view.balance.balance_cents,
        [alert.code for alert in view.alerts],
        ArrangementState(held.state) if held else None,
        held.broken_on if held else None,
        budget.active_plan(view) is not None,
    )


def lay_over(view: AccountView, change: Change, command_id: UUID, reader: str) -> AccountView:
    """The view with one change of a command applied, unless it holds it already; a verification counts for
    the clerk who made it (`reader`)."""
    update: dict[str, object] = {}
    match change:
        case EntryAdded() if change.account == view.entry.account:
            update = {"timeline": _with_entry(view, change)}
        case ContactSet() if change.account == view.entry.account:
            update = {"contact": view.contact.model_copy(update=dict(change.values))}
        case CallerVerified() if change.account == view.entry.account and change.actor == reader:
            update = {"verified_level": int(change.level), "verified_at": change.at}
        case ArrangementMade() if change.account == view.entry.account:
            update = {"arrangement": _arranged(change)}
        case BudgetJoined() | BudgetEnded() if change.account == view.entry.account:
            update = budget.lay_over(view, change)
        case ReportOpened() if change.premise == view.entry.premise and view.open_report is None:
            opened = OpenReport(id=UUID(change.report_id), number=None, calls=1, opened_at=change.opened_at)
            update = {"open_report": opened}
        case CallCounted() if view.open_report and str(view.open_report.id) == change.report_id:
            if command_id not in view.open_report.counted:
                update = {"open_report": view.open_report.model_copy(update={"calls": change.calls})}
        case ReportCorrected() if view.open_report and str(view.open_report.id) == change.report_id:
            update = {"open_report": None} if change.values.get("withdrawn") else {}
    return view.model_copy(update=update) if update else view


def _arranged(change: ArrangementMade) -> ArrangementView:
    return ArrangementView(
        arrangement_id=UUID(change.arrangement_id),
        agreed_on=change.agreed_on,
        agreed_by=change.agreed_by,
        state="active",
        total_cents=sum(item.cents for item in change.installments),
        installments=[
            InstallmentView(number=item.number, due_on=item.due_on, cents=item.cents, paid_cents=0)
            for item in change.installments
        ],
        broken_on=broken_on(Arrangement(change.agreed_on, change.installments), 0),
    )


def _with_entry(view: AccountView, change: EntryAdded) -> list[TimelineEntry]:
    """The timeline with the entry in its place, unless it is there already."""
    if any(entry.id == UUID(change.entry_id) for entry in view.timeline):
        return view.timeline
    entry = TimelineEntry(
        id=UUID(change.entry_id), kind=change.kind, at=change.at, actor=change.actor, text=change.text
    )
    return sorted([entry, *view.timeline], key=lambda one: one.at, reverse=True)


def fields_set(change: Change, account: str) -> frozenset[str]:
    """The contact fields a change sets on the account."""
    if isinstance(change, ContactSet) and change.account == account:
        return frozenset(change.values)
    return frozenset()


def trusting(facts: AccountFacts, moment: datetime) -> AccountFacts:
    """The facts for what a colleague queued: their verification is not known here and was judged then."""
    return replace(facts, verified_level=Level.L3, verified_at=moment, proven=tuple(SECRET_FACTORS))
