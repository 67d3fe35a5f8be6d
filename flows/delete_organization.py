"""The flow that deletes a customer organization with everything that belongs to it (AC-21, AC-25)."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from prefect import flow, get_run_logger
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterTags,
    TaskRunFilter,
)
from prefect.client.schemas.objects import State
from prefect.client.schemas.sorting import ArtifactSort, FlowRunSort

from connectors.database import open_engine
from connectors.documents import open_store
from connectors.messages import N_, Message
from connectors.settings import get_settings
from domain.organizations.deletion import finish_deletion, restart_unfinished_deletions
from domain.organizations.models import now
from domain.organizations.purge import BATCH, delete_batch, leases_end, tables_of_organizations
from domain.tenancy import system_session
from flows.background_task import TaskAtWork, TaskOutcome, perform_task

LOOK_SECONDS = 0.2
ENGINE_BATCH = 100


@flow(name="delete-organization", persist_result=False)
def delete_organization(task_id: str) -> State[Any]:
    """Delete an organization that is pending deletion; after a lost worker it continues where it was."""
    return perform_task(task_id, _delete)


@flow(name="restart-deletions", persist_result=False)
def restart_deletions() -> int:
    """Start deletions anew whose task failed; returns how many."""
    count = restart_unfinished_deletions()
    get_run_logger().info("started %s deletions anew", count)
    return count


def _delete(task: TaskAtWork) -> TaskOutcome:
    deletion = Deletion(task)
    for number, (part, told) in enumerate(deletion.parts, 1):
        if number <= task.work.done:
            continue
        count = part()
        with task.part(number, len(deletion.parts)) as session:
            task.line(session, Message.of(told, count=count))
    return TaskOutcome({"organization_id": deletion.organization_id}, Message.of(N_("The organization is deleted.")))


class Deletion:
    """The parts of one deletion, in order. Each finds only what is left to do, so it may be repeated at any point."""

    def __init__(self, task: TaskAtWork) -> None:
        self._task = task
        self.organization_id = str(task.parameters["organization_id"])
        # A worker may hold work of the organization until its lease ends; after a restart we cannot know any more.
        self._quiet_from = now() + timedelta(seconds=get_settings().lease_seconds if task.work.done else 0)
        self.parts: tuple[tuple[Callable[[], int], str], ...] = (
            (self._documents, N_("{count} documents were deleted.")),
            (self._records, N_("{count} records were deleted.")),
            (self._flow_runs, N_("{count} flow runs were removed from the engine.")),
            (self._late_documents, N_("Workers have stopped; {count} documents they left were deleted.")),
            (self._organization, N_("The organization is gone.")),
        )

    def _documents(self) -> int:
        return open_store(get_settings()).delete_folder(self.organization_id)

    def _records(self) -> int:
        with open_engine(get_settings().records_url).connect() as connection:
            tables = tables_of_organizations(connection)
        with system_session(read_only=True) as session:
            self._quiet_from = max(self._quiet_from, leases_end(session, tables, self.organization_id) or now())
        total = 0
        for table in tables:
            count = BATCH
            while count == BATCH:
                self._task.check()
                with system_session() as session:
                    count = delete_batch(session, table, self.organization_id)
                total += count
        return total

    def _flow_runs(self) -> int:
        return forget_flow_runs(f"organization:{self.organization_id}", self._task.check)

    def _late_documents(self) -> int:
        tick = threading.Event()
        while now() < self._quiet_from:
            self._task.check()
            tick.wait(LOOK_SECONDS)
        return self._documents()

    def _organization(self) -> int:
        finish_deletion(self.organization_id, self._task.work.user_id)
        return 1


def forget_flow_runs(tag: str, check: Callable[[], None]) -> int:
    """Remove the flow runs with this tag from the engine, with their artifacts, which name documents."""
    chosen = FlowRunFilter(tags=FlowRunFilterTags(all_=[tag]))
    total = 0
    with get_client(sync_client=True) as client:
        # The synchronous client sends what was left out as null, which the server refuses.
        while found := client.read_flow_runs(flow_run_filter=chosen, sort=FlowRunSort.ID_DESC, limit=ENGINE_BATCH):
            check()
            ids = FlowRunFilter(id=FlowRunFilterId(any_=[flow_run.id for flow_run in found]))
            while artifacts := client.read_artifacts(
                artifact_filter=ArtifactFilter(),
                flow_run_filter=ids,
                task_run_filter=TaskRunFilter(),
                sort=ArtifactSort.ID_DESC,
                limit=ENGINE_BATCH,
                offset=0,
            ):
                for artifact in artifacts:
                    client.delete_artifact(artifact.id)
            for flow_run in found:
                client.delete_flow_run(flow_run.id)
            total += len(found)
    return total
