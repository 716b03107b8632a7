"""Water of a leak on the screens: shown line by line, sent, read and approved by a second person."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from tests.scenario.bills import METER, WATER_METER, _pay
from tests.scenario.others import offline, screen_name, somebody
from tests.scenario.town import Town

from csr_console.central.billing_run import run_bills
from csr_console.central.database import Database
from csr_console.central.tables import billing
from csr_console.demo.prepared import OFFICE
from csr_console.domain.billing.commands import AdjustLeak, LeakMethod

LEAKED = 300
"""Hundreds of gallons in the five days of the newest bill; nine are normal."""


@pytest.fixture
def leaked(town: Town) -> tuple[Town, str, int]:
    """The town, a resident who owes nothing but a bill of today with a leak, and that bill's number."""
    account = town.fact("billed")["account_number"]
    today = date.today()  # noqa: DTZ011  the city's own calendar, not a moment
    db = Database(f"sqlite:///{town.folder / 'central' / 'central.db'}")
    _pay(db, account, today - timedelta(days=1), "R9001", returned=False)
    read = billing.meter_read
    with db.write() as connection:
        for meter, more in ((METER, 120), (WATER_METER, LEAKED)):
            last = connection.execute(
                select(read.c.value).where(read.c.meter == meter).order_by(read.c.read_on.desc())
            ).scalar()
            assert last is not None
            row = {"office": OFFICE, "meter": meter, "read_on": today.isoformat(), "kind": "actual"}
            connection.execute(read.insert(), [{**row, "value": str(int(last) + more), "rolled_over": 0}])
    run_bills(db, OFFICE, today, lambda: datetime.now(UTC), accounts=[account])
    with db.read() as connection:
        number = connection.execute(
            select(billing.bill.c.number).where(
                billing.bill.c.account == account, billing.bill.c.billed_on == today.isoformat()
            )
        ).scalar_one()
    db.close()
    return town, account, number


async def test_the_credit_is_shown_by_its_program_and_sent_with_the_proof(
    leaked: tuple[Town, str, int],
) -> None:
    town, account, number = leaked
    async with town.console() as console:
        await console.type(f"{account} leak {number}<")
        await console.until(lambda: screen_name(console) == "LeakScreen")
        await console.type("l<Invoice 2291 of Lake Plumbing<Service line in the yard<")
        await console.until(lambda: "Enter once more" in console.said)
        await console.until(lambda: f"Bill {number}: $" in console.text)
        assert "water · " in console.text
        assert "electric · " not in console.text
        await console.type("<")
        await console.until(lambda: screen_name(console) != "LeakScreen")
        assert "It waits for a second person." in console.said


async def test_a_gate_of_the_program_that_closed_is_said_and_the_form_stays(
    leaked: tuple[Town, str, int],
) -> None:
    town, account, number = leaked
    async with town.console() as console:
        await console.type(f"{account} leak {number}<")
        await console.until(lambda: screen_name(console) == "LeakScreen")
        await console.type("f<Invoice 2291<Service line in the yard<")
        await console.until(lambda: "use has to be normal again first" in console.said)
        assert screen_name(console) == "LeakScreen"


async def test_the_lead_reads_the_proof_and_the_lines_and_approves_within_their_limit(
    leaked: tuple[Town, str, int],
) -> None:
    town, account, number = leaked
    command = AdjustLeak(
        account=account,
        bill=number,
        program=LeakMethod.HALF_WHEN_DOUBLED,
        repair="Invoice 2291 of Lake Plumbing",
        reason="Service line in the yard",
    )
    async with somebody(town) as colleague, town.console(login="lead", station="C09") as console:
        await asyncio.to_thread(colleague.desk.refresh_account, account)
        assert (await colleague.enter(command)).state == "held"
        await console.type("approvals<")
        await console.until(lambda: "Leak adjustment" in console.text)
        for words in ("the proof and each line", f"Bill {number}: $"):
            assert words in console.text
        for _ in range(4):
            if "water · " not in console.text:
                await console.type("_")
        assert "water · " in console.text
        await console.type("y")
        await console.type("Invoice seen<")
        await console.until(lambda: "Approved. Leak adjustment of $" in console.said)


async def test_without_the_network_nothing_is_credited_and_it_says_why(
    leaked: tuple[Town, str, int],
) -> None:
    town, account, number = leaked
    async with town.console() as console:
        await console.type(f"{account} leak {number}<")
        await console.until(lambda: screen_name(console) == "LeakScreen")
        await offline(console, town)
        await console.type("l<Invoice 2291<Service line in the yard<")
        await console.until(lambda: "A bill is rated again at central: wait for the network." in console.said)
        assert screen_name(console) == "LeakScreen"
