"""A strip of paper in ESC/POS, the language of receipt printers (Epson's command reference)."""

import unicodedata
from functools import lru_cache
from typing import Literal

from csr_console.domain.text import clean_line

CodePage = Literal["cp858", "cp437"]
_PAGES: dict[CodePage, int] = {"cp437": 0, "cp858": 19}
"""The number of a page in ESC t."""
_SUBSTITUTE = "?"
_ALIGN = {"left": 0, "center": 1, "right": 2}
ESC, GS = b"\x1b", b"\x1d"


class Strip:
    """Bytes for a printer of so many columns: 42 of the wide font on 80 mm paper, 48 of the narrow one."""

    def __init__(self, columns: int = 42, code_page: CodePage = "cp858") -> None:
        self.columns = columns
        self._page = code_page
        self._bytes = bytearray(ESC + b"@" + ESC + b"t" + bytes([_PAGES[code_page]]))

    def line(
        self,
        text: str = "",
        *,
        align: Literal["left", "center", "right"] = "left",
        bold: bool = False,
        tall: bool = False,
    ) -> None:
        """A text over as many lines as it takes, at most six."""
        self._put(self._parts(self.printable(text))[:6], align, bold=bold, tall=tall)

    def _put(self, parts: list[str], align: str = "left", *, bold: bool = False, tall: bool = False) -> None:
        """Printable texts, a line each."""
        self._bytes += ESC + b"a" + bytes([_ALIGN[align]])
        self._bytes += ESC + b"E" + bytes([bold]) + GS + b"!" + bytes([tall])
        for part in parts:
            self._bytes += part.encode(self._page) + b"\n"
        if bold or tall:
            self._bytes += ESC + b"E\x00" + GS + b"!\x00"

    def pair(self, name: str, value: str, *, bold: bool = False) -> None:
        """A name at the left and a value at the right; the value keeps its place, the name is cut."""
        value = self.printable(value)[: self.columns - 2]
        name = self.printable(name)[: self.columns - len(value) - 1]
        self._put([name.ljust(self.columns - len(value)) + value], bold=bold)

    def rule(self) -> None:
        self.line("-" * self.columns)

    def cut(self) -> None:
        """Feed past the knife and cut, leaving a point."""
        self._bytes += ESC + b"d\x04" + GS + b"VB\x00"

    def open_drawer(self) -> None:
        """A pulse of 50 ms to the drawer at pin 2."""
        self._bytes += ESC + b"p\x00\x19\xfa"

    def to_bytes(self) -> bytes:
        return bytes(self._bytes)

    def printable(self, text: str) -> str:
        """The text in the characters of the code page: a letter loses its marks, another character becomes a
        question mark. No control character is left: a printer obeys them."""
        cleaned = "".join(c if c.isprintable() else _SUBSTITUTE for c in clean_line(text, limit=400))
        return "".join(_in_page(c, self._page) for c in unicodedata.normalize("NFC", cleaned))

    def _parts(self, text: str) -> list[str]:
        if len(text) <= self.columns:
            return [text]
        parts, part = [], ""
        for word in text.split():
            rest = word
            while rest:
                longer = f"{part} {rest}" if part else rest
                if len(longer) <= self.columns:
                    part, rest = longer, ""
                elif part:
                    parts.append(part)
                    part = ""
                else:
                    parts.append(rest[: self.columns])
                    rest = rest[self.columns :]
        return [*parts, part] if part else parts


@lru_cache(maxsize=4096)
def _in_page(character: str, page: CodePage) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))
    for tried in (character, bare):
        if tried and tried.isprintable() and _encodable(tried, page):
            return tried
    return "" if unicodedata.combining(character) else _SUBSTITUTE


def _encodable(text: str, page: CodePage) -> bool:
    try:
        return min(text.encode(page)) >= 0x20
    except UnicodeEncodeError:
        return False
