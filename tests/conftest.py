"""What holds for all tests."""

import gc

from hypothesis import HealthCheck, settings

# A loaded machine is no failure: no test, and no search of a property, is judged by the clock.
settings.register_profile("csr", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("csr")


def pytest_collection_finish() -> None:
    """What was imported and collected stays: looking for garbage in it takes an eighth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)
