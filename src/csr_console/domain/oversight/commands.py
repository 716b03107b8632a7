"""Acts whose subject is another command."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field

from csr_console.domain.command import Command, Offline
from csr_console.domain.fields import CommandId, Digest, Entry, Line, Reason
from csr_console.domain.permissions import Permission


class DiscardCommand(Command):
    """A queued command that is not to be sent any more, and why; it stays in the log as discarded."""

    kind: Literal["command.discard"] = "command.discard"
    discarded: CommandId
    discarded_kind: Annotated[
        Line, Field(max_length=60), Entry("Kind", "What kind of command it was.", "hidden")
    ]
    reason: Reason

    title: ClassVar[str] = "Discard a queued command"
    permission: ClassVar[Permission] = Permission.COMMAND_DISCARD

    @property
    def lane(self) -> str:
        return f"command:{self.discarded}"

    @classmethod
    def example(cls) -> Self:
        return cls.model_validate(
            {
                "discarded": "0198f2b4-0000-7000-8000-000000000003",
                "discarded_kind": "contact.update",
                "reason": "Customer called back: wrong number",
            }
        )


class DecideApproval(Command):
    """A second person's yes or no to a held command; signs the digest of exactly what was shown."""

    kind: Literal["approval.decide"] = "approval.decide"
    held: CommandId
    digest: Annotated[Digest, Entry("Digest", "Of exactly what was shown.", "hidden")]
    approve: Annotated[bool, Entry("Approve", "Yes applies it on today's facts; no refuses it.", "choice")]
    reason: Reason

    title: ClassVar[str] = "Decide an approval"
    permission: ClassVar[Permission] = Permission.APPROVAL_DECIDE
    offline: ClassVar[Offline] = Offline.NEVER
    offline_sentence: ClassVar[str] = "An approval needs what central holds now: wait for the network."

    @property
    def lane(self) -> str:
        return f"command:{self.held}"

    @classmethod
    def example(cls) -> Self:
        return cls.model_validate(
            {
                "held": "0198f2b4-0000-7000-8000-000000000004",
                "digest": "0" * 64,
                "approve": True,
                "reason": "Called the customer on the number on file",
            }
        )
