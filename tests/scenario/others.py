"""The other people of a scenario: a colleague or a lead on another line, and the keys that lead to them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from tests.scenario.town import Console, Town

from csr_console.contracts.views.accounts import RosterEntry
from csr_console.desk.desk import Desk
from csr_console.desk.model import Receipt
from csr_console.domain.command import Command
from csr_console.domain.outages.commands import ReportOutage


class Other:
    """A desk on a line of its own, which no weather reaches."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def enter(self, command: Command, expects: dict[str, int] | None = None) -> Receipt:
        """Enter a command and wait for central's answer."""
        desk = self.desk
        receipt = await asyncio.to_thread(
            lambda: desk.submit(command, id=desk.new_id(), expects=expects, wait_s=20)
        )
        assert receipt.state in ("applied", "held"), receipt
        return receipt

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds on this desk."""
        for _ in range(600):
            if await asyncio.to_thread(holds):
                return
            await asyncio.sleep(0.025)
        raise AssertionError("it did not come to hold on the other desk")

    def entry(self, account: str) -> RosterEntry:
        found = self.desk.entry(account)
        assert found is not None
        return found

    def outage(self, account: str, **values: str) -> ReportOutage:
        """A report of this customer as a clerk would enter it."""
        document = {
            "account": account,
            "premise": self.entry(account).premise,
            "scope": "all",
            "hazard": "none",
        }
        return ReportOutage.model_validate({**document, **values})


@asynccontextmanager
async def somebody(town: Town, login: str = "colleague", station: str = "C08") -> AsyncIterator[Other]:
    desk = await asyncio.to_thread(
        lambda: town.open_desk(lambda _event: None, login=login, station=station, direct=True)
    )
    try:
        yield Other(desk)
    finally:
        await asyncio.to_thread(desk.close)


def look_now(console: Console) -> None:
    """Have the desk ask for central at once, instead of within its seconds."""
    desk = console.app.desk
    desk._background.tell(desk._network.on_doubt)


async def offline(console: Console, town: Town) -> None:
    """The network is pulled, and the console has seen it."""
    town.set_weather("down")
    look_now(console)
    await console.until(lambda: "offline" in console.lines[-1])


async def online(console: Console, town: Town) -> None:
    """The network is back, and what was queued has gone."""
    town.set_weather("good")
    look_now(console)
    await console.until(lambda: "online" in console.lines[-1])
    await console.until(lambda: console.app.desk.status().queued + console.app.desk.status().unconfirmed == 0)


def screen_name(console: Console) -> str:
    return type(console.app.screen).__name__
