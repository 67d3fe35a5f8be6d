"""The flow that makes a package for workstations (F-25), and the one that deletes files that were made for people."""

import tempfile
from pathlib import Path
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from connectors.settings import get_settings
from domain.print_reports.service import KIND as REPORTS
from domain.tasks.files import forget_files, keep_files
from fleet.print_packages.choice import PackageChoice
from fleet.print_packages.service import KIND, build_package
from flows.background_task import TaskAtWork, TaskOutcome, perform_task


@flow(name="build-print-package", persist_result=False)
def build_print_package(task_id: str) -> State[Any]:
    """Make the package that was asked for and keep it for a day."""
    return perform_task(task_id, _build)


@flow(name="forget-task-files", persist_result=False)
def forget_task_files() -> int:
    """Delete packages and reports that are older than a day; returns of how many tasks."""
    return forget_files([KIND, REPORTS])


def _build(task: TaskAtWork) -> TaskOutcome:
    actor = task.actor()
    choice = PackageChoice.model_validate(task.parameters["choice"])
    scratch = get_settings().scratch_folder
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        made, signature = build_package(actor, choice, task.parameters["queue"], Path(folder))
        task.check()
        kept = keep_files(task.work.organization_id, task.work.task_id, [made])
    return TaskOutcome({**kept, "signature": signature})
