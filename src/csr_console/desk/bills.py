"""An account's money on this workstation: what was read from central, with its age."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from csr_console.contracts.views.bills import BillingView, BillView
from csr_console.desk.gateway import Gateway
from csr_console.desk.model import Unreachable, Viewed
from csr_console.desk.network import Network
from csr_console.desk.session import Session
from csr_console.desk.store import billing_rows
from csr_console.desk.store.cache_files import CacheFiles
from csr_console.desk.sync import Background
from csr_console.desk.workspace import Workspace
from csr_console.domain.permissions import Permission


class Bills:
    """Every method may be called from any thread and blocks until it is done."""

    def __init__(
        self,
        cache: CacheFiles,
        gateway: Gateway,
        session: Session,
        network: Network,
        workspace: Workspace,
        background: Background,
        clock: Callable[[], datetime],
    ) -> None:
        self._cache = cache
        self._gateway = gateway
        self._session = session
        self._network = network
        self._workspace = workspace
        self._background = background
        self._clock = clock

    def of(self, account: str) -> Viewed[BillingView] | None:
        """What is cached of an account's money, None when it was never read here."""
        if not self._workspace.may(Permission.ACCOUNT_READ):
            return None
        cached = billing_rows.find_billing(self._cache, account)
        if cached is None:
            return None
        return Viewed(cached.view, cached.as_of, 0, cached.version < self._version(account))

    def refresh(self, account: str) -> Viewed[BillingView]:
        """Ask central for it. Raises `Unreachable`, `Refusal` not-found or not-permitted."""
        self._network.refuse_if_manual()
        known = billing_rows.find_billing(self._cache, account)
        version = self._version(account)
        etag = known.etag if known else ""
        given = self._background.ask(self._session.authorized(lambda: self._gateway.billing(account, etag)))
        if given is None:
            billing_rows.confirm_billing(self._cache, account, self._clock(), version)
        else:
            view, etag = given
            billing_rows.save_billing(self._cache, view, etag, self._clock(), version)
            if view.newest is not None:
                billing_rows.save_bill(self._cache, view.newest)
        viewed = self.of(account)
        if viewed is None:
            raise Unreachable("The bills could not be kept: ask again.", sent=True)
        return viewed

    def bill(self, account: str, bill: UUID) -> BillView:
        """One bill whole: cached, or asked of central. Raises `Unreachable` or `Refusal`."""
        found = billing_rows.find_bill(self._cache, account, str(bill))
        if found is None:
            self._network.refuse_if_manual()
            found = self._background.ask(
                self._session.authorized(lambda: self._gateway.bill(account, str(bill)))
            )
            billing_rows.save_bill(self._cache, found)
        return found

    def _version(self, account: str) -> int:
        entry = self._workspace.entry(account)
        return entry.version if entry else 0
