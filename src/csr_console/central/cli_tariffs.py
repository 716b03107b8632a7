"""Tariff books on the command line: loaded by one person, simulated, approved by another."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from csr_console.central.cli_support import (
    AsOption,
    DatabaseOption,
    OfficeOption,
    SecretFileOption,
    member_of_staff,
    opened,
    operator,
    sentence_on_failure,
    settings_from,
    stop,
)
from csr_console.domain.permissions import Permission

if TYPE_CHECKING:
    from csr_console.central.tariff_loads import Simulation

tariff_app = typer.Typer(pretty_exceptions_enable=False)

DigestArgument = Annotated[
    str, typer.Argument(help="The digest of a book that is loaded, or its beginning.", show_default=False)
]


@tariff_app.command(name="list-tariffs")
def list_tariffs(
    office: OfficeOption = "main", database: DatabaseOption = None, secret_file: SecretFileOption = None
) -> None:
    """Every tariff book that is kept, and how far it is: loaded, simulated, in force."""
    from csr_console.central.tariff_loads import list_books

    with sentence_on_failure(), opened(settings_from(database, secret_file)) as db, db.read() as connection:
        books = list_books(connection, office)
    for one in books:
        typer.echo(f"{one.digest[:12]}  {one.book_id}  {one.state}, loaded by {one.loaded_by}")


@tariff_app.command(name="load-tariff")
def load_tariff(
    file: Annotated[Path, typer.Argument(help="A tariff book, BOOK.toml.", show_default=False)],
    login: AsOption,
    office: OfficeOption = "main",
    database: DatabaseOption = None,
    secret_file: SecretFileOption = None,
) -> None:
    """Keep the text of a tariff book; nothing is billed by it before it is simulated and approved."""
    from csr_console.central.tariff_loads import load_book

    settings = settings_from(database, secret_file)
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        stop(f"{file} cannot be read: {error}.")
    with sentence_on_failure(), opened(settings) as db:
        who = member_of_staff(db, settings, login, Permission.TARIFF_LOAD, office)
        with db.write() as connection:
            loaded = load_book(connection, office, text, who, settings.now())
    if isinstance(loaded, list):
        for mistake in loaded:
            typer.echo(str(mistake), err=True)
        typer.echo(f"{file} was not loaded: {len(loaded)} mistakes.", err=True)
        raise typer.Exit(1)
    typer.echo(f"Loaded as {loaded}. Simulate it next: csr-console central simulate-tariff {loaded[:12]}")


@tariff_app.command(name="simulate-tariff")
def simulate_tariff(
    digest: DigestArgument,
    month: Annotated[
        datetime, typer.Option(formats=["%Y-%m"], help="The month whose bills are rated again: 2026-08")
    ],
    begins_on: Annotated[
        datetime | None,
        typer.Option(
            "--begins-on",
            formats=["%Y-%m-%d"],
            help="Move their service days here, for prices that begin later.",
        ),
    ] = None,
    office: OfficeOption = "main",
    database: DatabaseOption = None,
    secret_file: SecretFileOption = None,
) -> None:
    """Rate the bills of a month again by a loaded book: the difference by schedule, nothing is posted."""
    from csr_console.central.tariff_loads import simulate_book

    settings = settings_from(database, secret_file)
    with sentence_on_failure(), opened(settings) as db, db.write() as connection:
        simulation = simulate_book(
            connection,
            office,
            digest,
            month.date(),
            operator(),
            settings.now(),
            begins_on=begins_on.date() if begins_on else None,
        )
    _show(simulation)


def _show(simulation: "Simulation") -> None:
    from csr_console.domain.money import dollars_text
    from csr_console.domain.text import clean_line

    typer.echo(
        f"{simulation.book_id}: {len(simulation.changes)} figures and rules differ from those in force."
    )
    for change in simulation.changes:
        typer.echo(f"  {clean_line(str(change), limit=300)}")
    for name, one in sorted(simulation.schedules.items()):
        moved = one.after_cents - one.before_cents
        sign = "+" if moved > 0 else ""
        typer.echo(
            f"{name}: {one.segments:,} bills, ${dollars_text(one.before_cents)} →"
            f" ${dollars_text(one.after_cents)} ({sign}{dollars_text(moved)})"
        )
    for sentence in simulation.refused:
        typer.echo(f"  {clean_line(sentence, limit=300)}", err=True)
    if simulation.refused_count:
        typer.echo(f"{simulation.refused_count:,} bills are not rated by the new book.", err=True)


@tariff_app.command(name="approve-tariff")
def approve_tariff(
    digest: DigestArgument,
    login: AsOption,
    office: OfficeOption = "main",
    database: DatabaseOption = None,
    secret_file: SecretFileOption = None,
) -> None:
    """Bill by a book from now on; by another person than who loaded it, after a simulation."""
    from csr_console.central.tariff_loads import approve_book

    settings = settings_from(database, secret_file)
    with sentence_on_failure(), opened(settings) as db:
        who = member_of_staff(db, settings, login, Permission.TARIFF_APPROVE, office)
        with db.write() as connection:
            one = approve_book(connection, office, digest, who, settings.now())
    typer.echo(f"The book {one.book_id}, {one.digest[:12]}, is in force for the office {office}.")
