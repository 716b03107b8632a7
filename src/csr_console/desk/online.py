"""What only central can say: it needs the network, and nothing of it is kept on this workstation."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import SecretStr

from csr_console.contracts.outcome import Outcome
from csr_console.contracts.signin import (
    DeviceCode,
    DeviceProgress,
    VerificationAnswers,
    VerificationResult,
)
from csr_console.contracts.views.approvals import HeldView
from csr_console.contracts.views.exceptions import ExceptionList
from csr_console.desk.gateway import Gateway
from csr_console.desk.network import Network
from csr_console.desk.session import Session
from csr_console.desk.store.files import Files
from csr_console.desk.sync import Background
from csr_console.domain.command import Command


class Online:
    """Every method may be called from any thread and blocks until it is done. Each raises `Unreachable`
    without the network, also while the clerk works offline on purpose."""

    def __init__(
        self, files: Files, gateway: Gateway, session: Session, network: Network, background: Background
    ) -> None:
        self._files = files
        self._gateway = gateway
        self._session = session
        self._network = network
        self._background = background

    def dry_run(self, command: Command, *, id: UUID, expects: dict[str, int] | None = None) -> Outcome:
        """What central would answer now; nothing happens. Raises `Answer`."""
        self._network.refuse_if_manual()
        body = self._files.outbox.unsaved(
            command, command_id=id, author=self._session.author(), expects=expects
        )
        return self._background.ask(
            self._session.authorized(lambda: self._gateway.put(id, body, dry_run=True))
        )

    def verify_answers(
        self, account: str, answers: Sequence[str], earlier: str | None = None
    ) -> VerificationResult:
        """Have central check what a caller answered, together with what an earlier proof of this session
        vouches for. Raises `Refusal` proof-invalid for an earlier proof that does not hold any more."""
        self._network.refuse_if_manual()
        form = VerificationAnswers(answers=[SecretStr(answer) for answer in answers], earlier=earlier)
        return self._background.ask(self._session.authorized(lambda: self._gateway.verify(account, form)))

    def approvals(self) -> list[HeldView]:
        """Commands that wait for a second person, the oldest first."""
        self._network.refuse_if_manual()
        found: list[HeldView] = []
        cursor: str | None = ""
        while cursor is not None:
            page = self._background.ask(
                self._session.authorized(lambda after=cursor: self._gateway.approvals(after))  # type: ignore[misc]
            )
            found += page.items
            cursor = page.next
        return found

    def exceptions(self, cursor: str, etag: str) -> tuple[ExceptionList, str] | None:
        """A page of what bill runs found and its ETag, None when `etag` is still the newest."""
        self._network.refuse_if_manual()
        return self._background.ask(self._session.authorized(lambda: self._gateway.exceptions(cursor, etag)))

    def identity_provider(self) -> str:
        """What people call the provider whose sign-in central takes too, "" for none. Raises `Answer`."""
        return self._background.ask(self._gateway.sign_in_ways()).provider

    def start_device(self) -> DeviceCode:
        """A code to enter at the identity provider. Raises `Answer`."""
        return self._background.ask(self._session.start_device())

    def poll_device(self, handle: str) -> DeviceProgress:
        """Whether it was entered; `Desk.enter` then begins the session. Raises `Answer`: `Unreachable` and
        `RetryLater` say nothing about the code."""
        return self._background.ask(self._session.poll_device(handle))
