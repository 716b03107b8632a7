"""Every decision of the domain, on what this workstation knows: the same sentence before any network."""

from collections.abc import Callable
from typing import Any, Protocol
from uuid import UUID

from csr_console.domain.accounts import commands as accounts
from csr_console.domain.accounts.decide import (
    AccountFacts,
    decide_add_note,
    decide_log_interaction,
    decide_update_contact,
    decide_verify_caller,
)
from csr_console.domain.approvals import policy_for
from csr_console.domain.billing import commands as billing
from csr_console.domain.billing.budget_commands import EnrollBudget, LeaveBudget
from csr_console.domain.billing.budget_decide import (
    BudgetFacts,
    decide_enroll_budget,
    decide_leave_budget,
)
from csr_console.domain.billing.decide import MoneyFacts, decide_make_arrangement, decide_return_payment
from csr_console.domain.billing.settling import decide_enter_read, decide_settle_exception
from csr_console.domain.command import Command, Context, Plan
from csr_console.domain.outages import commands as outages
from csr_console.domain.outages.decide import (
    PlaceFacts,
    ReportFacts,
    decide_add_to_report,
    decide_correct_report,
    decide_plan_outage,
    decide_report_outage,
    decide_request_callback,
)
from csr_console.domain.outages.hazards import (
    HazardFacts,
    decide_acknowledge_hazard,
    decide_close_hazard,
    decide_detail_hazard,
    decide_open_hazard,
)
from csr_console.domain.oversight.commands import DecideApproval, DiscardCommand
from csr_console.domain.refusals import Refusal


class World(Protocol):
    """What is known here. Each raises `Refusal` not-found for what is not known."""

    def account_facts(self, account: str, command: Command, context: Context) -> AccountFacts: ...

    def money_facts(self, account: str) -> MoneyFacts: ...

    def budget_facts(self, account: str) -> BudgetFacts: ...

    def place_facts(self, command: outages.ReportOutage, context: Context) -> PlaceFacts: ...

    def report_facts(self, report: UUID) -> ReportFacts: ...

    def hazard_facts(self, hazard: UUID) -> HazardFacts: ...

    def device_exists(self, device: str) -> bool: ...


def _on_account(decide: Callable[[Any, AccountFacts, Context], Plan]) -> Callable[..., Plan]:
    def decided(command: Any, world: World, context: Context) -> Plan:
        facts = world.account_facts(command.account, command, context)
        policy = policy_for(command.kind, facts.alerts)
        plan = decide(command, facts, context)
        return Plan(policy.sentence, ()) if policy else plan

    return decided


def _held_always(command: Command, _world: World, _context: Context) -> Plan:
    """What only central can judge and a second person always decides."""
    policy = policy_for(command.kind, ())
    return Plan(policy.sentence if policy else "", ())


def _wrap_up(command: accounts.LogInteraction, world: World, context: Context) -> Plan:
    facts = world.account_facts(command.account, command, context) if command.account else None
    return decide_log_interaction(command, facts, context)


def _on_report(decide: Callable[[Any, ReportFacts, Context], Plan]) -> Callable[..., Plan]:
    return lambda command, world, context: decide(command, world.report_facts(command.report), context)


def _on_hazard(decide: Callable[[Any, HazardFacts, Context], Plan]) -> Callable[..., Plan]:
    return lambda command, world, context: decide(command, world.hazard_facts(command.hazard_id), context)


_DECISIONS: dict[type[Command], Callable[..., Plan]] = {
    accounts.AddNote: _on_account(decide_add_note),
    accounts.UpdateContact: _on_account(decide_update_contact),
    accounts.VerifyCaller: _on_account(decide_verify_caller),
    accounts.LogInteraction: _wrap_up,
    billing.MakeArrangement: lambda command, world, context: decide_make_arrangement(
        command, world.money_facts(command.account), context
    ),
    EnrollBudget: lambda command, world, context: decide_enroll_budget(
        command, world.budget_facts(command.account), context
    ),
    LeaveBudget: lambda command, world, context: decide_leave_budget(
        command, world.budget_facts(command.account), context
    ),
    billing.ReturnPayment: lambda command, _world, context: decide_return_payment(command, None, context),
    billing.CorrectBill: _held_always,
    billing.AdjustLeak: _held_always,
    billing.SettleException: lambda command, _world, context: decide_settle_exception(command, None, context),
    billing.EnterRead: lambda command, _world, context: decide_enter_read(command, None, context),
    outages.ReportOutage: lambda command, world, context: decide_report_outage(
        command, world.place_facts(command, context), context
    ),
    outages.AddToReport: _on_report(decide_add_to_report),
    outages.CorrectReport: _on_report(decide_correct_report),
    outages.PlanOutage: lambda command, world, context: decide_plan_outage(
        command, world.device_exists(command.device), context
    ),
    outages.RequestCallback: lambda command, _world, context: decide_request_callback(command, None, context),
    outages.OpenHazard: lambda command, _world, context: decide_open_hazard(command, None, context),
    outages.DetailHazard: _on_hazard(decide_detail_hazard),
    outages.AcknowledgeHazard: _on_hazard(decide_acknowledge_hazard),
    outages.CloseHazard: _on_hazard(decide_close_hazard),
    DiscardCommand: lambda _command, _world, _context: Plan("Discarded.", ()),
    DecideApproval: lambda command, _world, _context: Plan(
        "Approved." if command.approve else "Declined.", ()
    ),
}


def decide(command: Command, world: World, context: Context) -> Plan:
    """What central will most likely say, from cached facts. Raises `Refusal`; central has the last word."""
    decision = _DECISIONS.get(type(command))
    if decision is None:
        raise Refusal("unknown-kind", "This workstation does not know that kind of command: update it.")
    return decision(command, world, context)


def decided_kinds() -> frozenset[type[Command]]:
    """The commands this workstation can decide: a test holds that it is all of them."""
    return frozenset(_DECISIONS)
