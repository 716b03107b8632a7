"""What no linter sees: what an import really loads, how long things are, what must not be in the tree."""

import ast
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "csr_console"
BACKEND = (
    "alembic", "argon2", "cryptography", "fastapi", "httpx", "joserfc", "keyring", "psycopg", "rapidfuzz",
    "reportlab", "sqlalchemy", "sqlcipher3", "sqlmodel", "starlette", "structlog", "uvicorn",
)  # fmt: skip
"""What takes too long to load before the first screen; a worker imports it after the paint."""
COMPANIONS = ("anyio", "pydantic_core", "starlette")
"""The other halves of FastAPI and pydantic, whose releases choose the versions."""


@cache
def tracked_files() -> tuple[Path, ...]:
    """Every file of the project, or what git would add to it."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    return tuple(path for name in listing.split("\0") if name and (path := ROOT / name).is_file())


def modules() -> list[Path]:
    """The modules that are imported; Alembic runs its own by path."""
    migrations = SOURCE / "central" / "migrations"
    return [
        path
        for path in tracked_files()
        if path.suffix == ".py"
        and path.is_relative_to(SOURCE)
        and path != migrations / "env.py"
        and not path.is_relative_to(migrations / "versions")
    ]


def module_name(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def loaded_by(statement: str) -> set[str]:
    """The modules that a fresh interpreter holds after one statement, without those it starts with."""
    script = (
        "import sys; before = set(sys.modules)\n"
        f"{statement}\n"
        "print('\\n'.join(sorted(set(sys.modules) - before)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def roots(loaded: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in loaded}


def first_paint_modules() -> list[str]:
    """The application, its screens and their parts: all that is loaded before the first paint."""
    names = (module_name(path) for path in modules())
    return [name for name in names if re.match(r"csr_console\.(app|screens|widgets)(\.|$)", name)]


def test_nothing_of_the_backend_is_loaded_before_the_first_paint() -> None:
    names = first_paint_modules()
    assert names
    loaded = loaded_by("import " + ", ".join(names))
    assert roots(loaded).isdisjoint(BACKEND)


def test_the_command_line_answers_without_loading_the_terminal_or_the_backend() -> None:
    loaded = roots(loaded_by("import csr_console.cli, csr_console.settings"))
    assert loaded.isdisjoint((*BACKEND, "textual"))


@pytest.mark.parametrize("package", ["domain", "contracts"])
def test_the_domain_and_the_contracts_load_next_to_nothing(package: str) -> None:
    """The standard library and pydantic, and the contracts what they are spelled with."""
    names = [module_name(path) for path in modules() if path.is_relative_to(SOURCE / package)]
    allowed = {*sys.stdlib_module_names, *roots(loaded_by("from pydantic import *")), "csr_console"}
    allowed |= {"orjson"} if package == "contracts" else set()
    loaded = roots(loaded_by("import " + ", ".join(names)))
    assert not {name for name in loaded - allowed if not name.startswith("_")}


@pytest.mark.parametrize(
    "package", sorted(path.parent.name for path in SOURCE.glob("*/__init__.py"))
)  # fmt: skip
def test_each_package_imports_alone(package: str) -> None:
    """An import that works only after another one hides a cycle."""
    names = [module_name(path) for path in modules() if path.is_relative_to(SOURCE / package)]
    assert f"csr_console.{package}" in loaded_by("import " + ", ".join(names))


@pytest.mark.parametrize(("package", "stranger"), [("desk", "central"), ("central", "desk")])
def test_the_desk_and_the_central_service_never_load_each_other(package: str, stranger: str) -> None:
    names = [module_name(path) for path in modules() if path.is_relative_to(SOURCE / package)]
    loaded = loaded_by("import " + ", ".join(names))
    assert not {name for name in loaded if name.startswith(f"csr_console.{stranger}")}


def imported_roots(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def requirement_names(texts: list[str]) -> set[str]:
    names = (match[0] for text in texts if (match := re.match(r"[A-Za-z0-9._-]+", text)))
    return {re.sub(r"[-_.]+", "-", name).lower() for name in names}


@pytest.mark.parametrize("folder", ["src", "tests", "benchmarks", "docs"])
def test_every_import_is_declared(folder: str) -> None:
    """What only happens to be installed is missing from a bare clone."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = requirement_names(project["dependencies"])
    if folder != "src":
        declared |= requirement_names((ROOT / "requirements" / "test.in").read_text().splitlines())
    owners = packages_distributions()
    scripts = [
        path for path in tracked_files() if path.suffix == ".py" and path.is_relative_to(ROOT / folder)
    ]
    siblings = {path.stem for path in scripts if folder in {"benchmarks", "docs"}}
    own = {*sys.stdlib_module_names, "csr_console", "tests", "benchmarks", *COMPANIONS, *siblings}
    undeclared = {
        (path.relative_to(ROOT).as_posix(), root)
        for path in scripts
        for root in imported_roots(ast.parse(path.read_text(encoding="utf-8")))
        if root not in own and not requirement_names(owners.get(root, [])) & declared
    }
    assert not undeclared


def test_modules_and_functions_stay_short() -> None:
    """No module over 500 lines, no function of 70: a long one has a second thing inside."""
    long: list[str] = []
    for path in modules():
        text = path.read_text(encoding="utf-8")
        if len(text.splitlines()) > 500:
            long.append(f"{module_name(path)}: {len(text.splitlines())} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                size = node.end_lineno - node.lineno + 1
                if size >= 70:
                    long.append(f"{module_name(path)}.{node.name}: {size} lines")
    assert not long


UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")


def test_nothing_is_left_unfinished() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked_files()
        if path.suffix in {".py", ".md", ".toml", ".tcss", ".txt"} and path.name != Path(__file__).name
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if UNFINISHED.search(line)
    ]
    assert not found


def test_no_path_of_a_machine_and_no_package_index_is_named() -> None:
    """A path of somebody's home or of this checkout works nowhere else; an index line leaks and breaks."""
    places = {ROOT, ROOT.parent, Path.home()} - {Path("/"), Path(tempfile.gettempdir())}
    forbidden = re.compile(
        "|".join(re.escape(f"{place}/") for place in places)
        + r"|^\s*(?:--(?:extra-)?index-url|--find-links|-i\s)|files\.pythonhosted|pypi\.org",
        re.MULTILINE,
    )
    found = [
        f"{path.relative_to(ROOT)}: {match[0].strip()}"
        for path in tracked_files()
        if path != Path(__file__)
        and path.suffix not in {".svg", ".png", ".db"}
        and (match := forbidden.search(path.read_text(encoding="utf-8")))
    ]
    assert not found


def test_requirements_are_pinned_with_hashes() -> None:
    for name in ("build", "run", "test", "dev"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
        pins = [line for line in text.replace("\\\n", " ").splitlines() if line and not line.startswith("#")]
        loose = [pin for pin in pins if not re.match(r"[a-z0-9.-]+(\[[a-z,]+\])?==\S+ .*--hash=sha256:", pin)]
        assert pins
        assert not loose


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def test_the_make_targets_that_documents_name_exist() -> None:
    named = {
        (path.name, target)
        for path in tracked_files()
        if path.suffix == ".md"
        for target in re.findall(r"(?:^\s*|`)make ([a-z]+)\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert named
    assert {(name, target) for name, target in named if target not in make_targets()} == set()
