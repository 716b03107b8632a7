"""Raw key events, as the terminal's reader sends them: in one burst, or at the pace of a person.

`Pilot.press` waits for idle after each key, so it cannot see what type-ahead does.
"""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from textual import events
from textual._context import visible_screen_stack
from textual.keys import _character_to_key
from textual.strip import Strip

from csr_console.widgets.gated_app import GatedApp

CHARACTERS = {"enter": "\r", "tab": "\t", "space": " ", "escape": "\x1b"}


def keys_of(script: str) -> list[str]:
    """`_` is the space key, `<` Enter, `>` Tab, everything else itself; `|` (wait for eyes) is not a key."""
    names = {"_": "space", "<": "enter", ">": "tab"}
    return [names.get(key, key) for key in script if key != "|"]


def send(app: GatedApp[Any], keys: Iterable[str | events.Paste]) -> None:
    """Hand keys to the driver in one go; they reach the application in the next turns of the loop."""
    assert app._driver is not None
    for key in keys:
        if isinstance(key, events.Paste):
            event: events.Key | events.Paste = key
        else:
            name = _character_to_key(key) if len(key) == 1 else key
            event = events.Key(name, key if len(key) == 1 else CHARACTERS.get(key))
        event.set_sender(app)
        app._driver.send_message(event)


async def settled(app: GatedApp[Any]) -> None:
    """Wait until every key sent has had its whole effect."""
    # run_coroutine_threadsafe takes two turns to reach the application.
    for _ in range(4):
        await asyncio.sleep(0)
    await app.gate.idle()


async def burst(app: GatedApp[Any], keys: Sequence[str | events.Paste]) -> None:
    """All keys at once (a barcode wedge, a coalescing SSH link), then wait for their effect."""
    send(app, keys)
    await settled(app)


async def human(app: GatedApp[Any], keys: Sequence[str | events.Paste], pace_s: float = 0.02) -> None:
    """One key after another without waiting for any effect, then wait for the effect of all."""
    for key in keys:
        send(app, [key])
        await asyncio.sleep(pace_s)
    await settled(app)


def strips(app: GatedApp[Any]) -> list[Strip]:
    """The lines on the screen, as painted.

    Textual tells a modal by a context variable which screens it lies on. One that is asked without it draws
    itself on nothing, and keeps that for its next paint.
    """
    visible_screen_stack.set(app._background_screens)
    return app.screen._compositor.render_strips()


def screen_text(app: GatedApp[Any]) -> str:
    """What stands on the screen, as painted."""
    return "\n".join(strip.text for strip in strips(app))
