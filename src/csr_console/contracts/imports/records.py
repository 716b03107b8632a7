"""Bytes of a CSV file as records: bounded memory, no exception for any content, a sentence for each mistake.

RFC 4180 with UTF-8 (a byte order mark is allowed). A quotation mark that is never closed costs one record and
not the rest of the file: reading goes on at the line after the one where that record began.
"""

import csv
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import BinaryIO

from csr_console.contracts.imports.report import Refused, excerpt

LINE_LIMIT = 65_536
"""Bytes of one line; a customer takes about 500."""
RECORD_LINES_LIMIT = 20
_CHUNK = 1 << 20
_HEADER_REFUSALS = 20
_SAVE_AS = "save it as “CSV UTF-8 (comma delimited)” and import that file"
_SIGNATURES = (
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
    (b"PK\x03\x04", "a spreadsheet workbook or a ZIP file"),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet workbook"),
    (b"\x1f\x8b", "a compressed file"),
    (b"%PDF", "a PDF"),
)


@dataclass(frozen=True, slots=True)
class Record:
    """The fields of one record by column name, and the line on which it starts."""

    row: int
    values: dict[str, str]


class _BadRecord(Exception):
    """A record that cannot be read; the sentence says why."""


class _Lines:
    """Numbered lines of a binary stream, with a way back."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._again: deque[bytes] = deque()
        self.number = 0

    def next(self) -> bytes:
        """The next line with its end, b"" at the end of the file; too long a one is cut at the limit."""
        if self._again:
            line = self._again.popleft()
        else:
            line = self._stream.readline(LINE_LIMIT + 1)
            if len(line) > LINE_LIMIT and not line.endswith(b"\n"):
                while (rest := self._stream.readline(_CHUNK)) and not rest.endswith(b"\n"):
                    pass
        self.number += bool(line)
        return line

    def give_back(self, lines: Sequence[bytes]) -> None:
        self._again.extendleft(reversed(lines))
        self.number -= len(lines)


def read_records(path: Path, columns: Sequence[str]) -> Iterator[Record | Refused]:
    """Every record of the file, or why it is none. Ends after what is wrong with the file or its header.

    The header must name exactly `columns`, in any order. Blank lines and records of empty fields are skipped.
    """
    try:
        with path.open("rb") as stream:
            yield from _records(stream, path.name, columns)
    except OSError as error:
        reason = (error.strerror or "input error").lower()
        yield Refused(0, "", f"cannot be read ({reason}): check the path and the permissions", path.name)


def _records(stream: BinaryIO, file: str, columns: Sequence[str]) -> Iterator[Record | Refused]:
    start = stream.read(1024)
    stream.seek(0)
    if mistake := _wrong_kind(start):
        yield Refused(0, "", mistake, file)
        return
    lines = _Lines(stream)
    header, refused = _header(lines, file, columns)
    if refused:
        yield from refused
        return
    while line := lines.next():
        row = lines.number
        if not line.strip():
            continue
        try:
            fields = _fields(line, lines, len(header))
        except _BadRecord as mistake:
            yield Refused(row, "", str(mistake), file)
            continue
        if any(fields):
            yield Record(row, dict(zip(header, fields, strict=True)))


def _wrong_kind(start: bytes) -> str:
    if not start.strip():
        return "is empty: it needs a header row with the names of the columns"
    for signature, kind in _SIGNATURES:
        if start.startswith(signature):
            return f"is {kind}, not CSV in UTF-8: {_SAVE_AS}"
    if start.count(0) > len(start) // 4:
        return f"looks like UTF-16 text, not CSV in UTF-8: {_SAVE_AS}"
    return ""


def _header(lines: _Lines, file: str, columns: Sequence[str]) -> tuple[list[str], list[Refused]]:
    first = lines.next().removeprefix(b"\xef\xbb\xbf")
    try:
        names = [name.strip() for name in _fields(first, lines, 0)]
    except _BadRecord as mistake:
        return [], [Refused(1, "", str(mistake), file)]
    if len(names) == 1 and len(columns) > 1:
        other = next((mark for mark in ";\t|" if mark in names[0]), "")
        if other:
            return [], [
                Refused(1, "", f"the columns are separated by {other!r}: separate them by commas", file)
            ]
    found = Counter(names)
    refused = [
        Refused(1, excerpt(name), f"is not a column of this file{_meant(name, columns)}: remove it", file)
        for name in found
        if name not in columns
    ]
    refused += [
        Refused(1, name, "is named twice: keep one column", file) for name in columns if found[name] > 1
    ]
    refused += [
        Refused(1, name, "this column is missing: add it", file) for name in columns if not found[name]
    ]
    if len(refused) > _HEADER_REFUSALS:
        more = f"{len(refused) - _HEADER_REFUSALS} more mistakes in the header: is this the right file?"
        refused = [*refused[:_HEADER_REFUSALS], Refused(1, "", more, file)]
    return names, refused


def _meant(name: str, columns: Sequence[str]) -> str:
    close = get_close_matches(name[:80].lower(), columns, n=1, cutoff=0.75)
    return f" (is {close[0]} meant?)" if close else ""


def _fields(line: bytes, lines: _Lines, width: int) -> list[str]:
    """The fields of the record that starts with `line`; `width` fields are expected, 0 for any number.

    Raises _BadRecord after giving back every line but the first.
    """
    text = _text(line)
    further: list[bytes] = []
    if '"' not in text:
        return _of_width(text.split(","), width)
    try:
        while text.count('"') % 2:
            more = lines.next()
            if more:
                further.append(more)
            if not more or len(further) >= RECORD_LINES_LIMIT or len(text) > LINE_LIMIT:
                raise _BadRecord("a quotation mark is not closed: close it, or double it where it is meant")
            text += "\n" + _text(more)
        return _of_width(next(csv.reader([text], strict=True)), width)
    except csv.Error:
        lines.give_back(further)
        raise _BadRecord(
            "the quotation marks do not fit: quote the whole field and double those within"
        ) from None
    except _BadRecord:
        lines.give_back(further)
        raise


def _of_width(fields: list[str], width: int) -> list[str]:
    if width and len(fields) != width:
        raise _BadRecord(
            f"has {len(fields):,} fields where the header has {width}: quote fields that hold a comma"
        )
    return fields


def _text(line: bytes) -> str:
    """A line as text without its end. Raises _BadRecord."""
    if len(line) > LINE_LIMIT:
        raise _BadRecord(f"the line is longer than {LINE_LIMIT:,} bytes: this is not a row of this file")
    line = line.removesuffix(b"\n").removesuffix(b"\r")
    if b"\0" in line:
        raise _BadRecord(f"holds a NUL byte, which no text has: {_SAVE_AS}")
    if b"\r" in line:
        raise _BadRecord("holds a carriage return inside the line: end lines with LF or CR LF only")
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        column, byte = error.start + 1, line[error.start]
        raise _BadRecord(
            f"is not UTF-8 (byte 0x{byte:02X} at column {column}; Latin-1 or Windows-1252?): {_SAVE_AS}"
        ) from None
