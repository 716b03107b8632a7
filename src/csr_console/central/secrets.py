"""The one secret of a central service, and the keys that are derived from it."""

import hashlib
import hmac
import os
import secrets
import stat
from pathlib import Path
from uuid import UUID

from csr_console.central.settings import CentralSettings
from csr_console.domain.accounts.verification import Factor

MIN_BYTES = 32


class SecretUnusable(Exception):
    """The secret cannot be used; the text is a sentence for the person who starts the service."""


class ServerSecret:
    """Derives one key for each purpose (HMAC-SHA256 as a PRF, NIST SP 800-108), so that none can stand in for
    another. Whoever loses the secret loses the seals of every queued command and the answers on file."""

    def __init__(self, value: bytes) -> None:
        if len(value) < MIN_BYTES:
            raise SecretUnusable(f"The server secret is too short: it needs at least {MIN_BYTES} characters.")
        self._value = value

    def __repr__(self) -> str:
        return "ServerSecret(…)"

    def key(self, purpose: str) -> bytes:
        """The 32-byte key of a purpose."""
        return hmac.new(self._value, purpose.encode(), hashlib.sha256).digest()

    def seal_key(self, session: UUID) -> bytes:
        """The key a session seals its commands with; the same for the life of the session and after."""
        return hmac.new(self.key("seal"), session.bytes, hashlib.sha256).digest()

    def verifier(self, office: str, account: str, factor: Factor, answer: str) -> str:
        """What is kept of a secret answer. A plain hash of four digits is guessed at once."""
        message = "\x1f".join((office, account, factor.value, answer))
        return hmac.new(self.key("verifier"), message.encode(), hashlib.sha256).hexdigest()

    def fingerprint(self) -> str:
        """Kept in the database, so that another secret is noticed at the start and not at every seal."""
        return self.key("fingerprint").hex()[:32]


def load_secret(settings: CentralSettings) -> ServerSecret:
    """The secret of the settings, of its file, or a new one in a new file that only its owner can read.

    Raises `SecretUnusable` when the file can be read by others, is too short or cannot be made.
    """
    if settings.secret is not None:
        return ServerSecret(settings.secret.get_secret_value().encode())
    path = settings.secret_path
    try:
        _create(path)
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise SecretUnusable(f"Others can read the secret file {path}: run `chmod 600 {path}`.")
        return ServerSecret(path.read_bytes().strip())
    except OSError as error:
        raise SecretUnusable(f"The secret file {path} cannot be used: {error.strerror}.") from None


def _create(path: Path) -> None:
    """Make the file with a new secret unless it is there; two starts at once agree on one secret."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_urlsafe(48).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink()
    _sync_names(path.parent)


def _sync_names(folder: Path) -> None:
    """A database is bound to the secret next: a power cut must not leave it alone."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
