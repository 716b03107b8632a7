"""Views of one customer with all seven services, rated by the book that ships."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from csr_console.central.tariffs import get_book
from csr_console.contracts.views.accounts import AccountView, BalanceView, ContactView, RosterEntry
from csr_console.contracts.views.bills import (
    ArrangementView,
    BillingView,
    BillLine,
    BillView,
    InstallmentView,
    MovementView,
    ReadView,
    SegmentView,
    UseMonth,
)
from csr_console.domain.billing.rated import Rated
from csr_console.domain.tariff.determinants import Determinants, ServicePeriod

ACCOUNT = "4410239907"
BILLED_ON = date(2026, 9, 8)
PREMISE = {
    "location": "inside",
    "phase": "1",
    "dwelling_units": Decimal(1),
    "impervious_sqft": Decimal(1990),
    "building_sqft": Decimal(1800),
    "fire_zone": "1",
}
SCHEDULES = {
    "electric": ("E-RES", "1182", "kWh"),
    "water": ("W-RES", "6400", "gal"),
    "gas": ("G-RES", "22", "CCF"),
    "sewer": ("S-RES", "6400", ""),
    "solid_waste": ("T-RES", "", ""),
    "stormwater": ("D-RES", "", ""),
    "fire_fee": ("F-RES", "", ""),
}
METERS = {"electric": "E1182204", "water": "W0922817", "gas": "G0301928"}


def uuid_of(number: int) -> UUID:
    return UUID(int=number)


@cache
def segments(*, estimated: bool = False) -> list[SegmentView]:
    book = get_book("tallahassee")
    found = []
    for schedule, usage, _ in SCHEDULES.values():
        rated = Rated(
            book,
            schedule,
            ServicePeriod(BILLED_ON - timedelta(days=34), BILLED_ON - timedelta(days=4)),
            Determinants(usage=Decimal(usage) if usage else None, estimated=estimated and bool(usage)),
            BILLED_ON,
            PREMISE,
        )
        found.append(SegmentView.of(rated.segment()))
    return found


def bill_line(parts: list[SegmentView], **given: Any) -> BillLine:
    values: dict[str, Any] = {
        "bill_id": uuid_of(7),
        "number": 200417,
        "billed_on": BILLED_ON,
        "due_on": BILLED_ON + timedelta(days=21),
        "first_day": min(part.first_day for part in parts),
        "last_day": max(part.last_day for part in parts),
        "total_cents": sum(part.total_cents for part in parts),
        "estimated": any(part.estimated for part in parts),
        "cancelled": False,
        "replaces": None,
        "services": [(part.service, part.total_cents) for part in parts],
    }
    return BillLine.model_validate(values | given)


def bill_view(*, estimated: bool = False, **given: Any) -> BillView:
    parts = segments(estimated=estimated)
    reads = [
        ReadView(
            service=service,
            meter=METERS[service],
            from_on=BILLED_ON - timedelta(days=34),
            to_on=BILLED_ON - timedelta(days=4),
            usage=Decimal(SCHEDULES[service][1]),
            unit=SCHEDULES[service][2],
            estimated=estimated,
        )
        for service in METERS
    ]
    line = bill_line(parts, **given)
    return BillView(account=ACCOUNT, bill=line, segments=parts, reads=reads, causes=[])


def use() -> list[UseMonth]:
    """Fifteen months of three services, the newest first; the fourth back was estimated."""
    found = []
    for back in range(15):
        last_day = BILLED_ON - timedelta(days=4 + 30 * back)
        for service, (_, usage, unit) in SCHEDULES.items():
            if service in METERS:
                found.append(
                    UseMonth(
                        service=service,
                        last_day=last_day,
                        days=30,
                        usage=Decimal(usage) - back,
                        unit=unit,
                        estimated=back == 3,
                        cents=10_000 + back,
                    )
                )
    return found


def movement(number: int, kind: str, cents: int, balance: int, text: str) -> MovementView:
    on = BILLED_ON - timedelta(days=10 * (8 - number))
    values = {"entry_id": uuid_of(number), "kind": kind, "on": on, "text": text, "cents": cents}
    posted = datetime(on.year, on.month, on.day, 16, tzinfo=UTC)
    bill = uuid_of(number) if kind == "bill" else None
    return MovementView.model_validate(values | {"balance_cents": balance, "posted_at": posted, "bill": bill})


def arrangement() -> ArrangementView:
    days = [date(2026, 9, 22), date(2026, 10, 22), date(2026, 11, 21)]
    return ArrangementView(
        arrangement_id=uuid_of(11),
        agreed_on=BILLED_ON,
        agreed_by="j.doe",
        state="active",
        total_cents=42_318,
        installments=[
            InstallmentView(number=number, due_on=day, cents=14_106, paid_cents=5_000 if number == 1 else 0)
            for number, day in enumerate(days, start=1)
        ],
        broken_on=date(2026, 9, 26),
    )


def billing_view(**given: Any) -> BillingView:
    newest = bill_view()
    total = newest.bill.total_cents
    movements = [
        movement(7, "bill", total, 20_000 + total, f"Bill 200417, {BILLED_ON}"),
        movement(6, "payment", -11_000, 20_000, "R-2026-004711, check"),
        movement(5, "late_charge", 1_000, 31_000, "Late charge"),
    ]
    values: dict[str, Any] = {
        "account": ACCOUNT,
        "on": BILLED_ON,
        "balance_cents": 20_000 + total,
        "overdue_cents": 20_000,
        "bills": [newest.bill],
        "movements": movements,
        "use": use(),
        "arrangement": arrangement(),
        "newest": newest,
    }
    return BillingView.model_validate(values | given)


def account_view(
    name: str = "Peter Nuñez", language: str = "en", mailing: str = "PO Box 90210", **given: Any
) -> AccountView:
    entry = RosterEntry.model_validate(
        {
            "account": ACCOUNT,
            "name": name,
            "kind": "residential",
            "status": "active",
            "language": language,
            "premise": "P0012345",
            "service_address": "1204 W Pensacola St Apt 3",
            "zip": "32304",
            "phones": ["8505550142"],
            "meters": list(METERS.values()),
            "electric_state": "connected",
            "supply_point": None,
            "device": None,
            "critical": "",
            "flags": [],
            "version": 1,
        }
    )
    contact = ContactView(
        mailing_street=mailing,
        mailing_city="Tallahassee",
        mailing_state="FL",
        mailing_zip="32315",
        language=language,
        version=1,
    )
    balance = BalanceView(
        balance_cents=0,
        on=BILLED_ON,
        age_0_30_cents=0,
        age_31_60_cents=0,
        age_61_90_cents=0,
        age_over_90_cents=0,
        due_on=None,
        cut_on=None,
        last_payment_cents=None,
        last_payment_on=None,
    )
    values: dict[str, Any] = {
        "entry": entry,
        "since_on": None,
        "contact": contact,
        "services": [],
        "balance": balance,
        "alerts": [],
        "timeline": [],
        "open_report": None,
        "others": [],
        "version": 1,
    }
    return AccountView.model_validate(values | given)
