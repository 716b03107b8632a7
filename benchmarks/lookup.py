"""Lookup in the encrypted roster: type-ahead, numbers, typos, and what the roster costs.

    python -m benchmarks.lookup [--accounts 100000 --accounts 1000000] [--keystrokes 6000] [--json FILE]

Every keystroke is a whole `resolve` of the line as far as it is typed, as the omnibox does it. The floor is a
probe of a plain, unencrypted SQLite B-tree of the same number of rows in the same run; the peer is an FTS5
index of the names (prefix '1 2 3') in an encrypted file, asked for the same beginnings of names (--peer).
"""

import argparse
import contextlib
import sqlite3
import string
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.harness import Figure, Report, peak_rss_mb, percentile, rss_mb, timed
from benchmarks.people import account_of, people

from csr_console.contracts.views.accounts import RosterEntry
from csr_console.desk.omnibox import resolve
from csr_console.desk.store import roster
from csr_console.desk.store.cipher import connect
from csr_console.desk.store.database import Store
from csr_console.desk.store.roster_schema import ROSTER_TABLES
from csr_console.desk.store.roster_search import RosterReader
from csr_console.domain.words import fold, words

KEY = bytes(range(32))
PAGE = 500


def pages(entries: Iterable[RosterEntry]) -> Iterator[list[RosterEntry]]:
    """The entries as pages of a snapshot."""
    rest = iter(entries)
    while page := list(islice(rest, PAGE)):
        yield page


def fill(path: Path, accounts: int, seed: int) -> tuple[Store, float]:
    """A roster of that many accounts and the seconds its pages took, without making the rows."""
    store = Store(path, KEY, "normal")
    store.create(ROSTER_TABLES)
    spent = 0.0
    for page in pages(people(accounts, seed)):
        began = time.perf_counter()
        with store.write() as connection:
            roster.append(connection, page)
        spent += time.perf_counter() - began
    began = time.perf_counter()
    with store.write() as connection:
        roster.complete(connection)
    return store, spent + time.perf_counter() - began


def typed_lines(entry: RosterEntry, random: Random) -> Iterator[tuple[str, str]]:
    """One line a clerk types to find somebody, by its kind."""
    given, *_, last = entry.name.split()
    number, _, street = entry.service_address.partition(" ")
    yield "name", random.choice([f"{given} {last}", f"{last} {given}", last, entry.name]).lower()
    yield (
        "address",
        random.choice([f"{number} {street}", f"{number} {street}", f"{street.split()[0]} {number}"]).lower(),
    )
    yield (
        "number",
        random.choice(
            [entry.phones[0], entry.phones[0][3:], entry.account, entry.meters[0], entry.phones[0]]
        ),
    )


def keystrokes(sample: Sequence[RosterEntry], wanted: int, random: Random) -> dict[str, list[str]]:
    """Every beginning of lines typed key by key, half of them names, until there are enough."""
    found: dict[str, list[str]] = {"name": [], "address": [], "number": []}
    shares = {"name": wanted // 2, "address": wanted // 4, "number": wanted // 4}
    for entry in sample:
        for kind, line in typed_lines(entry, random):
            if len(found[kind]) < shares[kind]:
                found[kind] += [line[:end] for end in range(1, len(line) + 1)]
    return found


def mistyped(word: str, random: Random) -> str:
    """The word with one letter inserted, deleted, substituted, or swapped with the next."""
    letters = string.ascii_lowercase
    while True:
        place = random.randrange(len(word))
        kind = random.choice(["insert", "delete", "substitute", "transpose"])
        wrong = {
            "insert": word[:place] + random.choice(letters) + word[place:],
            "delete": word[:place] + word[place + 1 :],
            "substitute": word[:place] + random.choice(letters) + word[place + 1 :],
            "transpose": word[:place]
            + word[place + 1 : place + 2]
            + word[place : place + 1]
            + word[place + 2 :],
        }[kind]
        if wrong != word and wrong:
            return wrong


def typo_recall(
    reader: RosterReader, sample: Sequence[RosterEntry], random: Random
) -> tuple[float, float, float, list[float]]:
    """Shares of mistyped names whose name is among the first 20, of those whose very account is, and of
    mistyped surnames alone whose surname is; and the milliseconds of each."""
    by_name = by_account = by_surname = 0
    spent: list[float] = []
    for entry in sample:
        tokens = [word for word in words(entry.name) if word != "jr"]
        place = random.choice([place for place, token in enumerate(tokens) if len(token) > 1])
        line = " ".join(mistyped(token, random) if at == place else token for at, token in enumerate(tokens))
        began = time.perf_counter()
        hits = resolve(line, reader).hits
        spent.append((time.perf_counter() - began) * 1000)
        by_name += any(set(tokens) <= set(words(hit.entry.name)) for hit in hits)
        by_account += any(hit.entry.account == entry.account for hit in hits)
        surname = tokens[-1]
        alone = mistyped(surname, random)
        began = time.perf_counter()
        hits = resolve(alone, reader).hits
        spent.append((time.perf_counter() - began) * 1000)
        by_surname += any(surname in words(hit.entry.name) for hit in hits)
    total = len(sample)
    return by_name / total, by_account / total, by_surname / total, spent


def raw_probe(folder: Path, accounts: int, random: Random) -> list[float]:
    """Milliseconds of fetching one row by its key from a plain SQLite B-tree."""
    plain = sqlite3.connect(folder / "plain.db")
    plain.execute("CREATE TABLE entry (account TEXT PRIMARY KEY, name TEXT) WITHOUT ROWID")
    plain.executemany(
        "INSERT INTO entry VALUES (?, ?)", ((account_of(n), f"Name {n}") for n in range(accounts))
    )
    plain.commit()
    wanted = [account_of(random.randrange(accounts)) for _ in range(5000)]
    query = "SELECT name FROM entry WHERE account = ?"
    return [timed(lambda key: plain.execute(query, (key,)).fetchone(), account) for account in wanted]


def fts_peer(folder: Path, accounts: int, seed: int, lines: Sequence[str]) -> list[float]:
    """Milliseconds of the same beginnings of names in FTS5, 20 rows in no order, names fetched."""
    peer = connect(folder / "peer.db", KEY, "normal")
    peer.execute("CREATE VIRTUAL TABLE person USING fts5(name, prefix='1 2 3', detail='none')")
    peer.execute("BEGIN")
    peer.executemany(
        "INSERT INTO person VALUES (?)", ((fold(entry.name),) for entry in people(accounts, seed))
    )
    peer.execute("COMMIT")

    def ask(line: str) -> Any:
        query = " ".join(f'"{word}"*' for word in words(line))
        return peer.execute("SELECT name FROM person WHERE person MATCH ? LIMIT 20", (query,)).fetchall()

    return [timed(ask, line) for line in lines if words(line)]


def measure(accounts: int, options: argparse.Namespace, folder: Path) -> Report:
    report = Report(f"lookup, {accounts:,} accounts, encrypted")
    random = Random(options.seed)
    before = rss_mb()
    store, seconds = fill(folder / "cache-1.db", accounts, options.seed)
    fill_peak = peak_rss_mb()
    size_mb = store.path.stat().st_size / 2**20
    chance = Random(options.seed + 1)
    share = min(1.0, 12_000 / accounts)
    sample = [entry for entry in people(accounts, options.seed) if chance.random() < share]
    random.shuffle(sample)
    lines = keystrokes(sample, options.keystrokes, random)
    floor = raw_probe(folder, accounts, random)
    finder = roster.Roster(store)

    def stroke(line: str) -> None:
        with finder.reader() as reader:
            resolve(line, reader)

    mixed = [(kind, line) for kind, typed in lines.items() for line in typed]
    random.shuffle(mixed)
    for _, line in mixed[:200]:
        stroke(line)
    base = rss_mb()
    spent: dict[str, list[float]] = {kind: [] for kind in lines}
    computing: list[float] = []
    slowest: list[tuple[float, str]] = []
    for kind, line in mixed:
        cpu = time.thread_time()
        took = timed(stroke, line)
        computing.append((time.thread_time() - cpu) * 1000)
        spent[kind].append(took)
        slowest = sorted([*slowest, (took, line)], reverse=True)[:8]
    report.spread("keystroke", "ms", [value for values in spent.values() for value in values], bar="<= 16")
    report.add(Figure("keystroke, p99, processor alone", percentile(computing, 0.99), "ms"))
    for kind, values in spent.items():
        report.add(Figure(f"keystroke, {kind}, p99", percentile(values, 0.99), "ms"))
    whole = [timed(_account, finder, entry.account) for entry in sample[:4000]]
    probe = percentile(floor, 0.5)
    report.add(Figure("account number, p50", percentile(whole, 0.5), "ms", "", probe, "plain SQLite probe"))
    with finder.reader() as reader:
        name, account, surname, typo_ms = typo_recall(reader, sample[: options.typos], random)
    report.add(
        Figure("typos: the name is in the first 20", 100 * name, "%", ">= 90"),
        Figure("typos: the very account is", 100 * account, "%"),
        Figure("typos: surname alone is", 100 * surname, "%"),
        Figure("typos, p99", percentile(typo_ms, 0.99), "ms", "<= 16"),
    )
    if options.peer:
        asked = lines["name"][:2000]
        peer = fts_peer(folder, accounts, options.seed, asked)
        names = percentile(spent["name"], 0.99)
        report.add(Figure("names, p99", names, "ms", "", percentile(peer, 0.99), "FTS5 prefix p99"))
    report.add(
        Figure("fill", seconds, "s"),
        Figure("fill, rows a second", accounts / seconds, "1/s"),
        Figure("file", size_mb, "MiB"),
        Figure("memory while filling, peak above start", fill_peak - before, "MiB"),
        Figure("memory added by looking up", rss_mb() - base, "MiB"),
    )
    report.facts = {
        "accounts": accounts,
        "surnames_and_typos": len(sample[: options.typos]),
        "keystrokes": len(mixed),
    }
    if options.slowest:
        for took, line in slowest:
            print(f"{took:8.2f} ms  {line}")
    store.close()
    return report


def _account(finder: roster.Roster, account: str) -> None:
    with finder.reader() as reader:
        reader.entry(account)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--accounts", type=int, action="append", help="how many; may be repeated")
    parser.add_argument("--keystrokes", type=int, default=6000)
    parser.add_argument("--typos", type=int, default=1500, help="people whose names are mistyped")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--peer", action="store_true", help="compare with FTS5")
    parser.add_argument("--slowest", action="store_true", help="print the slowest lines")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    status = 0
    for accounts in options.accounts or [100_000, 1_000_000]:
        with tempfile.TemporaryDirectory(prefix="lookup-") as folder:
            target = options.json and options.json.with_stem(f"{options.json.stem}-{accounts}")
            status |= measure(accounts, options, Path(folder)).finish(target)
    return status


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
