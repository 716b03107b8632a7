"""Checking a caller's answers: central compares keyed digests and signs which factors fitted.

Answers never enter a command, a log or the journal; the journal keeps that they were asked and how many
were wrong. Too many wrong ones lock the questions of the account for a day (the failed-tries counter of an
identity theft programme, 16 CFR 681.1(d)).
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from csr_console.central import journal
from csr_console.central.answers import readings
from csr_console.central.auth import Requester
from csr_console.central.database import Database
from csr_console.central.secrets import ServerSecret
from csr_console.central.tables.accounts import account as accounts
from csr_console.central.tables.columns import from_text, to_text
from csr_console.central.tables.verifiers import verifier, wrong_answers
from csr_console.central.tokens import Proofs, Proven
from csr_console.contracts.signin import VerificationAnswers, VerificationResult
from csr_console.domain.accounts.verification import WRONG_ANSWERS_ALLOWED, Factor
from csr_console.domain.refusals import Refusal

LOCKED_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class _Tally:
    """Which factors fitted beside those proven before, and how many answers fitted none."""

    fitted: frozenset[Factor]
    wrong: int


class Verifications:
    """Compares answers for one account at a time; the count of wrong ones is over all clerks."""

    def __init__(self, db: Database, secret: ServerSecret, proofs: Proofs) -> None:
        self._db = db
        self._secret = secret
        self._proofs = proofs

    def check(
        self, account: str, given: VerificationAnswers, requester: Requester, now: datetime
    ) -> VerificationResult:
        """What fitted, with its proof. Raises `Refusal` not-found, or locked-out (also journalled), or
        proof-invalid for an earlier proof that does not hold: then no answer was looked at."""
        answers = [answer.get_secret_value() for answer in given.answers]
        before = self._before(account, given.earlier, requester, now)
        result = self._db.transact(
            lambda connection: self._check(connection, account, answers, before, requester, now)
        )
        if result is None:
            raise Refusal(
                "locked-out",
                "Too many wrong answers for this account today: its questions are locked.",
                rule="16 CFR 681.1(d)",
            )
        return result

    def _before(self, account: str, earlier: str | None, requester: Requester, now: datetime) -> Proven:
        if earlier is None:
            return Proven(frozenset(), now)
        office, session = requester.actor.office, requester.session
        proven = self._proofs.read(earlier, office=office, account=account, session=session, at=now)
        if proven is None:
            raise Refusal("proof-invalid", "The answers from before do not count any more.")
        return proven

    def _check(
        self,
        connection: Connection,
        account: str,
        answers: list[str],
        before: Proven,
        requester: Requester,
        now: datetime,
    ) -> VerificationResult | None:
        office = requester.actor.office
        wrong_before = self._lock_account(connection, office, account, now)
        if wrong_before >= WRONG_ANSWERS_ALLOWED:
            self._journal(connection, account, requester, {"locked": True}, now)
            return None
        on_file = _on_file(connection, office, account)
        tally = self._compare(office, account, answers, on_file, before.factors, now)
        wrong = wrong_before + tally.wrong
        mine = (wrong_answers.c.office == office) & (wrong_answers.c.account == account)
        if tally.wrong:
            values = {"wrong": wrong} if wrong_before else {"wrong": wrong, "since": to_text(now)}
            connection.execute(update(wrong_answers).where(mine).values(values))
        detail: dict[str, object] = {"factors": sorted(tally.fitted), "wrong": tally.wrong}
        if before.factors:
            detail["earlier"] = sorted(before.factors)
        self._journal(connection, account, requester, detail, now)
        proven = Proven(before.factors | tally.fitted, before.since)
        left = max(0, WRONG_ANSWERS_ALLOWED - wrong)
        return self._result(proven, tally.wrong, left, account, requester, now)

    def _result(
        self, proven: Proven, wrong: int, left: int, account: str, requester: Requester, now: datetime
    ) -> VerificationResult:
        office, session = requester.actor.office, requester.session
        proof, expires_in = None, 0
        if proven.factors:
            proof = self._proofs.sign(proven, office=office, account=account, session=session)
            expires_in = self._proofs.seconds_left(proven, now)
        return VerificationResult(
            factors=sorted(proven.factors),
            proof=proof,
            expires_in=expires_in,
            wrong=wrong,
            attempts_left=left,
        )

    def _lock_account(self, connection: Connection, office: str, account: str, now: datetime) -> int:
        """The wrong answers that still count; locks the account's row so that guesses queue up."""
        found = connection.execute(
            select(accounts.c.account)
            .where(accounts.c.office == office, accounts.c.account == account)
            .with_for_update()
        ).first()
        if found is None:
            raise Refusal("not-found", f"No account {account} in this office.")
        mine = (wrong_answers.c.office == office) & (wrong_answers.c.account == account)
        row = connection.execute(select(wrong_answers).where(mine)).mappings().first()
        if row is None:
            connection.execute(
                insert(wrong_answers).values(office=office, account=account, wrong=0, since=to_text(now))
            )
            return 0
        if now - from_text(row["since"]) < LOCKED_FOR:
            return int(row["wrong"])
        connection.execute(update(wrong_answers).where(mine).values(wrong=0, since=to_text(now)))
        return 0

    def _compare(
        self,
        office: str,
        account: str,
        answers: Iterable[str],
        on_file: dict[Factor, str],
        proven: frozenset[Factor],
        now: datetime,
    ) -> _Tally:
        """One answer proves one factor: four digits that are both of two numbers are known once."""
        fitted: set[Factor] = set()
        wrong = 0
        for answer in answers:
            fits = [
                factor
                for factor, reading in readings(answer, now.date()).items()
                if hmac.compare_digest(
                    on_file.get(factor, ""), self._secret.verifier(office, account, factor, reading)
                )
            ]
            new = [factor for factor in fits if factor not in fitted and factor not in proven]
            fitted.update(new[:1])
            wrong += not fits
        return _Tally(frozenset(fitted), wrong)

    def _journal(
        self,
        connection: Connection,
        account: str,
        requester: Requester,
        detail: dict[str, object],
        now: datetime,
    ) -> None:
        actor = requester.actor
        entry = journal.Entry(
            actor.office, actor.login, "account.verification", account, detail, requester.station
        )
        journal.record(connection, entry, now)


def _on_file(connection: Connection, office: str, account: str) -> dict[Factor, str]:
    rows = connection.execute(
        select(verifier.c.factor, verifier.c.digest).where(
            verifier.c.office == office, verifier.c.account == account
        )
    )
    return {Factor(factor): digest for factor, digest in rows}
