"""A central whose every text is hostile: what a desk gets from one that was broken into, or that is older."""

from typing import Any
from urllib.parse import unquote
from uuid import UUID, uuid5

from tests.desk.fake_central import FakeCentral, account_view, entry, number
from tests.faults.corpus import Case
from tests.faults.hostile_money import found_body, hostile_billing, hostile_budget

from csr_console.contracts.envelope import Submission
from csr_console.contracts.feed import ChangeRow, SnapshotPage, chained
from csr_console.contracts.outcome import Outcome, ProblemDocument
from csr_console.contracts.views.accounts import AccountView, RosterEntry
from csr_console.domain.refusals import Answer, Refusal
from csr_console.domain.text import clean_line

NOW = "2026-08-30T14:02:00Z"
HOSTILE_KEYS = 5000
"""From this position on not only the free texts are hostile: the account, the premise, the meters, too."""
CLASHING = 2000
"""From here on accounts whose contact details clash: what stops in a lane would hold up the notes."""
_SPACE = UUID("0198f2b4-0000-7000-8000-00000000cafe")


def id_of(what: str, position: int) -> UUID:
    """A version 7 id that is the same in every process."""
    made = bytearray(uuid5(_SPACE, f"{what} {position}").bytes)
    made[6] = 0x70 | made[6] & 0x0F
    return UUID(bytes=bytes(made))


def hostile_entry(position: int, text: str) -> RosterEntry:
    """A line of the roster with the text wherever one fits."""
    line = entry(
        position,
        name=text,
        service_address=text,
        zip=text,
        phones=[text, text],
        meters=[text],
        supply_point=text,
        device=text,
        flags=[text, "cut_pending"],
    )
    if position < HOSTILE_KEYS:
        return line
    return line.model_copy(update={"account": f"{text}{position}", "premise": text})


def hostile_view(line: RosterEntry, text: str) -> AccountView:
    """The view of an account with the text wherever one fits."""
    return account_view(
        line,
        contact={
            "phone_1": text, "phone_2": text, "email": text, "mailing_street": text, "mailing_city": text,
            "mailing_state": text, "mailing_zip": text, "language": text, "version": 1,
        },
        services=[{"service": "electric", "meter": text, "state": "connected"}],
        alerts=[{"code": text, "expires_on": None}, {"code": "cut_pending", "expires_on": None}],
        timeline=[
            {"id": str(id_of(f"entry {kind}", 0)), "kind": kind, "at": NOW, "actor": text, "text": text}
            for kind in ("note", "interaction", "outage")
        ],
        open_report={"id": str(id_of("report", 0)), "number": 7, "calls": 2, "opened_at": NOW},
        others=[{"account": text, "service_address": text, "status": "active"}],
        budget=hostile_budget(text),
    )  # fmt: skip


def report_body(position: int, text: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": str(id_of("report", position)), "number": position + 1, "state": "open", "account": None,
        "premise": None, "place": text, "name": text, "scope": "all", "hazard": "wire_down", "critical": "",
        "priority": 2, "device": text, "callback": text, "calls": 1, "remarks": [text, text],
        "opened_at": NOW, "last_call_at": NOW, "version": 1, **changes,
    }  # fmt: skip


def hazard_body(position: int, text: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": str(id_of("hazard", position)), "hazard": "gas", "state": "open", "account": None,
        "premise": None, "place": text, "phone": text, "where": text, "people_inside": text, "access": text,
        "remarks": [text], "dispatcher": text, "expected_at": NOW, "acknowledged_at": NOW, "opened_at": NOW,
        "opened_by": text, "station": text, "version": 1, **changes,
    }  # fmt: skip


def planned_body(position: int, text: str) -> dict[str, Any]:
    return {
        "id": str(id_of("planned", position)), "device": text, "devices": [text], "starts_at": NOW,
        "ends_at": "2099-01-01T00:00:00Z", "reason": text, "version": 1,
    }  # fmt: skip


def held_body(position: int, text: str) -> dict[str, Any]:
    return {
        "id": str(id_of("held", position)), "kind": text, "digest": text, "actor": text, "station": text,
        "command": {"kind": text, "account": text, text: text, "nested": {text: [text]}},
        "issued_at": NOW, "held_at": NOW, "policy": text, "sentence": text,
    }  # fmt: skip


class HostileCentral(FakeCentral):
    """One customer, one report, one hazard, one planned outage and one held command of each case."""

    def __init__(self, cases: tuple[Case, ...]) -> None:
        super().__init__(page_rows=1000)
        self.cases = cases
        self._other_rows: list[ChangeRow] = []
        for position, case in enumerate(cases):
            for at in (position, HOSTILE_KEYS + position):
                line = hostile_entry(at, case.text)
                self.roster[line.account] = line
                self.views[clean_line(line.account)] = hostile_view(line, case.text)
            self._other("report", report_body(position, case.text))
            self._other("hazard", hazard_body(position, case.text))
            self._other("planned", planned_body(position, case.text))
        self.held = [held_body(position, case.text) for position, case in enumerate(cases)]

    def _other(self, entity: Any, body: dict[str, Any]) -> None:
        self._other_rows.append(ChangeRow(seq=1, entity=entity, key=body["id"], op="upsert", body=body))

    def snapshot(self, cursor: str) -> SnapshotPage:
        rows = [
            ChangeRow(seq=1, entity="account", key=key, op="upsert", body=line.model_dump(mode="json"))
            for key, line in sorted(self.roster.items())
        ]
        rows += self._other_rows
        return SnapshotPage(
            office=self.office, seq=0, items=rows, next=None, count=len(rows), hash=chained("", rows)
        )

    def inside(
        self, method: str, path: str, query: dict[str, str], headers: dict[str, str], *rest: Any
    ) -> tuple[int, dict[str, str], bytes]:
        if path == "/v1/approvals":
            return self.json({"items": self.held, "next": None})
        if path == "/v1/bill-exceptions":
            items = [found_body(number(at), case.text) for at, case in enumerate(self.cases)]
            counts = [{"code": case.text, "waiting": 1} for case in self.cases]
            return self.json({"items": items, "counts": counts, "next": None})
        if path.startswith("/v1/accounts/") and path.endswith("/billing"):
            account = path.split("/")[3]
            return self.json(hostile_billing(account, self.text_about(account)))
        if path.startswith("/v1/accounts/") and not path.endswith("/verification"):
            account = unquote(path.removeprefix("/v1/accounts/"))
            return self.account(account, headers.get("if-none-match", ""))
        return super().inside(method, path, query, headers, *rest)

    def session_tokens(self, session: UUID) -> dict[str, Any]:
        tokens = super().session_tokens(session)
        return {**tokens, "name": self.cases[0].text}

    def text_about(self, account: object) -> str:
        """The text of the customer a command is about."""
        known = {
            number(start + position): case.text
            for position, case in enumerate(self.cases)
            for start in (0, CLASHING)
        }
        return known.get(str(account), self.cases[0].text)

    def outcome_of(self, submission: Submission, answer: Answer | None) -> Outcome:
        """Notes are refused, changes of contact details clash, the rest is applied: in hostile words."""
        made = super().outcome_of(submission, answer)
        command = submission.envelope.command
        text = self.text_about(command.get("account"))
        if command["kind"] == "contact.update":
            facts = {"fields": {text: {"theirs": text, "yours": text, "by": text, "at": NOW}}, "version": 2}
            return made.model_copy(
                update={"state": "conflict", "answer": text, "problem": problem("clash", 409, text, facts)}
            )
        if command["kind"] == "note.add":
            return made.model_copy(
                update={"state": "refused", "answer": text, "problem": problem("not-found", 404, text, {})}
            )
        return made.model_copy(update={"answer": text, "result": {"number": 1, text: text}})


def problem(code: str, status: int, text: str, facts: dict[str, Any]) -> ProblemDocument:
    return ProblemDocument(
        type=text, title=text, status=status, detail=text, code=code, rule=text, next_step=text, facts=facts
    )


def refused(text: str) -> Refusal:
    return Refusal("not-permitted", text)
