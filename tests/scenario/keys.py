"""Counting what a task costs a person: each physical key is one, and each modifier one more."""

from tests.widgets.keys import keys_of


def cost(script: str) -> int:
    """The keys of a script: `_` is the space key, `<` Enter, `>` Tab; `|` (wait for eyes) costs nothing.

    A capital letter or a shifted sign takes Shift as well.
    """
    return sum(2 if key.isupper() or key in SHIFTED else 1 for key in keys_of(script))


SHIFTED = frozenset('!@#$%^&*()_+{}:"|<>?~')
