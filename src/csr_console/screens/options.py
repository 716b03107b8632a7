"""What the console is started with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class PaperOptions:
    """Where papers go and who they are from. `receipt_printer` is `tcp://host`, a device or a file, or ""
    for the folder; `receipt_columns` 42 or 48."""

    folder: Path
    station: str
    letterhead: tuple[str, ...] = ()
    receipt_printer: str = ""
    receipt_columns: int = 42
    pay_places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConsoleOptions:
    """How the console looks and what surrounds it.

    `marker` stands on every screen of the demo and of training; `keys` gives verbs other keys;
    `weathers` and `set_weather` are the demo's network switch; `log_folder` takes crash reports;
    without `papers` nothing is printed.
    """

    theme: str = "dark"
    thin: bool = False
    marker: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)
    lock_after_minutes: int = 10
    weathers: tuple[str, ...] = ()
    set_weather: Callable[[str], None] | None = None
    log_folder: Path | None = None
    papers: PaperOptions | None = None
