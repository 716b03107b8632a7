"""`csr-console central import ...`: files of a city, with a progress bar and a report of what was refused."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from csr_console.central.cli_support import (
    DatabaseOption,
    OfficeOption,
    SecretFileOption,
    opened,
    operator,
    sentence_on_failure,
    settings_from,
)

if TYPE_CHECKING:
    from csr_console.central.database import Database
    from csr_console.central.imports import Imported, Importer, Progress
    from csr_console.central.settings import CentralSettings
    from csr_console.contracts.imports import Refused

Done = TypeVar("Done")
SHOWN_ROWS = 40

import_app = typer.Typer(help="Bring in what a city exports.", no_args_is_help=True)

ReportOption = Annotated[
    Path | None, typer.Option(help="Write the refused rows here: .csv, or .json with the counts.")
]

SkipRefusedOption = Annotated[
    bool, typer.Option("--skip-refused", help="Take the good rows although others are refused.")
]


@import_app.command()
def customers(
    file: Annotated[Path, typer.Argument(help="customers.csv", show_default=False)],
    office: OfficeOption = "main",
    skip_refused: SkipRefusedOption = False,
    report: ReportOption = None,
    database: DatabaseOption = None,
    secret_file: SecretFileOption = None,
) -> None:
    """Import accounts, customers and premises; the same file again changes nothing."""
    from csr_console.central.imports import import_customers
    from csr_console.central.secrets import load_secret

    settings = settings_from(database, secret_file)
    _import(
        file,
        "accounts",
        report,
        settings,
        office,
        lambda db, importer, progress: import_customers(
            db, load_secret(settings), file, importer, progress=progress, skip_refused=skip_refused
        ),
    )


@import_app.command()
def network(
    folder: Annotated[
        Path, typer.Argument(help="nodes.csv, edges.csv, devices.csv, customers.csv", show_default=False)
    ],
    office: OfficeOption = "main",
    report: ReportOption = None,
    database: DatabaseOption = None,
    secret_file: SecretFileOption = None,
) -> None:
    """Import the distribution network; it takes the place of the one before."""
    from csr_console.central.imports import import_network

    settings = settings_from(database, secret_file)
    _import(
        folder,
        "rows",
        report,
        settings,
        office,
        lambda db, importer, progress: import_network(db, folder, importer, progress=progress),
    )


@import_app.command()
def payments(
    file: Annotated[Path, typer.Argument(help="payments.csv of the cashier's office", show_default=False)],
    office: OfficeOption = "main",
    report: ReportOption = None,
    database: DatabaseOption = None,
    secret_file: SecretFileOption = None,
) -> None:
    """Post what the cashier's office took; a receipt is posted once, however often its file comes."""
    from csr_console.central.imports import import_payments

    settings = settings_from(database, secret_file)
    _import(
        file,
        "payments",
        report,
        settings,
        office,
        lambda db, importer, progress: import_payments(db, file, importer, progress=progress),
    )


@import_app.command("degree-days")
def degree_days(
    file: Annotated[
        Path, typer.Argument(help="date,hdd,cdd or date,tmin,tmax in °F, a day a row", show_default=False)
    ],
    station: Annotated[str, typer.Option(help="Where it was measured, as KTLH.", show_default=False)],
    office: OfficeOption = "main",
    report: ReportOption = None,
    database: DatabaseOption = None,
    secret_file: SecretFileOption = None,
) -> None:
    """Keep degree days, to set the use of bills against the weather; the same file changes nothing."""
    from csr_console.central.imports import import_degree_days

    settings = settings_from(database, secret_file)
    _import(
        file,
        "degree days",
        report,
        settings,
        office,
        lambda db, importer, progress: import_degree_days(db, file, importer, station, progress=progress),
    )


@import_app.command()
def agreements(
    file: Annotated[Path, typer.Argument(help="agreements.csv", show_default=False)],
    office: OfficeOption = "main",
    skip_refused: SkipRefusedOption = False,
    report: ReportOption = None,
    database: DatabaseOption = None,
    secret_file: SecretFileOption = None,
) -> None:
    """Import what accounts are billed for, by which schedule; the same file again changes nothing."""
    from csr_console.central.imports import import_agreements

    settings = settings_from(database, secret_file)
    _import(
        file,
        "agreements",
        report,
        settings,
        office,
        lambda db, importer, progress: import_agreements(
            db, file, importer, progress=progress, skip_refused=skip_refused
        ),
    )


@import_app.command()
def reads(
    file: Annotated[Path, typer.Argument(help="reads.csv", show_default=False)],
    office: OfficeOption = "main",
    skip_refused: SkipRefusedOption = False,
    report: ReportOption = None,
    database: DatabaseOption = None,
    secret_file: SecretFileOption = None,
) -> None:
    """Import what meters showed; a read that does not go on from the one before it is refused."""
    from csr_console.central.imports import import_reads

    settings = settings_from(database, secret_file)
    _import(
        file,
        "reads",
        report,
        settings,
        office,
        lambda db, importer, progress: import_reads(
            db, file, importer, progress=progress, skip_refused=skip_refused
        ),
    )


@import_app.command()
def intervals(
    file: Annotated[
        Path, typer.Argument(help="intervals.csv, or Green Button of one meter as .xml", show_default=False)
    ],
    meter: Annotated[str, typer.Option(help="Whose use it is: a Green Button file does not say.")] = "",
    office: OfficeOption = "main",
    skip_refused: SkipRefusedOption = False,
    report: ReportOption = None,
    database: DatabaseOption = None,
    secret_file: SecretFileOption = None,
) -> None:
    """Import use by the hour, for time of use and demand; the same file again changes nothing."""
    from zoneinfo import ZoneInfo

    from csr_console.central.imports import import_intervals

    settings = settings_from(database, secret_file)
    zone = ZoneInfo(settings.time_zone) if settings.time_zone else None
    _import(
        file,
        "intervals",
        report,
        settings,
        office,
        lambda db, importer, progress: import_intervals(
            db, file, importer, zone, meter=meter, progress=progress, skip_refused=skip_refused
        ),
    )


def _import(
    source: Path,
    noun: str,
    report: Path | None,
    settings: "CentralSettings",
    office: str,
    work: "Callable[[Database, Importer, Progress], Imported]",
) -> None:
    """Do the work on the opened database under a bar, and say what came of it."""
    from csr_console.central.imports import Importer

    _check_report(report)
    with sentence_on_failure(), opened(settings) as db:
        importer = Importer(office, operator(), settings.now())
        imported = with_progress(f"Reading {source.name}", lambda progress: work(db, importer, progress))
    _conclude(imported, report, noun)


def with_progress(title: str, work: "Callable[[Progress], Done]") -> "Done":
    """Do the work under a bar that it moves."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.text import Text

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(Text(title).plain.replace("[", "\\["), total=None)
        return work(lambda done, total: bar.update(task, completed=done, total=total))


def _check_report(path: Path | None) -> None:
    """Find out before the import, not after it, that its report cannot be written."""
    if path is None:
        return
    from csr_console.central.cli_support import stop

    if path.suffix not in (".csv", ".json"):
        stop(f"The report {path} ends neither in .csv nor in .json.")
    if not path.parent.is_dir():
        stop(f"There is no folder {path.parent} for the report.")


def _conclude(imported: "Imported", report: Path | None, noun: str) -> None:
    """The counts, the refused rows, the report; exit 1 when nothing was imported for them."""
    if report is not None:
        _write_report(report, imported)
        typer.echo(f"The report is in {report}.", err=True)
    refused = imported.report
    if refused.refused_count:
        _show_refused(refused.refused, refused.refused_count)
    for note in imported.notes:
        typer.echo(note, err=True)
    if not imported.applied:
        typer.echo("Nothing was imported: correct the rows above and import again.", err=True)
        raise typer.Exit(1)
    counts = ", ".join(f"{count:,} {word}" for word, count in imported.counts.items() if count)
    typer.echo(f"Imported {noun}: {counts or 'none in the file'}.")


def _show_refused(rows: "list[Refused]", count: int) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("Row", "Field", "Reason", title=f"{count:,} refused", title_justify="left")
    for row in rows[:SHOWN_ROWS]:
        place = f"{row.file} {row.row}".strip() if row.row else row.file
        table.add_row(Text(place), Text(row.field), Text(row.reason))
    console = Console(stderr=True)
    console.print(table)
    if count > SHOWN_ROWS:
        typer.echo(f"… and {count - SHOWN_ROWS:,} more; --report FILE.csv writes them down.", err=True)


def _write_report(path: Path, imported: "Imported") -> None:
    """Cells that a spreadsheet would take for a formula are made text (OWASP, CSV injection)."""
    rows = [(row.file, row.row, row.field, row.reason) for row in imported.report.refused]
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("file", "row", "field", "reason"))
            writer.writerows([_inert(cell) for cell in row] for row in rows)
        return
    document = {
        "digest": imported.digest,
        "applied": imported.applied,
        **imported.counts,
        "by_field": imported.report.by_field(),
        "rows": [dict(zip(("file", "row", "field", "reason"), row, strict=True)) for row in rows],
    }
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _inert(cell: object) -> str:
    text = str(cell)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
