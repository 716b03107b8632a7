"""What the queue, a clash, an approval and the end of a shift say."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from csr_console.contracts.outcome import ProblemDocument, Witness
from csr_console.contracts.views.approvals import HeldView
from csr_console.desk.model import DeskStatus, ItemState, QueueItem, Reconciliation
from csr_console.domain.accounts.commands import UpdateContact
from csr_console.domain.outages.commands import CorrectReport, ReportOutage
from csr_console.domain.oversight.commands import DecideApproval
from csr_console.screens.approvals import command_lines
from csr_console.screens.ask import check_reason
from csr_console.screens.conflict import both_lines, field_row, in_form_order, kept
from csr_console.screens.fix import editable_fields
from csr_console.screens.pin import check_pin
from csr_console.screens.queue import attention, queue_row, said_lines
from csr_console.screens.reconcile import sheet
from csr_console.widgets.cells import Toned

NOW = datetime(2026, 9, 1, 18, 0, tzinfo=UTC)
CHANGE = UpdateContact(account="100482771", phone_1="8505550177", email="me@example.org")


def item(seq: int = 1, state: ItemState = "queued", **values: Any) -> QueueItem:
    made = QueueItem(
        id=UUID(int=seq),
        seq=seq,
        kind="contact.update",
        title="Update contact details",
        lane="account:100482771",
        about="100482771",
        state=state,
        entered_at=NOW,
        age_s=300,
        attempts=1,
        actor="demo",
        sentence="Waiting to be sent.",
        parked=False,
        problem=None,
        command=CHANGE,
        outcome=None,
    )
    return replace(made, **values)


def problem(**values: str) -> ProblemDocument:
    document = {
        "type": "about:blank",
        "title": "Report is closed",
        "status": 409,
        "detail": "Report #7 is closed.",
        "code": "report-closed",
        "next_step": "Open a new report.",
    }
    return ProblemDocument.model_validate({**document, **values})


def test_what_needs_a_person_comes_first_then_what_waits_then_the_newest() -> None:
    items = [
        item(1, "applied"),
        item(2),
        item(3, "refused"),
        item(4, "applied"),
        item(5, parked=True),
        item(6, "held"),
    ]
    assert [one.seq for one in sorted(items, key=attention)] == [3, 5, 2, 6, 4, 1]


def test_a_row_says_state_age_and_words() -> None:
    assert queue_row(item(), "Dolores") == (
        Toned("… queued", "warn"), "Update contact details", "Dolores", "5 min", "Waiting to be sent.",
    )  # fmt: skip
    assert queue_row(item(parked=True), "")[0] == Toned("! set aside", "error")


def test_centrals_words_are_said_once_with_the_next_step() -> None:
    lines = said_lines(item(2, "refused", problem=problem(), attempts=2))
    assert lines == [
        "#2 Update contact details by demo, 2 attempts: refused",
        "Report is closed: Report #7 is closed.",
        "Open a new report.",
    ]
    twice = problem(title="Changed by someone else", detail="Changed by someone else meanwhile: email.")
    assert said_lines(item(problem=twice))[1] == "Changed by someone else meanwhile: email."


def test_a_fix_asks_every_field_a_person_fills_in_and_no_place_twice() -> None:
    at_premise = ReportOutage.example()
    assert editable_fields(at_premise) == ["scope", "hazard", "callback", "caller", "remark"]
    spoken = ReportOutage.model_validate({"location": "Oak & 12th", "scope": "all", "hazard": "none"})
    assert editable_fields(spoken)[0] == "location"
    assert editable_fields(CorrectReport.example()) == ["scope", "hazard", "callback", "withdrawn"]
    assert editable_fields(DecideApproval.example()) == ["approve", "reason"]


def test_fields_given_up_are_left_out_and_nothing_left_is_nothing_to_send() -> None:
    mixed = kept(CHANGE, {"phone_1": False, "email": True})
    assert mixed is not None
    assert mixed.changed_fields == {"email"}
    assert kept(CHANGE, {"phone_1": False, "email": False}) is None
    assert kept(CHANGE, {"phone_1": True, "email": True}) == CHANGE


def test_a_clash_stands_in_the_order_of_its_form() -> None:
    fields = {"email": {"theirs": "a"}, "unknown": {"theirs": "b"}, "phone_1": {"theirs": "c"}}
    assert list(in_form_order(CHANGE, fields)) == ["phone_1", "email", "unknown"]
    assert list(in_form_order(None, fields)) == list(fields)


def test_what_is_kept_is_marked_by_word_and_tone() -> None:
    field = {"theirs": "8505550188", "yours": "", "by": "colleague", "at": "2026-09-01T17:30:00+00:00"}
    assert field_row("phone_1", field, mine=True) == ("phone 1", "8505550188", Toned("(empty)", "ok"), "mine")
    assert field_row("phone_1", field, mine=False) == (
        "phone 1",
        Toned("8505550188", "ok"),
        "(empty)",
        "theirs",
    )
    theirs, yours = both_lines("phone_1", field, NOW)
    assert theirs.startswith("phone 1 on file now (by colleague at ")
    assert theirs.endswith(": 8505550188")
    assert yours == "Yours: (empty)"


def test_an_approver_reads_every_field_that_is_set() -> None:
    held = HeldView(
        id=UUID(int=1),
        kind="contact.update",
        digest="f8c62f581b2e00",
        command={"kind": "contact.update", "account": "100482771", "phone_2": "", "email": None},
        actor="colleague",
        station="C08",
        issued_at=NOW,
        held_at=NOW,
        policy="contact-under-fraud-hold",
        sentence="A lead has to approve it.",
    )
    assert command_lines(held) == [
        "A lead has to approve it.",
        "account        100482771",
        "phone 2        (empty)",
        "Update contact details · station C08 · digest f8c62f581b2e",
    ]


@pytest.mark.parametrize(
    ("answer", "taken"), [("no", False), ("why", True), ("x" * 200, True), ("x" * 201, False)]
)
def test_a_reason_has_three_to_two_hundred_characters(answer: str, taken: bool) -> None:
    assert (check_reason(answer) == "") is taken


@pytest.mark.parametrize(
    ("pin", "taken"),
    [("441", False), ("4417", True), ("4444", False), ("44a7", False), ("1" * 12 + "2", False)],
)
def test_a_pin_is_four_to_twelve_digits_not_all_the_same(pin: str, taken: bool) -> None:
    assert (check_pin(pin) == "") is taken


def counts(**values: Any) -> Reconciliation:
    made = Reconciliation(
        since=NOW,
        entered=3,
        counts={"applied": 2, "queued": 1},
        open=1,
        chain_head="ab" * 32,
        witness=None,
        central_head=Witness(office="demo", seq=12, hash="cd" * 32),
        findings=(),
    )
    return replace(made, **values)


def status(queued: int) -> DeskStatus:
    return DeskStatus(
        "online", None, "", queued=queued, unconfirmed=0, held=0, attention=0, parked=0, signed_in=True,
        locked=False, drains=True, roster_count=1, roster_progress=None, as_of=NOW,
    )  # fmt: skip


def test_a_shift_that_adds_up_says_so() -> None:
    text = sheet(counts(), status(1), NOW).plain
    assert "✓ Everything entered is accounted for." in text
    assert "left over" not in text
    assert "row 12" in text


def test_what_does_not_fit_is_said_and_nothing_is_called_well() -> None:
    text = sheet(counts(findings=("Command 3 is not what was entered.",)), status(1), NOW).plain
    assert "✗ Command 3 is not what was entered." in text
    assert "✓" not in text
    assert "✗ The counts differ" in sheet(counts(entered=4), status(1), NOW).plain


def test_without_central_it_is_not_compared_and_nothing_is_wrong() -> None:
    unread = counts(central_head=None, findings=("Central's audit log could not be compared: no network.",))
    text = sheet(unread, status(1), NOW).plain
    assert "◌ Central is not reached" in text
    assert "✗" not in text
    assert "✓" not in text


def test_what_an_earlier_shift_left_is_counted_apart() -> None:
    text = sheet(counts(), status(4), NOW).plain
    (line,) = [line for line in text.splitlines() if "left over" in line]
    assert line.split()[-1] == "3"
