"""Plan an outage, so that callers are told of it before a report is taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from csr_console.domain.outages.commands import PlanOutage
from csr_console.screens.forms import FormScreen

if TYPE_CHECKING:
    from csr_console.app import ConsoleApp
    from csr_console.contracts.views.accounts import RosterEntry
    from csr_console.desk.model import Draft


async def plan(app: ConsoleApp, entry: RosterEntry | None, args: tuple[str, ...]) -> None:
    """`plan` begins with the transformer of the customer on screen, `plan demo:FU12` with that device."""
    device = args[0] if args else (entry.device if entry else None)
    await app.show_screen(PlanScreen(device or ""))


async def open_draft(app: ConsoleApp, draft: Draft) -> None:
    """The form as it was left."""
    await app.show_screen(PlanScreen("", draft))


class PlanScreen(FormScreen):
    """The form of a planned outage: everything below the device is out from one moment to the other."""

    form_name = "plan"
    command_class = PlanOutage
    fields = ("device", "starts_at", "ends_at", "reason")
    heading = "Plan an outage of everything below a device"

    def __init__(self, device: str, draft: Draft | None = None) -> None:
        super().__init__(None, draft)
        self._device = device

    def initial(self) -> Mapping[str, object]:
        return {"device": self._device} if self._device else {}

    def fixed(self) -> Mapping[str, object]:
        return {}
