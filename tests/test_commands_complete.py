"""Every command is whole: a decision, a form, a permission, an example, a page in the reference."""

import re
from pathlib import Path

import pytest
from textual.app import ComposeResult

from csr_console.central.handlers import HANDLERS, WRITES
from csr_console.contracts.registry import COMMANDS
from csr_console.desk.decisions import decided_kinds
from csr_console.domain.command import Change, Command, Offline
from csr_console.domain.permissions import GRANTS, Permission
from csr_console.domain.verbs import VERBS
from csr_console.domain.words import fold
from csr_console.screens.runs import RUNS
from csr_console.widgets.form import Form
from csr_console.widgets.gated_app import GatedApp
from csr_console.widgets.specs import spec_of

REFERENCE = Path(__file__).parent.parent / "docs" / "reference" / "commands.md"
each_command = pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.example().kind)


def asked_fields(command: type[Command]) -> list[str]:
    """The fields that a person fills in."""
    names = [name for name in command.model_fields if name != "kind"]
    return [name for name in names if spec_of(command, name).kind != "hidden"]


@each_command
def test_its_kind_is_a_word_of_its_area(command: type[Command]) -> None:
    assert re.fullmatch(r"[a-z]+\.[a-z]+", command.example().kind)
    assert command.__doc__
    assert command.title


@each_command
def test_central_and_the_desk_decide_it(command: type[Command]) -> None:
    assert command.example().kind in HANDLERS
    assert command in decided_kinds()


def test_central_knows_no_command_that_does_not_exist() -> None:
    assert set(HANDLERS) == {command.example().kind for command in COMMANDS}


def all_changes(base: type[Change] = Change) -> set[type[Change]]:
    return {change for child in base.__subclasses__() for change in (child, *all_changes(child))}


def test_every_change_a_decision_can_make_is_written() -> None:
    made = {f"{change.__module__}.{change.__name__}" for change in all_changes()}
    own = {name for name in made if name.startswith("csr_console.domain.")}
    assert own == {f"{change.__module__}.{change.__name__}" for change in WRITES}


@each_command
def test_somebody_may_give_it(command: type[Command]) -> None:
    assert isinstance(command.permission, Permission)
    assert any(command.permission in granted for granted in GRANTS.values())


@each_command
def test_it_says_what_happens_without_the_network(command: type[Command]) -> None:
    assert (command.offline is Offline.NEVER) == bool(command.offline_sentence)


@each_command
def test_one_that_sets_names_its_resource_and_its_fields(command: type[Command]) -> None:
    example = command.example()
    sets = command.effect == "sets"
    assert sets == (example.resource is not None)
    assert sets == bool(example.changed_fields)
    assert example.changed_fields <= set(command.model_fields)


@each_command
def test_its_lane_names_what_it_is_kept_in_order_with(command: type[Command]) -> None:
    assert re.fullmatch(r"(account|place|hazard|device|report|command):.+|station", command.example().lane)


@each_command
def test_every_field_it_asks_has_a_label_and_a_help(command: type[Command]) -> None:
    specs = [spec_of(command, name) for name in asked_fields(command)]
    assert specs
    assert all(spec.label != "Text" and len(spec.label) <= 16 and spec.help for spec in specs)
    assert len({spec.label for spec in specs}) == len(specs)


class Desk(GatedApp[None]):
    """One form, filled in with the example of its command."""

    def __init__(self, example: Command) -> None:
        super().__init__()
        self.example = example
        self.sent: list[Command] = []

    def compose(self) -> ComposeResult:
        values = self.example.model_dump(exclude_none=True, exclude={"kind"})
        asked = asked_fields(type(self.example))
        yield Form(
            type(self.example),
            fields=asked,
            initial={name: values[name] for name in asked if name in values},
            fixed={name: value for name, value in values.items() if name not in asked},
        )

    def on_form_submitted(self, event: Form.Submitted) -> None:
        self.sent.append(event.command)


@each_command
async def test_its_form_makes_it(command: type[Command]) -> None:
    app = Desk(command.example())
    async with app.run_test() as pilot:
        app.query_one(Form).commit()
        await pilot.pause()
        assert app.sent == [command.example()]


@each_command
def test_every_choice_is_answered_by_one_letter_of_its_own(command: type[Command]) -> None:
    for spec in (spec_of(command, name) for name in asked_fields(command)):
        letters = [answer.letter for answer in spec.answers if answer.letter]
        assert bool(spec.answers) == (spec.kind == "choice")
        assert len(set(letters)) == len(letters)


@each_command
def test_the_reference_has_its_section(command: type[Command]) -> None:
    assert f"### `{command.example().kind}` {command.title}\n" in REFERENCE.read_text(encoding="utf-8")


def test_every_verb_does_something_and_has_one_name_and_one_key() -> None:
    assert set(RUNS) == {verb.code for verb in VERBS}
    names = [fold(name) for verb in VERBS for name in verb.names]
    keys = [verb.key for verb in VERBS if verb.key]
    assert len(set(names)) == len(names)
    assert len(set(keys)) == len(keys)
