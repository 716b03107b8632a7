"""What a clerk does about what a customer owes."""

from decimal import Decimal
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field

from csr_console.domain.command import Command, Offline
from csr_console.domain.fields import (
    AccountNumber,
    BillNumber,
    Cents,
    Choice,
    Entry,
    FilledLine,
    Reason,
    ReceiptNumber,
)
from csr_console.domain.permissions import Permission


class MakeArrangement(Command):
    """A customer promises to pay what is owed in installments; collections wait while it is kept."""

    kind: Literal["arrangement.make"] = "arrangement.make"
    account: AccountNumber
    installments: Annotated[
        int, Field(ge=1, le=12), Entry("Installments", "How many, from 1 to 12: your role has its limit.")
    ]
    down_cents: Annotated[
        Cents, Entry("Down payment", "What is paid today, in dollars; nothing is 0.", "money")
    ] = 0

    title: ClassVar[str] = "Payment arrangement"
    permission: ClassVar[Permission] = Permission.ARRANGEMENT_MAKE
    offline: ClassVar[Offline] = Offline.PROVISIONAL

    @property
    def lane(self) -> str:
        return f"account:{self.account}"

    @classmethod
    def example(cls) -> Self:
        return cls(account="100482771", installments=3)


class ReturnPayment(Command):
    """A payment came back from the bank: it is taken back as of its own day, and the fee of the statute is
    charged (F.S. 68.065)."""

    kind: Literal["payment.return"] = "payment.return"
    account: AccountNumber
    receipt: Annotated[ReceiptNumber, Entry("Receipt", "The cashier's number of the payment.")]
    bank_fee_cents: Annotated[
        Cents, Entry("Bank fee", "What the bank charged for it, in dollars; nothing is 0.", "money")
    ] = 0
    reason: Annotated[Reason, Entry("Reason", "What the bank says: it stays in the audit log.")]

    title: ClassVar[str] = "Return a payment"
    permission: ClassVar[Permission] = Permission.PAYMENT_RETURN
    offline: ClassVar[Offline] = Offline.NEVER
    offline_sentence: ClassVar[str] = "A returned payment is looked up at central: wait for the network."

    @property
    def lane(self) -> str:
        return f"account:{self.account}"

    @classmethod
    def example(cls) -> Self:
        return cls(account="100482771", receipt="R-2026-004711", reason="Insufficient funds")


class CorrectionCause(Choice):
    """Why a bill was wrong: how far back more may be asked depends on it."""

    UTILITY_ERROR = "utility_error"
    METER_ERROR = "meter_error"
    TAMPERING = "tampering"


class CorrectBill(Command):
    """A wrong bill is taken back and, with corrected reads, billed again; without, the next run bills its
    period. A second person always decides."""

    kind: Literal["bill.correct"] = "bill.correct"
    account: AccountNumber
    bill: Annotated[BillNumber, Entry("Bill", "Its number, as the customer reads it.")]
    reads: Annotated[
        str,
        Field(pattern=r"^([a-z]{3,20} [0-9]{1,9}(, [a-z]{3,20} [0-9]{1,9}){0,3})?$"),
        Entry(
            "Right reads",
            "What the meters really showed on its last day: electric 74573, water 612. Empty cancels only.",
        ),
    ] = ""
    cause: Annotated[CorrectionCause, Entry("Cause", "Whose error it was.", "choice")] = (
        CorrectionCause.UTILITY_ERROR
    )
    reason: Annotated[Reason, Entry("Reason", "What was found: it stays in the audit log.")]

    title: ClassVar[str] = "Correct a bill"
    permission: ClassVar[Permission] = Permission.BILL_CORRECT
    offline: ClassVar[Offline] = Offline.NEVER
    offline_sentence: ClassVar[str] = "A bill is rated again at central: wait for the network."

    @property
    def lane(self) -> str:
        return f"account:{self.account}"

    @classmethod
    def example(cls) -> Self:
        return cls(account="100482771", bill=1001, reads="electric 74573", reason="Digits read wrong")


def reads_of(text: str) -> dict[str, Decimal]:
    """Service and register value of each corrected read."""
    pairs = (part.split(" ") for part in text.split(", ") if part)
    return {service: Decimal(value) for service, value in pairs}


class LeakMethod(Choice):
    """The published programs whose credit is use taken off the bill, by their names in `leaks`."""

    HALF_OF_EXCESS = "half-of-excess"
    AT_MOST_TWICE_NORMAL = "at-most-twice-normal"
    HALF_WHEN_DOUBLED = "half-when-doubled"
    QUARTER_OF_EXCESS = "quarter-of-excess"
    HALF_OF_LARGEST = "half-of-largest"


class AdjustLeak(Command):
    """Water of a leak that was repaired is credited by a program; a second person always decides."""

    kind: Literal["leak.adjust"] = "leak.adjust"
    account: AccountNumber
    bill: Annotated[BillNumber, Entry("Bill", "The number of the bill with the leak.")]
    program: Annotated[LeakMethod, Entry("Program", "How the credit is found.", "choice")]
    repair: Annotated[
        FilledLine, Entry("Repair proof", "Invoice or receipt of the repair: who, when, its number.")
    ]
    reason: Annotated[Reason, Entry("Reason", "Where it leaked: it stays in the audit log.")]

    title: ClassVar[str] = "Leak adjustment"
    permission: ClassVar[Permission] = Permission.LEAK_ADJUST
    offline: ClassVar[Offline] = Offline.NEVER
    offline_sentence: ClassVar[str] = "A bill is rated again at central: wait for the network."

    @property
    def lane(self) -> str:
        return f"account:{self.account}"

    @classmethod
    def example(cls) -> Self:
        return cls(
            account="100482771",
            bill=1001,
            program=LeakMethod.HALF_WHEN_DOUBLED,
            repair="Invoice 2291 of Lake Plumbing, August 20",
            reason="Service line in the yard",
        )
