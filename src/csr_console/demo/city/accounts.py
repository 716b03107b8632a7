"""The customers' side of the demo city: who has an account, which services, what is owed, which alerts.

About 1.5 % are cut for non-pay, a tenth is behind with a bill, a few per cent have an arrangement and half a
per cent a medical certificate: enough of each to meet them in an hour's work.
"""

from collections import deque
from collections.abc import Iterator
from datetime import date, timedelta

from csr_console.contracts.imports import ALERT_CODES
from csr_console.demo.city.chance import stream
from csr_console.demo.city.morphemes import words
from csr_console.demo.city.names import Person, full_name, person
from csr_console.demo.city.premises import CALLER_NUMBER, CALLER_STREET, Site
from csr_console.domain.ids import damm_digit

AREA_CODES = words(
    """850 904 352 386 407 321 813 727 941 239 863 772 561 954 305 786 689 754 656 728 448 645 324"""
)
_ROWS_OF_EIGHT_DIGITS = 90_000_000
_CALLER_SERIAL = 48_277
_STRIDE = 7_654_321
"""Coprime to the ninety million numbers with a first digit from 1 to 9: serials never meet twice."""

_TRADES = words(
    """Bakery Barber Books Cafe Cleaners Clinic Computers Dental Diner Electric Florist Gallery Garage Grill
    Grocery Hardware Insurance Jewelers Laundromat Market Music Nursery Optical Pharmacy Plumbing Printing
    Realty Salon Seafood Studio Supply Tailors Tax Tire Towing Travel Veterinary"""
)
_ENDINGS = ("LLC", "Inc.", "Co.", "& Sons", "PA", "")
_PLACES = (
    ("Tampa", "FL", "33602"), ("Orlando", "FL", "32801"), ("Mobile", "AL", "36602"),
    ("Atlanta", "GA", "30303"), ("Miami", "FL", "33130"),
    ("Pensacola", "FL", "32501"), ("Houston", "TX", "77002"),
)  # fmt: skip
_BY_CHANCE = (
    ("safety", 0.008), ("bankruptcy_stay", 0.005), ("fraud_hold", 0.002), ("cash_only", 0.008),
    ("dispute", 0.005), ("deposit_due", 0.01), ("employee", 0.006), ("loan", 0.02),
    ("exemption_expiring", 0.004), ("tamper", 0.003),
)  # fmt: skip


def account_number(serial: int) -> str:
    """Distinct for distinct serials below ninety million; serial 0 is 100482771."""
    digits = str(10_000_000 + (_CALLER_SERIAL + _STRIDE * serial) % _ROWS_OF_EIGHT_DIGITS)
    return digits + damm_digit(digits)


def phone(serial: int) -> str:
    """Serial 0 is 850 555 0142; each area code lends its whole 555 exchange before the next one starts.

    When all are lent, they are lent again, but never serial 0.
    """
    if serial:
        serial = 1 + (serial - 1) % (10_000 * len(AREA_CODES) - 1)
    area = AREA_CODES[serial // 10_000 % len(AREA_CODES)]
    return f"{area}555{(142 + 7919 * serial) % 10_000:04}"


class AccountBook:
    """Hands out numbers in order and writes one row of customers.csv for every account of a premise."""

    def __init__(self, seed: str, as_of: date, *, medical_marked: bool) -> None:
        """`medical_marked`: the network marks medical customers, so no other account gets that alert."""
        self._seed = seed
        self._as_of = as_of
        self._random = stream(seed, "accounts")
        self._recent: deque[Person] = deque(maxlen=60)
        self._accounts = self._phones = 1
        self._premises = self._meters = 0
        self._maria_due = True
        self._missing = [code for code in ALERT_CODES if code != "life_support" or not medical_marked]

    def open_feeder(self, number: int) -> None:
        """Starts the random stream of a feeder, so that one feeder's people do not depend on another's."""
        self._random = stream(self._seed, "accounts", number)

    def rows(self, site: Site) -> Iterator[list[str]]:
        """The rows of a premise in the columns of customers.csv, the present account first."""
        self._premises += 1
        premise = f"P{self._premises:07}"
        offered = self._services(site)
        for status in site.statuses:
            caller = site.street == CALLER_STREET and site.number == CALLER_NUMBER and not site.unit
            serial = 0 if caller and status == "active" else self._accounts
            self._accounts += serial != 0
            yield self._row(serial, premise, site, status, offered)

    def _row(
        self, serial: int, premise: str, site: Site, status: str, offered: list[tuple[str, str]]
    ) -> list[str]:
        someone = self._caller() if serial == 0 else self._customer(site)
        active = status == "active"
        alerts = self._alerts(site, someone, serial) if active and serial else set()
        if serial == 0:
            alerts = {"arrangement", "loan"}  # a caller whose screen has something to say
        cut = active and not alerts and serial > 0 and not site.critical and self._random.random() < 0.0225
        owed = self._balance(site, status, alerts, cut)
        if owed["cut_on"]:
            alerts.add("cut_pending")
        state = "nonpay" if cut else "connected" if active else "disconnected"
        services = ";".join(
            f"{service}:{meter}:{state if meter or not cut else 'connected'}" for service, meter in offered
        )
        since = self._as_of - timedelta(days=int(20 + 9000 * self._random.random() ** 2))
        if status == "pending":
            since = self._as_of + timedelta(days=self._random.randrange(1, 9))
        return [
            account_number(serial), "residential" if site.use == "residential" else "commercial", status,
            someone.name, someone.language, someone.phone_1, someone.phone_2, someone.email,
            *self._mailing(site, status), premise, site.address, site.unit, site.city, site.zip_code,
            site.supply_point, services, since.isoformat(), owed["balance"], self._as_of.isoformat(),
            *owed["ages"].split(), owed["due_on"], owed["cut_on"], owed["paid"], owed["paid_on"],
            self._alert_text(alerts), someone.ssn4, someone.born, someone.license4, someone.passphrase,
        ]  # fmt: skip

    def _caller(self) -> Person:
        return Person(
            "Dolores Whitfield", "en", phone(0), "", "dolores.whitfield@example.org", "4417", "1961-03-08",
            "2290", "copper heron",
        )  # fmt: skip

    def _customer(self, site: Site) -> Person:
        chance = self._random.random()
        year = self._as_of.year
        if site.use != "residential":
            name = site.title or self._business(site)
            return person(self._random, name, "en", self._phone_pair(), year - 25)
        if self._recent and chance < 0.03:
            return self._recent[int(chance / 0.03 * len(self._recent))]
        name, language = full_name(self._random)
        if (
            self._maria_due
            and site.street == CALLER_STREET
            and site.electric
            and site.statuses == ("active",)
        ):
            name, language, self._maria_due = "Maria Lopez", "es", False
        elif self._recent and chance < 0.037:
            name = self._recent[-1].name
        someone = person(self._random, name, language, self._phone_pair(), year - 19)
        self._recent.append(someone)
        return someone

    def _phone_pair(self) -> tuple[str, str]:
        draw = self._random.random()
        wanted = 0 if draw < 0.03 else 2 if draw < 0.3 else 1
        numbers = [phone(self._phones + n) if n < wanted else "" for n in range(2)]
        self._phones += wanted
        return numbers[0], numbers[1]

    def _business(self, site: Site) -> str:
        random = self._random
        if random.random() < 0.4:
            first = site.street.rsplit(" ", 1)[0]
        else:
            first = full_name(random)[0].removesuffix(" Jr").rsplit(" ", 1)[-1]
        ending = _ENDINGS[random.randrange(len(_ENDINGS))]
        return f"{first} {_TRADES[random.randrange(len(_TRADES))]} {ending}".rstrip()

    def _services(self, site: Site) -> list[tuple[str, str]]:
        chance = self._random.random
        home = site.use == "residential"
        wanted = [("electric", site.electric)]
        wanted += [
            ("water", chance() < 0.88 or not site.electric),
            ("gas", chance() < (0.22 if home else 0.3)),
        ]
        wanted += [("sewer", chance() < 0.8), ("solid_waste", chance() < (0.85 if home else 0.6))]
        wanted += [("stormwater", chance() < 0.7), ("fire_fee", chance() < 0.6)]
        return [(service, self._meter(service)) for service, has in wanted if has]

    def _meter(self, service: str) -> str:
        letter = {"electric": "E", "water": "W", "gas": "G"}.get(service, "")
        if not letter:
            return ""
        self._meters += 1
        return f"{letter}{(1_020_303 + 3_000_017 * self._meters) % 10_000_000:07}"

    def _alerts(self, site: Site, someone: Person, serial: int) -> set[str]:
        chance = self._random.random
        if site.critical == "CRIT":
            return set()
        found = {code for code, share in _BY_CHANCE if chance() < share}
        if site.critical == "MED":
            found.add("life_support")
        if someone.language == "es" and chance() < 0.6:
            found.add("language")
        if site.unit and chance() < 0.12:
            found.add("leave_on")
        if site.city != "Port Laurel":
            found.add("jurisdiction_mismatch")
        if chance() < 0.025:
            found.add("arrangement")
        if self._missing and serial > 40:
            due = self._missing[-1]
            if due not in {"cut_pending", "life_support"} or site.use == "residential":
                found.add(due)
        self._missing = [code for code in self._missing if code not in found]
        return found

    def _alert_text(self, alerts: set[str]) -> str:
        expiring = {"life_support": 380, "arrangement": 90, "exemption_expiring": 60, "safety": 700}
        parts = []
        for code in ALERT_CODES:
            if code in alerts:
                days = expiring.get(code, 0)
                until = self._as_of + timedelta(days=1 + int(days * self._random.random()))
                parts.append(f"{code}:{until.isoformat()}" if days else code)
        return ";".join(parts)

    def _balance(self, site: Site, status: str, alerts: set[str], cut: bool) -> dict[str, str]:
        """Balance, its four ages in cents (they sum to it), the dates and the last payment, as text."""
        chance = self._random.random
        scale = 1.0 if site.use == "residential" else 40.0 if site.use == "facility" else 4.0
        bill = int(scale * (4_000 + 26_000 * chance() ** 1.5))
        draw, ages = chance(), [0, 0, 0, 0]
        behind = cut or bool(alerts & {"cut_pending", "arrangement", "dispute", "bankruptcy_stay"})
        if status == "pending":
            pass
        elif status == "final":
            ages[3] = bill if draw < 0.22 else 0
        elif behind or draw > 0.91:
            ages = [bill, int(bill * (0.4 + 0.6 * chance())), 0, 0]
            if cut or chance() < 0.4:
                ages[2] = int(bill * 0.9)
            if cut or chance() < 0.15:
                ages[3] = int(bill * 1.3 * chance())
        elif draw < 0.04:
            ages[0] = -int(bill * (0.1 + chance()))
        elif draw < 0.62:
            ages[0] = bill
        due = self._as_of + timedelta(days=int(24 * chance()) - 4)
        guarded = alerts & {"life_support", "arrangement", "bankruptcy_stay", "dispute"}
        cutting = "cut_pending" in alerts or (ages[1] > 0 and status == "active" and not cut and not guarded)
        cutting = cutting and site.use != "facility" and ("cut_pending" in alerts or chance() < 0.4)
        paid = chance() < 0.93 and status != "pending"
        return {
            "balance": str(sum(ages)),
            "ages": " ".join(str(age) for age in ages),
            "due_on": due.isoformat() if sum(ages) > 0 and status == "active" else "",
            "cut_on": (self._as_of + timedelta(days=2 + int(12 * chance()))).isoformat() if cutting else "",
            "paid": str(int(bill * (0.5 + chance() / 2))) if paid else "",
            "paid_on": (self._as_of - timedelta(days=1 + int(50 * chance()))).isoformat() if paid else "",
        }

    def _mailing(self, site: Site, status: str) -> tuple[str, str, str, str]:
        draw = self._random.random()
        if draw > 0.09 and (status != "final" or draw > 0.6):
            return "", "", "", ""
        if draw < 0.05:
            return f"PO Box {self._random.randrange(10, 9990)}", site.city, "FL", site.zip_code
        city, state, zip_code = _PLACES[self._random.randrange(len(_PLACES))]
        return (
            f"{self._random.randrange(1, 9990)} {CALLER_STREET if draw < 0.07 else 'Main St'}",
            city,
            state,
            zip_code,
        )
