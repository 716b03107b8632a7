"""Payment arrangements: who may have one, what is due when, and when a promise is broken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from csr_console.domain.money import allocate, dollars_text
from csr_console.domain.permissions import Role
from csr_console.domain.refusals import Refusal

_RULE = "payment arrangement policy"


@dataclass(frozen=True, slots=True)
class ArrangementPolicy:
    """The city's numbers. Every one is policy, none is law: a city sets its own."""

    most_installments: Mapping[Role, int]
    least_total_cents: int = 2_000
    days_between: int = 30
    first_due_days: int = 14
    grace_days: int = 3
    """Days after an installment was due from which its promise is broken."""
    months_after_broken: int = 12
    """Months in which an account has no new arrangement after it broke one."""


DEFAULT_POLICY = ArrangementPolicy(
    {Role.CLERK: 3, Role.SPECIALIST: 6, Role.LEAD: 6, Role.SUPERVISOR: 12, Role.MANAGER: 12},
)


@dataclass(frozen=True, slots=True)
class Installment:
    """`number` counts from 1; the down payment, where there is one, is number 0."""

    number: int
    due_on: date
    cents: int


class ArrangementState(StrEnum):
    ACTIVE = "active"
    KEPT = "kept"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What was promised on a day for a balance; the installments sum to it."""

    agreed_on: date
    installments: tuple[Installment, ...]

    @property
    def total_cents(self) -> int:
        return sum(item.cents for item in self.installments)


def refuse_if_not_eligible(
    balance_cents: int,
    count: int,
    role: Role,
    today: date,
    *,
    cash_only: bool = False,
    active: bool = False,
    broken_on: date | None = None,
    policy: ArrangementPolicy = DEFAULT_POLICY,
) -> None:
    """Whether an account may have an arrangement in `count` installments agreed by this role today.

    Raises `Refusal` not-eligible with the sentence for the customer, not-permitted when a colleague may.
    """
    if balance_cents < policy.least_total_cents:
        least = dollars_text(policy.least_total_cents)
        raise Refusal("not-eligible", f"An arrangement is for ${least} or more.", rule=_RULE)
    if active:
        raise Refusal("not-eligible", "There is an arrangement already: one at a time.", rule=_RULE)
    if cash_only:
        raise Refusal("not-eligible", "The account is cash only: what is due has to be paid.", rule=_RULE)
    if broken_on is not None and today < (again := _months_later(broken_on, policy.months_after_broken)):
        raise Refusal(
            "not-eligible",
            f"The arrangement before was broken on {broken_on}: a new one is possible from {again}.",
            rule=_RULE,
        )
    most = policy.most_installments.get(role, 0)
    if not 1 <= count <= most:
        highest = max(policy.most_installments.values())
        if count > highest or count < 1:
            raise Refusal("not-eligible", f"An arrangement has 1 to {highest} installments.", rule=_RULE)
        raise Refusal(
            "not-permitted",
            f"The role {role} agrees to {most} installments at most: ask a colleague for {count}.",
            rule=_RULE,
        )


def installments(
    balance_cents: int,
    count: int,
    today: date,
    *,
    down_cents: int = 0,
    bill_days: Sequence[date] = (),
    policy: ArrangementPolicy = DEFAULT_POLICY,
) -> tuple[Installment, ...]:
    """The balance in installments as equal as cents allow, summing to it to the cent.

    `down_cents` is due today. Due dates follow the due dates of the coming bills where they are known, since
    each installment asks for the current bill too, and the policy's spacing where they are not. Raises
    `ValueError` unless 0 <= down_cents < balance_cents and count >= 1.
    """
    if count < 1 or not 0 <= down_cents < balance_cents:
        raise ValueError("an arrangement has an installment, and a down payment below the balance")
    shares = allocate(balance_cents - down_cents, [1] * count)
    first = today + timedelta(days=policy.first_due_days)
    coming = [day for day in sorted(bill_days) if day >= first][:count]
    while len(coming) < count:
        coming.append(coming[-1] + timedelta(days=policy.days_between) if coming else first)
    planned = tuple(
        Installment(number, due_on, cents)
        for number, (due_on, cents) in enumerate(zip(coming, shares, strict=True), start=1)
        if cents
    )
    return (Installment(0, today, down_cents), *planned) if down_cents else planned


def state_of(
    arrangement: Arrangement,
    paid_cents: int,
    today: date,
    policy: ArrangementPolicy = DEFAULT_POLICY,
) -> ArrangementState:
    """Where an arrangement stands when `paid_cents` have come in since it was agreed."""
    if paid_cents >= arrangement.total_cents:
        return ArrangementState.KEPT
    late_before = today - timedelta(days=policy.grace_days)
    promised = sum(item.cents for item in arrangement.installments if item.due_on < late_before)
    return ArrangementState.BROKEN if paid_cents < promised else ArrangementState.ACTIVE


def broken_on(
    arrangement: Arrangement, paid_cents: int, policy: ArrangementPolicy = DEFAULT_POLICY
) -> date | None:
    """The first day on which the promise counts as broken if nothing more comes in, None when it is kept."""
    promised = 0
    for item in arrangement.installments:
        promised += item.cents
        if paid_cents < promised:
            return item.due_on + timedelta(days=policy.grace_days + 1)
    return None


def _months_later(day: date, months: int) -> date:
    """The same day of a later month, or its last one."""
    year, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + year, month + 1, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return min(first + timedelta(days=day.day - 1), last)
