"""One spelling for a caller's secret answer, however it was said: what is compared with the one on file."""

import re
import unicodedata
from datetime import date, datetime

from csr_console.domain.accounts.verification import Factor

_DATE_FORMATS = ("%Y-%m-%d", "%m/%d/%Y", "%m-%d-%Y", "%m.%d.%Y", "%m/%d/%y", "%B %d %Y", "%b %d %Y", "%m%d%Y")


def readings(answer: str, today: date) -> dict[Factor, str]:
    """Everything an answer may be meant as: a date, four digits, an amount, a passphrase."""
    text = " ".join(unicodedata.normalize("NFKC", answer).split())
    found = {Factor.PASSPHRASE: passphrase(text)} if text else {}
    if re.fullmatch(r"[0-9]{4}", text):
        found[Factor.SSN4] = text
    if re.fullmatch(r"[0-9A-Za-z]{4}", text):
        found[Factor.LICENSE4] = text.upper()
    if born := _date(text, today):
        found[Factor.BIRTH_DATE] = born.isoformat()
    if (cents := _cents(text)) is not None:
        found[Factor.LAST_PAYMENT] = str(cents)
    return found


def passphrase(text: str) -> str:
    """A passphrase without case, accents and doubled blanks: it is spoken, not typed, by the customer."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(char for char in decomposed if not unicodedata.combining(char)).split())


def _date(text: str, today: date) -> date | None:
    spelled = re.sub(r"[,]|(?<=\d)(st|nd|rd|th)\b", "", text, flags=re.IGNORECASE)
    for form in _DATE_FORMATS:
        try:
            day = datetime.strptime(spelled, form).date()  # noqa: DTZ007  a day has no zone
        except ValueError:
            continue
        # A birth date with two digits of a year is never in the future.
        return day.replace(year=day.year - 100) if day > today and form.endswith("%y") else day
    return None


def _cents(text: str) -> int | None:
    """The amount of `$1,084.12`, `84.12` or `84` in cents."""
    found = re.fullmatch(r"\$?\s?([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,7})(?:\.([0-9]{2}))?", text)
    if not found:
        return None
    return int(found[1].replace(",", "")) * 100 + int(found[2] or 0)
