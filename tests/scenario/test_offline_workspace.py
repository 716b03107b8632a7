"""The workspace without the network: what is known with its age, and nothing lost."""

import asyncio
from dataclasses import replace
from typing import Any

from tests.scenario.test_call import open_caller
from tests.scenario.town import Console, Town
from textual.worker import WorkerState

from csr_console.app import ConsoleApp, ConsoleOptions
from csr_console.desk.events import StatusChanged
from csr_console.desk.model import Unreachable


async def pull_the_network(console: Console, town: Town) -> None:
    town.set_weather("down")
    await console.until(lambda: "offline" in console.lines[-1])


async def test_a_customer_seen_before_shows_with_the_age_of_what_is_shown(town: Town) -> None:
    async with town.console() as console:
        await open_caller(console, town)
        await console.until(lambda: "as of" in console.text)
        await console.press("escape")
        await pull_the_network(console, town)
        await open_caller(console, town)
        await console.until(lambda: "· offline" in console.text)
        assert "as of" in console.text
        assert "Balance  $" in console.text


async def test_a_customer_never_opened_here_shows_the_roster_line_and_says_so(town: Town) -> None:
    async with town.console() as console:
        await pull_the_network(console, town)
        person = await open_caller(console, town)
        assert "Balance is not on this desk" in console.text
        assert person["street"] in console.text
        await console.press("at")
        assert "not on this desk" in console.said


async def test_a_customer_opened_without_the_network_is_read_when_it_is_back(town: Town) -> None:
    async with town.console() as console:
        await pull_the_network(console, town)
        await open_caller(console, town)
        assert "It is read when the network is back." in console.text
        town.set_weather("good")
        await console.until(lambda: "as of" in console.text)


async def test_a_customer_whose_answer_was_lost_is_asked_for_again(town: Town) -> None:
    async with town.console() as console:
        desk: Any = console.app.desk
        refresh, lost = desk.refresh_account, []

        def lose_the_first(account: str) -> Any:
            if not lost:
                lost.append(account)
                raise Unreachable("Central did not answer in time.", sent=True)
            return refresh(account)

        desk.refresh_account = lose_the_first
        person = await open_caller(console, town)
        await console.until(lambda: "as of" in console.text)
        assert lost == [person["account_number"]]
        assert "central not reached" not in console.text


async def test_the_desk_is_left_at_once_while_a_customer_waits_for_the_network(town: Town) -> None:
    async with town.console() as console:
        await pull_the_network(console, town)
        await open_caller(console, town)
        waiting = [worker for worker in console.app.workers if worker.group == "refresh"]
        assert [worker.is_finished for worker in waiting] == [False]
    assert [worker.state for worker in waiting] == [WorkerState.SUCCESS]


async def test_a_note_taken_offline_is_on_the_timeline_and_arrives_when_the_network_is_back(
    town: Town,
) -> None:
    async with town.console() as console:
        await open_caller(console, town)
        await console.until(lambda: "as of" in console.text)
        await pull_the_network(console, town)
        await console.type("/note_gate_code_changed<")
        assert "sent when the network is back" in console.said
        assert "gate code changed" in console.text
        assert "1 waiting" in console.text
        town.set_weather("good")
        await console.until(lambda: "queued" not in console.lines[-1])
        await console.until(lambda: "1 waiting" not in console.text)


async def test_working_offline_is_a_word_and_so_is_coming_back(town: Town) -> None:
    async with town.console() as console:
        await console.type("net_off<")
        await console.until(lambda: "offline" in console.lines[-1])
        await console.type("net_on<")
        await console.until(lambda: "online" in console.lines[-1])


async def test_the_switch_of_the_demo_goes_through_the_weathers(town: Town) -> None:
    options = ConsoleOptions(marker="DEMO", weathers=("good", "down"), set_weather=town.set_weather)
    async with town.console(options=options) as console:
        await console.press("ctrl+y")
        assert console.said == "The network of the demo is now: down."
        assert "DEMO" in console.lines[-1]
        await console.until(lambda: "offline" in console.lines[-1])
        await console.type("net_good<")
        await console.until(lambda: "online" in console.lines[-1])


async def test_offline_only_what_the_clerk_hears_and_sees_counts(town: Town) -> None:
    async with town.console() as console:
        await open_caller(console, town)
        await console.until(lambda: "as of" in console.text)
        await pull_the_network(console, town)
        await console.type("v")
        assert "answers cannot be checked" in console.text
        await console.type("124<")
        assert "L1 verified" in console.said


async def test_what_is_told_while_the_screens_are_taken_down_ends_nothing(town: Town) -> None:
    app = ConsoleApp(town.open_desk)
    async with app.run_test():
        await app.opened()
        status = app.desk.status()
    await asyncio.to_thread(app.desk.close)
    app._bring_over(StatusChanged(replace(status, roster_count=status.roster_count + 1)))
    app._tell_all()
    assert app.desk_status is not None
    assert app.desk_status.roster_count == status.roster_count
