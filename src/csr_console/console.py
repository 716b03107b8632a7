"""`csr-console`: the console of a real workstation, its stores and the way to central."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from csr_console.app import ConsoleApp, ConsoleOptions
from csr_console.screens.options import PaperOptions
from csr_console.settings import ConsoleSettings, SettingsError, load, settings_path

if TYPE_CHECKING:
    from csr_console.desk.desk import Desk
    from csr_console.desk.events import DeskEvent
    from csr_console.desk.secrets import KeySource


def open_workstation(path: Path | None = None, *, theme: str | None = None, thin: bool = False) -> None:
    """The console by its settings; where they cannot be used, says why and exits with status 2."""
    try:
        settings = load(path or settings_path())
    except SettingsError as error:
        print(f"csr-console: {error}", file=sys.stderr)
        raise SystemExit(2) from None
    open_console(settings, theme=theme or settings.theme, thin=thin or settings.thin)


def open_console(settings: ConsoleSettings, *, theme: str, thin: bool) -> None:
    """Run the console until the clerk leaves; the queue stays on disk and goes on at the next start."""
    passphrase = _passphrase_when_needed(settings.data)
    options = ConsoleOptions(
        theme=theme,
        thin=thin,
        keys=settings.keys,
        lock_after_minutes=settings.lock_after_minutes,
        log_folder=settings.data,
        papers=PaperOptions(
            settings.papers or settings.data / "papers",
            settings.station,
            settings.letterhead,
            settings.receipt_printer,
            settings.receipt_columns,
            settings.pay_places,
        ),
    )
    ConsoleApp(lambda on_event: _open_desk(settings, passphrase, on_event), options).run()


def _open_desk(
    settings: ConsoleSettings, passphrase: str | None, on_event: "Callable[[DeskEvent], None]"
) -> "Desk":
    from csr_console.desk.desk import Desk
    from csr_console.desk.gateway import Gateway
    from csr_console.desk.model import DeskSettings
    from csr_console.desk.secrets import keep_out_of_dumps

    keep_out_of_dumps()
    desk = Desk.open(
        DeskSettings(settings.data, settings.station, settings.dispatch_phone),
        _keys(settings, passphrase),
        gateway=Gateway(settings.central),
        on_event=on_event,
    )
    desk.start()
    return desk


def _keys(settings: ConsoleSettings, passphrase: str | None) -> "KeySource":
    from csr_console.desk.secrets import KeyringKeys, PassphraseKeys

    if passphrase is None:
        return KeyringKeys(settings.data, settings.station)
    return PassphraseKeys(settings.data, lambda: passphrase)


def _passphrase_when_needed(folder: Path) -> str | None:
    """The passphrase of the stores, asked before the first paint; None when a keyring holds the keys.

    Which of the two a workstation uses is decided at its first start and never changes by itself.
    """
    import getpass

    if (folder / "keys.json").exists():
        return getpass.getpass("Passphrase of this workstation: ")
    if (folder / "outbox.db").exists():
        return None
    from csr_console.desk.secrets import keyring_name

    if keyring_name() is not None:
        return None
    print("This machine has no keyring that encrypts, so a passphrase protects the local stores.")
    while True:
        first = getpass.getpass("Choose a passphrase (12 characters or more): ")
        if len(first) < 12:
            print("That is too short.")
        elif first == getpass.getpass("Again: "):
            return first
        else:
            print("The two differ.")
