"""One workstation, two clerks: a command stays its author's, whoever sends it and whatever became of them.

Raw keys on the real screens, a real central behind a network that can be pulled.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from tests.scenario.conftest import city, town
from tests.scenario.others import offline, screen_name
from tests.scenario.test_call import open_caller
from tests.scenario.test_sign_in import set_pin, sign_in
from tests.scenario.town import Console, Town
from typer.testing import CliRunner

from csr_console.central import pipeline
from csr_console.central.cli import central_app
from csr_console.central.database import Database
from csr_console.central.tables.commands import command_log

__all__ = ["city", "town"]
PASSWORD = "correct horse battery"


@pytest.fixture
def administer(town: Town) -> Callable[..., None]:
    """`csr-console central ...` on the town's database, as an administrator types it."""
    folder = town.folder / "central"
    database = next(folder.glob("*.db"))

    def run(*arguments: str, given: str = "") -> None:
        done = CliRunner().invoke(
            central_app, [*arguments, "--database", f"sqlite:///{database}"], input=given
        )
        assert done.exit_code == 0, done.output

    return run


def hire(administer: Callable[..., None], town: Town, login: str, role: str, office: str = "demo") -> None:
    name = login.capitalize()
    administer("add-staff", login, "--name", name, "--role", role, "--office", office, given=f"{PASSWORD}\n")
    town.city.passwords[login] = PASSWORD


def log(town: Town) -> list[tuple[str, str, str]]:
    """Central's command log: kind, who entered it, what became of it."""
    db = Database(f"sqlite:///{next((town.folder / 'central').glob('*.db'))}")
    with db.read() as connection:
        rows = connection.execute(select(command_log).order_by(command_log.c.seq)).all()
    db.close()
    return [(row.kind, row.actor, row.state) for row in rows]


async def drained(console: Console) -> None:
    def holds() -> bool:
        status = console.app.desk.status()
        return status.queued + status.unconfirmed == 0

    await console.until(holds)


async def plan_offline(console: Console, town: Town) -> None:
    """A planned outage, which leads may enter and specialists may not."""
    await offline(console, town)
    device = console.app.desk.entry(town.fact("caller")["account_number"]).device  # type: ignore[union-attr]
    await console.type(f"/plan_{device}<")
    await console.until(lambda: screen_name(console) == "PlanScreen")
    await console.type(">+1_9:00>+1_12:00>Pole_replacement<")
    await console.until(lambda: [item.kind for item in console.app.desk.queue()] == ["outage.plan"])


@pytest.fixture
def passwords_restored(city: Any) -> Any:
    """The city is shared by all tests: who was hired for one is forgotten."""
    before = dict(city.passwords)
    yield
    city.passwords.clear()
    city.passwords.update(before)


pytestmark = pytest.mark.usefixtures("passwords_restored")


async def test_what_a_lead_entered_is_judged_as_the_leads_whoever_sends_it(town: Town) -> None:
    async with town.console(login="lead") as console:
        await plan_offline(console, town)
        await console.type("/signout<")
        await online_again(console, town)
        await sign_in(console, town, "demo")
        await drained(console)
        assert log(town) == [("outage.plan", "lead", "applied")]
        assert console.app.desk.actor.login == "demo"  # type: ignore[union-attr]


async def test_judged_by_who_carries_it_the_same_command_is_refused(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a central that took the authority of the session that delivers would say no."""
    monkeypatch.setattr(pipeline, "_sealed_by", lambda _sealer, _record, requester: requester)
    async with town.console(login="lead") as console:
        await plan_offline(console, town)
        await console.type("/signout<")
        await online_again(console, town)
        await sign_in(console, town, "demo")
        await drained(console)
        refused = [entry for entry in log(town) if entry[2] == "refused"]
        assert len(refused) == 1


async def online_again(console: Console, town: Town) -> None:
    """The network is back, though nobody is signed in who could send."""
    town.set_weather("good")
    desk = console.app.desk
    desk._background.tell(desk._network.on_doubt)
    await console.until(lambda: "online" in console.lines[-1])


async def test_who_was_disabled_meanwhile_has_their_work_held_for_a_second_person(
    town: Town, administer: Callable[..., None]
) -> None:
    phone = town.fact("caller")["phone"]
    async with town.console() as console:
        await offline(console, town)
        await console.type(f"{phone}_out_a_n<")
        await console.type("/note_dog_in_yard<")
        await console.until(lambda: len(console.app.desk.queue()) == 2)
        await console.type("/signout<")
        administer("disable-staff", "demo")
        await online_again(console, town)
        await sign_in(console, town, "colleague")
        await drained(console)
        assert log(town) == [("outage.report", "demo", "held"), ("note.add", "demo", "held")]
        await console.type("signin<")
        await sign_in(console, town, "supervisor")
        await console.type("approvals<")
        await console.until(lambda: "may no longer sign in" in console.text)
        assert "demo" in console.text
        await console.type("y")
        await console.type("Seen_at_the_counter<")
        await console.until(lambda: len(log(town)) == 4)
        await console.until(lambda: "dog in yard" in console.text)
        await console.type("n")
        await console.type("Not_to_be_kept<")
        await console.until(lambda: len(log(town)) == 6)
    assert log(town)[2:] == [
        ("approval.decide", "supervisor", "applied"),
        ("outage.report", "demo", "applied"),
        ("approval.decide", "supervisor", "applied"),
        ("note.add", "demo", "declined"),
    ]


async def test_what_was_begun_by_one_is_not_shown_to_the_other(town: Town) -> None:
    async with town.console() as console:
        await open_caller(console, town)
        await console.type("/note<gate_code_4711_is_")
        await console.until(lambda: len(console.app.desk.drafts()) == 1)
        assert "gate code" in console.text
        await console.press("escape", "escape")
        await console.type("/signout<")
        await sign_in(console, town, "colleague")
        await console.until(lambda: "Sam Whitaker" in console.text)
        assert console.app.desk.drafts() == []
        assert "draft" not in console.said
        await console.type("drafts<")
        assert "No drafts." in console.text
        await console.press("escape")
        await open_caller(console, town)
        await console.type("/note<")
        assert "gate code" not in console.text
        await console.press("escape", "escape", "escape")
        await console.type("/signout<")
        await sign_in(console, town, "demo")
        await console.until(lambda: "draft? Enter yes" in console.said)


async def test_the_pin_lets_in_without_central_and_a_password_typed_there_is_no_wrong_pin(
    town: Town,
) -> None:
    phone = town.fact("caller")["phone"]
    async with town.console() as console:
        await set_pin(console)
        await offline(console, town)
        await console.type("signout<")
        assert screen_name(console) == "SignInScreen"
        for _ in range(6):
            await sign_in(console, town, "demo")
            await console.press("shift+tab")
        assert console.said == (
            "Central is not reached: a password needs the network, the PIN of demo does not."
        )
        assert console.app.desk.actor is None
        await console.press("ctrl+u", *"lead", "enter", *"4417", "enter")
        assert "lead has no PIN here yet." in console.said
        await console.press("shift+tab", "ctrl+u", *"demo", "enter", *"1111", "enter")
        assert "4 more tries" in console.said
        await console.press(*"4417", "enter")
        assert screen_name(console) == "HomeScreen"
        assert console.app.desk.status().roster_count > 0, "six passwords have not erased the customers"
        await console.type(f"{phone}_out_a_n<")
        await online_again(console, town)
        await console.until(lambda: console.said.startswith("The network is back."))
        assert [item.state for item in console.app.desk.queue()] == ["queued"]
        await console.type("/signin<")
        await console.press(*"demo", "enter", *"4417", "enter")
        assert console.said.startswith("Central is there, so it is the password that signs in")
        await console.press(*town.city.passwords["demo"], "enter")
        await drained(console)
        assert log(town) == [("outage.report", "demo", "applied")]


async def test_who_may_not_read_accounts_finds_nobody_on_a_desk_full_of_them(
    town: Town, administer: Callable[..., None]
) -> None:
    hire(administer, town, "root", "administrator")
    async with town.console() as console:
        person = await open_caller(console, town)
        await offline(console, town)
        await console.type("/note_dog_in_yard<")
        await console.type("/signout<")
        await online_again(console, town)
        await sign_in(console, town, "root")
        await console.until(lambda: "Root · administrator" in console.text)
        await drained(console)
        for line in (person["phone"], person["account_number"], person["name"].casefold().replace(" ", "_")):
            await console.press("ctrl+u")
            await console.type(f"{line}<")
            assert screen_name(console) == "HomeScreen"
            assert person["name"] not in console.text
            assert person["street"] not in console.text
        await console.press("ctrl+u")
        await console.type("queue<A")
        await console.until(lambda: "demo" in console.text)
        assert person["name"] not in console.text
        assert person["account_number"] not in console.text
        desk = console.app.desk
        (item,) = await asyncio.to_thread(desk.queue)
        assert (item.command, item.about, item.lane) == (None, "", "")
        assert (desk.entry(person["account_number"]), desk.account(person["account_number"])) == (None, None)
        assert (desk.reports(), desk.hazards(), desk.planned()) == ([], [], [])
    assert log(town) == [("note.add", "demo", "applied")], "carried by somebody who may do nothing of it"


async def test_another_office_gets_an_empty_desk_and_keeps_its_hands_off_the_queue(
    town: Town, administer: Callable[..., None], tmp_path: Path
) -> None:
    hire(administer, town, "olga", "specialist", "north")
    async with town.console() as console:
        person = await open_caller(console, town)
        await offline(console, town)
        await console.type("/note_dog_in_yard<")
        await console.until(lambda: len(console.app.desk.queue()) == 1)
        await console.type("/signout<")
        await online_again(console, town)
        await sign_in(console, town, "olga")
        await console.until(lambda: "Olga · specialist" in console.text)
        desk = console.app.desk
        assert await asyncio.to_thread(desk.entry, person["account_number"]) is None
        await console.type("signout<")
        assert log(town) == []
        await sign_in(console, town, "colleague")
        await drained(console)
        assert log(town) == [("note.add", "demo", "applied")]
