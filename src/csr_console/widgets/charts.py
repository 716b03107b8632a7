"""Charts of block characters: columns beside the ghost of the year before, and a waterfall.

Both tell apart by shape what they tell apart by colour, so they read the same in mono; a chart never stands
alone: who shows one shows its figures as text, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from textual.content import Content

from csr_console.widgets.cells import fit

BAR, GHOST = "█", "░"
_EIGHTHS = " ▁▂▃▄▅▆▇"
_RISE, _FALL, _AT = "█", "▒", "◆"
_BAR_TONE, _GHOST_TONE = "$tone-info", "$tone-dim"
_NICE = tuple(Decimal(step) for step in ("1", "1.5", "2", "2.5", "3", "4", "5", "6", "8", "10"))


@dataclass(frozen=True, slots=True)
class Bar:
    """A column: what it stands for, how high it is, how high its ghost is (None where there is none), and a
    sign beside the label."""

    label: str
    value: Decimal
    ghost: Decimal | None = None
    mark: str = ""


def ceiling(highest: Decimal) -> Decimal:
    """A round number that is not below the highest column."""
    if highest <= 0:
        return Decimal(1)
    power = Decimal(10) ** highest.adjusted()
    return next(step * power for step in _NICE if step * power >= highest)


def columns(bars: Sequence[Bar], width: int, height: int) -> list[Content]:
    """The bars in `height` lines of at most `width` cells, the last line their labels; an axis on the left.

    A bar rises by eighths of a line, its ghost stands to the right of it by whole lines. A value below zero
    draws nothing: its figure is in the table.
    """
    top = ceiling(max((max(bar.value, bar.ghost or Decimal(0)) for bar in bars), default=Decimal(0)))
    highest = f"{top.to_integral_value() if top == top.to_integral_value() else top:,f}"
    axis = len(highest)
    room = max(3, (width - axis - 2) // max(1, len(bars)))
    wide = max(1, (room - 1) // 2)
    rows = max(1, height - 1)
    lines = []
    for row in reversed(range(rows)):
        said = highest if row == rows - 1 else "0" if row == 0 and rows > 1 else ""
        parts: list[str | tuple[str, str]] = [(f"{said:>{axis}} {'┤' if said else '│'}", _GHOST_TONE)]
        for bar in bars:
            shape = _bar_part(bar.value, top, rows, row) * wide
            ghost = _ghost_part(bar.ghost, top, rows, row) * wide
            parts += [(shape, _BAR_TONE), (ghost, _GHOST_TONE), " " * (room - 2 * wide)]
        lines.append(Content.assemble(*parts))
    labels = "".join(fit(f"{bar.label}{bar.mark}", room - 1) + " " for bar in bars)
    lines.append(Content.assemble(" " * (axis + 2), (labels, _GHOST_TONE)))
    return lines


def _bar_part(value: Decimal, top: Decimal, rows: int, row: int) -> str:
    """What a bar shows in a row counted from the bottom; something that is not zero always shows."""
    eighths = int(max(Decimal(0), value) * rows * 8 / top)
    eighths = max(eighths, 1 if value > 0 else 0) - row * 8
    return BAR if eighths >= 8 else _EIGHTHS[max(0, eighths)]


def _ghost_part(value: Decimal | None, top: Decimal, rows: int, row: int) -> str:
    if value is None or value <= 0:
        return " "
    return GHOST if max(1, round(value * rows / top)) > row else " "


@dataclass(frozen=True, slots=True)
class Step:
    """A line of a waterfall: what it is, by how much it moves in whole units, and that amount as it is
    written. A `total` moves nothing: it says where the running sum stands."""

    label: str
    value: int
    text: str
    total: bool = False


def waterfall(steps: Sequence[Step], width: int, *, label: int = 24, amount: int = 11) -> list[Content]:
    """One line a step: label, amount, and a bar from where the sum stood to where it goes.

    Full blocks rise, shaded ones fall, a diamond stands where a total is. The bars begin at the lowest sum,
    not at zero: what is compared are the steps, and the totals are written beside them.
    """
    spans, at = [], 0
    for step in steps:
        start, at = (step.value, step.value) if step.total else (at, at + step.value)
        spans.append((start, at))
    low = min((min(span) for span in spans), default=0)
    high = max((max(span) for span in spans), default=0)
    room = max(8, width - label - amount - 3)
    lines = []
    for step, (start, end) in zip(steps, spans, strict=True):
        first, last = sorted(_cell(value, low, high, room) for value in (start, end))
        if step.total or not step.value:
            bar, tone = " " * first + (_AT if step.total else "·"), "$tone-plain"
        else:
            rises = end > start
            shape = (_RISE if rises else _FALL) * max(1, last - first)
            bar, tone = " " * first + shape, "$tone-warn" if rises else "$tone-ok"
        head = f"{fit(step.label, label)} {fit(step.text, amount, right=True)}  "
        lines.append(Content.assemble((head, "bold") if step.total else head, (bar, tone)))
    return lines


def _cell(value: int, low: int, high: int, room: int) -> int:
    """The cell of a value between the lowest and the highest sum."""
    return (value - low) * (room - 1) // (high - low) if high > low else 0
