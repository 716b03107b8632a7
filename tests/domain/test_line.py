"""The grammar of the omnibox."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csr_console.domain.ids import damm_digit
from csr_console.domain.line import MAX_LINE, ParsedLine, SubjectKind, parse_line
from csr_console.domain.outages.kinds import Hazard, Scope
from csr_console.domain.verbs import VERBS, OutageArgs, find_verb, outage_args, verb_of_key, verbs_starting
from csr_console.domain.words import fold


def acts(line: ParsedLine) -> list[tuple[str, ...]]:
    return [(act.verb.code, *act.args) for act in line.acts]


@pytest.mark.parametrize(
    ("text", "kind", "key", "expected"),
    [
        ("1204 oak out a n", SubjectKind.ADDRESS, "1204 oak", [("out", "a", "n")]),
        ("8505550142 out a n", SubjectKind.PHONE, "8505550142", [("out", "a", "n")]),
        ("(850) 555-0142 out a n", SubjectKind.PHONE, "8505550142", [("out", "a", "n")]),
        ("+1 850 555 0142", SubjectKind.PHONE, "8505550142", []),
        ("555-0142 out a n", SubjectKind.LOCAL_PHONE, "5550142", [("out", "a", "n")]),
        ("oak & 12th out a n", SubjectKind.INTERSECTION, "oak & 12th", [("out", "a", "n")]),
        ("Oak St and 12th Ave", SubjectKind.INTERSECTION, "oak st & 12th ave", []),
        ("pole 10432 out a w", SubjectKind.POLE, "pole 10432", [("out", "a", "w")]),
        ("poste 10432 apagón a w", SubjectKind.POLE, "pole 10432", [("out", "a", "w")]),
        ("30.4401,-84.2807 out a n", SubjectKind.COORDINATES, "30.4401,-84.2807", [("out", "a", "n")]),
        ("30.4401, -84.2807 out a n", SubjectKind.COORDINATES, "30.4401,-84.2807", [("out", "a", "n")]),
        ("#12", SubjectKind.TICKET, "12", []),
        ("t:12", SubjectKind.TICKET, "12", []),
        ("a:100482771 note", SubjectKind.ACCOUNT, "100482771", [("note",)]),
        ("100-482-771 nota Portón roto!", SubjectKind.ACCOUNT, "100482771", [("note", "Portón", "roto!")]),
        ("gas", SubjectKind.NONE, "", [("gas",)]),
        ("1204 oak gas", SubjectKind.ADDRESS, "1204 oak", [("gas",)]),
        ("maria lopez", SubjectKind.NAME, "maria lopez", []),
        ("lopes maria", SubjectKind.NAME, "lopes maria", []),
        ("E1020304", SubjectKind.METER, "E1020304", []),
        ("e-1020304 out p", SubjectKind.METER, "E1020304", [("out", "p")]),
        ("P0001204", SubjectKind.PREMISE, "P0001204", []),
        ("1204", SubjectKind.NUMBER, "1204", []),
        ("1204 12 out a n", SubjectKind.ADDRESS, "1204 12", [("out", "a", "n")]),
        ("oak 1204", SubjectKind.ADDRESS, "oak 1204", []),
        ("12 out island rd out a n", SubjectKind.ADDRESS, "12 out island rd", [("out", "a", "n")]),
        ("8505550142 out a n note dog in yard", SubjectKind.PHONE, "8505550142",
         [("out", "a", "n"), ("note", "dog", "in", "yard")]),
        ("8505550142 out a gas", SubjectKind.PHONE, "8505550142", [("out", "a", "gas")]),
        ("john lock", SubjectKind.NAME, "john lock", []),
        ("lock", SubjectKind.NONE, "", [("lock",)]),
        ("cola maria", SubjectKind.NAME, "cola maria", []),
        ("help out", SubjectKind.NONE, "", [("help", "out")]),
        ("maria v", SubjectKind.NAME, "maria v", []),
        ("8505550142 v", SubjectKind.PHONE, "8505550142", [("v",)]),
        ("n:8505550142", SubjectKind.NAME, "8505550142", []),
        ("d:oak st out a n", SubjectKind.ADDRESS, "oak st", [("out", "a", "n")]),
        ("100482772", SubjectKind.NUMBER, "100482772", []),
    ],
)  # fmt: skip
def test_reads(text: str, kind: SubjectKind, key: str, expected: list[tuple[str, ...]]) -> None:
    line = parse_line(text)
    assert (line.subject.kind, line.subject.key, acts(line)) == (kind, key, expected)
    assert not line.insist
    assert not line.unknown


def test_here_and_insistence() -> None:
    line = parse_line(". out p n!")
    assert (line.subject.kind, acts(line), line.insist) == (SubjectKind.HERE, [("out", "p", "n")], True)
    assert parse_line("8505550142 out a n !").insist
    assert not parse_line("8505550142 out a n").insist


def test_words_nobody_understands_are_kept_apart() -> None:
    line = parse_line("8505550142 smith out a n")
    assert line.unknown == ("smith",)
    assert acts(line) == [("out", "a", "n")]


def test_answers_of_a_caller_are_not_remembered() -> None:
    assert parse_line("8505550142 v 4417").remembered == "8505550142 v"
    assert parse_line("8505550142 out a n").remembered == "8505550142 out a n"


def test_outage_words() -> None:
    assert outage_args(("a", "n")) == OutageArgs(Scope.ALL, Hazard.NONE, "")
    assert outage_args(("p", "p", "leaning", "badly")) == OutageArgs(
        Scope.PART, Hazard.POLE_DOWN, "leaning badly"
    )
    assert outage_args(("W",)) == OutageArgs(None, Hazard.WIRE_DOWN, "")
    assert outage_args(("todo", "chispas")) == OutageArgs(Scope.ALL, Hazard.SPARKS, "")
    assert outage_args(()) == OutageArgs(None, None, "")


def test_every_verb_has_words_and_keys_of_its_own() -> None:
    names = [fold(name) for verb in VERBS for name in verb.names]
    keys = [verb.key for verb in VERBS if verb.key]
    assert len(names) == len(set(names))
    assert len(keys) == len(set(keys))
    for verb in VERBS:
        assert all(find_verb(name) is verb for name in verb.names)
        assert verb.key == "" or verb_of_key(verb.key) is verb
        assert verb in verbs_starting(verb.code[:2])
    assert find_verb("APAGON") is find_verb("out")
    assert find_verb("smith") is None


@given(st.text(max_size=MAX_LINE * 2))
def test_any_text_parses(text: str) -> None:
    line = parse_line(text)
    assert len(line.text) <= MAX_LINE
    assert fold(line.subject.text) in fold(line.text)


TOKENS = [
    "8505550142",
    "100482771",
    ".",
    "#",
    "#7",
    "12",
    "out",
    "a",
    "n",
    "&",
    "oak",
    "1204",
    "gas",
    "30.4,-84",
]


@given(st.lists(st.sampled_from([*TOKENS, "note", "v", "queue", "pole", "-", "y", "E1020304"])))
def test_no_word_of_a_heap_is_lost(tokens: list[str]) -> None:
    line = parse_line(" ".join(tokens))
    kept = [*line.subject.text.split(), *line.unknown]
    kept += [word for act in line.acts for word in (act.verb.code, *act.args)]
    assert kept == tokens


digits = st.text("0123456789", min_size=8, max_size=8)
account = digits.map(lambda text: (text + damm_digit(text), SubjectKind.ACCOUNT))
phone = st.from_regex(r"[2-9][0-9]{2}[2-9][0-9]{6}", fullmatch=True).map(
    lambda text: (text, SubjectKind.PHONE)
)
meter = st.from_regex(r"[A-OQ-Z][0-9]{7}", fullmatch=True).map(lambda text: (text, SubjectKind.METER))
ticket = st.integers(1, 999_999).map(lambda number: (f"#{number}", SubjectKind.TICKET))
word = st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=9).filter(
    lambda text: find_verb(text) is None and text not in ("at", "and", "pole", "poste")
)
name = st.lists(word, min_size=1, max_size=3).map(lambda parts: (" ".join(parts), SubjectKind.NAME))
address = st.tuples(st.integers(1, 99_999), word).map(
    lambda parts: (f"{parts[0]} {parts[1]}", SubjectKind.ADDRESS)
)
subject = st.one_of(account, phone, meter, ticket, name, address, st.just((".", SubjectKind.HERE)))
outage = st.tuples(st.sampled_from("apf"), st.sampled_from("nwpsgc")).map(lambda args: ("out", *args))
act = st.one_of(outage, st.just(("gas",)), st.just(("wrap",)), st.tuples(st.just("cb"), word))
note = st.lists(word, min_size=1, max_size=4).map(lambda parts: ("note", *parts))


@given(subject, st.lists(act, max_size=3), st.none() | note, st.booleans())
def test_a_line_of_parts_is_read_as_its_parts(
    subject: tuple[str, SubjectKind], acts_: list[tuple[str, ...]], note: tuple[str, ...] | None, insist: bool
) -> None:
    expected = [*acts_, *([note] if note else [])]
    insist = insist and note is None
    text = " ".join([subject[0], *(part for act in expected for part in act)]) + "!" * insist
    line = parse_line(text)
    assert line.subject.text == subject[0]
    assert line.subject.kind is subject[1]
    assert acts(line) == expected
    assert line.insist == insist


@given(st.from_regex(r"[2-9][0-9]{2}[2-9][0-9]{6}", fullmatch=True), st.sampled_from(["-", " ", ".", ""]))
def test_punctuation_in_a_number_means_nothing(number: str, mark: str) -> None:
    spelled = f"{number[:3]}{mark}{number[3:6]}{mark}{number[6:]}"
    assert parse_line(spelled).subject.key == number
    assert parse_line(f"({number[:3]}) {number[3:6]}{mark}{number[6:]} out a n").subject.key == number
