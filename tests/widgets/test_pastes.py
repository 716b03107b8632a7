"""A paste is one message of text, whatever it holds and however it is cut on its way."""

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual._xterm_parser import XTermParser
from textual.message import Message

from csr_console.domain.text import REPLACEMENT
from csr_console.widgets.pastes import PasteParser

BEGIN, END = "\x1b[200~", "\x1b[201~"
TEXTS = st.text(st.sampled_from("ab n\x1b[201~3A;\r\n"), min_size=1).filter(
    lambda text: END not in text + END[:-1]
)


def read(parser: XTermParser, parts: Iterable[str]) -> list[Message]:
    return [message for part in parts for message in parser.feed(part)]


def said(messages: list[Message]) -> list[tuple[str, str]]:
    return [
        ("paste", message.text) if isinstance(message, events.Paste) else ("key", message.key)
        for message in messages
        if isinstance(message, events.Paste | events.Key)
    ]


@given(st.lists(TEXTS, min_size=1, max_size=3), st.lists(st.integers(0, 80), max_size=6))
def test_every_paste_is_one_text_between_the_keys(texts: list[str], cuts: list[int]) -> None:
    typed = "k" + "k".join(BEGIN + text + END for text in texts) + "k"
    places = sorted({0, len(typed), *(cut for cut in cuts if cut < len(typed))})
    parts = [typed[begin:end] for begin, end in pairwise(places)]
    expected = [("key", "k")]
    for text in texts:
        expected += [("paste", text.replace("\x1b", REPLACEMENT)), ("key", "k")]
    assert said(read(PasteParser(), parts)) == expected


@pytest.mark.parametrize("text", ["X\x1b", "X\x1b\x1b", "Lopez\x1b[3~", "Ana\x1b[Aq", "\x1b[20"])
def test_the_control_takes_escapes_for_keys(text: str) -> None:
    """What the stock parser makes of them, so that the test above is known to see it."""
    stock = said(read(XTermParser(), [BEGIN + text + END]))
    assert any(kind == "key" for kind, _ in stock)
    assert said(read(PasteParser(), [BEGIN + text + END])) == [("paste", text.replace("\x1b", REPLACEMENT))]


def test_keys_of_more_than_one_character_stay_what_they_are() -> None:
    keys = "\x1b[A\x1b[3~\x1bOP\x1b[1;5C"
    assert said(read(PasteParser(), keys)) == said(read(XTermParser(), keys))
