"""The workspace without the network: what is known with its age, and nothing lost."""

from tests.scenario.test_call import open_caller
from tests.scenario.town import Console, Town

from csr_console.app import ConsoleOptions


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
