"""What holds for all tests."""

from hypothesis import HealthCheck, settings

# A loaded machine is no failure: no test, and no search of a property, is judged by the clock.
settings.register_profile("csr", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("csr")
