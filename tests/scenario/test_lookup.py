"""Finding a customer and reading what a caller may ask for."""

import asyncio

from tests.scenario.keys import cost
from tests.scenario.town import Town

from csr_console.domain.accounts.commands import AddNote


async def test_a_phone_number_opens_the_customer_with_the_balance(town: Town) -> None:
    caller = town.fact("caller")
    script = f"{caller['phone']}<"
    assert cost(script) <= 11
    async with town.console() as console:
        await console.type(script)
        assert caller["name"] in console.text
        assert "Balance" in console.text
        assert "WORK" in console.lines[-1]


async def test_a_wide_screen_has_identity_services_and_balance_side_by_side(town: Town) -> None:
    async with town.console(size=(120, 40)) as console:
        caller = town.fact("caller")
        await console.type(f"{caller['phone']}<")
        await console.until(lambda: " mail  " in console.text)
        row = next(line for line in console.lines if caller["name"] in line)
        assert "electric" in row
        assert "Balance" in row


async def test_what_a_colleague_does_comes_in_behind_and_moves_nothing(town: Town) -> None:
    async with town.console() as console:
        caller = town.fact("caller")
        await console.type(f"{caller['phone']}<")
        await console.until(lambda: "Balance  $" in console.text)
        await console.type("/zzqx")
        colleague = await asyncio.to_thread(
            town.open_desk, lambda _event: None, login="colleague", station="C08", direct=True
        )
        note = AddNote(account=caller["account_number"], text="Seen at the counter.")
        await asyncio.to_thread(colleague.submit, note, id=colleague.new_id())
        await asyncio.to_thread(colleague.close)
        await console.until(lambda: "Seen at the counter." in console.text)
        assert console.app.screen.omnibox.has_focus
        assert console.app.screen.omnibox.value == "zzqx"


async def test_text_of_a_note_is_only_ever_text(town: Town) -> None:
    hostile = "[bold]x[/] [@click=app.quit]y[/] \x1b]0;z\x07 \u202eabc"
    async with town.console() as console:
        caller = town.fact("caller")
        await console.type(f"{caller['phone']}<")
        note = AddNote(account=caller["account_number"], text=hostile)
        await asyncio.to_thread(console.app.desk.submit, note, id=console.app.desk.new_id())
        await console.until(lambda: "[bold]x[/] [@click=app.quit]y[/]" in console.text)
        assert "\x1b" not in console.text
        assert "\u202e" not in console.text
