"""The floor: a Textual application with one Input and nothing else."""

from textual.app import App, ComposeResult
from textual.widgets import Input


class Bare(App[None]):
    def compose(self) -> ComposeResult:
        line = Input(placeholder="type here")
        line.cursor_blink = False
        yield line


if __name__ == "__main__":
    Bare().run()
