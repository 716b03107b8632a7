"""What a program wrote to its terminal, taken apart: text, and every sequence a terminal would obey."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_PIECE = re.compile(
    r"(?P<csi>\x1b\[(?P<lead>[<=>?]*)(?P<params>[0-9:;]*)(?P<between>[ -/]*)(?P<final>[@-~]))"
    r"|(?P<string>\x1b(?P<kind>[\]PX^_])(?P<body>[^\x07\x1b]*)(?:\x07|\x1b\\))"
    r"|(?P<short>\x1b[ -/]*[0-~])"
    r"|(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
    r"|(?P<control>[\x00-\x1f\x7f-\x9f])"
)
_COLOR = re.compile(r"[34]8;(?:2;\d+;\d+;\d+|5;\d+)")
BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
UNSEEN = re.compile("[\u00ad\u200b\u2028\u2029\u2060-\u2064\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")


def pieces(shown: bytes) -> Iterator[tuple[str, str]]:
    """Each sequence as its shape, each stretch of text as `("text", it)`; raises UnicodeDecodeError for bytes
    that are no UTF-8, which is where 8-bit controls hide.

    A shape is what a terminal would do without saying to what place or in what color: `CSI H`, `CSI ?2026h`,
    `SGR 1`, `OSC 0`, `ESC c`, `C0 0x07`, `C1 0x9b`.
    """
    text = shown.decode("utf-8")
    at = 0
    while at < len(text):
        found = _PIECE.match(text, at)
        assert found is not None
        at = found.end()
        if found["text"] is not None:
            yield "text", found["text"]
        elif found["csi"] is not None:
            yield from _csi(found)
        elif found["string"] is not None:
            name = {"]": "OSC", "P": "DCS", "X": "SOS", "^": "PM", "_": "APC"}[found["kind"]]
            yield f"{name} {found['body'].partition(';')[0]}", found["string"]
        elif found["short"] is not None:
            yield f"ESC {found['short'][1:]}", found["short"]
        else:
            code = ord(found["control"])
            yield f"{'C1' if code >= 0x80 else 'C0'} 0x{code:02x}", found["control"]


def _csi(found: re.Match[str]) -> Iterator[tuple[str, str]]:
    lead, params, final = found["lead"], found["params"], found["final"]
    if final == "m" and not lead:
        plain = [part for part in _COLOR.sub("color", params).split(";") if part]
        for part in plain or ["0"]:
            yield f"SGR {part}", found["csi"]
    elif final in "ABCDGHf" and not lead and not found["between"]:
        yield f"CSI {final}", found["csi"]
    else:
        yield f"CSI {lead}{params}{found['between']}{final}", found["csi"]


@dataclass
class Tape:
    """Which shapes a stream has, and what in its text no terminal should ever get."""

    shapes: set[str] = field(default_factory=set)
    unwanted: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, shown: bytes) -> "Tape":
        tape = cls()
        for shape, piece in pieces(shown):
            if shape != "text":
                tape.shapes.add(shape)
            elif BIDI.search(piece) or UNSEEN.search(piece):
                tape.unwanted.append(piece[:60])
        return tape


def violations(shown: bytes, allowed: set[str], payloads: list[str]) -> list[str]:
    """What is wrong with a stream: sequences that harmless data never made the program send, controls and
    marks in its text, payloads that came out as they went in."""
    try:
        tape = Tape.of(shown)
    except UnicodeDecodeError as error:
        return [f"byte {shown[error.start]:#04x} is no UTF-8"]
    wrong = [f"sequence {shape}" for shape in sorted(tape.shapes - allowed)]
    wrong += [f"marks in {text!a}" for text in tape.unwanted]
    whole = shown.decode("utf-8")
    wrong += [f"raw {payload!a}" for payload in payloads if payload in whole]
    return wrong
