"""The end of a shift: every command entered is in one state, with the network and without it."""

from tests.scenario.others import offline, online
from tests.scenario.test_call import open_caller
from tests.scenario.test_sign_in import sign_in
from tests.scenario.town import Town


async def test_everything_entered_is_accounted_for(town: Town) -> None:
    async with town.console() as console:
        await open_caller(console, town)
        await console.type("/out_a_n<")
        await console.type("/note_dog_in_yard<")
        await console.type("/shift<")
        await console.until(lambda: "✓ Everything entered is accounted for." in console.text)
        (entered,) = [line.split() for line in console.lines if "Entered in this shift" in line]
        (applied,) = [line.split() for line in console.lines if "applied" in line]
        assert (entered[-1], applied[-1]) == ("2", "2")
        assert "Central's audit log" in console.text


async def test_without_the_network_it_counts_and_says_that_it_was_not_compared(town: Town) -> None:
    async with town.console() as console:
        await offline(console, town)
        await console.type(f"{town.fact('caller')['phone']}_out_a_n<")
        await console.type("/shift<")
        await console.until(lambda: "◌ Central is not reached: count again with F5" in console.text)
        assert "Entered in this shift" in console.text
        assert "✗" not in console.text
        assert "✓" not in console.text
        await online(console, town)
        await console.press("f5")
        await console.until(lambda: "✓ Everything entered is accounted for." in console.text)


async def test_what_an_earlier_shift_left_is_a_line_of_its_own(town: Town) -> None:
    async with town.console() as console:
        await console.type("pin<4417<4417<")
        await console.until(lambda: "The PIN is set" in console.said)
        await console.type("signout<")
        await sign_in(console, town, "colleague")
        await offline(console, town)
        await console.type(f"{town.fact('caller')['phone']}_out_a_n<")
        await console.type("/signout<")
        await console.press(*"demo", "enter", *"4417", "enter")
        await console.type("shift<")
        await console.until(lambda: "left over from an earlier shift" in console.text)
        (left,) = [line.split() for line in console.lines if "left over" in line]
        assert left[-1] == "1"
