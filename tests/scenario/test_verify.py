"""A caller shows who they are bit by bit: what was shown before counts with what comes now."""

import asyncio
from dataclasses import replace

from tests.scenario.test_call import answers_of, open_caller
from tests.scenario.test_offline_workspace import pull_the_network
from tests.scenario.town import Console, Town

from csr_console.screens.customers import Shown


async def caller_with(console: Console, town: Town) -> tuple[str, str, str]:
    """Open the caller: the account number and two answers on file."""
    person = await open_caller(console, town)
    return person["account_number"], *answers_of(town, person["account_number"])


async def test_an_answer_now_and_one_later_reach_l2(town: Town) -> None:
    async with town.console() as console:
        account, ssn4, born = await caller_with(console, town)
        await console.type(f"v{ssn4}<")
        assert "L1 verified" in console.said
        await console.type(f"v{born}<")
        assert "L2 verified: ssn4, birth date" in console.said
        await console.until(lambda: "L2 by" in console.text)
        view = await asyncio.to_thread(console.app.desk.refresh_account, account)
        assert view.view.verified_level == 2


async def test_an_answer_that_was_proven_before_is_nothing_new(town: Town) -> None:
    async with town.console() as console:
        _account, ssn4, _born = await caller_with(console, town)
        await console.type(f"v{ssn4}<v{ssn4}<")
        assert console.said == "Nothing new fitted."
        assert len(console.app.call.done) == 1


async def test_what_was_heard_adds_up_with_what_was_answered(town: Town) -> None:
    async with town.console() as console:
        _account, ssn4, born = await caller_with(console, town)
        await console.press("v", "tab", "1", "2", "4", "enter")
        assert "L1 verified" in console.said
        await console.type(f"v{ssn4}_{born}<")
        assert "L2 verified: phone, name, service address, ssn4, birth date" in console.said
        await console.press("v", "tab", "6", "enter")
        assert "L3 verified" in console.said


async def test_what_was_heard_stands_marked_and_a_second_enter_logs_nothing(town: Town) -> None:
    async with town.console() as console:
        await caller_with(console, town)
        await console.press("v", "tab", "1", "2", "4", "enter")
        await console.press("v")
        assert console.text.count("✓ yes") == 3
        await console.press("tab", "enter")
        assert console.said == "Mark what you heard or type an answer."
        assert len(console.app.call.done) == 1


async def test_offline_a_photo_adds_to_the_answer_of_before(town: Town) -> None:
    async with town.console() as console:
        _account, ssn4, born = await caller_with(console, town)
        await console.type(f"v{ssn4}_{born}<")
        assert "L2 verified" in console.said
        await pull_the_network(console, town)
        await console.press("v", "6", "enter")
        assert "L3 verified" in console.said


async def test_a_wrap_up_forgets_what_the_caller_showed(town: Town) -> None:
    async with town.console() as console:
        person = await open_caller(console, town)
        ssn4, born = answers_of(town, person["account_number"])
        await console.type(f"v{ssn4}<w1")
        await console.until(lambda: console.app.is_armed(console.app.screen.focused))
        await console.type("<")
        assert console.said == "Wrapped up."
        await open_caller(console, town)
        await console.type(f"v{born}<")
        assert console.app.call.done[-1].command.factors == ("birth_date",)


async def test_a_lock_forgets_what_the_caller_showed(town: Town) -> None:
    async with town.console() as console:
        _account, ssn4, _born = await caller_with(console, town)
        await console.app.desk_call(console.app.desk.set_pin, "2468")
        await console.type(f"v{ssn4}<L2468<")
        await console.until(lambda: "Locked" not in console.text)
        assert console.app.call.shown == {}


async def test_a_proof_that_central_does_not_take_any_more_is_dropped_and_said(town: Town) -> None:
    async with town.console() as console:
        account, ssn4, born = await caller_with(console, town)
        await console.type(f"v{ssn4}<")
        kept = console.app.call.shown[account]
        console.app.call.shown[account] = Shown(proven=kept.proven, proof="another", until=kept.until)
        await console.type(f"v{born}<")
        assert "Ask the verification questions again." in console.said
        await console.type(f"{ssn4}_{born}<")
        assert "L2 verified" in console.said


async def test_a_proof_is_not_used_after_its_time(town: Town) -> None:
    async with town.console() as console:
        account, ssn4, born = await caller_with(console, town)
        await console.type(f"v{ssn4}<")
        kept = console.app.call.shown[account]
        assert kept.at(kept.until).factors == frozenset()
        console.app.call.shown[account] = replace(kept, until=console.app.now())
        await console.type(f"v{born}<")
        assert console.app.call.done[-1].command.factors == ("birth_date",)
