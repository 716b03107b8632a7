"""What is pasted is text, also where it holds an escape.

The stock parser of the terminal takes escapes inside a paste for keys, so that a name that was copied from a
web page could leave a form or run a verb.
"""

from collections.abc import Iterable

from textual._xterm_parser import XTermParser
from textual.message import Message

from csr_console.domain.text import REPLACEMENT

_ESCAPE = "\x1b"
_BEGIN, _END = f"{_ESCAPE}[200~", f"{_ESCAPE}[201~"
"""How a terminal brackets a paste (xterm, "Bracketed Paste Mode")."""


class PasteParser(XTermParser):
    """The parser of the terminal's input; inside a paste it is given no escape but the one that ends it."""

    _pastes = False
    _before = ""
    """The newest characters outside a paste, where its beginning may have come in part; inside one, those
    that may be the beginning of its end, and are held until it is known."""

    def feed(self, data: str) -> Iterable[Message]:
        """The messages of what was read; an empty text is the end of all input."""
        if not data:
            return super().feed(data)
        given = self._inert(data)
        return super().feed(given) if given else ()

    def _inert(self, data: str) -> str:
        given = []
        while data:
            part, data = self._pasted(data) if self._pastes else self._typed(data)
            given.append(part)
        return "".join(given)

    def _typed(self, data: str) -> tuple[str, str]:
        """What is passed on as it came, up to the beginning of a paste, and the rest."""
        seen = self._before + data
        at = seen.find(_BEGIN)
        if at < 0:
            self._before = seen[1 - len(_BEGIN) :]
            return data, ""
        self._pastes, self._before = True, ""
        end = at + len(_BEGIN) - (len(seen) - len(data))
        return data[:end], data[end:]

    def _pasted(self, data: str) -> tuple[str, str]:
        """What belongs to the paste, its end with it when it came, and the rest."""
        seen = self._before + data
        text, end, rest = seen.partition(_END)
        self._pastes, self._before = not end, ""
        if not end:
            held = max(size for size in range(len(_END)) if text.endswith(_END[:size]))
            text, self._before = text[: len(text) - held], text[len(text) - held :]
        return text.replace(_ESCAPE, REPLACEMENT) + end, rest
