"""The help of the focused field, from the annotation that its command carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widget import Widget

from csr_console.domain.text import clean_line

if TYPE_CHECKING:
    from csr_console.screens.base import ConsoleScreen


def field_help(screen: ConsoleScreen) -> str:
    """`Phone: Ten digits in any spelling.`, or empty when no field of a form has the focus."""
    from csr_console.widgets.fields import Field

    node = screen.focused
    while isinstance(node, Widget):
        if isinstance(node, Field):
            return clean_line(f"{node.spec.label}: {node.spec.help}")
        node = node.parent if isinstance(node.parent, Widget) else None
    return ""
