"""The bills of a customer in hostile words, as an older or a broken central might give them."""

from typing import Any

NOW = "2026-08-30T14:02:00Z"
BILL = "0198f2b4-0000-7000-8000-00000000b111"
BEFORE = "0198f2b4-0000-7000-8000-00000000b110"


def hostile_bill(account: str, text: str) -> dict[str, Any]:
    """A bill whose every word is the text."""
    why = {
        "rule": text, "policy": text, "citation": text, "status": "unverified", "inputs": [[text, text]],
        "arithmetic": text,
    }  # fmt: skip
    line = {
        "kind": "charge", "component": text, "part": text, "label": text, "group": text,
        "first_day": "2026-08-01", "last_day": "2026-08-30", "quantity": "903", "unit": text,
        "price": "0.07", "amount_cents": 6321, "why": why,
    }  # fmt: skip
    segment = {
        "book": text, "book_digest": text, "schedule": text, "service": text, "first_day": "2026-08-01",
        "last_day": "2026-08-30", "days": 30, "estimated": True, "unverified": True, "lines": [line],
        "notices": [text], "charges_cents": 6321, "taxes_cents": 0, "total_cents": 6321,
    }  # fmt: skip
    read = {
        "service": text, "meter": text, "from_on": "2026-07-31", "to_on": "2026-08-30", "usage": "903",
        "unit": text, "estimated": True,
    }  # fmt: skip
    cause = {
        "against": "previous", "service": text, "bill_id": BEFORE, "from_day": "2026-07-02",
        "to_day": "2026-07-31", "days": 30, "days_before": 30, "usage": "903", "usage_before": "800",
        "days_cents": 0, "use_cents": 700, "rate_cents": 10, "fuel_cents": -5, "taxes_cents": 1,
        "total_cents": 706,
    }  # fmt: skip
    asked = {
        "strategy": text, "plan_month": 5, "asked_cents": 5000, "rule": text, "arithmetic": text,
        "citation": text, "next_cents": 5100, "deferred_cents": 1321, "balance_cents": 6321, "notice": text,
    }  # fmt: skip
    return {
        "account": account, "bill": _line(BILL, 1002, text), "segments": [segment], "reads": [read],
        "causes": [cause], "budget": asked,
    }  # fmt: skip


def _line(bill: str, number: int, text: str) -> dict[str, Any]:
    return {
        "bill_id": bill, "number": number, "billed_on": "2026-08-30", "due_on": "2026-09-20",
        "first_day": "2026-08-01", "last_day": "2026-08-30", "total_cents": 6321, "estimated": True,
        "cancelled": False, "replaces": None, "services": [[text, 6321]],
    }  # fmt: skip


def hostile_budget(text: str) -> dict[str, Any]:
    """An account on a budget plan whose every word is the text."""
    plan = {
        "plan_id": BEFORE, "strategy": text, "state": "active", "started_on": "2026-03-01",
        "agreed_by": text, "plan_month": 5, "amount_cents": 5100, "rule": text, "arithmetic": text,
        "citation": text, "due_cents": 5000, "due_on": "2026-09-20", "deferred_cents": 1321, "missed": 1,
        "notice": text, "ended_why": text,
    }  # fmt: skip
    return {"past_due_cents": 0, "bills_cents": [6321], "of_premise": False, "plan": plan}


def found_body(account: str, text: str) -> dict[str, Any]:
    """What a run found, in the words of the text."""
    return {
        "run": text, "account": account, "name": text, "service_address": text, "service": text, "code": text,
        "sentence": text, "found_on": "2026-08-30", "settled_by": text, "reason": text, "version": 1,
        "meter": text, "last_read_on": "2026-08-01", "last_value": text,
    }  # fmt: skip


def hostile_billing(account: str, text: str) -> dict[str, Any]:
    """The history of an account whose every word is the text."""
    movement = {
        "entry_id": "0198f2b4-0000-7000-8000-00000000e001", "kind": "adjustment", "on": "2026-08-30",
        "posted_at": NOW, "text": text, "cents": -100, "balance_cents": 6221, "bill": None,
    }  # fmt: skip
    use = {
        "service": text, "last_day": "2026-08-30", "days": 30, "usage": "903", "unit": text,
        "estimated": True, "cents": 6321,
    }  # fmt: skip
    return {
        "account": account, "on": "2026-08-30", "balance_cents": 6221, "overdue_cents": 0,
        "bills": [_line(BILL, 1002, text), _line(BEFORE, 1001, text)], "movements": [movement],
        "use": [use], "arrangement": None, "newest": hostile_bill(account, text),
        "budget": hostile_budget(text),
    }  # fmt: skip
