"""Who of the demo city is on a budget plan: billed, asked and paid month by month by the engine itself."""

import csv
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from uuid import UUID, uuid5

from csr_console.central import ledger
from csr_console.central.billing_run import run_bills
from csr_console.central.database import Database
from csr_console.central.handlers.budget import put_plan
from csr_console.central.imports import Importer, import_payments
from csr_console.central.reads.budget import plan_of, standing_by, years_of
from csr_console.central.tables.accounts import timeline
from csr_console.central.tables.columns import to_text
from csr_console.contracts.imports.payments import PAYMENT_COLUMNS
from csr_console.demo.city.billing import read_days
from csr_console.demo.city.chance import stream
from csr_console.domain.accounts.decide import EntryAdded
from csr_console.domain.billing.bill import DUE_DAYS
from csr_console.domain.billing.budget_commands import BudgetStrategy, EnrollBudget
from csr_console.domain.billing.budget_decide import BudgetFacts, BudgetJoined, decide_enroll_budget
from csr_console.domain.command import Context
from csr_console.domain.permissions import Actor, Role

JOINED_AFTER = 14
"""Bills before a plan is joined: the other ten of two years are asked by it, with two reviews in them."""
PAID_AFTER = timedelta(days=DUE_DAYS - 3)
_SHARE = 0.02
_PLANS = (
    BudgetStrategy.ROLLING_AVERAGE,
    BudgetStrategy.REVIEW_AT_4_AND_8,
    BudgetStrategy.REVIEW_MAY_NOVEMBER,
)
_IDS = UUID("b0d9e7a2-6c1f-5d44-9a0e-2f6f1f9a1147")
"""The namespace of the ids of the city's own plans (RFC 9562, version 5)."""


def plans_of(accounts: Sequence[str]) -> Mapping[str, BudgetStrategy]:
    """Those of the accounts that are on a plan, one in fifty, and by which strategy."""
    drawn = {number: stream("budget", number) for number in accounts}
    return {number: chance.choice(_PLANS) for number, chance in drawn.items() if chance.random() < _SHARE}


def bill_by_budget(db: Database, office: str, account: str, strategy: BudgetStrategy, as_of: date) -> None:
    """Two years of bills of an account, the last ten by a plan; all that is asked but the newest is paid."""
    days = read_days(account, as_of)
    for number, day in enumerate(days[1:], start=1):
        moment = datetime.combine(day, time(6), UTC)
        run_bills(db, office, day, _always(moment), accounts=[account], tell=day == days[-1])
        paid_on = day + PAID_AFTER
        if paid_on <= as_of:
            _pay(db, office, account, f"B-{account}-{number}", paid_on)
        if number == JOINED_AFTER:
            _join(db, office, account, strategy, paid_on + timedelta(days=1))


def _always(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


def _pay(db: Database, office: str, account: str, receipt: str, on: date) -> None:
    """What is open of the newest bill, as a file of the cashier's office."""
    with db.read() as connection:
        standing = ledger.standings(connection, office, [account])[account]
        stands = standing_by(plan_of(connection, office, account), standing)
    cents = sum(due.cents for due in stands.open if due.due_on <= on + timedelta(days=DUE_DAYS))
    if cents <= 0:
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "payments.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([PAYMENT_COLUMNS, (receipt, account, cents, on, "transfer", "")])
        import_payments(db, path, Importer(office, "demo", datetime.now(UTC)))


def _join(db: Database, office: str, account: str, strategy: BudgetStrategy, on: date) -> None:
    """Join as a clerk would have on that day, by the same decision."""
    now = datetime.combine(on, time(15), UTC)
    actor = Actor("colleague", "Sam Whitaker", Role.SPECIALIST, office)
    with db.write() as connection:
        bills = years_of(connection, office, [account], on)[account]
        facts = BudgetFacts(account, "active", 0, 0, tuple(bills))
        context = Context(actor, now, str(uuid5(_IDS, account)))
        plan = decide_enroll_budget(EnrollBudget(account=account, strategy=strategy), facts, context)
        for change in plan.changes:
            if isinstance(change, BudgetJoined):
                put_plan(connection, office, change)
            elif isinstance(change, EntryAdded):
                entry = {"entry_id": change.entry_id, "account": account, "kind": change.kind}
                said = {"at": to_text(change.at), "actor": change.actor, "text": change.text}
                connection.execute(timeline.insert(), {"office": office, **entry, **said})
