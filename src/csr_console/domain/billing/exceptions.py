"""What a bill run finds that waits for somebody."""

from csr_console.domain.fields import Choice


class ExceptionCode(Choice):
    """Why a service of a run waits for somebody."""

    MISSING_READ = "missing-read"
    READ_REFUSED = "read-refused"
    NOT_RATED = "not-rated"
    ZERO_USE = "zero-use"
    HIGH_USE = "high-use"
    LOW_USE = "low-use"
    EXPIRED_EXEMPTION = "expired-exemption"

    @property
    def label(self) -> str:
        return self.value.replace("-", " ")


ENDED_BY_READ = frozenset({ExceptionCode.MISSING_READ, ExceptionCode.READ_REFUSED})
"""What a new read of the meter settles of itself."""


def exception_key(run: str, account: str, service: str, code: str) -> str:
    """The versioned resource that an exception of a run is."""
    return f"exception:{run}/{account}/{service}/{code}"
