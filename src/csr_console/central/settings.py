"""What the central service can be told: by environment variables or by the options of `central serve`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

import platformdirs
from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from csr_console.domain.billing.late_charge import LATE_CHARGE_METHODS

ENVIRONMENT_PREFIX = "CSR_CENTRAL_"
_THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})


def default_folder() -> Path:
    """Where central keeps its database and its secret when nothing else is said."""
    return Path(platformdirs.user_data_dir("csr-console")) / "central"


def default_database() -> str:
    return f"sqlite:///{default_folder() / 'central.db'}"


def is_private(address: str) -> bool:
    """Whether nobody between can read what goes to an address: https, or http to this machine itself."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in _THIS_MACHINE))


class CentralSettings(BaseSettings):
    """The settings of one central service; each is read from `CSR_CENTRAL_<NAME>`."""

    model_config = SettingsConfigDict(
        env_prefix=ENVIRONMENT_PREFIX, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    database: str = Field(default_factory=default_database)
    """`sqlite:///path` or `postgresql+psycopg://user@host/name`."""
    secret: SecretStr | None = None
    """At least 32 characters; every process of one central service shares it. Goes before `secret_file`."""
    secret_file: Path | None = None
    """Where the secret is kept, made with mode 0600 when it does not exist. None: beside the database."""
    log: Literal["none", "stderr"] = "none"
    """Where the JSON log lines go; an embedded service is silent."""
    time_zone: str = ""
    """The city's own zone as `America/New_York`, whose days are the business days; empty: the machine's."""
    min_desk_version: str = ""
    """The oldest workstation that may talk to this service, as `1.4.0`; empty for any."""
    access_seconds: int = Field(default=600, ge=1)
    """How long an access token lasts."""
    grace_seconds: int = Field(default=60, ge=0)
    """How long a used refresh token is answered again, for a response that was lost."""
    session_hours: int = Field(default=12, ge=1)
    """After this long a person signs in again (NIST SP 800-63B section 4.2.3, AAL2)."""
    proof_seconds: int = Field(default=900, ge=1)
    """How long the proof of a caller's answers may be used for acts."""
    searches_per_minute: int = Field(default=120, ge=1)
    """Searches a person may send in a minute; the first burst may be a quarter of it."""
    late_charge_method: str = "1.5-percent"
    """A name of `domain.billing.late_charge.LATE_CHARGE_METHODS`: the method of the city's own ordinance."""
    feed_rows_kept: int = Field(default=200_000, ge=1000)
    """Changes of an office kept for desks that were away; one that missed more takes a snapshot."""
    stream_poll_seconds: float = Field(default=1.0, gt=0)
    stream_heartbeat_seconds: float = Field(default=5.0, gt=0)

    oidc_issuer: str = ""
    """The address of an OpenID provider whose sign-in is taken beside the passwords; empty: none."""
    oidc_client_id: str = ""
    """What the provider calls this service."""
    oidc_client_secret: SecretStr | None = None
    """For a provider that wants one of a client like this."""
    oidc_name: str = Field(default="", max_length=60)
    """What people call the provider; empty: the host of its address."""
    oidc_claim: str = Field(default="preferred_username", pattern=r"^[A-Za-z0-9_:./-]{1,200}$")
    """The claim of the ID token that is the login here."""
    oidc_suffix: str = ""
    """What the claim ends with and the login does not, as `@example.gov`."""
    oidc_audiences: str = ""
    """Audiences of ID tokens that are taken, blanks between; empty: the client id alone."""

    @model_validator(mode="after")
    def _whole_provider(self) -> Self:
        if self.oidc_issuer and not is_private(self.oidc_issuer):
            raise ValueError("oidc_issuer is an https address, or http to this machine itself")
        if self.oidc_issuer and not self.oidc_client_id:
            raise ValueError("oidc_issuer needs oidc_client_id")
        return self

    @property
    def provider_name(self) -> str:
        """What the sign-in screen calls the OpenID provider; "" without one."""
        return (self.oidc_name or urlsplit(self.oidc_issuer).hostname or "") if self.oidc_issuer else ""

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if name and name not in available_timezones():
            raise ValueError("a time zone is written as America/New_York")
        return name

    @field_validator("late_charge_method")
    @classmethod
    def _known_method(cls, name: str) -> str:
        if name not in LATE_CHARGE_METHODS:
            raise ValueError(f"a method is one of {', '.join(LATE_CHARGE_METHODS)}")
        return name

    def now(self) -> datetime:
        """The present moment in the city's own zone."""
        return datetime.now(UTC).astimezone(ZoneInfo(self.time_zone) if self.time_zone else None)

    @property
    def secret_path(self) -> Path:
        """The secret file: as given, else beside a SQLite database, else in the data folder."""
        if self.secret_file is not None:
            return self.secret_file
        if self.database.startswith("sqlite") and "///" in self.database:
            database = Path(self.database.split("///", 1)[1].split("?", 1)[0])
            return database.with_name(database.name + ".secret")
        return default_folder() / "secret"
