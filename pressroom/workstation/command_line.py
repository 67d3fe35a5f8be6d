"""What the commands of `printctl` have in common: options, how errors are told, exit codes, the way to the portal."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.markup import escape

from connectors.errors import PressroomError
from pressroom.workstation.cloud import BUSY, NO_ROUTE, SIGNED_OUT, Cloud
from pressroom.workstation.configuration import FILE_NAME, Configuration
from pressroom.workstation.folder import SIGN_IN_FIRST, WorkstationFolder, usual_folder

T = TypeVar("T")
NOT_DONE, USAGE, NOT_SIGNED_IN, NO_PORTAL_NOW = 1, 2, 3, 4
"""Exit codes: something was refused; wrong use; nobody is signed in; the portal cannot be reached."""
EXIT_CODES = {SIGN_IN_FIRST: NOT_SIGNED_IN, SIGNED_OUT: NOT_SIGNED_IN, NO_ROUTE: NO_PORTAL_NOW, BUSY: NO_PORTAL_NOW}
Folder = Annotated[
    Path | None, typer.Option(envvar="PRINTCTL_FOLDER", help="Where the agent keeps its things; else as usual.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
console = Console(highlight=False)
problems = Console(stderr=True, highlight=False)


@dataclass(frozen=True, slots=True)
class Place:
    """The folder and what its configuration says."""

    folder: WorkstationFolder
    configuration: Configuration


def place_of(folder: Path | None) -> Place:
    """The folder named, or the usual one; unknown keys of its configuration are told (PR-316)."""
    kept = WorkstationFolder(folder or usual_folder())
    package = Path(os.environ.get("PRINTCTL_PACKAGE", "")) / FILE_NAME
    if os.environ.get("PRINTCTL_PACKAGE") and package.is_file() and not (kept.path / FILE_NAME).exists():
        kept.write(kept.path / FILE_NAME, package.read_bytes())
    configuration = kept.configuration()
    for key in configuration.unknown_keys():
        problems.print(f"[yellow]client.json: {escape(key)} means nothing and is passed over.[/]")
    return Place(kept, configuration)


@contextmanager
def explained() -> Iterator[None]:
    """Tell an error with its remedy and code, and end with the exit code that it has."""
    try:
        yield
    except PressroomError as error:
        tell(error)
        raise typer.Exit(EXIT_CODES.get(error.fault, NOT_DONE)) from error


def tell(error: PressroomError) -> None:
    """An error on standard error."""
    code = error.facts.get("code", error.code)
    problems.print(f"[bold red]{escape(error.message)}[/]\n{escape(error.remedy)}\n[dim]{escape(str(code))}[/]")


def with_portal(folder: Path | None, work: Callable[[Place, Cloud], Awaitable[T]]) -> T:
    """Do `work` as the person who is signed in; errors are told and end the program."""

    async def run() -> T:
        place = place_of(folder)
        async with Cloud(place.folder.identity(), place.configuration) as cloud:
            return await work(place, cloud)

    with explained():
        return asyncio.run(run())
