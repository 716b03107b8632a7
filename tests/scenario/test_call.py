"""A call from the first key to the wrap-up, within the key budgets."""

from tests.scenario.keys import cost
from tests.scenario.town import Console, Town


async def open_caller(console: Console, town: Town, who: str = "caller") -> dict[str, str]:
    person = town.fact(who)
    await console.type(f"{person['phone']}<")
    assert person["name"] in console.text
    return person


def answers_of(town: Town, account: str) -> tuple[str, str]:
    """The last four of the SSN and the birth date of a customer of the city."""
    import csv

    with town.city.customers.open(encoding="utf-8", newline="") as file:
        row = next(row for row in csv.DictReader(file) if row["account_number"] == account)
    return row["verify_ssn4"], row["verify_dob"]


async def test_the_caller_is_verified_with_one_answer_and_it_is_logged(town: Town) -> None:
    async with town.console() as console:
        person = await open_caller(console, town)
        ssn4, _born = answers_of(town, person["account_number"])
        script = f"v{ssn4}<"
        assert cost(script) <= 6
        await console.type(script)
        assert "L1 verified" in console.text
        await console.until(lambda: "L1 by ssn4" in console.text)
        assert ssn4 not in "\n".join(console.app.lines)


async def test_two_answers_allow_a_change_of_contact(town: Town) -> None:
    async with town.console() as console:
        person = await open_caller(console, town)
        await console.press("at")
        await console.type("<<")
        await console.press("ctrl+u", "n", "@", "x", ".", "o", "r", "g")
        await console.press(*["tab"] * 5)
        await console.type("<")
        assert "needs two correct answers" in console.said
        ssn4, born = answers_of(town, person["account_number"])
        await console.type("<")
        await console.type(f"{ssn4}_{born}<")
        assert "L2 verified" in console.said
        await console.type("<")
        assert "Changed email" in console.said
        await console.until(lambda: "x.org" in console.text)


async def test_a_note_on_the_line_is_on_the_timeline(town: Town) -> None:
    async with town.console() as console:
        await open_caller(console, town)
        await console.type("/note_gate_code_changed<")
        assert console.said == "Note added."
        await console.until(lambda: "gate code changed" in console.text)


async def test_wrap_up_takes_three_keys_and_writes_the_note_from_what_was_done(town: Town) -> None:
    async with town.console() as console:
        await open_caller(console, town)
        await console.type("/note_gate_code_changed<")
        await console.type("w1")
        assert "Add a note: Note added." in console.text
        assert cost("w1|<") == 3
        await console.until(lambda: console.app.is_armed(console.app.screen.focused))
        await console.type("<")
        assert console.said == "Wrapped up."
        await console.until(lambda: "No customer is open." in console.text)
        assert "TYPE" in console.lines[-1]


async def test_the_other_customer_is_one_key_away(town: Town) -> None:
    async with town.console() as console:
        first = await open_caller(console, town)
        await console.press("escape")
        second = await open_caller(console, town, "maria")
        await console.press("grave_accent")
        assert first["name"] in console.text
        await console.press("grave_accent")
        assert second["name"] in console.text
