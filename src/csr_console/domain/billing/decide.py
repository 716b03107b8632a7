"""Decisions about what a customer owes: pure, the same at central and on the desk."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from csr_console.domain.accounts.decide import EntryAdded
from csr_console.domain.billing.arrangement import (
    ArrangementState,
    Installment,
    installments,
    refuse_if_not_eligible,
)
from csr_console.domain.billing.commands import MakeArrangement, ReturnPayment
from csr_console.domain.billing.returned_item import returned_item_fee
from csr_console.domain.command import Change, Context, Plan
from csr_console.domain.money import dollars_text
from csr_console.domain.refusals import Refusal


@dataclass(frozen=True, slots=True)
class MoneyFacts:
    """What a customer owes today, and the newest arrangement: where it stands, when it broke or would."""

    account: str
    balance_cents: int
    alerts: Collection[str] = ()
    arrangement: ArrangementState | None = None
    broken_on: date | None = None
    on_budget: bool = False


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """A payment as it was posted; `returned` once it has been taken back."""

    receipt: str
    account: str
    cents: int
    paid_on: date
    entry_id: str
    returned: bool


@dataclass(frozen=True, slots=True)
class ArrangementMade(Change):
    """A promise to pay a balance in installments."""

    account: str
    arrangement_id: str
    agreed_on: date
    agreed_by: str
    installments: tuple[Installment, ...]


@dataclass(frozen=True, slots=True)
class PaymentReturned(Change):
    """A payment taken back as of its own day, and the fee for it due on a day."""

    account: str
    receipt: str
    entry_id: str
    fee_cents: int
    fee_due_on: date
    reason: str


def decide_make_arrangement(command: MakeArrangement, facts: MoneyFacts, context: Context) -> Plan:
    """Raises `Refusal` not-eligible or not-permitted, in the words for the customer."""
    today = context.now.date()
    if facts.on_budget:
        raise Refusal(
            "not-eligible",
            "The account is on a budget plan: end it first, then the true balance is arranged.",
            rule="budget plan policy",
        )
    broken = facts.arrangement is ArrangementState.BROKEN
    refuse_if_not_eligible(
        facts.balance_cents,
        command.installments,
        context.actor.role,
        today,
        cash_only="cash_only" in facts.alerts,
        active=facts.arrangement is ArrangementState.ACTIVE,
        broken_on=facts.broken_on if broken else None,
    )
    if command.down_cents >= facts.balance_cents:
        raise Refusal(
            "not-eligible",
            f"The down payment is not below ${dollars_text(facts.balance_cents)}, what is owed.",
        )
    planned = installments(facts.balance_cents, command.installments, today, down_cents=command.down_cents)
    made = ArrangementMade(facts.account, context.command_id, today, context.actor.login, planned)
    said = ", ".join(f"${dollars_text(item.cents)} by {item.due_on}" for item in planned)
    total = dollars_text(facts.balance_cents)
    return Plan(
        f"Arranged: {said}. Every new bill is due on its own day too.",
        (made, _entry(facts.account, f"Payment arrangement for ${total}: {said}.", context)),
    )


def decide_return_payment(command: ReturnPayment, facts: PaymentFacts | None, context: Context) -> Plan:
    """Raises `Refusal` not-found for a receipt that was not posted to this account, nothing-changed for one
    that has been returned. Without facts (on a workstation) only the sentence is given."""
    if facts is None:
        return Plan(f"Payment {command.receipt} is taken back and the fee charged.", ())
    if facts.account != command.account:
        raise Refusal("not-found", f"There is no receipt {command.receipt} on account {command.account}.")
    if facts.returned:
        raise Refusal("nothing-changed", f"Receipt {command.receipt} has been returned already.")
    today = context.now.date()
    fee = returned_item_fee(facts.cents, command.bank_fee_cents).amount_cents
    returned = PaymentReturned(facts.account, facts.receipt, facts.entry_id, fee, today, command.reason)
    text = (
        f"Payment of ${dollars_text(facts.cents)} of {facts.paid_on}, receipt {facts.receipt}, returned:"
        f" {command.reason}. Fee ${dollars_text(fee)} (F.S. 68.065)."
    )
    return Plan(
        f"Taken back ${dollars_text(facts.cents)}, fee ${dollars_text(fee)}.",
        (returned, _entry(facts.account, text, context)),
    )


def _entry(account: str, text: str, context: Context) -> EntryAdded:
    moment: datetime = context.happened_at
    return EntryAdded(account, context.command_id, "billing", moment, context.actor.login, text)
