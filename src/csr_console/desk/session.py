"""Who works here: signing in, the lock screen, the PIN for when central cannot be asked."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from pydantic import SecretStr, ValidationError

from csr_console.contracts.registry import field_errors
from csr_console.contracts.signin import (
    DeviceCode,
    DevicePoll,
    DeviceProgress,
    DeviceStart,
    Refresh,
    SessionTokens,
    SignIn,
)
from csr_console.desk.gateway import Gateway
from csr_console.desk.model import Unreachable
from csr_console.desk.store.outbox import Author
from csr_console.desk.store.station import Pin, Station, StoredSession
from csr_console.domain.permissions import Actor
from csr_console.domain.refusals import Answer, Refusal

WRONG_PINS_ALLOWED = 5
Given = TypeVar("Given")
_NO_SESSION = "Sign in first: the network is needed for it."


class Session:
    """One member of staff at a time. Nothing here ever touches what is queued.

    `erase_cache` is called after too many wrong PINs; `on_end` when central no longer accepts the session.
    """

    def __init__(
        self,
        station: Station,
        gateway: Gateway,
        station_name: str,
        clock: Callable[[], datetime],
        *,
        erase_cache: Callable[[], None],
        on_end: Callable[[], None],
    ) -> None:
        self._station = station
        self._gateway = gateway
        self._name = station_name
        self._clock = clock
        self._erase_cache = erase_cache
        self._on_end = on_end
        self._refreshing: asyncio.Lock | None = None
        self._stored = station.find_session()
        self.locked = self._stored is not None
        self._unlocked_actor: Actor | None = None

    @property
    def actor(self) -> Actor | None:
        """Who is signed in; also behind the lock screen, but not before the first unlock."""
        return self._unlocked_actor

    @property
    def last_login(self) -> str | None:
        """Whom the lock screen greets."""
        return self._stored.actor.login if self._stored else None

    @property
    def office(self) -> str | None:
        return self._stored.actor.office if self._stored else None

    @property
    def shift(self) -> StoredSession | None:
        return self._stored

    @property
    def can_send(self) -> bool:
        """Whether there is a token to send under, or one to get one with. A locked screen drains on."""
        return self._gateway.token is not None or bool(self._stored and self._stored.refresh_token)

    def author(self) -> Author:
        """Who enters commands now. Raises `Refusal` signed-out behind the lock screen and before sign-in."""
        if self._stored is None or self._unlocked_actor is None or self.locked:
            raise Refusal("signed-out", "Unlock or sign in first; nothing queued is lost.")
        stored = self._stored
        return Author(stored.actor, stored.session, stored.seal_key, stored.shift)

    async def sign_in(self, login: str, password: str) -> tuple[Actor, int]:
        """The actor, and the last counter central knows of this station. Raises `Answer`."""
        try:
            form = SignIn(
                login=login.strip().casefold(),
                password=SecretStr(password),
                station=self._name,
                installation=self._station.installation,
            )
        except ValidationError as error:
            raise Refusal(
                "sign-in-failed", "That login cannot be right.", facts={"errors": field_errors(error)}
            ) from None
        return await self.enter(await self._gateway.sign_in(form))

    async def start_device(self) -> DeviceCode:
        """A code for the person to enter at the identity provider. Raises `Answer`."""
        form = DeviceStart(station=self._name, installation=self._station.installation)
        return await self._gateway.start_device(form)

    async def poll_device(self, handle: str) -> DeviceProgress:
        """Whether the code was entered; nobody is signed in by asking. Raises `Answer`."""
        return await self._gateway.poll_device(DevicePoll(handle=SecretStr(handle)))

    async def enter(self, tokens: SessionTokens) -> tuple[Actor, int]:
        """Begin the session of whoever central has let in; in the loop, where tokens are refreshed."""
        self._take(tokens)
        return self._begin(tokens), tokens.last_counter

    def _begin(self, tokens: SessionTokens) -> Actor:
        now = self._clock()
        actor = Actor(tokens.login, tokens.name, tokens.role, tokens.office)
        self._stored = StoredSession(
            tokens.session,
            actor,
            f"{now:%y%m%d}-{tokens.login}",
            bytes.fromhex(tokens.seal_key),
            tokens.refresh_token,
            now,
            active=True,
        )
        self._station.save_session(self._stored)
        if (pin := self._station.find_pin(actor.login)) is not None and pin.wrong:
            self._station.save_pin(actor.login, Pin(pin.hash, 0))
        self._unlocked_actor, self.locked = actor, False
        return actor

    def _take(self, tokens: SessionTokens) -> None:
        self._gateway.token = tokens.access_token

    async def refresh(self) -> bool:
        """Get a new access token; False when central no longer accepts the session.

        The old refresh token is kept until the new one is on disk: central answers it once more. Raises
        `Unreachable` and `RetryLater`.
        """
        self._refreshing = self._refreshing or asyncio.Lock()
        before = self._gateway.token
        async with self._refreshing:
            if self._gateway.token != before:
                return True
            stored = self._stored = self._as_on_disk()
            if stored is None or not stored.refresh_token:
                self._ended()
                return False
            try:
                tokens = await self._gateway.refresh(Refresh(refresh_token=SecretStr(stored.refresh_token)))
            except Refusal:
                self._station.set_refresh_token(stored.session, "")
                self._ended()
                return False
            if self._stored is not stored:
                return True
            self._stored = StoredSession(
                stored.session,
                Actor(tokens.login, tokens.name, tokens.role, tokens.office),
                stored.shift,
                stored.seal_key,
                tokens.refresh_token,
                stored.signed_in_at,
                active=True,
            )
            self._station.save_session(self._stored)
            self._take(tokens)
            return True

    def _as_on_disk(self) -> StoredSession | None:
        """The session with its newest token: another console of this workstation may have used ours since,
        and who uses it again is taken for a thief."""
        mine = self._stored
        kept = self._station.find_session(mine.actor.login) if mine else None
        return kept if mine and kept and kept.session == mine.session else mine

    def _ended(self) -> None:
        self._gateway.token = None
        if self._stored is not None:
            self._stored = StoredSession(
                self._stored.session,
                self._stored.actor,
                self._stored.shift,
                self._stored.seal_key,
                "",
                self._stored.signed_in_at,
                active=True,
            )
        self._on_end()

    async def authorized(self, call: Callable[[], Awaitable[Given]]) -> Given:
        """What the call gives, after one refresh if the token has run out. Raises `Refusal` signed-out."""
        if self._gateway.token is None and not await self.refresh():
            raise Refusal("signed-out", "Sign in again; nothing queued is lost.")
        try:
            return await call()
        except Refusal as refusal:
            if refusal.code != "signed-out" or not await self.refresh():
                raise
        return await call()

    def set_pin(self, pin: str) -> None:
        """Four to twelve digits. Raises `Refusal` invalid."""
        from argon2 import PasswordHasher

        if not re.fullmatch(r"[0-9]{4,12}", pin) or len(set(pin)) < 2:
            raise Refusal("invalid", "A PIN is four to twelve digits, not all the same.")
        self._station.save_pin(self.author().actor.login, Pin(PasswordHasher().hash(pin), 0))

    def has_pin(self, login: str | None = None) -> bool:
        name = login or self.last_login
        return name is not None and self._station.find_pin(name) is not None

    def unlock_by_pin(self, pin: str, login: str | None = None) -> Actor:
        """The actor behind the lock screen, or `login`, whose last session at this station then seals.

        Raises `Refusal` sign-in-failed; the fifth wrong PIN erases the cache, never the queue.
        """
        name = login or self.last_login
        stored = self._station.find_session(name) if name else None
        known = self._station.find_pin(name) if name else None
        if name is None or stored is None or known is None:
            raise Refusal("sign-in-failed", f"There is no PIN on this workstation. {_NO_SESSION}")
        if not _pin_fits(known.hash, pin):
            raise self._wrong_pin(name, known)
        if known.wrong:
            self._station.save_pin(name, Pin(known.hash, 0))
        if self._stored is None or self._stored.session != stored.session:
            self._gateway.token = None
            self._stored = stored
        self._unlocked_actor, self.locked = stored.actor, False
        return stored.actor

    def _wrong_pin(self, login: str, known: Pin) -> Refusal:
        left = WRONG_PINS_ALLOWED - known.wrong - 1
        if left > 0:
            self._station.save_pin(login, Pin(known.hash, known.wrong + 1))
            return Refusal("sign-in-failed", f"That PIN does not fit; {left} more {_tries(left)}.")
        self._station.save_pin(login, None)
        self._erase_cache()
        return Refusal(
            "sign-in-failed",
            "Too many wrong PINs: the customer data on this workstation is erased. What is queued is kept and"
            " is sent when somebody signs in with a password.",
        )

    def lock(self) -> None:
        self.locked = self._stored is not None

    async def sign_out(self) -> None:
        """End the session here, and at central if it can be reached. The seal key stays for the PIN."""
        stored, self._stored = self._stored, None
        self._unlocked_actor, self.locked = None, False
        if stored is not None:
            self._station.end_session(stored.session)
        try:
            if self._gateway.token is not None:
                await self._gateway.sign_out()
        except (Answer, Unreachable):
            pass  # central lets the session run out by itself
        finally:
            self._gateway.token = None


def _tries(count: int) -> str:
    return "try" if count == 1 else "tries"


def _pin_fits(known: str, pin: str) -> bool:
    from argon2 import PasswordHasher
    from argon2.exceptions import VerificationError

    try:
        return PasswordHasher().verify(known, pin)
    except VerificationError:
        return False
