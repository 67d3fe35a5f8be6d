"""Background tasks in a browser: the list moves while work goes on, the log reads on, problems can be picked out."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from connectors.messages import Message
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.service import local_administrator
from domain.sign_in.models import SignInSession
from domain.tasks.execution import TaskWork, add_line, claim, finish, progress
from domain.tasks.models import TaskState
from domain.tasks.service import start_task
from domain.tenancy import system_session, tenant_session
from tests.browser.conftest import COLLEAGUE, Open, Visitor

SUMMARY = Message.of("{count} rows were applied.", count=250)


def begun(actor: Actor, name: str) -> TaskWork:
    """A task that a worker has just begun."""
    with actor.session() as session:
        title = Message.of("Import of “{name}”", name=name)
        task_id = start_task(session, actor, "user-import", "import-users/import-users", title, {})
    work = claim(task_id, "test:1")
    assert work is not None
    return work


def tell(work: TaskWork, first: int, last: int, total: int) -> None:
    with tenant_session(work.organization_id) as session:
        for number in range(first, last + 1):
            text, level = ("The address is missing.", "error") if number % 100 == 0 else ("Created.", "info")
            add_line(session, work, Message.of(text), number=number, level=level)
        progress(session, work, last, total)


def test_a_task_is_watched_until_its_end(visitor: Visitor) -> None:
    work = begun(local_administrator(), "watched.csv")
    visitor.go("/tasks")
    page = visitor.page
    row = page.get_by_role("listitem").filter(has_text="watched.csv")
    expect(row).to_contain_text("Running")
    tell(work, 1, 120, 250)
    expect(row).to_contain_text("120 of 250")
    row.click()
    lines = page.get_by_role("log").locator("li")
    expect(lines).to_have_count(120)
    tell(work, 121, 250, 250)
    expect(lines).to_have_count(250)
    finish(work, TaskState.FINISHED_WITH_ERRORS, {"rows": 250}, SUMMARY)
    expect(page.get_by_role("status").first).to_contain_text("Complete with errors")
    expect(page.get_by_text("250 rows were applied.")).to_be_visible()
    page.get_by_role("switch", name="Problems only").click()
    expect(lines).to_contain_text(["Row 100:", "Row 200:"])
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the log").click()
    assert "Row 200: Error: The address is missing." in download.value.path().read_text(encoding="utf-8")


@pytest.mark.parametrize("path", ["/tasks", "/tasks/{task_id}"])
def test_a_page_that_looks_by_itself_keeps_no_session_alive(visitor: Visitor, path: str) -> None:
    """A page left open moves on, and its session is idle all the same."""
    work = begun(local_administrator(), "idle.csv")
    mine = SignInSession.user_id == local_administrator().user_id
    visitor.go(path.format(task_id=work.task_id))
    five_minutes_ago = now() - timedelta(minutes=5)
    with system_session() as session:
        session.execute(update(SignInSession).where(mine).values(last_seen=five_minutes_ago))
    tell(work, 1, 7, 10)
    expect(visitor.page.get_by_text("7 of 10").first).to_be_visible()
    with system_session(read_only=True) as session:
        assert set(session.scalars(select(SignInSession.last_seen).where(mine))) == {five_minutes_ago}
    finish(work, TaskState.FINISHED)


def test_a_long_log_is_read_page_by_page(visitor: Visitor) -> None:
    work = begun(local_administrator(), "long.csv")
    tell(work, 1, 450, 450)
    finish(work, TaskState.FINISHED)
    visitor.go(f"/tasks/{work.task_id}")
    lines = visitor.page.get_by_role("log").locator("li")
    more = visitor.page.get_by_role("button", name="Show more")
    for shown in (200, 400, 450):
        expect(lines).to_have_count(shown)
        if shown < 450:
            more.click()
    expect(more).to_be_hidden()


def test_a_colleague_does_not_see_the_tasks_of_others(open_window: Open) -> None:
    work = begun(local_administrator(), "secret.csv")
    window = open_window()
    window.expected = ("404",)
    window.sign_in(COLLEAGUE)
    window.go("/tasks")
    expect(window.page.get_by_text("There are no such tasks.")).to_be_visible()
    window.page.goto(f"{window.url}/tasks/{work.task_id}")
    expect(window.page.get_by_role("alert")).to_contain_text("This background task does not exist.")
