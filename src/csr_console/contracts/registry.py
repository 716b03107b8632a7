"""Every command kind there is, and how a document of one becomes its class again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from csr_console.domain.accounts.commands import AddNote, LogInteraction, UpdateContact, VerifyCaller
from csr_console.domain.billing.budget_commands import EnrollBudget, LeaveBudget
from csr_console.domain.billing.commands import (
    AdjustLeak,
    CorrectBill,
    EnterRead,
    MakeArrangement,
    ReturnPayment,
    SettleException,
)
from csr_console.domain.command import Command
from csr_console.domain.outages.commands import (
    AcknowledgeHazard,
    AddToReport,
    CloseHazard,
    CorrectReport,
    DetailHazard,
    OpenHazard,
    PlanOutage,
    ReportOutage,
    RequestCallback,
)
from csr_console.domain.oversight.commands import DecideApproval, DiscardCommand
from csr_console.domain.refusals import Refusal

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
"""Turns the document of a retired kind into the document of the kind that took its place."""


@dataclass(frozen=True, slots=True)
class Registry:
    """The kinds, and the upcasters of retired kinds; a retired kind may lead to another retired one."""

    commands: Mapping[str, type[Command]]
    upcasters: Mapping[str, Upcaster] = field(default_factory=dict)

    def current(self, document: dict[str, Any]) -> dict[str, Any]:
        """The document in today's kind. Raises `Refusal` unknown-kind."""
        seen: set[str] = set()
        while (kind := str(document.get("kind", ""))) not in self.commands:
            if kind not in self.upcasters or kind in seen:
                raise Refusal("unknown-kind", "This central service does not know that kind of command.")
            seen.add(kind)
            document = self.upcasters[kind](document)
        return document

    def read(self, document: dict[str, Any]) -> Command:
        """The command of a document. Raises `Refusal` unknown-kind, or invalid with the fields at fault.

        `facts["errors"]` is a list of {field, message}; the input itself is never repeated.
        """
        document = self.current(document)
        try:
            return self.commands[str(document["kind"])].model_validate(document)
        except ValidationError as error:
            raise Refusal(
                "invalid", "Some fields do not fit.", facts={"errors": field_errors(error)}
            ) from None


def field_errors(error: ValidationError) -> list[dict[str, str]]:
    """The field and the sentence of each error, without the value that was given."""
    return [
        {
            "field": ".".join(str(part) for part in item["loc"]) or "form",
            "message": item["msg"].removeprefix("Value error, "),
        }
        for item in error.errors(include_input=False, include_url=False, include_context=False)
    ]


COMMANDS: tuple[type[Command], ...] = (
    ReportOutage,
    AddToReport,
    CorrectReport,
    PlanOutage,
    RequestCallback,
    OpenHazard,
    DetailHazard,
    AcknowledgeHazard,
    CloseHazard,
    AddNote,
    LogInteraction,
    UpdateContact,
    VerifyCaller,
    MakeArrangement,
    EnrollBudget,
    LeaveBudget,
    ReturnPayment,
    CorrectBill,
    AdjustLeak,
    SettleException,
    EnterRead,
    DiscardCommand,
    DecideApproval,
)

REGISTRY = Registry({command.model_fields["kind"].default: command for command in COMMANDS})
