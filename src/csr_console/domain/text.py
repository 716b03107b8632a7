"""Text that came from outside: made inert once, at the boundary, before it is stored or shown.

A terminal obeys escape sequences wherever they appear, and bidirectional controls reorder what a reader
sees (Unicode TR 36, CVE-2021-42574). Both are replaced, so that a name is only ever a name.
"""

import re

REPLACEMENT = "\ufffd"
_INERT = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 except tab and newline, DEL, C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional controls
    "\u2028\u2029\ufeff\ufff9-\ufffb"  # line and paragraph separators, byte order mark, annotations
    "\ud800-\udfff"  # lone surrogates
    "]"
)
_CARD_SHAPES = tuple(
    re.compile(rf"(?<!\d)(?=({shape})(?!\d))")
    for shape in (
        r"\d{13,19}",
        r"\d{4}[ \-]\d{6}[ \-]\d{4,5}",
        r"\d{4}(?:[ \-]\d{4}){2}[ \-]\d{1,4}",
        r"\d{4}(?:[ \-]\d{4}){3}[ \-]\d{1,3}",
    )
)
"""As cards print them (ISO/IEC 7812-1); looked for at every digit, since an expiry date or a phone number
often stands beside one."""
_DIGIT_RUN = re.compile(r"(?<!\d)(?<!\d[ \-])\d(?:[ \-]?\d){12,18}(?![ \-]?\d)")
"""A whole run of digits with any blanks and dashes."""


def clean(text: str, *, limit: int = 4096) -> str:
    """The text with every control that a terminal or a reader could obey replaced by U+FFFD.

    Tab and newline stay; at most `limit` characters are kept, the last one an ellipsis when cut.
    """
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    return _INERT.sub(REPLACEMENT, text)


def clean_line(text: str, *, limit: int = 200) -> str:
    """`clean`, on one line: newlines and tabs become spaces, outer blanks go."""
    return " ".join(clean(text, limit=limit).split())


def luhn_valid(digits: str) -> bool:
    """Whether a digit string passes the Luhn check of ISO/IEC 7812-1 annex B."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + position % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def holds_card_number(text: str) -> bool:
    """Whether 13 to 19 digits that pass Luhn stand in the text (PCI DSS 3.2): in one piece, grouped as cards
    print them whatever stands beside them, or a run of digits with blanks and dashes anywhere."""
    candidates = _DIGIT_RUN.findall(text)
    for shape in _CARD_SHAPES:
        candidates += shape.findall(text)
    return any(luhn_valid(re.sub(r"\D", "", candidate)) for candidate in candidates)
