"""The weather in why a bill is high, on the real screen: the sentence, the waterfall, the text, the point."""

from tests.scenario.test_billing import SIZES, row_of
from tests.scenario.test_call import open_caller
from tests.scenario.town import Console, Town

from csr_console.contracts.views.bills import BillingView, CausesView
from csr_console.screens.figures import plain, signed
from csr_console.screens.why_weather import tell

SENTENCES = {
    "hotter": "It was hotter: {} cooling degree days",
    "cooler": "It was less hot: {} cooling degree days",
    "colder": "It was colder: {} heating degree days",
    "milder": "It was less cold: {} heating degree days",
}


async def known(console: Console, account: str) -> BillingView:
    desk = console.app.desk
    await console.until(lambda: desk.bills.of(account) is not None)
    viewed = desk.bills.of(account)
    assert viewed is not None
    return viewed.view


async def down_to(console: Console, text: str) -> None:
    """Move down line by line until a text stands on the screen, its line breaks apart."""
    for _ in range(60):
        if " ".join(text.split()) in " ".join(console.text.split()):
            return
        await console.press("down")
    raise AssertionError(f"nothing says {text!r}; the screen:\n{console.text}")


def claimed(view: BillingView, against: str) -> list[CausesView]:
    assert view.newest is not None
    return [one for one in view.newest.causes if one.against == against and one.weather_cents is not None]


@SIZES
async def test_one_key_tells_the_weather_apart_from_the_rest(town: Town, size: tuple[int, int]) -> None:
    async with town.console(size=size) as console:
        person = await open_caller(console, town, "maria")
        await console.type("y")
        await console.until(lambda: "Say “Your bill is" in console.text)
        view = await known(console, person["account_number"])
        causes = claimed(view, "previous")
        assert "electric" in {one.service for one in causes}
        cents = sum(one.weather_cents or 0 for one in causes)
        most = max(causes, key=lambda one: abs(one.weather_cents or 0))
        told = tell(most)
        assert told is not None
        said = " ".join(console.text.split())
        if cents:
            assert f"weather {'' if cents > 0 else 'minus '}{plain(cents)}" in said
            assert SENTENCES[told.turn].format(f"{told.now:,.0f}") in said
        assert signed(cents) in row_of(console, "weather  ")
        await down_to(console, "at the weather then")
        assert "heating degree days then" in row_of(console, "  weather: ")


async def test_the_weather_of_a_year_ago_and_its_figures_are_keys_away(town: Town) -> None:
    async with town.console() as console:
        person = await open_caller(console, town, "maria")
        await console.type("y")
        await console.until(lambda: "Say “Your bill is" in console.text)
        view = await known(console, person["account_number"])
        await console.type("t")
        await console.until(lambda: "same month last year" in console.text)
        (electric,) = [one for one in claimed(view, "last_year") if one.service == "electric"]
        assert electric.weather_cents is not None
        await console.type("s")
        await console.until(lambda: "last year · electric" in console.text)
        assert signed(electric.weather_cents) in row_of(console, "weather  ")
        await down_to(console, "CalTRACK 2.0, R²")
        said = " ".join(console.text.split())
        assert f"Weather, electric: {signed(electric.weather_cents)}, " in said
