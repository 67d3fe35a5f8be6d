"""What the worker does with fleet tasks, where a portal has none of its own."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from domain.organizations.service import local_administrator
from domain.tenancy import system_session
from fleet.tasks.models import FleetTask
from flows.fleet_task import work_on_printers


def work() -> None:
    """Carry out the tasks that were started; in a thread, as Playwright has a loop of its own in this one."""
    home = local_administrator().organization_id
    with system_session(read_only=True) as session:
        tasks = session.scalars(select(FleetTask.id).where(FleetTask.finished.is_(None))).all()
    assert tasks
    with ThreadPoolExecutor(1) as worker:
        for task_id in tasks:
            while worker.submit(work_on_printers.fn, home, task_id, resumes=True).result():
                pass
