"""Electric rates of the OpenEI utility rate database (version 7 fields) as the text of a tariff book.

What comes out is a book like any other: an analyst reads it, corrects it and keeps it. What the book cannot
say is refused, never left out in silence.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from csr_console.contracts.tariff.urdb_periods import calendar_table, month_lists
from csr_console.contracts.tariff.writer import Toml, figure, write_book
from csr_console.domain.text import clean_line

URDB_LIMIT = 20_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CLASSES = {"Residential": "residential", "Commercial": "commercial", "Industrial": "industrial"}
_WIDTHS = {"kwh": "cycle", "kwh daily": "day", "kwh/kw": "kW"}
_REFUSED = {
    "coincidentratestructure": "demand at the hour of the utility's own peak",
    "coincidentsched": "demand at the hour of the utility's own peak",
    "demandreactivepowercharge": "reactive power without an allowance",
    "annualmincharge": "a minimum for the whole year",
}
_NOTED = {
    "fixedchargeeaaddl": "a fixed charge for each additional meter",
    "peakkwhusagemin": "a least use for those it is for",
    "peakkwhusagemax": "a greatest use for those it is for",
}
_PER = {"$/month": "month", "$/day": "day", "$/year": "year"}


@dataclass(frozen=True, slots=True)
class UrdbImport:
    """The text of a book with one schedule, or why not; notes say what an analyst should look at."""

    text: str | None
    mistakes: tuple[str, ...]
    notes: tuple[str, ...] = ()


class _Unsupported(Exception):
    """Something the book cannot say, with its sentence."""


@dataclass(slots=True)
class _Rate:
    item: Mapping[str, Any]
    citation: str
    status: str
    since: str
    components: list[Toml] = field(default_factory=list)
    calendars: list[Toml] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def component(self, name: str, kind: str, label: str, group: str, version: Toml, **table: Any) -> None:
        dated = {"from": self.since, **version, "citation": self.citation, "status": self.status}
        self.components.append(
            {"id": name, "kind": kind, "label": label, "group": group, **table, "version": [dated]}
        )


def import_urdb(text: str, label: str = "") -> UrdbImport:
    """The rate with a label, or the only one, of a response in JSON (`items`) or of one item by itself.

    Nothing is raised. Figures are taken digit by digit, never through a float.
    """
    if len(text) > URDB_LIMIT:
        return UrdbImport(None, (f"The file is longer than {URDB_LIMIT:,} characters.",))
    try:
        document = json.loads(text, parse_float=Decimal, parse_int=Decimal)
        item = _chosen(document, label)
        rate = _described(item)
        _refuse_unsupported(item)
        for part in (_fixed, _energy, _fuel, _flat_demand, _demand, _minimum):
            part(rate)
        return UrdbImport(write_book(_book(rate)), (), tuple(rate.notes))
    except (json.JSONDecodeError, RecursionError) as error:
        return UrdbImport(None, (f"The file is no JSON: {clean_line(str(error))}.",))
    except _Unsupported as error:
        return UrdbImport(None, (str(error),))
    except (KeyError, TypeError, IndexError, AttributeError, ArithmeticError, ValueError) as error:
        return UrdbImport(None, (f"The rate is not as version 7 describes it: {clean_line(repr(error))}.",))


def _chosen(document: Any, label: str) -> Mapping[str, Any]:
    items = document["items"] if isinstance(document, Mapping) and "items" in document else [document]
    found = [item for item in items if not label or item.get("label") == label]
    if len(found) != 1:
        labels = ", ".join(clean_line(str(item.get("label"))) for item in items[:10])
        raise _Unsupported(f"Name one of the {len(items)} rates by its label: {labels}.")
    if not isinstance(found[0], Mapping):
        raise _Unsupported("The file holds no rate.")
    return found[0]


def _described(item: Mapping[str, Any]) -> _Rate:
    utility = clean_line(str(item.get("utility", "")), limit=100) or "unknown utility"
    name = clean_line(str(item.get("name", "")), limit=100) or "unnamed rate"
    source = clean_line(str(item.get("source") or item.get("uri") or ""), limit=300)
    label = clean_line(str(item.get("label", "")), limit=60)
    citation = f"OpenEI utility rate database, {utility}, {name}, {label}, {source}".rstrip(", ")
    since = "2000-01-01"
    notes = []
    if item.get("startdate") is not None:
        since = (_EPOCH + timedelta(seconds=int(item["startdate"]))).date().isoformat()
    else:
        notes.append(f"The rate has no start date: {since} stands in.")
    if any(tier.get("sell") for period in item.get("energyratestructure", []) for tier in period):
        notes.append("Prices for energy sold back are left out: the book bills what is delivered.")
    notes += [
        f"The rate has {what} ({key}), which is not in the book."
        for key, what in _NOTED.items()
        if item.get(key)
    ]
    status = "verified" if item.get("approved") else "unverified"
    return _Rate(item, citation, status, since, notes=notes)


def _refuse_unsupported(item: Mapping[str, Any]) -> None:
    for key, what in _REFUSED.items():
        if item.get(key):
            raise _Unsupported(f"The rate has {what} ({key}), which a tariff book does not say.")
    if any(item.get("demandratchetpercentage") or ()):
        raise _Unsupported(
            "The rate has a ratchet by month (demandratchetpercentage) without the months it looks back: "
            "write ratchet_percent and ratchet_months by hand."
        )
    if item.get("lookbackmonths") and not all(item["lookbackmonths"]):
        raise _Unsupported("The rate looks back at some months only (lookbackmonths): write it by hand.")


def _fixed(rate: _Rate) -> None:
    item = rate.item
    price = item.get("fixedchargefirstmeter", item.get("fixedmonthlycharge"))
    if price:
        per = _per(item.get("fixedchargeunits", "$/month"))
        rate.component("FIXED", "fixed", "Customer charge", "customer", {"price": figure(price), "per": per})


def _per(unit: str) -> str:
    if unit not in _PER:
        raise _Unsupported(f"A charge is in {clean_line(str(unit))}, not in {', '.join(_PER)}.")
    return _PER[unit]


def _energy(rate: _Rate) -> None:
    structure = rate.item.get("energyratestructure")
    if not structure:
        return
    widths = {_width(tier) for period in structure for tier in period}
    if len(widths) > 1:
        raise _Unsupported("The tiers of energy are in several units: write them by hand.")
    width = {"width_per": widths.pop()} if any(len(period) > 1 for period in structure) else {}
    if len(structure) == 1:
        tiers = _tiers(rate, structure[0])
        version: Toml = {"price": tiers[0]["price"]} if len(tiers) == 1 else {"tier": tiers, **width}
        kind = "flat" if len(tiers) == 1 else "block"
        rate.component("ENERGY", kind, "Energy", "energy", version, unit="kWh")
        return
    _calendar(rate, "ENERGY", "energy", len(structure))
    periods = [_period(rate, index, period) for index, period in enumerate(structure)]
    version = {"calendar": "ENERGY", "period": periods, "tiers_of": "total", **width}
    rate.component("ENERGY", "time-of-use", "Energy", "energy", version, unit="kWh")


def _width(tier: Mapping[str, Any]) -> str:
    unit = str(tier.get("unit", "kWh")).lower()
    if unit not in _WIDTHS:
        raise _Unsupported(f"A tier of energy is in {clean_line(unit)}, not in kWh, kWh daily or kWh/kW.")
    return _WIDTHS[unit]


def _calendar(rate: _Rate, name: str, prefix: str, periods: int) -> None:
    item = rate.item
    table = calendar_table(name, periods, item[f"{prefix}weekdayschedule"], item[f"{prefix}weekendschedule"])
    rate.calendars.append({**table, "citation": rate.citation, "status": rate.status})


def _period(rate: _Rate, index: int, tiers: Sequence[Mapping[str, Any]]) -> Toml:
    written = _tiers(rate, tiers)
    name = f"P{index + 1}"
    return {"id": name, "price": written[0]["price"]} if len(written) == 1 else {"id": name, "tier": written}


def _tiers(rate: _Rate, tiers: Sequence[Mapping[str, Any]]) -> list[Toml]:
    """Tiers with both bounds; rate and adjustment are one price."""
    over = Decimal(0)
    written: list[Toml] = []
    for index, tier in enumerate(tiers):
        row: Toml = {"over": figure(over)}
        last = index == len(tiers) - 1
        if not last:
            over = Decimal(tier["max"])
            row["up_to"] = figure(over)
        elif tier.get("max") is not None:
            rate.notes.append(f"The last tier ends at {figure(tier['max'])}: it is open here.")
        row["price"] = figure(Decimal(tier.get("rate", 0)) + Decimal(tier.get("adj", 0)))
        written.append(row)
    return written


def _fuel(rate: _Rate) -> None:
    """Monthly fuel adjustments, one rider for each price."""
    prices = rate.item.get("fueladjustmentsmonthly")
    for number, (price, months) in enumerate(month_lists(prices or ()), 1):
        if price:
            rate.component(
                f"FUEL-{number}", "flat", "Fuel adjustment", "fuel", {"price": figure(price)},
                unit="kWh", rider=True, months=months,
            )  # fmt: skip


def _flat_demand(rate: _Rate) -> None:
    structure = rate.item.get("flatdemandstructure")
    if not structure:
        return
    _kilowatts(rate.item.get("flatdemandunit"), structure)
    lists = month_lists(rate.item.get("flatdemandmonths") or [Decimal(0)] * 12)
    for index, months in lists:
        tiers = _tiers(rate, structure[int(index)])
        version: Toml = {"price": tiers[0]["price"]} if len(tiers) == 1 else {"tier": tiers}
        table = {"months": months} if len(lists) > 1 else {}
        name = f"DEMAND-{int(index) + 1}" if len(lists) > 1 else "DEMAND"
        rate.component(name, "demand", "Demand", "demand", {**version, **_ratchet(rate)}, **table)


def _demand(rate: _Rate) -> None:
    structure = rate.item.get("demandratestructure")
    if not structure:
        return
    _kilowatts(rate.item.get("demandunits"), structure)
    _calendar(rate, "DEMAND-TOU", "demand", len(structure))
    periods = [_period(rate, index, period) for index, period in enumerate(structure)]
    version = {"calendar": "DEMAND-TOU", "period": periods, **_ratchet(rate)}
    rate.component("DEMAND-TOU", "demand", "Demand", "demand", version)


def _kilowatts(unit: object, structure: Sequence[Sequence[Mapping[str, Any]]]) -> None:
    for name in (unit, *(tier.get("unit") for period in structure for tier in period)):
        if name is not None and str(name).lower() != "kw":
            raise _Unsupported(f"Demand is in {clean_line(str(name))}, not in kW.")


def _ratchet(rate: _Rate) -> Toml:
    percent, months = rate.item.get("lookbackpercent"), rate.item.get("lookbackrange")
    if not percent or not months:
        return {}
    return {"ratchet_percent": figure(Decimal(percent) * 100), "ratchet_months": int(months)}


def _minimum(rate: _Rate) -> None:
    """The least of a bill: on everything else."""
    item = rate.item
    price = item.get("mincharge", item.get("minmonthlycharge"))
    if price:
        version = {
            "of": _ids(rate),
            "price": figure(price),
            "per": _per(item.get("minchargeunits", "$/month")),
        }
        rate.component("MINIMUM", "minimum", "Minimum charge", "minimum", version)


def _ids(rate: _Rate) -> list[str]:
    if not rate.components:
        raise _Unsupported("The rate charges for nothing.")
    return [component["id"] for component in rate.components]


def _book(rate: _Rate) -> Iterator[tuple[str, Toml]]:
    item = rate.item
    name = clean_line(str(item.get("name") or "unnamed rate"), limit=200)
    utility = clean_line(str(item.get("utility") or "unknown utility"), limit=200)
    cited = {"citation": rate.citation, "status": rate.status}
    yield "book", {"id": "urdb", "name": name, "jurisdiction": utility, "rounding": "line-half-up"}
    yield "proration", {"id": "URDB", "fixed": "full", "tiers": "full", **cited}
    yield from (("calendar", table) for table in rate.calendars)
    yield from (("component", table) for table in rate.components)
    schedule: Toml = {
        "id": "URDB",
        "name": name,
        "service": "electric",
        "class": _CLASSES.get(str(item.get("sector")), "other"),
        "eligibility": clean_line(str(item.get("description") or ""), limit=900)
        or "As the utility describes it.",
        "unit": "kWh",
        "from": rate.since,
        "proration": "URDB",
        "components": _ids(rate),
    }
    limits = {
        key: figure(item[name])
        for key, name in (("demand_over", "peakkwcapacitymin"), ("demand_up_to", "peakkwcapacitymax"))
        if item.get(name)
    }
    if limits:
        schedule["limits"] = limits
    if item.get("enddate") is not None:
        ends = (_EPOCH + timedelta(seconds=int(item["enddate"]))).date()
        schedule["to"] = ends.isoformat()
    yield "schedule", schedule
