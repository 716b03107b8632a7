"""Bills on the real screens: the history, a bill line by line, why it was high, and all of it offline."""

import re
from decimal import Decimal

import pytest
from tests.scenario.bills import KWH_A_DAY
from tests.scenario.others import offline, online, screen_name
from tests.scenario.test_call import open_caller
from tests.scenario.test_sign_in import sign_in
from tests.scenario.town import Console, Town

from csr_console.contracts.views.bills import BillingView
from csr_console.domain.verbs import find_verb
from csr_console.screens.acts import disabled_reason

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])


async def open_billed(console: Console, town: Town) -> dict[str, str]:
    return await open_caller(console, town, "billed")


async def known(console: Console, town: Town) -> BillingView:
    """What the desk has of the bills, once central was asked."""
    desk, account = console.app.desk, town.fact("billed")["account_number"]
    await console.until(lambda: desk.bills.of(account) is not None)
    viewed = desk.bills.of(account)
    assert viewed is not None
    return viewed.view


def row_of(console: Console, text: str) -> str:
    """The first line of the screen that holds a text."""
    return next(line for line in console.lines if text in line)


async def go_to(console: Console, text: str) -> None:
    """Move the cursor down to the row that holds a text."""
    for _ in range(120):
        if any("▸" in line and text in line for line in console.lines):
            return
        await console.press("down")
    raise AssertionError(f"no row says {text!r}; the screen:\n{console.text}")


@SIZES
async def test_the_history_is_one_timeline_with_its_balance_beside_a_year_of_use(
    town: Town, size: tuple[int, int]
) -> None:
    async with town.console(size=size) as console:
        person = await open_billed(console, town)
        await console.type("b")
        await console.until(lambda: "▤ bill" in console.text)
        view = await known(console, town)
        newest = view.bills[0]
        assert f"{person['name']} · {person['account_number']} · as of" in console.text
        assert f"Balance ${view.balance_cents / 100:.2f}" in console.text
        assert f"#{newest.number}" in row_of(console, "▸")
        assert f"+${newest.total_cents / 100:.2f}" in row_of(console, "▸")
        assert "electric 1,530 kWh" in console.text
        assert "█ now ░ the year before ≈ estimated" in console.text
        assert "░" in row_of(console, " 0 ┤")
        assert f"due {newest.due_on:%b} {newest.due_on.day}" in console.text


async def test_one_key_turns_the_chart_into_a_table_that_says_the_same(town: Town) -> None:
    async with town.console() as console:
        await open_billed(console, town)
        await console.type("b")
        await console.until(lambda: "┤" in console.text)
        await console.type("u")
        await console.until(lambda: "Bill to" in console.text)
        assert "┤" not in console.text
        view = await known(console, town)
        electric = [use for use in view.use if use.service == "electric"]
        assert len(electric) == len(KWH_A_DAY)
        for use in electric[:13]:
            row = row_of(console, f"{use.last_day:%b} {use.last_day.day}, {use.last_day.year}")
            assert f"{use.usage:,} kWh" in row
            assert ("≈ est." in row) is use.estimated
        year_ago = electric[12].usage
        assert f"{year_ago}" in row_of(console, f"{electric[0].usage:,} kWh")
        await console.type("s")
        await console.until(lambda: "Water, gal" in console.text)
        await console.type("u")
        await console.until(lambda: "┤" in console.text)


async def test_a_bill_opens_line_by_line_and_each_line_says_why(town: Town) -> None:
    async with town.console() as console:
        await open_billed(console, town)
        await console.type("b")
        await console.until(lambda: "▤ bill" in console.text)
        await console.type("<")
        await console.until(lambda: "Energy" in console.text)
        view = await known(console, town)
        assert f"Bill #{view.bills[0].number}" in console.text
        assert "△" in row_of(console, "Public service tax, electric")
        assert "△" not in row_of(console, "  Energy")
        await console.type("y")
        await console.until(lambda: "Reads" in console.text)
        assert "meter E9000001, " in console.text
        assert "≈ estimated to" in console.text
        await go_to(console, "Energy")
        await console.until(lambda: "Rule" in console.text)
        await console.until(lambda: "1530 kWh × 0.07191 = 110.0223 → 110.02" in console.text)
        assert "tallahassee/E-ENERGY@2020-10-01" in console.text
        assert "test.talgov.com" in console.text
        await console.press("down", "down", "down")
        await console.until(lambda: "unverified" in console.text)
        await console.press("escape")
        await console.until(lambda: "Rule" not in console.text)
        assert screen_name(console) == "BillScreen"


async def test_the_bill_before_and_after_are_a_key_away(town: Town) -> None:
    async with town.console() as console:
        await open_billed(console, town)
        await console.type("b")
        await console.until(lambda: "▤ bill" in console.text)
        first, second, *_ = (await known(console, town)).bills
        await console.type("<")
        await console.until(lambda: f"Bill #{first.number}" in console.text)
        await console.press("f8")
        assert console.said == "No bill further that way."
        await console.press("f7")
        await console.until(lambda: f"Bill #{second.number}" in console.text)
        await console.type("]")
        await console.until(lambda: f"Bill #{first.number}" in console.text)


async def test_a_cancelled_bill_leads_to_the_one_in_its_place_and_back(town: Town) -> None:
    async with town.console(size=(120, 40)) as console:
        await open_billed(console, town)
        await console.type("b")
        await console.until(lambda: "▤ bill" in console.text)
        bills = (await known(console, town)).bills
        old = next(bill for bill in bills if bill.cancelled)
        new = next(bill for bill in bills if bill.replaces == old.bill_id)
        await go_to(console, f"instead of #{old.number}")
        await go_to(console, f"of bill #{old.number}: Bill {old.number} cancelled: wrong meter")
        await console.type("<")
        await console.until(lambda: f"#{old.number} cancelled, now #{new.number}" in row_of(console, "▸"))
        await console.type("<")
        await console.until(lambda: f"Bill #{old.number}" in console.text)
        assert f"cancelled, now #{new.number} (l opens it)" in console.text
        await console.type("l")
        await console.until(lambda: f"Bill #{new.number}" in console.text)
        assert f"instead of #{old.number} (l opens it)" in console.text


async def test_a_payment_that_came_back_and_its_return_lead_to_each_other(town: Town) -> None:
    async with town.console(size=(120, 40)) as console:
        await open_billed(console, town)
        await console.type("b")
        await console.until(lambda: "▤ bill" in console.text)
        await go_to(console, "of payment of")
        assert "returned: insufficient" in row_of(console, "▸")
        await console.type("<")
        await console.until(lambda: "✗ returned" in row_of(console, "▸"))
        assert "Taken back" in console.text
        await console.type("<")
        await console.until(lambda: "↩ reversal" in row_of(console, "▸"))


@SIZES
async def test_why_says_a_sentence_whose_parts_are_the_difference(town: Town, size: tuple[int, int]) -> None:
    async with town.console(size=size) as console:
        await open_billed(console, town)
        await console.type("y")
        await console.until(lambda: "Say “Your bill is $84.07 higher" in console.text)
        said = " ".join(console.text.split())
        assert "4 more days $18.64, more use a day $58.34, taxes $7.09.”" in said
        whole, *parts = re.findall(r"\$(\d+\.\d\d)", said[said.index("Say") : said.index("”")])
        assert sum(map(Decimal, parts)) == Decimal(whole)
        assert "+$58.34" in row_of(console, "more use a day  ")
        assert "28 kWh a day then, 45 now +61%" in console.text
        assert "weather:" not in console.text
        await console.type("t")
        await console.until(lambda: "same month last year" in console.text)
        assert "24 kWh a day then, 45 now +88%" in console.text
        await console.type("s")
        await console.until(lambda: "last year · electric" in console.text)
        assert "▤" not in console.text
        await console.press("end")
        await console.until(lambda: "unusual" in console.text)
        await console.until(lambda: "! The bill before was ≈ estimated" in console.text)


async def test_why_of_the_first_bill_says_that_there_is_nothing_to_compare(town: Town) -> None:
    async with town.console() as console:
        await open_billed(console, town)
        await console.type("b")
        await console.until(lambda: "▤ bill" in console.text)
        await console.press("end", "up", "up")
        await go_to(console, f"#{(await known(console, town)).bills[-1].number}")
        await console.type("y")
        await console.until(lambda: "nothing to compare it with" in console.text)


async def test_from_why_to_the_lines_and_one_step_back_each_time(town: Town) -> None:
    async with town.console() as console:
        person = await open_billed(console, town)
        await console.type("b")
        await console.until(lambda: "▤ bill" in console.text)
        await console.type("y")
        await console.until(lambda: "Say" in console.text)
        await console.type("<")
        await console.until(lambda: screen_name(console) == "BillScreen")
        await console.type("h")
        await console.until(lambda: "Say" in console.text)
        assert [type(screen).__name__ for screen in console.app.console_screens].count("WhyScreen") == 1
        await console.press("escape", "escape", "escape", "escape")
        await console.until(lambda: person["street"] in console.text or "No customer" in console.text)


async def test_without_the_network_what_was_read_is_shown_with_its_age(town: Town) -> None:
    async with town.console() as console:
        await open_billed(console, town)
        await console.type("b")
        await console.until(lambda: "▤ bill" in console.text)
        await console.press("escape")
        await offline(console, town)
        await console.type("b")
        await console.until(lambda: "▤ bill" in console.text)
        assert "as of" in console.lines[2]
        assert "offline" in console.lines[2]
        await console.type("<")
        await console.until(lambda: "Energy" in console.text)
        await console.press("escape", "escape")
        await console.type("y")
        await console.until(lambda: "Say" in console.text)
        assert "offline" in console.lines[2]


async def test_without_the_network_a_bill_never_opened_here_says_so(town: Town) -> None:
    async with town.console() as console:
        await open_billed(console, town)
        await console.type("b")
        await console.until(lambda: "▤ bill" in console.text)
        await offline(console, town)
        second = (await known(console, town)).bills[1]
        await go_to(console, f"#{second.number}")
        await console.type("<")
        await console.until(lambda: "This bill is not on this desk" in console.text)


async def test_nothing_cached_and_no_network_is_said_and_read_when_it_is_back(town: Town) -> None:
    async with town.console() as console:
        await open_billed(console, town)
        await offline(console, town)
        await console.type("y")
        await console.until(lambda: "never read on this desk, and central is not reached" in console.text)
        await console.press("f5")
        await console.until(lambda: console.said == "Not refreshed: central not reached.")
        await console.press("escape")
        await console.type("b")
        await console.until(lambda: "never read on this desk" in console.text)
        await online(console, town)
        await console.until(lambda: "▤ bill" in console.text)


async def test_a_customer_without_bills_has_none_and_says_so(town: Town) -> None:
    async with town.console() as console:
        person = next(
            entry
            for entry in town.city.facts["neighbours"]
            if entry["account_number"] != town.fact("billed")["account_number"]
        )
        account = person["account_number"]
        await console.type(f"{account}_bills<")
        desk = console.app.desk
        await console.until(lambda: desk.bills.of(account) is not None)
        await console.until(lambda: "▤ bill" in console.text or "No bill was written" in console.text)


async def test_hostile_text_in_a_memo_is_inert(town: Town) -> None:
    async with town.console(size=(120, 40)) as console:
        await open_billed(console, town)
        await console.type("b")
        await console.until(lambda: "▤ bill" in console.text)
        await go_to(console, "owned")
        row = row_of(console, "▸")
        assert "[bold red]@click=app.quit[/]" in row
        assert not {"\x1b", "\x07", "\u202e"} & set(console.text)
        await console.type("<")
        assert "owned" in console.said
        assert console.app.is_running


async def test_an_auditor_reads_the_bills(town: Town) -> None:
    async with town.console(login="auditor") as console:
        await open_billed(console, town)
        await console.type("b")
        await console.until(lambda: "▤ bill" in console.text)
        await console.type("y")
        await console.until(lambda: "Say" in console.text)


async def test_an_administrator_does_not(town: Town) -> None:
    async with town.console() as console:
        person = await open_billed(console, town)
        await console.type("/signout<")
        await sign_in(console, town, "admin")
        await console.until(lambda: screen_name(console) == "HomeScreen")
        await console.type(f"{person['account_number']}_bills<")
        await console.until(lambda: "no account" in console.said)
        for code in ("bills", "why"):
            verb = find_verb(code)
            assert verb is not None
            said = disabled_reason(console.app, verb, None)
            assert said == "The role administrator does not include account.read."
        assert console.app.desk.bills.of(person["account_number"]) is None


async def test_a_verb_typed_over_the_bills_is_about_their_customer(town: Town) -> None:
    async with town.console() as console:
        person = await open_billed(console, town)
        await console.type("b")
        await console.until(lambda: "▤ bill" in console.text)
        await console.type("/pa_3<")
        await console.until(lambda: screen_name(console) == "ArrangementScreen")
        assert person["account_number"] in console.text
