"""Every key of a TOML document is found on the line it stands on."""

import string
import tomllib
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from csr_console.contracts.tariff.lines import Path, locate

DOCUMENT = '''# a comment with = and [brackets]
title = "a # b"
"quoted key" = 1

[book]
id = 'x'   # trailing
text = """
two
lines with ] and }
"""
dotted.inner = 3

[[component]]
id = "A"
when = { location = "in]side", more = { deep = [1, 2] } }

[[component.version]]
from = 2014-10-01
tier = [
    # a comment inside
    { over = "0", price = "1" },

    { over = "5", price = "2" },
]

[[component.version]]
from = 2015-10-01

[[component]]
id = "B"
[component.more]
x = true
'''


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*path, key)
            yield from paths(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield (*path, index)
            yield from paths(inner, (*path, index))


def test_keys_tables_and_elements_stand_on_their_lines() -> None:
    lines = locate(DOCUMENT)
    assert lines["title",] == 2
    assert lines["quoted key",] == 3
    assert lines["book", "id"] == 6
    assert lines["book", "dotted", "inner"] == 11
    assert lines["component", 0] == 13
    assert lines["component", 0, "when", "more", "deep", 1] == 15
    assert lines["component", 0, "version", 0, "from"] == 18
    assert lines["component", 0, "version", 0, "tier", 0] == 21
    assert lines["component", 0, "version", 0, "tier", 1, "price"] == 23
    assert lines["component", 0, "version", 1, "from"] == 27
    assert lines["component", 1, "id"] == 30
    assert lines["component", 1, "more", "x"] == 32


def test_every_path_of_the_document_is_found_and_no_other() -> None:
    assert set(paths(tomllib.loads(DOCUMENT))) == set(locate(DOCUMENT))


KEYS = st.text(string.ascii_letters + string.digits + "-_", min_size=1, max_size=6)
TEXTS = st.text(string.printable.replace("\r", "").replace("\x0b", "").replace("\x0c", ""), max_size=20)


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def written(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list):
        return "[\n" + ",\n".join(written(item) for item in value) + ("\n]" if value else "]")
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{quoted(key)} = {written(item)}" for key, item in value.items()) + " }"
    return str(value)


VALUES = st.recursive(
    st.one_of(st.booleans(), st.integers(-1000, 1000), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)


@given(st.lists(st.tuples(KEYS, VALUES), max_size=5, unique_by=lambda pair: pair[0]), st.booleans())
def test_any_document_is_located_as_the_reader_reads_it(
    pairs: list[tuple[str, object]], in_table: bool
) -> None:
    head = "[[outer]]\n[[outer.inner]]\n" if in_table else ""
    text = head + "".join(f"{key} = {written(value)}  # note\n" for key, value in pairs)
    lines = locate(text)
    assert set(paths(tomllib.loads(text))) == set(lines)
    start: Path = ("outer", 0, "inner", 0) if in_table else ()
    for key, _ in pairs:
        assert text.splitlines()[lines[*start, key] - 1].startswith(f"{key} = ")


@given(st.text(max_size=80))
def test_any_text_ends_the_scan(text: str) -> None:
    """A text that is no TOML finds something or nothing, and always ends."""
    assert isinstance(locate(text), dict)
