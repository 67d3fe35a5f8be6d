"""What it costs that the lists of jobs on all panels follow what happens."""

from sqlalchemy import Engine, event

from portal_api.panel.events import Subject
from portal_api.panel.release import QUEUES
from tests.support.installation import Installation


def test_five_hundred_lists_cost_one_query(installation: Installation) -> None:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        statements.append(statement)

    subjects = [Subject(installation.administrator.organization_id, f"{number:032x}", "en") for number in range(500)]
    event.listen(Engine, "before_cursor_execute", note)
    try:
        news = QUEUES.read(subjects)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert len(news) == len(subjects)
    assert len([one for one in statements if "print_job" in one]) == 1
