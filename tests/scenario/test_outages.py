"""Outage reports on the real screens: one line, the form, repeats, what is no outage, and the work list."""

import pytest
from tests.scenario.others import offline, online, screen_name, somebody
from tests.scenario.test_call import open_caller
from tests.scenario.town import Console, Town
from tests.widgets.keys import human, keys_of, send, settled

from csr_console.contracts.views.outages import ReportView
from csr_console.demo.network import Weather
from csr_console.domain.outages.commands import PlanOutage


def screens(console: Console) -> list[str]:
    return [type(screen).__name__ for screen in console.app.screen_stack]


def reports(console: Console) -> list[ReportView]:
    return console.app.desk.reports()


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_an_outage_is_reported_in_one_line(town: Town, size: tuple[int, int]) -> None:
    async with town.console(size=size) as console:
        person = town.fact("caller")
        await console.type(f"{person['phone']}_out_a_n<")
        assert console.said == "Outage reported: report #1."
        assert person["name"] in console.text
        (report,) = reports(console)
        assert (report.scope, report.hazard, report.callback) == ("all", "none", person["phone"])


async def test_the_form_has_no_answer_to_the_hazard_question_of_its_own(town: Town) -> None:
    async with town.console() as console:
        await open_caller(console, town)
        await console.type("oa<<<<")
        assert reports(console) == []
        assert "✗" in console.text
        await console.type("n<<<")
        assert console.said == "Outage reported: report #1."
        assert screen_name(console) == "WorkspaceScreen"
        assert [report.hazard for report in reports(console)] == ["none"]


async def test_the_form_is_filled_in_at_the_pace_of_a_person_who_does_not_look(town: Town) -> None:
    async with town.console() as console:
        person = town.fact("caller")
        await human(console.app, keys_of(f"{person['phone']}<op<n<<porch_light_too<"))
        await console.until(lambda: console.said == "Outage reported: report #1.")
        (report,) = reports(console)
        assert (report.scope, report.remarks) == ("part", ["porch light too"])


async def test_a_second_call_on_one_line_is_counted_on_the_report(town: Town) -> None:
    async with town.console() as console:
        person = town.fact("caller")
        await console.type(f"{person['phone']}_out_a_n<")
        await console.type(f"/{person['phone']}_out_a_n<")
        assert console.said == "Already on report #1: 2nd call."
        assert [report.calls for report in reports(console)] == [2]


async def test_the_form_says_so_before_it_is_filled_in_and_one_key_counts_the_call(town: Town) -> None:
    async with town.console() as console:
        person = town.fact("caller")
        await console.type(f"{person['phone']}_out_a_n<")
        await console.type("o")
        assert "Already on report #1: 1 call since" in console.text
        assert "+ counts this one: 2nd call." in console.text
        await console.type("+")
        assert console.said == "Added to report #1: 2nd call."
        await console.type("o+")
        assert console.said == "Added to report #1: 3rd call."
        assert [report.calls for report in reports(console)] == [3]


async def test_in_a_remark_the_key_that_counts_a_call_is_a_letter(town: Town) -> None:
    async with town.console() as console:
        await open_caller(console, town)
        await console.type("/out_a_n<")
        await console.type("o>>>a+b!")
        assert screen_name(console) == "OutageReportScreen"
        assert "a+b!" in console.text
        assert [report.calls for report in reports(console)] == [1]


async def test_a_service_cut_for_non_payment_is_no_outage_until_the_caller_insists(town: Town) -> None:
    async with town.console() as console:
        person = town.fact("nonpay")
        await console.type(f"{person['phone']}_out_a_n<")
        assert "disconnected for non-payment" in console.said
        assert "!" in console.said
        assert reports(console) == []
        await console.type(f"/{person['phone']}_out_a_n!<")
        assert console.said == "Outage reported: report #1."


@pytest.mark.parametrize("keys", ["!<", "tree_fell!<", "|shift+tab|shift+tab|shift+tab|!"])
async def test_in_the_form_the_same_mark_insists(town: Town, keys: str) -> None:
    async with town.console() as console:
        await open_caller(console, town, "nonpay")
        await console.type("o")
        assert "Electric service is disconnected for non-payment" in console.text
        await console.type("a<n<<<")
        assert "disconnected for non-payment" in console.said
        assert screen_name(console) == "OutageReportScreen"
        if "|" in keys:
            await console.press(*["shift+tab"] * 3, "!")
        else:
            await console.type(keys)
        assert console.said == "Outage reported: report #1."
        (report,) = reports(console)
        assert not any("!" in remark for remark in report.remarks)


async def test_a_lead_plans_an_outage_and_callers_are_told_until_when(town: Town) -> None:
    person = town.fact("caller")
    async with town.console(login="lead", station="C09") as console:
        await open_caller(console, town)
        await console.press("P")
        assert "Plan an outage of everything below a device" in console.text
        await console.type("<-1_9:00<+1_16:30<transformer_swap<")
        assert console.said.startswith("Outage planned for 1 transformer")
    async with town.console() as console:
        await console.until(lambda: bool(console.app.desk.planned()))
        await console.type(f"{person['phone']}_out_a_n<")
        assert "transformer swap" in console.said
        assert reports(console) == []
        await console.type("o")
        assert "◷ Planned outage until" in console.text
        assert "16:30" in console.text
        await console.press("escape")
        await console.type("O")
        await console.until(lambda: "◷ Planned until" in console.text)
        await console.type(f"/{person['phone']}_out_a_n!<")
        assert console.said == "Outage reported: report #1."


async def test_who_may_not_plan_is_told(town: Town) -> None:
    async with town.console() as console:
        await console.type("plan<")
        assert "does not include outage.plan" in console.said


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("oak_&_12th_out_a_n<", "oak & 12th"),
        ("pole_{node}_out_a_n<", "pole {node}"),
        ("30.44,-84.28_out_p_n<", "30.44,-84.28"),
    ],
)
async def test_a_call_without_a_customer_is_one_line(town: Town, line: str, place: str) -> None:
    node = (
        (town.city.folder / "network" / "nodes.csv")
        .read_text(encoding="utf-8")
        .splitlines()[-1]
        .split(",")[0]
    )
    async with town.console() as console:
        await console.type(line.format(node=node))
        assert console.said == "Outage reported: report #1."
        (report,) = reports(console)
        assert report.place.casefold() == place.format(node=node).casefold()
        assert report.account is None


async def test_a_call_with_nothing_known_is_asked_for_the_place(town: Town) -> None:
    async with town.console() as console:
        await console.type("out<")
        assert "Outage: a call without a customer" in console.text
        await console.type("Oak_&_Pine<f<n<850-555-1212<Joe<<")
        assert console.said == "Outage reported: report #1."
        (report,) = reports(console)
        assert (report.place, report.scope, report.callback, report.name) == (
            "Oak & Pine",
            "flicker",
            "8505551212",
            "Joe",
        )


async def test_the_draft_of_a_call_without_a_customer_keeps_its_place(town: Town) -> None:
    async with town.console() as console:
        await console.type("oak_&_12th_out<")
        await console.type("a")
        await console.press("escape")
        await console.type("drafts<")
        await console.until(lambda: "outage" in console.text)
        await console.type("1")
        assert "Outage at oak & 12th" in console.text
        await console.type("<n<<<<")
        assert console.said == "Outage reported: report #1."
        assert [report.place for report in reports(console)] == ["oak & 12th"]


async def test_medically_essential_customers_come_first_and_nothing_says_why(town: Town) -> None:
    async with town.console() as console:
        for who in ("caller", "maria", "medical"):
            await console.type(f"/{town.fact(who)['phone']}_out_a_n<")
        await console.press("escape")
        await console.type("outages<")
        await console.until(lambda: "3 open reports" in console.text)
        rows = [line for line in console.lines if "#" in line and " St" in line]
        assert "#3" in rows[0]
        assert "4 M" in rows[0]
        assert "med" not in console.text.casefold()
        assert ["#1" in rows[1], "#2" in rows[2]] == [True, True]


async def test_the_list_follows_other_desks_and_the_cursor_stays_on_its_report(town: Town) -> None:
    async with town.console() as console, somebody(town) as colleague:
        await console.type(f"{town.fact('caller')['phone']}_out_a_n<")
        await console.type("O")
        await console.until(lambda: "1 open report ·" in console.text)
        await colleague.enter(colleague.outage(town.fact("medical")["account_number"]))
        await console.until(lambda: "2 open reports" in console.text)
        assert "4 M" in next(line for line in console.lines if "#2" in line)
        await console.type("<")
        assert "Report #1" in console.text
        assert screen_name(console) == "ReportScreen"


async def test_a_report_on_screen_follows_what_is_added_elsewhere(town: Town) -> None:
    async with town.console() as console, somebody(town) as colleague:
        account = town.fact("caller")["account_number"]
        await colleague.enter(colleague.outage(account))
        await console.until(lambda: len(reports(console)) == 1)
        await console.type("outages<")
        await console.until(lambda: "1 open report ·" in console.text)
        await console.type("1")
        await colleague.enter(colleague.outage(account, remark="Neighbors too"))
        await console.until(lambda: "Neighbors too" in console.text)
        assert "2 calls" in console.text


async def test_a_report_takes_a_remark_a_correction_and_a_withdrawal(town: Town) -> None:
    async with town.console() as console:
        await console.type(f"{town.fact('caller')['phone']}_out_a_n<")
        await console.type("O")
        await console.until(lambda: "1 open report ·" in console.text)
        await console.type("1+blue_flash<")
        assert console.said == "Added to report #1: 2nd call."
        await console.until(lambda: "blue flash" in console.text)
        await console.type("ep<<<<")
        assert console.said == "Corrected report #1: scope."
        await console.until(lambda: "part" in console.text)
        await console.type("e>>>y<")
        assert console.said.startswith("Corrected report #1: withdrawn.")
        await console.until(lambda: "Report #1 · closed" in console.text)
        assert reports(console) == []


async def test_a_report_entered_offline_has_no_number_until_central_has_it(town: Town) -> None:
    async with town.console() as console:
        await offline(console, town)
        await console.type(f"{town.fact('caller')['phone']}_out_a_n<")
        assert console.said == "Outage reported. Saved here; sent when the network is back."
        await console.type("O")
        await console.until(lambda: "queued" in console.lines[5])
        assert "central is not reached" in console.text
        await online(console, town)
        await console.until(lambda: "#1" in console.text)


async def test_a_wide_screen_shows_the_hazard_and_the_transformer(town: Town) -> None:
    async with town.console(size=(120, 40)) as console, somebody(town) as colleague:
        await colleague.enter(colleague.outage(town.fact("caller")["account_number"], hazard="wire_down"))
        await console.until(lambda: len(reports(console)) == 1)
        await console.type("outages<")
        await console.until(lambda: "wire down" in console.text)
        (report,) = reports(console)
        assert report.device is not None
        assert report.device in console.text


async def test_neighbors_and_priority_are_said_before_the_form_is_filled_in(town: Town) -> None:
    async with town.console() as console, somebody(town) as colleague:
        medical = town.fact("medical")
        device = colleague.entry(medical["account_number"]).device
        neighbor = next(
            person
            for person in town.city.facts["neighbours"]
            if colleague.entry(person["account_number"]).device == device
            and person["premise"] != medical["premise"]
        )
        await colleague.enter(colleague.outage(neighbor["account_number"]))
        await console.until(lambda: len(reports(console)) == 1)
        await open_caller(console, town, "medical")
        await console.type("o")
        assert f"1 more report on transformer {device}" in console.text
        assert "Priority M: ask for battery hours" in console.text


async def test_a_planned_outage_that_is_over_stops_nobody(town: Town) -> None:
    async with town.console() as console, somebody(town, "lead", "C09") as lead:
        person = town.fact("caller")
        device = lead.entry(person["account_number"]).device
        await lead.enter(
            PlanOutage.model_validate(
                {
                    "device": device,
                    "starts_at": "2020-01-01T09:00:00+00:00",
                    "ends_at": "2020-01-01T12:00:00+00:00",
                    "reason": "Long ago",
                }
            )
        )
        await console.type(f"{person['phone']}_out_a_n<")
        assert console.said == "Outage reported: report #1."


@pytest.mark.parametrize("away", ["escape", "ctrl+g"])
async def test_a_form_left_while_it_is_sent_takes_no_other_screen_with_it(town: Town, away: str) -> None:
    async with town.console() as console:
        await open_caller(console, town)
        await console.type("oa<n<<")
        town._network.set_weather(Weather(half_open=True))
        send(console.app, ["enter"])
        await console.until(lambda: bool(console.app.desk.queue()))
        await console.press(away)
        if away == "ctrl+g":
            await console.until(lambda: screen_name(console) == "HazardScreen")
            await settled(console.app)
            await console.press("escape")
            await console.press("escape")
        await settled(console.app)
        await console.until(lambda: screen_name(console) == "WorkspaceScreen")
        assert [item.kind for item in console.app.desk.queue() if item.kind == "outage.report"] == [
            "outage.report"
        ]
        assert screens(console)[-2:] == ["HomeScreen", "WorkspaceScreen"]
