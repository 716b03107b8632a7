"""The command line of the central service: `csr-console central ...`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from csr_console.central.cli_imports import import_app
from csr_console.central.cli_ledger import ledger_app
from csr_console.central.cli_support import (
    DatabaseOption,
    OfficeOption,
    SecretFileOption,
    TimeZoneOption,
    opened,
    operator,
    read_password,
    sentence_on_failure,
    settings_from,
    stop,
)
from csr_console.central.cli_tariffs import tariff_app
from csr_console.domain.permissions import Actor, Role

if TYPE_CHECKING:
    from csr_console.central.database import Database

central_app = typer.Typer(
    name="central",
    help="The central service: serve it, import into it, check its audit chain, manage its staff.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
central_app.add_typer(import_app, name="import")
central_app.add_typer(ledger_app)
central_app.add_typer(tariff_app)

LoginArgument = Annotated[str, typer.Argument(help="Lower-case letters, digits, dot, dash: r.boone")]


@central_app.command()
def serve(
    database: DatabaseOption = None,
    secret_file: SecretFileOption = None,
    time_zone: TimeZoneOption = None,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8710,
    uds: Annotated[Path | None, typer.Option(help="Listen on this Unix socket instead.")] = None,
    certificate: Annotated[Path | None, typer.Option(help="The TLS certificate chain (PEM).")] = None,
    key: Annotated[Path | None, typer.Option(help="The key of the certificate (PEM).")] = None,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Processes; more than one needs PostgreSQL.")
    ] = 1,
) -> None:
    """Serve the REST API; the database is brought to this version first."""
    from csr_console.central.service import prepare
    from csr_console.central.serving import Listening, require_servable
    from csr_console.central.serving import serve as run

    settings = settings_from(database, secret_file, time_zone, log="stderr")
    listening = Listening(host, port, uds, certificate, key, workers)
    with sentence_on_failure():
        require_servable(settings, listening)
        prepare(settings)
        with opened(settings) as db:
            staffed = _has_staff(db)
        if not staffed:
            typer.echo(
                "Nobody can sign in yet. Add the first administrator with:\n"
                "  csr-console central add-staff LOGIN --name 'Their Name' --role administrator",
                err=True,
            )
        if listening.exposed:
            typer.echo(
                "Other machines can reach this without TLS: put it behind a TLS proxy, or give --certificate"
                " and --key.",
                err=True,
            )
        typer.echo(f"Serving at {listening.place}", err=True)
        run(settings, listening)


@central_app.command()
def migrate(database: DatabaseOption = None, secret_file: SecretFileOption = None) -> None:
    """Bring the database to this version's schema."""
    from csr_console.central.service import prepare

    with sentence_on_failure():
        prepare(settings_from(database, secret_file))
    typer.echo("The database has the schema of this version.")


@central_app.command(name="add-staff")
def add_staff(
    login: LoginArgument,
    name: Annotated[str, typer.Option(help="Their name as colleagues read it.")],
    role: Annotated[Role, typer.Option(help="What they may do.")] = Role.CLERK,
    office: OfficeOption = "main",
    database: DatabaseOption = None,
    secret_file: SecretFileOption = None,
) -> None:
    """Add a member of staff; the password is asked for, or read from standard input."""
    from csr_console.central import staff

    settings = settings_from(database, secret_file)
    with sentence_on_failure():
        actor = _actor(login, name, role, office)
        password = read_password(new=True)
        with opened(settings) as db, db.write() as connection:
            staff.add_staff(connection, actor, password, by=operator(), now=settings.now())
    typer.echo(f"{actor.login} can sign in as {role.value} of the office {office}.")


@central_app.command(name="set-password")
def set_password(
    login: LoginArgument, database: DatabaseOption = None, secret_file: SecretFileOption = None
) -> None:
    """Give somebody a new password and lift a lock after failed sign-ins."""
    from csr_console.central import staff

    settings = settings_from(database, secret_file)
    with sentence_on_failure():
        password = read_password(new=True)
        with opened(settings) as db, db.write() as connection:
            staff.set_password(connection, login, password, by=operator(), now=settings.now())
    typer.echo(f"{login} has a new password.")


@central_app.command(name="disable-staff")
def disable_staff(
    login: LoginArgument,
    enable: Annotated[bool, typer.Option("--enable", help="Let them sign in again.")] = False,
    database: DatabaseOption = None,
    secret_file: SecretFileOption = None,
) -> None:
    """End somebody's access at once; what they queued is held for a lead."""
    from csr_console.central import staff

    settings = settings_from(database, secret_file)
    with sentence_on_failure(), opened(settings) as db, db.write() as connection:
        staff.set_disabled(connection, login, not enable, by=operator(), now=settings.now())
    typer.echo(f"{login} can sign in again." if enable else f"{login} can no longer sign in.")


@central_app.command(name="list-staff")
def list_staff(
    office: OfficeOption = "main", database: DatabaseOption = None, secret_file: SecretFileOption = None
) -> None:
    """Who may sign in."""
    from csr_console.central import staff

    with sentence_on_failure(), opened(settings_from(database, secret_file)) as db, db.read() as connection:
        for actor in staff.list_staff(connection, office):
            off = "  (disabled)" if actor.disabled else ""
            typer.echo(f"{actor.login}  {actor.role.value}  {actor.name}{off}")


@central_app.command(name="release-station")
def release_station(
    station: Annotated[str, typer.Argument(help="The station's name: C07")],
    office: OfficeOption = "main",
    database: DatabaseOption = None,
    secret_file: SecretFileOption = None,
) -> None:
    """Let another machine take a station's name, after the first was replaced."""
    from csr_console.central import staff

    settings = settings_from(database, secret_file)
    with sentence_on_failure(), opened(settings) as db, db.write() as connection:
        staff.release_station(connection, station, office=office, by=operator(), now=settings.now())
    typer.echo(f"The next machine that signs in as {station} takes the name.")


@central_app.command(name="verify-audit")
def verify_audit(
    office: Annotated[str | None, typer.Option(help="One office; without it all of them.")] = None,
    database: DatabaseOption = None,
    secret_file: SecretFileOption = None,
) -> None:
    """Check the hash chain of the command log: exit 1 and a sentence for each row that is wrong."""
    from csr_console.central.chain import verify_audit as findings_of
    from csr_console.central.reads.commands import head_of

    with sentence_on_failure(), opened(settings_from(database, secret_file)) as db:
        offices = [office] if office else _offices(db)
        with db.read() as connection:
            heads = [head_of(connection, name) for name in offices]
        findings = [finding for name in offices for finding in findings_of(db, name)]
    for finding in findings:
        typer.echo(finding.sentence)
    if findings:
        typer.echo(f"{len(findings)} findings: the log is not what was written.", err=True)
        raise typer.Exit(1)
    for head in heads:
        typer.echo(f"{head.office}: {head.seq} rows, all in place. Head {head.hash}")
    if not heads:
        typer.echo("No commands have been applied yet.")


@central_app.command(name="export-openapi")
def export_openapi(
    path: Annotated[Path, typer.Argument(help="Where to write it.")] = Path("docs/reference/openapi.json"),
    check: Annotated[bool, typer.Option("--check", help="Only compare; exit 1 when it differs.")] = False,
) -> None:
    """Write the description of the REST API (OpenAPI 3.1)."""
    from csr_console.central.openapi import main

    raise typer.Exit(main([str(path), *(["--check"] if check else [])]))


def _actor(login: str, name: str, role: Role, office: str) -> Actor:
    from pydantic import TypeAdapter, ValidationError

    from csr_console.domain.fields import Login, Office
    from csr_console.domain.text import clean_line

    for field, value in ((Login, login), (Office, office)):
        try:
            TypeAdapter(field).validate_python(value)
        except ValidationError:
            stop("A login and an office begin with a letter: lower-case letters, digits, dot, dash.")
    return Actor(login, clean_line(name), role, office)


def _has_staff(db: "Database") -> bool:
    from sqlalchemy import select

    from csr_console.central.tables.staff import staff

    with db.read() as connection:
        return connection.execute(select(staff.c.login).limit(1)).first() is not None


def _offices(db: "Database") -> list[str]:
    """Every office with a head or a row: a head that was removed does not hide its rows."""
    from sqlalchemy import select, union

    from csr_console.central.tables.commands import command_log, office_head

    query = union(select(office_head.c.office), select(command_log.c.office))
    with db.read() as connection:
        return sorted(connection.execute(query).scalars())
