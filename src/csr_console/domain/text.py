"""Text that came from outside: made inert once, at the boundary, before it is stored or shown.

A terminal obeys escape sequences wherever they appear, and bidirectional controls reorder what a reader
sees (Unicode TR 36, CVE-2021-42574); what nobody can see makes two names of one. All of them are replaced, so
that a name is only ever a name.
"""

import re

REPLACEMENT = "\ufffd"
_INERT = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 except tab and newline, DEL, C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional controls
    "\u2028\u2029\ufeff\ufff9-\ufffb"  # line and paragraph separators, byte order mark, annotations
    "\xad\u034f\u115f\u1160\u180e\u200b\u2060-\u2065\u206a-\u206f\u3164\uffa0\U000e0000-\U000e007f"  # unseen
    "\ufdd0-\ufdef\ufffe\uffff"  # no characters
    "\ud800-\udfff"  # lone surrogates
    "]"
)
_MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_PILE = re.compile(f"({_MARK}{{3}}){_MARK}+")
"""No script needs more than three marks on a letter; a pile of them is drawn over the lines around it."""
_CARD_SHAPES = tuple(
    re.compile(rf"(?<!\d)(?=({shape})(?!\d))")
    for shape in (
        r"\d{13,19}",
        r"\d{4}[\W_]{1,3}\d{6}[\W_]{1,3}\d{4,5}",
        r"\d{4}(?:[\W_]{1,3}\d{4}){2}[\W_]{1,3}\d{1,4}",
        r"\d{4}(?:[\W_]{1,3}\d{4}){3}[\W_]{1,3}\d{1,3}",
    )
)
"""As cards print them (ISO/IEC 7812-1), whatever stands between the groups; looked for at every digit, since
an expiry date or a phone number often stands beside one."""
_DIGIT = re.compile(r"\d")
_DIGIT_RUN = re.compile(r"(?<!\d)(?<!\d[ \-])\d(?:[ \-]?\d){12,18}(?![ \-]?\d)")
"""A whole run of digits with any blanks and dashes."""


def clean(text: str, *, limit: int = 4096) -> str:
    """The text with everything that a terminal or a reader could obey, or nobody could see, replaced by
    U+FFFD, and at most three marks on a letter.

    Tab and newline stay, and the joiners that some scripts need; at most `limit` characters are kept, the
    last one an ellipsis when cut.
    """
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    if text.isascii():
        return text if text.isprintable() else _INERT.sub(REPLACEMENT, text)
    return _PILE.sub(r"\1", _INERT.sub(REPLACEMENT, text))


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
    if len(_DIGIT.findall(text)) < 13:
        return False
    candidates = _DIGIT_RUN.findall(text)
    for shape in _CARD_SHAPES:
        candidates += shape.findall(text)
    return any(luhn_valid(re.sub(r"\D", "", candidate)) for candidate in candidates)
