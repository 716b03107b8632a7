"""A small central in memory that speaks the contracts: what the desk is tested against, faults included."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from csr_console import __version__
from csr_console.contracts.envelope import Batch, Submission, canonical, seal_fits
from csr_console.contracts.feed import ChangeRow, Changes, SnapshotPage, chained
from csr_console.contracts.outcome import BatchAnswer, Outcome, Witness
from csr_console.contracts.problems import MEDIA_TYPE, to_document
from csr_console.contracts.registry import REGISTRY
from csr_console.contracts.signin import SessionTokens, VerificationAnswers
from csr_console.contracts.views.accounts import AccountView, RosterEntry
from csr_console.domain.ids import damm_digit, fingerprint
from csr_console.domain.permissions import Role
from csr_console.domain.refusals import Answer, Conflict, Fault, Refusal

Scope = dict[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]


def number(position: int) -> str:
    digits = f"{10_000_000 + position}"
    return digits + damm_digit(digits)


def entry(position: int, *, version: int = 1, **changes: Any) -> RosterEntry:
    values: dict[str, Any] = {
        "account": number(position),
        "name": f"Maria Lopez {position}",
        "kind": "residential",
        "status": "active",
        "language": "en",
        "premise": f"P{position:07d}",
        "service_address": f"{100 + position} Oak St",
        "zip": "32301",
        "phones": [f"850555{position:04d}"],
        "meters": [f"E{position:07d}"],
        "electric_state": "connected",
        "supply_point": f"demo:C{position}",
        "device": f"demo:TR{position // 4}",
        "critical": "",
        "flags": [],
        "version": version,
    }
    return RosterEntry.model_validate({**values, **changes})


def account_view(line: RosterEntry, **changes: Any) -> AccountView:
    values: dict[str, Any] = {
        "entry": line,
        "since_on": "2019-05-01",
        "contact": {"phone_1": line.phones[0], "version": 1},
        "services": [{"service": "electric", "meter": line.meters[0], "state": "connected"}],
        "balance": {
            "balance_cents": 12_345,
            "on": "2026-08-01",
            "age_0_30_cents": 12_345,
            "age_31_60_cents": 0,
            "age_61_90_cents": 0,
            "age_over_90_cents": 0,
            "due_on": None,
            "cut_on": None,
            "last_payment_cents": None,
            "last_payment_on": None,
        },
        "alerts": [],
        "timeline": [],
        "open_report": None,
        "others": [],
        "version": line.version,
    }
    return AccountView.model_validate({**values, **changes})


@dataclass
class FakeCentral:
    """`decide` gives the outcome's state and problem for a command; `hook` may answer, fail or delay any
    request before it is handled, and `after` once it was."""

    office: str = "tallahassee"
    page_rows: int = 40
    passwords: dict[str, str] = field(default_factory=lambda: {"mlopez": "correct horse", "jdoe": "battery"})
    roles: dict[str, Role] = field(default_factory=dict)
    decide: Callable[[Submission], Answer | None] = lambda _submission: None
    held_kinds: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.outcomes: dict[UUID, Outcome] = {}
        self.digests: dict[UUID, str] = {}
        self.order: list[tuple[str, int]] = []
        self.applied: list[UUID] = []
        self.requests: list[str] = []
        self.bodies: dict[UUID, list[bytes]] = {}
        self.batch_sizes: list[int] = []
        self.sessions: dict[UUID, tuple[str, bytes]] = {}
        self.tokens: dict[str, UUID] = {}
        self.refreshes: dict[str, UUID] = {}
        self.chain: list[str] = []
        self.feed: list[ChangeRow] = []
        self.floor = 0
        self.roster: dict[str, RosterEntry] = {}
        self.views: dict[str, AccountView] = {}
        self.hook: Callable[[str, str], Awaitable[tuple[int, dict[str, str], bytes] | None]] | None = None
        self.after: Callable[[str, str], Awaitable[tuple[int, dict[str, str], bytes] | None]] | None = None
        self.version = __version__
        self.spoil_snapshot = False

    def fill(self, count: int) -> None:
        for position in range(1, count + 1):
            self.put_entry(entry(position))

    def put_entry(self, line: RosterEntry) -> None:
        self.roster[line.account] = line
        self.views[line.account] = account_view(line)
        self.tell("account", line.account, line.model_dump(mode="json"))

    def tell(self, entity: Any, key: str, body: dict[str, Any] | None) -> None:
        op: Any = "upsert" if body is not None else "delete"
        self.feed.append(ChangeRow(seq=len(self.feed) + 1, entity=entity, key=key, op=op, body=body))

    # the application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        method, path = scope["method"], scope["path"]
        query = dict(part.split("=", 1) for part in scope["query_string"].decode().split("&") if "=" in part)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.requests.append(f"{method} {path}")
        given = await self.hook(method, path) if self.hook else None
        if given is None:
            given = self.answer(method, path, query, headers, body)
            if self.after is not None:
                given = await self.after(method, path) or given
        status, extra, content = given
        extra = {"csr-console-version": self.version, **extra}
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [(name.encode(), value.encode()) for name, value in extra.items()],
            }
        )
        await send({"type": "http.response.body", "body": content})

    def answer(
        self, method: str, path: str, query: dict[str, str], headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        try:
            if path == "/v1/about":
                return self.json({"version": self.version})
            if path == "/v1/sessions":
                return self.json(self.sign_in(json.loads(body)))
            if path == "/v1/sessions/refresh":
                return self.json(self.refresh(json.loads(body)["refresh_token"]))
            session = self.tokens.get(headers.get("authorization", "").removeprefix("Bearer "))
            if session is None:
                raise Refusal("signed-out", "Sign in again.")
            return self.inside(method, path, query, headers, body, session)
        except Answer as answer:
            return self.problem(answer)

    def inside(
        self,
        method: str,
        path: str,
        query: dict[str, str],
        headers: dict[str, str],
        body: bytes,
        session: UUID,
    ) -> tuple[int, dict[str, str], bytes]:
        if path == "/v1/sessions/current":
            self.tokens = {token: one for token, one in self.tokens.items() if one != session}
            return 204, {}, b""
        if path == "/v1/commands:batch":
            return self.json(self.batch(body).model_dump(mode="json"))
        if path.startswith("/v1/commands/"):
            outcome = self.apply(Submission.model_validate_json(body), body, dry="dry_run" in query)
            if outcome.problem:
                answer = Refusal(outcome.problem.code, outcome.problem.detail)
                return self.problem(answer, outcome=outcome.model_dump(mode="json"))
            return self.json(outcome.model_dump(mode="json"), 201)
        if path == "/v1/changes":
            return self.json(self.changes(int(query["after"]), int(query["limit"])).model_dump(mode="json"))
        if path == "/v1/snapshot":
            return self.json(self.snapshot(query.get("cursor", "")).model_dump(mode="json"))
        if path == "/v1/audit/head":
            return self.json(self.witness(int(query.get("seq", len(self.chain)))).model_dump(mode="json"))
        if path.startswith("/v1/accounts/") and path.endswith("/verification"):
            return self.verification(VerificationAnswers.model_validate_json(body))
        if path.startswith("/v1/accounts/"):
            return self.account(path.rsplit("/", 1)[1], headers.get("if-none-match", ""))
        if path == "/v1/approvals":
            return self.json({"items": [], "next": None})
        raise Refusal("not-found", "There is nothing here.")

    def verification(self, given: VerificationAnswers) -> tuple[int, dict[str, str], bytes]:
        """The first answer of a session is a number, the one after it a birth date."""
        factors = ["ssn4"] if given.earlier is None else ["birth_date", "ssn4"]
        proof = "signed" if given.earlier is None else f"{given.earlier} again"
        return self.json(
            {"factors": factors, "proof": proof, "expires_in": 900, "wrong": 0, "attempts_left": 5}
        )

    def json(self, document: Any, status: int = 200) -> tuple[int, dict[str, str], bytes]:
        return status, {"content-type": "application/json"}, canonical(document)

    def problem(self, answer: Answer, **members: Any) -> tuple[int, dict[str, str], bytes]:
        document = {**to_document(answer).model_dump(mode="json"), **members}
        return answer.problem.status, {"content-type": MEDIA_TYPE}, canonical(document)

    # sessions

    def sign_in(self, form: dict[str, Any]) -> dict[str, Any]:
        if self.passwords.get(form["login"]) != form["password"]:
            raise Refusal("sign-in-failed", "Check the login and the password.")
        session = uuid4()
        self.sessions[session] = (form["login"], session.bytes * 2)
        return self.session_tokens(session)

    def refresh(self, token: str) -> dict[str, Any]:
        session = self.refreshes.get(token)
        if session is None:
            raise Refusal("signed-out", "Sign in again.")
        return self.session_tokens(session)

    def session_tokens(self, session: UUID) -> dict[str, Any]:
        login, key = self.sessions[session]
        access, refresh = uuid4().hex, uuid4().hex
        self.tokens[access] = session
        self.refreshes[refresh] = session
        tokens = SessionTokens(
            access_token=access,
            refresh_token=refresh,
            expires_in=600,
            session=session,
            seal_key=key.hex(),
            login=login,
            name=login.title(),
            role=self.roles.get(login, Role.SUPERVISOR),
            office=self.office,
            last_counter=max((counter for _station, counter in self.order), default=0),
        )
        return tokens.model_dump(mode="json")

    def expire_tokens(self) -> None:
        self.tokens.clear()

    def end_sessions(self) -> None:
        self.tokens.clear()
        self.refreshes.clear()

    # commands

    def witness(self, seq: int) -> Witness:
        if not 0 <= seq <= len(self.chain):
            raise Refusal("not-found", "The log is shorter.")
        return Witness(office=self.office, seq=seq, hash=self.chain[seq - 1] if seq else "")

    def batch(self, body: bytes) -> BatchAnswer:
        raw = json.loads(body)["submissions"]
        batch = Batch.model_validate_json(body)
        self.batch_sizes.append(len(batch.submissions))
        outcomes: list[Outcome] = []
        skipped: list[UUID] = []
        stopped: set[str] = set()
        for submission, document in zip(batch.submissions, raw, strict=True):
            lane = REGISTRY.read(submission.envelope.command).lane
            if lane in stopped:
                skipped.append(submission.envelope.id)
                continue
            outcome = self.apply(submission, canonical(document))
            outcomes.append(outcome)
            if outcome.state in ("refused", "conflict", "expired"):
                stopped.add(lane)
        return BatchAnswer(outcomes=outcomes, skipped=skipped)

    def apply(self, submission: Submission, body: bytes, *, dry: bool = False) -> Outcome:
        envelope = submission.envelope
        digest = envelope.digest()
        self.bodies.setdefault(envelope.id, []).append(body)
        if envelope.id in self.outcomes:
            if self.digests[envelope.id] != digest:
                raise Refusal("id-reused", "That id has done something else.")
            return self.outcomes[envelope.id]
        login, key = self.sessions[submission.session]
        if not seal_fits(key, digest, submission.seal) or login != envelope.actor:
            raise Refusal("seal-invalid", "The seal does not fit.")
        answer = self.decide(submission)
        if isinstance(answer, Fault):
            raise answer
        outcome = self.outcome_of(submission, answer)
        if dry:
            return outcome
        self.chain.append(fingerprint((self.chain[-1] if self.chain else "").encode() + digest.encode()))
        outcome = outcome.model_copy(update={"witness": self.witness(len(self.chain))})
        self.outcomes[envelope.id] = outcome
        self.digests[envelope.id] = digest
        self.order.append((envelope.station, envelope.counter))
        if outcome.state == "applied":
            self.applied.append(envelope.id)
        return outcome

    def outcome_of(self, submission: Submission, answer: Answer | None) -> Outcome:
        envelope = submission.envelope
        late = envelope.not_after is not None and envelope.not_after < datetime.now(UTC) - timedelta(days=1)
        state: Any = "applied"
        if late:
            answer, state = Refusal("expired", "Too late."), "expired"
        elif answer is not None:
            state = "conflict" if isinstance(answer, Conflict) else "refused"
        elif envelope.kind in self.held_kinds:
            state = "held"
        return Outcome(
            id=envelope.id,
            kind=envelope.kind,
            state=state,
            answer=answer.sentence if answer else "Done.",
            result={"number": len(self.chain) + 1} if envelope.kind == "outage.report" else {},
            problem=to_document(answer) if answer else None,
            applied_at=datetime.now(UTC),
        )

    # reading

    def account(self, account: str, known: str) -> tuple[int, dict[str, str], bytes]:
        view = self.views.get(account)
        if view is None:
            raise Refusal("not-found", "No such account.")
        etag = f'"{view.version}"'
        if known == etag:
            return 304, {"etag": etag}, b""
        status, headers, content = self.json(view.model_dump(mode="json"))
        return status, {**headers, "etag": etag}, content

    def changes(self, after: int, limit: int) -> Changes:
        if after < self.floor:
            raise Conflict("gone", "Take a snapshot.")
        items = self.feed[after : after + limit]
        return Changes(
            office=self.office, items=items, head=len(self.feed), more=after + limit < len(self.feed)
        )

    def snapshot(self, cursor: str) -> SnapshotPage:
        state = json.loads(bytes.fromhex(cursor)) if cursor else {"seq": len(self.feed), "at": 0, "hash": ""}
        rows = [
            ChangeRow(
                seq=state["seq"], entity="account", key=key, op="upsert", body=one.model_dump(mode="json")
            )
            for key, one in sorted(self.roster.items())
        ]
        end = state["at"] + self.page_rows
        items = rows[state["at"] : end]
        running = chained(state["hash"], items)
        following = canonical({"seq": state["seq"], "at": end, "hash": running}).hex()
        return SnapshotPage(
            office=self.office,
            seq=state["seq"],
            items=items,
            next=following if end < len(rows) else None,
            count=min(end, len(rows)),
            hash="0" * 64 if self.spoil_snapshot else running,
        )
