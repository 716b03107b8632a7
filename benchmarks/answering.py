"""A central that lets a console in and then has nothing to say: over TLS, in a thread of the benchmark's.

It answers what a console asks all day: who is there, a sign-in, the changes (none) and the stream (signs of
life). What waits in the prepared queue is to be sent later, so that a run leaves the stores as it found them.
"""

import asyncio
import ipaddress
import json
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from csr_console import __version__
from csr_console.contracts.feed import Changes
from csr_console.contracts.outcome import Witness
from csr_console.contracts.problems import MEDIA_TYPE, to_document
from csr_console.contracts.signin import SessionTokens
from csr_console.desk.gateway import VERSION_HEADER
from csr_console.domain.permissions import Role
from csr_console.domain.refusals import Fault

_JSON = "application/json"
ALIVE_S = 5.0


class Answering:
    """`settings` leads a console here; `heard` is set once one has signed in, taken the changes and opened
    the stream. The certificate lies in `folder`, beside those the machine trusts."""

    def __init__(self, folder: Path, login: str, office: str) -> None:
        self._folder = folder
        self._login = login
        self._office = office
        self._asked: set[str] = set()
        self.heard = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: asyncio.Server | None = None
        self.port = 0

    def __enter__(self) -> Self:
        certificate, key = _certificate(self._folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._thread.start()
        start = asyncio.start_server(self._answer, "127.0.0.1", 0, ssl=context)
        self._server = asyncio.run_coroutine_threadsafe(start, self._loop).result()
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _end(self) -> None:
        if self._server is not None:
            self._server.close()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    def expect(self) -> None:
        """Another console comes."""
        self._asked.clear()
        self.heard.clear()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                request = (await reader.readuntil(b"\r\n\r\n")).decode()
                lines = request.split("\r\n")
                path = lines[0].split()[1].partition("?")[0]
                length = next((int(x[15:]) for x in lines if x.lower().startswith("content-length:")), 0)
                await reader.readexactly(length)
                if path == "/v1/outages/stream":
                    await self._stream(writer)
                writer.write(self._response(path))
                await writer.drain()
                self._note(path)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            writer.close()

    def _note(self, path: str) -> None:
        self._asked.add(path)
        if {"/v1/sessions", "/v1/changes", "/v1/outages/stream"} <= self._asked:
            self.heard.set()

    async def _stream(self, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")
        while True:
            writer.write(b": alive\n\n")
            await writer.drain()
            self._note("/v1/outages/stream")
            await asyncio.sleep(ALIVE_S)

    def _response(self, path: str) -> bytes:
        if path == "/v1/about":
            return _written(200, _JSON, json.dumps({"version": __version__}))
        if path.startswith("/v1/sessions"):
            return _written(200, _JSON, self._tokens().model_dump_json())
        if path == "/v1/changes":
            return _written(
                200, _JSON, Changes(office=self._office, items=[], head=0, more=False).model_dump_json()
            )
        if path == "/v1/audit/head":
            return _written(200, _JSON, Witness(office=self._office, seq=0, hash="").model_dump_json())
        later = to_document(Fault("unavailable", "Later."))
        return _written(503, MEDIA_TYPE, later.model_dump_json(), "retry-after: 600\r\n")

    def _tokens(self) -> SessionTokens:
        return SessionTokens(
            access_token="access",
            refresh_token="refresh",
            expires_in=3600,
            session=UUID(int=1),
            seal_key=bytes(32).hex(),
            login=self._login,
            name="Dana Reyes",
            role=Role.SPECIALIST,
            office=self._office,
            last_counter=0,
        )


def _written(status: int, kind: str, body: str, headers: str = "") -> bytes:
    content = body.encode()
    head = (
        f"HTTP/1.1 {status} Answer\r\ncontent-type: {kind}\r\ncontent-length: {len(content)}\r\n"
        f"{VERSION_HEADER}: {__version__}\r\n{headers}\r\n"
    )
    return head.encode() + content


def trusting(folder: Path) -> dict[str, str]:
    """The environment of a console that trusts this central and all that its machine trusts."""
    return {"SSL_CERT_FILE": str(folder / "trusted.pem")}


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key; `trusted.pem` is the machine's store with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "csr-console benchmark")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / "central.pem", folder / "central.key"
    written = made.public_bytes(serialization.Encoding.PEM)
    certificate.write_bytes(written)
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    store = Path("/etc/ssl/certs/ca-certificates.crt")
    known = store.read_bytes() if store.exists() else b""
    (folder / "trusted.pem").write_bytes(known + b"\n" + written)
    return certificate, secret
