"""The panels of the demo: simulated printers with the panel apps, and a person who has a badge, a PIN and waiting jobs.

Nothing here is made up for the panels: the apps come with the default configuration that newly enrolled printers get,
the badge is registered, and the printers are found and enrolled by the built-in agent.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.panel import Panel
from sqlalchemy import select

from domain.organizations.actor import Actor
from domain.printer_login.badges import NewBadge, list_badges, register_badge
from domain.printer_login.configuration import change_settings, printer_login_settings
from domain.printer_login.own import own_printer_login, set_own_pin
from domain.printer_login.rules import LoginMethod
from domain.printing.service import queued_jobs
from domain.printing.states import JobSource
from domain.printing.submission import Submission, submit_file
from domain.solutions.definition import SolutionDefinition
from domain.solutions.service import create_solution, list_solutions
from fleet.configurations.content import AppPart, ConfigurationContent, SettingPart
from fleet.configurations.deployment import deploy_configuration
from fleet.configurations.drafts import publish, save_draft
from fleet.configurations.service import create_configuration, list_configurations, set_default
from fleet.panels.identity import KEY_SETTING, PORTAL_SETTING
from fleet.printers.models import Printer, PrinterApp
from fleet.resources.service import add_resource
from pressroom.supervisor import SIMULATED_PROFILES
from printers_sim.packages import app_package
from printers_sim.panel.badges import SAMPLE_BADGES
from printers_sim.panel.touch import CARD_APP, DOMAIN
from printers_sim.printer import address_of
from printers_sim.profile import find_profile
from printers_sim.simulation import HTTP_PORT
from steps.samples import letter_pdf, scan_pdf

CONFIGURATION = "Panel apps"
PIN = "482915"
READY_SECONDS, LOOK_SECONDS = 120.0, 0.5
APPS = (
    (CARD_APP, "Card authentication", "5.6.31", "2.0"),
    ("print-release", "Print release", "5.10.21", "4.0"),
    ("device-usage", "Device usage", "2.4.32", "4.0"),
    ("solution-center", "Solution Center", "1.0.0", "4.0"),
    ("scan", "Scan", "1.0.0", "4.0"),
)
"""Id, name, version, and the lowest app framework; small screens have only the first one."""
SOLUTIONS: tuple[dict[str, Any], ...] = (
    {
        "name": "Scan to my mailbox",
        "description": "Reads the text of what you scan, mails it to you as a searchable PDF and keeps it to print.",
        "scan_settings": {"file_name": "Scan"},
        "steps": [
            {"kind": "ocr", "parameters": {"output_type": "pdf"}, "locked": ["output_type", "language"]},
            {
                "kind": "email",
                "parameters": {"send_me_a_copy": True},
                "locked": ["addresses", "send_me_a_copy"],
            },
            {"kind": "print_queue"},
        ],
    },
    {
        "name": "Redact and mail",
        "description": "Takes names, numbers and addresses out of a letter and mails it to whom you name.",
        "scan_settings": {"show_on_panel": True, "allow_file_name": True, "preview": True, "file_name": "Redacted"},
        "steps": [
            {"kind": "ocr", "parameters": {"output_type": "docx"}, "locked": ["output_type", "language"]},
            {
                "kind": "redact",
                "parameters": {
                    "language": "en",
                    "pii": ["PERSON", "PHONE_NUMBER", "EMAIL_ADDRESS", "IBAN_CODE", "CREDIT_CARD"],
                },
            },
            {"kind": "email", "parameters": {"send_me_a_copy": True}},
        ],
    },
)
"""The first runs at one touch, because everything in it is locked; the other one asks (SC-105, SC-120)."""


def prepare_panels(actor: Actor) -> None:
    """Let newly enrolled printers of the actor's organization get the panel apps, and the actor use them."""
    configuration_id = next((one.id for one in list_configurations(actor) if one.name == CONFIGURATION), "")
    if not configuration_id:
        configuration_id = _configuration(actor)
    set_default(actor, configuration_id)
    enrolled = _printers_without_apps(actor)
    if enrolled:
        deploy_configuration(actor, configuration_id, enrolled)
    settings = printer_login_settings(actor)
    if set(settings.methods) != set(LoginMethod):
        change_settings(actor, settings.model_copy(update={"methods": tuple(LoginMethod)}))
    if not list_badges(actor, search=SAMPLE_BADGES[0].number):
        register_badge(actor, actor.email, NewBadge(SAMPLE_BADGES[0].number, "Sample badge"))
    if own_printer_login(actor).pin is None:
        set_own_pin(actor, PIN)
    _fill_queue(actor)
    present = {one.definition.name for one in list_solutions(actor)}
    for solution in SOLUTIONS:
        if solution["name"] not in present:
            create_solution(actor, SolutionDefinition.model_validate(solution))


def show_panels(console: Console, actor: Actor, count: int) -> None:
    """Wait until the printers have their apps, and print where their panels are."""
    expected = sum(_is_manageable(number) for number in range(count))
    deadline = time.monotonic() + READY_SECONDS
    while (ready := len(_ready(actor))) < expected and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
    lines = [f"http://{address_of(number)}:{HTTP_PORT}/touch" for number in range(min(count, 3))]
    state = "" if ready >= expected else f"\n{ready} of {expected} have their apps yet; the others follow."
    badge = f"Badge    “{SAMPLE_BADGES[0].title}”, offered beside the panel; PIN {PIN} at the small one"
    body = "\n".join(f"{'Panels   ' if not place else ' ' * 9}{line}" for place, line in enumerate(lines))
    console.print(Panel(f"{body}\n{badge}{state}", title="At the printer", expand=False), highlight=False)


def _is_manageable(number: int) -> bool:
    """Whether the simulated printer of that number takes apps."""
    return find_profile(SIMULATED_PROFILES[number % len(SIMULATED_PROFILES)]).is_manageable


def _configuration(actor: Actor) -> str:
    with TemporaryDirectory() as workshop:
        resources = [_resource(actor, Path(workshop), *app) for app in APPS]
    configuration_id = create_configuration(actor, CONFIGURATION, "The apps of the touch screen, for every printer.")
    content = ConfigurationContent(
        apps=tuple(AppPart(resource_id=one) for one in resources),
        settings=(SettingPart(name=DOMAIN, value="printers.northwind.example"),),
    )
    save_draft(actor, configuration_id, content)
    publish(actor, configuration_id, "The first version.")
    return configuration_id


def _resource(actor: Actor, workshop: Path, app_id: str, name: str, version: str, framework: str) -> str:
    settings = {PORTAL_SETTING: "", KEY_SETTING: ""} if app_id == CARD_APP else {}
    path = workshop / f"{app_id}.fls"
    path.write_bytes(app_package(app_id, name, version, framework, settings))
    return add_resource(actor, f"{name} {version}", "", path, path.name).id


def _fill_queue(actor: Actor) -> None:
    """Two documents that wait, where none does."""
    if queued_jobs(actor):
        return
    with TemporaryDirectory() as workshop:
        for name, make in (("Quarterly report.pdf", letter_pdf), ("Signed contract.pdf", scan_pdf)):
            submit_file(actor, Submission(name, JobSource.WEB), make(Path(workshop)))


def _printers_without_apps(actor: Actor) -> Sequence[str]:
    with actor.session(read_only=True) as session:
        having = select(PrinterApp.printer_id).where(PrinterApp.app_id == CARD_APP)
        query = select(Printer.id).where(Printer.is_vendor.is_(True), Printer.id.not_in(having))
        return list(session.scalars(query))


def _ready(actor: Actor) -> Sequence[str]:
    with actor.session(read_only=True) as session:
        return list(session.scalars(select(PrinterApp.printer_id).where(PrinterApp.app_id == CARD_APP)))
