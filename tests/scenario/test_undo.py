"""Ctrl+Z: the last own action is taken back where a rule allows it."""

import asyncio

from tests.scenario.test_call import answers_of, open_caller
from tests.scenario.test_offline_workspace import pull_the_network
from tests.scenario.town import Console, Town

from csr_console.contracts.views.accounts import ContactView


async def test_an_outage_report_is_withdrawn_after_a_question(town: Town) -> None:
    async with town.console() as console:
        person = town.fact("caller")
        await console.type(f"{person['phone']}_out_a_n<")
        await console.until(lambda: "report #" in console.text)
        await console.press("ctrl+z")
        assert "Withdraw the outage report" in console.said
        await console.type("<")
        await console.until(lambda: "no open outage report" in console.text)


async def test_a_note_stays_and_the_clerk_is_told_what_to_do(town: Town) -> None:
    async with town.console() as console:
        await open_caller(console, town)
        await console.type("/note_gate_code_changed<")
        await console.press("ctrl+z")
        assert "add another that puts it right" in console.said


async def test_nothing_done_is_said(town: Town) -> None:
    async with town.console() as console:
        await console.press("ctrl+z")
        assert "Nothing was done" in console.said


async def verified_caller(console: Console, town: Town) -> str:
    """A customer at L2 whose details are on this desk; the account number."""
    person = await open_caller(console, town)
    ssn4, born = answers_of(town, person["account_number"])
    await console.type(f"v{ssn4}_{born}<")
    await console.until(lambda: "as of" in console.text)
    return person["account_number"]


async def change_email(console: Console) -> None:
    await console.press("at")
    await console.type("<<")
    await console.press("ctrl+u", "n", "@", "x", ".", "o", "r", "g", *["tab"] * 5, "enter")
    assert "Changed email." in console.said


async def contact(console: Console, account: str) -> ContactView:
    viewed = await asyncio.to_thread(console.app.desk.refresh_account, account)
    return viewed.view.contact


async def test_a_change_of_contact_is_put_back_after_a_question(town: Town) -> None:
    async with town.console() as console:
        account = await verified_caller(console, town)
        former = (await contact(console, account)).email
        await change_email(console)
        await console.press("ctrl+z")
        assert console.said == "Put the former email back? Enter yes, d leave it"
        assert (await contact(console, account)).email == "n@x.org"
        await console.type("<")
        await console.until(lambda: former in console.text)
        assert (await contact(console, account)).email == former


async def test_a_change_stays_when_the_question_is_declined(town: Town) -> None:
    async with town.console() as console:
        account = await verified_caller(console, town)
        await change_email(console)
        await console.press("ctrl+z", "d")
        assert console.said == "Left as it is."
        assert (await contact(console, account)).email == "n@x.org"


async def test_a_change_that_has_not_left_the_desk_is_discarded(town: Town) -> None:
    async with town.console() as console:
        account = await verified_caller(console, town)
        before = await contact(console, account)
        await pull_the_network(console, town)
        await change_email(console)
        await console.press("ctrl+z")
        assert "not sent yet. Take it back?" in console.said
        await console.type("<")
        assert console.said == "Undone: it was not sent."
        assert before.email in console.text
        change = next(item for item in console.app.desk.queue() if item.kind == "contact.update")
        assert change.state == "discarded"
        discard = next(item for item in console.app.desk.queue() if item.kind == "command.discard")
        assert discard.command.reason == "undone"
        town.set_weather("good")
        await console.until(lambda: console.app.desk.status().queued == 0)
        await console.until(lambda: "online" in console.lines[-1])
        assert await contact(console, account) == before
        assert console.app.desk.status().attention == 0


async def test_a_queued_note_is_taken_back_too_and_a_verification_is_not(town: Town) -> None:
    async with town.console() as console:
        await verified_caller(console, town)
        await pull_the_network(console, town)
        await console.type("/note_gate_code_changed<")
        await console.press("ctrl+z", "enter")
        assert console.said == "Undone: it was not sent."
        assert "gate code changed" not in console.text
        await console.press("v", "5", "enter", "ctrl+z")
        assert "A verification stays in the log" in console.said
