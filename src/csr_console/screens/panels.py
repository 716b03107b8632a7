"""The fixed cells of the workspace: who it is, what they owe, what they are served with.

Every function gives the lines of one panel for a width; a value is cut, never wrapped, so that nothing below
it ever moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from textual.content import Content

from csr_console.contracts.views.accounts import AccountView, BalanceView, ServiceView
from csr_console.domain.accounts.alerts import alert_kind
from csr_console.domain.accounts.verification import Level, still_holds
from csr_console.domain.text import clean_line
from csr_console.screens.budget_words import panel_line, plan_in_force
from csr_console.screens.customers import Customer
from csr_console.screens.format import as_of, day, hhmm, moment_on, money, near_day, phone, words
from csr_console.widgets.cells import fit
from csr_console.widgets.ribbon import RibbonItem

DIM, OK, WARN, ERROR = "$tone-dim", "$tone-ok", "$tone-warn", "$tone-error"
BADGES = ("○", "◔", "◑", "●")
"""The levels L0 to L3 as a circle that fills."""
NEXT_LEVEL = (
    "balance needs L1",
    "changes need L2",
    "stop needs L3",
    "",
)
STATES = {
    "connected": ("●", "connected", OK),
    "nonpay": ("⊘", "cut, non-pay", ERROR),
    "disconnected": ("○", "disconnected", WARN),
}
CODES = {
    "safety": "SAFE",
    "life_support": "PRIO-M",
    "bankruptcy_stay": "BKY",
    "fraud_hold": "FRAUD",
    "cut_pending": "CUT",
    "cash_only": "CASH",
    "dispute": "DISP",
    "arrangement": "ARR",
    "deposit_due": "DEP",
    "employee": "EMP",
    "language": "ES",
    "leave_on": "LEAVE",
    "loan": "LOAN",
    "exemption_expiring": "TAX",
    "tamper": "TAMP",
    "jurisdiction_mismatch": "JUR",
    "outage_here": "OUT",
}
"""The alert codes as they stand on the ribbon; medical need is priority M, never a condition."""
LANGUAGES = {"en": "English", "es": "Spanish"}


def level_now(view: AccountView | None, now: datetime) -> Level:
    """The level this clerk has established with this caller and that still holds."""
    if view is None or not still_holds(view.verified_at, now):
        return Level.L0
    return Level(view.verified_level)


def badge(view: AccountView | None, now: datetime) -> Content:
    """The verification badge: `◔ L1 verified 14:02 · changes need L2`."""
    level = level_now(view, now)
    at = view.verified_at if view else None
    said = f"verified {hhmm(at)}" if level and at else "not verified"
    tone = OK if level >= Level.L2 else "$tone-info" if level else WARN
    parts: list[str | tuple[str, str]] = [(f"{BADGES[level]} {level.name} {said}", f"bold {tone}")]
    if NEXT_LEVEL[level]:
        parts.append((f" · {NEXT_LEVEL[level]}", DIM))
    return Content.assemble(*parts)


def identity(customer: Customer, now: datetime, *, tall: bool) -> list[Content]:
    """Name, address, account, badge, phones, e-mail; `tall` adds mailing address, since, other accounts."""
    entry, view = customer.entry, customer.view
    speaks = f" · {LANGUAGES[entry.language]}" if entry.language != "en" else ""
    kind = f"{entry.account} · {entry.status}{speaks} · {entry.kind}"
    lines = [
        Content.styled(clean_line(entry.name), "bold"),
        Content(clean_line(f"{entry.service_address} {entry.zip}")),
        Content.styled(kind, DIM) if entry.status == "active" else Content.styled(kind, WARN),
        badge(view, now),
        _phones(customer),
        _email(customer),
    ]
    if tall:
        lines += _more_identity(view)
    return lines


def _phones(customer: Customer) -> Content:
    view = customer.view
    if view is None:
        return Content(" · ".join(phone(digits) for digits in customer.entry.phones) or "no phone on file")
    shown = [
        _mark(name, phone(digits), customer)
        for name, digits in (("phone_1", view.contact.phone_1), ("phone_2", view.contact.phone_2))
        if digits
    ]
    return Content(" · ").join(shown) if shown else Content.styled("no phone on file", DIM)


def _email(customer: Customer) -> Content:
    view = customer.view
    if view is None or not view.contact.email:
        return Content.styled("no e-mail on file" if view else "", DIM)
    return _mark("email", clean_line(view.contact.email), customer)


def _mark(name: str, text: str, customer: Customer) -> Content:
    """A value, marked while the change that set it waits in the queue."""
    if customer.viewed and name in customer.viewed.pending_fields:
        return Content.assemble(text, (" ◌ waiting", WARN))
    return Content(text)


def _more_identity(view: AccountView | None) -> list[Content]:
    if view is None:
        return []
    contact = view.contact
    place = " ".join(filter(None, (contact.mailing_city, contact.mailing_state, contact.mailing_zip)))
    mailing = clean_line(", ".join(filter(None, (contact.mailing_street, place))))
    lines = [
        Content.assemble(("mail  ", DIM), mailing or "same as the service address"),
        Content.assemble(("since ", DIM), day(view.since_on)),
    ]
    also = (f"{item.account} {clean_line(item.service_address)} ({item.status})" for item in view.others[:3])
    return [*lines, *(Content.assemble(("also  ", DIM), other) for other in also)]


def balance(customer: Customer, now: datetime) -> list[Content]:
    """The balance forward with its date and ages, due and cut dates, the last payment, the age of it all."""
    if customer.view is None and customer.reading:
        return [Content.styled("Balance  … reading it from central", DIM)]
    if customer.view is None or customer.viewed is None:
        return [
            Content.styled("Balance is not on this desk", WARN),
            Content("This account was never opened here."),
            Content("It is read when the network is back."),
            Content(""),
            Content(""),
            _freshness(customer, now),
        ]
    held = customer.view.balance
    plan = plan_in_force(customer.view.budget)
    return [
        panel_line(plan, held) if plan else _owed(held),
        Content.styled(f"{'0–30':>9}{'31–60':>9}{'61–90':>9}{'over 90':>9}", DIM),
        _ages(held),
        _dates(held, now),
        _last_payment(held),
        _freshness(customer, now),
    ]


def _owed(held: BalanceView) -> Content:
    overdue = held.balance_cents - held.age_0_30_cents
    tone = OK if held.balance_cents <= 0 else WARN if overdue > 0 else "bold"
    return Content.assemble(
        ("Balance  ", DIM), (money(held.balance_cents), f"bold {tone}" if tone != "bold" else tone),
        (f"  on {day(held.on)}", DIM),
    )  # fmt: skip


def _ages(held: BalanceView) -> Content:
    ages = (held.age_0_30_cents, held.age_31_60_cents, held.age_61_90_cents, held.age_over_90_cents)
    return Content.assemble(
        *((f"{money(cents):>9}", DIM if not cents else WARN if age else "") for age, cents in enumerate(ages))
    )


def _dates(held: BalanceView, now: datetime) -> Content:
    today = now.astimezone().date()
    late = held.due_on is not None and held.due_on < today and held.balance_cents > 0
    due = (near_day(held.due_on, today) + (" ! late" if late else ""), WARN if late else "")
    cut = (f"✂ {near_day(held.cut_on, today)}", ERROR) if held.cut_on else ("none", DIM)
    return Content.assemble(("due ", DIM), due, ("  cut ", DIM), cut)


def _last_payment(held: BalanceView) -> Content:
    if held.last_payment_cents is None:
        return Content.styled("no payment on record", DIM)
    paid = f"{money(held.last_payment_cents)} on {day(held.last_payment_on)}"
    return Content.assemble(("paid ", DIM), paid)


def _freshness(customer: Customer, now: datetime) -> Content:
    viewed = customer.viewed
    said = as_of(viewed.as_of, now) if viewed else "roster line only"
    parts: list[str | tuple[str, str]] = [(said, DIM)]
    if customer.refreshed:
        parts.append((f" · {customer.refreshed}", WARN))
    elif viewed and viewed.stale:
        parts.append((" · newer at central", WARN))
    if viewed and viewed.pending:
        parts.append((f" · ◌ {viewed.pending} waiting", WARN))
    return Content.assemble(*parts)


def services(customer: Customer, columns: int, width: int) -> list[Content]:
    """The services with meter and state, in `columns` columns over `width` cells."""
    view = customer.view
    if view is None:
        meters = ", ".join(customer.entry.meters) or "no meter"
        state = customer.entry.electric_state
        glyph, word, tone = STATES[state] if state else ("–", "no electric service", DIM)
        return [Content.assemble((f"{glyph} electric {word}", tone)), Content.styled(f"meters {meters}", DIM)]
    cells = [_service(service, width // columns) for service in view.services]
    rows = -(-len(cells) // columns) if cells else 0
    return [Content("").join(cells[row::rows]) for row in range(rows)]


def _service(service: ServiceView, width: int) -> Content:
    glyph, word, tone = STATES[service.state]
    left = f" {fit(words(service.service), 11)} {fit(service.meter or '–', 8)} "
    return Content.assemble((glyph, tone), left, (fit(word, max(0, width - len(left) - 1)), tone))


def premise(customer: Customer, now: datetime) -> Content:
    """The open report at the premise, or that there is none; the premise and its transformer."""
    entry, view = customer.entry, customer.view
    report = view.open_report if view else None
    if report is None:
        said = Content.styled("◇ no open outage report", DIM)
    else:
        number = f"#{report.number}" if report.number is not None else "waiting to be sent"
        calls = "1 call" if report.calls == 1 else f"{report.calls} calls"
        said = Content.styled(
            f"◆ outage report {number} since {moment_on(report.opened_at, now)}, {calls}", f"bold {WARN}"
        )
    priority = {"MED": " · priority M", "CRIT": " · critical facility", "": ""}[entry.critical]
    place = f"   {entry.premise} · transformer {clean_line(entry.device or 'unknown')}{priority}"
    return Content.assemble(said, (place, DIM))


def alerts(customer: Customer, now: datetime, *, owners: bool) -> list[RibbonItem]:
    """The ribbon in its order; `owners` names who may lift each, where there is room for it."""
    items = []
    for alert in customer.alerts(now):
        kind = alert_kind(alert.code)
        until = f"until {near_day(alert.expires_on, now.astimezone().date())}" if alert.expires_on else ""
        owner = kind.owner if owners else ""
        items.append(RibbonItem(CODES[kind.code], kind.glyph, kind.label, owner, until, kind.blocking))
    return items


def block(lines: Sequence[Content], height: int) -> Content:
    """The lines one below the other, cut to the height of their panel."""
    return Content("\n").join(lines[:height])
