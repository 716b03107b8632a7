"""Entering commands: saved first, then sent, then told what became of them."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from csr_console.desk.drainer import Drainer
from csr_console.desk.model import WAITING, Receipt
from csr_console.desk.network import Network
from csr_console.desk.publisher import Publisher
from csr_console.desk.session import Session
from csr_console.desk.store.database import Row
from csr_console.desk.store.files import Files
from csr_console.desk.store.queue_items import item_of
from csr_console.desk.sync import Background
from csr_console.domain.command import Command, Offline
from csr_console.domain.permissions import Permission, require
from csr_console.domain.refusals import Refusal

NEVER_QUEUED_FOR = timedelta(minutes=2)
"""What must not wait for the network is not applied later than this, if its answer was lost on the way."""


class Entering:
    """`wait_s` is how long a receipt waits for central's answer when nothing else is said."""

    def __init__(
        self,
        files: Files,
        session: Session,
        network: Network,
        drainer: Drainer,
        background: Background,
        publisher: Publisher,
        *,
        clock: Callable[[], datetime],
        wait_s: float,
    ) -> None:
        self._files = files
        self._session = session
        self._network = network
        self._drainer = drainer
        self._background = background
        self._publisher = publisher
        self._clock = clock
        self._wait_s = wait_s

    def submit(
        self,
        command: Command,
        *,
        id: UUID,
        expects: dict[str, int] | None = None,
        reason: str | None = None,
        wait_s: float | None = None,
        replaces: UUID | None = None,
    ) -> Receipt:
        author = self._session.author()
        require(author.actor, command.permission, author.actor.office)
        not_after = None
        if command.offline is Offline.NEVER:
            if not self._network.up:
                raise Refusal("offline-never", command.offline_sentence)
            not_after = self._network.central_time() + NEVER_QUEUED_FOR
        seen = self._publisher.closings
        row = self._files.outbox.enqueue(
            command,
            command_id=id,
            author=author,
            expects=expects,
            reason=reason,
            not_after=not_after,
            replaces=replaces,
        )
        self._background.tell(lambda: self._drainer.wake(urgent=command.urgent))
        self._publisher.dirty()
        return self._receipt(row, seen, wait_s)

    def discard(self, id: UUID, reason: str, *, discard_id: UUID, wait_s: float | None) -> Receipt:
        author = self._session.author()
        require(author.actor, Permission.COMMAND_DISCARD, author.actor.office)
        seen = self._publisher.closings
        row = self._files.outbox.discard(id, reason, discard_id=discard_id, author=author)
        self._background.tell(self._drainer.wake)
        self._publisher.dirty()
        return self._receipt(row, seen, wait_s)

    def retry(self, id: UUID) -> None:
        self._files.outgoing.retry(id)
        self._background.tell(lambda: self._drainer.wake(urgent=True))
        self._publisher.dirty()

    def _receipt(self, row: Row, seen: int, wait_s: float | None) -> Receipt:
        """The receipt of a row as it was entered, when so much was closed, after waiting for an outcome as
        long as that makes sense."""
        deadline = time.monotonic() + (self._wait_s if wait_s is None else wait_s)
        item = item_of(row, self._clock())
        while item.state in WAITING and self._network.up and self._session.can_send:
            if not self._publisher.wait_closed(seen, deadline - time.monotonic()):
                break
            seen, item = self._publisher.closings, self._files.item(item.id)
        return Receipt(item.id, item.seq, item.state, item.sentence, item.problem, item.outcome)
