"""A queue carried by hand: what waits on a workstation that cannot reach central, for one that can.

The file is encrypted and authenticated under a passphrase (Argon2id, AES-256-GCM); who entered each command
is proven by the seal inside its submission, which only central can check.
"""

import base64
import json
import os
from collections.abc import Sequence
from pathlib import Path

from csr_console.desk.secrets import key_from
from csr_console.desk.store.replace import replace_file
from csr_console.domain.refusals import Refusal

_HEADER = b"csr-console bundle 1\n"
_SALT, _NONCE, _TAG = 16, 12, 16
SHORTEST_PASSPHRASE = 12
LARGEST_BYTES = 512 * 1024 * 1024


def write_bundle(path: Path, passphrase: str, bodies: Sequence[bytes]) -> int:
    """Write submissions to a new file, readable by its owner only. Raises `Refusal` invalid; OSError."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise Refusal("invalid", f"A passphrase for a bundle has at least {SHORTEST_PASSPHRASE} characters.")
    salt, nonce = os.urandom(_SALT), os.urandom(_NONCE)
    plain = json.dumps([base64.b64encode(body).decode() for body in bodies]).encode()
    sealed = AESGCM(key_from(passphrase, salt)).encrypt(nonce, plain, _HEADER)
    replace_file(path, _HEADER + salt + nonce + sealed)
    return len(bodies)


def read_bundle(path: Path, passphrase: str) -> list[bytes]:
    """The submissions of a bundle. Raises `Refusal` invalid."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise Refusal("invalid", "That file is too large to be a bundle.")
        content = path.read_bytes()
    except OSError:
        raise Refusal("invalid", "The bundle cannot be read: check the file's name.") from None
    rest = content.removeprefix(_HEADER)
    if rest == content or len(rest) < _SALT + _NONCE + _TAG:
        raise Refusal("invalid", "That file is no bundle of this version.")
    salt, nonce, sealed = rest[:_SALT], rest[_SALT : _SALT + _NONCE], rest[_SALT + _NONCE :]
    try:
        plain = AESGCM(key_from(passphrase, salt)).decrypt(nonce, sealed, _HEADER)
    except InvalidTag:
        raise Refusal(
            "invalid", "That passphrase does not open the bundle, or the file is damaged: nothing was taken."
        ) from None
    return [base64.b64decode(body) for body in json.loads(plain)]
