"""What a clerk does about what a customer owes."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar, Literal, NamedTuple, Self

from pydantic import AfterValidator, BeforeValidator, Field

from csr_console.domain.billing.exceptions import ExceptionCode, exception_key
from csr_console.domain.billing.reads import ReadKind
from csr_console.domain.command import AccountCommand, Effect, Offline
from csr_console.domain.fields import (
    BillNumber,
    Cents,
    Choice,
    Entry,
    FilledLine,
    Reason,
    ReceiptNumber,
)
from csr_console.domain.permissions import Permission


class MakeArrangement(AccountCommand):
    """A customer promises to pay what is owed in installments; collections wait while it is kept."""

    kind: Literal["arrangement.make"] = "arrangement.make"
    installments: Annotated[
        int, Field(ge=1, le=12), Entry("Installments", "How many, from 1 to 12: your role has its limit.")
    ]
    down_cents: Annotated[
        Cents, Entry("Down payment", "What is paid today, in dollars; nothing is 0.", "money")
    ] = 0

    title: ClassVar[str] = "Payment arrangement"
    permission: ClassVar[Permission] = Permission.ARRANGEMENT_MAKE
    offline: ClassVar[Offline] = Offline.PROVISIONAL

    @classmethod
    def example(cls) -> Self:
        return cls(account="100482771", installments=3)


class ReturnPayment(AccountCommand):
    """A payment came back from the bank: it is taken back as of its own day, and the fee of the statute is
    charged (F.S. 68.065)."""

    kind: Literal["payment.return"] = "payment.return"
    receipt: Annotated[ReceiptNumber, Entry("Receipt", "The cashier's number of the payment.")]
    bank_fee_cents: Annotated[
        Cents, Entry("Bank fee", "What the bank charged for it, in dollars; nothing is 0.", "money")
    ] = 0
    reason: Annotated[Reason, Entry("Reason", "What the bank says: it stays in the audit log.")]

    title: ClassVar[str] = "Return a payment"
    permission: ClassVar[Permission] = Permission.PAYMENT_RETURN
    offline: ClassVar[Offline] = Offline.NEVER
    offline_sentence: ClassVar[str] = "A returned payment is looked up at central: wait for the network."

    @classmethod
    def example(cls) -> Self:
        return cls(account="100482771", receipt="R-2026-004711", reason="Insufficient funds")


class CorrectionCause(Choice):
    """Why a bill was wrong: how far back more may be asked depends on it."""

    UTILITY_ERROR = "utility_error"
    METER_ERROR = "meter_error"
    TAMPERING = "tampering"


class RefundChoice(Choice):
    """What a customer wants done with money that was paid too much (BIL-05): it is asked, never assumed."""

    CREDIT = "credit"
    PAYMENT = "payment"


def _bill_list(value: object) -> object:
    """`1001 1002` and 1001 as `1001, 1002` and `1001`; a range stays one."""
    return ", ".join(re.findall(r"[^,\s]+", str(value))) if isinstance(value, str | int) else value


def _in_order(value: str) -> str:
    if any(one.last < one.first for one in bills_of(value)):
        raise ValueError("a range of bills begins with the lower number: 1001-1003")
    return value


BillNumbers = Annotated[
    str,
    BeforeValidator(_bill_list),
    Field(pattern=r"^[1-9][0-9]{0,9}(-[1-9][0-9]{0,9})?(, [1-9][0-9]{0,9}(-[1-9][0-9]{0,9})?){0,23}$"),
    AfterValidator(_in_order),
]


class CorrectBill(AccountCommand):
    """A wrong bill, or all the bills of a wrong meter, are taken back and, with right reads, billed again;
    without, the next run bills their period. A second person always decides."""

    kind: Literal["bill.correct"] = "bill.correct"
    bill: Annotated[
        BillNumbers,
        Entry("Bill", "Its number, as the customer reads it; several as 1001 1002, or a range: 1001-1003."),
    ]
    reads: Annotated[
        str,
        Field(
            pattern=r"^(([0-9]{1,10} )?[a-z]{3,20} [0-9]{1,9}"
            r"(, ([0-9]{1,10} )?[a-z]{3,20} [0-9]{1,9}){0,47})?$"
        ),
        Entry(
            "Right reads",
            "What the meters really showed on its last day: electric 74573, water 612. Of several bills,"
            " the bill first: 1001 electric 74573; between known reads use is spread by days. Empty cancels"
            " only.",
        ),
    ] = ""
    cause: Annotated[CorrectionCause, Entry("Cause", "Whose error it was.", "choice")] = (
        CorrectionCause.UTILITY_ERROR
    )
    refund: Annotated[
        RefundChoice | None,
        Entry("Refund", "If money goes back, what the customer chose: credit or payment.", "choice"),
    ] = None
    reason: Annotated[Reason, Entry("Reason", "What was found: it stays in the audit log.")]

    title: ClassVar[str] = "Correct a bill"
    permission: ClassVar[Permission] = Permission.BILL_CORRECT
    offline: ClassVar[Offline] = Offline.NEVER
    offline_sentence: ClassVar[str] = "A bill is rated again at central: wait for the network."

    @classmethod
    def example(cls) -> Self:
        return cls(account="100482771", bill="1001", reads="electric 74573", reason="Digits read wrong")


class BillRange(NamedTuple):
    """Bills by number; one bill is a range of itself."""

    first: int
    last: int


def bills_of(text: str) -> tuple[BillRange, ...]:
    """The numbers and ranges of `1001, 1004-1006`."""
    parts = (part.partition("-") for part in text.split(", "))
    return tuple(BillRange(int(first), int(last or first)) for first, _, last in parts)


class RightRead(NamedTuple):
    """What a meter really showed on the last day of a bill; `bill` None stands for the newest of them."""

    bill: int | None
    service: str
    value: Decimal


def reads_of(text: str) -> tuple[RightRead, ...]:
    """The reads of `electric 74573` or `1001 electric 74573, 1002 electric 75400`."""
    parts = (part.split(" ") for part in text.split(", ") if part)
    return tuple(
        RightRead(int(words[0]) if len(words) == 3 else None, words[-2], Decimal(words[-1]))
        for words in parts
    )


class SettleException(AccountCommand):
    """Something a bill run found was looked into: who did, when and what came of it is kept with it."""

    kind: Literal["exception.settle"] = "exception.settle"
    run: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), Entry("Run", "Its day.", "hidden")]
    service: Annotated[
        str, Field(pattern=r"^[a-z_]{3,20}$"), Entry("Service", "Which one it is about.", "hidden")
    ]
    code: Annotated[ExceptionCode, Entry("Found", "What was found.", "hidden")]
    reason: Annotated[Reason, Entry("Reason", "What came of it: it stays in the audit log.")]

    title: ClassVar[str] = "Settle what a run found"
    permission: ClassVar[Permission] = Permission.EXCEPTION_SETTLE
    effect: ClassVar[Effect] = "sets"

    @property
    def resource(self) -> str:
        return exception_key(self.run, self.account, self.service, self.code)

    @property
    def changed_fields(self) -> frozenset[str]:
        return frozenset({"reason"})

    @classmethod
    def example(cls) -> Self:
        return cls(
            account="100482771",
            run="2026-08-30",
            service="electric",
            code=ExceptionCode.HIGH_USE,
            reason="New heat pump, use is right",
        )


class EnterRead(AccountCommand):
    """What a meter shows, read by us, told by the customer, or estimated: the next run bills it."""

    kind: Literal["read.enter"] = "read.enter"
    service: Annotated[
        str, Field(pattern=r"^[a-z_]{3,20}$"), Entry("Service", "Whose meter: electric, water, gas.")
    ]
    value: Annotated[
        int | None,
        Field(ge=0, le=999_999_999),
        Entry("Read", "The digits of the register. Empty, for an estimate: by the use of the year before."),
    ] = None
    how: Annotated[ReadKind, Entry("How", "How it is known.", "choice")] = ReadKind.ACTUAL
    read_on: Annotated[date | None, Entry("Read on", "The day, as 2026-08-30; empty is today.")] = None
    rolled_over: Annotated[
        bool, Entry("Past zero", "Yes when the register began again at zero since the last read.", "choice")
    ] = False
    replaces: Annotated[
        bool, Entry("In its place", "Yes when a read of that day is known already, and wrong.", "choice")
    ] = False

    title: ClassVar[str] = "Enter a meter read"
    permission: ClassVar[Permission] = Permission.READ_ENTER
    offline: ClassVar[Offline] = Offline.PROVISIONAL

    @classmethod
    def example(cls) -> Self:
        return cls(account="100482771", service="electric", value=74573)


class LeakMethod(Choice):
    """The published programs whose credit is use taken off the bill, by their names in `leaks`."""

    HALF_OF_EXCESS = "half-of-excess"
    AT_MOST_TWICE_NORMAL = "at-most-twice-normal"
    HALF_WHEN_DOUBLED = "half-when-doubled"
    QUARTER_OF_EXCESS = "quarter-of-excess"
    HALF_OF_LARGEST = "half-of-largest"


class AdjustLeak(AccountCommand):
    """Water of a leak that was repaired is credited by a program; a second person always decides."""

    kind: Literal["leak.adjust"] = "leak.adjust"
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

    @classmethod
    def example(cls) -> Self:
        return cls(
            account="100482771",
            bill=1001,
            program=LeakMethod.HALF_WHEN_DOUBLED,
            repair="Invoice 2291 of Lake Plumbing, August 20",
            reason="Service line in the yard",
        )
