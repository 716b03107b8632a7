"""Usage from meter reads, and the rules a read has to keep."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from csr_console.domain.fields import Choice
from csr_console.domain.refusals import Refusal


class ReadKind(Choice):
    """How a read came about."""

    ACTUAL = "actual"
    ESTIMATED = "estimated"
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True)
class Register:
    """What turns dial differences into use: how many dials there are, the meter's multiplier and the
    calculation factor of the service (1 for most)."""

    dials: int
    multiplier: Decimal = Decimal(1)
    calc_factor: Decimal = Decimal(1)

    @property
    def full_turn(self) -> Decimal:
        """What a register counts before it begins again at zero: 10 ^ dials."""
        return Decimal(10) ** self.dials


@dataclass(frozen=True, slots=True)
class Read:
    """What stood on a meter on a day."""

    read_on: date
    value: Decimal
    kind: ReadKind = ReadKind.ACTUAL


@dataclass(frozen=True, slots=True)
class MeteredUse:
    """Use between two reads in the unit of the service, and how it was found."""

    usage: Decimal
    days: int
    estimated: bool
    arithmetic: str


def usage_between(previous: Read, present: Read, register: Register, *, rollover: bool = False) -> MeteredUse:
    """(present - previous [+ 10 ^ dials on a rollover]) x multiplier x calculation factor.

    74573 - 73670 = 903, x 1.0 x 1.0, as on the bill of Gainesville Regional Utilities. Raises `Refusal`
    read-refused for a read that has more digits than the register, is not after the last one, is below it
    without a rollover, or claims a rollover that did not happen.
    """
    for read in (previous, present):
        if not 0 <= read.value < register.full_turn:
            raise _refusal(
                f"The read {read.value} of {read.read_on} does not fit a register of {register.dials} dials.",
                "digits of the register",
            )
    if present.read_on <= previous.read_on:
        raise _refusal(
            f"The read of {present.read_on} is not after the last one, of {previous.read_on}.",
            "order of reads",
        )
    if present.value < previous.value and not rollover:
        raise _refusal(
            f"The read {present.value} of {present.read_on} is below the last one, {previous.value} of "
            f"{previous.read_on}, and no rollover is marked.",
            "a read below the last needs a rollover",
        )
    if rollover and present.value >= previous.value:
        raise _refusal(
            f"A rollover is marked, but {present.value} is not below the last read, {previous.value}.",
            "a rollover passes zero",
        )
    turn = register.full_turn if rollover else Decimal(0)
    difference = present.value - previous.value + turn
    added = f" + {turn:f}" if rollover else ""
    usage = difference * register.multiplier * register.calc_factor
    return MeteredUse(
        usage=usage,
        days=(present.read_on - previous.read_on).days,
        estimated=ReadKind.ESTIMATED in (previous.kind, present.kind),
        arithmetic=(
            f"({present.value} - {previous.value}{added}) × {register.multiplier} × {register.calc_factor}"
            f" = {usage}"
        ),
    )


def _refusal(sentence: str, rule: str) -> Refusal:
    return Refusal("read-refused", sentence, rule=rule)
