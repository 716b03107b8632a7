"""The ledger on the command line: prove it, write it out for other books."""

import sys
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

ledger_app = typer.Typer(pretty_exceptions_enable=False)


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
