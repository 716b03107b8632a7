"""Forms made from the real command classes, driven by raw keys."""

import asyncio
import gc
import weakref
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pytest
from pydantic import BaseModel
from tests.widgets.keys import burst, human, screen_text, settled
from textual import events
from textual.app import ComposeResult
from textual.screen import Screen

from csr_console.domain.accounts.commands import AddNote, LogInteraction, UpdateContact
from csr_console.domain.outages.commands import CloseHazard, PlanOutage, ReportOutage
from csr_console.domain.outages.kinds import Hazard, Scope
from csr_console.widgets import themes
from csr_console.widgets.editors import ChoiceEditor, NoteEditor
from csr_console.widgets.form import Form
from csr_console.widgets.gated_app import GatedApp
from csr_console.widgets.picker import Picker

SIZES = [(80, 24), (120, 40)]


class Desk(GatedApp[None]):
    def __init__(
        self,
        command_class: type[BaseModel],
        fields: Sequence[str],
        initial: Mapping[str, object] | None = None,
        fixed: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__()
        self.made = partial(Form, command_class, fields=fields, initial=initial or {}, fixed=fixed or {})
        self.sent: list[Any] = []
        self.changes: list[dict[str, str]] = []
        self.cancelled = 0

    def compose(self) -> ComposeResult:
        yield self.made(title="Title")

    @property
    def form(self) -> Form:
        return self.query_one(Form)

    def on_mount(self) -> None:
        self.form.focus_first()

    def on_form_submitted(self, event: Form.Submitted) -> None:
        self.sent.append(event.command)

    def on_form_changed(self, event: Form.Changed) -> None:
        self.changes.append(event.values)

    def on_form_cancelled(self) -> None:
        self.cancelled += 1

    def error(self, name: str) -> str:
        return self.form.fields[name].error

    def at(self) -> str:
        return next(name for name, field in self.form.fields.items() if field.editor.has_focus)


def outage() -> Desk:
    return Desk(ReportOutage, ["scope", "hazard", "callback", "remark"], fixed={"premise": "P0001204"})


@pytest.mark.parametrize("drive", [burst, human])
@pytest.mark.parametrize("size", SIZES)
async def test_the_outage_form_in_a_few_keys(drive: Any, size: tuple[int, int]) -> None:
    app = outage()
    async with app.run_test(size=size):
        await drive(app, ["a", "enter", "n", "tab", *"(850)555-0142", "enter", *"porch", "enter"])
        assert app.sent == [
            ReportOutage(
                premise="P0001204", scope=Scope.ALL, hazard=Hazard.NONE, callback="8505550142", remark="porch"
            )
        ]


async def test_the_hazard_question_has_no_answer_until_it_is_answered() -> None:
    app = outage()
    async with app.run_test():
        await burst(app, ["a", "tab", "tab", "tab", "enter", "x"])
        assert app.sent == []
        assert "choose one: none, wire down" in app.error("hazard") or "needed" in app.error("hazard")
        assert app.at() == "hazard"
        assert app.form.texts()["remark"] == "", "what was typed ahead of the error is dropped"
        await burst(app, ["g", "tab", "tab", "enter"])
        assert [command.hazard for command in app.sent] == [Hazard.GAS]
        assert app.error("hazard") == ""


async def test_errors_are_words_that_never_repeat_the_value() -> None:
    app = Desk(
        UpdateContact, ["phone_1", "email", "mailing_state", "language"], fixed={"account": "100482771"}
    )
    async with app.run_test():
        await burst(app, [*"850555", "tab", *"maria", "tab", *"florida", "tab", "e"])
        assert app.error("phone_1") == "a phone number has ten digits, area code first: 850 555 0142"
        assert app.error("email") == "an e-mail address looks like name@example.org"
        assert app.error("mailing_state") == "Two capital letters: FL."
        assert app.error("language") == ""
        shown = " ".join(app.form.fields[name].render().plain for name in app.form.fields)
        assert "850555 " not in shown
        assert "florida" not in shown
        await burst(app, ["enter"])
        assert app.sent == []
        assert app.at() == "phone_1"


async def test_a_phone_is_tidied_when_the_field_is_left() -> None:
    app = Desk(UpdateContact, ["phone_1", "email"], {"phone_1": "8505550142"}, {"account": "100482771"})
    async with app.run_test():
        assert app.form.texts()["phone_1"] == "850 555 0142"
        await burst(app, ["ctrl+u", *"+1.850.555.0199", "tab"])
        assert app.form.texts()["phone_1"] == "850 555 0199"
        await burst(app, ["enter"])
        assert app.sent[0].phone_1 == "8505550199"
        assert app.sent[0].email is None, "a field left empty is left out"


async def test_a_field_that_was_emptied_is_cleared() -> None:
    app = Desk(
        UpdateContact,
        ["phone_1", "email"],
        {"phone_1": "8505550142", "email": "a@b.org"},
        {"account": "100482771"},
    )
    async with app.run_test():
        await burst(app, ["ctrl+u", "enter", "enter"])
        assert app.sent[0].phone_1 == ""
        assert app.sent[0].email == "a@b.org"


async def test_an_error_of_the_whole_is_said_too() -> None:
    app = Desk(ReportOutage, ["scope", "hazard"])
    async with app.run_test():
        await burst(app, ["a", "tab", "n", "enter"])
        assert app.sent == []
        assert "give a premise or a location, not both" in str(app.form._message.content)


async def test_an_error_of_a_value_the_form_does_not_ask_names_it() -> None:
    app = Desk(PlanOutage, ["reason"], fixed={"device": "d", "starts_at": "soon"})
    async with app.run_test():
        await burst(app, [*"pole work", "enter"])
        assert "Starts: " in str(app.form._message.content)
        assert "soon" not in str(app.form._message.content)


async def test_central_can_refuse_a_field() -> None:
    app = outage()
    async with app.run_test():
        app.form.show_errors({"callback": "this number is on the do-not-call list", "": "ask a lead"})
        await burst(app, [])
        assert app.at() == "callback"
        assert app.error("callback") == "this number is on the do-not-call list"
        assert "ask a lead" in str(app.form._message.content)


async def test_changes_are_told_for_the_journal_and_restored() -> None:
    app = outage()
    async with app.run_test():
        await burst(app, [])
        assert app.changes == [], "opening a form is no change"
        await burst(app, ["f", "tab", "tab", *"850"])
        assert app.changes[-1] == {"scope": "flicker", "hazard": "", "callback": "850", "remark": ""}
        draft = app.changes[-1]
    again = outage()
    async with again.run_test():
        again.form.restore({**draft, "gone": "x", "hazard": "volcano"})
        await burst(again, [])
        assert again.form.texts() == {**draft, "hazard": ""}
        assert again.changes == []


async def test_up_down_and_shift_tab_move_between_fields() -> None:
    app = outage()
    async with app.run_test():
        await burst(app, ["down", "down"])
        assert app.at() == "callback"
        await burst(app, ["up", "shift+tab"])
        assert app.at() == "scope"
        await burst(app, ["escape"])
        assert app.cancelled == 1


async def test_choices_answer_by_letter_digit_and_arrow_and_beep_at_others() -> None:
    app = outage()
    async with app.run_test(size=(120, 40)):
        await burst(app, ["3"])
        assert app.form.texts()["scope"] == "flicker"
        await burst(app, ["right"])
        assert app.form.texts()["scope"] == "all"
        await burst(app, ["z"])
        assert app.form.texts()["scope"] == "all"
        await burst(app, ["backspace"])
        assert app.form.texts()["scope"] == ""
        hazard = app.form.fields["hazard"].editor
        assert isinstance(hazard, ChoiceEditor)
        assert hazard.render().plain.split() == [
            "(n)one",
            "(w)ire",
            "down",
            "(p)ole",
            "down",
            "(s)parks",
            "(g)as",
            "(c)arbon",
            "monoxide",
        ]


async def test_yes_and_no() -> None:
    app = Desk(
        CloseHazard,
        ["verified_by", "access_blocked"],
        fixed={"hazard_id": "0198f2b4-0000-7000-8000-000000000002"},
    )
    async with app.run_test():
        assert app.form.texts()["access_blocked"] == "no", "the default of the command"
        await burst(app, [*"J. Ortiz", "tab", "y", "enter"])
        assert app.sent[0].access_blocked is True


def wrap_up() -> Desk:
    fixed = {"account": "100482771", "started_at": "2026-08-30T14:02:00+00:00", "talk_seconds": 95}
    return Desk(LogInteraction, ["disposition", "summary"], {"summary": "Reported an outage."}, fixed)


@pytest.mark.parametrize("drive", [burst, human])
async def test_a_long_list_opens_narrowed_by_the_letter_typed(drive: Any) -> None:
    app = wrap_up()
    async with app.run_test(size=(80, 24)):
        await drive(app, [*"outage", "enter", "enter", "enter"])
        assert [command.disposition for command in app.sent] == ["OUTAGE-NEW"]
        assert app.sent[0].summary == "Reported an outage."


async def test_f4_lists_the_choices_and_escape_leaves_the_answer() -> None:
    app = wrap_up()
    async with app.run_test():
        await burst(app, ["f4"])
        assert isinstance(app.screen, Picker)
        await burst(app, ["down", "enter"])
        assert app.form.texts()["disposition"] == "OUTAGE-STATUS"
        await burst(app, ["f4", *"gas"])
        await burst(app, ["escape"])
        assert app.form.texts()["disposition"] == "OUTAGE-STATUS"
        await burst(app, ["tab", "f4"])
        assert not isinstance(app.screen, Picker), "a note has no choices"


async def test_a_note_commits_on_enter_and_keeps_its_lines() -> None:
    app = Desk(AddNote, ["text"], fixed={"account": "100482771"})
    async with app.run_test():
        note = app.form.fields["text"].editor
        assert isinstance(note, NoteEditor)
        await burst(app, [*"gate", "ctrl+o", events.Paste("code\x1b[2J\nnew"), "enter"])
        assert app.sent[0].text == "gate\ncode�[2J\nnew"


async def test_fields_stand_where_they_stood_whatever_the_data() -> None:
    app = outage()
    async with app.run_test(size=(80, 24)) as pilot:
        before = [field.region for field in app.form.fields.values()]
        await burst(app, ["tab", "tab", *"1", "tab", *"wide 日本語 text " * 12, "enter"])
        await pilot.pause()
        assert "✗ a phone number has ten digits" in screen_text(app)
        assert [field.region for field in app.form.fields.values()] == before


async def test_hostile_initial_values_are_inert() -> None:
    app = Desk(AddNote, ["text"], {"text": "a\x1b]52;c;x\x07\u202e"}, {"account": "100482771"})
    async with app.run_test():
        assert app.form.texts() == {"text": "a�]52;c;x��"}


async def test_a_note_that_is_gone_is_gone() -> None:
    """The stock text area stays in memory for each screen that ever showed one."""
    app = Desk(AddNote, ["text"], fixed={"account": "100482771"})
    notes = []
    async with app.run_test():
        for _ in range(12):
            screen = NoteScreen()
            await app.push_screen(screen)
            await settled(app)
            notes.append(weakref.ref(screen.query_one(NoteEditor)))
            await app.pop_screen()
            await settled(app)
        del screen
        # Textual lets go of a screen a moment after it is gone.
        async with asyncio.timeout(5):
            while sum(note() is not None for note in notes) > 2:
                gc.collect()
                await asyncio.sleep(0.02)


class NoteScreen(Screen[None]):
    def compose(self) -> ComposeResult:
        yield Form(AddNote, fields=["text"])


async def test_a_note_follows_the_theme() -> None:
    app = Desk(AddNote, ["text"], {"text": "gate code"}, {"account": "100482771"})
    async with app.run_test() as pilot:
        note = app.form.fields["text"].editor
        assert isinstance(note, NoteEditor)

        def colours() -> set[object]:
            return {
                segment.style.color
                for segment in note.render_line(0)
                if segment.style and segment.text.strip()
            }

        await settled(app)
        dark = colours()
        themes.install(app, "light")
        await pilot.pause()
        await settled(app)
        assert not dark & colours()


async def test_every_answer_of_the_hazard_question_stands_at_80_columns() -> None:
    app = outage()
    async with app.run_test(size=(80, 24)):
        await burst(app, ["tab"])
        shown = screen_text(app)
        for answer in ("(n)one", "(w)ire down", "(p)ole down", "(s)parks", "(g)as", "(c)arbon monoxide"):
            assert answer in shown
