"""What tables that read well by themselves get wrong together."""

from csr_console.contracts.tariff.checks.calendars import calendar_mistakes
from csr_console.contracts.tariff.checks.dates import date_mistakes
from csr_console.contracts.tariff.checks.names import name_mistakes
from csr_console.contracts.tariff.checks.prices import price_mistakes
from csr_console.contracts.tariff.checks.schedules import schedule_mistakes
from csr_console.contracts.tariff.checks.taxes import tax_mistakes
from csr_console.contracts.tariff.lines import Path
from csr_console.contracts.tariff.parts import Parts


def check(parts: Parts) -> list[tuple[Path, str]]:
    """Every mistake between the tables of a book, as (path, sentence)."""
    return [
        *name_mistakes(parts),
        *date_mistakes(parts),
        *price_mistakes(parts),
        *calendar_mistakes(parts),
        *schedule_mistakes(parts),
        *tax_mistakes(parts),
    ]
