"""The bytes of the queue are the bytes of the wire, and a seal fits only what was entered."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from csr_console.contracts.envelope import (
    Envelope,
    Submission,
    Unspellable,
    canonical,
    command_document,
    seal,
    seal_fits,
)
from csr_console.domain.accounts.commands import AddNote
from csr_console.domain.ids import uuid7

ID = UUID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
SESSION = UUID("0198f2b4-0000-4000-8000-000000000001")
GOLDEN = {
    "id": "017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
    "issued_at": "2026-08-30T14:02:00Z",
    "station": "C07",
    "counter": 41,
    "actor": "m.reyes",
    "shift": "",
    "expects": {"contact:100482771": 3},
    "command": {"kind": "note.add", "account": "100482771", "text": "Señora Núñez: dog is friendly."},
}
GOLDEN_BYTES = (
    '{"actor":"m.reyes","command":{"account":"100482771","kind":"note.add","text":"Señora Núñez: dog is'
    ' friendly."},"counter":41,"expects":{"contact:100482771":3},"id":"017f22e2-79b0-7cc3-98c4-dc0c0c07398f",'
    '"issued_at":"2026-08-30T14:02:00Z","shift":"","station":"C07"}'
).encode()
GOLDEN_DIGEST = "088288f3b777c91d42a3436fab6546d375cc535732463cf92cf5b6b850afbc07"
"""SHA-256 of GOLDEN_BYTES by `sha256sum`. It may never change: queues and audit chains of years hold it."""

moments = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001  hypothesis adds the zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=-4)), timezone(timedelta(hours=5, minutes=30))]),
)
envelopes = st.builds(
    Envelope,
    id=st.builds(uuid7, moments, st.binary(min_size=10, max_size=10)),
    issued_at=moments,
    station=st.just("C07"),
    counter=st.integers(1, 10**9),
    actor=st.just("m.reyes"),
    expects=st.dictionaries(st.sampled_from(["contact:100482771", "report:1"]), st.integers(0, 10**6)),
    not_after=st.none() | moments,
    command=st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)
    .filter(str.strip)
    .map(lambda text: {"kind": "note.add", "account": "100482771", "text": text}),
)


def test_the_canonical_bytes_and_the_digest_are_frozen() -> None:
    envelope = Envelope.model_validate(GOLDEN)
    assert canonical(envelope.document()) == GOLDEN_BYTES
    assert envelope.digest() == GOLDEN_DIGEST


def test_canonical_json_sorts_keys_and_keeps_letters() -> None:
    assert canonical({"b": [1, None, True], "a": "ñ\n"}) == '{"a":"ñ\\n","b":[1,null,true]}'.encode()


_DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
)


@given(_DOCUMENTS)
def test_it_is_the_spelling_of_the_standard_library(document: Any) -> None:
    """What was sealed and chained by another version of the speller keeps its digest."""
    spelled = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert canonical(document) == spelled.encode()


def _nested(depth: int) -> Any:
    return [_nested(depth - 1)] if depth else []


@pytest.mark.parametrize("document", ["\ud800", {"\udfff": 1}, 2**64, {1: "a"}, _nested(400)])
def test_what_has_no_spelling_is_said_to_have_none(document: Any) -> None:
    with pytest.raises(Unspellable):
        canonical(document)


@given(envelopes)
def test_an_envelope_that_travelled_has_the_same_digest(envelope: Envelope) -> None:
    once = Envelope.model_validate_json(canonical(envelope.document()))
    assert once == envelope
    assert once.digest() == envelope.digest()


@given(envelopes)
def test_the_order_and_the_blanks_of_the_bytes_do_not_matter(envelope: Envelope) -> None:
    pretty = json.dumps(dict(reversed(list(envelope.document().items()))), indent=2)
    assert Envelope.model_validate_json(pretty).digest() == envelope.digest()


@pytest.mark.parametrize(
    "change",
    [
        {"counter": 42},
        {"actor": "l.okafor"},
        {"expects": {}},
        {"reason": "second try"},
        {"not_after": "2026-08-30T15:00:00Z"},
        {"command": {**AddNote.example().model_dump(), "text": "Other."}},
    ],
)
def test_another_act_has_another_digest(change: dict[str, object]) -> None:
    assert Envelope.model_validate({**GOLDEN, **change}).digest() != GOLDEN_DIGEST


@pytest.mark.parametrize(
    "change",
    [
        {"id": "0198f2b4-0000-4000-8000-000000000001"},
        {"issued_at": "2026-08-30T14:02:00"},
        {"station": "desk 7"},
        {"counter": 0},
        {"actor": "M Reyes"},
        {"expects": {"contact:100482771": -1}},
        {"surprise": 1},
    ],
)
def test_an_envelope_that_does_not_fit_is_refused_without_repeating_it(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as refused:
        Envelope.model_validate({**GOLDEN, **change})
    assert "desk 7" not in str(refused.value)


def test_a_seal_is_an_hmac_of_sha_256() -> None:
    """RFC 4231 test case 2."""
    assert (
        seal(b"Jefe", "what do ya want for nothing?")
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32), envelopes, envelopes)
def test_a_seal_fits_its_key_and_its_digest_only(
    key: bytes, other: bytes, envelope: Envelope, another: Envelope
) -> None:
    digest = envelope.digest()
    given_seal = seal(key, digest)
    assert seal_fits(key, digest, given_seal)
    assert seal_fits(other, digest, given_seal) == (other == key)
    assert seal_fits(key, another.digest(), given_seal) == (another.digest() == digest)


def test_a_submission_travels_with_its_envelope_untouched() -> None:
    envelope = Envelope.model_validate(GOLDEN)
    submission = Submission(envelope=envelope, session=SESSION, seal=seal(b"k" * 32, envelope.digest()))
    assert Submission.model_validate_json(canonical(submission.document())) == submission


def test_a_command_document_leaves_out_what_was_left_out() -> None:
    assert command_document(AddNote.example()) == {
        "kind": "note.add",
        "account": "100482771",
        "text": "Gate code changed; dog is friendly.",
    }
