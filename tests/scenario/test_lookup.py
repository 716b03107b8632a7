"""Finding a customer and reading what a caller may ask for."""

from tests.scenario.keys import cost
from tests.scenario.town import Town


async def test_a_phone_number_opens_the_customer_with_the_balance(town: Town) -> None:
    caller = town.fact("caller")
    script = f"{caller['phone']}<"
    assert cost(script) <= 11
    async with town.console() as console:
        await console.type(script)
        assert caller["name"] in console.text
        assert "Balance" in console.text
        assert "WORK" in console.lines[-1]
