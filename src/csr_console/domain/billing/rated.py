"""What a segment was rated on, kept so that it can be rated again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from csr_console.domain.tariff.book import TariffBook
from csr_console.domain.tariff.determinants import Determinants, ServicePeriod
from csr_console.domain.tariff.rate import rate
from csr_console.domain.tariff.segment import RatedSegment
from csr_console.domain.tariff.taxes import Certificate
from csr_console.domain.tariff.values import AttributeValue

_NO_PREMISE: Mapping[str, AttributeValue] = {}


@dataclass(frozen=True, slots=True)
class Rated:
    """The inputs of one segment. The same inputs give the same cents for ever: the book is the very text of
    its digest, and `as_of` the day of the bill."""

    book: TariffBook
    schedule: str
    period: ServicePeriod
    determinants: Determinants
    as_of: date
    premise: Mapping[str, AttributeValue] = field(default_factory=lambda: _NO_PREMISE)
    certificates: Sequence[Certificate] = ()

    def segment(self) -> RatedSegment:
        """Raises `Refusal` not-found or not-rated."""
        return rate(
            self.book,
            self.schedule,
            self.period,
            self.determinants,
            self.premise,
            as_of=self.as_of,
            certificates=self.certificates,
        )
