"""The components of a rate schedule: what is charged for, and each version of its price."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from csr_console.domain.tariff.values import (
    Conditions,
    Count,
    Figure,
    Id,
    Month,
    NotNegative,
    Positive,
    Sentence,
    Table,
    UnitName,
    Version,
)

Group = Literal[
    "customer", "energy", "fuel", "demand", "usage", "fee", "minimum", "surcharge", "adjustment", "credit"
]
"""What a line is about: how bills are explained and bases of taxes are read."""


WidthPer = Literal["cycle", "day", "kW"]
"""What the width of a tier is for: the billing cycle, each day of service, or each measured kW of the cycle
(hours use of demand)."""


class PriceFactor(Table):
    """A price times a factor where a condition holds, as outside a city; `price_decimals` rounds the price
    itself half-up, as printed tables do."""

    where: Conditions
    factor: Positive
    price_decimals: Count | None = None


class PriceRow(Table):
    """One row of a price table keyed on attributes of the premise."""

    where: Conditions
    price: Figure


class Tier(Table):
    """Quantity over one bound up to another; the last tier has no `up_to`."""

    over: NotNegative
    up_to: Positive | None = None
    price: Figure


class Priced(Version):
    """A version with one price or a table of prices, the same everywhere or times a factor."""

    price: Figure | None = None
    row: tuple[PriceRow, ...] = ()
    price_factor: tuple[PriceFactor, ...] = ()

    @model_validator(mode="after")
    def _one_price(self) -> Self:
        if (self.price is None) == (not self.row):
            raise PydanticCustomError("price_or_rows", "needs either one price or rows of prices")
        return self


class Measured(Version):
    """A version charged on a quantity: which quantity, and how it is converted and rounded.

    `basis`: `usage`; `winter-average`, what the customer used in winter; or `lesser-of-both`. A customer
    without a winter average pays on use, at most `class_average` where there is one (Rio Rancho, NM).
    `cap` is the most that is charged; both in the unit of the component.
    """

    basis: Literal["usage", "winter-average", "lesser-of-both"] = "usage"
    cap: Positive | None = None
    class_average: Positive | None = None
    billing_factor: Id | None = None
    quantity_decimals: Count | None = None
    quantity_rounding: Literal["half-up", "down", "up"] = "half-up"


class FixedVersion(Priced):
    """A fixed charge or a fee: price x multiplier x each attribute of `times`, a cycle's worth of it.

    `per` is what the price is for: a month, a quarter, a year (a twelfth a month), a day of service, or the
    billing cycle whatever it is.
    """

    per: Literal["month", "quarter", "year", "day", "cycle"] = "month"
    multiplier: Figure = Decimal(1)
    times: tuple[Id, ...] = ()


class FlatVersion(Priced, Measured):
    """One price for each unit."""


class BlockVersion(Measured):
    """Tiers. `units` says what several dwelling or billing units on one meter change:

    `account` nothing; `widths-times-units` widens every tier by the count (HDWD, CA); `unit-averaged` rates
    one unit's average and charges it for each (Grove City, PA); `extra-allotment` adds `extra` to the first
    tier for each unit after the first (O'Fallon, IL).
    """

    tier: tuple[Tier, ...] = Field(min_length=1)
    units: Literal["account", "widths-times-units", "unit-averaged", "extra-allotment"] = "account"
    unit_count: Id | None = None
    extra: Positive | None = None
    width_per: WidthPer = "cycle"
    price_factor: tuple[PriceFactor, ...] = ()


class PeriodPrice(Table):
    """The price of one period of a calendar, flat or in tiers."""

    id: Id
    price: Figure | None = None
    tier: tuple[Tier, ...] = ()

    @model_validator(mode="after")
    def _one_price(self) -> Self:
        if (self.price is None) == (not self.tier):
            raise PydanticCustomError("price_or_rows", "needs either one price or tiers")
        return self


class UseVersion(Version):
    """Time of use: a price for each period of a calendar.

    Tiers are of the whole use, each period paying its share of every tier (`total`), or of the period's own
    use (`period`).
    """

    calendar: Id
    period: tuple[PeriodPrice, ...] = Field(min_length=1)
    tiers_of: Literal["total", "period"] = "total"
    width_per: WidthPer = "cycle"


class DemandVersion(Version):
    """Billed demand: the greatest of measured, `ratchet_percent` of the highest of the `ratchet_months`
    before, the contract's minimum when `contract` says so, and `floor`.

    `power_factor_target` raises measured demand by (1 + (target - power factor)) when the factor is lower.
    With a calendar each period has its own demand and price.
    """

    price: Figure | None = None
    tier: tuple[Tier, ...] = ()
    calendar: Id | None = None
    period: tuple[PeriodPrice, ...] = ()
    ratchet_percent: Positive | None = None
    ratchet_months: Count = 0
    floor: NotNegative = Decimal(0)
    contract: bool = False
    power_factor_target: Positive | None = None
    quantity_decimals: Count | None = None
    quantity_rounding: Literal["half-up", "down", "up"] = "half-up"

    @model_validator(mode="after")
    def _one_price(self) -> Self:
        if sum((self.price is not None, bool(self.tier), bool(self.period))) != 1:
            raise PydanticCustomError("price_or_rows", "needs one of price, tiers or periods")
        if bool(self.period) != (self.calendar is not None):
            raise PydanticCustomError("calendar_and_periods", "needs calendar and period together")
        if (self.ratchet_percent is None) != (self.ratchet_months == 0):
            raise PydanticCustomError("ratchet", "needs ratchet_percent and ratchet_months together")
        return self


class ReactiveVersion(Version):
    """Reactive demand over an allowance of so many kVAr for each measured kW (0.4 x 986.40 kW = 394.56)."""

    price: Figure
    allowance_per_kw: NotNegative


class EruClass(Table):
    """Premises that count as a fixed number of ERU, as single-family size classes do."""

    where: Conditions
    eru: NotNegative


class EruVersion(Version):
    """Equivalent residential units: area / unit_area, rounded by the local rule, at least and at most so
    many; `first_cut_decimals` cuts the quotient off before it is rounded. Rules: none (Maitland, FL),
    half-up with least 1, most 29 and a first cut to 1 decimal (New Haven, IN), half-up (Berkeley, SC), up
    (Charlottesville, VA)."""

    price: Figure
    area: Id
    unit_area: Positive
    rounding: Literal["none", "half-up", "up", "down"]
    first_cut_decimals: Count | None = None
    least: NotNegative | None = None
    most: Positive | None = None
    eru_class: tuple[EruClass, ...] = ()


class MinimumVersion(Priced):
    """What the charges of `of` are raised to; `times` as for a fixed charge. `under` applies it only while
    use for each of `under_units` is less than that many units (West Carrollton, OH)."""

    of: tuple[Id, ...] = Field(min_length=1)
    per: Literal["month", "quarter", "year", "day", "cycle"] = "month"
    times: tuple[Id, ...] = ()
    under: Positive | None = None
    under_units: Id | None = None


class PercentVersion(Version):
    """A percentage of the charges of `of`, as a surcharge outside a city."""

    of: tuple[Id, ...] = Field(min_length=1)
    percent: Figure


class ComponentTable(Table):
    """What every kind of component says."""

    id: Id
    label: Sentence
    group: Group
    rider: bool = False
    rule: str = ""
    when: Conditions = ()
    months: tuple[Month, ...] = ()
    proration: Id | None = None


class MeasuredTable(ComponentTable):
    unit: UnitName


class Fixed(ComponentTable):
    kind: Literal["fixed"]
    version: tuple[FixedVersion, ...] = Field(min_length=1)


class Flat(MeasuredTable):
    kind: Literal["flat"]
    version: tuple[FlatVersion, ...] = Field(min_length=1)


class Block(MeasuredTable):
    kind: Literal["block"]
    version: tuple[BlockVersion, ...] = Field(min_length=1)


class TimeOfUse(MeasuredTable):
    kind: Literal["time-of-use"]
    version: tuple[UseVersion, ...] = Field(min_length=1)


class Demand(ComponentTable):
    kind: Literal["demand"]
    version: tuple[DemandVersion, ...] = Field(min_length=1)


class Reactive(ComponentTable):
    kind: Literal["reactive"]
    version: tuple[ReactiveVersion, ...] = Field(min_length=1)


class Eru(ComponentTable):
    kind: Literal["eru"]
    version: tuple[EruVersion, ...] = Field(min_length=1)


class Minimum(ComponentTable):
    kind: Literal["minimum"]
    version: tuple[MinimumVersion, ...] = Field(min_length=1)


class Percent(ComponentTable):
    kind: Literal["percent"]
    version: tuple[PercentVersion, ...] = Field(min_length=1)


Component = Annotated[
    Fixed | Flat | Block | TimeOfUse | Demand | Reactive | Eru | Minimum | Percent,
    Field(discriminator="kind"),
]
