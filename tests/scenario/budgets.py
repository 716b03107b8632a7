"""What the tasks of a clerk may cost in keys, and how each is done; a budget may be lowered, never raised.

A task is a script of keys on the real screens, its data in braces: D are the keys of data only the caller
knows, S is our overhead. Each physical key is one and each modifier one more.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.scenario.keys import cost
from tests.scenario.test_call import answers_of, open_caller
from tests.scenario.town import Console, Town

Step = Callable[[Console, Town], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Task:
    """A row of the table. `begin` brings the desk to where the task starts and gives its data; `seen` waits
    for what the clerk looks at where the script has `|`; `done` asserts that the effect came about."""

    number: int
    name: str
    script: str
    data: int
    ours: int
    begin: Callable[[Console, Town], Awaitable[dict[str, str]]]
    done: Step
    seen: Step | None = None

    @property
    def budget(self) -> int:
        return self.data + self.ours


@dataclass(frozen=True, slots=True)
class Cost:
    """The keys a task took."""

    data: int
    ours: int

    @property
    def keys(self) -> int:
        return self.data + self.ours


async def carry_out(task: Task, console: Console, town: Town, *, paced: bool) -> Cost:
    """Do the task and count what was pressed, in bursts or at a person's pace.

    Raises AssertionError when its effect does not come about.
    """
    given = await task.begin(console, town)
    script = task.script.format(**given)
    for number, part in enumerate(script.split("|")):
        if number and task.seen is not None:
            await task.seen(console, town)
        await (console.type_slowly(part) if paced else console.type(part))
    await task.done(console, town)
    data = sum(cost(value) for value in given.values())
    return Cost(data, cost(script) - data)


async def _nobody(console: Console, town: Town) -> dict[str, str]:
    return {"phone": town.fact("caller")["phone"]}


async def _balance_is_read(console: Console, town: Town) -> None:
    assert town.fact("caller")["name"] in console.text
    assert "Balance" in console.text


async def _report_is_open(console: Console, town: Town) -> None:
    caller = town.fact("caller")
    await console.until(lambda: "report #" in console.text)
    await console.until(lambda: any(report.number for report in console.app.desk.reports()))
    (report,) = console.app.desk.reports()
    assert (report.account, report.scope, report.hazard) == (caller["account_number"], "all", "none")


async def _noted(console: Console, town: Town) -> dict[str, str]:
    await open_caller(console, town)
    await console.type("/note_gate_code_changed<")
    await console.until(lambda: "WORK" in console.lines[-1])
    return {}


async def _note_is_written(console: Console, town: Town) -> None:
    assert "Add a note: Note added." in console.text
    await console.until(lambda: console.app.is_armed(console.app.screen.focused))


async def _wrapped_up(console: Console, town: Town) -> None:
    await console.until(lambda: console.said == "Wrapped up.")
    kinds = [item.kind for item in console.app.desk.queue()]
    assert kinds.count("interaction.log") == 1
    assert "TYPE" in console.lines[-1]


async def _asked(console: Console, town: Town) -> dict[str, str]:
    person = await open_caller(console, town)
    ssn4, _born = answers_of(town, person["account_number"])
    return {"answer": ssn4}


async def _verified(console: Console, town: Town) -> None:
    assert "L1 verified" in console.text
    await console.until(lambda: "L1 by ssn4" in console.text)


async def _two_are_open(console: Console, town: Town) -> dict[str, str]:
    await open_caller(console, town, "maria")
    await console.press("escape")
    await open_caller(console, town, "caller")
    return {}


async def _the_other_is_in_front(console: Console, town: Town) -> None:
    assert town.fact("maria")["name"] in console.text


async def _back_again(console: Console, town: Town) -> None:
    assert town.fact("caller")["name"] in console.text


async def _who_owes(console: Console, town: Town) -> dict[str, str]:
    return {"phone": town.fact("nonpay")["phone"], "count": "3"}


async def _who_asks_why(console: Console, town: Town) -> dict[str, str]:
    return {"phone": town.fact("billed")["phone"]}


async def _who_is_open(console: Console, town: Town) -> dict[str, str]:
    await open_caller(console, town, "billed")
    return {}


async def _why_is_said(console: Console, town: Town) -> None:
    await console.until(lambda: "Say “Your bill is $" in console.text)
    assert "more use a day" in console.text


async def _schedule_is_shown(console: Console, town: Town) -> None:
    await console.until(lambda: "Arranged: $" in console.text)


async def _arranged(console: Console, town: Town) -> None:
    await console.until(lambda: console.said.startswith("Arranged: $"))
    account = town.fact("nonpay")["account_number"]
    viewed = console.app.desk.account(account)
    assert viewed is not None
    assert viewed.view.arrangement is not None
    assert len(viewed.view.arrangement.installments) == 3


TASKS = (
    Task(1, "find by phone, read the balance", "{phone}<", 10, 1, _nobody, _balance_is_read),
    Task(2, "outage report with the hazard question", "{phone}_out_a_n<", 10, 9, _nobody, _report_is_open),
    Task(5, "why was the last bill high", "{phone}_why<", 10, 5, _who_asks_why, _why_is_said),
    Task(5, "why, when the account is open", "y", 0, 1, _who_is_open, _why_is_said),
    Task(
        6,
        "payment arrangement, 3 installments",
        "{phone}_pa_{count}<|<",
        11,
        6,
        _who_owes,
        _arranged,
        _schedule_is_shown,
    ),
    Task(12, "wrap-up, note pre-written", "w1|<", 0, 3, _noted, _wrapped_up, _note_is_written),
    Task(13, "verify the caller, logged", "v{answer}<", 4, 2, _asked, _verified),
    Task(16, "park, switch, return", "`|`", 0, 2, _two_are_open, _back_again, _the_other_is_in_front),
)
