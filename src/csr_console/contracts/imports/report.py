"""What an import did not take, and why: where it stands and what to do about it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pydantic_core import ErrorDetails

from csr_console.domain.text import clean_line, holds_card_number

EXCERPT_LIMIT = 40
REFUSED_LIMIT = 1_000
"""A report that names a thousand mistakes is a report on the wrong file."""
_FORMS = {r"^P[0-9]{7}$": "P and seven digits"}


@dataclass(frozen=True, slots=True)
class Refused:
    """One thing that was not taken.

    `row` is the line on which the record starts, the header being line 1 (a spreadsheet's row unless a field
    holds line breaks); 0 means the file as a whole. `reason` is safe to show: data is quoted cleaned and cut.
    """

    row: int
    field: str
    reason: str
    file: str = ""

    def __str__(self) -> str:
        place = f"{self.file} row {self.row}" if self.row else self.file
        return f"{place}, {self.field}: {self.reason}" if self.field else f"{place}: {self.reason}"


@dataclass(slots=True)
class ImportReport:
    """Counts what an import kept and refused; keeps the first thousand refusals word for word."""

    kept: int = 0
    refused_count: int = 0
    refused: list[Refused] = field(default_factory=list)
    _fields: Counter[str] = field(default_factory=Counter)

    def add(self, refused: Refused) -> None:
        self.refused_count += 1
        self._fields[refused.field] += 1
        if len(self.refused) < REFUSED_LIMIT:
            self.refused.append(refused)

    def by_field(self) -> dict[str, int]:
        """How many refusals each field caused, the most frequent first."""
        return dict(self._fields.most_common())


def excerpt(text: str) -> str:
    """A quotation of data for a sentence: one line, inert, at most 40 characters, never a card number."""
    if holds_card_number(text[:200]):
        return "“…”"
    return f"“{clean_line(text[: EXCERPT_LIMIT + 1], limit=EXCERPT_LIMIT)}”"


def capped(refused: Sequence[Refused]) -> list[Refused]:
    """The first thousand, and one that says how many more there are."""
    if len(refused) <= REFUSED_LIMIT:
        return list(refused)
    more = (
        f"{len(refused) - REFUSED_LIMIT:,} more mistakes are not listed: correct these first and read again"
    )
    return [*refused[:REFUSED_LIMIT], Refused(0, "", more, refused[0].file)]


def from_errors(
    errors: Iterable[ErrorDetails], row: int, file: str, fields: Sequence[str], whole: str
) -> list[Refused]:
    """Validation errors as sentences, at most one a field.

    An error in a tuple field stands at its first element; one of the record as a whole at the field `whole`.
    """
    found: dict[str, Refused] = {}
    for error in errors:
        name = str(error["loc"][0]) if error["loc"] else whole
        if name in fields:
            found.setdefault(name, Refused(row, name, _sentence(error), file))
    return list(found.values())


def _sentence(error: ErrorDetails) -> str:
    limits = error.get("ctx", {})
    match error["type"]:
        case "value_error":
            return str(limits["error"])
        case "string_too_long" | "too_long":
            return f"is longer than {limits['max_length']} characters: shorten it"
        case "string_too_short" | "too_short" | "date_type" | "int_type":
            return "is empty: fill it in"
        case "literal_error":
            return f"is {excerpt(str(error['input']))}: write {limits['expected']}"
        case "string_pattern_mismatch":
            form = _FORMS.get(str(limits["pattern"]), "the form of its column")
            return f"is {excerpt(str(error['input']))}: write {form}"
        case _:
            return f"is {excerpt(str(error['input']))}: {error['msg'][:1].lower()}{error['msg'][1:]}"
