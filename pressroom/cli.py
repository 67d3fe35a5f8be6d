"""The `pressroom` command: start the product, run solutions, exchange them, and find out what is wrong."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from connectors.errors import PressroomError
from connectors.logs import configure_logs
from connectors.settings import get_settings
from pressroom.command_groups import CommandsOnDemand

app = typer.Typer(
    cls=CommandsOnDemand,
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    help="Pressroom: print, scan, documents.",
)
solution_app = typer.Typer(no_args_is_help=True, help="List, show, export and import solutions.")
app.add_typer(solution_app, name="solution")
console = Console()
KEEP_ALIVE_SECONDS = 75
"""A touch at a panel finds the connection of the touch before: building one takes as long as an answer does."""
Simulated = Annotated[
    int, typer.Option("--sim", min=0, max=10_000, help="Also run that many simulated printers, found and enrolled.")
]
Interactive = Annotated[bool, typer.Option("--demo", help="Also load the samples and run one solution on a scan.")]


@contextmanager
def _explained() -> Iterator[None]:
    """Show an error as its message, remedy and code, and end with status 1."""
    try:
        yield
    except PressroomError as error:
        console.print(f"[bold red]{escape(error.message)}[/]\n{escape(error.remedy)}\n[dim]{error.code}[/]")
        raise typer.Exit(1) from error


@app.command()
def up(demo: Interactive = False, sim: Simulated = 0) -> None:
    """Start everything on this machine and stay until Ctrl+C."""
    from pressroom.demo import show_demo
    from pressroom.first_start import prepare
    from pressroom.simulated_catalogue import offer_simulated_versions
    from pressroom.simulated_fleet import find_simulated_printers
    from pressroom.supervisor import running, watch

    configure_logs(get_settings())
    signal.signal(signal.SIGTERM, _end)
    with _explained():
        first = prepare(get_settings())
        settings = get_settings()
        console.print("Starting the engine, the portal and the worker …")
        with running(settings, sim) as parts:
            if sim:
                console.print(f"The built-in agent searches {sim} simulated printers.")
            if demo:
                show_demo(console, settings, sim)
            elif sim:
                offer_simulated_versions()
                find_simulated_printers(sim)
            _show_addresses(first.email, first.password)
            try:
                watch(parts)
            except KeyboardInterrupt:
                console.print("Stopping …")


@app.command()
def demo() -> None:
    """Start everything, load the sample organization, run one solution on a sample scan, show the result, and stop."""
    from pressroom.demo import show_demo
    from pressroom.first_start import prepare
    from pressroom.supervisor import running

    configure_logs(get_settings())
    signal.signal(signal.SIGTERM, _end)
    with _explained():
        prepare(get_settings())
        console.print("Starting the engine, the portal and the worker …")
        with running(get_settings()):
            show_demo(console, get_settings())


@app.command()
def run(
    solution: Annotated[str, typer.Argument(help="Name or id of a solution.")],
    files: Annotated[list[Path], typer.Argument(help="Documents to run it on.", exists=True, dir_okay=False)],
    set_value: Annotated[
        list[str] | None, typer.Option("--set", help="A value left open: STEP.FIELD=VALUE, steps counted from 1.")
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the results.")] = Path(),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show every step's output, deliver nothing.")] = False,
) -> None:
    """Run a solution on files with the running installation, and keep the downloads."""
    from pressroom.local_runs import parse_values, run_files

    with _explained():
        failed = run_files(console, solution, files, parse_values(set_value or []), output, dry_run)
    if failed:
        raise typer.Exit(1)


@solution_app.command("list")
def solution_list() -> None:
    """Every solution of the installation's administrator."""
    from domain.organizations.service import local_administrator
    from domain.solutions.service import list_solutions

    table = Table("Name", "Type", "Steps", "Changed", "Id")
    with _explained():
        for view in list_solutions(local_administrator()):
            steps = " → ".join(step.kind for step in view.definition.steps)
            table.add_row(
                escape(view.definition.name), view.type.value, steps, f"{view.changed:%Y-%m-%d %H:%M}", view.id
            )
    console.print(table)


@solution_app.command("show")
def solution_show(solution: str) -> None:
    """One solution as YAML, by name or id."""
    from domain.organizations.service import local_administrator
    from domain.solutions.service import export_yaml, find_solution

    with _explained():
        sys.stdout.write(export_yaml(find_solution(local_administrator(), solution).definition))


@solution_app.command("export")
def solution_export(solution: str, file: Path) -> None:
    """Write a solution to a YAML file."""
    from domain.organizations.service import local_administrator
    from domain.solutions.service import export_yaml, find_solution

    with _explained():
        file.write_text(export_yaml(find_solution(local_administrator(), solution).definition), encoding="utf-8")
    console.print(f"Wrote {escape(str(file))}")


@solution_app.command("import")
def solution_import(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Create a solution from a YAML file."""
    from domain.organizations.service import local_administrator
    from domain.solutions.service import create_solution, import_yaml

    with _explained():
        view = create_solution(local_administrator(), import_yaml(file.read_text(encoding="utf-8")))
    console.print(f"Created “{escape(view.definition.name)}” ({view.id})")


@app.command()
def doctor() -> None:
    """Look for what keeps the installation from working, and say the remedy."""
    from pressroom.doctor import examine

    table = Table("", "Part", "Finding", "Remedy")
    findings = examine(get_settings())
    for finding in findings:
        sign = "[green]✓[/]" if finding.ok else "[red]✗[/]"
        table.add_row(sign, finding.part, escape(finding.text), escape(finding.remedy))
    console.print(table)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


@app.command()
def healthy(
    part: Annotated[
        Literal["portal", "ipp", "mail-in", "engine", "worker"], typer.Argument(help="Which part of this host.")
    ],
) -> None:
    """Exit with 0 if that part of this host does its work, else with 1 (for health checks of containers)."""
    from pressroom.part_health import is_healthy

    if not is_healthy(part, get_settings()):
        raise typer.Exit(1)


@app.command()
def migrate() -> None:
    """Bring the database up to date and make what a first start needs."""
    from pressroom.first_start import prepare

    with _explained():
        first = prepare(get_settings())
    console.print("The database is up to date.")
    if first.password:
        console.print(f"Sign in as [bold]{first.email}[/] with the password [bold]{first.password}[/]", highlight=False)


@app.command("set-password")
def set_password(
    email: str, password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)]
) -> None:
    """Give a person a new password and end their sessions."""
    from domain.sign_in.password_changes import set_password as change

    with _explained():
        change(email, password)
    console.print("The password was changed.")


@app.command()
def worker() -> None:
    """Run a warm worker until stopped."""
    import os

    from pressroom.engine_environment import engine_environment

    os.environ.update(engine_environment(get_settings()))
    from flows.worker.serve import serve

    serve()


@app.command()
def engine() -> None:
    """Run Prefect's server (API, UI, scheduler) until stopped."""
    import os

    from pressroom.engine_environment import engine_environment

    os.environ.update(engine_environment(get_settings()))
    from flows.prefect_server import serve

    configure_logs(get_settings())
    serve(get_settings().prefect_host, get_settings().prefect_port)


@app.command()
def portal() -> None:
    """Run the portal and its API until stopped."""
    import uvicorn

    settings = get_settings()
    configure_logs(settings)
    uvicorn.run(
        "portal_api.app:create_app",
        factory=True,
        host=settings.portal_host,
        port=settings.portal_port,
        log_config=None,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=3,
    )


@app.command("ipp")
def ipp() -> None:
    """Run the print service (ipps) until stopped: what computers and phones print to, and nothing else."""
    import uvicorn

    from pressroom.print_certificate import certificate_files

    settings = get_settings()
    configure_logs(settings)
    with _explained():
        certificate, key = certificate_files(settings)
    uvicorn.run(
        "portal_api.ipp.application:create_print_service",
        factory=True,
        host=settings.ipp_host,
        port=settings.ipp_port,
        ssl_certfile=certificate,
        ssl_keyfile=key,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=3,
    )


@app.command("mail-in")
def mail_in() -> None:
    """Take mail for printing until stopped: by SMTP or LMTP, from the mail servers that lead it here."""
    from pressroom.mail_in import serve

    settings = get_settings()
    configure_logs(settings)
    with _explained():
        serve(settings)


@app.command("mail-catcher")
def mail_catcher() -> None:
    """Catch mail on loopback and keep it in the home folder, for trying things out."""
    from pressroom.mail_catcher import serve

    serve(get_settings().home.resolve() / "mail", get_settings().mail_catcher_port)


def _show_addresses(email: str, password: str | None) -> None:
    settings = get_settings()
    console.print(f"\nPortal      [bold]{settings.public_url}[/]", highlight=False)
    if password:
        console.print(f"Sign in     [bold]{email}[/], password [bold]{password}[/] (shown only now)", highlight=False)
    else:
        console.print(f"Sign in     {email} (“pressroom set-password” makes a new password)", highlight=False)
    if settings.ipp_port:
        console.print("Printing    “My account”, “Set up printing”, in the portal", highlight=False)
    console.print(f"API         {settings.public_url}/api/v1/openapi.json", highlight=False)
    console.print(f"Engine      {settings.operators_url} (Prefect UI, for operators)", highlight=False)
    if not settings.smtp_host:
        console.print(f"Mail        caught in {settings.home / 'mail'}", highlight=False)
    console.print("\nCtrl+C stops everything.\n")


def _end(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
