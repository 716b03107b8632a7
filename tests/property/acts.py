"""How each kind of command comes about at a desk: one small function a kind.

A new kind is one more function under `@act("kind")`: given what the clerk sees, a strategy for the command,
or None when there is nothing on the screen to do it to. `filled` draws the fields by their types.
"""

from collections.abc import Callable
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from tests.property.fields import FOUND, Sight, filled, of_type

from csr_console.contracts.views.outages import HazardView, ReportView
from csr_console.domain.accounts import commands as accounts
from csr_console.domain.accounts.verification import SECRET_FACTORS, Factor
from csr_console.domain.billing import commands as billing
from csr_console.domain.billing.budget_commands import BudgetStrategy, EnrollBudget, LeaveBudget
from csr_console.domain.command import Command
from csr_console.domain.outages import commands as outages
from csr_console.domain.outages.kinds import Hazard
from csr_console.domain.oversight.commands import DecideApproval, DiscardCommand

Act = Callable[[Sight], SearchStrategy[Command] | None]
ACTS: dict[str, Act] = {}


def act(kind: str) -> Callable[[Act], Act]:
    """Names the kind that a function makes."""

    def named(make: Act) -> Act:
        ACTS[kind] = make
        return make

    return named


def _place(report: ReportView) -> str:
    return report.premise or report.place


@act("note.add")
def add_note(sight: Sight) -> SearchStrategy[Command] | None:
    return filled(accounts.AddNote, sight)


@act("interaction.log")
def log_interaction(sight: Sight) -> SearchStrategy[Command] | None:
    return filled(accounts.LogInteraction, sight)


@act("contact.update")
def update_contact(sight: Sight) -> SearchStrategy[Command] | None:
    """A change or two of one contact: on purpose of few fields, so that clerks clash."""
    return st.one_of(
        filled(accounts.UpdateContact, sight, **_only("phone_1"), phone_2=None),
        filled(accounts.UpdateContact, sight, **_only("email"), phone_1="8505550177"),
        filled(accounts.UpdateContact, sight),
    )


def _only(name: str) -> dict[str, None]:
    """No other field of the contact but the first phone and this one."""
    kept = {"phone_1", "phone_2", name}
    return {other: None for other in accounts.CONTACT_FIELDS if other not in kept}


@act("caller.verify")
def verify_caller(sight: Sight) -> SearchStrategy[Command] | None:
    """Mostly a photo identification, which opens the contact to changes."""
    attested = [factor for factor in Factor if factor not in SECRET_FACTORS]
    some = st.lists(st.sampled_from(attested), min_size=1, max_size=3, unique=True)
    return st.one_of(st.just([Factor.PHOTO_ID]), some).flatmap(
        lambda factors: filled(accounts.VerifyCaller, sight, factors=factors, proof=None)
    )


@act("outage.report")
def report_outage(sight: Sight) -> SearchStrategy[Command] | None:
    """At a premise, with or without its customer, or somewhere in the street."""
    calm = {"hazard": Hazard.NONE}
    return st.one_of(
        st.sampled_from(list(sight.premises)).flatmap(
            lambda premise: filled(outages.ReportOutage, sight, premise=premise, location=None, **calm)
        ),
        st.sampled_from(list(sight.locations)).flatmap(
            lambda place: filled(outages.ReportOutage, sight, premise=None, location=place)
        ),
        st.sampled_from(list(sight.premises)).flatmap(
            lambda premise: filled(outages.ReportOutage, sight, premise=premise, location=None)
        ),
    )


@act("outage.add")
def add_to_report(sight: Sight) -> SearchStrategy[Command] | None:
    return _on_some(
        sight.reports,
        lambda report: filled(outages.AddToReport, sight, report=report.id, place=_place(report)),
    )


@act("outage.correct")
def correct_report(sight: Sight) -> SearchStrategy[Command] | None:
    """Seldom a withdrawal: a report that is open is worth more."""

    def corrected(report: ReportView) -> SearchStrategy[Command]:
        fixed = {"report": report.id, "place": _place(report)}
        change = filled(outages.CorrectReport, sight, **fixed, withdrawn=None).filter(
            lambda made: bool(made.changed_fields)
        )
        withdrawal = st.just(outages.CorrectReport.model_validate({**fixed, "withdrawn": True}))
        return st.one_of(change, change, withdrawal)

    return _on_some(sight.reports, corrected)


@act("outage.plan")
def plan_outage(sight: Sight) -> SearchStrategy[Command] | None:
    starts = of_type(outages.PlanOutage.model_fields["starts_at"].annotation, sight)
    return starts.flatmap(
        lambda moment: st.integers(1, 12).flatmap(
            lambda hours: st.sampled_from(list(sight.devices)).flatmap(
                lambda device: filled(
                    outages.PlanOutage,
                    sight,
                    device=device,
                    starts_at=moment,
                    ends_at=moment + timedelta(hours=hours),
                )
            )
        )
    )


@act("callback.request")
def request_callback(sight: Sight) -> SearchStrategy[Command] | None:
    at = {"when": outages.CallbackWhen.AT, "at": sight.now + timedelta(hours=3)}
    return st.one_of(
        filled(outages.RequestCallback, sight, when=outages.CallbackWhen.RESTORED, at=None),
        filled(outages.RequestCallback, sight, **at),
    )


@act("hazard.open")
def open_hazard(sight: Sight) -> SearchStrategy[Command] | None:
    """A new record, or the same one said again."""
    dangers = [hazard for hazard in Hazard if hazard is not Hazard.NONE]
    ids = st.sampled_from([sight.new_id, sight.new_id, *(one.id for one in sight.hazards)])
    return st.tuples(st.sampled_from(dangers), ids).flatmap(
        lambda drawn: filled(outages.OpenHazard, sight, hazard=drawn[0], hazard_id=drawn[1])
    )


def _on_hazard(command: type[Command]) -> Act:
    return lambda sight: _on_some(
        sight.hazards, lambda hazard: filled(command, sight, hazard_id=_id_of(hazard))
    )


def _id_of(hazard: HazardView) -> object:
    return hazard.id


act("hazard.detail")(_on_hazard(outages.DetailHazard))
act("hazard.acknowledge")(_on_hazard(outages.AcknowledgeHazard))
act("hazard.close")(_on_hazard(outages.CloseHazard))


@act("arrangement.make")
def make_arrangement(sight: Sight) -> SearchStrategy[Command] | None:
    return filled(billing.MakeArrangement, sight)


@act("budget.enroll")
def enroll_budget(sight: Sight) -> SearchStrategy[Command] | None:
    """Of whoever has bills; the plan that may always be joined more often than the one of spring."""
    often = [BudgetStrategy.ROLLING_AVERAGE, *BudgetStrategy]
    return st.sampled_from(often).flatmap(
        lambda strategy: filled(EnrollBudget, sight, strategy=strategy, account=sight.accounts[0])
    )


@act("budget.leave")
def leave_budget(sight: Sight) -> SearchStrategy[Command] | None:
    return filled(LeaveBudget, sight, account=sight.accounts[0])


@act("payment.return")
def return_payment(sight: Sight) -> SearchStrategy[Command] | None:
    """Of a receipt of the cashier's, whoever's it is."""
    return _on_some(sight.receipts, lambda receipt: filled(billing.ReturnPayment, sight, receipt=receipt))


@act("bill.correct")
def correct_bill(sight: Sight) -> SearchStrategy[Command] | None:
    """Of bills that may be there, or not; mostly the newest, which may be corrected, or both together."""
    reads = st.sampled_from(["", "electric 74000", "electric 74900, water 612", "electric 1, water 2"])
    bills = st.sampled_from(("1001", "1002", "1002", "1003", "1004", "1001-1002", "1001 1002"))
    return st.tuples(bills, reads).flatmap(
        lambda drawn: filled(
            billing.CorrectBill, sight, bill=drawn[0], reads=drawn[1], account=sight.accounts[0]
        )
    )


@act("exception.settle")
def settle_exception(sight: Sight) -> SearchStrategy[Command] | None:
    """Of what the run of the city found, where two clerks meet, or of a run that found nothing."""
    found = st.sampled_from((FOUND, FOUND, {**FOUND, "run": "2020-01-31"}))
    return found.flatmap(
        lambda which: filled(billing.SettleException, sight, account=sight.accounts[0], **which)
    )


@act("read.enter")
def enter_read(sight: Sight) -> SearchStrategy[Command] | None:
    """Of a meter that is there, or not; of today and in the place of another read, or neither."""
    services = st.sampled_from(("electric", "electric", "water", "gas"))
    values = st.sampled_from((None, 1, 75_500, 76_200, 99_999_999))
    return st.tuples(services, values).flatmap(
        lambda drawn: filled(
            billing.EnterRead,
            sight,
            service=drawn[0],
            value=drawn[1],
            read_on=None,
            account=sight.accounts[0],
        )
    )


@act("leak.adjust")
def adjust_leak(sight: Sight) -> SearchStrategy[Command] | None:
    return filled(billing.AdjustLeak, sight, bill=1002, account=sight.accounts[0])


@act("command.discard")
def discard_command(sight: Sight) -> SearchStrategy[Command] | None:
    """Of a command of this desk, whatever became of it meanwhile."""
    return _on_some(
        sight.commands, lambda known: filled(DiscardCommand, sight, discarded=known, discarded_kind="")
    )


@act("approval.decide")
def decide_approval(sight: Sight) -> SearchStrategy[Command] | None:
    return _on_some(sight.held, lambda held: filled(DecideApproval, sight, held=held.id, digest=held.digest))


def _on_some(things: object, make: Callable[..., SearchStrategy[Command]]) -> SearchStrategy[Command] | None:
    """On one of the things that are there; None when there are none."""
    found = list(things)  # type: ignore[call-overload]
    return st.sampled_from(found).flatmap(make) if found else None
