"""Promises to call back: when power is restored, soon, or at a time."""

import asyncio

import pytest
from tests.scenario.others import offline, online, screen_name
from tests.scenario.test_call import open_caller
from tests.scenario.town import Console, Town

from csr_console.contracts.views.accounts import TimelineEntry
from csr_console.desk.model import QueueItem
from csr_console.domain.outages.commands import RequestCallback


def promised(console: Console) -> tuple[RequestCallback, QueueItem]:
    (item,) = [item for item in console.app.desk.queue() if item.kind == "callback.request"]
    assert isinstance(item.command, RequestCallback)
    return item.command, item


async def timeline(console: Console, account: str) -> list[TimelineEntry]:
    return list((await asyncio.to_thread(console.app.desk.refresh_account, account)).view.timeline)


@pytest.mark.parametrize(("keys", "when"), [("<<<<", "restored"), ("<s<<<", "soon")])
async def test_a_callback_when_restored_or_soon(town: Town, keys: str, when: str) -> None:
    async with town.console() as console:
        person = await open_caller(console, town)
        await console.press("C")
        assert f"Call {person['name']} back" in console.text
        await console.type(keys)
        assert console.said == "Callback promised."
        command, item = promised(console)
        assert (command.when.value, command.phone, command.report, item.state) == (
            when,
            person["phone"],
            None,
            "applied",
        )
        assert any(entry.kind == "callback" for entry in await timeline(console, person["account_number"]))


async def test_a_callback_at_a_time_said_on_the_line_is_not_asked_for_the_time_again(town: Town) -> None:
    async with town.console() as console:
        await open_caller(console, town)
        await console.type("/cb_15:30<")
        assert "The call is at" in console.said
        assert "15:30" in console.said
        assert "restored" not in console.text.casefold()
        await console.type("<estimate<")
        command, _item = promised(console)
        assert command.at is not None
        assert (command.when.value, f"{command.at.astimezone():%H:%M}", command.about) == (
            "at",
            "15:30",
            "estimate",
        )


async def test_a_callback_at_a_time_needs_the_time(town: Town) -> None:
    async with town.console() as console:
        await open_caller(console, town)
        await console.press("C")
        await console.type("<a<<<")
        assert screen_name(console) == "CallbackScreen"
        assert "give a time exactly when the callback is at a time" in console.text
        await console.press("shift+tab")
        await console.type("9:15<<")
        assert console.said == "Callback promised."


async def test_a_callback_names_the_report_that_it_waits_for(town: Town) -> None:
    async with town.console() as console:
        await console.type(f"{town.fact('caller')['phone']}_out_a_n<")
        await console.press("C")
        assert "about report #1" in console.text
        await console.type("<<<<")
        command, item = promised(console)
        assert command.report == console.app.desk.reports()[0].id
        assert item.state == "applied"


async def test_a_callback_without_a_customer_asks_for_the_number(town: Town) -> None:
    async with town.console() as console:
        await console.type("cb<")
        await console.type("<<<<")
        assert screen_name(console) == "CallbackScreen"
        await console.type("850-555-1212<<<<")
        assert console.said == "Callback promised."
        assert promised(console)[0].phone == "8505551212"


async def test_a_callback_promised_offline_is_kept(town: Town) -> None:
    async with town.console() as console:
        await open_caller(console, town)
        await offline(console, town)
        await console.press("C")
        await console.type("<<<<")
        assert console.said == "Callback promised. Saved here; sent when the network is back."
        await online(console, town)
        assert promised(console)[1].state == "applied"
