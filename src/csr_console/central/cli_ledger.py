"""Money on the command line: the bill run, late charges, the proof of the ledger, its export."""

import sys
from datetime import datetime
from typing import Annotated

import typer

from csr_console.central.cli_support import (
    DatabaseOption,
    OfficeOption,
    SecretFileOption,
    opened,
    sentence_on_failure,
    settings_from,
)
from csr_console.central.ledger_export import Format
from csr_console.domain.billing.exceptions import ExceptionCode

ledger_app = typer.Typer(pretty_exceptions_enable=False)


@ledger_app.command(name="run-bills")
def run_bills(
    billed_on: Annotated[
        datetime | None,
        typer.Option("--on", formats=["%Y-%m-%d"], help="The day of the bills; today without."),
    ] = None,
    office: OfficeOption = "main",
    database: DatabaseOption = None,
    secret_file: SecretFileOption = None,
) -> None:
    """Bill every account up to its newest reads; a run that was cut off goes on where it stopped."""
    from csr_console.central import billing_run
    from csr_console.central.cli_imports import with_progress
    from csr_console.domain.money import dollars_text

    settings = settings_from(database, secret_file)
    day = (billed_on or settings.now()).date()
    with sentence_on_failure(), opened(settings) as db:
        report = with_progress(
            f"Billing {day}",
            lambda progress: billing_run.run_bills(db, office, day, settings.now, progress=progress),
        )
    typer.echo(
        f"{report.bills:,} bills for {report.accounts:,} accounts, ${dollars_text(report.total_cents)}."
    )
    for code, count in sorted(report.exceptions.items()):
        typer.echo(f"  {count:,} {code}")


@ledger_app.command(name="list-exceptions")
def list_exceptions(
    code: Annotated[
        ExceptionCode | None, typer.Option("--code", help="Only what was found of this kind.")
    ] = None,
    settled: Annotated[bool, typer.Option("--settled", help="Those that were settled, and why.")] = False,
    office: OfficeOption = "main",
    database: DatabaseOption = None,
    secret_file: SecretFileOption = None,
) -> None:
    """What bill runs found and nobody has settled, the newest run first."""
    from csr_console.central.reads import exceptions
    from csr_console.domain.text import clean_line

    settings = settings_from(database, secret_file)
    cursor: str | None = None
    which: exceptions.Which = "settled" if settled else "waiting"
    with sentence_on_failure(), opened(settings) as db, db.read() as connection:
        while True:
            page = exceptions.list_exceptions(
                connection, office, which=which, code=code, cursor=cursor, limit=exceptions.MOST
            )
            for one in page.items:
                ending = f" Settled by {one.settled_by}: {one.reason}" if settled else ""
                said = clean_line(f"{one.sentence}{ending}", limit=500)
                typer.echo(f"{one.run}  {one.account}  {one.service:<12}  {one.code:<17}  {said}")
            if (cursor := page.next) is None:
                break


@ledger_app.command(name="charge-late")
def charge_late(
    on: Annotated[
        datetime | None,
        typer.Option("--on", formats=["%Y-%m-%d"], help="The day of the charges; today without."),
    ] = None,
    office: OfficeOption = "main",
    database: DatabaseOption = None,
    secret_file: SecretFileOption = None,
) -> None:
    """Charge every bill that is past due, once; CSR_CENTRAL_LATE_CHARGE_METHOD names the method."""
    from csr_console.central import late_charges
    from csr_console.domain.billing.late_charge import LATE_CHARGE_METHODS
    from csr_console.domain.money import dollars_text

    settings = settings_from(database, secret_file)
    day, method = (on or settings.now()).date(), settings.late_charge_method
    with sentence_on_failure(), opened(settings) as db:
        report = late_charges.charge_late(db, office, day, method, settings.now)
    total, citation = dollars_text(report.total_cents), LATE_CHARGE_METHODS[method].citation
    typer.echo(
        f"{report.charged:,} late charges on {report.bills:,} bills past due, ${total}, by {citation}."
    )


@ledger_app.command(name="verify-ledger")
def verify_ledger(
    office: OfficeOption = "main", database: DatabaseOption = None, secret_file: SecretFileOption = None
) -> None:
    """Sum every posting again: exit 1 and a sentence for each entry or balance that is off."""
    from csr_console.central import ledger

    with sentence_on_failure(), opened(settings_from(database, secret_file)) as db, db.read() as connection:
        findings = ledger.verify_ledger(connection, office)
        counts = ledger.count(connection, office)
    for finding in findings:
        typer.echo(finding.sentence)
    if findings:
        typer.echo(f"{len(findings)} findings: the ledger is not what was posted.", err=True)
        raise typer.Exit(1)
    typer.echo(
        f"{office}: {counts.entries} entries, {counts.postings} postings, {counts.balances} balances: proven."
    )


@ledger_app.command(name="export-ledger")
def export_ledger(
    form: Annotated[Format, typer.Option("--format", help="What the other book reads.")] = Format.BEANCOUNT,
    office: OfficeOption = "main",
    database: DatabaseOption = None,
    secret_file: SecretFileOption = None,
) -> None:
    """Write the whole ledger to standard output, the oldest posting first."""
    from csr_console.central import ledger
    from csr_console.central.ledger_export import export

    with sentence_on_failure(), opened(settings_from(database, secret_file)) as db, db.read() as connection:
        for text in export(ledger.list_entries(connection, office), form):
            sys.stdout.write(text)
