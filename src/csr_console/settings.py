"""What a workstation is told: `settings.toml` in the user's configuration folder.

Read before the first paint, so it is checked by hand and imports nothing heavy.
"""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from platformdirs import user_config_path, user_data_path

APP = "csr-console"
THEMES = ("dark", "light", "dark-high-contrast", "light-high-contrast", "mono")


class SettingsError(Exception):
    """The settings cannot be used; the text says which setting, and what to write instead."""


@dataclass(frozen=True, slots=True)
class ConsoleSettings:
    """The settings of one workstation.

    `station` names it, unique in the city (`C07`): it is on every command and receipt. `central` is the
    address of the central service, https but for one on this machine. `lock_after_minutes` without a key lock
    the screen (1 to 30, NIST SP 800-63B AAL2). `dispatch_phone` is said for gas and wires down when central
    cannot be reached. `thin` is for slow links: no blink, no clock, no animation.
    `keys` gives verbs other keys: `{"out": "0"}`. `data` is the folder of the local stores, never
    on a network drive. `papers` is the folder of what is printed, `papers` in `data` when None; `letterhead`
    the lines that stand on it, the name first; `pay_places` where a bill is paid without a surcharge, a line
    each; `receipt_printer` where receipts go.
    """

    station: str
    central: str
    theme: str = "dark"
    thin: bool = False
    lock_after_minutes: int = 10
    dispatch_phone: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)
    data: Path = field(default_factory=lambda: user_data_path(APP))
    papers: Path | None = None
    letterhead: tuple[str, ...] = ()
    receipt_printer: str = ""
    receipt_columns: int = 42
    pay_places: tuple[str, ...] = ()


def _lines(most: int) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, list) and len(value) <= most and all(isinstance(one, str) for one in value)
    )


def _matches(pattern: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


_RULES: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "station": (_matches(r"[A-Z][A-Z0-9]{1,7}"), "a capital letter and up to seven letters or digits: C07"),
    "central": (
        _matches(r"https://\S+|http://(localhost|127\.0\.0\.1)(:\d+)?(/\S*)?"),
        "an https address: https://central.example.gov",
    ),
    "theme": (lambda value: value in THEMES, f"one of {', '.join(THEMES)}"),
    "thin": (lambda value: isinstance(value, bool), "true or false"),
    "lock_after_minutes": (
        lambda value: isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 30,
        "a whole number from 1 to 30",
    ),
    "dispatch_phone": (_matches(r"[0-9 ()+.-]{3,24}"), 'a telephone number: "850 555 0100"'),
    "keys": (
        lambda value: isinstance(value, dict) and all(isinstance(key, str) and key for key in value.values()),
        'a table of verbs and keys: out = "0"',
    ),
    "data": (_matches(r".+"), "a folder on a local disk"),
    "papers": (_matches(r".+"), "a folder"),
    "letterhead": (
        _lines(6),
        'up to six lines, the name first: ["City Utilities", "435 N Macomb St"]',
    ),
    "pay_places": (_lines(8), 'up to eight lines, a place each: ["City Hall, 300 S Adams St, 850 555 0100"]'),
    "receipt_printer": (_matches(r"tcp://\S+|/\S+"), "tcp://10.0.0.7, /dev/usb/lp0 or the path of a file"),
    "receipt_columns": (lambda value: isinstance(value, int) and value in (42, 48), "42 or 48"),
}


def settings_path() -> Path:
    """`CSR_CONSOLE_SETTINGS`, or `settings.toml` in the user's configuration folder."""
    given = os.environ.get("CSR_CONSOLE_SETTINGS")
    return Path(given) if given else user_config_path(APP) / "settings.toml"


def load(path: Path) -> ConsoleSettings:
    """The settings in a file. Raises `SettingsError`."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(
            f"There are no settings yet. Write {path} with two lines:\n"
            '  station = "C07"\n  central = "https://central.example.gov"\n'
            "or try the demo city first: csr-console demo"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: {error}") from None
    return parse(document, path)


def parse(document: Mapping[str, Any], path: Path) -> ConsoleSettings:
    """The settings of a document. Raises `SettingsError` naming each setting that does not fit."""
    wrong = [f"  {name}: there is no such setting" for name in document if name not in _RULES]
    wrong += [f"  {name}: is missing" for name in ("station", "central") if name not in document]
    wrong += [
        f"  {name}: write {words}"
        for name, (fits, words) in _RULES.items()
        if name in document and not fits(document[name])
    ]
    if wrong:
        raise SettingsError(f"{path} does not fit:\n" + "\n".join(wrong))
    values = {item.name: document[item.name] for item in fields(ConsoleSettings) if item.name in document}
    for name in ("data", "papers"):
        if name in values:
            values[name] = Path(values[name]).expanduser()
    for name in ("letterhead", "pay_places"):
        values[name] = tuple(values.get(name, ()))
    return ConsoleSettings(**values)
