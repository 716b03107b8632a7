"""What is kept of a crash: where it happened, never what it happened to.

A traceback's source lines and local variables hold customers; its messages may. So only the class of the
error and the places in the code are written down.
"""

import traceback
from datetime import datetime
from pathlib import Path

from textual.worker import WorkerFailed


def report(error: BaseException, moment: datetime) -> str:
    """The crash in lines: class and places, the deepest last, causes first."""
    lines = [f"{moment.isoformat()} {type(error).__module__}.{type(error).__qualname__}"]
    for link in _chain(error):
        lines.append(f"{type(link).__module__}.{type(link).__qualname__}")
        lines.extend(
            f"  {Path(frame.filename).name}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(link.__traceback__)
        )
    return "\n".join(lines) + "\n"


def write_report(folder: Path, error: BaseException, moment: datetime) -> Path | None:
    """Append the crash to `crashes.log` in the folder; None when even that cannot be written."""
    path = folder / "crashes.log"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as log:
            log.write(report(error, moment))
    except OSError:
        return None
    return path


def _chain(error: BaseException) -> list[BaseException]:
    links: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in links:
        links.append(link)
        failed = link.error if isinstance(link, WorkerFailed) else None
        link = failed or link.__cause__ or link.__context__
    return links[::-1]
