"""On which line each key of a TOML document stands; the standard reader does not say."""

import re
from collections.abc import Mapping

Path = tuple[str | int, ...]
"""Where a value stands: keys, and positions in arrays: `("component", 3, "version", 0, "price")`."""

_BLANK = re.compile(r"[ \t\r]*(?:#[^\n]*)?")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}\n#]+")
_ESCAPES = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", re.DOTALL)
_SHORT_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}


def locate(text: str) -> Mapping[Path, int]:
    """The line (from 1) of every table, key and array element of a valid TOML document.

    A table stands on the line of its header, an element on the line it begins. What follows an error of the
    syntax is not found.
    """
    scanner = _Scanner(text)
    scanner.document()
    return scanner.lines


class _Scanner:
    """A pass over the text that keeps positions and no values. It trusts that the text is valid: where that
    fails it stops."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Path, int] = {}
        self._arrays: dict[Path, int] = {}
        self._table: Path = ()
        self._line = 1
        self._counted = 0

    def document(self) -> None:
        while self._skip_lines():
            if self.text.startswith("[[", self.at):
                self.at += 2
                self._header(in_array=True)
            elif self.text[self.at] == "[":
                self.at += 1
                self._header(in_array=False)
            elif not self._assignment(self._table):
                return

    def _here(self) -> int:
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._line

    def _skip_lines(self) -> bool:
        """Past blanks, comments and line ends; False at the end of the text."""
        while True:
            blank = _BLANK.match(self.text, self.at)
            self.at = blank.end() if blank else self.at
            if self.at >= len(self.text) or self.text[self.at] != "\n":
                return self.at < len(self.text)
            self.at += 1

    def _skip_blanks(self) -> None:
        while self.at < len(self.text) and self.text[self.at] in " \t":
            self.at += 1

    def _header(self, *, in_array: bool) -> None:
        line = self._here()
        keys = self._key()
        path: Path = ()
        for key in keys[:-1]:
            path = self._entered((*path, key))
        path = (*path, keys[-1])
        if in_array:
            self._arrays[path] = self._arrays.get(path, -1) + 1
            self.lines.setdefault(path, line)
            path = (*path, self._arrays[path])
        self.lines[path] = line
        self._table = path
        end = self.text.find("\n", self.at)
        self.at = len(self.text) if end < 0 else end

    def _entered(self, path: Path) -> Path:
        """The table a key leads to: of an array of tables the last one."""
        return (*path, self._arrays[path]) if path in self._arrays else path

    def _key(self) -> list[str]:
        """A key with its dots: `component.version`, `"a b".c`."""
        keys: list[str] = []
        while True:
            self._skip_blanks()
            if self.at < len(self.text) and self.text[self.at] in "\"'":
                keys.append(self._string())
            elif bare := _BARE.match(self.text, self.at):
                keys.append(bare[0])
                self.at = bare.end()
            self._skip_blanks()
            if not self.text.startswith(".", self.at):
                return keys or [""]
            self.at += 1

    def _assignment(self, table: Path) -> bool:
        line = self._here()
        keys = self._key()
        self._skip_blanks()
        if not self.text.startswith("=", self.at):
            return False
        self.at += 1
        path = table
        for key in keys:
            path = (*path, key)
            self.lines.setdefault(path, line)
        self._skip_blanks()
        self._value(path)
        return True

    def _value(self, path: Path) -> None:
        if self.at >= len(self.text):
            return
        first = self.text[self.at]
        if first in "\"'":
            self._string()
        elif first == "[":
            self._array(path)
        elif first == "{":
            self._inline_table(path)
        elif scalar := _SCALAR.match(self.text, self.at):
            self.at = scalar.end()

    def _array(self, path: Path) -> None:
        self.at += 1
        index = 0
        while self._skip_lines() and self.text[self.at] != "]":
            self.lines[*path, index] = self._here()
            before = self.at
            self._value((*path, index))
            index += 1
            if not self._skip_lines() or self.at == before:
                return
            if self.text[self.at] == ",":
                self.at += 1
        self.at += 1

    def _inline_table(self, path: Path) -> None:
        self.at += 1
        while self._skip_lines() and self.text[self.at] != "}":
            if self.text[self.at] == ",":
                self.at += 1
            elif not self._assignment(path):
                return
        self.at += 1

    def _string(self) -> str:
        quote = self.text[self.at]
        marks = quote * 3 if self.text.startswith(quote * 3, self.at) else quote
        start = self.at + len(marks)
        end = start
        while not self.text.startswith(marks, end) and end < len(self.text):
            end += 2 if quote == '"' and self.text[end] == "\\" else 1
        while len(marks) == 3 and self.text.startswith(quote, end + 3):
            end += 1
        self.at = min(end + len(marks), len(self.text))
        raw = self.text[start:end]
        return _ESCAPES.sub(_unescaped, raw) if quote == '"' else raw


def _unescaped(match: re.Match[str]) -> str:
    code = match[1]
    if len(code) > 1:
        return chr(int(code[1:], 16))
    return _SHORT_ESCAPES.get(code, code)
