"""A form made from a command class: it asks what the annotations say and hands over a valid command."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

from pydantic import BaseModel, ValidationError
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Input, Static

from csr_console.domain.text import clean_line
from csr_console.widgets.cells import Column
from csr_console.widgets.editors import NEXT, ChoiceEditor
from csr_console.widgets.fields import Field
from csr_console.widgets.gated_app import GatedApp
from csr_console.widgets.picker import Option, Picker
from csr_console.widgets.specs import FieldSpec, spec_of, text_of, words_of

NOTHING: Mapping[str, object] = MappingProxyType({})


class Form(VerticalScroll, can_focus=False, inherit_bindings=False):
    """The fields named, in that order; `fixed` are values of the command that the form does not ask.

    Enter goes to the next field and commits on the last; nothing is checked before that except the field that
    was left. An error stands under its field in words, and the first one gets the focus.
    """

    class Submitted(Message):
        """The form is complete: the command it came to, and the values it asked."""

        def __init__(self, form: "Form", values: dict[str, object], command: Any) -> None:
            super().__init__()
            self.form = form
            self.values = values
            self.command = command

    class Changed(Message):
        """What stands in the fields now, as typed: for the journal of drafts."""

        def __init__(self, form: "Form", values: dict[str, str]) -> None:
            super().__init__()
            self.form = form
            self.values = values

    class Cancelled(Message):
        """Esc."""

        def __init__(self, form: "Form") -> None:
            super().__init__()
            self.form = form

    DEFAULT_CSS = """
    Form {
        height: auto; background: $background; color: $foreground; scrollbar-size-vertical: 1;
        & > .form-title { height: 1; text-style: bold; margin-bottom: 1; }
        & > .form-message { height: auto; color: $tone-error; text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "next", NEXT),
        Binding("tab", "move(1)", "next field", show=False),
        Binding("shift+tab", "move(-1)", "field before", show=False),
        Binding("down", "move(1)", "next field", show=False),
        Binding("up", "move(-1)", "field before", show=False),
        Binding("f4", "choices", "choices"),
        Binding("escape,f3,f12", "cancel", "back"),
    ]

    def __init__(
        self,
        command_class: type[BaseModel],
        *,
        fields: Sequence[str],
        initial: Mapping[str, object] = NOTHING,
        fixed: Mapping[str, object] = NOTHING,
        title: str = "",
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self.command_class = command_class
        self._initial = initial
        self._fixed = dict(fixed)
        self._title = clean_line(title)
        specs = [spec_of(command_class, name) for name in fields]
        self.fields = {
            spec.name: Field(spec, text_of(initial.get(spec.name, spec.default), spec.kind)) for spec in specs
        }
        self._message = Static("", classes="form-message", markup=False)
        self._known = self.texts()

    def compose(self) -> ComposeResult:
        if self._title:
            yield Static(self._title, classes="form-title", markup=False)
        yield from self.fields.values()
        yield self._message

    def texts(self) -> dict[str, str]:
        """What stands in the fields, as typed."""
        return {name: field.text for name, field in self.fields.items()}

    def restore(self, texts: Mapping[str, str]) -> None:
        """Put the texts of a draft back; fields it does not know stay as they are."""
        for name, text in texts.items():
            if name in self.fields:
                self.fields[name].text = text
        self._known = self.texts()

    def focus_first(self) -> None:
        """Focus the first field, at once."""
        self._focus(next(iter(self.fields.values())))

    def focus_after(self, name: str) -> None:
        """Focus the field after this one, at once: it has been said."""
        fields = list(self.fields.values())
        self._focus(fields[fields.index(self.fields[name]) + 1])

    def focus_last(self) -> None:
        """Focus the last field, at once: everything before it has been said."""
        self._focus(list(self.fields.values())[-1])

    def values(self) -> dict[str, object]:
        """What the fields come to, those left out that are no values yet."""
        return self._collect()[0]

    def show_errors(self, errors: ValidationError | Mapping[str, str]) -> None:
        """Stand each error under its field, focus the first, and drop what was typed ahead."""
        words = self._words(errors) if isinstance(errors, ValidationError) else dict(errors)
        for name, field in self.fields.items():
            field.error = words.pop(name, "")
        self._message.update(" ".join(f"✗ {clean_line(text, limit=500)}" for text in words.values()))
        if isinstance(self.app, GatedApp):
            self.app.gate.clear()
        wrong = next((field for field in self.fields.values() if field.error), None)
        if wrong is not None:
            self._focus(wrong)

    def _words(self, errors: ValidationError) -> dict[str, str]:
        """The first error of each field that says something; errors of the whole under their own names."""
        words: dict[str, str] = {}
        for detail in errors.errors(include_input=False, include_url=False):
            name = str(detail["loc"][0]) if detail["loc"] else ""
            # `Phone | Literal[""]` answers a bad phone with two errors, of which this one helps nobody.
            if name in words and detail["type"] == "literal_error":
                continue
            said = words_of(detail, self._spec(name))
            words.setdefault(
                name, said if name in self.fields or not name else f"{self._spec(name).label}: {said}"
            )
        return words

    def _spec(self, name: str) -> FieldSpec:
        if name in self.fields:
            return self.fields[name].spec
        try:
            return spec_of(self.command_class, name)
        except (KeyError, ValueError):
            return FieldSpec(name, name or "form", "it does not fit", "text")

    def _collect(self) -> tuple[dict[str, object], dict[str, str]]:
        """The values of the fields, and the errors of those that are no values at all."""
        values: dict[str, object] = {}
        errors: dict[str, str] = {}
        for name, field in self.fields.items():
            if not field.text.strip():
                # Left out, unless emptying it is an answer of its own.
                if field.spec.clearable and name in self._initial:
                    values[name] = ""
                continue
            try:
                values[name] = field.value
            except ValueError as error:
                errors[name] = str(error)
        return values, errors

    def _validate(self) -> tuple[BaseModel | None, dict[str, object], dict[str, str]]:
        values, errors = self._collect()
        try:
            command = self.command_class.model_validate({**self._fixed, **values})
        except ValidationError as error:
            return None, values, {**self._words(error), **errors}
        return (None if errors else command), values, errors

    def commit(self) -> None:
        """Hand the command over, or say what is missing."""
        command, values, errors = self._validate()
        if command is None:
            self.show_errors(errors)
            return
        for field in self.fields.values():
            field.error = ""
        self._message.update("")
        self.post_message(self.Submitted(self, values, command))

    def _focus(self, field: Field) -> None:
        # Not `focus()`: that takes effect a message later, and the next key may be faster.
        self.screen.set_focus(field.editor)

    @property
    def _at(self) -> int:
        """The position of the field in focus, -1 for none."""
        fields = list(self.fields.values())
        return next((at for at, field in enumerate(fields) if field.editor.has_focus), -1)

    def action_next(self) -> None:
        if self._at == len(self.fields) - 1:
            self.commit()
        else:
            self.action_move(1)

    def action_move(self, by: int) -> None:
        fields = list(self.fields.values())
        self._focus(fields[(self._at + by) % len(fields)])

    def action_choices(self) -> None:
        self._open_choices("")

    def _open_choices(self, query: str) -> None:
        at = self._at
        field = list(self.fields.values())[at]
        answers = field.spec.answers
        if at < 0 or not answers:
            self.app.bell()
            return
        options = [
            Option((answer.label, answer.letter), answer.label, (answer.letter,)) for answer in answers
        ]

        def answered(index: int | None) -> None:
            if index is not None:
                field.text = answers[index].value

        columns = (Column("Answer", 0), Column("Key", 3))
        self.app.push_screen(Picker(field.spec.label, columns, options, query=query), answered)

    def action_cancel(self) -> None:
        self.post_message(self.Cancelled(self))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_next()

    def on_choice_editor_list_asked(self, event: ChoiceEditor.ListAsked) -> None:
        event.stop()
        self._open_choices(event.query)

    def on_field_left(self, event: Field.Left) -> None:
        event.stop()
        field = event.field
        _command, _values, errors = self._validate()
        field.error = errors.get(field.spec.name, "") if field.text.strip() else ""

    def on_field_edited(self, event: Field.Edited) -> None:
        event.stop()
        texts = self.texts()
        if texts != self._known:
            self._known = texts
            self.post_message(self.Changed(self, texts))
