"""The chart of accounts: what kinds of ledger accounts there are and how one is named."""

from dataclasses import dataclass
from enum import StrEnum


class AccountKind(StrEnum):
    """A kind of ledger account. Debits are positive everywhere, so what the city owns or is owed stands
    positive and what it owes or has earned stands negative."""

    RECEIVABLE = "receivable"
    """What a customer owes for a service, by due date."""
    CREDIT = "credit"
    """What a customer has paid ahead: a liability until a bill uses it."""
    DEPOSIT = "deposit"
    """Deposits held: a liability, never revenue."""
    LOAN = "loan"
    """Principal a customer still owes on a loan."""
    DRAWER = "drawer"
    """A cash drawer of a counter."""
    CASH = "cash"
    """The bank account of the cashier's office."""
    REVENUE = "revenue"
    TAX = "tax"
    """Taxes billed and owed to whoever levies them."""
    SUSPENSE = "suspense"
    """Money whose owner is not known yet."""
    OPENING = "opening"
    """The other side of balances brought forward from the system before."""
    WRITE_OFF = "write_off"


_OF_CUSTOMER = frozenset({AccountKind.RECEIVABLE, AccountKind.CREDIT, AccountKind.DEPOSIT, AccountKind.LOAN})


@dataclass(frozen=True, slots=True, order=True)
class LedgerAccount:
    """A ledger account: its kind, the customer's account where it is one's own, and a code - the service of a
    receivable or of revenue, the id of a tax, a drawer or a loan.

    Raises `ValueError` when a kind that belongs to a customer names none, or another names one.
    """

    kind: AccountKind
    code: str = ""
    account: str = ""

    def __post_init__(self) -> None:
        if bool(self.account) != (self.kind in _OF_CUSTOMER):
            raise ValueError(f"{self.kind}: a customer's account belongs to some kinds and to no other")

    @property
    def name(self) -> str:
        """`receivable:electric:100482771`; empty parts are left out."""
        return ":".join(part for part in (self.kind, self.code, self.account) if part)


def receivable(account: str, service: str) -> LedgerAccount:
    return LedgerAccount(AccountKind.RECEIVABLE, service, account)


def credit(account: str) -> LedgerAccount:
    return LedgerAccount(AccountKind.CREDIT, "", account)
