"""What a bill run found is settled, and reads it lacked are entered: decided on what is known of both."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from csr_console.domain.accounts.decide import EntryAdded
from csr_console.domain.billing.commands import EnterRead, SettleException
from csr_console.domain.billing.estimates import estimated_use, rule_on_estimate
from csr_console.domain.billing.reads import Read, ReadKind, Register, usage_between
from csr_console.domain.billing.run import UNUSUAL
from csr_console.domain.command import Change, Context, Plan
from csr_console.domain.refusals import Refusal


@dataclass(frozen=True, slots=True)
class ExceptionFacts:
    """Something a run found as it stands; `settled_by` is empty while it waits."""

    settled_by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ExceptionSettled(Change):
    """Somebody looked into what a run found; `resource` names it."""

    account: str
    run: str
    service: str
    code: str
    resource: str
    settled_by: str
    reason: str


def decide_settle_exception(command: SettleException, facts: ExceptionFacts | None, context: Context) -> Plan:
    """Settled before, it gets the new reason. Raises `Refusal` nothing-changed when that is the old one.
    Without facts (on a workstation) it is taken for one that waits."""
    if facts is not None and facts.settled_by and facts.reason == command.reason:
        raise Refusal("nothing-changed", f"{facts.settled_by} has settled it already, in the same words.")
    login = context.actor.login
    what = f"{command.code.label} of {command.service.replace('_', ' ')}, run of {command.run}"
    settled = ExceptionSettled(
        command.account, command.run, command.service, command.code, command.resource, login, command.reason
    )
    entry = EntryAdded(
        command.account,
        context.command_id,
        "billing",
        context.happened_at,
        login,
        f"Settled: {what}. {command.reason}",
    )
    return Plan(f"Settled: {what}.", (settled, entry))


@dataclass(frozen=True, slots=True)
class MeterFacts:
    """A meter of an account. `reads` are those of the last thirteen months and the last billed one, the
    oldest first, each with whether the register passed zero since the one before; `past_use` in units of the
    service over `past_days` is the period of about a year ago, else the one before."""

    meter: str
    register: Register
    billed_to_on: date
    reads: Sequence[tuple[Read, bool]]
    past_use: Decimal = Decimal(0)
    past_days: int = 0


@dataclass(frozen=True, slots=True)
class ReadEntered(Change):
    """What a meter shows on a day, in place of what was known of that day."""

    account: str
    service: str
    meter: str
    read: Read
    rolled_over: bool
    entered_by: str


def decide_enter_read(command: EnterRead, facts: MeterFacts | None, context: Context) -> Plan:
    """What is shown beside the sentence: `meter`, `value`, `read_on`, `how`, and `notices` of an estimate.

    Raises `Refusal` read-refused for a read of a day to come or billed already, for a second one of a day
    that is not said to replace the first, for one that does not fit its neighbors (`usage_between`) and for
    a fifth estimate in twelve months (BIL-03); nothing-changed. Without facts (on a workstation) only the
    sentence is given.
    """
    today = context.now.date()
    on = command.read_on or today
    if on > today:
        raise Refusal("read-refused", f"{on} is still to come: a read is of today or before.")
    if facts is None:
        said = f"{command.value:,}" if command.value is not None else "an estimate"
        return Plan(f"Read of {command.service}: {said}, {command.how.label}, {on}.", ())
    if on <= facts.billed_to_on:
        raise Refusal(
            "read-refused",
            f"Service is billed up to the read of {facts.billed_to_on}: correct that bill instead.",
            rule="order of reads",
        )
    known = next(((read, rolled) for read, rolled in facts.reads if read.read_on == on), None)
    others = replace(facts, reads=[pair for pair in facts.reads if pair[0].read_on != on])
    read, rolled = _read_of(command, others, on)
    if known == (read, rolled):
        raise Refusal("nothing-changed", f"That read of {on} is known already.")
    if known is not None and not command.replaces:
        raise Refusal(
            "read-refused",
            f"A read of {on} is known: {known[0].value}, {known[0].kind.label}. If it is wrong, say that this"
            " one comes in its place.",
        )
    use = _fit(read, rolled, others)
    notices: tuple[str, ...] = ()
    if read.kind is ReadKind.ESTIMATED:
        notices = rule_on_estimate(on, [one for one, _ in others.reads]).notices
    sentence = (
        f"Read of {command.service}: {read.value}, {read.kind.label}, {on}{use}. The next run bills it."
    )
    entered = ReadEntered(
        command.account,
        command.service,
        facts.meter,
        read,
        rolled,
        context.actor.login,
    )
    instead = f" In place of {known[0].value}, {known[0].kind.label}." if known else ""
    entry = EntryAdded(
        command.account,
        context.command_id,
        "billing",
        context.happened_at,
        context.actor.login,
        f"Meter {facts.meter} read: {read.value}, {read.kind.label}, {on}.{instead}",
    )
    shown = {
        "meter": facts.meter,
        "value": str(read.value),
        "read_on": on.isoformat(),
        "how": read.kind.value,
        "notices": list(notices),
    }
    return Plan(" ".join((sentence, *notices)), (entered, entry), shown)


def _read_of(command: EnterRead, facts: MeterFacts, on: date) -> tuple[Read, bool]:
    """What was given, or the estimate: use a day of the past period from the read before on. And whether the
    register passed zero."""
    if command.value is not None:
        return Read(on, Decimal(command.value), command.how), command.rolled_over
    before = _before(facts, on)
    if command.how is not ReadKind.ESTIMATED:
        raise Refusal("read-refused", "What does the register show? Only an estimate goes without digits.")
    if before is None or not facts.past_days:
        raise Refusal("read-refused", "There is no use of before to estimate by: read the meter.")
    use = estimated_use(facts.past_use, facts.past_days, (on - before.read_on).days)
    register = facts.register
    turned = (use / register.multiplier / register.calc_factor).quantize(Decimal(1), ROUND_HALF_UP)
    value = (before.value + turned) % register.full_turn
    return Read(on, value, ReadKind.ESTIMATED), value < before.value


def _before(facts: MeterFacts, on: date) -> Read | None:
    return next((read for read, _ in reversed(facts.reads) if read.read_on < on), None)


def _fit(read: Read, rolled_over: bool, facts: MeterFacts) -> str:
    """Whether it stands between its neighbors; the use it comes to, in words. Raises `Refusal`."""
    before = _before(facts, read.read_on)
    later = next((pair for pair in facts.reads if pair[0].read_on > read.read_on), None)
    if later is not None:
        usage_between(read, later[0], facts.register, rollover=later[1])
    if before is None:
        return ""
    use = usage_between(before, read, facts.register, rollover=rolled_over)
    said = f": {use.usage.normalize():,f} in {use.days} days"
    if not facts.past_use or not facts.past_days:
        return said
    ratio = (use.usage / use.days) / (facts.past_use / facts.past_days)
    return f"{said}, {ratio - 1:+.0%} a day" if abs(ratio - 1) > UNUSUAL else said
