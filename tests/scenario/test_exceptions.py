"""What a bill run found, on the screens: listed, settled, looked into, given the read it waits for."""

import asyncio
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from tests.scenario.bills import METER
from tests.scenario.others import offline, online, screen_name, somebody
from tests.scenario.town import Console, Town

from csr_console.central.database import Database
from csr_console.central.tables import billing
from csr_console.demo.prepared import OFFICE
from csr_console.domain.billing.commands import SettleException
from csr_console.domain.billing.exceptions import ExceptionCode

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])


def found(town: Town) -> list[tuple[str, str, str, str]]:
    """Service, code, who settled it and why, the newest run first."""
    db = Database(f"sqlite:///{town.folder / 'central' / 'central.db'}")
    one = billing.bill_exception.c
    with db.read() as connection:
        rows = connection.execute(select(billing.bill_exception).order_by(one.run.desc(), one.service)).all()
    db.close()
    return [(row.service, row.code, row.settled_by, row.reason or "") for row in rows]


async def listed(console: Console, town: Town) -> None:
    """The list is open, read from central, with the resident whose use rose."""
    name = town.fact("billed")["name"]
    await console.type("exceptions<")
    await console.until(lambda: "high use" in console.text and name[:8] in console.text)
    await console.until(lambda: "waiting · as of" in console.text)


@SIZES
async def test_what_was_found_is_read_and_settled_with_a_reason(town: Town, size: tuple[int, int]) -> None:
    waiting = len(found(town))
    async with town.console(size=size) as console:
        await listed(console, town)
        assert f"{waiting:,} waiting · as of" in console.text
        assert "a day" in console.text
        assert METER in console.text
        await console.type("s")
        assert "Settle high use of electric" in console.text
        await console.type("no<")
        assert "Say why in a few words" in console.text
        await console.type("_longer:_new_heat_pump<")
        await console.until(lambda: "Settled: high use of electric" in console.said)
        await console.until(lambda: f"{waiting - 1:,} waiting" in console.text or waiting == 1)
    assert ("electric", "high-use", "demo", "no longer: new heat pump") in found(town)


async def test_enter_opens_the_bills_of_the_customer_and_escape_comes_back(town: Town) -> None:
    async with town.console() as console:
        await listed(console, town)
        await console.type("1")
        await console.until(lambda: screen_name(console) == "BillingScreen")
        await console.until(lambda: town.fact("billed")["account_number"] in console.text)
        await console.press("escape")
        await console.until(lambda: screen_name(console) == "ExceptionsScreen")
        await console.type("k")
        await console.until(lambda: "only high use" in console.text)
        await console.type("y")
        await console.until(lambda: screen_name(console) == "WhyScreen")


async def test_two_who_settle_one_see_both_side_by_side(town: Town) -> None:
    async with somebody(town) as colleague, town.console() as console:
        await listed(console, town)
        shown = await asyncio.to_thread(colleague.desk.exceptions.refresh)
        assert shown is not None
        one = next(one for one in shown.items if one.code == "high-use")
        await console.type("s")
        await console.until(lambda: "What came of it" in console.text)
        command = SettleException(
            account=one.account,
            run=one.run,
            service=one.service,
            code=ExceptionCode.HIGH_USE,
            reason="Pool was filled",
        )
        assert (await colleague.enter(command, {command.resource: one.version})).state == "applied"
        await console.type("new_heat_pump<")
        await console.until(lambda: screen_name(console) == "ConflictScreen")
        await console.until(lambda: "Pool was filled" in console.text)
        assert "new heat pump" in console.text
        await console.type("s")
        await console.until(lambda: screen_name(console) != "ConflictScreen")
        await console.until(lambda: ("electric", "high-use", "demo", "new heat pump") in found(town))


async def test_without_the_network_the_list_has_its_age_and_a_settlement_is_queued(town: Town) -> None:
    async with town.console() as console:
        await listed(console, town)
        await console.press("escape")
        await offline(console, town)
        await console.type("exceptions<")
        await console.until(lambda: "· offline" in console.text and "high use" in console.text)
        await console.type("snew_heat_pump<")
        await console.until(lambda: "Saved here; sent when the network is back." in console.said)
        await console.until(lambda: "… high use" in console.text)
        assert ("electric", "high-use", "", "") in found(town)
        await online(console, town)
    assert ("electric", "high-use", "demo", "new heat pump") in found(town)


async def test_a_list_that_was_never_read_says_so(town: Town) -> None:
    async with town.console() as console:
        await offline(console, town)
        await console.type("exceptions<")
        await console.until(lambda: "never read on this desk" in console.text)


async def test_an_auditor_reads_and_settles_nothing(town: Town) -> None:
    async with town.console(login="auditor", station="C11") as console:
        await listed(console, town)
        await console.type("s")
        assert "The role auditor does not include exception.settle" in console.said
        await console.type("r")
        assert "The role auditor does not include read.enter" in console.said


async def test_a_read_is_given_in_one_line_and_the_next_run_has_it(town: Town) -> None:
    account = town.fact("billed")["account_number"]
    today = date.today()  # noqa: DTZ011  the city's own calendar, not a moment
    last = newest_read(town)
    async with town.console() as console:
        await console.type(f"{account} read electric {last - 1}<")
        await console.until(lambda: screen_name(console) == "MeterReadScreen")
        await console.type("<")
        await console.until(lambda: "is below the last one" in console.said)
        await console.press("tab", "ctrl+u")
        await console.type(f"{last + 150}<<<<<<")
        await console.until(lambda: f"Read of electric: {last + 150}, actual, {today}" in console.said)
        assert "The next run bills it." in console.said
    assert newest_read(town) == last + 150


async def test_the_read_a_row_waits_for_is_given_from_it(town: Town) -> None:
    account, last = town.fact("billed")["account_number"], newest_read(town)
    run = f"{date.today() - timedelta(days=1)}"  # noqa: DTZ011  the city's own calendar, not a moment
    missing = {
        "run": run, "account": account, "service": "electric", "code": "missing-read", "found_on": run,
        "sentence": "There is no read.",
    }  # fmt: skip
    insert_exception(town, missing)
    async with town.console() as console:
        await console.type("exceptions missing<")
        await console.until(lambda: "There is no read." in console.text)
        await console.type("r")
        await console.until(lambda: screen_name(console) == "MeterReadScreen")
        assert f"last {last} on" in console.text
        await console.type(f"{last + 90}<<<<<<")
        await console.until(lambda: f"Read of electric: {last + 90}, actual" in console.said)
        await console.until(lambda: "No missing read waits" in console.text)
    assert ("electric", "missing-read", "demo") in [one[:3] for one in found(town)]


def newest_read(town: Town) -> int:
    db = Database(f"sqlite:///{town.folder / 'central' / 'central.db'}")
    read = billing.meter_read.c
    with db.read() as connection:
        value = connection.execute(
            select(read.value).where(read.meter == METER).order_by(read.read_on.desc())
        ).scalar()
    db.close()
    assert value is not None
    return int(value)


def insert_exception(town: Town, row: dict[str, str]) -> None:
    db = Database(f"sqlite:///{town.folder / 'central' / 'central.db'}")
    with db.write() as connection:
        connection.execute(billing.bill_exception.insert(), [{"office": OFFICE, **row}])
    db.close()
