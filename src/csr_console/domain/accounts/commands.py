"""What a clerk does to a customer's account."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from csr_console.domain.accounts.verification import Factor
from csr_console.domain.command import AccountCommand, Command, Effect, Offline
from csr_console.domain.fields import (
    AccountNumber,
    Choice,
    CommandId,
    Email,
    Entry,
    Line,
    Moment,
    NoteText,
    Phone,
)
from csr_console.domain.permissions import Permission


class Disposition(Choice):
    """What the contact was about: the wrap-up codes of the contact center."""

    OUTAGE_NEW = "OUTAGE-NEW"
    OUTAGE_STATUS = "OUTAGE-STATUS"
    GAS_ODOR = "GAS-ODOR"
    BILL_EXPLAIN = "BILL-EXPLAIN"
    BILL_DISPUTE = "BILL-DISPUTE"
    HIGH_BILL = "HIGH-BILL"
    PAY_TAKEN = "PAY-TAKEN"
    PAY_ARR = "PAY-ARR"
    EXTENSION = "EXTENSION"
    START = "START"
    STOP = "STOP"
    TRANSFER = "TRANSFER"
    NAME_CHG = "NAME-CHG"
    DEPOSIT = "DEPOSIT"
    CREDIT_REF = "CREDIT-REF"
    CONTACT_CHG = "CONTACT-CHG"
    WATER_LEAK = "WATER-LEAK"
    SEWER_BACKUP = "SEWER-BACKUP"
    SW_MISSED = "SW-MISSED"
    SW_CART = "SW-CART"
    STORM_FEE = "STORM-FEE"
    FIRE_FEE = "FIRE-FEE"
    MED_CERT = "MED-CERT"
    BANKRUPTCY = "BANKRUPTCY"
    AGENCY = "AGENCY"
    LOAN = "LOAN"
    REBATE = "REBATE"
    REFUND = "REFUND"
    METER_RELEASE = "METER-RELEASE"
    ADDRESS = "ADDRESS"
    TRANSIT_ROUTE = "TRANSIT-ROUTE"
    TRANSIT_PASS = "TRANSIT-PASS"  # noqa: S105  a wrap-up code
    TRANSIT_PARA = "TRANSIT-PARA"
    COMPLAINT = "COMPLAINT"
    COMPLIMENT = "COMPLIMENT"
    TRANSFERRED = "TRANSFERRED"
    NO_ACTION = "NO-ACTION"
    WRONG_NO = "WRONG-NO"


class InteractionOutcome(Choice):
    RESOLVED = "resolved"
    FOLLOW_UP = "follow_up"
    ESCALATED = "escalated"
    ABANDONED = "abandoned"


class Channel(Choice):
    PHONE = "phone"
    COUNTER = "counter"
    EMAIL = "email"


class Language(Choice):
    EN = "en"
    ES = "es"


class AddNote(AccountCommand):
    """A note that the next clerk reads on the customer's timeline."""

    kind: Literal["note.add"] = "note.add"
    text: NoteText

    title: ClassVar[str] = "Add a note"
    permission: ClassVar[Permission] = Permission.NOTE_ADD

    @classmethod
    def example(cls) -> Self:
        return cls(account="100482771", text="Gate code changed; dog is friendly.")


class LogInteraction(Command):
    """A contact with a customer, wrapped up: what it was about, how it ended, how long it took."""

    kind: Literal["interaction.log"] = "interaction.log"
    account: AccountNumber | None = None
    channel: Annotated[Channel, Entry("Channel", "How the customer reached us.", "choice")] = Channel.PHONE
    disposition: Annotated[Disposition, Entry("Disposition", "What the contact was about.", "choice")]
    outcome: Annotated[InteractionOutcome, Entry("Outcome", "How it ended.", "choice")] = (
        InteractionOutcome.RESOLVED
    )
    started_at: Annotated[Moment, Entry("Started", "When the contact began.", "hidden")]
    talk_seconds: Annotated[int, Field(ge=0, le=86_400), Entry("Call time", "Seconds.", "hidden")]
    summary: Annotated[
        NoteText, Entry("Summary", "What was asked and done; written from the acts.", "note", personal=True)
    ]
    commands: Annotated[tuple[CommandId, ...], Entry("Done", "What was done in it.", "hidden")] = ()

    title: ClassVar[str] = "Wrap up"
    permission: ClassVar[Permission] = Permission.INTERACTION_LOG

    @property
    def lane(self) -> str:
        return f"account:{self.account}" if self.account else "station"

    @classmethod
    def example(cls) -> Self:
        return cls.model_validate(
            {
                "account": "100482771",
                "disposition": "OUTAGE-NEW",
                "started_at": "2026-08-30T14:02:00+00:00",
                "talk_seconds": 95,
                "summary": "Reported an outage at 1204 Oak St, no hazard.",
            }
        )


class UpdateContact(AccountCommand):
    """New contact details. A field left out stays as it is; an empty one is cleared."""

    kind: Literal["contact.update"] = "contact.update"
    phone_1: (
        Annotated[Phone, Entry("Phone", "Where to reach the customer first.", "phone", personal=True)]
        | Literal[""]
        | None
    ) = None
    phone_2: (
        Annotated[Phone, Entry("Second phone", "Ten digits in any spelling.", "phone", personal=True)]
        | Literal[""]
        | None
    ) = None
    email: Email | Literal[""] | None = None
    mailing_street: (
        Annotated[Line, Entry("Mail street", "Where bills go: number and street, or a box.", personal=True)]
        | None
    ) = None
    mailing_city: Annotated[Line, Entry("Mail city", "The city bills go to.", personal=True)] | None = None
    mailing_state: (
        Annotated[str, Field(pattern=r"^([A-Z]{2})?$"), Entry("Mail state", "Two capital letters: FL.")]
        | None
    ) = None
    mailing_zip: (
        Annotated[
            str,
            Field(pattern=r"^([0-9]{5}(-[0-9]{4})?)?$"),
            Entry("Mail ZIP", "Five digits, or nine with a dash.", personal=True),
        ]
        | None
    ) = None
    language: Annotated[Language, Entry("Language", "The customer's language.", "choice")] | None = None

    title: ClassVar[str] = "Update contact details"
    permission: ClassVar[Permission] = Permission.CONTACT_UPDATE
    effect: ClassVar[Effect] = "sets"

    @property
    def resource(self) -> str:
        return f"contact:{self.account}"

    @property
    def values(self) -> dict[str, str]:
        """The fields this command changes with their new values."""
        return {name: str(value) for name in CONTACT_FIELDS if (value := getattr(self, name)) is not None}

    @property
    def changed_fields(self) -> frozenset[str]:
        return frozenset(self.values)

    @classmethod
    def example(cls) -> Self:
        return cls(account="100482771", phone_1="8505550199", email="maria@example.org")


CONTACT_FIELDS: tuple[str, ...] = tuple(
    name for name in UpdateContact.model_fields if name not in ("kind", "account")
)


class VerifyCaller(AccountCommand):
    """How the caller was verified, for the log. Secret answers never enter a command: central checks them
    first and signs a proof of the factors that fitted."""

    kind: Literal["caller.verify"] = "caller.verify"
    factors: Annotated[
        tuple[Factor, ...],
        Field(min_length=1, max_length=11),
        Entry("Factors", "What the caller told or showed that fits.", "hidden"),
    ]
    proof: Annotated[str, Field(max_length=2000), Entry("Proof", "Signed by central.", "hidden")] | None = (
        None
    )

    title: ClassVar[str] = "Verify the caller"
    permission: ClassVar[Permission] = Permission.CALLER_VERIFY
    offline: ClassVar[Offline] = Offline.ALLOWED

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        if len(set(self.factors)) != len(self.factors):
            raise ValueError("a factor counts once")
        return self

    @classmethod
    def example(cls) -> Self:
        return cls(account="100482771", factors=(Factor.PHONE, Factor.NAME, Factor.SERVICE_ADDRESS))
