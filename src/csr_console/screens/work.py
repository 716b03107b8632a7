"""Starting what goes on beside the keys."""

from collections.abc import Callable, Coroutine
from typing import Any

from textual.dom import DOMNode
from textual.worker import Worker


def begin(
    node: DOMNode, work: Callable[[], Coroutine[Any, Any, object]], *, group: str, exclusive: bool = False
) -> None:
    """Run `work` in a worker of `node`: of a screen when it ends with the screen, of the application when it
    outlives it. A function and not a coroutine, so that one cancelled before its turn was never begun."""
    _worker: Worker[object] = node.run_worker(work, group=group, exclusive=exclusive)
