"""The demo: a sample organization with solutions and scans, one run on a scan, and what came out of it."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from sqlalchemy import select

from connectors.settings import Settings
from domain.organizations.actor import Actor, actor_of_user
from domain.organizations.models import User
from domain.organizations.service import create_organization
from domain.runs.models import ClientType
from domain.runs.service import HandIn, start_run
from domain.sign_in.password_changes import set_password
from domain.sign_in.passwords import made_password
from domain.solutions.definition import SolutionDefinition
from domain.solutions.service import create_solution, find_solution, list_solutions
from domain.solutions.templates import TEMPLATES
from domain.tenancy import system_session
from pressroom.local_runs import follow, keep_downloads, report
from pressroom.panel_demo import prepare_panels, show_panels
from pressroom.simulated_catalogue import offer_simulated_versions
from pressroom.simulated_fleet import find_simulated_printers
from steps.samples import letter_docx, letter_pdf, scan_pdf, scan_png

EMAIL = "demo@northwind.example"
SHOWN = "Scan, redact and send"


def show_demo(console: Console, settings: Settings, simulated: int = 0) -> None:
    """Load the samples where they are missing, run one solution on a sample scan and print what came out and where.

    `simulated` printers that are running become the sample organization's, with the panel apps on them.
    """
    actor, password = _sample_person()
    if simulated:
        prepare_panels(actor)
        offer_simulated_versions(actor)
        find_simulated_printers(simulated, actor)
    _load_solutions(actor)
    samples = _make_samples(settings.home / "samples")
    console.print(f"\nRunning “{SHOWN}” on [bold]{escape(str(samples[0]))}[/] …", highlight=False)
    solution = find_solution(actor, SHOWN)
    run = start_run(actor, solution.id, HandIn(samples[0], samples[0].name, ClientType.COMMAND_LINE))
    details = follow(console, actor, run.id)
    report(console, details)
    for path in keep_downloads(actor, details, settings.home / "demo-results"):
        console.print(f"  [green]→[/] {escape(str(path))}", highlight=False)
    for delivery in details.deliveries:
        console.print(f"  {escape(delivery.target)}: {delivery.state}", highlight=False)
    console.print(
        Panel(
            f"Portal   {settings.public_url}\nSign in  {EMAIL}, password {password}\n"
            f"Samples  {settings.home / 'samples'}\nMail     {settings.home / 'mail'}\n"
            f"Run      {settings.public_url}/runs/{run.id}\nPrefect  {settings.operators_url}",
            title="Where to look",
            expand=False,
        ),
        highlight=False,
    )
    if simulated:
        show_panels(console, actor, simulated)


def _sample_person() -> tuple[Actor, str]:
    password = made_password()
    with system_session(read_only=True) as session:
        user_id = session.scalar(select(User.id).where(User.email == EMAIL))
    if user_id is None:
        return create_organization("Northwind Traders (sample)", EMAIL, "Maria Demo", password), password
    set_password(EMAIL, password)
    return actor_of_user(user_id), password


def _load_solutions(actor: Actor) -> None:
    present = {view.definition.name for view in list_solutions(actor)}
    for template in TEMPLATES:
        if template.name not in present:
            create_solution(actor, template.definition)
    if SHOWN not in present:
        create_solution(actor, _shown())


def _shown() -> SolutionDefinition:
    return SolutionDefinition.model_validate(
        {
            "name": SHOWN,
            "description": "Reads a scan, takes names and numbers out, adds a footer, mails it and keeps a copy.",
            "steps": [
                {"kind": "ocr", "parameters": {"output_type": "docx"}},
                {
                    "kind": "redact",
                    "parameters": {
                        "language": "en",
                        "pii": ["PERSON", "PHONE_NUMBER", "EMAIL_ADDRESS", "IBAN_CODE", "CREDIT_CARD"],
                        "custom_texts": [{"text": "Bluebird", "mode": "WHOLE_WORD"}],
                    },
                },
                {"kind": "footer", "parameters": {"text": "{solution} · {user} · {date} · page {page} of {pages}"}},
                {"kind": "email", "parameters": {"send_me_a_copy": True}},
                {"kind": "download"},
            ],
        }
    )


def _make_samples(folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as workshop:
        made = [make(Path(workshop)) for make in (scan_png, scan_pdf, letter_pdf, letter_docx)]
        return [Path(shutil.copy(path, folder / path.name)) for path in made]
