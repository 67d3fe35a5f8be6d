"""Running solutions from the command line against the running installation: progress bars, results as files."""

import shutil
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from connectors.errors import Fault
from connectors.messages import N_
from domain.organizations.actor import Actor
from domain.organizations.service import local_administrator
from domain.runs.documents import open_document
from domain.runs.models import ClientType, RunState
from domain.runs.planning import Overrides
from domain.runs.service import HandIn, get_run, start_run
from domain.runs.views import RunDetails
from domain.solutions.service import find_solution

BAD_VALUE_OPTION = Fault(
    "cli.bad_value",
    422,
    N_("“{option}” is not STEP.FIELD=VALUE."),
    N_("For example: --set 2.target_languages=es,fr (steps are counted from 1)."),
)
LISTS = ("target_languages", "pii")


def parse_values(options: Sequence[str]) -> Overrides:
    """{step position: {field: value}} from “2.text=Hello”; raises `BAD_VALUE_OPTION`."""
    values: dict[int, dict[str, object]] = defaultdict(dict)
    for option in options:
        address, equals, value = option.partition("=")
        step, dot, field = address.partition(".")
        if not (equals and dot and step.isdigit() and field):
            raise BAD_VALUE_OPTION(option=option)
        values[int(step) - 1][field] = value.split(",") if field in LISTS else value
    return values


def run_files(
    console: Console, solution: str, files: Sequence[Path], values: Overrides, output: Path, dry_run: bool = False
) -> int:
    """Run the solution on each file, keep the downloads in `output`; returns how many runs did not complete."""
    actor = local_administrator()
    view = find_solution(actor, solution)
    failed = 0
    for file in files:
        run = start_run(actor, view.id, HandIn(file, file.name, ClientType.COMMAND_LINE, dry_run), values)
        details = follow(console, actor, run.id)
        failed += details.run.state is not RunState.COMPLETED
        report(console, details)
        for path in keep_downloads(actor, details, output):
            console.print(f"  [green]→[/] {escape(str(path))}", highlight=False)
    return failed


def follow(console: Console, actor: Actor, run_id: str) -> RunDetails:
    """Show a bar per step until the run has ended; returns how it ended."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        bars: dict[tuple[int, str], TaskID] = {}
        while True:
            details = get_run(actor, run_id)
            for step in details.steps:
                place = (step.position, step.branch)
                if place not in bars:
                    bars[place] = progress.add_task(f"{step.kind} · {escape(step.document.name)}", total=None)
                progress.update(bars[place], completed=step.done, total=step.total or None)
            if details.run.state.is_final:
                return details
            time.sleep(0.2)


def report(console: Console, details: RunDetails) -> None:
    """Print how the run ended, with each step's summary and the cause and remedy of failures."""
    color = {RunState.COMPLETED: "green", RunState.COMPLETED_WITH_ERRORS: "yellow"}.get(details.run.state, "red")
    console.print(f"[bold {color}]{details.run.state.value}[/] {escape(details.run.original.name)}")
    for step in details.steps:
        if step.result and step.result.report.summary:
            console.print(f"  {step.kind}: {escape(str(step.result.report.summary))}", highlight=False)
        if step.error:
            console.print(f"  [red]{step.kind}: {escape(step.error.message)} {escape(step.error.remedy)}[/]")


def keep_downloads(actor: Actor, details: RunDetails, folder: Path) -> Iterator[Path]:
    """Write what Download steps offer into `folder`; an existing file is not replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    for document in details.downloads:
        with open_document(actor, details.run.id, document.key) as (_, source):
            path = _free_path(folder, document.name)
            with path.open("xb") as target:
                shutil.copyfileobj(source, target)
        yield path


def _free_path(folder: Path, name: str) -> Path:
    path, number = folder / name, 0
    while path.exists():
        number += 1
        path = folder / f"{Path(name).stem}_{number}{Path(name).suffix}"
    return path
