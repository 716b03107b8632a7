"""The scripted tour: the real screens, a real central, a network that is cut, and what holds all the same."""

import asyncio
import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from csr_console.app import ConsoleApp, ConsoleOptions
from csr_console.demo.launch import DemoTown
from csr_console.domain.accounts.commands import CONTACT_FIELDS, UpdateContact, VerifyCaller
from csr_console.domain.accounts.verification import Factor
from csr_console.widgets.typist import Typist

if TYPE_CHECKING:
    from csr_console.desk.desk import Desk

SIZE = (110, 34)
WAITS_S = 30.0
_FETCHED_FONT = re.compile(r"@font-face \{[^}]*\}\s*")
"""A picture shows the reader's own monospaced font and fetches nothing."""


class StepFailed(Exception):
    """A step did not come out as promised."""


class Tour:
    """One play of the tour. Screens are saved as SVG into `save`."""

    def __init__(self, town: DemoTown, folder: Path, database: Path, save: Path) -> None:
        self._town = town
        self._folder = folder
        self._database = database
        self._save = save
        self._facts = town.city.facts
        self._step = 0
        self._app = ConsoleApp(
            lambda on_event: town.open_desk(folder / "desk", on_event),
            ConsoleOptions(marker="DEMO", log_folder=folder),
        )

    def play(self) -> int:
        """0 when every step came out as promised, 1 with the sentence of the one that did not."""
        self._save.mkdir(parents=True, exist_ok=True)
        try:
            asyncio.run(self._play())
        except StepFailed as failure:
            self._tell(f"FAILED: {failure}")
            return 1
        self._tell(f"\nThe screens are in {self._save}/*.svg")
        return 0

    async def _play(self) -> None:
        async with self._app.run_test(size=SIZE):
            self._typist = Typist(self._app)
            await self._until(lambda: self._app.is_open, "the desk opens")
            await self._until(lambda: self._desk.status().roster_count > 0, "the roster arrives")
            await self._find_a_caller()
            await self._verify()
            await self._report_outage()
            await self._lose_the_network()
            await self._reconnect()
            await self._settle_the_conflict()
            await self._reconcile()
        self._verify_audit()

    @property
    def _desk(self) -> "Desk":
        return self._app.desk

    # The steps.

    async def _find_a_caller(self) -> None:
        caller = self._facts["caller"]
        self._say(f"A call comes in. The clerk types the phone number {caller['phone']} and Enter.")
        await self._typist.type(f"{caller['phone']}<")
        await self._until(lambda: self._on_screen(caller["account_number"]), "the caller's workspace opens")
        await self._until(
            lambda: self._has_view(caller["account_number"]), "the account is read from central"
        )
        self._shoot(
            "workspace", f"{caller['name']}, {caller['street']}: balance, services, alerts, timeline."
        )

    async def _verify(self) -> None:
        account = self._facts["caller"]["account_number"]
        answers = self._answers(account)
        self._say("v: the caller answers two questions; central checks them, the answers are never stored.")
        await self._typist.type("v")
        await self._typist.type(f"{'_'.join(answers)}<")
        await self._until(lambda: self._verified(account), "the caller is verified at L2")
        self._shoot("verified", "Verified at L2, for an hour, for this clerk.")

    async def _report_outage(self) -> None:
        phone = self._facts["caller"]["phone"]
        self._say("The power is out, all of it, no hazard: one line.")
        await self._typist.type(f"/{phone}_out_a_n<")
        await self._until(lambda: self._reports("applied") == 1, "central has the report")
        self._shoot(
            "reported", f"Report #{max(report.number for report in self._desk.reports())} is at central."
        )

    async def _lose_the_network(self) -> None:
        first, second = self._facts["neighbours"][:2]
        caller = self._facts["caller"]["account_number"]
        self._say("The network goes down.")
        self._town.set_weather("down")
        await self._until(lambda: self._desk.status().network == "offline", "the banner says offline")
        self._say("Two neighbors report the same outage; nothing about the keys has changed.")
        await self._typist.type(f"/{first['phone']}_out_a_n<")
        await self._typist.type(f"/{second['phone']}_out_p_n<")
        await self._until(lambda: self._desk.status().queued >= 2, "both reports are queued on disk")
        self._say(
            "The first caller's phone number is corrected, too; meanwhile a colleague changes it at central."
        )
        await self._typist.type(f"/{caller}<")
        await self._typist.type("@")
        await self._typist.type("{ctrl+u}8505550177" + "<" * len(CONTACT_FIELDS))
        await self._until(lambda: self._desk.status().queued >= 3, "the correction is queued on disk")
        await asyncio.to_thread(self._colleague_changes, caller)
        self._shoot("offline", f"{self._desk.status().queued} commands wait in the encrypted queue.")

    async def _reconnect(self) -> None:
        self._say("The network is back. The queue drains by itself, in order, each command once.")
        self._town.set_weather("good")
        await self._until(lambda: self._waiting() == 0, "the queue has drained")
        await self._until(lambda: self._desk.status().attention == 1, "the clash is shown")
        await self._typist.type("q")
        await self._until(lambda: self._on_title("QueueScreen"), "the queue opens")
        self._shoot("queue", "Both reports were taken; the phone number clashes with the colleague's.")

    async def _settle_the_conflict(self) -> None:
        self._say("Side by side: the clerk keeps her own and sends the choice.")
        await self._typist.type("1")
        await self._until(lambda: self._on_title("ConflictScreen"), "both versions are side by side")
        self._shoot("conflict", "Theirs, yours, by whom.")
        await self._typist.type("ms")
        await self._until(lambda: self._desk.status().attention == 0, "the choice is applied")

    async def _reconcile(self) -> None:
        self._say("End of the shift: everything entered is somewhere.")
        await self._typist.type("/shift<")
        await self._until(lambda: self._on_title("ReconcileScreen"), "the counts are shown")
        result = await asyncio.to_thread(self._desk.reconcile)
        if not result.balanced:
            raise StepFailed("; ".join(result.findings) or "the counts differ")
        await asyncio.sleep(0.5)
        self._shoot("reconciled", f"{result.entered} entered, {result.open} open, both audit heads agree.")

    def _verify_audit(self) -> None:
        from csr_console.central.chain import verify_audit
        from csr_console.central.database import Database
        from csr_console.demo.prepared import OFFICE

        db = Database(f"sqlite:///{self._database}")
        try:
            findings = verify_audit(db, OFFICE)
        finally:
            db.close()
        if findings:
            raise StepFailed(f"the audit chain does not hold: {findings[0]}")
        self._say("central verify-audit: the chain of every command holds.")

    # A colleague, at another station and on another line.

    def _colleague_changes(self, account: str) -> None:
        desk = self._town.open_desk(
            self._folder / "colleague", lambda _event: None, login="colleague", station="D02", direct=True
        )
        try:
            view = desk.refresh_account(account).view
            result = desk.online.verify_answers(account, self._answers(account))
            factors = tuple(Factor(factor) for factor in result.factors)
            self._expect_applied(
                desk.submit(
                    VerifyCaller(account=account, factors=factors, proof=result.proof), id=desk.new_id()
                )
            )
            desk.refresh_account(account)
            expects = {f"contact:{account}": view.contact.version}
            change = UpdateContact(account=account, phone_1="8505550188")
            self._expect_applied(desk.submit(change, id=desk.new_id(), expects=expects))
        finally:
            desk.close()

    def _expect_applied(self, receipt: Any) -> None:
        if receipt.state != "applied":
            raise StepFailed(f"the colleague's command is {receipt.state}: {receipt.answer}")

    # What is looked at.

    def _answers(self, account: str) -> list[str]:
        """What this customer would answer: known here because the demo city made them up."""
        with self._town.city.customers.open(encoding="utf-8", newline="") as file:
            row = next(row for row in csv.DictReader(file) if row["account_number"] == account)
        known = [row["verify_ssn4"], row["verify_dob"], row["verify_dl4"], row["verify_passphrase"]]
        return [answer for answer in known if answer][:2]

    def _has_view(self, account: str) -> bool:
        return self._desk.account(account) is not None

    def _verified(self, account: str) -> bool:
        viewed = self._desk.account(account)
        return viewed is not None and viewed.view.verified_level >= 2

    def _reports(self, state: str) -> int:
        return sum(item.kind == "outage.report" and item.state == state for item in self._desk.queue())

    def _waiting(self) -> int:
        status = self._desk.status()
        return status.queued + status.unconfirmed

    def _on_title(self, name: str) -> bool:
        return type(self._app.screen).__name__ == name

    def _on_screen(self, account: str) -> bool:
        here = getattr(self._app.screen, "here", None)
        return here is not None and here.account == account

    async def _until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until it holds. Raises `StepFailed` after `WAITS_S`."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + WAITS_S
        while not await asyncio.to_thread(holds):
            if loop.time() > deadline:
                self._shoot("failed", what)
                raise StepFailed(f"not within {WAITS_S:.0f} s: {what}")
            await asyncio.sleep(0.05)

    # What is told.

    def _say(self, sentence: str) -> None:
        self._step += 1
        self._tell(f"{self._step:2}. {sentence}")

    def _shoot(self, name: str, sentence: str) -> None:
        path = self._save / f"{self._step:02}-{name}.svg"
        picture = self._app.export_screenshot(title="csr-console")
        path.write_text(_FETCHED_FONT.sub("", picture), encoding="utf-8")
        self._tell(f"    {sentence}  [{path.name}]")

    def _tell(self, text: str) -> None:
        print(text, flush=True)
