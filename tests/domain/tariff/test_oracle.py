"""Tiers, reckoned again in fractions and unit by unit, by a way of its own."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.domain.tariff.books import CITED, HEAD, component, rated, readable, schedule, use

from csr_console.domain.tariff.determinants import ServicePeriod

STARTS = date(2020, 3, 31)
TIERS = ((0, 250, "0.031"), (250, 750, "0.042"), (750, None, "0.084"))
ROWS = ", ".join(
    f'{{ over = "{over}", price = "{price}" }}'
    if up_to is None
    else f'{{ over = "{over}", up_to = "{up_to}", price = "{price}" }}'
    for over, up_to, price in TIERS
)
DEARER = ROWS.replace("0.03", "0.13").replace("0.04", "0.14").replace("0.08", "0.18")
BY_DAYS = f'\n[[proration]]\nid = "P"\nfixed = "days"\ntiers = "days"\n{CITED}'


def price_of_unit(number: int) -> Fraction:
    """The price of the nth kWh of a month."""
    return next(Fraction(price) for over, up_to, price in TIERS if up_to is None or over < number <= up_to)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 1500))
def test_tiers_are_the_sum_of_the_price_of_every_unit(kwh: int) -> None:
    book = readable(HEAD + component("block", f"tier = [{ROWS}]", table='unit = "kWh"') + schedule("C"))
    exact = sum(Fraction(line.exact) for line in rated(book, use(kwh)).lines)
    assert exact == sum(price_of_unit(number) for number in range(1, kwh + 1))


def tiered(quantity: Fraction, width: Fraction, dearer: Fraction) -> list[Fraction]:
    """The amount of each tier, with its bounds times a width and its price more by a part."""
    amounts = []
    for over, up_to, price in TIERS:
        upper = quantity if up_to is None else min(quantity, up_to * width)
        inside = upper - over * width
        amounts.append(max(inside, Fraction(0)) * (Fraction(price) + dearer))
    return amounts


@settings(deadline=None, max_examples=80)
@given(st.decimals(0, 3000, places=2), st.integers(2, 64), st.data())
def test_a_change_of_rates_in_fractions(kwh: Decimal, days: int, data: st.DataObject) -> None:
    """Use by days, widths by days / 30, each part on its own prices: to the last digit, and to the cent."""
    change = data.draw(st.integers(1, days - 1))
    changed = STARTS + timedelta(days=change + 1)
    later = f"\n[[component.version]]\nfrom = {changed}\ntier = [{DEARER}]\n{CITED}"
    block = component("block", f"tier = [{ROWS}]", table='unit = "kWh"', more=later)
    book = readable(HEAD + BY_DAYS + block + schedule("C", table='proration = "P"'))
    segment = rated(book, use(kwh), period=ServicePeriod(STARTS, STARTS + timedelta(days=days)))
    expected = []
    for part, dearer in ((change, Fraction(0)), (days - change, Fraction(1, 10))):
        expected += tiered(Fraction(kwh) * part / days, Fraction(part, 30), dearer)
    expected = [amount for amount in expected if amount]
    got = [line for line in segment.lines if line.exact]
    assert [line.amount_cents for line in got] == [int(amount * 100 + Fraction(1, 2)) for amount in expected]
    assert all(
        abs(Fraction(line.exact) - amount) < Fraction(1, 10**40)
        for line, amount in zip(got, expected, strict=True)
    )
