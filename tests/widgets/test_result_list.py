"""The line-drawn list: picking, scrolling, hostile data, many rows."""

from collections.abc import Sequence
from typing import overload

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from tests.widgets.keys import burst
from textual.app import ComposeResult

from csr_console.widgets import themes
from csr_console.widgets.cells import GAP, Cell, Column, Toned, fit, line_of, widths
from csr_console.widgets.gated_app import GatedApp
from csr_console.widgets.result_list import ResultList

COLUMNS = (Column("Account", 9), Column("Name", 0), Column("Balance", 10, right=True))


def row(n: int) -> tuple[Cell, ...]:
    return (f"{100000000 + n}", f"Customer {n}", f"{n}.00")


class Listing(GatedApp[None]):
    def __init__(self, rows: Sequence[Sequence[Cell]]) -> None:
        super().__init__()
        self.start_rows = rows
        self.chosen: list[int] = []

    def compose(self) -> ComposeResult:
        yield ResultList(COLUMNS)

    def on_mount(self) -> None:
        self.results.set_rows(self.start_rows)

    @property
    def results(self) -> ResultList:
        return self.query_one(ResultList)

    def on_result_list_chosen(self, event: ResultList.Chosen) -> None:
        self.chosen.append(event.index)

    def lines(self) -> list[str]:
        return [self.results.render_line(y).text for y in range(self.results.size.height)]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_digits_arrows_and_enter_choose(size: tuple[int, int]) -> None:
    app = Listing([row(n) for n in range(30)])
    async with app.run_test(size=size):
        await burst(app, ["3", "down", "enter", "end", "enter", "home", "enter", "9"])
        assert app.chosen == [2, 3, 29, 0, 8]


async def test_a_digit_without_a_row_does_nothing() -> None:
    app = Listing([row(0), row(1)])
    async with app.run_test():
        await burst(app, ["3", "9", "2"])
        assert app.chosen == [1]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_rows_stand_under_their_columns(size: tuple[int, int]) -> None:
    app = Listing([row(0), ("1", Toned("x" * 200, "warn"), "-12.00"), ("日本語日本語", "", "")])
    async with app.run_test(size=size):
        await burst(app, [])
        header, first, second, third = app.lines()[:4]
        assert all(cell_len(line) == app.results.size.width for line in (header, first, second, third))
        assert first.startswith("▸ 1 100000000 Customer 0")
        assert header.index("Name") == first.index("Customer")
        assert header.rindex("Balance") + len("Balance") == first.rindex("0.00") + len("0.00")
        assert "x…" in second
        assert second.rstrip().endswith("-12.00")
        assert third.startswith("  3 日本語日… ")


async def test_the_cursor_stays_in_sight() -> None:
    app = Listing([row(n) for n in range(100)])
    async with app.run_test(size=(80, 24)):
        await burst(app, ["pagedown"] * 3 + ["down"])
        assert any(line.startswith("▸") and f"Customer {app.results.cursor} " in line for line in app.lines())
        await burst(app, ["pageup"] * 9)
        assert app.results.cursor == 0
        assert app.lines()[1].startswith("▸ 1")


@pytest.mark.parametrize("before", [0, 3])
async def test_a_cursor_set_before_the_rows_are_laid_out_is_in_sight(before: int) -> None:
    app = Listing([row(n) for n in range(before)])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.results.set_rows([row(n) for n in range(60)], keep=True)
        app.results.cursor = 50
        await pilot.pause()
        assert any("Customer 50" in line for line in app.lines())


async def test_an_empty_list_says_so_and_swallows_nothing() -> None:
    app = Listing([])
    async with app.run_test():
        await burst(app, ["1", "enter", "down", "end", "pagedown"])
        assert "Nothing found" in app.lines()[1]
        assert app.chosen == []
        app.results.set_rows([], empty="No account has this phone")
        assert "No account has this phone" in app.lines()[1]


async def test_keep_leaves_the_cursor_where_it_is() -> None:
    app = Listing([row(n) for n in range(10)])
    async with app.run_test():
        await burst(app, ["down", "down"])
        app.results.set_rows([row(n) for n in range(10)], keep=True)
        assert app.results.cursor == 2
        app.results.set_rows([row(0)], keep=True)
        assert app.results.cursor == 0
        app.results.set_rows([row(n) for n in range(10)])
        assert app.results.cursor == 0


class Counted(Sequence[Sequence[Cell]]):
    """A lazy sequence that knows how many of its rows were read."""

    def __init__(self, length: int) -> None:
        self.length = length
        self.read: set[int] = set()

    def __len__(self) -> int:
        return self.length

    @overload
    def __getitem__(self, index: int) -> Sequence[Cell]: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Sequence[Cell]]: ...

    def __getitem__(self, index: int | slice) -> Sequence[Cell] | Sequence[Sequence[Cell]]:
        assert isinstance(index, int)
        self.read.add(index)
        return row(index)


async def test_only_what_is_seen_is_read_of_100_000_rows() -> None:
    rows = Counted(100_000)
    app = Listing(rows)
    async with app.run_test(size=(80, 24)):
        await burst(app, ["end", "up"])
        assert app.results.cursor == 99_998
        assert len(rows.read) < 100
        assert any("Customer 99998" in line for line in app.lines())


HOSTILE = "\x1b]52;c;x\x07\x1b[2J[bold]\u202egnp.exe\nnext\ud800"


async def test_hostile_data_is_inert() -> None:
    app = Listing([(HOSTILE, HOSTILE, HOSTILE), row(1)])
    async with app.run_test(size=(120, 24)):
        await burst(app, [])
        lines = app.lines()
        assert not any(character in "".join(lines) for character in "\x1b\x07\u202e\n\ud800")
        assert "[bold]" in lines[1], "markup is text"
        assert "Customer 1" in lines[2]


@given(text=st.text(max_size=60), width=st.integers(0, 40), right=st.booleans())
def test_fit_is_exact(text: str, width: int, right: bool) -> None:
    assert cell_len(fit(text, width, right=right)) == width


@given(
    cells=st.lists(st.text(max_size=30), min_size=3, max_size=3),
    available=st.integers(0, 200),
)
def test_a_line_never_outgrows_its_place(cells: list[str], available: int) -> None:
    assert sum(widths(COLUMNS, available)) <= available
    line = "".join(part.text for part in line_of(cells, COLUMNS, available))
    assert cell_len(line[: -len(GAP)]) <= available


async def test_lines_follow_the_theme() -> None:
    app = Listing([row(0), (Toned("1", "warn"), "", "")])
    async with app.run_test() as pilot:
        await burst(app, [])

        def colours() -> set[object]:
            return {segment.style and segment.style.color for segment in app.results.render_line(2)}

        dark = colours()
        themes.install(app, "light")
        await pilot.pause()
        assert not dark & colours()
