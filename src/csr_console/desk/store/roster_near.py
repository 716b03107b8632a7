"""Names as they are misheard and mistyped: the words of the roster that a typed word may stand for.

Every text one edit away from the word is looked up in the dictionary of words, which is small and on disk;
words that sound the same join them; two edits are tried only when nothing else is found. The keys of pairs of
words are then probed as ranges, so that no list of people is ever read through.
"""

import json
import string
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz.distance import OSA

from csr_console.desk.store.roster_keys import END, sound_of

CANDIDATES = 200
"""People looked at closely before the best are listed."""
_WORDS_KEPT = 40
_SOUNDS_KEPT = 20
_PAIRED = 12
_PER_RANGE = 6
_SHORTEST_BEGINNING = 4
_SOUND = 1.1
"""What a word that only sounds the same is away, in edits."""
_OTHER_INITIAL = 1.0
"""What a missing or different middle initial is away."""

_EQUAL = """SELECT json_group_array(json_array(t.token, t.uses)) FROM json_each(?) v
    CROSS JOIN roster_token t ON t.token = v.value"""
_BEGINNING = """SELECT json_group_array(json(found)) FROM (SELECT (
    SELECT json_group_array(json_array(token, uses)) FROM (
        SELECT token, uses FROM roster_token WHERE token >= v.value AND token < v.value || ? LIMIT 12)
    ) AS found FROM json_each(?) v)"""
_STREET_EQUAL = """SELECT json_group_array(word) FROM (SELECT DISTINCT w.word FROM json_each(?) v
    CROSS JOIN roster_street_word w ON w.word = v.value)"""
_STREET_BEGINNING = """SELECT json_group_array(word) FROM (SELECT DISTINCT w.word FROM json_each(?) v
    CROSS JOIN roster_street_word w ON w.word >= v.value AND w.word < v.value || ? LIMIT 100)"""
_SAME_SOUND = """SELECT json_group_array(json_array(token, uses)) FROM
    (SELECT token, uses FROM roster_token WHERE sound = ? ORDER BY uses DESC LIMIT 60)"""
_SAME_INITIAL = """SELECT json_group_array(json_array(token, uses)) FROM roster_token
    WHERE token >= ? AND token < ? AND length(token) BETWEEN ? AND ?"""
RANGES = """SELECT json_group_array(json(found)) FROM (SELECT (
    SELECT json_group_array(json_array(id, key)) FROM (
        SELECT id, key FROM roster_name WHERE key >= r.value AND key < r.value || ? LIMIT ?)
    ) AS found FROM json_each(?) r)"""


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of the roster that a typed one may stand for, how many edits away, borne by how many."""

    token: str
    away: float
    uses: int


def ask(cursor: Any, statement: str, *values: object) -> Any:
    """The one JSON value of a statement: one step of the database, and one wait for the interpreter lock."""
    return json.loads(cursor.execute(statement, values).fetchone()[0])


def one_edit(word: str) -> Iterator[str]:
    """Every text one deletion, swap of neighbours, substitution or insertion of a letter away."""
    halves = [(word[:cut], word[cut:]) for cut in range(len(word) + 1)]
    yield from (left + right[1:] for left, right in halves if right)
    yield from (left + right[1] + right[0] + right[2:] for left, right in halves if len(right) > 1)
    letters = string.ascii_lowercase
    yield from (left + letter + right[1:] for left, right in halves if right for letter in letters)
    yield from (left + letter + right for left, right in halves for letter in letters)


def distance(typed: str, token: str, *, open_end: bool) -> float:
    """Edits between a typed word and a word of the roster; the rest of a word that may go on costs little."""
    if len(typed) == 1:
        return 0.0 if token == typed else 0.3 if token.startswith(typed) else _OTHER_INITIAL
    away = float(OSA.distance(typed, token))
    if open_end and len(token) > len(typed):
        beginning = min(OSA.distance(typed, token[: len(typed) + change]) for change in (-1, 0, 1))
        away = min(away, beginning + 0.2)
    return away


def _judged(typed: str, found: Iterable[Sequence[Any]], *, open_end: bool) -> list[_Word]:
    """The nearest and most usual of the words found, each once."""
    words = {token: _Word(token, distance(typed, token, open_end=open_end), uses) for token, uses in found}
    return sorted(words.values(), key=lambda word: (word.away, -word.uses))[:_WORDS_KEPT]


def near_words(cursor: Any, typed: str, *, open_end: bool) -> list[_Word]:
    """Words one edit away or of the same sound, itself included."""
    variants = json.dumps([typed, *dict.fromkeys(one_edit(typed))])
    found: list[Sequence[Any]] = list(ask(cursor, _EQUAL, variants))
    if open_end and len(typed) >= _SHORTEST_BEGINNING:
        found += [item for items in ask(cursor, _BEGINNING, END, variants) for item in items]
    spelled = _judged(typed, found, open_end=open_end)
    known = {word.token for word in spelled}
    alike = ask(cursor, _SAME_SOUND, sound) if (sound := sound_of(typed)) else []
    heard = [_Word(token, _SOUND, uses) for token, uses in alike if token not in known]
    return [*spelled, *heard[:_SOUNDS_KEPT]]


def far_words(cursor: Any, typed: str) -> list[_Word]:
    """Words of the same initial that are two edits away."""
    span = (typed[0], typed[0] + END, len(typed) - 2, len(typed) + 2)
    found = [item for item in ask(cursor, _SAME_INITIAL, *span) if OSA.distance(typed, item[0]) <= 2]
    return _judged(typed, found, open_end=False)


def near_street_words(cursor: Any, typed: str, *, open_end: bool) -> list[str]:
    """Words of streets one edit away from a typed one, the nearest first."""
    variants = json.dumps(list(dict.fromkeys(one_edit(typed))))
    found = set(ask(cursor, _STREET_EQUAL, variants))
    if open_end and len(typed) >= _SHORTEST_BEGINNING:
        found |= set(ask(cursor, _STREET_BEGINNING, variants, END))
    return sorted(found, key=lambda word: (distance(typed, word, open_end=open_end), word))[:_PAIRED]


def _may_be_wrong(word: str) -> bool:
    return len(word) > 1 and word.isalpha()


def _ranges_of_one(words: Sequence[str], nearest: Sequence[Sequence[_Word]]) -> list[str]:
    """The keys to probe when one of the words is wrong: the whole name with each candidate in its place, as
    `roster_keys.name_keys` lays it down, then the candidate beside the longest of the other words."""
    ranges = []
    for position, candidates in enumerate(nearest):
        others = [word for place, word in enumerate(words) if place != position]
        other = max(others, key=len)
        for word in candidates:
            tokens = [*words[:position], word.token, *words[position + 1 :]]
            whole = sorted(tokens, key=lambda token: len(token) == 1)
            ranges.append((word.away - 0.05, " ".join(whole)))
            ranges += [(word.away, pair) for pair in _pair(word.token, other)]
    return list(dict.fromkeys(key for _, key in sorted(ranges)))


def _pair(one: str, other: str) -> tuple[str, str]:
    return f"{one} {other}", f"{other} {one}"


def _ranges_of_two(nearest: Sequence[Sequence[_Word]]) -> list[str]:
    """The keys to probe when the two longest words are both wrong."""
    pairs = [
        (one.away + other.away, pair)
        for one in nearest[0][:_PAIRED]
        for other in nearest[1][:_PAIRED]
        for pair in _pair(one.token, other.token)
    ]
    return [pair for _, pair in sorted(pairs)]


def _probe(cursor: Any, ranges: Sequence[str], per_range: int) -> dict[int, str]:
    """Ids and keys of the people in ranges of keys, at most `CANDIDATES`."""
    found: dict[int, str] = {}
    if not ranges:
        return found
    for people in ask(cursor, RANGES, END, per_range, json.dumps(ranges)):
        for id_, key in people:
            if len(found) < CANDIDATES:
                found.setdefault(id_, key)
    return found


def near_people(cursor: Any, words: Sequence[str], limit: int, *, open_end: bool) -> list[int]:
    """The ids of people whose names may have been meant by words that nobody bears, the likeliest first.

    Not more than three of one name come before those of other names, so that a usual name does not push a
    likelier one off the list.
    """
    for look in (near_words, None):
        nearest = []
        for position, word in enumerate(words):
            last = open_end and position == len(words) - 1
            if not _may_be_wrong(word):
                nearest.append([_Word(word, 0.0, 0)])
            elif look:
                nearest.append(near_words(cursor, word, open_end=last))
            else:
                nearest.append([_Word(word, 0.0, 0), *far_words(cursor, word)])
        found = _people(cursor, words, nearest, limit)
        if found:
            return _likeliest(words, found, limit, open_end=open_end)
    return []


def _people(
    cursor: Any, words: Sequence[str], nearest: Sequence[Sequence[_Word]], limit: int
) -> dict[int, str]:
    if len(words) == 1:
        share = max(2, -(-limit // max(1, len(nearest[0]))))
        return _probe(cursor, [word.token for word in nearest[0]], share)
    found = _probe(cursor, _ranges_of_one(words, nearest), _PER_RANGE)
    if not found:
        longest = sorted(range(len(words)), key=lambda place: -len(words[place]))[:2]
        found = _probe(cursor, _ranges_of_two([nearest[place] for place in longest]), _PER_RANGE)
    return found


def _likeliest(words: Sequence[str], found: dict[int, str], limit: int, *, open_end: bool) -> list[int]:
    judged = []
    for order, (id_, key) in enumerate(found.items()):
        tokens = key.split()
        away = 0.0
        for position, word in enumerate(words):
            last = open_end and position == len(words) - 1
            spelled = min(distance(word, token, open_end=last) for token in tokens)
            alike = spelled > _SOUND and sound_of(word) in map(sound_of, tokens)
            away += _SOUND if alike else spelled
        judged.append((away, order, id_, " ".join(sorted(tokens))))
    judged.sort()
    first: list[int] = []
    later: list[int] = []
    seen: dict[str, int] = {}
    for _, _, id_, name in judged:
        seen[name] = seen.get(name, 0) + 1
        (first if seen[name] <= 3 else later).append(id_)
    return [*first, *later][:limit]
