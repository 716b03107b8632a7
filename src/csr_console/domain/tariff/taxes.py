"""Taxes on utility bills as data: base, order, gross-up, exemptions and who may claim them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from csr_console.domain.tariff.values import (
    Conditions,
    Id,
    NotNegative,
    Positive,
    Sentence,
    Table,
    UnitName,
    Version,
)


class TaxVersion(Version):
    """`percent`: base x rate %. `gross-up`: the tax is part of what it is levied on, so base x rate / (100 -
    rate) (Florida gross receipts tax: 2.5 % of receipts is 2.5641 % of the charges). `volume`: quantity in
    index_unit x index x rate % (gas, F.A.C. 12B-6.0015)."""

    method: Literal["percent", "gross-up", "volume"]
    rate: NotNegative
    index: Positive | None = None
    index_unit: UnitName | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.method == "volume") != (self.index is not None and self.index_unit is not None):
            raise PydanticCustomError(
                "volume_index", "a volume tax needs index and index_unit, no other does"
            )
        if self.method == "gross-up" and self.rate >= Decimal(100):
            raise PydanticCustomError("rate_range", "a rate that is grossed up is below 100")
        return self


def _base(value: object) -> object:
    if value == "all":
        return ()
    if isinstance(value, list | tuple) and value:
        return value
    raise PydanticCustomError("base_form", 'write "all" or a list of component ids')


class Tax(Table):
    """One tax. Its base is the charges named (`all`, here an empty tuple, or ids) without `excluding`, and
    the taxes before it that `including_taxes` names.

    `exempt_classes` never pay it. `certificate_holders` do not while a certificate with a number, unexpired,
    is on file. `exempt_quantity` of use is free for each of `exempt_per` (or once): its share of the measured
    charges leaves the base. When the rate changes inside a period the last day's rate counts (`last-day`), or
    the base is parted by days.
    """

    id: Id
    label: Sentence
    jurisdiction: Sentence
    rule: str = ""
    services: tuple[str, ...] = Field(min_length=1)
    classes: tuple[Id, ...] = ()
    when: Conditions = ()
    base: Annotated[tuple[Id, ...], BeforeValidator(_base)] = ()
    excluding: tuple[Id, ...] = ()
    including_taxes: tuple[Id, ...] = ()
    exempt_classes: tuple[Id, ...] = ()
    certificate_holders: tuple[Id, ...] = ()
    exempt_quantity: Positive | None = None
    exempt_unit: UnitName | None = None
    exempt_per: Id | None = None
    on_change: Literal["last-day", "days"] = "last-day"
    version: tuple[TaxVersion, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.exempt_quantity is None) != (self.exempt_unit is None):
            raise PydanticCustomError("exempt_unit", "needs exempt_quantity and exempt_unit together")
        return self

    def levied_on(self, service: str, customer_class: str) -> bool:
        return service in self.services and (not self.classes or customer_class in self.classes)


@dataclass(frozen=True, slots=True)
class Certificate:
    """An exemption on file: whose it is, its number, until when it holds, and when it was received."""

    holder: str
    number: str
    expires_on: date
    received_on: date
    taxes: tuple[str, ...] = ()
    """The taxes it is for; empty for every tax that its holder may be exempt from."""
