"""Each role tries each command and each reading over HTTP, in its own office and in another.

What is expected comes from the policy data (`GRANTS`, the approval policies, `NEEDED`); a few cells written
by hand hold the data itself.
"""

import shutil
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import func, select, update
from tests.central.conftest import FRAUD, MARIA, seed, sqlite_file
from tests.central.http.conftest import Clock, Desk, Edge
from tests.central.http.test_access import ACCESS, request_for

from csr_console.central.app import build_app
from csr_console.central.logs import log_to
from csr_console.central.routes import accounts, approvals, audit
from csr_console.central.routes.needed import NEEDED
from csr_console.central.service import open_central
from csr_console.central.settings import CentralSettings
from csr_console.central.tables.commands import command_log
from csr_console.central.tables.staff import staff
from csr_console.contracts.envelope import command_document
from csr_console.contracts.registry import COMMANDS
from csr_console.domain.accounts.commands import AddNote, UpdateContact, VerifyCaller
from csr_console.domain.accounts.verification import Factor
from csr_console.domain.approvals import DISABLED_ACTOR, POLICIES, policy_for
from csr_console.domain.ids import uuid7
from csr_console.domain.outages.commands import OpenHazard, ReportOutage
from csr_console.domain.permissions import GRANTS, Permission, Role

__all__ = ["sqlite_file"]
OFFICES = ("main", "north")
PREMISE = "P0001204"
ALERTED = {"fraud_hold": FRAUD}
"""An account of the town with each alert that a policy names."""


@dataclass
class World:
    """One office with customers and one without, a clerk of each role in both, and who prepares a cell."""

    edge: Edge
    desks: dict[tuple[Role, str], Desk] = field(default_factory=dict)
    helper: Desk = None  # type: ignore[assignment]
    made: int = 0

    def id(self) -> UUID:
        self.made += 1
        return uuid7(self.edge.clock.now, self.made.to_bytes(10))

    async def hire(self, login: str, role: Role, office: str, station: str) -> Desk:
        self.edge.hire(login, role.value, office)
        installation = str(uuid5(UUID(int=0), station))
        answer = await self.edge.post_session(login, station=station, installation=installation)
        assert answer.status_code == 201, answer.text
        return Desk(self.edge.http, self.edge.clock, answer.json(), station)

    async def report(self) -> str:
        """An open report of its own."""
        self.made += 1
        return str(await self.done(ReportOutage(location=f"pole {self.made}", scope="all", hazard="none")))

    async def hazard(self) -> str:
        hazard = self.id()
        await self.done(OpenHazard(hazard_id=hazard, hazard="gas", opened_at=self.edge.clock.now))
        return str(hazard)

    async def held(self, by: Desk) -> dict[str, Any]:
        """A change under a fraud hold that waits for a second person: its id and digest."""
        await self.done(VerifyCaller(account=FRAUD, factors=(Factor.PHOTO_ID,)), by=by)
        self.made += 1
        change = UpdateContact(account=FRAUD, email=f"held{self.made}@example.org")
        submission = by.submission(change, expects=await self.seen(FRAUD))
        answer = await by.put(submission)
        assert answer.status_code == 202, answer.text
        return {"held": str(submission.envelope.id), "digest": submission.envelope.digest()}

    async def seen(self, account: str) -> dict[str, int]:
        view = (await self.helper.get(f"/v1/accounts/{account}")).json()
        return {f"contact:{account}": view["contact"]["version"]}

    async def done(self, command: Any, *, by: Desk | None = None) -> UUID:
        desk = by or self.helper
        submission = desk.submission(command)
        answer = await desk.put(submission)
        assert answer.status_code == 201, answer.text
        return submission.envelope.id


@pytest.fixture
async def world(sqlite_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    from tests.central.http import conftest as fast

    monkeypatch.setattr("csr_console.central.staff._HASHER", fast._FAST)
    path = tmp_path / "central.db"
    shutil.copy(sqlite_file, path)
    clock, log = Clock(), StringIO()
    settings = CentralSettings(
        database=f"sqlite:///{path}", secret=SecretStr("s" * 40), searches_per_minute=10_000
    )
    central = open_central(settings, clock=clock, log=log_to(log))
    seed(central.db, "main")
    app = build_app(central)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://central") as http:
        world = World(Edge(app, central, clock, log, http))
        world.helper = await world.hire("helper", Role.SUPERVISOR, "main", "H01")
        for number, role in enumerate(Role):
            for office in OFFICES:
                login = f"{role.value}.{office}"
                world.desks[role, office] = await world.hire(
                    login, role, office, f"{office[0].upper()}{number:02}"
                )
        yield world
    central.db.close()


Parts = tuple[dict[str, Any], dict[str, int]]
Act = Callable[[World, Desk], Awaitable[Parts]]


def plain(**values: Any) -> Act:
    """A command that needs nothing to be there first."""

    async def act(_world: World, _desk: Desk) -> Parts:
        return values, {}

    return act


async def changed_contact(world: World, desk: Desk) -> Parts:
    if Permission.CALLER_VERIFY in GRANTS[Role(desk.tokens["role"])] and desk.tokens["office"] == "main":
        await world.done(VerifyCaller(account=MARIA, factors=(Factor.PHOTO_ID,)), by=desk)
    world.made += 1
    values = {"account": MARIA, "email": f"maria{world.made}@example.org"}
    return values, await world.seen(MARIA)


async def opened_hazard(world: World, _desk: Desk) -> Parts:
    world.made += 1
    opened = world.edge.clock.now.isoformat()
    return {"hazard_id": str(world.id()), "hazard": "gas", "premise": PREMISE, "opened_at": opened}, {}


def on_report(*, expects: bool = False, **values: Any) -> Act:
    async def act(world: World, _desk: Desk) -> Parts:
        report = await world.report()
        return {"report": report, **values}, {f"report:{report}": 1} if expects else {}

    return act


def on_hazard(**values: Any) -> Act:
    async def act(world: World, _desk: Desk) -> Parts:
        return {"hazard_id": await world.hazard(), **values}, {}

    return act


async def discarded(world: World, _desk: Desk) -> Parts:
    """What was held in the office with customers; its author is another."""
    held = await world.held(world.helper)
    return {"discarded": held["held"], "discarded_kind": "contact.update", "reason": "Called back"}, {}


async def decided(world: World, _desk: Desk) -> Parts:
    return {**await world.held(world.helper), "approve": True, "reason": "Called the customer"}, {}


TAKEN = ""
"""A danger to life is recorded wherever it is told; nothing of the other office's premise comes with it."""
ACTS: dict[str, tuple[Act, str]] = {
    "note.add": (plain(account=MARIA, text="A note."), "other-office"),
    "interaction.log": (
        plain(
            account=MARIA, disposition="NO-ACTION", started_at="2026-08-30T13:50:00Z", talk_seconds=5,
            summary="Hello.",
        ),
        "other-office",
    ),
    "contact.update": (changed_contact, "other-office"),
    "caller.verify": (plain(account=MARIA, factors=["photo_id"]), "other-office"),
    "outage.report": (plain(account=MARIA, premise=PREMISE, scope="all", hazard="none"), "other-office"),
    "outage.add": (on_report(place="pole 1", remark="Sparks seen."), "not-found"),
    "outage.correct": (on_report(place="pole 1", scope="part", expects=True), "not-found"),
    "outage.plan": (
        plain(
            device="t:TR3", starts_at="2026-09-01T09:00:00Z", ends_at="2026-09-01T12:00:00Z", reason="Pole"
        ),
        "not-found",
    ),
    "callback.request": (plain(account=MARIA, phone="8505550142", when="soon"), "other-office"),
    "hazard.open": (opened_hazard, TAKEN),
    "hazard.detail": (on_hazard(where="Kitchen"), "not-found"),
    "hazard.acknowledge": (on_hazard(dispatcher="R. Boone", eta_minutes=5), "not-found"),
    "hazard.close": (on_hazard(verified_by="J. Ortiz"), "not-found"),
    "command.discard": (discarded, "other-office"),
    "approval.decide": (decided, "not-held"),
}  # fmt: skip
"""How each kind is made to succeed on what the office `main` has, and what the same is told in another."""


KINDS = [command.example().kind for command in COMMANDS]


def by_example(kind: str) -> Act:
    """A kind whose success takes more than this town has: its example, for whether it is permitted."""
    example = next(command.example() for command in COMMANDS if command.example().kind == kind)
    values = {**command_document(example), "account": MARIA}
    values.pop("kind")
    return plain(**values)


def permitted(kind: str, role: Role) -> bool:
    permission = next(command.permission for command in COMMANDS if command.example().kind == kind)
    return permission in GRANTS[role]


def answered(answer: httpx.Response) -> tuple[str, str]:
    """The state an answer tells, and the code of its problem."""
    document = answer.json()
    return (document.get("outcome") or document).get("state", "none"), document.get("code", "")


def fits(kind: str, role: Role, office: str, found: tuple[str, str]) -> bool:
    """Whether a cell answers as the policy data says."""
    if not permitted(kind, role):
        return found == ("refused", "not-permitted")
    if kind not in ACTS:
        return found[1] != "not-permitted"
    foreign = ACTS[kind][1]
    if office == "main" or foreign == TAKEN:
        return found == ("applied", "")
    return found == ("refused", foreign)


async def try_command(world: World, kind: str, role: Role, office: str) -> tuple[str, str]:
    desk = world.desks[role, office]
    act = ACTS[kind][0] if kind in ACTS else by_example(kind)
    values, expects = await act(world, desk)
    answer = await desk.put(desk.submission({"kind": kind, **values}, expects=expects))
    assert answer.status_code < 500, answer.text
    if answer.status_code == 403:
        assert answer.json()["detail"].endswith("."), "a no is a sentence"
    return answered(answer)


async def command_cells(world: World, kinds: Collection[str]) -> tuple[int, list[str]]:
    """How many cells were tried, and those that answered otherwise than the data says."""
    tried, wrong = 0, []
    for kind in kinds:
        for role in Role:
            for office in OFFICES:
                found = await try_command(world, kind, role, office)
                tried += 1
                if not fits(kind, role, office, found):
                    wrong.append(f"{role} {kind} {office}: {found}")
    return tried, wrong


async def test_every_command_of_every_role_in_both_offices(world: World) -> None:
    tried, wrong = await command_cells(world, KINDS)
    assert wrong == []
    hazards = (await world.desks[Role.CLERK, "north"].get("/v1/outages/hazards")).json()["items"]
    assert hazards
    assert "Oak St" not in str(hazards)
    assert tried == len(COMMANDS) * len(Role) * len(OFFICES) >= 180


async def test_without_the_check_of_the_command_the_matrix_fails(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a central that forgets to ask is found out in every cell that should be refused."""
    monkeypatch.setattr("csr_console.central.judging.require", lambda *_: None)
    kinds = ("note.add", "contact.update", "outage.plan", "hazard.close", "command.discard")
    _, wrong = await command_cells(world, kinds)
    cells = [(kind, role) for kind in kinds for role in Role if not permitted(kind, role)]
    assert len([cell for cell in wrong if " main:" in cell]) == len(cells) > 10


ON_ALERT = [policy for policy in POLICIES if policy.alert is not None]


@pytest.mark.parametrize("policy", ON_ALERT, ids=lambda policy: policy.code)
async def test_what_a_policy_holds_waits_for_every_role_that_may_enter_it(world: World, policy: Any) -> None:
    account = ALERTED[policy.alert]
    assert policy_for(policy.kind, [policy.alert]) is policy
    assert policy.kind == "contact.update"
    for role in Role:
        desk = world.desks[role, "main"]
        if Permission.CALLER_VERIFY in GRANTS[role]:
            await world.done(VerifyCaller(account=account, factors=(Factor.PHOTO_ID,)), by=desk)
        change = UpdateContact(account=account, email=f"{role.value}@example.org")
        submission = desk.submission(change, expects=await world.seen(account))
        answer = await desk.put(submission)
        if Permission.CONTACT_UPDATE not in GRANTS[role]:
            assert answered(answer) == ("refused", "not-permitted")
            continue
        assert (answer.status_code, answered(answer)[0]) == (202, "held")
        assert answer.json()["result"]["policy"] == policy.code
        for other in Role:
            approver = world.desks[other, "main"]
            decision = {"held": str(submission.envelope.id), "digest": submission.envelope.digest()}
            words = {"kind": "approval.decide", "approve": False, "reason": "Not on the phone"}
            told = answered(await approver.put(approver.submission({**words, **decision}), dry_run=True))
            if policy.approver not in GRANTS[other]:
                assert told == ("refused", "not-permitted"), (role, other)
            elif other is role:
                assert told == ("refused", "own-command"), (role, other)
            else:
                assert told == ("applied", ""), (role, other)


async def test_who_was_disabled_is_held_whatever_their_role(world: World) -> None:
    for role in Role:
        desk = world.desks[role, "main"]
        submission = desk.submission(AddNote(account=MARIA, text="Entered before."))
        with world.edge.central.db.write() as connection:
            connection.execute(update(staff).where(staff.c.login == desk.tokens["login"]).values(disabled=1))
        answer = await world.helper.put(submission)
        assert (answer.status_code, answer.json()["result"]["policy"]) == (202, DISABLED_ACTOR.code)


# Readings.

READS = [row for row in ACCESS if row[3] not in ("submission", "batch")]


async def read_cells(world: World, *only: str) -> tuple[int, list[str]]:
    tried, wrong = 0, []
    for method, route, _, body in READS:
        if only and route not in only:
            continue
        needed = NEEDED[method, route]
        for role in Role:
            for office in OFFICES:
                if route == "/v1/sessions/current":
                    continue
                desk = world.desks[role, office]
                request = request_for(method, route, body, MARIA, desk)
                answer = await world.edge.http.request(**request, headers=desk.headers)
                refused = answer.status_code == 403 and answer.json()["code"] == "not-permitted"
                if refused:
                    assert (
                        answer.json()["detail"]
                        == f"The role {role} does not include {missing(needed, role)}."
                    )
                tried += 1
                if refused != bool(missing(needed, role)):
                    wrong.append(f"{role} {method} {route} {office}: {answer.status_code}")
                if office == "north" and answer.is_success:
                    assert MARIA not in answer.text, (role, route)
    return tried, wrong


def missing(needed: tuple[Permission, ...] | None, role: Role) -> Permission | None:
    """The first permission that a role lacks for a route."""
    return next((permission for permission in needed or () if permission not in GRANTS[role]), None)


async def test_every_reading_of_every_role_in_both_offices(world: World) -> None:
    tried, wrong = await read_cells(world)
    assert wrong == []
    assert tried == (len(READS) - 1) * len(Role) * len(OFFICES)


async def test_a_route_that_forgets_to_ask_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the same routes with their check taken out."""
    for module, route in (
        (approvals, "/v1/approvals"),
        (audit, "/v1/audit"),
        (audit, "/v1/audit/journal"),
        (accounts, "/v1/accounts/{number}/reveal"),
    ):
        honest = module.admit

        def forgetful(request: Any, bearer: Any, _permission: Any = None, honest: Any = honest) -> Any:
            return honest(request, bearer)

        with monkeypatch.context() as patch:
            patch.setattr(module, "admit", forgetful)
            _, wrong = await read_cells(world, route)
        needed = next(found for (_, path), found in NEEDED.items() if path == route)
        open_to = sum(missing(needed, role) is not None for role in Role)
        assert len(wrong) == open_to * len(OFFICES) > 0, route


def test_what_is_needed_is_said_for_every_route(world: World) -> None:
    document = world.edge.app.openapi()
    served = {
        (method.upper(), path): operation.get("x-permission")
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }
    said = {key: None if needed is None else [str(name) for name in needed] for key, needed in NEEDED.items()}
    assert served == said


# The data itself, by hand.


async def test_an_auditor_changes_nothing(world: World) -> None:
    def rows() -> Counter[str]:
        with world.edge.central.db.read() as connection:
            states = select(command_log.c.state, func.count().label("many")).group_by(command_log.c.state)
            return Counter({row.state: row.many for row in connection.execute(states)})

    auditor = world.desks[Role.AUDITOR, "main"]
    for kind in ACTS:
        values, expects = await ACTS[kind][0](world, auditor)
        before = rows()
        answer = await auditor.put(auditor.submission({"kind": kind, **values}, expects=expects))
        assert answered(answer) == ("refused", "not-permitted")
        assert rows() - before == Counter(refused=1), "a no leaves its own line in the log and nothing else"


COMMANDS_BY_HAND = (
    (Role.CLERK, "note.add", "applied"),
    (Role.CLERK, "outage.report", "applied"),
    (Role.CLERK, "hazard.open", "applied"),
    (Role.CLERK, "contact.update", "refused"),
    (Role.CLERK, "hazard.close", "refused"),
    (Role.SPECIALIST, "contact.update", "applied"),
    (Role.SPECIALIST, "approval.decide", "refused"),
    (Role.LEAD, "approval.decide", "applied"),
    (Role.LEAD, "hazard.close", "refused"),
    (Role.SUPERVISOR, "hazard.close", "applied"),
    (Role.ADMINISTRATOR, "note.add", "refused"),
)
READINGS_BY_HAND = (
    (Role.CLERK, "/v1/audit", 403),
    (Role.CLERK, "/v1/approvals", 403),
    (Role.AUDITOR, "/v1/audit", 200),
    (Role.AUDITOR, "/v1/audit/journal", 200),
    (Role.AUDITOR, "/v1/approvals", 403),
    (Role.ADMINISTRATOR, "/v1/accounts", 403),
    (Role.ADMINISTRATOR, "/v1/changes?after=0", 403),
    (Role.ADMINISTRATOR, "/v1/audit/journal", 200),
    (Role.SUPERVISOR, "/v1/audit", 200),
)


async def test_cells_by_hand(world: World) -> None:
    for role, kind, state in COMMANDS_BY_HAND:
        assert (await try_command(world, kind, role, "main"))[0] == state, (role, kind)
    for role, path, status in READINGS_BY_HAND:
        assert (await world.desks[role, "main"].get(path)).status_code == status, (role, path)
