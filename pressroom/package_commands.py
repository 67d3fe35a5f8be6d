"""`pressroom packages`: packages of agents, built for other systems too, and offered to agents (FL-123, FL-138)."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from connectors.errors import PressroomError
from steps.agent_packages import PackageKind, PackageManifest, own_target

packages_app = typer.Typer(no_args_is_help=True, help="Packages by which agents are installed and updated.")
console = Console()


@packages_app.command()
def build(
    file: Annotated[Path, typer.Argument(help="Where the package is written.")],
    target: Annotated[str, typer.Option(help="The system it is for, as windows-x86_64-cp311; empty: this one.")] = "",
    program: Annotated[PackageKind, typer.Option(help="agent, or workstation for the program of print clients.")] = (
        PackageKind.AGENT
    ),
    wheels: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="Folder of wheels for another system.")
    ] = None,
) -> None:
    """Build a package of a program of this release. It is offered once it has been added."""
    from fleet.packages.building import build_agent
    from fleet.print_packages.updates import build_workstation
    from steps.printers.agent_itself import VERSION

    if bool(target and target != own_target()) != bool(wheels):
        raise typer.BadParameter("Another system and a folder of wheels for it go together.")
    builders = {PackageKind.AGENT: build_agent, PackageKind.WORKSTATION: build_workstation}
    if program not in builders:
        raise typer.BadParameter("Libraries are built with each release.")
    manifest = PackageManifest(kind=program, version=VERSION, target=target or own_target())
    try:
        builders[program](file, manifest, wheels=wheels)
    except PressroomError as error:
        raise _told(error) from error
    console.print(f"Version {VERSION} for {manifest.target} is in {file}.", highlight=False)


@packages_app.command()
def add(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A package.")]) -> None:
    """Sign a package with the installation's key and offer it to the agents of every organization."""
    from fleet.packages.offers import add_package

    try:
        manifest = add_package(file)
    except PressroomError as error:
        raise _told(error) from error
    console.print(f"Offered: {manifest.kind} {manifest.version} for {manifest.target}.", highlight=False)


def _told(error: PressroomError) -> typer.Exit:
    console.print(f"[bold red]{escape(error.message)}[/]\n{escape(error.remedy)}\n[dim]{error.code}[/]")
    return typer.Exit(1)
