"""The ledger as text for other books: Beancount, hledger, CSV."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum

from csr_console.central.tables.columns import to_text
from csr_console.domain.ledger.accounts import AccountKind, LedgerAccount
from csr_console.domain.ledger.entry import Entry
from csr_console.domain.money import dollars_text
from csr_console.domain.text import clean_line

_ROOTS: Mapping[AccountKind, str] = {
    AccountKind.RECEIVABLE: "Assets:Receivable",
    AccountKind.LOAN: "Assets:Loan",
    AccountKind.DRAWER: "Assets:Drawer",
    AccountKind.CASH: "Assets:Cash",
    AccountKind.CREDIT: "Liabilities:Credit",
    AccountKind.DEPOSIT: "Liabilities:Deposit",
    AccountKind.TAX: "Liabilities:Tax",
    AccountKind.SUSPENSE: "Liabilities:Suspense",
    AccountKind.REVENUE: "Income:Revenue",
    AccountKind.OPENING: "Equity:Opening",
    AccountKind.WRITE_OFF: "Expenses:WriteOff",
}
_OUTSIDE = re.compile("[^A-Za-z0-9-]")


class Format(StrEnum):
    BEANCOUNT = "beancount"
    HLEDGER = "hledger"
    CSV = "csv"


def export(entries: Iterable[Entry], form: Format) -> Iterator[str]:
    """The entries as text, piece by piece, in the order given."""
    return _WRITERS[form](entries)


class _Names:
    """What ledger accounts are called outside: `Assets:Receivable:Electric:100482771`.

    A part is letters of ASCII, digits and dashes and begins with a capital or a digit, as Beancount asks; the
    dots of a code make parts of their own. Two accounts never come to one name: the second gets a number.
    """

    def __init__(self) -> None:
        self._known: dict[LedgerAccount, str] = {}
        self._taken: set[str] = set()

    def new(self, ledger: LedgerAccount) -> bool:
        """Whether the account was not named yet."""
        return ledger not in self._known

    def of(self, ledger: LedgerAccount) -> str:
        if ledger not in self._known:
            plain = name = _plain_name(ledger)
            number = 1
            while name in self._taken:
                number += 1
                name = f"{plain}-{number}"
            self._taken.add(name)
            self._known[ledger] = name
        return self._known[ledger]


def _plain_name(ledger: LedgerAccount) -> str:
    parts = (_OUTSIDE.sub("-", part).strip("-") for part in (*ledger.code.split("."), ledger.account))
    return ":".join((_ROOTS[ledger.kind], *(part[:1].upper() + part[1:] for part in parts if part)))


def _beancount(entries: Iterable[Entry]) -> Iterator[str]:
    """https://beancount.github.io/docs/beancount_language_syntax.html; an account opens when first used, and
    entries effective earlier than that day open it for all time."""
    yield 'option "title" "Customer accounts"\noption "operating_currency" "USD"\n\n'
    names = _Names()
    for entry in entries:
        opened = sorted({names.of(one.ledger) for one in entry.postings if names.new(one.ledger)})
        yield "".join(f"1900-01-01 open {name} USD\n" for name in opened)
        memo = clean_line(entry.memo).replace("\\", "\\\\").replace('"', '\\"')
        yield f'\n{entry.effective_on} * "{memo}" #{entry.kind.value.replace("_", "-")} ^{entry.entry_id}\n'
        yield f'  posted_at: "{to_text(entry.posted_at)}"\n'
        if entry.reverses:
            yield f'  reverses: "{entry.reverses}"\n'
        for posting in entry.postings:
            yield f"  {names.of(posting.ledger)}  {dollars_text(posting.cents)} USD\n"
            if posting.due_on:
                yield f"    due_on: {posting.due_on}\n"


def _hledger(entries: Iterable[Entry]) -> Iterator[str]:
    """https://hledger.org/hledger.html#journal: the kind stands as the code, or a memo that begins with a
    parenthesis would be read as one; what follows a semicolon is a comment with tags. Commodity and accounts
    are declared, so that a strict check passes."""
    yield "commodity $1000.00\n\n"
    names = _Names()
    for entry in entries:
        opened = sorted({names.of(one.ledger) for one in entry.postings if names.new(one.ledger)})
        yield "".join(f"account {name}\n" for name in opened)
        memo = clean_line(entry.memo).replace(";", ",").replace("|", "/")
        tags = f"entry:{entry.entry_id}" + (f", reverses:{entry.reverses}" if entry.reverses else "")
        yield f"\n{entry.effective_on} * ({entry.kind}) {memo}  ; {tags}\n"
        for posting in entry.postings:
            due = f"  ; due:{posting.due_on}" if posting.due_on else ""
            yield f"    {names.of(posting.ledger)}  ${dollars_text(posting.cents)}{due}\n"
        yield "\n"


_COLUMNS = "entry_id,kind,effective_on,posted_at,account,memo,reverses,line,ledger_account,due_on,cents"


_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula; in some languages the wide forms, too."""


def _csv(entries: Iterable[Entry]) -> Iterator[str]:
    """A row a posting. A memo that a spreadsheet would read as a formula gets an apostrophe before it."""
    yield f"{_COLUMNS}\r\n"
    for entry in entries:
        text = io.StringIO()
        memo = clean_line(entry.memo)
        if memo.startswith(_FORMULA):
            memo = f"'{memo}"
        head = (entry.entry_id, entry.kind.value, entry.effective_on, to_text(entry.posted_at))
        for line, posting in enumerate(entry.postings):
            rest = (line, posting.ledger.name, posting.due_on or "", posting.cents)
            csv.writer(text).writerow((*head, entry.account, memo, entry.reverses or "", *rest))
        yield text.getvalue()


_WRITERS: Mapping[Format, Callable[[Iterable[Entry]], Iterator[str]]] = {
    Format.BEANCOUNT: _beancount,
    Format.HLEDGER: _hledger,
    Format.CSV: _csv,
}
