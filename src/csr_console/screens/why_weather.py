"""The weather in why a bill differs: which way it went, in words, and the use at the weather of before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from csr_console.contracts.views.bills import CausesView, WeatherView
from csr_console.screens.figures import number

Turn = Literal["hotter", "cooler", "colder", "milder"]
WHOLE = Decimal(1)
_SAID: Mapping[str, Mapping[Turn, tuple[str, str]]] = {
    "en": {
        "hotter": ("It was hotter", "cooling degree days"),
        "cooler": ("It was less hot", "cooling degree days"),
        "colder": ("It was colder", "heating degree days"),
        "milder": ("It was less cold", "heating degree days"),
    },
    "es": {
        "hotter": ("Hizo más calor", "grados-día de refrigeración"),
        "cooler": ("Hizo menos calor", "grados-día de refrigeración"),
        "colder": ("Hizo más frío", "grados-día de calefacción"),
        "milder": ("Hizo menos frío", "grados-día de calefacción"),
    },
}
_LENGTHS = {
    "en": ("{} {} against {}", "{} {} in {} days against {} in {}"),
    "es": ("{} {} contra {}", "{} {} en {} días contra {} en {}"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """Which way the weather went for a service, and the degree days of that kind in both periods."""

    turn: Turn
    now: Decimal
    before: Decimal
    days: int
    days_before: int

    def sentence(self, language: str) -> str:
        """`It was hotter: 312 cooling degree days against 241.`; periods of unequal length name theirs."""
        how, kind = _SAID[language][self.turn]
        alike, unlike = _LENGTHS[language]
        now, before = (number(one.quantize(WHOLE)) for one in (self.now, self.before))
        if self.days == self.days_before:
            said = alike.format(now, kind, before)
        else:
            said = unlike.format(now, kind, self.days, before, self.days_before)
        return f"{how}: {said}."


def tell(cause: CausesView) -> Told | None:
    """The kind of weather that moved the use of a service most; None where nothing is claimed."""
    weather = cause.weather
    if weather is None or weather.heating_use is None or weather.cooling_use is None:
        return None
    if abs(weather.cooling_use) >= abs(weather.heating_use):
        turn: Turn = "hotter" if weather.cooling_use >= 0 else "cooler"
        return Told(turn, weather.cooling, weather.cooling_before, cause.days, cause.days_before)
    turn = "colder" if weather.heating_use >= 0 else "milder"
    return Told(turn, weather.heating, weather.heating_before, cause.days, cause.days_before)


def normalised(cause: CausesView) -> Decimal | None:
    """Use a day of the bill as it would be at the weather of before, None where that is not known."""
    weather = cause.weather
    if cause.usage is None or cause.days <= 0 or weather is None:
        return None
    if weather.heating_use is None or weather.cooling_use is None:
        return None
    return (cause.usage - weather.heating_use - weather.cooling_use) / cause.days


def both(weather: WeatherView) -> str:
    """`241 cooling, 3 heating degree days then, 312 and 0 now`."""
    now = [number(one.quantize(WHOLE)) for one in (weather.cooling, weather.heating)]
    then = [number(one.quantize(WHOLE)) for one in (weather.cooling_before, weather.heating_before)]
    return f"{then[0]} cooling, {then[1]} heating degree days then, {now[0]} and {now[1]} now"
