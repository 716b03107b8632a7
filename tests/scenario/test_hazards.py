"""Dangers to life: never only queued, never absorbed, never closed by whoever happens to sit there."""

from datetime import timedelta

import pytest
from tests.scenario.others import offline, online, screen_name, somebody
from tests.scenario.test_call import open_caller
from tests.scenario.town import Console, Town

from csr_console.contracts.views.outages import HazardView
from csr_console.desk import alarms
from csr_console.domain.outages.commands import CloseHazard

LEAVE = "Leave the building now"


async def away(console: Console) -> None:
    """Out of the form, then off the screen."""
    await console.press("escape")
    await console.press("escape")


async def gas_and_away(console: Console) -> None:
    await console.press("ctrl+g")
    await console.until(lambda: "at central" in console.text)
    await away(console)


def hazards(console: Console) -> list[HazardView]:
    return console.app.desk.hazards()


@pytest.mark.parametrize(
    ("way", "where"),
    [
        ("", "HomeScreen"),
        ("8505550142<", "WorkspaceScreen"),
        ("8505550142<oa", "OutageReportScreen"),
        ("8505550142<n", "NoteScreen"),
        ("8505550142<w", "WrapUpScreen"),
        ("outages<", "OutagesScreen"),
        ("queue<", "QueueScreen"),
        ("shift<", "ReconcileScreen"),
        ("pin<", "AskScreen"),
        ("help<", "Palette"),
    ],
)
async def test_gas_is_one_key_from_everywhere_and_the_words_come_before_the_address(
    town: Town, way: str, where: str
) -> None:
    async with town.console() as console:
        await console.type(way)
        assert screen_name(console) == where
        await console.press("ctrl+g")
        assert screen_name(console) == "HazardScreen"
        assert console.text.index("Then 911 first") < console.text.index(LEAVE) < console.text.index("Where")
        assert "do not start vehicles or the garage door" in " ".join(console.text.split())
        await console.until(lambda: len(hazards(console)) == 1)
        await away(console)
        assert screen_name(console) == where


async def test_the_record_is_made_even_when_its_screen_is_left_at_once(town: Town) -> None:
    async with town.console() as console, somebody(town) as colleague:
        await console.press("ctrl+g", "escape", "escape")
        assert screen_name(console) == "HomeScreen"
        await colleague.until(lambda: len(colleague.desk.hazards()) == 1)


async def test_what_is_typed_after_the_key_is_the_address_and_no_verb(town: Town) -> None:
    async with town.console() as console:
        await open_caller(console, town)
        await console.press("ctrl+g", "x", "k", "space", "d")
        assert "xk d" in console.text
        assert "1204 Oak St" in console.text
        assert "Who has taken it?" not in console.text


async def test_details_then_the_dispatcher_by_name_and_then_back_to_the_form_that_waits(town: Town) -> None:
    async with town.console() as console:
        await open_caller(console, town)
        await console.type("oa")
        await console.press("ctrl+g")
        await console.type("Back_of_the_school<")
        await console.press("ctrl+u")
        await console.type("850-555-0111<kitchen<two_children<gate_locked<hissing<")
        assert "Who has taken it?" in console.text
        await console.until(lambda: "no dispatcher has taken it yet" in console.text)
        await console.type("R._Boone<20<")
        assert console.said == "R. Boone has it; 20 min."
        assert screen_name(console) == "OutageReportScreen"
        assert "▸(a)ll" in console.text
        (hazard,) = hazards(console)
        assert (hazard.place, hazard.phone, hazard.where, hazard.people_inside, hazard.access) == (
            "Back of the school",
            "8505550111",
            "kitchen",
            "two children",
            "gate locked",
        )
        assert (hazard.dispatcher, hazard.remarks) == ("R. Boone", ["hissing"])
        await console.press("escape")
        await console.type("/hazards<")
        await console.until(lambda: "R. Boone" in console.text)
        await console.type("1")
        assert "taken by R. Boone, on site by" in console.text
        assert "gate locked" in console.text


async def test_without_the_network_the_telephone_stays_on_top_and_nothing_soothes(town: Town) -> None:
    async with town.console() as console:
        await offline(console, town)
        await console.press("ctrl+g")
        await console.until(lambda: "not at central" in console.said)
        assert "GAS 0:0" in console.text
        assert "NOT YET AT CENTRAL: telephone 850-555-0100 now." in console.text
        assert "telephone 850-555-0100 now" in console.said
        assert "sent when the network is back" not in console.text
        await online(console, town)
        await console.until(lambda: "no dispatcher has taken it yet" in console.text)


async def test_the_alarm_comes_again_until_central_has_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarms, "UNSENT_AFTER_S", 0.1)
    monkeypatch.setattr(alarms, "ALARM_AFTER", timedelta(seconds=0.5))
    async with town.console() as console:
        await offline(console, town)
        await console.press("ctrl+g")
        await away(console)
        for _ in range(2):
            await console.until(lambda: "Phone dispatch now: 850-555-0100" in console.said)
            console.app.screen.hush()  # type: ignore[attr-defined]


async def test_an_alarm_on_the_lock_screen_names_no_place(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarms, "ALARM_AFTER", timedelta(seconds=0.1))
    async with town.console() as console:
        person = await open_caller(console, town)
        await gas_and_away(console)
        await console.type("L")
        await console.until(lambda: "DANGER" in console.text)
        assert screen_name(console) == "LockScreen"
        assert "Telephone 850-555-0100 now" in console.said
        assert person["street"] not in console.text


async def test_behind_the_lock_the_words_are_said_and_nothing_opens(town: Town) -> None:
    async with town.console() as console:
        person = await open_caller(console, town)
        await console.type("L")
        await console.press("ctrl+g")
        assert "leave the building now" in console.said
        assert "850-555-0100" in console.said
        await console.press("f9", "ctrl+k", "f6", "grave_accent")
        assert screen_name(console) == "LockScreen"
        assert person["name"] not in console.text
        assert hazards(console) == []


async def test_a_wire_down_in_a_report_opens_its_own_record_with_its_own_words(town: Town) -> None:
    async with town.console() as console:
        await console.type(f"{town.fact('caller')['phone']}_out_a_w<")
        assert screen_name(console) == "HazardScreen"
        assert "Stay at least 35 feet away" in console.text
        assert console.said == "Outage reported: report #1."
        await console.until(lambda: "at central, no dispatcher" in console.text)
        assert [(hazard.hazard, hazard.place) for hazard in hazards(console)] == [
            ("wire_down", "1204 Oak St")
        ]
        await away(console)
        assert screen_name(console) == "WorkspaceScreen"


async def test_a_wire_down_from_the_form_opens_the_same_screen(town: Town) -> None:
    async with town.console() as console:
        await open_caller(console, town)
        await console.type("oa<w<<<")
        assert screen_name(console) == "HazardScreen"
        assert console.said == "Outage reported: report #1."


async def test_a_hazard_is_never_merged_into_anything(town: Town) -> None:
    async with town.console() as console:
        phone = town.fact("caller")["phone"]
        await console.type(f"{phone}_out_a_n<")
        await console.type(f"/{phone}_out_a_g<")
        assert console.said == "Already on report #1: 2nd call."
        await away(console)
        await gas_and_away(console)
        await gas_and_away(console)
        await console.until(lambda: len(hazards(console)) == 3)
        assert len(console.app.desk.reports()) == 1


async def test_a_specialist_may_not_close_a_hazard(town: Town) -> None:
    async with town.console() as console:
        await console.press("ctrl+g")
        await console.until(lambda: "at central" in console.text)
        await console.press("escape")
        await console.type("x")
        assert "does not include hazard.close" in console.said
        assert "Verified by" not in console.text


async def test_only_a_verified_source_closes_it_and_blocked_access_keeps_it_open(town: Town) -> None:
    async with town.console(login="supervisor", station="C09") as console:
        await console.press("ctrl+g")
        await console.until(lambda: "at central" in console.text)
        await console.press("escape")
        await console.type("xJ._Ortiz<y<")
        assert "the source is not verified: the hazard stays open" in console.said
        assert len(hazards(console)) == 1
        await console.type("n<")
        assert console.said == "Hazard closed."
        assert hazards(console) == []


async def test_the_list_shows_who_waits_for_a_dispatcher_first(town: Town) -> None:
    async with town.console() as console:
        await console.press("ctrl+g")
        await console.press("escape")
        await console.type("kR._Boone<20<")
        await console.type("gas_co<")
        await away(console)
        await console.type("hazards<")
        await console.until(lambda: "NOBODY YET" in console.text)
        rows = [line for line in console.lines if "R. Boone" in line or "NOBODY YET" in line]
        assert "carbon monoxide" in rows[0]
        assert "NOBODY YET" in rows[0]


async def test_details_left_half_typed_are_a_draft(town: Town) -> None:
    async with town.console() as console:
        await console.press("ctrl+g")
        await console.type("Behind_the_mill")
        await away(console)
        await console.type("drafts<")
        await console.until(lambda: "hazard details" in console.text)
        await console.type("1")
        assert "Behind the mill" in console.text
        assert LEAVE in console.text


async def test_a_hazard_closed_elsewhere_says_so_on_its_screen(town: Town) -> None:
    async with town.console() as console, somebody(town, "supervisor", "C09") as supervisor:
        await console.press("ctrl+g")
        await console.press("escape")
        await supervisor.until(lambda: len(supervisor.desk.hazards()) == 1)
        (hazard,) = supervisor.desk.hazards()
        await supervisor.enter(CloseHazard(hazard_id=hazard.id, verified_by="J. Ortiz"))
        await console.until(lambda: "closed: the source is verified as controlled" in console.text)
