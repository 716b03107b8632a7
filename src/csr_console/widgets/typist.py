"""Types at the console as a terminal's reader would: raw key events, in a burst or at a person's pace."""

import asyncio
from collections.abc import Iterable
from typing import Any

from textual import events
from textual.keys import _character_to_key

from csr_console.widgets.gated_app import GatedApp

_NAMES = {"_": "space", "<": "enter", ">": "tab"}
_CHARACTERS = {"space": " ", "enter": "\r", "tab": "\t", "escape": "\x1b"}


def keys_of(script: str) -> list[str]:
    """The keys of a script: `_` the space key, `<` Enter, `>` Tab, `{f9}` a named key."""
    keys: list[str] = []
    rest = script
    while rest:
        if rest[0] == "{" and "}" in rest:
            name, rest = rest[1:].split("}", 1)
            keys.append(name)
        else:
            keys.append(_NAMES.get(rest[0], rest[0]))
            rest = rest[1:]
    return keys


def key_event(key: str) -> events.Key:
    """The event a terminal's reader makes of a key: a name of Textual's, or a character."""
    if len(key) == 1:
        return events.Key(_character_to_key(key), key)
    return events.Key(key, _CHARACTERS.get(key))


class Typist:
    """A person at the keyboard; `pace_s` between two keys, 0 for a burst."""

    def __init__(self, app: GatedApp[Any], pace_s: float = 0.0) -> None:
        self._app = app
        self._pace_s = pace_s

    async def type(self, script: str) -> None:
        """Send the keys of the script and wait until the last has had its effect."""
        await self.press(keys_of(script))

    async def press(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._app.post_message(key_event(key).set_sender(self._app))
            if self._pace_s:
                await asyncio.sleep(self._pace_s)
        await self._app.gate.idle()
