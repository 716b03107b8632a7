"""What the central commands share: options, an opened database, failures as sentences."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from csr_console.central.database import Database
    from csr_console.central.settings import CentralSettings
    from csr_console.domain.permissions import Permission

DatabaseOption = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="sqlite:///path or postgresql+psycopg://user@host/name; CSR_CENTRAL_DATABASE does the same.",
    ),
]
SecretFileOption = Annotated[
    Path | None, typer.Option(help="The file with the server secret; made when it is not there.")
]
TimeZoneOption = Annotated[str | None, typer.Option(help="The city's time zone: America/New_York")]
OfficeOption = Annotated[str, typer.Option(help="The office it concerns.")]

AsOption = Annotated[
    str,
    typer.Option(
        "--as", metavar="LOGIN", help="Who you are; the password is asked for, or read from standard input."
    ),
]


def stop(sentence: str) -> NoReturn:
    """Say why and exit 2."""
    typer.echo(sentence, err=True)
    raise typer.Exit(2)


def settings_from(
    database: str | None, secret_file: Path | None, time_zone: str | None = None, *, log: str = "none"
) -> "CentralSettings":
    """The settings of the environment with the options that were given."""
    from pydantic import ValidationError

    from csr_console.central.settings import CentralSettings

    given = {"database": database, "secret_file": secret_file, "time_zone": time_zone, "log": log}
    try:
        return CentralSettings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        item = error.errors(include_input=False, include_url=False)[0]
        stop(f"{item['loc'][0] if item['loc'] else 'settings'}: {item['msg'].removeprefix('Value error, ')}.")


@contextmanager
def opened(settings: "CentralSettings") -> Iterator["Database"]:
    """The database, brought to this version first."""
    from csr_console.central.database import Database
    from csr_console.central.service import prepare

    prepare(settings)
    db = Database(settings.database)
    try:
        yield db
    finally:
        db.close()


@contextmanager
def sentence_on_failure() -> Iterator[None]:
    """Answers, unusable secrets and unusable places leave as one sentence, never as a traceback."""
    from sqlalchemy.exc import ArgumentError

    from csr_console.central.migrations.run import SchemaUnknown
    from csr_console.central.secrets import SecretUnusable
    from csr_console.central.serving import CannotServe
    from csr_console.domain.refusals import Answer, Fault

    try:
        yield
    except Fault as fault:
        stop(f"{fault.sentence} Check that the database runs and that --database names it.")
    except Answer as answer:
        stop(answer.sentence)
    except (SecretUnusable, SchemaUnknown, CannotServe) as error:
        stop(str(error))
    except ArgumentError:
        stop("The database is given as sqlite:///path or postgresql+psycopg://user@host/name.")
    except ValueError as error:
        stop(str(error))


def operator() -> str:
    """Who runs the command, for the journal: the account of the operating system."""
    import getpass

    try:
        return f"os:{getpass.getuser()}"
    except OSError:
        return f"os:{os.getuid()}"


def read_password(*, new: bool = False) -> str:
    """From the terminal, a new one twice, or a line of standard input; never an argument, which all see."""
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=new))
    return sys.stdin.readline().rstrip("\r\n")


def member_of_staff(
    db: "Database", settings: "CentralSettings", login: str, permission: "Permission", office: str
) -> str:
    """The login of somebody whose password was given and whose role includes the permission.

    Raises `Refusal` sign-in-failed, too-many, not-permitted or other-office; `SecretUnusable`.
    """
    from csr_console.central.auth import Sessions
    from csr_console.central.secrets import load_secret
    from csr_console.domain.permissions import require

    actor = Sessions(db, load_secret(settings), settings, settings.now).identify(login, read_password())
    require(actor, permission, office)
    return actor.login
