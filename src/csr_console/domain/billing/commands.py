"""What a clerk does about what a customer owes."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field

from csr_console.domain.command import Command, Offline
from csr_console.domain.fields import AccountNumber, Cents, Entry, Reason, ReceiptNumber
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
