"""How sure the city is of who is calling: levels L0 to L3, and the factors that reach them.

Levels of the identity theft programme (16 CFR 681.1(d)): L0 public facts only; L1 balance and due date;
L2 changes and personal data; L3 stopping a service, a refund address, bank data.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import IntEnum

from csr_console.domain.fields import Choice


class Level(IntEnum):
    L0 = 0
    L1 = 1
    L2 = 2
    L3 = 3


class Factor(Choice):
    """What the caller showed. Attested factors a clerk hears or sees; secret ones only central can check."""

    ACCOUNT_NUMBER = "account_number"
    PHONE = "phone"
    NAME = "name"
    SERVICE_ADDRESS = "service_address"
    PHOTO_ID = "photo_id"
    CALLED_BACK = "called_back"
    SSN4 = "ssn4"
    BIRTH_DATE = "birth_date"
    LICENSE4 = "license4"
    PASSPHRASE = "passphrase"  # noqa: S105  the name of a factor
    LAST_PAYMENT = "last_payment"


SECRET_FACTORS = frozenset(
    {Factor.SSN4, Factor.BIRTH_DATE, Factor.LICENSE4, Factor.PASSPHRASE, Factor.LAST_PAYMENT}
)
HOLDS_FOR = timedelta(hours=1)
"""How long a verification speaks for the same clerk and the same account: one long call."""
WRONG_ANSWERS_ALLOWED = 5


def level_of(factors: Collection[Factor]) -> Level:
    """The level that the factors reach together.

    L1: a secret factor, or name and service address with the account number or the phone on file.
    L2: two secret factors, or a photo identification seen in person.
    L3: two secret factors and a call back to the number on file or a photo identification.
    """
    secrets = len(SECRET_FACTORS.intersection(factors))
    in_person = Factor.PHOTO_ID in factors
    if secrets >= 2 and (in_person or Factor.CALLED_BACK in factors):
        return Level.L3
    if secrets >= 2 or in_person:
        return Level.L2
    named = Factor.NAME in factors and Factor.SERVICE_ADDRESS in factors
    if secrets or (named and (Factor.ACCOUNT_NUMBER in factors or Factor.PHONE in factors)):
        return Level.L1
    return Level.L0


def still_holds(verified_at: datetime | None, moment: datetime) -> bool:
    """Whether a verification of `verified_at` still speaks at `moment` (both aware)."""
    return verified_at is not None and timedelta(0) <= moment - verified_at <= HOLDS_FOR
