"""A clerk at the wire: puts submissions of the stream, without a desk that would save them first."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Self
from uuid import UUID, uuid5

from pydantic import SecretStr
from tests.faults import stream
from tests.faults.processes import LOGIN, PASSWORD

from csr_console.contracts.envelope import Envelope, Submission, canonical, command_document, seal
from csr_console.contracts.outcome import BatchAnswer, Outcome
from csr_console.contracts.signin import SessionTokens, SignIn
from csr_console.desk.gateway import Gateway
from csr_console.domain.command import Command


class Clerk:
    """One signed-in session over the desk's own gateway. A context manager; every method may raise `Answer`
    as the gateway's do."""

    def __init__(self, socket: Path, *, station: str = "C09", seed: int = 1) -> None:
        self._loop = asyncio.new_event_loop()
        self._gateway = Gateway(uds=str(socket))
        self._station = station
        self._seed = seed
        self._installation = uuid5(UUID(int=0), station)
        self._tokens: SessionTokens | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.run_until_complete(self._gateway.close())
        self._loop.close()

    def sign_in(self) -> None:
        form = SignIn(
            login=LOGIN,
            password=SecretStr(PASSWORD),
            station=self._station,
            installation=self._installation,
        )
        self._tokens = self._loop.run_until_complete(self._gateway.sign_in(form))
        self._gateway.token = self._tokens.access_token

    def submission(self, place: int, command: Command | None = None) -> tuple[UUID, bytes]:
        """The command at a place of the stream, or another under its id, sealed in this session; its counter
        is the place."""
        assert self._tokens is not None
        envelope = Envelope(
            id=stream.id_at(self._seed, place),
            issued_at=stream.START,
            station=self._station,
            counter=place + 1,
            actor=LOGIN,
            command=command_document(command or stream.command_at(self._seed, place)),
        )
        proof = seal(bytes.fromhex(self._tokens.seal_key), envelope.digest())
        sealed = Submission(envelope=envelope, session=self._tokens.session, seal=proof)
        return envelope.id, canonical(sealed.document())

    def put(self, place: int) -> Outcome:
        return self.put_again(*self.submission(place))

    def put_again(self, command_id: UUID, body: bytes) -> Outcome:
        """The same bytes once more."""
        return self._loop.run_until_complete(self._gateway.put(command_id, body))

    def batch(self, places: Sequence[int]) -> BatchAnswer:
        return self.batch_again([self.submission(place) for place in places])

    def batch_again(self, pairs: Sequence[tuple[UUID, bytes]]) -> BatchAnswer:
        return self._loop.run_until_complete(self._gateway.batch(pairs))
