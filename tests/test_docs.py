"""What the documents say is so: generated pages are fresh, links lead somewhere, examples work."""

import importlib.util
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from dataclasses import MISSING, fields
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer

from csr_console import cli
from csr_console.central.settings import ENVIRONMENT_PREFIX, CentralSettings
from csr_console.contracts.imports import CUSTOMER_COLUMNS, CustomerRow, read_customers
from csr_console.contracts.imports.wiring import DeviceKind, EdgeKind
from csr_console.contracts.registry import REGISTRY
from csr_console.contracts.tariff import read_book
from csr_console.settings import THEMES, ConsoleSettings, parse

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def blocks(page: Path, language: str) -> Iterator[str]:
    """The fenced blocks of a language, without the indentation of a list."""
    text = page.read_text(encoding="utf-8")
    for indent, body in re.findall(rf"^( *)```{language}\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL):
        yield re.sub(rf"^{indent}", "", body, flags=re.MULTILINE)


@pytest.mark.parametrize("name", generator().PAGES)
def test_a_generated_page_is_what_the_code_says(name: str) -> None:
    """`make docs` writes it again."""
    made = generator().PAGES[name]()
    assert (DOCS / "reference" / name).read_text(encoding="utf-8") == made


@each_page
def test_links_lead_to_files_that_are_there(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text) + re.findall(r'src="([^"]+)"', text)
    missing = [target for target in targets if "://" not in target and not (page.parent / target).exists()]
    assert not missing


def command_of(words: list[str]) -> tuple[Any, list[str]]:
    """The command that the words after `csr-console` name, and the words left over for it."""
    cli._attach_central()
    command: Any = typer.main.get_command(cli.app)
    while words and words[0] in getattr(command, "commands", {}):
        command, words = command.commands[words[0]], words[1:]
    return command, words


@each_page
def test_commands_in_documents_exist_with_their_options(page: Path) -> None:
    for block in blocks(page, "console"):
        for line in block.splitlines():
            words = shlex.split(line.removeprefix("$ "), comments=True)
            if not words or words[0] != "csr-console":
                continue
            command, rest = command_of(words[1:])
            known = {name for item in command.params for name in (*item.opts, *item.secondary_opts)}
            options = {word.partition("=")[0] for word in rest if word.startswith("-")}
            assert options <= known | {"--help"}, line
            assert not hasattr(command, "commands") or command.invoke_without_command, line


@each_page
def test_keys_in_documents_exist(page: Path) -> None:
    known = set(re.findall(r"Ctrl\+[A-Z]", (DOCS / "reference" / "keys.md").read_text(encoding="utf-8")))
    of_every_field = {"Ctrl+U"}
    named = set(re.findall(r"Ctrl\+[A-Z]", page.read_text(encoding="utf-8")))
    assert named <= known | of_every_field


@each_page
def test_json_examples_of_commands_are_valid(page: Path) -> None:
    for block in blocks(page, "json"):
        document = json.loads(block)
        if "kind" in document:
            assert REGISTRY.read(document)


@each_page
def test_settings_and_tariff_books_in_documents_can_be_used(page: Path) -> None:
    for block in blocks(page, "toml"):
        if "[book]" in block:
            assert not read_book(block).mistakes
        else:
            assert parse(tomllib.loads(block), page)


def settings_rows() -> dict[str, list[str]]:
    text = (DOCS / "reference" / "settings.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*) \|$", text, re.MULTILINE)
    return {name: [default, meaning] for name, default, meaning in rows}


def test_the_settings_page_has_every_setting_with_its_default() -> None:
    rows = settings_rows()
    for setting in fields(ConsoleSettings):
        default = setting.default
        if isinstance(default, bool):
            default = str(default).lower()
        assert default is MISSING or rows[setting.name][0] == (f"`{default}`" if default else "none")
        assert rows[setting.name][1]
    for name, field in CentralSettings.model_fields.items():
        default, meaning = rows[ENVIRONMENT_PREFIX + name.upper()]
        assert field.default_factory or not field.default or default == f"`{field.default}`"
        assert meaning
    assert len(rows) == len(fields(ConsoleSettings)) + len(CentralSettings.model_fields)
    assert all(f"`{theme}`" in rows["theme"][1] for theme in THEMES)


def test_the_customers_page_has_every_column_and_an_example_that_fits(tmp_path: Path) -> None:
    page = DOCS / "reference" / "customers-csv.md"
    text = page.read_text(encoding="utf-8")
    assert [column for column in CUSTOMER_COLUMNS if f"`{column}`" not in text] == []
    (example,) = blocks(page, "csv")
    path = tmp_path / "customers.csv"
    path.write_text(example, encoding="utf-8")
    (row,) = read_customers(path)
    assert isinstance(row, CustomerRow)
    assert example.splitlines()[0].split(",") == list(CUSTOMER_COLUMNS)


def test_the_network_page_has_every_kind() -> None:
    text = (DOCS / "reference" / "network-files.md").read_text(encoding="utf-8")
    kinds = (*EdgeKind.__args__, *DeviceKind.__args__)
    assert [kind for kind in kinds if f"`{kind}`" not in text] == []


def test_the_index_lists_every_decision_and_each_says_what_it_binds() -> None:
    index = (DOCS / "adr" / "README.md").read_text(encoding="utf-8")
    records = sorted((DOCS / "adr").glob("0*.md"))
    for number, record in enumerate(records, 1):
        text = record.read_text(encoding="utf-8")
        title = text.splitlines()[0].removeprefix(f"# {number}. ")
        assert f"| {number} | [{title}]({record.name}) |" in index
        assert "\nStatus: " in text
        assert "\nBound by this: " in text


def test_every_page_of_the_documentation_is_reachable_from_its_index() -> None:
    seen: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop().resolve()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        links = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
        waiting += [page.parent / link for link in links if "://" not in link]
    assert {page.resolve() for page in PAGES} <= seen
