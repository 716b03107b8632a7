"""The console on prepared stores, as `csr-console` opens it: the same entry, the same imports, a process.

    python -m benchmarks.console FOLDER

Two things differ: the keys lie beside the stores, since a benchmark has no keyring, and the PIN is entered
at once, since nobody is there to type it.
"""

import sys

from csr_console import cli, console

PIN = "4417"


def main(folder: str) -> None:
    open_desk = console._open_desk

    def keys(settings, _passphrase):
        from csr_console.desk.secrets import ThrowAwayKeys

        return ThrowAwayKeys(settings.data)

    def open_unlocked(settings, passphrase, on_event):
        desk = open_desk(settings, passphrase, on_event)
        desk.unlock(PIN)
        return desk

    console._keys = keys
    console._open_desk = open_unlocked
    sys.argv = ["csr-console", "--settings", f"{folder}/settings.toml"]
    cli.main()


if __name__ == "__main__":
    main(sys.argv[1])
