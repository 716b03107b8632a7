"""A promise to call back, and when."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from csr_console.domain.outages.commands import CallbackWhen, RequestCallback
from csr_console.domain.text import clean_line
from csr_console.domain.times import time_of_day
from csr_console.screens.drafts import find_draft
from csr_console.screens.format import moment_on
from csr_console.screens.forms import FormScreen
from csr_console.screens.outage_report import report_at

if TYPE_CHECKING:
    from csr_console.app import ConsoleApp
    from csr_console.contracts.views.accounts import RosterEntry
    from csr_console.contracts.views.outages import ReportView
    from csr_console.desk.model import Draft


async def request(app: ConsoleApp, entry: RosterEntry | None, args: tuple[str, ...]) -> None:
    """`cb` asks when; `cb 15:30` is a call at that time."""
    now = app.now().astimezone()
    at = next((found for word in args if (found := time_of_day(word, now))), None)
    draft = await find_draft(app, CallbackScreen.form_name, entry.account) if entry and not args else None
    if draft is not None:
        await open_draft(app, draft)
    else:
        await app.show_screen(CallbackScreen(entry, await _waits_for(app, entry), at))


async def open_draft(app: ConsoleApp, draft: Draft) -> None:
    """The form as it was left."""
    entry = await asyncio.to_thread(app.desk.entry, draft.account) if draft.account else None
    said = draft.values.get("said")
    at = datetime.fromisoformat(said) if said else None
    await app.show_screen(CallbackScreen(entry, await _waits_for(app, entry), at, draft))


async def _waits_for(app: ConsoleApp, entry: RosterEntry | None) -> ReportView | None:
    """The report at the customer's premise; one that central does not know yet cannot be named to it."""
    if entry is None:
        return None
    found = report_at(await app.desk_call(app.desk.reports, doing="reading the reports"), entry, None)
    return found if found is not None and found.number else None


class CallbackScreen(FormScreen):
    """The form of a callback; a time that was said on the line is not asked again."""

    form_name = "callback"
    command_class = RequestCallback

    def __init__(
        self,
        entry: RosterEntry | None,
        report: ReportView | None = None,
        at: datetime | None = None,
        draft: Draft | None = None,
    ) -> None:
        super().__init__(entry, draft)
        self._report = report
        self._at = at
        who = f" {clean_line(entry.name)}" if entry else ""
        why = f" about report #{report.number}" if report else ""
        self.heading = f"Call{who} back{why}"

    def asked(self) -> tuple[str, ...]:
        return ("phone", "about") if self._at else ("phone", "when", "at", "about")

    def initial(self) -> Mapping[str, object]:
        known: dict[str, object] = {} if self._at else {"when": CallbackWhen.RESTORED}
        if self.entry and self.entry.phones:
            known["phone"] = self.entry.phones[0]
        return known

    def fixed(self) -> Mapping[str, object]:
        when = {"when": CallbackWhen.AT, "at": self._at} if self._at else {}
        report = {"report": self._report.id} if self._report else {}
        return {"account": self.account, **when, **report}

    def remembered(self) -> Mapping[str, str]:
        return {"said": self._at.isoformat()} if self._at else {}

    def on_mount(self) -> None:
        if self._at is not None:
            self.notify_line("info", f"The call is at {moment_on(self._at, self.console.now())}.")
