"""The workstation from outside: lookup, entering, draining, refreshing."""

import pytest
from tests.desk.fake_central import FakeCentral, number
from tests.desk.opened import Opened

from csr_console.domain.accounts.commands import AddNote
from csr_console.domain.refusals import Refusal


def note(position: int, text: str = "Gate code changed.") -> AddNote:
    return AddNote(account=number(position), text=text)


def test_a_note_is_applied_and_answered_with_its_witness(signed_in: Opened, central: FakeCentral) -> None:
    desk = signed_in.desk
    receipt = desk.submit(note(3), id=desk.new_id(), wait_s=10)
    assert receipt.state == "applied"
    assert receipt.answer == "Done."
    assert receipt.outcome is not None
    assert receipt.outcome.witness == central.witness(1)
    assert central.applied == [receipt.id]


def test_every_customer_is_found_after_the_snapshot(signed_in: Opened) -> None:
    entry = signed_in.desk.entry(number(77))
    assert entry is not None
    assert entry.name == "Maria Lopez 77"
    assert signed_in.desk.resolve(number(77)).exact


def test_an_account_is_kept_with_its_age(signed_in: Opened) -> None:
    desk = signed_in.desk
    assert desk.account(number(5)) is None
    viewed = desk.refresh_account(number(5))
    assert viewed.view.entry.account == number(5)
    assert not viewed.stale
    again = desk.account(number(5))
    assert again == viewed
    with pytest.raises(Refusal, match="No such account"):
        desk.refresh_account("000000000")
