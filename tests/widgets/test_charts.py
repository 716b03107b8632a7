"""Charts: shapes that say what the figures say."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csr_console.widgets.charts import Bar, Step, ceiling, columns, waterfall


def drawn(bars: list[Bar], width: int = 80, height: int = 6) -> list[str]:
    return [line.plain for line in columns(bars, width, height)]


def bar(label: str, value: int, ghost: int | None = None, mark: str = "") -> Bar:
    return Bar(label, Decimal(value), None if ghost is None else Decimal(ghost), mark)


@pytest.mark.parametrize(
    ("highest", "top"), [("0", "1"), ("1", "1"), ("1530", "2000"), ("2001", "2500"), ("0.35", "0.4")]
)
def test_the_axis_ends_at_a_round_number(highest: str, top: str) -> None:
    assert ceiling(Decimal(highest)) == Decimal(top)


def test_a_bar_rises_by_eighths_and_its_ghost_stands_beside_it_in_another_shape() -> None:
    lines = drawn([bar("Oct", 100, 50), bar("Nov", 57, None, "≈")], width=20, height=3)
    assert lines == [
        "100 ┤███    ▁▁▁    ",
        "  0 ┤███░░░ ███    ",
        "     Oct    Nov≈   ",
    ]


def test_the_axis_is_written_without_needless_decimals() -> None:
    assert drawn([bar("Oct", 1100)])[0].startswith("1,500 ┤")
    assert drawn([Bar("Oct", Decimal("0.12"))])[0].startswith("0.15 ┤")


def test_nothing_used_draws_nothing_and_a_little_always_shows() -> None:
    lines = drawn([bar("a", 0), bar("b", 1), bar("c", 10_000)], height=5)
    bottom = lines[-2].split("┤")[1]
    room = len(bottom) // 3
    assert bottom[:room].isspace()
    assert "▁" in bottom[room : 2 * room]


@given(
    st.lists(st.tuples(st.integers(0, 10**7), st.none() | st.integers(0, 10**7)), min_size=1, max_size=13),
    st.integers(60, 160),
    st.integers(3, 14),
)
def test_a_chart_keeps_to_its_lines_and_its_width(
    values: list[tuple[int, int | None]], width: int, height: int
) -> None:
    lines = drawn([bar("Nov", value, ghost, "≈") for value, ghost in values], width, height)
    assert len(lines) == height
    assert max(len(line) for line in lines) <= width


def test_a_waterfall_goes_from_total_to_total_and_falls_in_another_shape() -> None:
    steps = [
        Step("before", 1000, "$10.00", total=True),
        Step("days", 200, "+$2.00"),
        Step("use", -100, "-$1.00"),
        Step("fuel", 0, "$0.00"),
        Step("now", 1100, "$11.00", total=True),
    ]
    before, days, use, fuel, now = (line.plain for line in waterfall(steps, 80))
    assert before.index("◆") == days.index("█")
    assert days.rindex("█") >= use.rindex("▒")
    assert "·" in fuel
    assert fuel.index("·") == now.index("◆") == use.index("▒")
    assert "+$2.00" in days
    assert max(map(len, (before, days, use, fuel, now))) <= 80


def test_a_label_from_a_tariff_is_inert() -> None:
    (line,) = waterfall([Step("\x1b[2Jfuel [bold]", 5, "+$0.05")], 80)
    assert "\x1b" not in line.plain
    assert "[bold]" in line.plain
