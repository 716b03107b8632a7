"""What bill runs found, on this workstation: the list as central gave it, with its age and with what is
queued here laid over it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from csr_console.contracts.views.exceptions import MOST, ExceptionCount, ExceptionList, ExceptionView
from csr_console.desk.online import Online
from csr_console.desk.session import Session
from csr_console.desk.store.cache_files import CacheFiles
from csr_console.desk.store.pending import PendingReader
from csr_console.desk.store.tables import microseconds, moment
from csr_console.domain.billing.commands import EnterRead, SettleException
from csr_console.domain.billing.exceptions import ENDED_BY_READ
from csr_console.domain.permissions import Permission, may


@dataclass(frozen=True, slots=True)
class Found:
    """What waits, the newest run first. `queued` are the keys of those that a command of this workstation
    will settle; `counts` are of the whole office as of `as_of`."""

    items: tuple[ExceptionView, ...]
    counts: tuple[ExceptionCount, ...]
    as_of: datetime
    queued: frozenset[str] = frozenset()


class Exceptions:
    """Every method may be called from any thread and blocks until it is done."""

    def __init__(
        self,
        cache: CacheFiles,
        online: Online,
        session: Session,
        pending: PendingReader,
        clock: Callable[[], datetime],
    ) -> None:
        self._cache = cache
        self._online = online
        self._session = session
        self._pending = pending
        self._clock = clock

    def waiting(self) -> Found | None:
        """What is cached, None when it was never read here or by nobody who may."""
        actor = self._session.actor
        if actor is None or not may(actor, Permission.ACCOUNT_READ):
            return None
        with self._cache.read() as connection:
            row = connection.row("SELECT * FROM exception_list WHERE office = ?", (actor.office,))
        if row is None:
            return None
        kept = ExceptionList.model_validate_json(row["body"])
        return Found(tuple(kept.items), tuple(kept.counts), moment(row["as_of_us"]), self._queued(kept.items))

    def _queued(self, items: list[ExceptionView]) -> frozenset[str]:
        """What commands that central has not answered will settle, a read of the meter too."""
        settled = {
            item.command.resource
            for item in self._pending.of_kind("exception.settle")
            if isinstance(item.command, SettleException)
        }
        read = {
            (item.command.account, item.command.service)
            for item in self._pending.of_kind("read.enter")
            if isinstance(item.command, EnterRead)
        }
        given = {one.key for one in items if (one.account, one.service) in read and one.code in ENDED_BY_READ}
        return frozenset(settled | given)

    def refresh(self) -> Found | None:
        """Ask central; None only when whoever asks may not read. Raises `Unreachable`, `Refusal`."""
        actor = self._session.author().actor
        with self._cache.read() as connection:
            etag = connection.value("SELECT etag FROM exception_list WHERE office = ?", (actor.office,)) or ""
        given = self._online.exceptions("", etag)
        now = microseconds(self._clock())
        if given is None:
            with self._cache.write() as connection:
                connection.execute(
                    "UPDATE exception_list SET as_of_us = ? WHERE office = ?", (now, actor.office)
                )
            return self.waiting()
        first, etag = given
        items, cursor = list(first.items), first.next
        while cursor is not None and len(items) < MOST:
            page = self._online.exceptions(cursor, "")
            if page is None:
                break
            items += page[0].items
            cursor = page[0].next
        whole = first.model_copy(update={"items": items[:MOST], "next": None})
        with self._cache.write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO exception_list (office, body, etag, as_of_us) VALUES (?, ?, ?, ?)",
                (actor.office, whole.model_dump_json(), etag, now),
            )
        return self.waiting()
