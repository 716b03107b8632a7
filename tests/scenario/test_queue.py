"""The queue on its screen: every state with central's own reason, and what a person does about it."""

import asyncio
import threading

import pytest
from tests.scenario.others import Other, offline, online, screen_name, somebody
from tests.scenario.test_call import open_caller
from tests.scenario.town import Console, Town
from tests.widgets.keys import send

from csr_console.demo.network import Weather
from csr_console.desk.model import QueueItem
from csr_console.domain.accounts.commands import UpdateContact, VerifyCaller
from csr_console.domain.accounts.verification import Factor
from csr_console.domain.outages.commands import CorrectReport, PlanOutage


def items(console: Console) -> list[QueueItem]:
    return console.app.desk.queue()


async def plan_here(lead: Other, account: str) -> None:
    """A planned outage at the customer, from yesterday to tomorrow."""
    plan = {
        "device": lead.entry(account).device,
        "starts_at": "2020-01-01T09:00:00+00:00",
        "ends_at": "2099-01-01T09:00:00+00:00",
        "reason": "Transformer swap",
    }
    await lead.enter(PlanOutage.model_validate(plan))


async def refused_report(console: Console, town: Town) -> None:
    """A report taken without the network which central refuses: the outage was planned meanwhile."""
    async with somebody(town, "lead", "C09") as lead:
        await offline(console, town)
        await console.type(f"/{town.fact('caller')['phone']}_out_a_n<")
        await plan_here(lead, town.fact("caller")["account_number"])
    await online(console, town)
    await console.until(lambda: console.app.desk.status().attention == 1)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_what_waits_is_shown_with_its_customer_its_age_and_its_words(
    town: Town, size: tuple[int, int]
) -> None:
    async with town.console(size=size) as console:
        person = await open_caller(console, town)
        await offline(console, town)
        await console.type("/note_dog_in_yard<")
        await console.type("q")
        await console.until(lambda: "… queued" in console.text)
        (row,) = [line for line in console.lines if "… queued" in line]
        assert "Add a note" in row
        assert person["name"] in row
        assert "now" in row
        assert "Waiting to be sent." in console.text
        assert ("Waiting to be sent." in row) == (size[0] > 100)
        await online(console, town)
        await console.until(lambda: "Nothing waits and nothing needs you" in console.text)
        await console.type("A")
        await console.until(lambda: "✓ applied" in console.text)


async def test_a_refusal_is_shown_in_centrals_words_and_fixed_in_place(town: Town) -> None:
    async with town.console() as console:
        await refused_report(console, town)
        await console.type("q")
        await console.until(lambda: "✗ refused" in console.text)
        assert "Planned outage: A planned outage: Transformer swap." in console.text
        await console.type("r")
        assert screen_name(console) == "FixScreen"
        assert "Transformer swap" in console.text
        await console.type("<<<<!<")
        await console.until(lambda: screen_name(console) == "QueueScreen")
        assert console.said == "Outage reported: report #1."
        await console.until(lambda: "Nothing waits and nothing needs you" in console.text)
        assert [report.number for report in console.app.desk.reports()] == [1]


async def test_what_is_refused_again_stays_in_its_form_and_then_goes(town: Town) -> None:
    async with town.console() as console:
        await refused_report(console, town)
        await console.type("q")
        await console.until(lambda: "✗ refused" in console.text)
        await console.type("1<<<<<")
        assert screen_name(console) == "FixScreen"
        assert "add ! to report anyway" in console.said
        await console.type("!<")
        await console.until(lambda: screen_name(console) == "QueueScreen")
        assert console.app.desk.status().attention == 0


async def test_discarding_takes_a_reason_and_central_is_told(town: Town) -> None:
    async with town.console() as console:
        await open_caller(console, town)
        await offline(console, town)
        await console.type("/note_dog_in_yard<")
        await console.type("q")
        await console.until(lambda: "… queued" in console.text)
        await console.type("x")
        assert "Discard “Add a note” (Dolores Whitfield" in console.text
        await console.type("no<")
        assert "Say why in a few words" in console.text
        await console.type("_such_dog<")
        await console.until(lambda: "Discarded. Central is told when it is reached." in console.said)
        assert [item.state for item in items(console) if item.kind == "note.add"] == ["discarded"]
        await online(console, town)
        assert {item.kind: item.state for item in items(console)} == {
            "note.add": "discarded",
            "command.discard": "applied",
        }


async def test_escape_from_the_reason_discards_nothing(town: Town) -> None:
    async with town.console() as console:
        await open_caller(console, town)
        await offline(console, town)
        await console.type("/note_dog_in_yard<")
        await console.type("q")
        await console.until(lambda: "… queued" in console.text)
        await console.type("xno_such_dog")
        await console.press("escape")
        assert screen_name(console) == "QueueScreen"
        assert [item.state for item in items(console)] == ["queued"]


async def test_what_was_sent_without_an_answer_says_so_and_may_be_discarded(town: Town) -> None:
    async with town.console() as console:
        await open_caller(console, town)
        town._network.set_weather(Weather(lost_answer=1.0))
        await console.type("/note_dog_in_yard<")
        await console.until(lambda: [item.state for item in items(console)] == ["unconfirmed"])
        await console.type("q")
        await console.until(lambda: "? unconfirmed" in console.text)
        assert "no answer came: it is asked again under the same id" in " ".join(console.text.split())
        await console.type("xwrong_customer<")
        await console.until(lambda: any(item.kind == "command.discard" for item in items(console)))
        await online(console, town)
        # Central had it: the discard came too late, and the queue says what became of the note.
        await console.until(lambda: "Discarded" in console.said or "applied" in console.said.casefold())
        note = next(item for item in items(console) if item.kind == "note.add")
        await console.until(lambda: next(i for i in items(console) if i.id == note.id).state == "applied")


async def test_a_danger_is_not_discarded(town: Town) -> None:
    async with town.console() as console:
        await offline(console, town)
        await console.press("ctrl+g")
        await console.press("escape")
        await console.press("escape")
        await console.type("queue<")
        await console.until(lambda: "Open a hazard" in console.text)
        await console.type("x")
        assert "A danger is not discarded" in console.said
        assert [item.state for item in items(console)] == ["queued"]


async def test_the_cursor_stays_on_its_command_while_the_list_changes(town: Town) -> None:
    async with town.console() as console:
        await open_caller(console, town)
        await offline(console, town)
        for word in ("first", "second", "third"):
            await console.type(f"/note_{word}<")
        await console.type("q")
        await console.until(lambda: "3 … queued" in console.text)
        await console.press("down", "down")
        assert "#3 Add a note" in console.text
        third = items(console)[2]
        first = items(console)[0]
        await asyncio.to_thread(console.app.desk.discard, first.id, "Not needed")
        await console.until(lambda: "Discard a queued command" in console.text)
        assert "#3 Add a note" in console.text
        await console.type("xnot_this_one<")
        await console.until(lambda: next(i for i in items(console) if i.id == third.id).state == "discarded")


async def test_trying_again_what_waits_says_when(town: Town) -> None:
    async with town.console() as console:
        await open_caller(console, town)
        await offline(console, town)
        await console.type("/note_dog_in_yard<")
        await console.type("q")
        await console.until(lambda: "… queued" in console.text)
        await console.type("r")
        assert console.said == "Add a note: tried again when the network is back, under the same id."


async def clash(console: Console, town: Town, colleague: Other) -> str:
    """Two fields changed here without the network, and by a colleague meanwhile: the clash is on screen."""
    person = await open_caller(console, town)
    account, desk = person["account_number"], console.app.desk
    for one in (Other(desk), colleague):
        await one.enter(VerifyCaller(account=account, factors=(Factor.PHOTO_ID,)))
    await console.press("f5")
    await console.until(lambda: "L2 verified" in console.text or "L3 verified" in console.text)
    await offline(console, town)
    await console.press("at")
    await console.press("ctrl+u")
    await console.type("8505550177<<")
    await console.press("ctrl+u")
    await console.type("me@example.org<<<<<<")
    assert "Changed" in console.said
    seen = await asyncio.to_thread(colleague.desk.refresh_account, account)
    theirs = UpdateContact(account=account, phone_1="8505550188", email="them@example.org")
    await colleague.enter(theirs, {f"contact:{account}": seen.view.contact.version})
    await online(console, town)
    await console.until(lambda: desk.status().attention == 1)
    await console.type("q")
    await console.until(lambda: "≠ conflict" in console.text)
    await console.type("1")
    assert screen_name(console) == "ConflictScreen"
    return account


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("s", ("8505550177", "me@example.org")),
        ("ts", ("8505550188", "them@example.org")),
        ("1s", ("8505550188", "me@example.org")),
        ("tms", ("8505550177", "me@example.org")),
    ],
)
async def test_a_clash_is_decided_side_by_side(town: Town, keys: str, expected: tuple[str, str]) -> None:
    async with town.console() as console, somebody(town) as colleague:
        account = await clash(console, town, colleague)
        for value in ("8505550188", "8505550177", "them@example.org", "me@example.org"):
            assert value in console.text
        assert "on file now (by colleague" in console.text
        await console.type(keys)
        await console.until(lambda: screen_name(console) == "QueueScreen")
        await console.until(lambda: console.app.desk.status().attention == 0)
        view = (await asyncio.to_thread(colleague.desk.refresh_account, account)).view
        assert (view.contact.phone_1, view.contact.email) == expected
        if keys == "ts":
            assert console.said.startswith("Kept theirs: 2 fields.")


async def test_a_newer_clash_takes_the_place_of_the_older_one(town: Town) -> None:
    async with town.console() as console, somebody(town) as colleague:
        account = await clash(console, town, colleague)
        seen = await asyncio.to_thread(colleague.desk.refresh_account, account)
        newest = UpdateContact(account=account, phone_1="8505550199")
        await colleague.enter(newest, {f"contact:{account}": seen.view.contact.version})
        await console.type("s")
        await console.until(lambda: "8505550199" in console.text)
        assert screen_name(console) == "ConflictScreen"
        await console.type("s")
        await console.until(lambda: screen_name(console) == "QueueScreen")
        view = (await asyncio.to_thread(colleague.desk.refresh_account, account)).view
        assert view.contact.phone_1 == "8505550177"


async def test_a_correction_of_a_report_that_was_closed_meanwhile_is_refused_with_the_reason(
    town: Town,
) -> None:
    async with town.console() as console, somebody(town) as colleague:
        account = town.fact("caller")["account_number"]
        await colleague.enter(colleague.outage(account))
        await console.until(lambda: len(console.app.desk.reports()) == 1)
        await console.type("outages<")
        await console.until(lambda: "1 open report ·" in console.text)
        await console.type("1")
        await offline(console, town)
        await console.type("ep<<<<")
        assert "sent when the network is back" in console.said
        (report,) = colleague.desk.reports()
        await colleague.enter(
            CorrectReport(report=report.id, place=report.premise or "", withdrawn=True),
            {f"report:{report.id}": report.version},
        )
        await online(console, town)
        await console.until(lambda: "It waits in the queue (q)" in console.said)
        assert "is closed" in console.said
        await console.type("q")
        await console.until(lambda: "✗ refused" in console.text)
        assert "Open a new report." in console.text


async def test_a_digit_typed_ahead_picks_a_row_of_the_queue(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with town.console() as console:
        await open_caller(console, town)
        await offline(console, town)
        await console.type("/note_gate_code_changed<")
        may_read, desk = threading.Event(), console.app.desk
        read = desk.queue

        def read_late(**options: bool) -> list[QueueItem]:
            may_read.wait(20)
            return read(**options)

        monkeypatch.setattr(desk, "queue", read_late)
        send(console.app, ["q", "1"])
        await console.until(lambda: console.app._working == "reading the queue")
        may_read.set()
        await console.until(lambda: console.said == "Waiting to be sent.")
