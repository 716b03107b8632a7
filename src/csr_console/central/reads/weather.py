"""The weather of bills: degree days of any period, and how an account's use has followed them."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Any

from sqlalchemy import Connection, bindparam, select

from csr_console.central.tables.billing import bill, bill_segment, degree_day
from csr_console.central.tables.columns import AnyRow
from csr_console.contracts.views.bills import WeatherView
from csr_console.domain.billing.rated import Rated
from csr_console.domain.billing.weather import (
    WEATHER_SERVICES,
    YEARS_BACK,
    DegreeDays,
    MeteredPeriod,
    Response,
    Unexplained,
    response,
)

_DAYS = (
    select(degree_day.c.day, degree_day.c.heating_tenths, degree_day.c.cooling_tenths)
    .where(
        degree_day.c.office == bindparam("office"),
        degree_day.c.day > bindparam("after"),
        degree_day.c.day <= bindparam("until"),
    )
    .order_by(degree_day.c.day)
)
_BILLS = select(bill.c.bill_id).where(
    bill.c.office == bindparam("office"),
    bill.c.account == bindparam("account"),
    bill.c.billed_on >= bindparam("since"),
    bill.c.cancelled_by.is_(None),
    bill.c.last_day < bindparam("until"),
)
_PAST = select(
    bill_segment.c.service,
    bill_segment.c.usage,
    bill_segment.c.unit,
    bill_segment.c.from_read_on,
    bill_segment.c.to_read_on,
).where(
    bill_segment.c.office == bindparam("office"),
    bill_segment.c.bill_id.in_(bindparam("bills", expanding=True)),
    bill_segment.c.service.in_(sorted(WEATHER_SERVICES)),
    bill_segment.c.usage.is_not(None),
    bill_segment.c.estimated == 0,
    bill_segment.c.from_read_on >= bindparam("since"),
)
"""Asked for by the ids of the bills: joined to them, SQLite would look at every segment of the office."""


class Climate:
    """The degree days of an office over some days, asked for once; any period within them is then a look."""

    def __init__(self, connection: Connection, office: str, after: date, until: date) -> None:
        values = {"office": office, "after": after.isoformat(), "until": until.isoformat()}
        rows = connection.execute(_DAYS, values).all()
        self._days = [day for day, _, _ in rows]
        self._heating = [0, *accumulate(heating for _, heating, _ in rows)]
        self._cooling = [0, *accumulate(cooling for _, _, cooling in rows)]

    def over(self, from_read_on: date, to_read_on: date) -> DegreeDays | None:
        """Degree days of the service days between two reads, None when any of them is not known."""
        first = bisect_right(self._days, from_read_on.isoformat())
        last = bisect_right(self._days, to_read_on.isoformat())
        if last - first != (to_read_on - from_read_on).days:
            return None
        heating, cooling = (sums[last] - sums[first] for sums in (self._heating, self._cooling))
        return DegreeDays(Decimal(heating) / 10, Decimal(cooling) / 10)


@dataclass(frozen=True, slots=True)
class Weathered:
    """What the weather of two periods says of their difference; `use` None where nothing is claimed."""

    view: WeatherView | None = None
    use: Decimal | None = None


class AccountWeather:
    """How the use of an account followed the weather over the two years before a bill."""

    def __init__(self, connection: Connection, office: str, row: AnyRow) -> None:
        first_day = date.fromisoformat(row.first_day)
        since = first_day - timedelta(days=366 * YEARS_BACK)
        self._climate = Climate(connection, office, since, date.fromisoformat(row.last_day))
        values: dict[str, Any] = {
            "office": office,
            "account": row.account,
            "since": since.isoformat(),
            "until": first_day.isoformat(),
        }
        bills = connection.execute(_BILLS, values).scalars().all()
        self._past = connection.execute(_PAST, values | {"bills": bills}).all() if bills else []
        self._found: dict[str, Response | Unexplained] = {}

    def between(self, service: str, unit: str, before: Rated, now: Rated) -> Weathered:
        """What the weather accounts for from one segment to the other, where it is known and the service
        follows it."""
        then, later = self._period(before), self._period(now)
        if service not in WEATHER_SERVICES or then is None or later is None:
            return Weathered()
        learnt = self._learnt(service, unit)
        known: Mapping[str, Decimal] = {
            "heating": later.weather.heating,
            "cooling": later.weather.cooling,
            "heating_before": then.weather.heating,
            "cooling_before": then.weather.cooling,
        }
        if isinstance(learnt, Unexplained) or not then.usage:
            why = learnt.reason if isinstance(learnt, Unexplained) else "nothing was used before it"
            return Weathered(WeatherView(**known, why=why))
        part = learnt.change(then, later)
        view = WeatherView(**known, heating_use=part.heating, cooling_use=part.cooling, why=learnt.said(unit))
        return Weathered(view, part.heating + part.cooling)

    def _period(self, rated: Rated) -> MeteredPeriod | None:
        weather = self._climate.over(rated.period.from_read_on, rated.period.to_read_on)
        use = rated.determinants.total()
        return None if weather is None or use is None else MeteredPeriod(rated.period.days, use, weather)

    def _learnt(self, service: str, unit: str) -> Response | Unexplained:
        if service not in self._found:
            periods = []
            for row in self._past:
                first, last = date.fromisoformat(row.from_read_on), date.fromisoformat(row.to_read_on)
                weather = self._climate.over(first, last)
                if (row.service, row.unit) == (service, unit) and weather is not None:
                    periods.append(MeteredPeriod((last - first).days, Decimal(row.usage), weather))
            self._found[service] = response(service, periods)
        return self._found[service]
