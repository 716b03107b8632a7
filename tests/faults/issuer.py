"""A small OpenID provider on a real socket: discovery, device codes, real keys, every way to misbehave."""

import base64
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

CLIENT = "csr-console"


@cache
def rsa_key(name: str, bits: int = 2048) -> RSAKey:
    """A key of its own for each name, made once: it takes a while."""
    return RSAKey.generate_key(bits, {"kid": name}, private=True)


@cache
def ec_key(name: str) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": name}, private=True)


@dataclass
class Issuer:
    """`answers` are what the token endpoint says, one after the other; the last one stays. `person` is what
    the ID token says beside the protocol's own claims; `forge` may replace the finished token."""

    clock: Callable[[], datetime]
    address: str = ""
    answers: list[str] = field(default_factory=lambda: ["granted"])
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "4711", "preferred_username": "clerk"})
    claims: dict[str, Any] = field(default_factory=dict)
    key: RSAKey | ECKey = field(default_factory=lambda: rsa_key("first"))
    published: list[RSAKey | ECKey] = field(default_factory=lambda: [rsa_key("first")])
    interval: int | None = 5
    expires_in: int = 600
    secret: str = ""
    auth_methods: list[str] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)
    grant: dict[str, Any] = field(default_factory=dict)
    forge: Callable[[dict[str, Any]], str] | None = None
    raw: dict[str, bytes] = field(default_factory=dict)
    """Bodies to send as they are, by path."""
    held_back: threading.Event = field(default_factory=threading.Event)
    trickles: bool = False
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    nonces: dict[str, str] = field(default_factory=dict)

    def paths(self, path: str) -> int:
        return sum(asked == path for asked, _ in self.asked)

    def token_claims(self, nonce: str) -> dict[str, Any]:
        now = int(self.clock().timestamp())
        base = {"iss": self.address, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce}
        merged = {**base, **self.person, **self.claims}
        return {name: value for name, value in merged.items() if value is not None}

    def id_token(self, nonce: str) -> str:
        claims = self.token_claims(nonce)
        if self.forge is not None:
            return self.forge(claims)
        algorithm = "RS256" if isinstance(self.key, RSAKey) else "ES256"
        return jwt.encode({"alg": algorithm, "kid": self.key.kid}, claims, self.key, algorithms=[algorithm])

    def answer(self, path: str, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.address,
                "device_authorization_endpoint": f"{self.address}/device",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/keys",
                "token_endpoint_auth_methods_supported": self.auth_methods,
                **self.metadata,
            }
        if path == "/keys":
            return 200, {"keys": [key.as_dict(private=False) for key in self.published]}
        if self.secret and not self.knows(form, authorization):
            return 401, {"error": "invalid_client"}
        if path == "/device":
            code = f"device-code-{len(self.asked)}"
            self.nonces[code] = form.get("nonce", "")
            given = {
                "device_code": code,
                "user_code": "WDJB-MJHT",
                "verification_uri": f"{self.address}/enter",
                "verification_uri_complete": f"{self.address}/enter?code=WDJB-MJHT",
                "expires_in": self.expires_in,
                "interval": self.interval,
                **self.grant,
            }
            return 200, {name: value for name, value in given.items() if value is not None}
        if path == "/token":
            said = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            if said != "granted":
                return 400, {"error": said}
            if (nonce := self.nonces.pop(form["device_code"], None)) is None:
                return 400, {"error": "invalid_grant"}
            return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self.id_token(nonce)}
        return 404, {"error": "no such page"}

    def knows(self, form: dict[str, str], authorization: str) -> bool:
        if "client_secret" in form:
            return form["client_secret"] == self.secret and self.auth_methods == ["client_secret_post"]
        user, _, given = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        return (unquote(user), unquote(given)) == (CLIENT, self.secret)


@contextmanager
def serving(issuer: Issuer) -> Iterator[Issuer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.reply({})

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["content-length"])).decode()
            self.reply({name: values[0] for name, values in parse_qs(text).items()})

        def reply(self, form: dict[str, str]) -> None:
            path = self.path.partition("?")[0]
            issuer.asked.append((path, form))
            status, document = issuer.answer(path, form, self.headers.get("authorization", ""))
            body = issuer.raw.get(path, json.dumps(document).encode())
            try:
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                for place in range(len(body)) if issuer.trickles else ():
                    self.wfile.write(body[place : place + 1])
                    if issuer.held_back.wait(0.05):
                        break
                if not issuer.trickles:
                    self.wfile.write(body)
            except OSError:
                pass  # central has given up, as it should

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    issuer.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        issuer.held_back.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
