"""The payment arrangement of an account, with what has been paid towards it."""

from datetime import date

from sqlalchemy import Connection, and_, bindparam, func, select

from csr_console.central.statements import Statement
from csr_console.central.tables.billing import arrangement
from csr_console.central.tables.columns import from_json
from csr_console.central.tables.ledger import ledger_entry, ledger_posting
from csr_console.contracts.views.bills import ArrangementView, InstallmentView
from csr_console.domain.billing.arrangement import Arrangement, Installment, broken_on, state_of
from csr_console.domain.ledger.accounts import AccountKind

CUSTOMER_KINDS = (AccountKind.RECEIVABLE.value, AccountKind.CREDIT.value)
"""The ledger accounts that make up what a customer owes."""
_ARRANGEMENT = Statement(
    select(arrangement)
    .where(arrangement.c.office == bindparam("office"), arrangement.c.account == bindparam("account"))
    .order_by(arrangement.c.agreed_on.desc(), arrangement.c.arrangement_id.desc())
    .limit(1)
)
_PAID_SINCE = (
    select(func.coalesce(func.sum(-ledger_posting.c.cents), 0))
    .join(
        ledger_entry,
        and_(
            ledger_entry.c.office == ledger_posting.c.office,
            ledger_entry.c.entry_id == ledger_posting.c.entry_id,
        ),
    )
    .where(
        ledger_posting.c.office == bindparam("office"),
        ledger_posting.c.account == bindparam("account"),
        ledger_posting.c.kind.in_(CUSTOMER_KINDS),
        ledger_entry.c.kind == "payment",
        ledger_entry.c.effective_on >= bindparam("since"),
    )
)


def arrangement_view(connection: Connection, office: str, number: str, today: date) -> ArrangementView | None:
    """The newest arrangement of an account with what has been paid towards it, None when there was none."""
    row = connection.execute(_ARRANGEMENT, {"office": office, "account": number}).one_or_none()
    if row is None:
        return None
    planned = tuple(
        Installment(order, date.fromisoformat(due_on), cents)
        for order, due_on, cents in from_json(row.installments)
    )
    agreed = Arrangement(date.fromisoformat(row.agreed_on), planned)
    values = {"office": office, "account": number, "since": row.agreed_on}
    paid = int(connection.execute(_PAID_SINCE, values).scalar() or 0)
    left, shown = paid, []
    for item in planned:
        share = max(0, min(item.cents, left))
        shown.append(
            InstallmentView(number=item.number, due_on=item.due_on, cents=item.cents, paid_cents=share)
        )
        left -= share
    return ArrangementView(
        arrangement_id=row.arrangement_id,
        agreed_on=agreed.agreed_on,
        agreed_by=row.agreed_by,
        state=state_of(agreed, paid, today).value,
        total_cents=agreed.total_cents,
        installments=shown,
        broken_on=broken_on(agreed, paid),
    )
