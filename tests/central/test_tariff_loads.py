"""A rate load: kept, simulated over a month, approved by another person; on both databases."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select
from tests.central.conftest import Town
from tests.central.test_billing_run import billed, month, run

from csr_console.central.tables.journal import journal
from csr_console.central.tariff_loads import Compared, approve_book, list_books, load_book, simulate_book
from csr_console.central.tariffs import books_in_force, shipped_texts
from csr_console.contracts.tariff import read_book
from csr_console.domain.refusals import Refusal

__all__ = ["billed"]
NOW = datetime(2026, 8, 30, 14, 0, tzinfo=UTC)
AUGUST = date(2024, 8, 1)


def dearer() -> str:
    """The book of Tallahassee with one price changed."""
    text = shipped_texts()["tallahassee"]
    before = 'price = "'
    place = text.index(before) + len(before)
    end = text.index('"', place)
    changed = text[:place] + "9" + text[place:end] + text[end:]
    assert read_book(changed).book is not None
    return changed


@pytest.fixture
def loaded(billed: Town) -> tuple[Town, str]:
    """A month of bills, and a book loaded by clara."""
    run(billed, month(billed, 1))
    with billed.db.write() as connection:
        digest = load_book(connection, "main", dearer(), "clara", NOW)
    assert isinstance(digest, str)
    return billed, digest


def simulate(town: Town, digest: str, on: date = AUGUST, **rest: Any) -> Any:
    with town.db.write() as connection:
        return simulate_book(connection, "main", digest, on, "clara", NOW, **rest)


def approve(town: Town, digest: str, by: str) -> None:
    with town.db.write() as connection:
        approve_book(connection, "main", digest, by, NOW)


def states(town: Town) -> list[str]:
    with town.db.read() as connection:
        return [one.state for one in list_books(connection, "main")]


def test_loaded_simulated_approved_by_another(loaded: tuple[Town, str]) -> None:
    town, digest = loaded
    with pytest.raises(Refusal, match="was not simulated yet"):
        approve(town, digest, "lea")
    simulation = simulate(town, digest[:12])
    assert len(simulation.changes) == 1
    assert set(simulation.schedules) == {"E-RES", "W-RES", "S-RES", "D-RES"}
    moved = {name: one.after_cents - one.before_cents for name, one in simulation.schedules.items()}
    assert sorted(bool(cents) for cents in moved.values()) == [False, False, False, True]
    assert max(moved.values()) > 0
    assert simulation.schedules["E-RES"].segments == 1
    with pytest.raises(Refusal, match="You loaded this book yourself"):
        approve(town, digest, "clara")
    approve(town, digest, "lea")
    with town.db.read() as connection:
        assert books_in_force(connection, "main")["tallahassee"].digest == digest
        acts = connection.execute(select(journal.c.act, journal.c.actor)).all()
    assert {tuple(row) for row in acts} == {
        ("tariff.loaded", "clara"),
        ("tariff.simulated", "clara"),
        ("tariff.approved", "lea"),
    }
    with pytest.raises(Refusal, match="approved already"):
        approve(town, digest, "sue")
    run(town, month(town, 2))
    same = simulate(town, digest, date(2024, 9, 1))
    assert all(one.before_cents == one.after_cents for one in same.schedules.values())


def test_the_book_in_force_changes_nothing_and_cancelled_bills_do_not_count(
    loaded: tuple[Town, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the simulation: by the very book of the bills every schedule comes to the same."""
    town, _ = loaded
    with town.db.read() as connection:
        force = books_in_force(connection, "main")["tallahassee"].digest
    monkeypatch.setattr("csr_console.central.tariff_loads.SEGMENTS_AT_ONCE", 5)
    simulation = simulate(town, force)
    assert simulation.changes == ()
    assert all(
        isinstance(one, Compared) and one.before_cents == one.after_cents > 0
        for one in simulation.schedules.values()
    )


def test_bills_before_the_new_prices_are_moved_to_them(loaded: tuple[Town, str]) -> None:
    town, digest = loaded
    simulation = simulate(town, digest, begins_on=date(1990, 1, 1))
    assert simulation.schedules == {}
    assert simulation.refused_count == 4
    assert simulation.refused[0].startswith("Bill 1001, electric: ")
    assert simulate(town, digest, begins_on=date(2025, 11, 1)).refused_count == 0


def test_what_is_refused(loaded: tuple[Town, str]) -> None:
    town, digest = loaded
    with pytest.raises(Refusal, match="is kept already"), town.db.write() as connection:
        load_book(connection, "main", dearer(), "lea", NOW)
    with pytest.raises(Refusal, match="No bill of 2020-01 was rated"):
        simulate(town, digest, date(2020, 1, 1))
    with pytest.raises(Refusal, match="no tariff book that is kept here begins with 'ffff'"):
        simulate(town, "ffff")
    assert sorted(states(town)) == ["in force", "loaded"]
