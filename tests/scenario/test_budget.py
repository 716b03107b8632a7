"""Budget billing on the real screens: joined, billed, asked for beside the true balance, left, offline."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from tests.scenario import bills
from tests.scenario.keys import cost
from tests.scenario.others import offline, online, screen_name, somebody
from tests.scenario.test_billing import go_to, known, open_billed
from tests.scenario.town import Console, Town

from csr_console.central import ledger
from csr_console.central.billing_run import run_bills
from csr_console.central.database import Database
from csr_console.central.reads.bills import bill_view, billing_view
from csr_console.central.tables.billing import meter_read
from csr_console.contracts.views.bills import BillingView
from csr_console.demo.prepared import OFFICE, DemoCity
from csr_console.domain.billing.budget_commands import EnrollBudget

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
TODAY = date.today()  # noqa: DTZ011  the city's own calendar, not a moment


@contextmanager
def database(town: Town) -> Iterator[Database]:
    db = Database(f"sqlite:///{town.folder / 'central' / 'central.db'}")
    try:
        yield db
    finally:
        db.close()


def settle(town: Town) -> str:
    """The resident with bills has paid all of them. Their account."""
    account = town.fact("billed")["account_number"]
    with database(town) as db:
        bills._pay(db, account, TODAY, "R0900", returned=False)
    return account


def bill_again(town: Town, account: str) -> None:
    """A bill of today with much use."""
    with database(town) as db:
        with db.write() as connection:
            for meter, value in ((bills.METER, 36_000), (bills.WATER_METER, 2_000)):
                row = {"meter": meter, "read_on": TODAY.isoformat(), "value": str(value), "kind": "actual"}
                bills._insert(connection, meter_read, [{**row, "rolled_over": 0}])
        later = bills._noon(TODAY) + timedelta(hours=2)
        run_bills(db, OFFICE, TODAY, lambda: later, accounts=[account])


async def opened(console: Console, town: Town) -> None:
    """The customer's workspace with what they owe read from central."""
    await open_billed(console, town)
    desk, account = console.app.desk, town.fact("billed")["account_number"]
    await console.until(lambda: desk.account(account) is not None)
    await console.until(lambda: "Balance  $" in console.text)


def on_one_line(console: Console) -> str:
    """The text of the screen, its lines joined: what is wrapped is found."""
    return " ".join(console.text.split())


@SIZES
async def test_joined_billed_and_shown_with_both_amounts(town: Town, size: tuple[int, int]) -> None:
    account = settle(town)
    async with town.console(size=size) as console:
        desk = console.app.desk
        await opened(console, town)
        await console.type("/budget<")
        await console.until(lambda: "a month" in console.text)
        assert screen_name(console) == "BudgetScreen"
        assert "/ 12 + 0.00 / 12; rolling average, GVEA" in on_one_line(console)
        await console.type("<")
        await console.until(lambda: console.said.startswith("Budget billing from the next bill on: about $"))
        assert cost("/budget<<") == 9
        bill_again(town, account)
        await console.type("b")
        await console.until(lambda: "Budget due $" in console.text)
        await console.until(lambda: (viewed := desk.bills.of(account)) is not None and _asks(viewed.view))
        view = await known(console, town)
        asked = view.bills[0].budget_cents or 0
        assert 0 < asked < view.balance_cents
        by = TODAY + timedelta(days=21)
        line = f"Budget due ${asked / 100:,.2f} by {by:%b} {by.day}"
        await console.until(lambda: line in console.text)
        assert f"true balance ${view.balance_cents / 100:,.2f}" in console.text
        assert "overdue" not in console.lines[3]


async def test_a_bill_says_what_it_asked_and_why_and_so_does_the_plan(town: Town) -> None:
    account = settle(town)
    async with somebody(town) as other:
        await other.enter(EnrollBudget(account=account))
    bill_again(town, account)
    async with town.console(size=(120, 40)) as console:
        await open_billed(console, town)
        await console.until(lambda: "Budget $" in console.text)
        assert " · true $" in console.text
        await console.type("b")
        await console.until(lambda: "▤ bill" in console.text)
        newest = (await known(console, town)).bills[0]
        await go_to(console, f"#{newest.number}")
        await console.type("<")
        await console.until(lambda: "Energy" in console.text)
        asked = newest.budget_cents or 0
        assert f"asks ${asked / 100:.2f}" in console.text
        await go_to(console, "Budget amount asked")
        await console.type("y")
        await console.until(lambda: "rolling average, month 1" in console.text)
        assert "Golden Valley Electric Association" in console.text
        assert "was billed and not asked yet" in console.text
        await console.press("escape", "escape", "escape")
        await console.type("/budget<")
        await console.until(lambda: "on a budget plan already since" in console.text)
        assert "Next: about $" in console.text
        assert "Source: Golden Valley" in console.text


async def test_who_leaves_is_told_the_true_balance_first(town: Town) -> None:
    account = settle(town)
    async with somebody(town) as other:
        await other.enter(EnrollBudget(account=account))
    bill_again(town, account)
    async with town.console() as console:
        await open_billed(console, town)
        await console.until(lambda: "Budget $" in console.text)
        await console.type("/unbudget_moves_away<")
        await console.until(lambda: "Budget billing has ended: the true balance of $" in console.text)
        await console.type("<")
        await console.until(
            lambda: console.said.startswith("Budget billing has ended: the true balance of $")
        )
        await console.until(lambda: "Balance  $" in console.text)
        assert "Budget $" not in console.text


async def test_who_owes_is_refused_in_the_words_for_the_customer(town: Town) -> None:
    async with town.console() as console:
        await opened(console, town)
        await console.type("/budget<")
        await console.until(lambda: "✗ A budget plan needs a current account" in console.text)


async def test_joined_without_the_network_it_is_shown_as_waiting_and_sent_later(town: Town) -> None:
    account = settle(town)
    async with town.console() as console:
        await opened(console, town)
        await offline(console, town)
        await console.type("/budget_november<")
        await console.until(lambda: "a month" in console.text)
        assert "average of the last bills, Ameren" in on_one_line(console)
        await console.type("<")
        await console.until(lambda: "Budget $" in console.text)
        viewed = console.app.desk.account(account)
        assert viewed is not None
        assert (viewed.pending, viewed.view.budget and viewed.view.budget.plan and 1) == (1, 1)
        await online(console, town)
        await console.until(lambda: console.app.desk.queue()[-1].state == "applied")


def test_the_city_has_a_plan_with_two_reviews_behind_it(city: DemoCity) -> None:
    """Both reviews of the first year, every bill asked for, and a ledger that adds up."""
    account = city.facts["neighbours"][1]["account_number"]
    db = Database(f"sqlite:///{city.database}")
    with db.read() as connection:
        view = billing_view(connection, OFFICE, account, TODAY)
        notices = [
            bill_view(connection, OFFICE, account, f"{bill.number}").budget
            for bill in view.bills
            if bill.budget_cents is not None
        ]
        assert ledger.verify_ledger(connection, OFFICE) == []
    db.close()
    reviewed = [asked.plan_month for asked in notices if asked and asked.notice]
    assert reviewed == [8, 4]
    assert view.budget is not None
    assert view.budget.plan is not None
    assert (view.budget.plan.state, view.budget.plan.plan_month, len(notices)) == ("active", 10, 10)


def _asks(view: BillingView) -> bool:
    """Whether the newest bill is known with what it asked."""
    return view.bills[0].budget_cents is not None
