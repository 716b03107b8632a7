"""Verify the caller: answers typed unseen and checked by central, what the clerk hears and sees attested."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from csr_console.domain.accounts.commands import VerifyCaller
from csr_console.domain.accounts.verification import SECRET_FACTORS, Factor, Level, level_of
from csr_console.domain.refusals import Answer
from csr_console.domain.text import clean_line
from csr_console.screens.base import ConsoleScreen
from csr_console.screens.customers import Shown
from csr_console.screens.panels import BADGES, level_now
from csr_console.screens.submit import Sending, refuse
from csr_console.screens.work import begin
from csr_console.widgets.cells import Column, Toned
from csr_console.widgets.line_input import LineInput
from csr_console.widgets.result_list import ResultList

if TYPE_CHECKING:
    from csr_console.app import ConsoleApp
    from csr_console.contracts.signin import VerificationResult
    from csr_console.contracts.views.accounts import RosterEntry

ATTESTED: tuple[tuple[Factor, str], ...] = (
    (Factor.NAME, "gave the name on the account"),
    (Factor.SERVICE_ADDRESS, "gave the service address"),
    (Factor.ACCOUNT_NUMBER, "gave the account number"),
    (Factor.PHONE, "calls from, or gave, the phone on file"),
    (Factor.PHOTO_ID, "showed a photo identification in person"),
    (Factor.CALLED_BACK, "was called back on the number on file"),
)
MOST_ANSWERS = 5
RULE = (
    "SSN last 4 · birth date · licence last 4 · passphrase · last payment\n"
    "Enter checks and logs, and no answer is kept. Tab to the list: digits mark."
)
OFFLINE_RULE = (
    "Offline: answers cannot be checked until the network is back.\n"
    "What you hear and see counts: digits mark it, Enter logs it."
)


async def verify(
    app: ConsoleApp, entry: RosterEntry, args: tuple[str, ...] = (), *, wanted: Level | None = None
) -> None:
    """Open the screen for the next level, or for the one that an act needs; answers on the line are checked
    at once."""
    customer = app.customers.find(entry.account)
    reached = level_now(customer.view if customer else None, app.now())
    screen = VerifyScreen(entry, wanted or Level(min(reached + 1, Level.L3)))
    await app.push_screen(screen)
    if args:
        await screen.check(answers_of(" ".join(args)))


def what_is_missing(factors: Collection[Factor], wanted: Level) -> str:
    """What the caller may still show to reach a level, in one sentence; empty when it is reached."""
    if level_of(factors) >= wanted:
        return ""
    secrets = len(SECRET_FACTORS.intersection(factors))
    if wanted is Level.L1:
        return "L1: one answer, or name and address with account number or phone."
    answers = "two answers" if not secrets else "one more answer"
    if wanted is Level.L2:
        return f"L2: {answers} or a photo ID."
    need = [answers] if secrets < 2 else []
    if not {Factor.PHOTO_ID, Factor.CALLED_BACK}.intersection(factors):
        need.append("a call back to the number on file or a photo ID")
    return f"L3: {' and '.join(need)}."


def answers_of(text: str) -> list[str]:
    """The answers in a line: apart by blanks, or in quotation marks when one has a blank (`"blue heron"`)."""
    return [quoted or plain for quoted, plain in re.findall(r'"([^"]+)"|([^\s"]+)', text)]


class Attested(ResultList):
    """What the clerk hears and sees: a digit marks a row, Enter logs."""

    class Marked(Message):
        """The row at `index` was marked or unmarked."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Log it"),
        Binding("space", "mark_here", "Mark", show=False),
    ]

    def action_pick(self, number: int) -> None:
        if number <= len(self.rows):
            self.post_message(self.Marked(number - 1))

    def action_mark_here(self) -> None:
        if self.cursor is not None:
            self.post_message(self.Marked(self.cursor))


class VerifyScreen(ConsoleScreen):
    """Answers separated by blanks in a field that shows, keeps and remembers nothing; factors by digit."""

    DEFAULT_CSS = """
    VerifyScreen #goal { height: 3; padding: 1 2 0 2; }
    VerifyScreen #answers { margin: 0 2; padding: 0 1; }
    VerifyScreen #rule { height: 4; padding: 1 2; color: $tone-dim; }
    VerifyScreen #attested { height: 1fr; margin: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "swap", "Answers or list", key_display="Tab"),
        Binding("shift+tab", "swap", show=False),
    ]

    def __init__(self, entry: RosterEntry, wanted: Level) -> None:
        super().__init__()
        self._entry = entry
        self._wanted = wanted
        self._attested: set[Factor] = set()

    @property
    def here(self) -> RosterEntry:
        return self._entry

    @property
    def _reached(self) -> Level:
        customer = self.console.customers.find(self._entry.account)
        return level_now(customer.view if customer else None, self.console.now())

    @property
    def _shown(self) -> Shown:
        """What the caller showed in this call before."""
        return self.console.call.shown.get(self._entry.account, Shown()).at(self.console.now())

    def compose_body(self) -> ComposeResult:
        yield Static(id="goal")
        yield LineInput(password=True, placeholder="the caller's answers, a blank between them", id="answers")
        yield Static(id="rule")
        yield Attested((Column("The caller", 48), Column("", 0)), id="attested")

    def on_mount(self) -> None:
        offline = self.console.offline
        rule = OFFLINE_RULE if offline else RULE
        self.query_one("#rule", Static).update(Content(rule))
        answers = self.query_one("#answers", LineInput)
        answers.disabled = offline
        self._attested |= self._shown.attested
        self._show()
        self.set_focus(self.work_widget())

    def work_widget(self) -> Widget:
        return self.query_one("#attested" if self.console.offline else "#answers")

    def _show(self) -> None:
        missing = what_is_missing(self._attested | self._shown.proven, self._wanted)
        whose = clean_line(self._entry.name)
        goal = Content.assemble(
            (f"Verify the caller for {whose} · to {BADGES[self._wanted]} {self._wanted.name}", "bold"),
            "\n",
            (
                missing or f"{self._wanted.name} is reached: Enter logs it.",
                "$tone-dim" if missing else "$tone-ok",
            ),
        )
        self.query_one("#goal", Static).update(goal)
        self.query_one("#attested", ResultList).set_rows(
            [
                (text, Toned("✓ yes", "ok") if factor in self._attested else Toned("–", "dim"))
                for factor, text in ATTESTED
            ],
            keep=True,
        )

    def action_swap(self) -> None:
        answers, attested = self.query_one("#answers"), self.query_one("#attested")
        self.set_focus(attested if self.focused is answers or self.console.offline else answers)

    @on(Attested.Marked)
    def _mark(self, event: Attested.Marked) -> None:
        event.stop()
        self._attested ^= {ATTESTED[event.index][0]}
        self._show()

    @on(ResultList.Chosen, "#attested")
    def _log_attested(self, event: ResultList.Chosen) -> None:
        event.stop()
        answers = self.query_one("#answers", LineInput)
        given, answers.value = answers_of(answers.value), ""
        begin(self.app, partial(self.check, given), group="verify")

    @on(Input.Submitted, "#answers")
    def _check(self, event: Input.Submitted) -> None:
        event.stop()
        answers = answers_of(event.value)
        event.input.value = ""
        begin(self.app, partial(self.check, answers), group="verify")

    async def check(self, answers: list[str]) -> None:
        """Have the answers checked, log what fitted with all that was shown in this call, say what it
        reached."""
        async with self.console.gate.hold("checking the answers"):
            before, wrong = self._shown, ""
            shown = replace(before, attested=frozenset(self._attested))
            if answers:
                try:
                    result = await self._ask(answers[:MOST_ANSWERS], before.proof)
                except Answer as answer:
                    self._refused(answer)
                    refuse(self.console, answer)
                    return
                if result.proof:
                    until = self.console.now() + timedelta(seconds=result.expires_in)
                    proven = frozenset(Factor(word) for word in result.factors)
                    shown = Shown(shown.attested, proven, result.proof, until)
                if result.wrong:
                    wrong = f" {result.wrong} did not fit, {result.attempts_left} tries left."
            if shown.factors <= before.factors and level_of(shown.factors) <= self._reached:
                self.console.gate.clear()
                self.notify_line(
                    "error",
                    f"Nothing new fitted.{wrong}" if answers else "Mark what you heard or type an answer.",
                )
                return
            await self._log(shown, wrong)

    async def _ask(self, answers: list[str], earlier: str | None) -> VerificationResult:
        verify, account = self.console.desk.online.verify_answers, self._entry.account
        return await self.console.desk_call(verify, account, answers, earlier, doing="checking the answers")

    def _refused(self, answer: Answer | None) -> None:
        """Start with the answers anew where central does not take the earlier ones any more."""
        if answer is not None and answer.code == "proof-invalid":
            self._keep(Shown(self._shown.attested))

    def _keep(self, shown: Shown) -> None:
        self.console.call.shown[self._entry.account] = shown

    async def _log(self, shown: Shown, wrong: str) -> None:
        factors = shown.factors
        ordered = tuple(factor for factor in Factor if factor in factors)
        command = VerifyCaller(account=self._entry.account, factors=ordered, proof=shown.proof)
        sending = Sending(self.console, self._entry.account)
        if not await sending.send(command):
            self._refused(sending.refusal)
            return
        self._keep(shown)
        self._show()
        level = level_of(factors)
        missing = what_is_missing(factors, max(self._wanted, Level.L2))
        await self.console.reread(self._entry.account)
        if level >= self._wanted:
            await self.app.pop_screen()
        by = ", ".join(factor.label for factor in ordered)
        said = f"{BADGES[level]} {level.name} verified: {by}.{wrong} {missing}"
        self.console.notify_line("ok" if level >= self._wanted else "warn", said.strip())
