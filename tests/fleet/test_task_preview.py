"""What keeps a task from printers is told before it is started (section 43.1), and nothing is written."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from connectors.errors import PressroomError
from domain.organizations.models import now
from domain.organizations.roles import Role
from domain.tenancy import tenant_session
from fleet.agents.models import AgentKind
from fleet.printers.models import Communication, MspStatus, PrinterReadingRow
from fleet.tasks.kinds import TaskKind
from fleet.tasks.models import FleetTask
from fleet.tasks.preview import MOST_NAMED, preview_task
from fleet.tasks.service import NewTask
from tests.support.fleet import add_agent, add_printers
from tests.support.installation import Installation, installed


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as installation:
        yield installation


def reasons(here: Installation, kind: TaskKind, printer_id: str, **parameters: Any) -> list[str]:
    preview = preview_task(here.administrator, NewTask(kind, parameters), [printer_id])
    return [str(reason) for one in preview.named for reason in one.reasons]


CASES: list[tuple[TaskKind, dict[str, Any], list[str]]] = [
    (TaskKind.RESTART, {}, []),
    (TaskKind.REFRESH, {"communication": Communication.SILENT}, []),
    (TaskKind.RESTART, {"communication": Communication.SILENT}, ["The agent cannot reach the printer."]),
    (TaskKind.RESTART, {"is_vendor": False}, []),
    (TaskKind.SET_HOME_SCREEN, {"is_vendor": False}, ["The agent does not support the task."]),
    (TaskKind.RESTART, {"agent_kind": AgentKind.LOCAL}, ["The agent does not support the task."]),
    (
        TaskKind.UNENROL,
        {"msp": MspStatus.MEMBER},
        ["The printer is managed by the supplies programme, or waits to be."],
    ),
    (
        TaskKind.DEPLOY_CONFIGURATION,
        {"framework_version": "1.0", "communication": Communication.NEEDS_CREDENTIALS},
        [
            "The firmware is out of date: update it first. 2.0 or later is needed.",
            "The agent needs credentials: update the agent's credentials for this printer.",
        ],
    ),
    (TaskKind.CHECK_COMPLIANCE, {}, ["No configuration is assigned to the printer."]),
    (TaskKind.UPDATE_FIRMWARE, {}, ["The catalogue has no firmware for the model PX C4150."]),
    (
        TaskKind.SET_HOME_SCREEN,
        {"offered_firmware": "081.999"},
        ["The firmware is out of date: update it first. 081.999 or later is needed."],
    ),
]


@pytest.mark.parametrize(("kind", "facts", "expected"), CASES)
def test_every_reason_is_told(here: Installation, kind: TaskKind, facts: dict[str, Any], expected: list[str]) -> None:
    (printer,) = add_printers(here.administrator.organization_id, 1, **facts)
    assert reasons(here, kind, printer) == expected


def test_an_old_agent_is_told(here: Installation) -> None:
    """TS-32."""
    agent = add_agent(here.administrator.organization_id, version="1.0")
    (printer,) = add_printers(here.administrator.organization_id, 1, agent)
    (first, *_) = reasons(here, TaskKind.CHECK_COMPLIANCE, printer)
    assert first == "The agent is out of date: update it first. Version 1.3.49 or later is needed."


def test_what_a_printer_has_said_not_to_have_on_its_home_screen_is_told(here: Installation) -> None:
    home = here.administrator.organization_id
    told, silent = add_printers(home, 2)
    screen = {"pages": [["copy"]], "items_per_page": 8, "offered": [{"id": "copy", "name": "Copy"}]}
    with tenant_session(home) as session:
        row = PrinterReadingRow(organization_id=home, printer_id=told, reading={"home_screen": screen})
        row.at = now()
        session.add(row)
    pages = [["copy", "blank", "fax"]]
    assert reasons(here, TaskKind.SET_HOME_SCREEN, told, pages=pages) == [
        "The printer has no fax to put on its home screen."
    ]
    assert reasons(here, TaskKind.SET_HOME_SCREEN, silent, pages=pages) == []


def test_many_are_counted_the_first_are_named_and_nothing_is_started(here: Installation) -> None:
    home = here.administrator.organization_id
    ids = add_printers(home, 3) + add_printers(home, 520, communication=Communication.SILENT)
    preview = preview_task(here.administrator, NewTask(TaskKind.RESTART), ids)
    assert (preview.total, preview.refused, len(preview.named)) == (523, 520, MOST_NAMED)
    assert preview.named[0].printer_id == ids[3]
    with tenant_session(home, read_only=True) as session:
        assert session.scalar(select(func.count()).select_from(FleetTask)) == 0


def test_printers_of_others_are_not_found_and_viewers_ask_nothing(here: Installation) -> None:
    with pytest.raises(PressroomError) as refused:
        preview_task(here.administrator, NewTask(TaskKind.RESTART), ["nobody"])
    assert refused.value.code == "not_found"
    viewer = here.add_person("viewer@example.com", Role.FLEET_VIEWER)
    with pytest.raises(PressroomError) as missing:
        preview_task(viewer, NewTask(TaskKind.RESTART), ["nobody"])
    assert missing.value.code == "role.missing"
