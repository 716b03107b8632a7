"""What a clerk does about an outage or a danger."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from csr_console.domain.command import Command, Effect
from csr_console.domain.fields import (
    AccountNumber,
    Choice,
    CommandId,
    Entry,
    FilledLine,
    Line,
    Moment,
    NoteText,
    Phone,
    PremiseId,
    Reason,
)
from csr_console.domain.outages.kinds import Hazard, HazardField, Scope, ScopeField
from csr_console.domain.permissions import Permission

_WHEN = "A day and a time (fri 9:00, +1 14:30) or the next such time (15:30)."
Location = Annotated[
    FilledLine,
    Entry(
        "Where",
        "An intersection (Oak & 12th), a pole (pole 10432) or coordinates (30.44,-84.28).",
        personal=True,
    ),
]
Place = Annotated[
    FilledLine,
    Entry("Place", "The premise or the location of the report, as it was reported.", "hidden", personal=True),
]
CallbackPhone = Annotated[
    Phone, Entry("Callback", "The number to call when power is back.", "phone", personal=True)
]
Remark = Annotated[Line, Entry("Remark", "What a crew should know, in one line.", personal=True)]
DeviceId = Annotated[FilledLine, Field(max_length=80), Entry("Device", "A protective device.")]


class ReportOutage(Command):
    """A customer says a service is out; evidence for the outage prediction, and a promise to call back.

    The place is a premise or, for a call without a customer, a location. `insist` is the clerk's `!`: the
    caller was told of the disconnection or the planned outage and reports anyway.
    """

    kind: Literal["outage.report"] = "outage.report"
    account: AccountNumber | None = None
    premise: PremiseId | None = None
    location: Location | None = None
    scope: ScopeField
    hazard: HazardField
    callback: CallbackPhone | None = None
    caller: (
        Annotated[Line, Entry("Caller", "Who calls, when it is not the customer.", personal=True)] | None
    ) = None
    remark: Remark | None = None
    insist: Annotated[bool, Entry("Insist", "The caller was told and reports anyway: !", "hidden")] = False

    title: ClassVar[str] = "Report an outage"
    permission: ClassVar[Permission] = Permission.OUTAGE_REPORT

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.premise is None) == (self.location is None):
            raise ValueError("give a premise or a location, not both")
        return self

    @property
    def lane(self) -> str:
        return f"place:{(self.premise or self.location or '').casefold()}"

    @property
    def urgent(self) -> bool:
        return self.hazard is not Hazard.NONE

    @classmethod
    def example(cls) -> Self:
        return cls(
            account="100482771",
            premise="P0001204",
            scope=Scope.ALL,
            hazard=Hazard.NONE,
            callback="8505550142",
        )


class AddToReport(Command):
    """More from a caller on an open report: a remark, or that they called again."""

    kind: Literal["outage.add"] = "outage.add"
    report: CommandId
    place: Place
    remark: Remark | None = None
    called_again: Annotated[bool, Entry("Called again", "Counts as one more call.", "hidden")] = True

    title: ClassVar[str] = "Add to a report"
    permission: ClassVar[Permission] = Permission.OUTAGE_REPORT

    @property
    def lane(self) -> str:
        return f"place:{self.place.casefold()}"

    @classmethod
    def example(cls) -> Self:
        return cls.model_validate(
            {
                "report": "0198f2b4-0000-7000-8000-000000000001",
                "place": "P0001204",
                "remark": "Neighbors are out too.",
            }
        )


class CorrectReport(Command):
    """A correction of an open report. A field left out stays; `withdrawn` closes it as reported in error."""

    kind: Literal["outage.correct"] = "outage.correct"
    report: CommandId
    place: Place
    scope: ScopeField | None = None
    hazard: HazardField | None = None
    callback: CallbackPhone | Literal[""] | None = None
    withdrawn: (
        Annotated[bool, Entry("Withdrawn", "Reported in error: closes the report.", "choice")] | None
    ) = None

    title: ClassVar[str] = "Correct a report"
    permission: ClassVar[Permission] = Permission.OUTAGE_REPORT
    effect: ClassVar[Effect] = "sets"

    @property
    def lane(self) -> str:
        return f"place:{self.place.casefold()}"

    @property
    def urgent(self) -> bool:
        return self.hazard not in (None, Hazard.NONE)

    @property
    def resource(self) -> str:
        return f"report:{self.report}"

    @property
    def values(self) -> dict[str, str | bool]:
        """The fields this command changes with their new values."""
        names = ("scope", "hazard", "callback", "withdrawn")
        return {name: value for name in names if (value := getattr(self, name)) is not None}

    @property
    def changed_fields(self) -> frozenset[str]:
        return frozenset(self.values)

    @classmethod
    def example(cls) -> Self:
        return cls.model_validate(
            {"report": "0198f2b4-0000-7000-8000-000000000001", "place": "P0001204", "scope": "part"}
        )


class PlanOutage(Command):
    """A planned outage of everything below a device, so that callers are told and no crew is sent."""

    kind: Literal["outage.plan"] = "outage.plan"
    device: DeviceId
    starts_at: Annotated[AwareDatetime, Entry("Starts", f"When the power goes. {_WHEN}", "moment")]
    ends_at: Annotated[AwareDatetime, Entry("Ends", f"When it is back. {_WHEN}", "moment")]
    reason: Reason

    title: ClassVar[str] = "Plan an outage"
    permission: ClassVar[Permission] = Permission.OUTAGE_PLAN

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_at <= self.starts_at:
            raise ValueError("a planned outage ends after it starts")
        return self

    @property
    def lane(self) -> str:
        return f"device:{self.device}"

    @classmethod
    def example(cls) -> Self:
        return cls(
            device="demo:TR12",
            starts_at=datetime.fromisoformat("2026-09-01T09:00:00-04:00"),
            ends_at=datetime.fromisoformat("2026-09-01T12:00:00-04:00"),
            reason="Transformer replacement",
        )


class CallbackWhen(Choice):
    """When the customer wants the call: when power is back, as soon as possible, or at a time."""

    RESTORED = "restored"
    SOON = "soon"
    AT = "at"


class RequestCallback(Command):
    """A promise to call a customer back."""

    kind: Literal["callback.request"] = "callback.request"
    account: AccountNumber | None = None
    report: CommandId | None = None
    phone: Phone
    when: Annotated[CallbackWhen, Entry("When", "Restored, soon, or at a time.", "choice")]
    at: Annotated[AwareDatetime, Entry("At", f"For a callback at a time. {_WHEN}", "moment")] | None = None
    about: Annotated[Line, Entry("About", "What to say, in one line.", personal=True)] | None = None

    title: ClassVar[str] = "Request a callback"
    permission: ClassVar[Permission] = Permission.CALLBACK_REQUEST

    @model_validator(mode="after")
    def _time_when_asked(self) -> Self:
        if (self.when is CallbackWhen.AT) != (self.at is not None):
            raise ValueError("give a time exactly when the callback is at a time")
        return self

    @property
    def lane(self) -> str:
        if self.account:
            return f"account:{self.account}"
        return f"report:{self.report}" if self.report else "station"

    @classmethod
    def example(cls) -> Self:
        return cls(account="100482771", phone="8505550142", when=CallbackWhen.RESTORED)


class OpenHazard(Command):
    """A danger to life, recorded at the first key; all but its kind may come later (49 CFR 192.615)."""

    kind: Literal["hazard.open"] = "hazard.open"
    hazard_id: CommandId
    hazard: HazardField
    account: AccountNumber | None = None
    premise: PremiseId | None = None
    opened_at: Annotated[Moment, Entry("Opened", "The first key of the call.", "hidden")]

    title: ClassVar[str] = "Open a hazard"
    permission: ClassVar[Permission] = Permission.HAZARD_REPORT

    @model_validator(mode="after")
    def _is_a_hazard(self) -> Self:
        if self.hazard is Hazard.NONE:
            raise ValueError("say which hazard it is")
        return self

    @property
    def lane(self) -> str:
        return f"hazard:{self.hazard_id}"

    @property
    def urgent(self) -> bool:
        return True

    @classmethod
    def example(cls) -> Self:
        return cls.model_validate(
            {
                "hazard_id": "0198f2b4-0000-7000-8000-000000000002",
                "hazard": "gas",
                "opened_at": "2026-08-30T14:02:00+00:00",
            }
        )


class DetailHazard(Command):
    """What the caller said once out of danger: where, how strong, who is left, how to get in."""

    kind: Literal["hazard.detail"] = "hazard.detail"
    hazard_id: CommandId
    premise: PremiseId | None = None
    location: Location | None = None
    phone: Phone | None = None
    where: Annotated[Line, Entry("Strongest", "Inside or outside, and where it is strongest.")] | None = None
    people_inside: Annotated[Line, Entry("People", "Anyone left inside or hurt.")] | None = None
    access: Annotated[Line, Entry("Access", "Locks, meter room, dogs; say if access is blocked.")] | None = (
        None
    )
    remark: (
        Annotated[NoteText, Entry("Remark", "What else the dispatcher needs.", "note", personal=True)] | None
    ) = None

    title: ClassVar[str] = "Hazard details"
    permission: ClassVar[Permission] = Permission.HAZARD_REPORT

    @property
    def lane(self) -> str:
        return f"hazard:{self.hazard_id}"

    @property
    def urgent(self) -> bool:
        return True

    @classmethod
    def example(cls) -> Self:
        return cls.model_validate(
            {"hazard_id": "0198f2b4-0000-7000-8000-000000000002", "premise": "P0001204", "where": "Kitchen"}
        )


class AcknowledgeHazard(Command):
    """A named dispatcher has taken the hazard and says when somebody is there."""

    kind: Literal["hazard.acknowledge"] = "hazard.acknowledge"
    hazard_id: CommandId
    dispatcher: Annotated[FilledLine, Entry("Dispatcher", "The name of the person who took it.")]
    eta_minutes: Annotated[int, Field(ge=0, le=600), Entry("Minutes", "Until somebody is on site.")]

    title: ClassVar[str] = "Dispatch acknowledged"
    permission: ClassVar[Permission] = Permission.HAZARD_ACKNOWLEDGE

    @property
    def lane(self) -> str:
        return f"hazard:{self.hazard_id}"

    @property
    def urgent(self) -> bool:
        return True

    @classmethod
    def example(cls) -> Self:
        return cls.model_validate(
            {
                "hazard_id": "0198f2b4-0000-7000-8000-000000000002",
                "dispatcher": "R. Boone",
                "eta_minutes": 20,
            }
        )


class CloseHazard(Command):
    """The source is verified as controlled. Blocked access keeps it open (NTSB, Silver Spring 2016)."""

    kind: Literal["hazard.close"] = "hazard.close"
    hazard_id: CommandId
    verified_by: Annotated[FilledLine, Entry("Verified by", "Who verified that the source is controlled.")]
    access_blocked: Annotated[
        bool, Entry("Access blocked", "Yes keeps the hazard open: nobody has seen the source.", "choice")
    ] = False

    title: ClassVar[str] = "Close a hazard"
    permission: ClassVar[Permission] = Permission.HAZARD_CLOSE

    @property
    def lane(self) -> str:
        return f"hazard:{self.hazard_id}"

    @classmethod
    def example(cls) -> Self:
        return cls.model_validate(
            {"hazard_id": "0198f2b4-0000-7000-8000-000000000002", "verified_by": "J. Ortiz"}
        )
