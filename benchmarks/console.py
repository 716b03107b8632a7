"""The console on prepared stores, as `csr-console` opens it: the same entry, the same imports, a process.

    python -m benchmarks.console FOLDER [PORT]

Two things differ: the keys lie beside the stores, since a benchmark has no keyring, and the PIN is entered
at once, since nobody is there to type it. With the port of a central (`answering.py`) it signs in there.
"""

import gc
import os
import sys

PIN = "4417"


def main(folder: str, port: str = "") -> None:
    gc.disable()  # the entry does it too, before the import that comes next here
    from csr_console import __main__ as entry
    from csr_console import console

    open_desk = console._open_desk

    def keys(settings, _passphrase):
        from csr_console.desk.secrets import ThrowAwayKeys

        return ThrowAwayKeys(settings.data)

    def open_unlocked(settings, passphrase, on_event):
        desk = open_desk(settings, passphrase, on_event)
        desk.unlock(PIN)
        if port:
            desk.sign_in(desk.actor.login, "correct horse")
        return desk

    console._keys = keys
    console._open_desk = open_unlocked
    settings = f"{folder}/settings.toml"
    if port:
        settings = f"{folder}/online.toml"
        with open(f"{folder}/settings.toml", encoding="utf-8") as file, open(settings, "w") as online:
            online.write(file.read().replace("http://127.0.0.1:9", f"https://127.0.0.1:{port}"))
    os.environ["CSR_CONSOLE_SETTINGS"] = settings
    sys.argv = ["csr-console"]
    entry.main()


if __name__ == "__main__":
    main(*sys.argv[1:])
