"""`pressroom people`: files of people on the machine itself (AC-95…AC-110, AC-200)."""

import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from connectors.errors import PressroomError
from domain.organizations.actor import Actor
from domain.tasks.models import TaskState
from domain.tasks.service import TaskView

people_app = typer.Typer(no_args_is_help=True, help="Import and export people.")
console = Console(stderr=True)
EVERY = 0.5
"""Seconds between two looks at an import."""
AsWhom = Annotated[
    str, typer.Option("--as", help="E-mail address of the person who does it; else the installation's administrator.")
]


@people_app.command("import")
def import_people(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV or text file of at most 1 MB.")],
    links: Annotated[bool, typer.Option("--links", help="Mail new people a link to set their password.")] = False,
    as_whom: AsWhom = "",
    wait: Annotated[bool, typer.Option(help="Stay until every row is done, and print what could not be.")] = True,
) -> None:
    """Create, change and delete people of an organization, as the rows of a file say. A worker does the rows."""
    from domain.people.imports import start_import

    try:
        actor = _actor(as_whom)
        task_id = start_import(actor, file.name, file.read_bytes(), send_links=links)
        if not wait:
            console.print(f"The import is queued: task {task_id}")
            return
        task = _followed(actor, task_id)
        _print_problems(actor, task)
    except PressroomError as error:
        raise _told(error) from error
    if task.state is not TaskState.FINISHED:
        raise typer.Exit(1)


@people_app.command("export")
def export_people(as_whom: AsWhom = "") -> None:
    """Write the people of an organization to the standard output, in the format that the import reads."""
    from domain.people.export import export_people as pieces

    try:
        for piece in pieces(_actor(as_whom)):
            sys.stdout.write(piece)
    except PressroomError as error:
        raise _told(error) from error


def _actor(email: str) -> Actor:
    from domain.organizations.service import local_administrator
    from domain.people.rows import actor_of_address

    return actor_of_address(email) if email else local_administrator()


def _followed(actor: Actor, task_id: str) -> TaskView:
    """The task once it has ended; its progress is shown meanwhile."""
    from domain.tasks.service import get_task

    with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console) as bar:
        shown = bar.add_task("Waiting for a worker", total=None)
        while not (task := get_task(actor, task_id)).state.is_final:
            if task.state is TaskState.RUNNING:
                bar.update(shown, description="Importing", completed=task.done, total=task.total or None)
            time.sleep(EVERY)
        bar.update(shown, description="Done", completed=task.done, total=task.total or 1)
    return task


def _print_problems(actor: Actor, task: TaskView) -> None:
    from domain.tasks.service import task_lines

    last = 0
    while lines := task_lines(actor, task.id, last, problems_only=True):
        for line in lines:
            console.print(f"Row {line.number}: {escape(str(line.message))}", highlight=False)
        last = lines[-1].id
    if task.error is not None:
        console.print(f"[bold red]{escape(task.error.message)}[/]\n{escape(task.error.remedy)}\n{task.error.code}")
    if task.summary is not None:
        console.print(escape(str(task.summary)), highlight=False)


def _told(error: PressroomError) -> typer.Exit:
    console.print(f"[bold red]{escape(error.message)}[/]\n{escape(error.remedy)}\n[dim]{error.code}[/]")
    return typer.Exit(1)
