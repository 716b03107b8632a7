"""A seeded stream of commands: the same seed and place give the same id and the same act, in any process."""

import hashlib
import random
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from csr_console.domain.accounts.commands import AddNote, Disposition, LogInteraction
from csr_console.domain.command import Command
from csr_console.domain.ids import damm_digit, uuid7

ACCOUNTS = 24
START = datetime(2026, 8, 30, 14, 0, tzinfo=UTC)
_MARK = re.compile(r"^entry (\d+)/(\d+)\.$", re.MULTILINE)


def account_number(position: int) -> str:
    """The account numbers of the seeded town, 0 to ACCOUNTS - 1."""
    digits = f"{20_000_000 + position}"
    return digits + damm_digit(digits)


def mark(seed: int, place: int) -> str:
    """The text by which the effect of a command is known, whatever id it was sent under."""
    return f"entry {seed}/{place}."


def place_of(text: str) -> tuple[int, int] | None:
    """The seed and the place of the mark in a text, None for one that has none."""
    found = _MARK.search(text)
    return (int(found[1]), int(found[2])) if found else None


def id_at(seed: int, place: int) -> UUID:
    randomness = hashlib.sha256(f"{seed}/{place}".encode()).digest()[:10]
    return uuid7(START + timedelta(milliseconds=place), randomness)


def command_at(seed: int, place: int) -> Command:
    """Notes and wrap-ups on the accounts of the town, each account a lane."""
    chance = random.Random(f"{seed}/{place}")
    account = account_number(chance.randrange(ACCOUNTS))
    text = mark(seed, place)
    if chance.random() < 0.7:
        return AddNote(account=account, text=text)
    return LogInteraction(
        account=account,
        disposition=Disposition.BILL_EXPLAIN,
        started_at=START,
        talk_seconds=60,
        summary=text,
    )


def mark_in(command: dict[str, Any]) -> tuple[int, int] | None:
    """The seed and the place of a command's document."""
    return place_of(str(command.get("text") or command.get("summary") or ""))
