"""Approvals on the screens: what is held is read by a second person, and nothing is done before."""

import asyncio
import csv

from tests.scenario.others import Other, offline, screen_name, somebody
from tests.scenario.town import Console, Town

from csr_console.domain.accounts.commands import UpdateContact, VerifyCaller
from csr_console.domain.accounts.verification import Factor


def under_fraud_hold(town: Town) -> str:
    with town.city.customers.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return next(
            row["account_number"]
            for row in rows
            if "fraud_hold" in row["alerts"].split(";") and row["status"] == "active"
        )


async def held_change(by: Other, account: str) -> None:
    """A change of contact details under a fraud hold, entered and held."""
    await by.enter(VerifyCaller(account=account, factors=(Factor.PHOTO_ID,)))
    view = (await asyncio.to_thread(by.desk.refresh_account, account)).view
    change = UpdateContact(account=account, phone_2="8505550177")
    receipt = await by.enter(change, {f"contact:{account}": view.contact.version})
    assert receipt.state == "held"


async def read_held(console: Console) -> None:
    await console.type("approvals<")
    await console.until(lambda: "Update contact details" in console.text)


async def test_the_clerk_reads_that_it_waits_and_nothing_has_changed(town: Town) -> None:
    account = under_fraud_hold(town)
    async with town.console() as console:
        await Other(console.app.desk).enter(VerifyCaller(account=account, factors=(Factor.PHOTO_ID,)))
        await console.type(f"{account}<")
        await console.until(lambda: "L2 verified" in console.text or "L3 verified" in console.text)
        await console.press("at")
        await console.type("<")
        await console.press("ctrl+u")
        await console.type("8505550177<<<<<<<")
        assert "fraud hold" in console.said
        assert "It waits for a second person." in console.said
        await console.type("q")
        await console.until(lambda: "‖ held" in console.text)
        viewed = await asyncio.to_thread(console.app.desk.refresh_account, account)
        assert viewed.view.contact.phone_2 != "8505550177"


async def test_the_lead_reads_every_field_and_approves_with_a_reason(town: Town) -> None:
    account = under_fraud_hold(town)
    async with somebody(town) as colleague, town.console(login="lead", station="C09") as console:
        await held_change(colleague, account)
        await read_held(console)
        for words in ("fraud hold", "phone 2", "8505550177", account, "colleague", "digest"):
            assert words in console.text
        await console.type("y")
        assert "Approve “Update contact details” of colleague" in console.text
        await console.type("ok<")
        assert "Say why in a few words" in console.text
        await console.type(",_called_back<")
        await console.until(lambda: "Nothing waits for a second person" in console.text)
        assert "pproved" in console.said
        viewed = await asyncio.to_thread(colleague.desk.refresh_account, account)
        assert viewed.view.contact.phone_2 == "8505550177"


async def test_a_declined_change_never_happens(town: Town) -> None:
    account = under_fraud_hold(town)
    async with somebody(town) as colleague, town.console(login="lead", station="C09") as console:
        await held_change(colleague, account)
        await read_held(console)
        await console.type("nnot_the_customer<")
        await console.until(lambda: "Nothing waits for a second person" in console.text)
        viewed = await asyncio.to_thread(colleague.desk.refresh_account, account)
        assert viewed.view.contact.phone_2 != "8505550177"


async def test_nobody_approves_what_they_entered(town: Town) -> None:
    account = under_fraud_hold(town)
    async with town.console(login="lead", station="C09") as console:
        await held_change(Other(console.app.desk), account)
        await read_held(console)
        await console.type("ymy_own_change<")
        await console.until(lambda: "Another person has to approve it." in console.said)
        assert "Update contact details" in console.text


async def test_an_approval_needs_the_network_and_says_so(town: Town) -> None:
    account = under_fraud_hold(town)
    async with somebody(town) as colleague, town.console(login="lead", station="C09") as console:
        await held_change(colleague, account)
        await read_held(console)
        await offline(console, town)
        await console.type("ycalled_back<")
        await console.until(lambda: "network" in console.said)
        assert "8505550177" in console.text
        await console.press("escape")
        await console.type("approvals<")
        assert console.said == "An approval needs what central holds now: wait for the network."
        assert screen_name(console) == "HomeScreen"


async def test_a_specialist_may_not_decide(town: Town) -> None:
    async with town.console() as console:
        await console.type("approvals<")
        assert "does not include approval.decide" in console.said
        assert screen_name(console) == "HomeScreen"
