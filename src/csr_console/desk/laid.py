"""The board kept from one reading to the next: only what something has happened to is laid anew."""

import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Set
from dataclasses import dataclass
from uuid import UUID

from csr_console.contracts.views.accounts import RosterEntry
from csr_console.contracts.views.outages import HazardView, PlannedView, ReportView
from csr_console.desk.board import Board, FindEntry
from csr_console.desk.store import cache_rows
from csr_console.desk.store.cache_files import CacheFiles
from csr_console.desk.store.cache_rows import Name
from csr_console.desk.store.pending import Pending, PendingReader
from csr_console.domain.outages.commands import PlanOutage

SLICE_S, REST_S = 0.002, 0.002
"""How long the interpreter is held at a time, and left to whoever reads the keys, while much is laid."""
READ_AT_ONCE = 25
Token = UUID | str
Lay = Callable[[Pending], object]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A cached line, or a command of the queue at its place in `order`. Whatever shares a token, an id or a
    place, may depend on one another."""

    order: tuple[int, Name]
    told: ReportView | HazardView | PlannedView | Pending
    tokens: tuple[Token, ...]

    @property
    def plans(self) -> bool:
        """A planned outage bears on the reports of every place below it."""
        return isinstance(self.told, PlannedView) or (
            isinstance(self.told, Pending) and isinstance(self.told.command, PlanOutage)
        )


class LaidBoard:
    """The cached lists with the queue laid over them, the same as if they were laid from nothing.

    A storm leaves thousands of commands waiting while lines, outcomes and customers arrive many times a
    second. What is new, gone or different is found by comparison; with what depends on it, it is taken off
    the board and laid again in order. Safe from any thread; `lay_over` gives what lays commands over a board.
    """

    def __init__(
        self,
        cache: CacheFiles,
        pending: PendingReader,
        find_entry: FindEntry,
        lay_over: Callable[[Board], Lay],
    ) -> None:
        self._cache = cache
        self._pending = pending
        self._find = find_entry
        self._lay_over = lay_over
        self._lock = threading.Lock()
        self._told: deque[tuple[int, int, Set[Name]]] = deque()
        self._moved: set[str] = set()
        self._changed: set[Name] = set()
        self._position = ("", 0)
        self._begin()
        cache.on_changes = lambda *told: self._told.append(told)

    def _begin(self) -> None:
        self._board = Board([], [], [], self._find_entry)
        self._lay = self._lay_over(self._board)
        self._documents: dict[Name, str] = {}
        self._answers: dict[Name, int] = {}
        self._pieces: dict[Name, _Piece] = {}
        self._of_token: dict[Token, set[Name]] = {}
        self._of_customer: dict[str, set[Token]] = {}
        self._laying: tuple[Token, ...] = ()
        self._touched: set[Token] = set()
        self._replanned = False
        self._plans: set[Name] = set()

    def board(self) -> Board:
        """The board as it is now; the caller's own."""
        with self._lock:
            self._since = time.perf_counter()
            self._follow_queue(self._follow_cache())
            self._lay_touched()
            return self._board.copy(self._find)

    def before(self, ids: Collection[UUID]) -> Board:
        """The cached lists alone, without reports of these ids."""
        with self._lock:
            self._since = time.perf_counter()
            self._follow_cache()
            views = [piece.told for piece in self._pieces.values() if not isinstance(piece.told, Pending)]
        board = Board([], [], [], self._find)
        for view in views:
            if not (isinstance(view, ReportView) and view.id in ids):
                board.put(view)
        return board

    def _rest(self) -> None:
        if time.perf_counter() - self._since > SLICE_S:
            time.sleep(REST_S)
            self._since = time.perf_counter()

    # What has happened.

    def _follow_cache(self) -> int:
        """Compare with what is cached; the closing number of the queue that the cache holds."""
        with self._cache.read() as connection:
            mark = int(cache_rows.get(connection, "mark") or 0)
            position = (cache_rows.get(connection, "file"), cache_rows.position(connection) or 0)
            if position == self._position:
                return mark
            if self._heard_of(position):
                documents = cache_rows.outages_of(connection, self._changed)
            else:
                documents = cache_rows.outages(connection)
                self._begin()
        for name in self._changed - documents.keys():
            self._take_off(name)
            self._documents.pop(name, None)
        for name, document in documents.items():
            if self._documents.get(name) != document:
                self._put(_line(name, document))
                self._documents[name] = document
                self._rest()
        self._changed.clear()
        self._position = position
        return mark

    def _heard_of(self, position: tuple[str, int]) -> bool:
        """Whether all that has come in since was told of: another console, or a new snapshot, tells nothing
        of what it has changed."""
        file, seq = position
        known, at = self._position
        heard = file == known
        while self._told and self._told[0][1] <= seq:
            before, after, names = self._told.popleft()
            heard, at = heard and before == at, after
            self._moved |= {key for entity, key in names if entity == "account"}
            self._changed |= {name for name in names if name[0] != "account"}
        return heard and at == seq

    def _follow_queue(self, mark: int) -> None:
        """Compare with the commands that the cached lists lack; an answer may bring a number."""
        unseen = self._pending.outages(mark)
        for name in self._answers.keys() - unseen.keys():
            self._take_off(name)
            del self._answers[name]
        changed = [name for name, (_, answer) in unseen.items() if self._answers.get(name) != answer]
        for start in range(0, len(changed), READ_AT_ONCE):
            part = {name[1]: name for name in changed[start : start + READ_AT_ONCE]}
            for item in self._pending.of_ids(list(part)):
                name = part[str(item.id)]
                self._put(_Piece((unseen[name][0], name), item, _tokens(item)))
            self._answers |= {name: unseen[name][1] for name in part.values()}
            self._rest()

    def _put(self, piece: _Piece) -> None:
        name = piece.order[1]
        self._take_off(name)
        self._pieces[name] = piece
        if piece.plans and isinstance(piece.told, Pending):
            self._plans.add(name)
        for token in piece.tokens:
            self._of_token.setdefault(token, set()).add(name)
        self._touch(piece)

    def _take_off(self, name: Name) -> None:
        piece = self._pieces.pop(name, None)
        if piece is None:
            return
        self._plans.discard(name)
        for token in set(piece.tokens):
            self._of_token[token].discard(name)
            if not self._of_token[token]:
                del self._of_token[token]
        self._touch(piece)

    def _touch(self, piece: _Piece) -> None:
        self._touched.update(piece.tokens)
        self._replanned = self._replanned or piece.plans

    # Laying it anew.

    def _lay_touched(self) -> None:
        for account in tuple(self._moved):
            entry = self._find(account, None)
            self._touched |= self._of_customer.get(account, set())
            self._touched |= {entry.premise.casefold()} if entry else set()
            self._moved.discard(account)
        if not self._touched:
            return
        # What was entered before a plan was, is laid before it.
        self._touched |= {token for name in self._plans for token in self._pieces[name].tokens}
        tokens = self._touched | self._of_token.keys() if self._replanned else self._connected()
        names = {name for token in tokens for name in self._of_token.get(token, ())}
        self._board.drop(token for token in tokens if isinstance(token, UUID))
        for piece in sorted((self._pieces[name] for name in names), key=lambda piece: piece.order):
            self._lay_piece(piece)
            self._rest()
        self._touched = set()
        self._replanned = False

    def _connected(self) -> set[Token]:
        """Everything that may depend on what was touched."""
        reached, ahead = set(self._touched), list(self._touched)
        while ahead:
            for name in self._of_token.get(ahead.pop(), ()):
                new = set(self._pieces[name].tokens) - reached
                reached |= new
                ahead += new
        return reached

    def _lay_piece(self, piece: _Piece) -> None:
        told = piece.told
        if not isinstance(told, Pending):
            self._board.put(told)
        elif not self._board.knows(told.id):
            self._laying = piece.tokens
            self._lay(told)

    def _find_entry(self, account: str | None, premise: str | None) -> RosterEntry | None:
        """As the board asks for it; whatever is laid by it is laid again when that customer changes."""
        entry = self._find(account, premise)
        for customer in (account, entry.account if entry else None):
            if customer:
                self._of_customer.setdefault(customer, set()).update(self._laying)
        return entry


def _line(name: Name, document: str) -> _Piece:
    view = cache_rows.outage_view(name[0], document)
    places: Iterable[str] = ()
    if isinstance(view, ReportView):
        places = [(view.premise or view.place).casefold()]
    return _Piece((0, name), view, (view.id, *places))


def _tokens(item: Pending) -> tuple[Token, ...]:
    """Its own id, what it is about, and where that is."""
    given = [getattr(item.command, name, None) for name in ("report", "hazard_id")]
    places = [getattr(item.command, name, None) for name in ("premise", "location")]
    return (
        item.id,
        *(one for one in given if isinstance(one, UUID)),
        *(place.casefold() for place in places if place),
    )
