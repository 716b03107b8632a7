"""A wrong bill on the screens: shown line by line, sent, read and approved by a second person."""

import asyncio

import pytest
from sqlalchemy import select
from tests.scenario.bills import METER
from tests.scenario.others import offline, screen_name, somebody
from tests.scenario.town import Town

from csr_console.central.database import Database
from csr_console.central.tables import billing
from csr_console.domain.billing.commands import CorrectBill


def newest_bill(town: Town) -> tuple[str, int, int]:
    """The account, its newest standing bill, and a lower read for the day it ends."""
    account = town.fact("billed")["account_number"]
    db = Database(f"sqlite:///{town.city.database}")
    with db.read() as connection:
        number = connection.execute(
            select(billing.bill.c.number)
            .where(billing.bill.c.account == account, billing.bill.c.cancelled_by.is_(None))
            .order_by(billing.bill.c.number.desc())
        ).scalar()
        value = connection.execute(
            select(billing.meter_read.c.value)
            .where(billing.meter_read.c.meter == METER)
            .order_by(billing.meter_read.c.read_on.desc())
        ).scalar()
    db.close()
    assert number is not None
    assert value is not None
    return account, number, int(value) - 200


async def test_each_line_is_shown_before_it_goes_to_a_second_person(town: Town) -> None:
    account, number, lower = newest_bill(town)
    async with town.console() as console:
        await console.type(f"{account} rebill {number}<")
        await console.until(lambda: screen_name(console) == "CorrectionScreen")
        await console.type(f"electric {lower}<<<Digits read wrong<")
        await console.until(lambda: "Enter once more" in console.text)
        await console.until(lambda: f"Bill {number}: $" in console.text)
        assert "electric · " in console.text
        assert "water · " not in console.text
        await console.type("<")
        await console.until(lambda: screen_name(console) != "CorrectionScreen")
        assert "It waits for a second person." in console.said


async def test_the_lead_reads_the_lines_and_approves(town: Town) -> None:
    account, number, lower = newest_bill(town)
    command = CorrectBill(
        account=account, bill=str(number), reads=f"electric {lower}", reason="Digits read wrong"
    )
    async with somebody(town) as colleague, town.console(login="lead", station="C09") as console:
        await asyncio.to_thread(colleague.desk.refresh_account, account)
        assert (await colleague.enter(command)).state == "held"
        await console.type("approvals<")
        await console.until(lambda: "Correct a bill" in console.text)
        assert "electric · " in console.text
        await console.type("y")
        await console.type("Photo of the meter seen<")
        await console.until(lambda: "Approved. Bill" in console.said)
        assert f"Bill {number} of $" in console.said


async def test_without_the_network_it_is_refused_in_a_sentence(town: Town) -> None:
    account, number, _ = newest_bill(town)
    async with town.console() as console:
        await console.type(f"{account} rebill {number}<")
        await console.until(lambda: screen_name(console) == "CorrectionScreen")
        await offline(console, town)
        await console.type("<<<Wrong meter<")
        await console.until(lambda: "A bill is rated again at central: wait for the network." in console.said)
        assert screen_name(console) == "CorrectionScreen"


def last_three(town: Town) -> tuple[str, str, int]:
    """The account, its three newest standing bills as a range, and a read far above the newest."""
    account = town.fact("billed")["account_number"]
    db = Database(f"sqlite:///{town.city.database}")
    with db.read() as connection:
        numbers = connection.execute(
            select(billing.bill.c.number)
            .where(billing.bill.c.account == account, billing.bill.c.cancelled_by.is_(None))
            .order_by(billing.bill.c.number.desc())
            .limit(3)
        ).scalars()
        first, *_, last = sorted(numbers)
    db.close()
    _, _, lower = newest_bill(town)
    return account, f"{first}-{last}", lower + 30_000


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
async def test_three_bills_of_a_wrong_meter_are_shown_and_sent_as_one(
    town: Town, size: tuple[int, int]
) -> None:
    account, bills, higher = last_three(town)
    first, last = bills.split("-")
    async with town.console(size=size) as console:
        await console.type(f"{account} rebill {bills}<")
        await console.until(lambda: screen_name(console) == "CorrectionScreen")
        await console.type(f"electric {higher}<<<Wrong meter<")
        await console.until(lambda: "Enter once more" in console.said)
        await console.until(lambda: f"Bill {last}: $" in console.text)
        for words in (f"Bill {first}: $", "Together: $", "May be repaid: $", "Wrong meter"):
            assert words in console.text, console.text
        for _ in range(6):
            await console.press("pagedown")
        assert f"{last} · electric · " in console.text
        await console.type("<")
        await console.until(lambda: screen_name(console) != "CorrectionScreen")
        assert "It waits for a second person." in console.said


async def test_over_their_limit_a_lead_reads_why_and_a_supervisor_says_yes(town: Town) -> None:
    account, bills, higher = last_three(town)
    command = CorrectBill(account=account, bill=bills, reads=f"electric {higher}", reason="Wrong meter")
    async with somebody(town) as colleague:
        await asyncio.to_thread(colleague.desk.refresh_account, account)
        assert (await colleague.enter(command)).state == "held"
    async with town.console(login="lead", station="C09", size=(120, 40)) as console:
        await console.type("approvals<")
        await console.until(lambda: "Correct a bill" in console.text)
        assert "a lead approves up to $2000.00; a supervisor may say yes." in console.text
        assert "Together: $" in console.text
        assert "digest" not in console.text
        for _ in range(6):
            if "digest" not in console.text:
                await console.type("_")
        assert "digest" in console.text
        await console.type("ythey_pay<")
        assert "a lead approves up to $2000.00" in console.said
        assert screen_name(console) == "ApprovalsScreen"
    async with town.console(login="supervisor", station="C10", size=(120, 40)) as console:
        await console.type("approvals<")
        await console.until(lambda: "Correct a bill" in console.text)
        assert "approves up to" not in console.text
        await console.type("y")
        await console.type("Photos of the meter seen<")
        await console.until(lambda: "Approved. Bills" in console.said)
        await console.until(lambda: "Nothing waits for a second person" in console.text)
