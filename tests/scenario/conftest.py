"""The real screens on a real desk, a real central service and a small imported city."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.scenario.bills import bill_the_city
from tests.scenario.town import Town

from csr_console.demo.prepared import DemoCity, prepare

ACCOUNTS = 120


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> DemoCity:
    """The city, generated, imported and billed once; every town works on a copy."""
    made = prepare(tmp_path_factory.mktemp("city"), ACCOUNTS, None, lambda _doing, _done, _total: None)
    return bill_the_city(made)


@pytest.fixture
def town(city: DemoCity, tmp_path: Path) -> Iterator[Town]:
    with Town(city, tmp_path) as town:
        yield town
