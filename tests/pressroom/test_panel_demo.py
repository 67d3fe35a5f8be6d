"""`pressroom up --sim --demo`: what the sample person finds at the panels; a second start makes nothing twice."""

from pathlib import Path

from domain.organizations.service import create_organization
from domain.printer_login.badges import list_badges
from domain.printer_login.configuration import printer_login_settings
from domain.printer_login.own import own_printer_login
from domain.printer_login.rules import LoginMethod
from domain.printing.service import queued_jobs
from domain.solutions.rules import is_quick_run
from domain.solutions.service import list_solutions
from fleet.configurations.service import list_configurations
from fleet.resources.service import list_resources
from pressroom.panel_demo import APPS, CONFIGURATION, prepare_panels
from printers_sim.panel.badges import SAMPLE_BADGES
from tests.support.installation import PASSWORD, installed


def test_the_sample_person_can_sign_in_at_newly_enrolled_printers(tmp_path: Path) -> None:
    with installed(tmp_path):
        maria = create_organization("Northwind Traders (sample)", "demo@northwind.example", "Maria Demo", PASSWORD)
        for _ in range(2):
            prepare_panels(maria)
        (configuration,) = list_configurations(maria)
        assert (configuration.name, configuration.is_default, configuration.is_published) == (CONFIGURATION, True, True)
        assert len(list_resources(maria)) == len(APPS)
        (badge,) = list_badges(maria, search=SAMPLE_BADGES[0].number)
        assert badge.email == maria.email
        assert own_printer_login(maria).pin is not None
        assert set(printer_login_settings(maria).methods) == set(LoginMethod)
        assert len(queued_jobs(maria)) == 2
        quick = {one.definition.name: is_quick_run(one.definition) for one in list_solutions(maria)}
        assert quick == {"Scan to my mailbox": True, "Redact and mail": False}
