"""The ribbon: the most harmful first, and nothing that is over."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csr_console.domain.accounts.alerts import ALERT_KINDS, Alert, alert_kind, in_ribbon_order, is_alert_code

TODAY = date(2026, 8, 30)
CODES = [kind.code for kind in ALERT_KINDS]


def test_the_order_of_harm() -> None:
    assert CODES == [
        "safety", "life_support", "bankruptcy_stay", "fraud_hold", "cut_pending", "cash_only", "dispute",
        "arrangement", "deposit_due", "employee", "language", "leave_on", "loan", "exemption_expiring",
        "tamper", "jurisdiction_mismatch", "outage_here",
    ]  # fmt: skip


def test_every_kind_has_a_word_a_glyph_and_an_owner_of_its_own() -> None:
    assert all(kind.label and kind.owner and len(kind.glyph) == 1 for kind in ALERT_KINDS)
    assert len({kind.glyph for kind in ALERT_KINDS}) == len(ALERT_KINDS)


def test_medical_need_is_never_named() -> None:
    """The condition is health data: the desk says "priority M" (F.S. 366.15)."""
    assert alert_kind("life_support").label == "Priority M"


@given(st.permutations([Alert(code) for code in CODES]))
def test_any_order_becomes_the_order_of_harm(alerts: list[Alert]) -> None:
    assert [alert.code for alert in in_ribbon_order(alerts, TODAY)] == CODES


@pytest.mark.parametrize(("days", "live"), [(1, True), (0, True), (-1, False)])
def test_an_alert_holds_through_its_last_day(days: int, live: bool) -> None:
    alert = Alert("cut_pending", TODAY + timedelta(days=days))
    assert bool(in_ribbon_order([alert], TODAY)) is live


def test_an_unknown_code() -> None:
    assert not is_alert_code("vip")
    with pytest.raises(KeyError):
        alert_kind("vip")
