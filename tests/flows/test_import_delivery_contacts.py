"""The import of delivery contacts: the file, each row's outcome, cancelling, and a worker that is lost (F-39)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from connectors.errors import PressroomError
from domain.organizations.actor import Actor
from domain.organizations.roles import Role
from domain.tasks.execution import claim, release_lost
from domain.tasks.models import BackgroundTask, TaskState
from domain.tasks.service import get_task, task_lines
from domain.tenancy import system_session, tenant_session
from fleet.managed_supplies import contact_import
from fleet.managed_supplies.contact_file import COLUMNS, MOST_CONTACTS, SAMPLE_ROW, sample_file
from fleet.managed_supplies.contact_import import (
    BY_USER,
    SYSTEM_ERROR,
    ExistingContact,
    RowRange,
    cancel_contact_import,
    import_report,
    start_contact_import,
)
from fleet.managed_supplies.contacts import ContactFilter, list_contacts
from fleet.managed_supplies.models import ContactImport
from flows import import_delivery_contacts as flow_module
from flows.import_delivery_contacts import import_delivery_contacts
from tests.support.installation import Installation, installed

HEADER = ",".join(COLUMNS) + "\n"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as one:
        yield one


def row(number: int, **values: str) -> str:
    facts = dict(zip(COLUMNS, SAMPLE_ROW, strict=True)) | {"Last Name": f"Lind {number}"} | values
    return ",".join(f'"{value}"' for value in facts.values()) + "\n"


def rows(count: int) -> str:
    return HEADER + "".join(row(number) for number in range(count))


def start(actor: Actor, text: str | bytes, name: str = "contacts.csv") -> str:
    return start_contact_import(actor, name, text.encode() if isinstance(text, str) else text)


def names(actor: Actor) -> list[str]:
    return [view.form.last_name for view in list_contacts(actor, ContactFilter(limit=500))]


FILES = [
    (HEADER + row(1), "contacts.xlsx", "contact_import.wrong_type"),
    (HEADER, "a.csv", "contact_import.empty"),
    ("", "a.csv", "contact_import.header"),
    (row(1), "a.csv", "contact_import.header"),
    ("Last Name,First Name\nLind,Astrid\n", "a.txt", "contact_import.header"),
    (HEADER.replace("City,State or Province", "State or Province,City") + row(1), "a.csv", "contact_import.header"),
    (HEADER.encode() + "Åsa".encode("latin-1"), "a.csv", "contact_import.not_text"),
    (HEADER + '"Astrid', "a.csv", "contact_import.not_text"),
    (rows(MOST_CONTACTS + 1), "a.csv", "contact_import.too_many"),
    (HEADER.encode() + b" " * (1 << 20), "a.csv", "contact_import.too_large"),
]


@pytest.mark.parametrize(("text", "name", "code"), FILES)
def test_files_that_are_refused(office: Installation, text: str | bytes, name: str, code: str) -> None:
    """FL-456…FL-458."""
    with pytest.raises(PressroomError) as refused:
        start(office.administrator, text, name)
    assert refused.value.code == code


def test_the_sample_is_taken(office: Installation) -> None:
    actor = office.administrator
    task_id = start(actor, sample_file(), "Sample.TXT")
    import_delivery_contacts.fn(task_id)
    (view,) = list_contacts(actor)
    assert (view.form.company, view.form.postal_code, view.is_default) == ("Lind & Co, Stores", "111 22", True)


def test_each_row_has_an_outcome(office: Installation) -> None:
    """FL-459, FL-461."""
    actor = office.administrator
    text = (
        HEADER
        + row(1)
        + row(1, **{"E-mail": "other@example.com"})
        + "\n"
        + row(2, **{"Country Code": "SE", "City": ""})
        + "Astrid,Lind\n"
        + row(3, Company="", **{"First Name": "Åsa"}).lower()
    )
    task_id = start(actor, text)
    import_delivery_contacts.fn(task_id)
    report = import_report(actor, task_id)
    assert (report.rows, report.imported, report.not_imported) == (5, 2, ())
    assert report.existing == (ExistingContact(3, "Astrid", "Lind 1"),)
    assert [(one.row, one.column, str(one.reason)) for one in report.invalid] == [
        (5, "Country Code", "“Country code” holds something else than digits."),
        (5, "City", "“City” is missing."),
        (6, "", "The row has 2 values instead of 12."),
    ]
    task = get_task(actor, task_id)
    assert task.state is TaskState.FINISHED_WITH_ERRORS
    assert task.result == {"rows": 5, "imported": 2, "existing": 1, "invalid": 2, "not_imported": 0}
    assert str(task.summary) == "2 of 5 contacts were imported."
    assert [(line.number, line.level) for line in task_lines(actor, task_id)] == [
        (2, "info"),
        (3, "warning"),
        (5, "error"),
        (5, "error"),
        (6, "error"),
        (7, "info"),
    ]
    with tenant_session(actor.organization_id, read_only=True) as session:
        assert session.get_one(ContactImport, task_id).content == "", "the file is forgotten"


def test_three_hundred_are_imported_one_after_another(office: Installation) -> None:
    """FL-457, FL-460."""
    actor = office.administrator
    task_id = start(actor, rows(MOST_CONTACTS))
    import_delivery_contacts.fn(task_id)
    assert import_report(actor, task_id).imported == MOST_CONTACTS
    assert get_task(actor, task_id).state is TaskState.FINISHED


def test_a_cancelled_import_keeps_what_was_added_and_names_the_rest(
    office: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor, doing = office.administrator, flow_module.do_contact
    task_id = start(actor, rows(10))

    def cancelling(*arguments: object) -> contact_import.RowDone:
        done = doing(*arguments)  # type: ignore[arg-type]
        if arguments[3].number == 4:  # type: ignore[attr-defined]
            waiting.append(True)
        return done

    waiting: list[bool] = []
    looking = flow_module.is_cancelled

    def look(*arguments: object) -> bool:
        """Somebody presses the button between two rows."""
        if waiting:
            waiting.clear()
            cancel_contact_import(actor, task_id)
        return looking(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(flow_module, "do_contact", cancelling)
    monkeypatch.setattr(flow_module, "is_cancelled", look)
    import_delivery_contacts.fn(task_id)
    report = import_report(actor, task_id)
    assert names(actor) == ["Lind 0", "Lind 1", "Lind 2"]
    assert report.not_imported == (RowRange(5, 11, BY_USER),)
    assert str(get_task(actor, task_id).summary) == "3 of 10 contacts were imported. Rows 5 to 11 were not: cancelled."
    assert str(task_lines(actor, task_id)[-1].message) == "The import was cancelled."
    with pytest.raises(PressroomError) as refused:
        cancel_contact_import(actor, task_id)
    assert refused.value.code == "contact_import.ended"


def test_one_that_is_cancelled_before_it_begins_imports_nothing(office: Installation) -> None:
    actor = office.administrator
    task_id = start(actor, rows(3))
    cancel_contact_import(actor, task_id)
    import_delivery_contacts.fn(task_id)
    report = import_report(actor, task_id)
    assert (report.imported, report.not_imported, names(actor)) == (0, (RowRange(2, 4, BY_USER),), [])


def test_a_lost_worker_adds_nothing_twice(office: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    actor, doing = office.administrator, flow_module.do_contact
    task_id = start(actor, rows(5))

    class WorkerLostError(BaseException):
        """As when the process is killed."""

    def dying(*arguments: object) -> contact_import.RowDone:
        done = doing(*arguments)  # type: ignore[arg-type]
        if arguments[3].number == 4:  # type: ignore[attr-defined]
            raise WorkerLostError
        return done

    with monkeypatch.context() as patch:
        patch.setattr(flow_module, "do_contact", dying)
        with pytest.raises(WorkerLostError):
            import_delivery_contacts.fn(task_id)
    assert get_task(actor, task_id).done == 2
    _lose(task_id)
    import_delivery_contacts.fn(task_id)
    assert import_report(actor, task_id).imported == 5
    assert get_task(actor, task_id).state is TaskState.FINISHED


def _lose(task_id: str) -> None:
    with system_session(read_only=True) as session:
        owner = session.scalars(select(BackgroundTask.lease_owner).where(BackgroundTask.id == task_id)).one()
    assert owner is not None
    assert release_lost(owner) == [task_id]


def test_a_system_error_is_reported_with_the_rows_that_were_not_done(
    office: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FL-461: cause system error."""
    actor, doing = office.administrator, flow_module.do_contact
    task_id = start(actor, rows(4))

    def failing(*arguments: object) -> contact_import.RowDone:
        if arguments[3].number == 4:  # type: ignore[attr-defined]
            raise OSError("the disk is gone")
        return doing(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(flow_module, "do_contact", failing)
    import_delivery_contacts.fn(task_id)
    report = import_report(actor, task_id)
    assert (report.state, report.imported) == (TaskState.FAILED, 2)
    assert report.not_imported == (RowRange(4, 5, SYSTEM_ERROR),)


def test_who_may_and_whose_it_is(office: Installation) -> None:
    viewer = office.add_person("viewer@example.com", Role.FLEET_VIEWER)
    with pytest.raises(PressroomError) as missing:
        start(viewer, rows(1))
    assert missing.value.code == "role.missing"
    task_id = start(office.administrator, rows(1))
    for act in (import_report, cancel_contact_import):
        with pytest.raises(PressroomError) as foreign:
            act(office.stranger, task_id)
        assert foreign.value.code == "not_found"
    assert claim(task_id, "somebody else") is not None
    import_delivery_contacts.fn(task_id)
    assert names(office.administrator) == [], "another worker has it"
