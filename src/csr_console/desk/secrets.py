"""Where the keys of the stores come from: the system's keyring, a passphrase, or nowhere that matters."""

import base64
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from csr_console.desk.model import StoreLocked
from csr_console.desk.store.replace import replace_file

_SERVICE = "csr-console"
_KEY_BYTES = 32
_ALLOWED = {
    "keyring.backends.Windows.WinVaultKeyring": "Windows Credential Manager",
    "keyring.backends.macOS.Keyring": "macOS Keychain",
    "keyring.backends.SecretService.Keyring": "Secret Service",
    "keyring.backends.kwallet.DBusKeyring": "KWallet",
}
"""Backends that encrypt; `keyrings.alt` and the like store text that anybody can read."""
_SALT_BYTES, _NONCE_BYTES = 16, 12
_PR_SET_DUMPABLE = 4
_PURPOSE = b"csr-console keys 1"
_MEMORY_KIB, _PASSES, _LANES = 64 * 1024, 3, 2
"""Argon2id (RFC 9106, second recommended option, with two lanes for two cores)."""


@dataclass(frozen=True, slots=True)
class StoreKeys:
    """The raw 256-bit keys of `outbox.db` and of the cache."""

    outbox: bytes = field(repr=False)
    cache: bytes = field(repr=False)


def keep_out_of_dumps() -> None:
    """Leave no picture of this process on a disk: no core file, and on Linux no look into its memory by
    another process of the same user (prctl(2), PR_SET_DUMPABLE). Before there are keys in it."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


class KeySource(Protocol):
    """Gives the keys. Raises `StoreLocked` with what the clerk can do about it."""

    def keys(self) -> StoreKeys: ...

    def new_cache_key(self) -> bytes:
        """Forget the key of the cache for good and make another: what it encrypted is noise from now on."""
        ...

    def describe(self) -> str:
        """How the keys are kept, for `doctor`."""
        ...


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()


def key_from(passphrase: str, salt: bytes) -> bytes:
    """A 256-bit key of a passphrase and 16 random bytes."""
    from argon2.low_level import Type, hash_secret_raw

    return hash_secret_raw(
        passphrase.encode(),
        salt,
        time_cost=_PASSES,
        memory_cost=_MEMORY_KIB,
        parallelism=_LANES,
        hash_len=_KEY_BYTES,
        type=Type.ID,
    )


def keyring_name() -> str | None:
    """The words for the system's keyring when it is one that encrypts, else None."""
    import keyring

    try:
        backend = keyring.get_keyring()
    except Exception:  # any backend may fail in its own way while it is looked for
        return None
    chosen = [backend, *getattr(backend, "backends", [])]
    names = (f"{type(one).__module__}.{type(one).__qualname__}" for one in chosen)
    return next((_ALLOWED[name] for name in names if name in _ALLOWED), None)


def _allowed_backend() -> Any:
    """The first backend on the allow-list. Raises `StoreLocked`."""
    import keyring

    backend = keyring.get_keyring()
    for one in [backend, *getattr(backend, "backends", [])]:
        if f"{type(one).__module__}.{type(one).__qualname__}" in _ALLOWED:
            return one
    raise StoreLocked("This machine has no keyring that encrypts: open the stores with a passphrase.")


class KeyringKeys:
    """Keys in the system's keyring, made at first use."""

    def __init__(self, folder: Path, station: str) -> None:
        self._folder = folder
        self._station = station

    def _get(self, name: str) -> bytes | None:
        try:
            found = _allowed_backend().get_password(_SERVICE, f"{self._station}:{name}")
        except StoreLocked:
            raise
        except Exception as error:  # each backend raises errors of its own
            raise StoreLocked(
                f"The keyring of this machine does not open ({type(error).__name__}): unlock it, or open the"
                " stores with a passphrase."
            ) from None
        return base64.b64decode(found) if found else None

    def _make(self, name: str) -> bytes:
        key = os.urandom(_KEY_BYTES)
        try:
            _allowed_backend().set_password(_SERVICE, f"{self._station}:{name}", _text(key))
        except StoreLocked:
            raise
        except Exception as error:  # each backend raises errors of its own
            raise StoreLocked(
                f"The keyring of this machine takes no key ({type(error).__name__}): unlock it."
            ) from None
        if self._get(name) != key:
            raise StoreLocked("The keyring of this machine does not keep what it is given.")
        return key

    def keys(self) -> StoreKeys:
        outbox = self._get("outbox")
        if outbox is None and (self._folder / "outbox.db").exists():
            raise StoreLocked(
                "The keyring no longer has the key of this workstation's queue, which is not touched: restore"
                " the keyring from its backup."
            )
        return StoreKeys(outbox or self._make("outbox"), self._get("cache") or self._make("cache"))

    def new_cache_key(self) -> bytes:
        return self._make("cache")

    def describe(self) -> str:
        return f"keys in the {keyring_name() or 'keyring'}"


def _damaged() -> StoreLocked:
    return StoreLocked("keys.json is damaged: restore it from its backup.")


class PassphraseKeys:
    """Random keys, wrapped by a passphrase (Argon2id, AES-256-GCM) in `keys.json` beside the stores."""

    def __init__(self, folder: Path, ask: Callable[[], str]) -> None:
        self._path = folder / "keys.json"
        self._ask = ask
        self._wrapping: bytes | None = None

    def _derive(self, salt: bytes) -> bytes:
        if self._wrapping is None:
            self._wrapping = key_from(self._ask(), salt)
        return self._wrapping

    def _write(self, salt: bytes, keys: StoreKeys) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = os.urandom(_NONCE_BYTES)
        wrapped = AESGCM(self._derive(salt)).encrypt(nonce, keys.outbox + keys.cache, _PURPOSE)
        document = {"version": 1, "salt": _text(salt), "nonce": _text(nonce), "keys": _text(wrapped)}
        replace_file(self._path, json.dumps(document).encode())

    def _read(self) -> tuple[bytes, StoreKeys]:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            document = json.loads(self._path.read_text(encoding="utf-8"))
            salt, nonce, wrapped = (base64.b64decode(document[name]) for name in ("salt", "nonce", "keys"))
        except (OSError, ValueError, KeyError, TypeError):
            raise _damaged() from None
        if (len(salt), len(nonce), len(wrapped)) != (_SALT_BYTES, _NONCE_BYTES, 2 * _KEY_BYTES + 16):
            raise _damaged()
        try:
            both = AESGCM(self._derive(salt)).decrypt(nonce, wrapped, _PURPOSE)
        except InvalidTag:
            self._wrapping = None
            raise StoreLocked(
                "That passphrase does not open this workstation: nothing was touched. Try again."
            ) from None
        return salt, StoreKeys(both[:_KEY_BYTES], both[_KEY_BYTES:])

    def keys(self) -> StoreKeys:
        if self._path.exists():
            return self._read()[1]
        if (self._path.parent / "outbox.db").exists():
            raise StoreLocked("keys.json is missing beside the stores: restore it from its backup.")
        keys = StoreKeys(os.urandom(_KEY_BYTES), os.urandom(_KEY_BYTES))
        self._write(os.urandom(_SALT_BYTES), keys)
        return keys

    def new_cache_key(self) -> bytes:
        salt, keys = self._read()
        fresh = StoreKeys(keys.outbox, os.urandom(_KEY_BYTES))
        self._write(salt, fresh)
        return fresh.cache

    def describe(self) -> str:
        return "keys wrapped by a passphrase in keys.json"


class ThrowAwayKeys:
    """Keys for the demo: in memory, or in the clear beside the stores so that it can be opened again."""

    def __init__(self, folder: Path | None = None) -> None:
        self._path = folder / "throw-away.key" if folder else None
        self._keys = StoreKeys(os.urandom(_KEY_BYTES), os.urandom(_KEY_BYTES))

    def keys(self) -> StoreKeys:
        if self._path is None:
            return self._keys
        if self._path.exists():
            both = self._path.read_bytes()
            return StoreKeys(both[:_KEY_BYTES], both[_KEY_BYTES:])
        self._save(self._path)
        return self._keys

    def _save(self, path: Path) -> None:
        replace_file(path, self._keys.outbox + self._keys.cache)

    def new_cache_key(self) -> bytes:
        self._keys = StoreKeys(self.keys().outbox, os.urandom(_KEY_BYTES))
        if self._path is not None:
            self._save(self._path)
        return self._keys.cache

    def describe(self) -> str:
        if self._path is None:
            return "a throw-away key in memory: the stores cannot be opened again"
        return "a throw-away key beside the stores: a demo, never for real customers"
