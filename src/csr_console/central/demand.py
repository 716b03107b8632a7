"""The demand that earlier bills were rated on, and what an agreement says of it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from sqlalchemy import Connection, and_, bindparam, select

from csr_console.central.intervals import intervals_from
from csr_console.central.tables.billing import bill, bill_segment
from csr_console.central.tables.columns import from_json
from csr_console.domain.billing.estimates import months_before
from csr_console.domain.tariff.determinants import peak_kw

RATCHET_MONTHS = 11
"""How far back demand counts at most: the bills of the eleven months before."""
_PAST = (
    select(bill.c.account, bill_segment.c.service, bill_segment.c.determinants)
    .join(
        bill_segment, and_(bill_segment.c.office == bill.c.office, bill_segment.c.bill_id == bill.c.bill_id)
    )
    .where(
        bill.c.office == bindparam("office"),
        bill.c.account.in_(bindparam("accounts", expanding=True)),
        bill.c.cancelled_by.is_(None),
        bill_segment.c.to_read_on > bindparam("after"),
        bill_segment.c.to_read_on < bindparam("billed_on"),
        bill_segment.c.determinants.contains('"intervals"'),
    )
    .order_by(bill_segment.c.to_read_on.desc())
)


def past_demand(
    connection: Connection, office: str, accounts: Sequence[str], billed_on: date
) -> Mapping[tuple[str, str], tuple[Decimal, ...]]:
    """The highest demand of each bill of the eleven months before a day, by account and service, the latest
    first: what a ratchet looks back on."""
    values = {
        "office": office,
        "accounts": accounts,
        "after": months_before(billed_on, RATCHET_MONTHS + 1).isoformat(),
        "billed_on": billed_on.isoformat(),
    }
    found: dict[tuple[str, str], tuple[Decimal, ...]] = defaultdict(tuple)
    for row in connection.execute(_PAST, values):
        highest = peak_kw(intervals_from(from_json(row.determinants)["intervals"]))
        found[row.account, row.service] += (highest,)
    return found


def figure_of(premise: Mapping[str, str], name: str) -> Decimal | None:
    """What an agreement says beside the attributes of its premise: `contract_kw`, the contract's demand, or
    `power_factor`. None where it says nothing that is a figure: then the rating says what it needs."""
    try:
        figure = Decimal(premise.get(name, ""))
    except InvalidOperation:
        return None
    return figure if figure.is_finite() and figure >= 0 else None
