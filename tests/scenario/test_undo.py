"""Ctrl+Z: the last own action is taken back where a rule allows it."""

from tests.scenario.test_call import open_caller
from tests.scenario.town import Town


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
