"""Writes the pages of docs/reference that the code itself knows best; `--check` names the ones out of date.

A page is a function that returns its text, so that the same sentence stands on the screen and in the page.
"""

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from inspect import cleandoc
from itertools import groupby
from pathlib import Path
from typing import Any

from csr_console.contracts.envelope import command_document
from csr_console.contracts.registry import COMMANDS
from csr_console.domain.approvals import HELD_DAYS, LIMITS, LINKED_DAYS, NOT_SPLIT, POLICIES
from csr_console.domain.command import Command, Offline
from csr_console.domain.permissions import GRANTS, Permission, Role
from csr_console.domain.refusals import PROBLEMS
from csr_console.widgets.specs import spec_of

REFERENCE = Path(__file__).parent / "reference"
NOTICE = "<!-- Written by `make docs` from the code; edit the code instead. -->\n"
OFFLINE_WORDS = {
    Offline.ALLOWED: "yes, queued",
    Offline.PROVISIONAL: "provisional",
    Offline.NEVER: "never",
}


def page(title: str, introduction: str, *parts: str) -> str:
    return "\n".join([NOTICE, f"# {title}\n", introduction + "\n", *parts]).rstrip() + "\n"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [head, *rows]
    cells = [[cell.replace("|", "\\|").replace("\n", " ") for cell in line] for line in lines]
    cells.insert(1, ["---"] * len(cells[0]))
    return "\n".join(f"| {' | '.join(line)} |" for line in cells) + "\n"


# Commands.


def constraint_words(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    """What JSON Schema says of a field, in words."""
    if "$ref" in schema:
        return constraint_words(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "anyOf" in schema:
        parts = [
            constraint_words(part, definitions) for part in schema["anyOf"] if part.get("type") != "null"
        ]
        return " or ".join(dict.fromkeys(parts))
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        return ", ".join(f"`{value}`" if value else "empty" for value in values)
    if schema.get("type") == "array":
        return f"list of {constraint_words(schema['items'], definitions)}"
    words = {"date-time": "moment with time zone", "uuid": "UUID"}.get(schema.get("format", "")) or {
        "boolean": "true or false",
        "integer": "whole number",
    }.get(schema["type"], "text")
    low = schema.get("minLength", schema.get("minimum"))
    high = schema.get("maxLength", schema.get("maximum"))
    unit = " characters" if schema["type"] == "string" else ""
    if low is not None and high is not None:
        words += f", {low:,} to {high:,}{unit}"
    elif high is not None:
        words += f", at most {high:,}{unit}"
    if "pattern" in schema:
        words += f", `{schema['pattern']}`"
    return words


def field_rows(command: type[Command]) -> Iterator[list[str]]:
    schema = command.model_json_schema()
    definitions = schema.get("$defs", {})
    for name, field in command.model_fields.items():
        if name == "kind":
            continue
        spec = spec_of(command, name)
        yield [
            f"`{name}`",
            spec.label,
            "yes" if field.is_required() else "",
            constraint_words(schema["properties"][name], definitions),
            spec.help,
        ]


def approval_words(kind: str) -> str:
    waits = [
        f"{f'with `{policy.alert}`' if policy.alert else 'always'}: {policy.sentence} ({policy.rule})"
        for policy in POLICIES
        if policy.kind == kind
    ]
    return " ".join(waits) or "none"


def command_section(command: type[Command]) -> str:
    example = command.example()
    effect = "adds" if command.effect == "adds" else "sets: carries the versions the clerk saw"
    offline = OFFLINE_WORDS[command.offline]
    if command.offline_sentence:
        offline += f": {command.offline_sentence}"
    facts = [
        ["Permission", f"`{command.permission}`"],
        ["Effect", effect],
        ["Without the network", offline],
        ["Approval", approval_words(example.kind)],
        ["Kept in order with", f"`{example.lane}` (in the example)"],
    ]
    document = json.dumps(command_document(example), indent=2, ensure_ascii=False)
    return "\n".join(
        [
            f"### `{example.kind}` {command.title}\n",
            cleandoc(command.__doc__ or "") + "\n",
            table(["", ""], facts),
            table(["Field", "Label", "Required", "Holds", "Help"], field_rows(command)),
            f"```json\n{document}\n```\n",
        ]
    )


def commands_page() -> str:
    def area(command: type[Command]) -> str:
        return command.__module__.split(".")[2]

    parts = []
    for name, commands in groupby(sorted(COMMANDS, key=area), key=area):
        parts += [f"## {name.capitalize()}\n", *(command_section(command) for command in commands)]
    return page(
        "Commands",
        "Every act of a clerk: what it needs, what it changes, what it looks like inside its envelope\n"
        "(`PUT /v1/commands/{id}`). Kinds are for ever: a queue that was off for a year still delivers.",
        *parts,
    )


# Permissions and problems.


def command_cell(command: type[Command], role: Role) -> str:
    """What happens when a role gives a command: `yes`, what holds it, or nothing."""
    if command.permission not in GRANTS[role]:
        return ""
    held = [policy.alert for policy in POLICIES if policy.kind == command.example().kind]
    return "yes" + "".join(f", held with `{alert}`" if alert else ", always held" for alert in held)


def read_cell(needed: tuple[Permission, ...] | None, role: Role) -> str:
    return "yes" if all(permission in GRANTS[role] for permission in needed or ()) else ""


def needed_words(needed: tuple[Permission, ...] | None) -> str:
    if needed is None:
        return "nothing, not even to be signed in"
    return " and ".join(f"`{permission}`" for permission in needed) or "to be signed in"


def permissions_page() -> str:
    from csr_console.central.routes.needed import NEEDED

    roles = [role.value for role in Role]
    grants = [
        [f"`{permission}`", *("yes" if permission in GRANTS[role] else "" for role in Role)]
        for permission in Permission
    ]
    commands = [
        [f"`{command.example().kind}`", *(command_cell(command, role) for role in Role)]
        for command in COMMANDS
    ]
    reads = [
        [f"`{method} {path}`", *(read_cell(needed, role) for role in Role), needed_words(needed)]
        for (method, path), needed in NEEDED.items()
    ]
    waits = [
        [
            f"`{policy.alert}`" if policy.alert else "any",
            f"`{policy.kind}`",
            f"`{policy.approver}`",
            policy.rule,
        ]
        for policy in POLICIES
    ]
    return page(
        "Permissions",
        "Roles and what they include, judged by the central service whenever a command is applied; the\n"
        "desk asks the same table first, as a courtesy. Everything is bounded by the person's office: in\n"
        "another one the answer is `other-office` or `not-found`, but for a danger to life, which is\n"
        "recorded wherever it is told. A test tries every cell of this page over HTTP.",
        "## Permissions of the roles\n",
        table(["Permission", *roles], grants),
        "## Commands\n",
        "Judged for the person who entered it, as they are when it is applied, whoever sends it. Of\n"
        "somebody who was disabled meanwhile everything is held.\n",
        table(["Command", *roles], commands),
        "## What waits for a second person\n",
        "Whoever decides is another person than who entered it.\n",
        table(["With", "Command", "Decided with", "Rule"], waits),
        "## Readings\n",
        table(["Route", *roles, "Needs"], reads),
    )


def limit_cell(limits: Mapping[Role, int | None], role: Role) -> str:
    """Up to how much a role says yes."""
    limit = limits.get(role, 0)
    return "any amount" if limit is None else f"${limit // 100:,}"


def limits_page() -> str:
    roles = [role for role in Role if Permission.APPROVAL_DECIDE in GRANTS[role]]
    rows = [[f"`{kind}`", *(limit_cell(limits, role) for role in roles)] for kind, limits in LIMITS.items()]
    return page(
        "Limits of approval",
        "Up to how much a role may say yes to a command that a second person decides. Policy of the city,\n"
        "as data beside the approval policies; a no needs no limit.",
        table(["Command", *(role.value for role in roles)], rows),
        "## How they are held\n",
        "- The amount is what the command moves for the customer, net, when the yes is given.\n"
        f"- It counts together with what was approved of the kind for the account in the {LINKED_DAYS} days\n"
        f"  before: a request in parts is one request ({NOT_SPLIT}).\n"
        "- Over the limit the answer is `over-limit`, and the command goes on waiting for somebody who may.\n"
        "- A second command of the kind for an account is `already-held` while one waits.\n"
        f"- What nobody decided for {HELD_DAYS} days is `expired`: whoever entered it reads so and enters\n"
        "  it again if it is still wanted.\n"
        "- Nobody decides what they entered themselves.\n",
    )


def problems_page() -> str:
    parts = []
    for grade, words in (
        ("refusal", "No by rule: shown, audited, never logged as an error."),
        ("conflict", "What the clerk saw has changed since: shown side by side."),
        ("fault", "Something broke: the command keeps its id and is tried again."),
    ):
        rows = [
            [f"`{code}`", str(problem.status), problem.title, problem.next_step]
            for code, problem in PROBLEMS.items()
            if problem.grade == grade
        ]
        parts += [
            f"## {grade.capitalize()}s\n",
            words + "\n",
            table(["Code", "Status", "Title", "Next step"], rows),
        ]
    return page(
        "Problems",
        "Every answer other than a result is an RFC 9457 document of type `urn:csr-console:problem:<code>`\n"
        "with the members `code`, `detail` (the sentence the clerk reads), `rule`, `next_step` and `facts`.",
        *parts,
    )


# Keys.

KEY_NAMES = {
    "grave_accent": "`` ` ``",
    "left_square_bracket": "[",
    "minus": "-",
    "plus": "+",
    "question_mark": "?",
    "right_square_bracket": "]",
    "slash": "/",
    "escape": "Esc",
    "pageup": "Page Up",
    "pagedown": "Page Down",
}


def key_words(keys: str) -> str:
    """Keys as they stand on a keyboard: `f3,f12` is F3, F12."""
    names = (KEY_NAMES.get(key, key if len(key) == 1 else key.title()) for key in keys.split(","))
    return ", ".join(names)


def binding_rows(bindings: Iterable[Any]) -> list[list[str]]:
    """One row an act, its keys together, in the order of the class."""
    acts: dict[str, tuple[str, list[str]]] = {}
    for binding in bindings:
        if re.fullmatch(r"pick\([2-9]\)", binding.action):
            continue
        keys = acts.setdefault(binding.action, (binding.description, []))[1]
        keys.append(key_words(binding.key))
    rows = [[", ".join(keys), description] for description, keys in acts.values()]
    return [["1 to 9", "row 1 to 9"] if row == ["1", "row 1"] else row for row in rows]


def screen_bindings(base: type) -> Iterator[tuple[str, list[Any]]]:
    """Each part of the console with keys of its own, verbs left out, by its name in words."""
    for path in sorted(Path(import_module("csr_console.screens").__path__[0]).glob("*.py")):
        module = import_module(f"csr_console.screens.{path.stem}")
        for part in vars(module).values():
            if not isinstance(part, type) or part.__module__ != module.__name__ or part is base:
                continue
            own = [item for item in vars(part).get("BINDINGS", []) if not item.action.startswith("verb(")]
            if own:
                words = re.findall("[A-Z][a-z]+", part.__name__.removesuffix("Screen"))
                yield " ".join(words).capitalize(), own


def keys_page() -> str:
    from csr_console.domain.verbs import VERBS

    base = import_module("csr_console.screens.base").ConsoleScreen
    app = import_module("csr_console.app").ConsoleApp
    parts = [
        "## Everywhere\n",
        table(["Key", "Does"], binding_rows([*base.BINDINGS, *app.BINDINGS])),
        "## Verbs\n",
        "The key works in WORK, the code and its Spanish aliases on the line.\n",
        table(
            ["Key", "Code", "Also", "Does", "Needs"],
            [
                [
                    f"`{verb.key}`" if verb.key else "",
                    f"`{verb.code}`",
                    ", ".join(verb.aliases),
                    verb.title,
                    verb.needs,
                ]
                for verb in VERBS
            ],
        ),
    ]
    form = import_module("csr_console.widgets.form").Form
    result_list = import_module("csr_console.widgets.result_list").ResultList
    parts += ["## In a form\n", table(["Key", "Does"], binding_rows(form.BINDINGS))]
    parts += ["## In a list\n", table(["Key", "Does"], binding_rows(result_list.BINDINGS))]
    for title, bindings in screen_bindings(base):
        parts += [f"## {title}\n", table(["Key", "Does"], binding_rows(bindings))]
    return page(
        "Keys",
        'In `settings.toml` a table `[keys]` with a line `out = "0"` gives a verb another key. F1 shows\n'
        "what the keys of a screen do, and does it.",
        *parts,
    )


# The command line.


def command_tree(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every command that does something, with its words."""
    subcommands = getattr(command, "commands", {})
    if not subcommands or getattr(command, "invoke_without_command", False):
        yield path, command
    for name, subcommand in sorted(subcommands.items()):
        yield from command_tree(subcommand, f"{path} {name}")


def parameter_row(parameter: Any) -> list[str]:
    names = ", ".join(f"`{name}`" for name in [*parameter.opts, *parameter.secondary_opts])
    if parameter.param_type_name == "argument":
        names = f"`{parameter.name.upper()}`"
    default = parameter.default
    shown = "" if default in (None, False, ()) or callable(default) else f"`{default}`"
    return [names, "yes" if parameter.required else "", shown, getattr(parameter, "help", "") or ""]


def cli_page() -> str:
    import typer

    from csr_console import cli

    cli._attach_central()  # the program attaches it only when it is asked for
    parts = []
    for path, command in command_tree(typer.main.get_command(cli.app), "csr-console"):
        rows = [
            parameter_row(item)
            for item in command.params
            if item.name not in ("help", "version") and not item.hidden
        ]
        parts += [f"## `{path}`\n", cleandoc(command.help or "") + "\n"]
        if rows:
            parts.append(table(["Option", "Required", "Default", "Meaning"], rows))
    return page("Command line", "Every command answers `--help`.", *parts)


PAGES: Mapping[str, Callable[[], str]] = {
    "commands.md": commands_page,
    "permissions.md": permissions_page,
    "limits.md": limits_page,
    "problems.md": problems_page,
    "keys.md": keys_page,
    "cli.md": cli_page,
}


def main(arguments: list[str]) -> int:
    stale = [
        name for name, make in PAGES.items() if _write(REFERENCE / name, make(), dry="--check" in arguments)
    ]
    for name in stale:
        print(f"docs/reference/{name}")
    return 1 if stale and "--check" in arguments else 0


def _write(path: Path, text: str, *, dry: bool) -> bool:
    """Whether the page differed; it is written unless `dry`."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    if not dry:
        path.write_text(text, encoding="utf-8")
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
