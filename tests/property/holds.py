"""What has to hold between desks and central: at every step, and when everything has healed.

Each check raises AssertionError with what it found. Issue after issue adds its own to `AFTERWARDS`.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Connection, func, select
from tests.central.conftest import OFFICE
from tests.property.city import City, Decided
from tests.property.station import Station

from csr_console.central import versions
from csr_console.central.chain import verify_audit
from csr_console.central.ledger import verify_ledger
from csr_console.central.reads.accounts import account_view, roster_entries
from csr_console.central.reads.budget import basis_of
from csr_console.central.reads.outages import list_hazards, list_planned, list_reports
from csr_console.central.staff import find_actor
from csr_console.central.tables.accounts import account, timeline
from csr_console.central.tables.commands import command_key, office_head
from csr_console.central.tables.feed import feed_row
from csr_console.central.tables.ledger import ledger_posting
from csr_console.central.tables.outages import report
from csr_console.contracts.outcome import Witness
from csr_console.contracts.registry import REGISTRY
from csr_console.contracts.views.accounts import AccountView
from csr_console.contracts.views.outages import ReportView
from csr_console.desk.model import EQUAL_FAULTS, WAITING
from csr_console.desk.store import cache_rows
from csr_console.domain.outages.commands import AddToReport, ReportOutage

_NO_ACT = frozenset(
    {"invalid", "unknown-kind", "id-reused", "seal-invalid", "not-acceptable", "other-office"}
)
"""Refusals of what central does not take as anybody's act: it keeps nothing of them."""


@dataclass
class Story:
    """What the machine saw happen that neither side keeps."""

    resolved: dict[UUID, int] = field(default_factory=dict)
    """Where central's chain stood when a clerk fixed or discarded a command that was stopped."""


def calls_shown(station: Station, log: Sequence[Decided]) -> None:
    """A report on a screen counts no call more often than there are commands that make it."""
    counted = applied_calls(log)
    shown = station.desk.reports()
    if not shown:
        return
    own = [row for row in station.rows() if row["kind"] in ("outage.report", "outage.add")]
    visible = {str(one.id) for one in shown}
    where = {command_id: report_id for report_id, ids in counted.items() for command_id in ids}
    for one in shown:
        may_count = set(counted[str(one.id)])
        for row in own:
            elsewhere = where.get(row["command_id"]) in visible - {str(one.id)}
            if row["state"] in (*WAITING, "applied") and not elsewhere and _may_count(row, one):
                may_count.add(row["command_id"])
        assert one.calls <= len(may_count), (
            f"{station.name} shows {one.calls} calls of {len(may_count)}: {one}"
        )


def _may_count(row: Any, shown: ReportView) -> bool:
    command = REGISTRY.read(json.loads(row["body"])["envelope"]["command"])
    if isinstance(command, AddToReport):
        return command.called_again and command.report == shown.id
    assert isinstance(command, ReportOutage)
    if command.premise:
        return command.premise == shown.premise
    return not shown.premise and (command.location or "").casefold() == shown.place.casefold()


def applied_calls(log: Sequence[Decided]) -> dict[str, set[str]]:
    """The ids of the applied commands that count a call, by report."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in log:
        if row.called and row.outcome.state == "applied":
            found[str(row.outcome.result["report"])].add(row.id)
    return found


def nothing_forgotten(station: Station) -> None:
    """Whatever was said to be saved is in the queue of the station."""
    there = {row["command_id"] for row in station.rows()}
    lost = [command_id for command_id in station.acknowledged if str(command_id) not in there]
    assert not lost, f"{station.name} has lost {lost}"


def feed_is_gapless(city: City) -> None:
    numbers = select(office_head.c.feed_floor, office_head.c.feed_seq).where(office_head.c.office == OFFICE)
    floor, head = city.read(lambda connection: connection.execute(numbers).one_or_none()) or (0, 0)
    statement = select(feed_row.c.seq).where(feed_row.c.office == OFFICE).order_by(feed_row.c.seq)
    rows = city.read(lambda connection: list(connection.execute(statement).scalars()))
    assert rows == list(range(floor + 1, head + 1)), "the feed has gaps"


# when everything has healed


def one_outcome_each(city: City, stations: Sequence[Station], _story: Story) -> None:
    """Every command has one outcome, the same at both ends, and both ends know the same commands."""
    final: dict[str, Decided] = {}
    times: Counter[str] = Counter()
    for row in city.log():
        final[row.id] = row
        times[row.id] += row.outcome.state != "held"
    more = [command_id for command_id, count in times.items() if count != 1]
    assert not more, f"{more} have more than one outcome, or none"
    statement = select(command_key.c.command_id, command_key.c.seq)
    spent = dict(city.read(lambda connection: connection.execute(statement).all()))
    queued = {row["command_id"] for station in stations for row in station.rows()}
    assert set(final) <= queued, "central has commands that no desk has entered"
    for station in stations:
        for row in station.rows():
            _agrees(station, row, final.get(row["command_id"]), spent)


def _agrees(station: Station, row: Any, known: Decided | None, spent: dict[str, int | None]) -> None:
    what = f"{station.name} {row['counter']} {row['kind']} {row['command_id']} is {row['state']}"
    assert row["state"] not in WAITING, f"{what} for ever"
    if row["state"] == "discarded":
        assert row["discard_id"] or known, what
        assert row["command_id"] in spent, f"{what}, and central would still take it"
        assert known is None or known.outcome.state != "applied", f"{what}, and central has applied it"
        return
    if known is None:
        problem = json.loads(row["problem"] or "{}").get("code", "")
        assert problem in _NO_ACT, f"{what}, and central has never seen it"
        return
    assert row["state"] == known.outcome.state, f"{what}, at central {known.outcome.state}"
    kept = json.loads(row["outcome"])
    assert kept["answer"] == known.outcome.answer, what


def applied_once(city: City, _stations: Sequence[Station], _story: Story) -> None:
    """Reports count as many calls as were applied; every line of a timeline is of one applied command."""
    log = city.log()
    counted = applied_calls(log)
    statement = select(report.c.report_id, report.c.calls).where(report.c.office == OFFICE)
    calls = dict(city.read(lambda connection: connection.execute(statement).all()))
    assert {report_id: len(ids) for report_id, ids in counted.items()} == calls
    applied = {row.id for row in log if row.outcome.state == "applied"}
    lines = city.entries()
    assert len(set(lines)) == len(lines)
    assert set(lines) <= applied, "a line of a timeline is of nothing that was applied"
    notes = {row.id for row in log if row.kind == "note.add" and row.outcome.state == "applied"}
    assert notes <= set(lines), "an applied note is on no timeline"


def lanes_in_order(city: City, _stations: Sequence[Station], story: Story) -> None:
    """Each station's commands of a lane were decided in the order entered, dangers before the rest, and none
    overtook one that was stopped and not resolved. A danger waits no longer for an earlier one on which
    central has broken often enough to park another."""
    last: dict[tuple[str, str, bool], int] = {}
    stopped: dict[tuple[str, str, bool], Decided] = {}
    judged: set[str] = set()
    for row in city.log():
        if row.id in judged or row.outcome.state == "discarded":
            continue
        judged.add(row.id)
        lane = (row.station, row.lane, row.urgent)
        if row.urgent and city.broke[row.id] >= EQUAL_FAULTS:
            continue
        assert row.counter > last.get(lane, 0), f"{lane}: {row.counter} after {last[lane]}"
        last[lane] = row.counter
        if (before := stopped.pop(lane, None)) is not None and not row.urgent:
            resolved = story.resolved.get(UUID(before.id))
            assert resolved is not None, f"{lane}: {row.counter} passed {before.counter}, which is stopped"
            assert resolved < row.seq, f"{lane}: {row.counter} passed {before.counter} before it was fixed"
        if row.outcome.state in ("refused", "conflict", "expired") and row.kind != "command.discard":
            stopped[lane] = row  # a discard that is refused the desk resolves itself: it asks for the item


def chains_verify(city: City, stations: Sequence[Station], _story: Story) -> None:
    """Both audit chains are whole, and every place in central's that a desk was told of is as it was told."""
    told = [
        Witness(office=row["witness_office"], seq=row["witness_seq"], hash=row["witness_hash"])
        for station in stations
        for row in station.rows()
        if row["witness_seq"] is not None
    ]
    assert verify_audit(city.central.db, OFFICE, told) == []
    for station in stations:
        assert station.desk.verify_outbox() == []
        found = station.desk.reconcile()
        assert found.balanced, found
        assert found.open == 0


def caches_are_centrals(city: City, stations: Sequence[Station], _story: Story) -> None:
    """What each desk shows is what central has, with nothing laid over it."""
    for station in stations:
        _lists_are_centrals(city, station)
        _roster_is_centrals(city, station)
        _views_are_centrals(city, station)


def _lists_are_centrals(city: City, station: Station) -> None:
    latest = city.clock.latest
    theirs = city.read(
        lambda connection: (
            list_reports(connection, OFFICE, limit=200).items,
            {one.id: one for one in list_hazards(connection, OFFICE)},
            {one.id: one for one in list_planned(connection, OFFICE, latest)},
        )
    )
    board = station.desk._workspace.board()
    mine = (
        board.reports(),
        {one.id: one for one in board.hazards()},
        {one.id: one for one in board.planned(latest)},
    )
    assert mine == theirs, f"the lists of {station.name}"
    with station.desk._files.cache.read() as connection:
        documents = cache_rows.outages(connection)
    cached = [cache_rows.outage_view(name[0], document) for name, document in documents.items()]
    reports = [one for one in cached if isinstance(one, ReportView)]
    assert {one.id: one for one in reports if one.state == "open"} == {one.id: one for one in theirs[0]}


def _roster_is_centrals(city: City, station: Station) -> None:
    accounts = city.read(lambda connection: list(connection.execute(select(account.c.account)).scalars()))
    today = city.clock.now.date()
    theirs = city.read(lambda connection: roster_entries(connection, OFFICE, accounts, today))
    mine = {number: station.desk.entry(number) for number in accounts}
    assert mine == theirs, f"the roster of {station.name}"


def _views_are_centrals(city: City, station: Station) -> None:
    """Also before it is asked for again, a view that is not marked stale says what central says, but for
    what the day alone changes: the ages of the balance, and the caller's verification."""
    reader = city.read(lambda connection: find_actor(connection, station.clerk))
    for number in sorted(station.fetched):
        theirs = city.read(
            lambda connection, number=number: account_view(
                connection, OFFICE, number, reader=reader, now=city.clock.now
            )
        )
        kept = station.desk.account(number)
        assert kept is not None, f"{station.name} has forgotten {number}"
        assert kept.pending == 0
        assert kept.view.balance.balance_cents == theirs.balance.balance_cents or kept.stale
        if not kept.stale:
            mine = _without_the_day(kept.view, theirs, city)
            differ = _differing(mine, _without_the_day(theirs, theirs, city))
            assert not differ, f"{station.name} takes its view of {number} for fresh: {differ}"
        asked = station.desk.refresh_account(number)
        assert not asked.stale
        assert asked.view == theirs, f"{station.name} asked for {number}"


def _without_the_day(view: AccountView, theirs: AccountView, city: City) -> AccountView:
    """The view with what the day alone changes as central has it."""
    of_the_day: dict[str, Any] = {"verified_level": 0, "verified_at": None, "balance": theirs.balance}
    if view.budget and theirs.budget:
        changed: dict[str, Any] = {"past_due_cents": theirs.budget.past_due_cents}
        number = view.entry.account
        bases = city.read(
            lambda connection: [basis_of(connection, OFFICE, number, day) for day in city.clock.days]
        )
        if (view.budget.bills_cents, view.budget.of_premise) in bases:
            changed |= {"bills_cents": theirs.budget.bills_cents, "of_premise": theirs.budget.of_premise}
        of_the_day["budget"] = view.budget.model_copy(update=changed)
    return view.model_copy(update=of_the_day)


def _differing(mine: BaseModel, theirs: BaseModel) -> dict[str, tuple[Any, Any]]:
    """The fields in which two views differ, with both values."""
    both = ((name, getattr(mine, name), getattr(theirs, name)) for name in type(mine).model_fields)
    return {name: (ours, other) for name, ours, other in both if ours != other}


def reports_have_the_version_of_what_was_set(city: City, _stations: Sequence[Station], _story: Story) -> None:
    """It is what a correction expects: with another one it would clash with nobody, or overwrite somebody."""

    def both(connection: Connection) -> list[tuple[int, int]]:
        return [
            (one.version, versions.current(connection, OFFICE, f"report:{one.id}").version)
            for one in list_reports(connection, OFFICE, limit=200).items
        ]

    assert not [pair for pair in city.read(both) if pair[0] != pair[1]]


def money_sums_to_zero(city: City, _stations: Sequence[Station], _story: Story) -> None:
    """Every entry of the ledger by itself, all of them together, and every balance is what was posted."""
    assert city.read(lambda connection: verify_ledger(connection, OFFICE)) == []
    total = select(func.sum(ledger_posting.c.cents)).where(ledger_posting.c.office == OFFICE)
    assert city.read(lambda connection: connection.execute(total).scalar()) == 0


def timelines_hold_their_notes(city: City, _stations: Sequence[Station], _story: Story) -> None:
    """No line stands under an account that its command was not about."""
    statement = select(timeline.c.entry_id, timeline.c.account).where(timeline.c.office == OFFICE)
    lines = dict(city.read(lambda connection: connection.execute(statement).all()))
    for row in city.log():
        number = getattr(city.command(row.id), "account", None)
        assert lines.get(row.id, number) == number


AFTERWARDS: tuple[Callable[[City, Sequence[Station], Story], None], ...] = (
    one_outcome_each,
    applied_once,
    lanes_in_order,
    chains_verify,
    caches_are_centrals,
    timelines_hold_their_notes,
    money_sums_to_zero,
    reports_have_the_version_of_what_was_set,
)
"""Held when everything has healed, in this order."""
