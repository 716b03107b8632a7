"""Billing: tariff books, agreements, reads, bills, exceptions of a run, arrangements, budget plans."""

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import Field

from csr_console.central.tables.append_only import append_only
from csr_console.central.tables.base import CentralTable, table_of


def _of_account() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["office", "account"], ["account.office", "account.account"])


class TariffBookRow(CentralTable, table=True):
    """The text of a tariff book, kept for good: an old bill is rated again by the very text of its digest.
    Simulated over a month of bills, it is in force from the moment a second person approved it, until another
    of its id is."""

    __tablename__ = "tariff_book"

    office: str = Field(primary_key=True)
    digest: str = Field(primary_key=True)
    book_id: str
    text: str
    loaded_by: str
    loaded_at: str
    approved_by: str = ""
    in_force_since: str = ""
    simulated_at: str | None = None
    simulated_by: str | None = None


class Agreement(CentralTable, table=True):
    """A service an account is billed for. `premise` is the JSON of the attributes the book asks for, `meter`
    empty where nothing is metered; `dials` is the number of digits of its register. `billed_to_on` is the
    day of the last billed read, or the day before service began."""

    __tablename__ = "agreement"
    __table_args__ = (_of_account(),)

    office: str = Field(primary_key=True)
    account: str = Field(primary_key=True)
    service: str = Field(primary_key=True)
    since_on: str = Field(primary_key=True)
    billed_to_on: str
    until_on: str | None = None
    book_id: str
    schedule: str
    premise: str = "{}"
    meter: str = ""
    dials: int = 5
    multiplier: str = "1"


class MeterRead(CentralTable, table=True):
    """What a register showed on a day; `kind` is actual, estimated or customer. Corrected by another read."""

    __tablename__ = "meter_read"

    office: str = Field(primary_key=True)
    meter: str = Field(primary_key=True)
    read_on: str = Field(primary_key=True)
    value: str
    kind: str
    rolled_over: int = 0


class IntervalUseRow(CentralTable, table=True):
    """What a meter counted in each interval of a day of the utility's clock, in the unit of its service.

    `blocks` is JSON: [beginning with its offset, values, qualities] of each run without a gap, values as text
    and one letter for each, `a` measured or `e` estimated: one run on most days, two where the clocks change.
    """

    __tablename__ = "interval_use"

    office: str = Field(primary_key=True)
    meter: str = Field(primary_key=True)
    day: str = Field(primary_key=True)
    minutes: int
    unit: str
    blocks: str


class BillRow(CentralTable, table=True):
    """A bill. Its entry in the ledger has its id; `cancelled_by` is the entry that took it back."""

    __tablename__ = "bill"
    __table_args__ = (
        _of_account(),
        ForeignKeyConstraint(["office", "bill_id"], ["ledger_entry.office", "ledger_entry.entry_id"]),
        UniqueConstraint("office", "number"),
        Index("bill_account", "office", "account", "billed_on"),
    )

    office: str = Field(primary_key=True)
    bill_id: str = Field(primary_key=True)
    account: str
    number: int = Field(sa_type=BigInteger)
    billed_on: str
    due_on: str
    first_day: str
    last_day: str
    total_cents: int = Field(sa_type=BigInteger)
    replaces: str | None = None
    cancelled_by: str | None = None
    run: str = ""


class BillSegmentRow(CentralTable, table=True):
    """A segment as it was rated: what went in (`determinants`, `premise`, JSON) and what came out (`amounts`,
    the cents of each line, JSON). Its lines and reasons are rated again from the book of its digest."""

    __tablename__ = "bill_segment"
    __table_args__ = (ForeignKeyConstraint(["office", "bill_id"], ["bill.office", "bill.bill_id"]),)

    office: str = Field(primary_key=True)
    bill_id: str = Field(primary_key=True)
    position: int = Field(primary_key=True)
    service: str
    schedule: str
    book_digest: str
    from_read_on: str
    to_read_on: str
    usage: str | None = None
    unit: str = ""
    estimated: int = 0
    determinants: str
    premise: str
    amounts: str
    charges_cents: int = Field(sa_type=BigInteger)
    taxes_cents: int = Field(sa_type=BigInteger)


class BillException(CentralTable, table=True):
    """What a run did not bill, or wants looked at; `settled_by` is who did, empty while it waits,
    `settled_at` when, `reason` what came of it."""

    __tablename__ = "bill_exception"
    __table_args__ = (_of_account(), Index("bill_exception_open", "office", "settled_by", "found_on"))

    office: str = Field(primary_key=True)
    run: str = Field(primary_key=True)
    account: str = Field(primary_key=True)
    service: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    sentence: str
    found_on: str
    settled_by: str = ""
    settled_at: str | None = None
    reason: str | None = None


class ArrangementRow(CentralTable, table=True):
    """A payment arrangement; `installments` is the JSON list of [number, due day, cents]."""

    __tablename__ = "arrangement"
    __table_args__ = (_of_account(), Index("arrangement_account", "office", "account", "agreed_on"))

    office: str = Field(primary_key=True)
    arrangement_id: str = Field(primary_key=True)
    account: str
    agreed_on: str
    agreed_by: str
    total_cents: int = Field(sa_type=BigInteger)
    installments: str


class DegreeDayRow(CentralTable, table=True):
    """Heating and cooling degree days of a day where the office's customers live, base 65 °F, in tenths;
    `station` is where the temperature was measured."""

    __tablename__ = "degree_day"

    office: str = Field(primary_key=True)
    day: str = Field(primary_key=True)
    station: str
    heating_tenths: int
    cooling_tenths: int


class BudgetPlanRow(CentralTable, table=True):
    """A budget plan an account has been on from `started_on`; its id is the command's. `amount_cents` is the
    first amount with its reason; those after it stand with the bills. `ended_on` is empty while it runs."""

    __tablename__ = "budget_plan"
    __table_args__ = (_of_account(), Index("budget_plan_account", "office", "account", "started_on"))

    office: str = Field(primary_key=True)
    plan_id: str = Field(primary_key=True)
    account: str
    strategy: str
    amount_cents: int = Field(sa_type=BigInteger)
    rule: str
    arithmetic: str
    started_on: str
    agreed_by: str
    ended_on: str | None = None
    ended_by: str = ""
    ended_why: str = ""


class BudgetBillRow(CentralTable, table=True):
    """What a bill asked under a budget plan, with its reason, and the amount from the next bill on (`next_`).
    `variance_cents` and `balance_cents` are those of that day, as they were printed."""

    __tablename__ = "budget_bill"
    __table_args__ = (
        ForeignKeyConstraint(["office", "bill_id"], ["bill.office", "bill.bill_id"]),
        ForeignKeyConstraint(["office", "plan_id"], ["budget_plan.office", "budget_plan.plan_id"]),
        Index("budget_bill_plan", "office", "plan_id"),
    )

    office: str = Field(primary_key=True)
    bill_id: str = Field(primary_key=True)
    plan_id: str
    plan_month: int
    asked_cents: int = Field(sa_type=BigInteger)
    rule: str
    arithmetic: str
    next_cents: int = Field(sa_type=BigInteger)
    next_rule: str
    next_arithmetic: str
    variance_cents: int = Field(sa_type=BigInteger)
    balance_cents: int = Field(sa_type=BigInteger)
    notice: str = ""


tariff_book = table_of(TariffBookRow)
agreement = table_of(Agreement)
meter_read = table_of(MeterRead)
interval_use = table_of(IntervalUseRow)
bill = table_of(BillRow)
bill_segment = table_of(BillSegmentRow)
bill_exception = table_of(BillException)
arrangement = table_of(ArrangementRow)
budget_plan = table_of(BudgetPlanRow)
budget_bill = table_of(BudgetBillRow)
degree_day = table_of(DegreeDayRow)
append_only(bill_segment)
append_only(arrangement)
append_only(budget_bill)
