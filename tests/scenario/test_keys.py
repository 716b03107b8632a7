"""Keys that mean the same everywhere, in bursts and at the pace of a person."""

from tests.scenario.test_call import answers_of, open_caller
from tests.scenario.town import Town

from csr_console.app import ConsoleOptions


async def test_a_whole_call_typed_ahead_in_one_burst_lands_where_it_belongs(town: Town) -> None:
    caller = town.fact("caller")
    ssn4, _born = answers_of(town, caller["account_number"])
    async with town.console() as console:
        await console.type(f"{caller['phone']}<v{ssn4}<nhello_there<")
        assert console.said == "Note added."
        timeline = [entry.text for entry in console.app.desk.account(caller["account_number"]).view.timeline]
        assert timeline[:2] == ["hello there", "L1 by ssn4."]


async def test_a_whole_call_at_the_pace_of_a_person_lands_where_it_belongs(town: Town) -> None:
    caller = town.fact("caller")
    async with town.console() as console:
        await console.type_slowly(f"{caller['phone']}<nhello_there<o")
        assert console.app.desk.account(caller["account_number"]).view.timeline[0].text == "hello there"
        assert "Outage at" in console.text


async def test_several_hits_are_a_numbered_list_and_never_a_guess(town: Town) -> None:
    async with town.console() as console:
        street = town.fact("caller")["street"].split(" ", 1)[1]
        await console.type(street.lower().replace(" ", "_") + "<")
        assert "WORK" in console.lines[-1]
        second = next(line for line in console.lines if line.lstrip("▸ ").startswith("2 "))
        await console.type("2")
        account = next(word for word in second.split() if word.isdigit() and len(word) == 9)
        assert console.app.customers.current.account == account


async def test_a_number_with_a_hash_picks_the_open_customer(town: Town) -> None:
    async with town.console() as console:
        first = await open_caller(console, town)
        await console.press("escape")
        await open_caller(console, town, "maria")
        await console.type("/#1<")
        assert first["name"] in console.text


async def test_up_recalls_the_lines_of_the_shift_without_the_answers_of_callers(town: Town) -> None:
    async with town.console() as console:
        caller = await open_caller(console, town)
        await console.type("/v_9999<")
        await console.press("escape", "escape")
        await console.press("up")
        assert console.app.screen.omnibox.value == "v"
        await console.press("up")
        assert console.app.screen.omnibox.value == caller["phone"]


async def test_the_premise_next_door_and_back(town: Town) -> None:
    async with town.console() as console:
        caller = await open_caller(console, town)
        await console.press("f8")
        assert console.app.customers.current.account != caller["account_number"]
        await console.press("f9")
        assert caller["name"] in console.text


async def test_help_lists_everything_and_does_it(town: Town) -> None:
    async with town.console() as console:
        await open_caller(console, town)
        await console.press("f1")
        await console.type("wrap<")
        assert "Wrap up ·" in console.text


async def test_a_verb_that_is_not_permitted_says_so(town: Town) -> None:
    async with town.console() as console:
        await console.type("approvals<")
        assert console.said == "The role specialist does not include approval.decide."


async def test_help_on_a_field_is_the_help_of_its_annotation(town: Town) -> None:
    async with town.console() as console:
        await open_caller(console, town)
        await console.type("n")
        await console.press("f1")
        assert "What the next clerk needs to know" in console.said
        await console.press("f1")
        assert "type what you want to do" in console.text


async def test_the_call_has_a_clock_that_the_wrap_up_ends(town: Town) -> None:
    async with town.console() as console:
        await open_caller(console, town)
        await console.press("f2")
        assert "call 0:0" in console.lines[-1]
        await console.press("f2")
        assert "on hold" in console.lines[-1]
        await console.type("w1")
        await console.until(lambda: console.app.is_armed(console.app.screen.focused))
        await console.type("<")
        assert "on hold" not in console.lines[-1]


async def test_the_timeline_turns_and_an_entry_is_read_in_full(town: Town) -> None:
    async with town.console() as console:
        await open_caller(console, town)
        await console.type("/note_one<")
        await console.type("i")
        assert "Timeline: notes (1)" in console.text
        await console.type("ii")
        assert "Timeline: outages (0 of 1)" in console.text
        await console.type("iii")
        await console.type("1")
        assert "note · demo" in console.text
        await console.press("escape")
        assert "Timeline:" in console.text


async def test_a_locked_desk_shows_no_customer_and_no_key_leads_past_it(town: Town) -> None:
    async with town.console() as console:
        caller = await open_caller(console, town)
        await console.app.desk_call(console.app.desk.set_pin, "2468")
        await console.type("L")
        await console.press("f9", "ctrl+k", "escape", "grave_accent")
        assert caller["name"] not in console.text
        assert "Locked" in console.text


async def test_colors_change_by_word_and_the_line_says_which(town: Town) -> None:
    async with town.console(options=ConsoleOptions(theme="mono", thin=True)) as console:
        assert console.app.theme == "mono"
        await console.type("theme_light<")
        assert console.app.theme == "light"
        assert console.said == "Colors: light."
