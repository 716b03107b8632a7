"""The alert ribbon: what a clerk must know before the first word, in the order of harm."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class AlertKind:
    """A code with its glyph, label, owner, and whether it blocks an act or advises."""

    code: str
    glyph: str
    label: str
    owner: str
    blocking: bool = False


ALERT_KINDS: tuple[AlertKind, ...] = (
    AlertKind("safety", "▲", "Safety: do not send one person", "field services", blocking=True),
    AlertKind("life_support", "✚", "Priority M", "customer programs"),
    AlertKind("bankruptcy_stay", "§", "Bankruptcy stay", "credit", blocking=True),
    AlertKind("fraud_hold", "⊘", "Fraud hold", "credit", blocking=True),
    AlertKind("cut_pending", "✂", "Cut pending", "credit"),
    AlertKind("cash_only", "$", "Cash only", "credit", blocking=True),
    AlertKind("dispute", "?", "Dispute open", "billing"),
    AlertKind("arrangement", "≡", "Payment arrangement", "credit"),
    AlertKind("deposit_due", "◇", "Deposit due", "credit"),
    AlertKind("employee", "◉", "Employee account", "supervisor"),
    AlertKind("language", "¶", "Speaks Spanish", "contact center"),
    AlertKind("leave_on", "∞", "Leave service on", "property programs"),
    AlertKind("loan", "£", "Energy loan", "loans"),
    AlertKind("exemption_expiring", "%", "Tax exemption expiring", "billing"),
    AlertKind("tamper", "✖", "Meter tamper", "field services"),
    AlertKind("jurisdiction_mismatch", "≠", "Address and tax area differ", "billing"),
    AlertKind("outage_here", "◆", "Outage here", "outage desk"),
)
_ORDER = {kind.code: position for position, kind in enumerate(ALERT_KINDS)}


def alert_kind(code: str) -> AlertKind:
    """The kind of a code. Raises KeyError for a code that does not exist."""
    return ALERT_KINDS[_ORDER[code]]


def is_alert_code(code: str) -> bool:
    return code in _ORDER


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert on an account; `expires_on` is its last day or None."""

    code: str
    expires_on: date | None = None


def in_ribbon_order(alerts: Iterable[Alert], today: date) -> tuple[Alert, ...]:
    """The alerts still in force on `today`, the most harmful first."""
    live = (alert for alert in alerts if alert.expires_on is None or alert.expires_on >= today)
    return tuple(sorted(live, key=lambda alert: _ORDER[alert.code]))
