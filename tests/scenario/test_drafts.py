"""Forms that were begun: kept on disk while they are typed, asked about after a restart."""

from tests.scenario.test_call import open_caller
from tests.scenario.town import Town

from csr_console.domain.accounts.commands import AddNote


async def begin_a_note(town: Town) -> None:
    async with town.console() as console:
        await open_caller(console, town)
        await console.type("nhalf_a_no")
        await console.until(lambda: bool(console.app.desk.drafts()))
        await console.until(lambda: console.app.desk.drafts()[0].values == {"text": "half a no"})


async def test_after_a_restart_the_desk_asks_and_enter_restores(town: Town) -> None:
    await begin_a_note(town)
    async with town.console() as console:
        await console.until(lambda: "Restore the" in console.said)
        assert "draft? Enter yes, d discard" in console.said
        await console.type("<")
        assert "half a no" in console.text
        await console.type("te<")
        assert console.said == "Note added."
        (note,) = console.app.desk.queue()
        assert isinstance(note.command, AddNote)
        assert note.command.text == "half a note"
        assert console.app.desk.drafts() == []


async def test_d_discards_the_draft_and_a_name_with_a_d_does_not(town: Town) -> None:
    await begin_a_note(town)
    async with town.console() as console:
        await console.until(lambda: "Restore the" in console.said)
        await console.type("d")
        assert len(console.app.desk.drafts()) == 1
        await console.type("<")
        assert console.app.desk.drafts() == []


async def test_a_form_that_was_left_opens_as_it_was(town: Town) -> None:
    async with town.console() as console:
        await open_caller(console, town)
        await console.type("nhalf_a_no")
        await console.press("escape")
        assert "WORK" in console.lines[-1]
        await console.type("n")
        assert "half a no" in console.text


async def test_the_drafts_are_listed_and_one_is_discarded(town: Town) -> None:
    async with town.console() as console:
        await open_caller(console, town)
        await console.type("nhalf_a_no")
        await console.press("escape")
        await console.type("/drafts<")
        await console.until(lambda: "half a no" in console.text)
        await console.type("d")
        await console.until(lambda: "No drafts." in console.text)
