"""The line shows what it understands, and only while it stands there."""

from tests.scenario.test_call import open_caller
from tests.scenario.town import Town

from csr_console.screens.omnibox import Omnibox


async def test_a_reading_that_arrives_after_its_line_was_carried_out_is_not_shown(town: Town) -> None:
    async with town.console() as console:
        await open_caller(console, town)
        screen = console.app.console_screens[-1]
        late = console.app.desk.resolve("maria")
        assert late.hits
        screen.post_message(Omnibox.Resolved("maria", late))
        await console.type("")
        assert not screen.hits.display
        assert "WORK" in console.lines[-1]
