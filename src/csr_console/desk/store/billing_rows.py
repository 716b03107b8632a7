"""Statements about cached bills."""

from dataclasses import dataclass
from datetime import datetime

from csr_console.contracts.views.bills import BillingView, BillView
from csr_console.desk.store.cache_files import CacheFiles
from csr_console.desk.store.tables import microseconds, moment


@dataclass(frozen=True, slots=True)
class CachedBilling:
    """`version` is the newest version of the account that was known when it was fetched."""

    view: BillingView
    etag: str
    as_of: datetime
    version: int


def find_billing(cache: CacheFiles, account: str) -> CachedBilling | None:
    with cache.read() as connection:
        row = connection.row("SELECT * FROM billing_view WHERE account = ?", (account,))
    if row is None:
        return None
    view = BillingView.model_validate_json(row["body"])
    return CachedBilling(view, row["etag"], moment(row["as_of_us"]), row["version"])


def save_billing(cache: CacheFiles, view: BillingView, etag: str, as_of: datetime, version: int) -> None:
    values = {
        "account": view.account,
        "body": view.model_dump_json(),
        "etag": etag,
        "as_of_us": microseconds(as_of),
        "version": version,
    }
    with cache.write() as connection:
        connection.execute(
            "INSERT OR REPLACE INTO billing_view (account, body, etag, as_of_us, version)"
            " VALUES (:account, :body, :etag, :as_of_us, :version)",
            values,
        )


def confirm_billing(cache: CacheFiles, account: str, as_of: datetime, version: int) -> None:
    """Central says that the cached view is still the newest."""
    with cache.write() as connection:
        connection.execute(
            "UPDATE billing_view SET as_of_us = ?, version = ? WHERE account = ?",
            (microseconds(as_of), version, account),
        )


def find_bill(cache: CacheFiles, account: str, bill: str) -> BillView | None:
    with cache.read() as connection:
        row = connection.row("SELECT body FROM bill_view WHERE account = ? AND bill = ?", (account, bill))
    return BillView.model_validate_json(row["body"]) if row else None


def save_bill(cache: CacheFiles, view: BillView) -> None:
    values = (view.account, str(view.bill.bill_id), view.model_dump_json())
    with cache.write() as connection:
        connection.execute("INSERT OR REPLACE INTO bill_view (account, bill, body) VALUES (?, ?, ?)", values)
