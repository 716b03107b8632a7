"""The command line: the console itself, the demo city, the doctor and the central service."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from csr_console import __version__

os.environ.setdefault("TEXTUAL_FPS", "120")  # read when textual is imported

app = typer.Typer(
    name="csr-console",
    help="The desk of a city's customer accounts specialist.",
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"csr-console {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def console(
    context: typer.Context,
    settings: Annotated[Path | None, typer.Option(help="Another settings.toml.")] = None,
    theme: Annotated[str | None, typer.Option(help="Another theme, this time only.")] = None,
    thin: Annotated[bool, typer.Option("--thin", help="For slow links: no blink, no clock.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Open the console of this workstation."""
    if context.invoked_subcommand is not None:
        return
    from csr_console.console import open_workstation

    open_workstation(settings, theme=theme, thin=thin)


@app.command()
def demo(
    accounts: Annotated[int, typer.Option(min=100, max=1_000_000, help="Accounts in the demo city.")] = 5000,
    network: Annotated[str, typer.Option(help="good, slow, lossy or down.")] = "good",
    network_model: Annotated[
        Path | None, typer.Option(help="A folder of nodes, edges, devices and customers to use instead.")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin with an untouched city.")] = False,
    tour: Annotated[bool, typer.Option("--tour", help="Play the scripted tour and print it.")] = False,
    save: Annotated[Path, typer.Option(help="Where the tour saves its screens.")] = Path("tour"),
    theme: Annotated[str, typer.Option(help="The theme.")] = "dark",
    thin: Annotated[bool, typer.Option("--thin", help="For slow links.")] = False,
) -> None:
    """Open the console on the demo city, with a network you can pull."""
    from csr_console.demo.launch import DemoOptions, play_tour, run_demo
    from csr_console.demo.network import WEATHERS

    if network not in WEATHERS:
        _stop(f"--network is one of {', '.join(WEATHERS)}.")
    options = DemoOptions(
        accounts=accounts,
        network=network,
        network_model=network_model,
        fresh=fresh,
        theme=theme,
        thin=thin,
    )
    if tour or not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise typer.Exit(play_tour(options, save))
    run_demo(options)


@app.command()
def doctor(
    settings: Annotated[Path | None, typer.Option(help="Another settings.toml.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For a machine to read.")] = False,
) -> None:
    """Check terminal, keys, keyring, stores, clock, disk and network, and say what to do."""
    from csr_console.doctor import examine, report
    from csr_console.settings import settings_path

    findings = examine(settings or settings_path())
    print(report(findings, as_json=as_json))
    raise typer.Exit(1 if any(finding.grade == "bad" for finding in findings) else 0)


@app.command()
def quote(
    book: Annotated[Path, typer.Argument(help="A tariff book (TOML).", show_default=False)],
    schedule: Annotated[str, typer.Option(help="The rate schedule: E-RES")],
    first: Annotated[str, typer.Option("--from", help="The day of the first read: 2015-04-29")],
    last: Annotated[str, typer.Option("--to", help="The day of the second read.")],
    usage: Annotated[str | None, typer.Option(help="Use of the period in the schedule's unit.")] = None,
    use_in: Annotated[
        list[str] | None, typer.Option("--in", help="Use in a period of the day: on=120; again for more.")
    ] = None,
    demand: Annotated[str | None, typer.Option(help="The measured peak in kW.")] = None,
    premise: Annotated[
        list[str] | None, typer.Option(help="About the premise: location=inside; again for more.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For a machine to read.")] = False,
) -> None:
    """Rate one service over one period: every line, tax and reason, and nothing is posted."""
    from csr_console.quoting import quote_text

    figures = {"usage": usage, "demand_kw": demand}
    try:
        print(
            quote_text(
                book,
                {"schedule": schedule, "from_read_on": first, "to_read_on": last}
                | {name: value for name, value in figures.items() if value is not None},
                use_in or [],
                premise or [],
                as_json=as_json,
            )
        )
    except ValueError as mistake:
        _stop(str(mistake))


def _stop(sentence: str) -> None:
    print(f"csr-console: {sentence}", file=sys.stderr)
    raise typer.Exit(2)


def _attach_central() -> None:
    from csr_console.central.cli import central_app

    app.add_typer(central_app, name="central", help="Run and look after the central service.")


def main() -> None:
    """Entry point; central's commands, and all they import, are attached only when they are asked for."""
    if sys.argv[1:2] in (["central"], ["--help"], ["-h"]):
        _attach_central()
    app()
