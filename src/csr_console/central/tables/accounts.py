"""Customers: persons, accounts, premises and what hangs on them."""

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index
from sqlmodel import Field

from csr_console.central.tables.base import CentralTable, table_of


def _of_account() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["office", "account"], ["account.office", "account.account"])


class Person(CentralTable, table=True):
    """Who is billed. `name_key` is the name case-folded, for search by prefix."""

    __tablename__ = "person"
    __table_args__ = (
        # a prefix search by LIKE uses an index of PostgreSQL only when it compares bytes
        Index("person_name_key", "office", "name_key", postgresql_ops={"name_key": "text_pattern_ops"}),
    )

    office: str = Field(primary_key=True)
    person: str = Field(primary_key=True)
    name: str
    name_key: str
    kind: str


class Premise(CentralTable, table=True):
    """A service location; `supply_point` is its id in the network model, `street_key` the name of its street
    as `domain.words.street_key` has it, None where there is none."""

    __tablename__ = "premise"
    __table_args__ = (
        Index("premise_supply_point", "office", "supply_point"),
        Index("premise_street_key", "office", "street_key", "premise"),
    )

    office: str = Field(primary_key=True)
    premise: str = Field(primary_key=True)
    street: str
    unit: str = ""
    city: str = ""
    zip: str = ""
    supply_point: str | None = None
    street_key: str | None = None


class Account(CentralTable, table=True):
    """An account: one person billed at one premise; `version` rises with everything its view shows."""

    __tablename__ = "account"
    __table_args__ = (
        ForeignKeyConstraint(["office", "person"], ["person.office", "person.person"]),
        ForeignKeyConstraint(["office", "premise"], ["premise.office", "premise.premise"]),
        Index("account_person", "office", "person"),
        Index("account_premise", "office", "premise"),
        Index("account_number", "account"),
    )

    office: str = Field(primary_key=True)
    account: str = Field(primary_key=True)
    person: str
    premise: str
    status: str
    since_on: str | None = None
    version: int = Field(default=1, sa_type=BigInteger)


class Contact(CentralTable, table=True):
    """How a customer is reached; an empty text is nothing on file."""

    __tablename__ = "contact"
    __table_args__ = (
        _of_account(),
        Index("contact_phone_1", "office", "phone_1"),
        Index("contact_phone_2", "office", "phone_2"),
    )

    office: str = Field(primary_key=True)
    account: str = Field(primary_key=True)
    phone_1: str = ""
    phone_2: str = ""
    email: str = ""
    mailing_street: str = ""
    mailing_city: str = ""
    mailing_state: str = ""
    mailing_zip: str = ""
    language: str = "en"


class Service(CentralTable, table=True):
    """A service on an account; `position` keeps the order of the bill, `meter` is empty when unmetered."""

    __tablename__ = "service"
    __table_args__ = (_of_account(), Index("service_meter", "office", "meter"))

    office: str = Field(primary_key=True)
    account: str = Field(primary_key=True)
    position: int = Field(primary_key=True)
    service: str
    meter: str = ""
    state: str


class AccountAlert(CentralTable, table=True):
    __tablename__ = "account_alert"
    __table_args__ = (_of_account(),)

    office: str = Field(primary_key=True)
    account: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    expires_on: str | None = None


class Balance(CentralTable, table=True):
    """The balance forward as imported on `balance_on`."""

    __tablename__ = "balance"
    __table_args__ = (_of_account(),)

    office: str = Field(primary_key=True)
    account: str = Field(primary_key=True)
    balance_cents: int = Field(sa_type=BigInteger)
    balance_on: str
    age_0_30_cents: int = Field(sa_type=BigInteger)
    age_31_60_cents: int = Field(sa_type=BigInteger)
    age_61_90_cents: int = Field(sa_type=BigInteger)
    age_over_90_cents: int = Field(sa_type=BigInteger)
    due_on: str | None = None
    cut_on: str | None = None
    last_payment_cents: int | None = Field(default=None, sa_type=BigInteger)
    last_payment_on: str | None = None


class TimelineRow(CentralTable, table=True):
    """One line of a customer's story; `account` is None for a contact without a customer."""

    __tablename__ = "timeline"
    __table_args__ = (_of_account(), Index("timeline_newest", "office", "account", "at"))

    office: str = Field(primary_key=True)
    entry_id: str = Field(primary_key=True)
    account: str | None = None
    kind: str
    at: str
    actor: str
    text: str


class CallerVerification(CentralTable, table=True):
    """The level a clerk established with a caller, per clerk: a colleague verifies again."""

    __tablename__ = "caller_verification"
    __table_args__ = (
        _of_account(),
        Index("caller_verification_clerk", "office", "account", "actor", "at"),
    )

    office: str = Field(primary_key=True)
    command_id: str = Field(primary_key=True)
    account: str
    actor: str
    level: int
    at: str


person = table_of(Person)
premise = table_of(Premise)
account = table_of(Account)
contact = table_of(Contact)
service = table_of(Service)
account_alert = table_of(AccountAlert)
balance = table_of(Balance)
timeline = table_of(TimelineRow)
caller_verification = table_of(CallerVerification)
