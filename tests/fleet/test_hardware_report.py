"""The hardware report: every count has a name, and everything that a printer told is in it (FL-213, FL-236)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.errors import PressroomError
from connectors.messages import fill
from connectors.printers.reading import CounterName
from domain.organizations.roles import Role
from fleet.printers.cells import Words
from fleet.printers.details import get_printer
from fleet.printers.hardware_report import counter_title, export_report, report_lines
from fleet.tasks.kinds import TaskKind
from tests.fleet.simulated_office import SimulatedOffice, simulated_office

WORDS = Words(lambda template, **facts: fill(template, facts), lambda moment: moment.isoformat())


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatedOffice]:
    with simulated_office(tmp_path_factory.mktemp("office"), ("color-mfp",), 1) as one:
        one.do(TaskKind.REFRESH)
        yield one


def test_every_count_has_a_name_of_its_own() -> None:
    titles = [counter_title(name, WORDS) for name in CounterName]
    assert len(set(titles)) == len(titles)
    assert counter_title(CounterName.COPY_COLOUR_SHEETS, WORDS) == "Copied, colour, sheets"
    assert counter_title(CounterName.MONO_SIDES, WORDS) == "All pages, mono, sides"


def test_what_a_printer_told_is_in_its_report(office: SimulatedOffice) -> None:
    details = get_printer(office.administrator, office.id_of())
    lines = report_lines(details, WORDS)
    found = {(line.section, line.name): line.value for line in lines}
    assert found["Identification", "Serial number"] == office.device().serial
    assert found["Counters", "Life page count"] == str(details.view.life_pages)
    assert sum(line.section == "Counters" for line in lines) == len(details.reading.counters)
    assert sum(line.section == "Supplies" for line in lines) == len(details.reading.supplies)
    assert {line.section for line in lines} >= {"Trays", "Installed apps"}


def test_the_file_holds_the_same_lines_and_is_for_who_manages(office: SimulatedOffice, tmp_path: Path) -> None:
    """FL-528."""
    text = "".join(export_report(office.administrator, office.id_of(), WORDS))
    assert text.startswith("\ufeffSection,Name,Value")
    assert f"Identification,Serial number,{office.device().serial}" in text
    viewer = office.installation.add_person("viewer@example.com", Role.FLEET_VIEWER)
    with pytest.raises(PressroomError) as refused:
        export_report(viewer, office.id_of(), WORDS)
    assert refused.value.code == "role.missing"
