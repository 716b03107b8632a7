"""Why a bill differs from another: its causes, and a sentence to read aloud."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from csr_console.contracts.views.bills import BillingView, BillLine, BillView, CausesView
from csr_console.screens.figures import plain, signed
from csr_console.screens.format import day, words
from csr_console.screens.why_weather import Told, tell
from csr_console.widgets.charts import Step

Against = Literal["previous", "last_year"]
Language = Literal["en", "es"]
CAUSES = ("days", "weather", "use", "rate", "fuel", "taxes")
_MONTHS_ES = ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic")


@dataclass(frozen=True, slots=True)
class Comparison:
    """A bill against another one: its causes by service, and what the services without use came to.

    `before` is None where the other bill is too old for the list.
    """

    against: Against
    now: BillLine
    before: BillLine | None
    causes: tuple[CausesView, ...]

    @property
    def total_cents(self) -> int:
        """The whole difference of the two bills."""
        if self.before is None:
            return sum(cause.total_cents for cause in self.causes)
        return self.now.total_cents - self.before.total_cents

    @property
    def other_cents(self) -> int:
        """The difference of what has no use to compare."""
        return self.total_cents - sum(cause.total_cents for cause in self.causes)

    def cents_of(self, cause: str, service: str = "") -> int:
        """What one cause comes to, over all services or for one."""
        return sum(getattr(one, f"{cause}_cents") or 0 for one in self._of(service))

    def weather(self, service: str = "") -> Told | None:
        """Which way the weather went, for the service that it moved most; None where nothing is claimed."""
        claimed = [one for one in self._of(service) if one.weather_cents is not None]
        return tell(max(claimed, key=lambda one: abs(one.weather_cents or 0))) if claimed else None

    def days(self, service: str = "") -> int | None:
        """By how many days the bill is longer; None where its services differ in that."""
        found = {one.days - one.days_before for one in self._of(service)}
        return found.pop() if len(found) == 1 else None

    def _of(self, service: str) -> list[CausesView]:
        return [one for one in self.causes if not service or one.service == service]

    def amounts(self, service: str = "") -> tuple[int | None, int]:
        """What the other bill and this one came to, in cents; the first None where it is not known."""
        if not service:
            return (self.before.total_cents if self.before else None), self.now.total_cents
        now = sum(cents for name, cents in self.now.services if name == service)
        return now - sum(one.total_cents for one in self._of(service)), now

    def parts(self, service: str = "") -> list[tuple[str, int]]:
        """Every cause with its cents; they sum to the difference."""
        claimed = any(one.weather_cents is not None for one in self._of(service))
        known = [cause for cause in CAUSES if cause != "weather" or claimed]
        found = [(cause, self.cents_of(cause, service)) for cause in known]
        return found if service or not self.other_cents else [*found, ("other", self.other_cents)]


def compare(bill: BillView, view: BillingView | None, against: Against) -> Comparison | None:
    """The bill against the one before it or of a year before; None where there is none to compare with."""
    causes = tuple(one for one in bill.causes if one.against == against)
    if not causes:
        return None
    bills = view.bills if view else []
    before = next((one for one in bills if one.bill_id == causes[0].bill_id), None)
    return Comparison(against, bill.bill, before, causes)


_LABELS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "days": "as many days", "days+1": "1 more day", "days-1": "1 day fewer",
        "days+": "{} more days", "days-": "{} fewer days", "days?": "the number of days",
        "use": "use a day", "use+": "more use a day", "use-": "less use a day",
        "rate": "prices", "rate+": "higher prices", "rate-": "lower prices",
        "fuel": "fuel", "fuel+": "higher fuel price", "fuel-": "lower fuel price",
        "taxes": "taxes", "taxes+": "taxes", "taxes-": "taxes",
        "weather": "weather", "hotter": "hotter weather", "cooler": "less hot weather",
        "colder": "colder weather", "milder": "milder weather",
        "other": "other services", "other+": "other services", "other-": "other services",
        "minus": "minus", "higher": "Your bill is {} higher than the one of {}",
        "lower": "Your bill is {} lower than the one of {}",
        "same": "Your bill comes to as much as the one of {}.",
    },
    "es": {
        "days": "los mismos días", "days+1": "1 día más", "days-1": "1 día menos",
        "days+": "{} días más", "days-": "{} días menos", "days?": "el número de días",
        "use": "consumo por día", "use+": "más consumo por día", "use-": "menos consumo por día",
        "rate": "precios", "rate+": "precios más altos", "rate-": "precios más bajos",
        "fuel": "combustible", "fuel+": "combustible más caro", "fuel-": "combustible más barato",
        "taxes": "impuestos", "taxes+": "impuestos", "taxes-": "impuestos",
        "weather": "el tiempo", "hotter": "más calor", "cooler": "menos calor",
        "colder": "más frío", "milder": "menos frío",
        "other": "otros servicios", "other+": "otros servicios", "other-": "otros servicios",
        "minus": "menos", "higher": "Su factura es {} más alta que la del {}",
        "lower": "Su factura es {} más baja que la del {}",
        "same": "Su factura suma lo mismo que la del {}.",
    },
}  # fmt: skip


def label(
    cause: str, cents: int, days: int | None, language: Language = "en", weather: Told | None = None
) -> str:
    """A cause in words that go with the sign of its cents: `4 more days`, `less use a day`; the weather's go
    with the degree days."""
    known = _LABELS[language]
    if cause == "weather":
        return known[weather.turn if weather and cents else cause]
    if cause == "days":
        if days is None:
            return known["days?"]
        if not days:
            return known["days"]
        sign = "+" if days > 0 else "-"
        return known[f"days{sign}1"] if abs(days) == 1 else known[f"days{sign}"].format(abs(days))
    return known[cause if not cents else f"{cause}{'+' if cents > 0 else '-'}"]


def sentence(found: Comparison, language: Language = "en") -> str:
    """What a clerk can read to the caller: by how much, and what made it so, in the customer's language."""
    known, day_said = _LABELS[language], _spoken_day(found, language)
    total, weather = found.total_cents, found.weather()
    said = [
        " ".join(
            filter(
                None,
                (
                    label(cause, cents, found.days(), language, weather),
                    "" if cents > 0 else known["minus"],
                    plain(cents),
                ),
            )
        )
        for cause, cents in found.parts()
        if cents
    ]
    if not total and not said:
        return known["same"].format(day_said)
    head = known["higher" if total >= 0 else "lower"].format(plain(total), day_said)
    told = f" {weather.sentence(language)}" if weather and found.cents_of("weather") else ""
    return f"{head}: {', '.join(said)}.{told}"


def _spoken_day(found: Comparison, language: Language) -> str:
    on = found.before.billed_on if found.before else found.causes[0].to_day
    if language == "es":
        return f"{on.day} de {_MONTHS_ES[on.month - 1]} de {on.year}"
    return day(on)


def steps(found: Comparison, service: str = "") -> list[Step]:
    """The waterfall from the other bill to this one, for the whole bill or one service."""
    before, now = found.amounts(service)
    parts, days, weather = found.parts(service), found.days(service), found.weather(service)
    begin = now - sum(cents for _, cents in parts) if before is None else before
    return [
        Step(f"then, {_when(found)}", begin, plain(begin), total=True),
        *(Step(label(cause, cents, days, "en", weather), cents, signed(cents)) for cause, cents in parts),
        Step(f"now, {day(found.now.billed_on)}", now, plain(now), total=True),
    ]


def _when(found: Comparison) -> str:
    return day(found.before.billed_on if found.before else found.causes[0].to_day)


def by_service(found: Comparison) -> list[str]:
    """The causes of each service as a table of text; every column sums to its line of the waterfall, and one
    that is nothing for all of them is left out; a dash stands where nothing is claimed."""
    shown = [name for name in CAUSES if any(getattr(one, f"{name}_cents") for one in found.causes)]
    lines = [f"{'':<12}" + "".join(f"{name:>10}" for name in (*shown, "together"))]
    for cause in found.causes:
        cents = [getattr(cause, f"{name}_cents") for name in (*shown, "total")]
        cells = "".join(f"{'–' if one is None else signed(one):>10}" for one in cents)
        lines.append(f"{words(cause.service)[:11]:<12}{cells}")
    if found.other_cents:
        lines.append(f"{'other':<12}{signed(found.other_cents):>{10 * len(shown) + 10}}")
    return lines
