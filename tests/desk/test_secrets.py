"""Where keys come from, and what is refused."""

import json
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.backends.SecretService import Keyring as SecretService

from csr_console.desk.model import StoreLocked
from csr_console.desk.secrets import KeyringKeys, PassphraseKeys, ThrowAwayKeys, keyring_name


class PlainText(KeyringBackend):
    """A backend that is on no list, like the ones that store base64."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class Kept(SecretService):
    """The Secret Service backend with a dictionary in the place of the bus."""

    kept: dict[tuple[str, str], str]

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


Kept.__module__, Kept.__qualname__ = SecretService.__module__, SecretService.__qualname__


@pytest.fixture
def backend() -> Iterator[Kept]:
    before = keyring.get_keyring()
    made = Kept()
    made.kept = {}
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


def test_keys_are_made_once_and_read_again(tmp_path: Path, backend: Kept) -> None:
    first = KeyringKeys(tmp_path, "C07").keys()
    assert KeyringKeys(tmp_path, "C07").keys() == first
    assert len(first.outbox) == len(first.cache) == 32
    assert first.outbox != first.cache
    assert keyring_name() == "Secret Service"
    assert {name for _service, name in backend.kept} == {"C07:outbox", "C07:cache"}


def test_the_keys_never_show_in_a_representation(tmp_path: Path, backend: Kept) -> None:
    keys = KeyringKeys(tmp_path, "C07").keys()
    assert repr(keys) == "StoreKeys()"
    assert backend.kept


def test_forgetting_the_cache_key_leaves_the_other(tmp_path: Path, backend: Kept) -> None:
    source = KeyringKeys(tmp_path, "C07")
    before = source.keys()
    assert source.new_cache_key() != before.cache
    after = source.keys()
    assert (after.outbox == before.outbox, after.cache == before.cache) == (True, False)
    assert backend.kept


def test_a_lost_key_never_makes_a_new_one_over_a_queue(tmp_path: Path, backend: Kept) -> None:
    (tmp_path / "outbox.db").write_bytes(b"encrypted")
    with pytest.raises(StoreLocked, match="no longer has the key"):
        KeyringKeys(tmp_path, "C07").keys()
    assert backend.kept == {}


@pytest.mark.parametrize("kind", [PlainText, NoKeyring])
def test_a_keyring_that_does_not_encrypt_is_refused(tmp_path: Path, kind: type[KeyringBackend]) -> None:
    before = keyring.get_keyring()
    made = kind()  # type: ignore[no-untyped-call]
    keyring.set_keyring(made)
    try:
        assert keyring_name() is None
        with pytest.raises(StoreLocked, match="passphrase"):
            KeyringKeys(tmp_path, "C07").keys()
    finally:
        keyring.set_keyring(before)


def test_a_keyring_that_is_locked_is_a_sentence(tmp_path: Path, backend: Kept) -> None:
    def locked(*_: object) -> str:
        raise RuntimeError("prompt dismissed, secret detail")

    backend.get_password = locked  # type: ignore[method-assign]
    with pytest.raises(StoreLocked, match="does not open") as caught:
        KeyringKeys(tmp_path, "C07").keys()
    assert "secret detail" not in str(caught.value)


def test_a_passphrase_wraps_the_keys(tmp_path: Path) -> None:
    first = PassphraseKeys(tmp_path, lambda: "three small boats").keys()
    assert PassphraseKeys(tmp_path, lambda: "three small boats").keys() == first
    kept = (tmp_path / "keys.json").read_bytes()
    assert first.outbox not in kept
    assert (tmp_path / "keys.json").stat().st_mode & 0o077 == 0


def test_a_wrong_passphrase_is_a_sentence_and_can_be_tried_again(tmp_path: Path) -> None:
    words = iter(["three small boats"])
    PassphraseKeys(tmp_path, lambda: next(words)).keys()
    before = (tmp_path / "keys.json").read_bytes()
    tries = iter(["three small goats", "three small boats"])
    source = PassphraseKeys(tmp_path, lambda: next(tries))
    with pytest.raises(StoreLocked, match="nothing was touched"):
        source.keys()
    assert (tmp_path / "keys.json").read_bytes() == before
    assert len(source.keys().outbox) == 32


@pytest.mark.parametrize(
    "content", ["", "{}", '{"salt": "x"}', "[]", '{"salt":"AA==","nonce":"!","keys":"AA=="}']
)
def test_a_damaged_key_file_is_a_sentence(tmp_path: Path, content: str) -> None:
    (tmp_path / "keys.json").write_text(content, encoding="utf-8")
    with pytest.raises(StoreLocked):
        PassphraseKeys(tmp_path, lambda: "three small boats").keys()
    assert (tmp_path / "keys.json").read_text(encoding="utf-8") == content


def test_a_missing_key_file_over_a_queue_is_refused(tmp_path: Path) -> None:
    (tmp_path / "outbox.db").write_bytes(b"encrypted")
    with pytest.raises(StoreLocked, match=r"keys\.json is missing"):
        PassphraseKeys(tmp_path, lambda: "three small boats").keys()


def test_the_cache_key_changes_under_the_same_passphrase(tmp_path: Path) -> None:
    source = PassphraseKeys(tmp_path, lambda: "three small boats")
    before = source.keys()
    fresh = source.new_cache_key()
    after = PassphraseKeys(tmp_path, lambda: "three small boats").keys()
    assert (after.outbox, after.cache) == (before.outbox, fresh)
    assert json.loads((tmp_path / "keys.json").read_text())["version"] == 1


def test_a_throw_away_key_says_what_it_is(tmp_path: Path) -> None:
    kept = ThrowAwayKeys(tmp_path)
    assert ThrowAwayKeys(tmp_path).keys() == kept.keys()
    assert "never for real customers" in kept.describe()
    assert ThrowAwayKeys().keys() != ThrowAwayKeys().keys()
