"""Where the demo city's chances come from."""

from random import Random


def stream(*names: object) -> Random:
    """A stream of chances that the names alone determine, the same in every process and on every machine."""
    return Random(":".join(str(name) for name in names))  # noqa: S311 - a fictional city holds no secret
