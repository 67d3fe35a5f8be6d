"""An office with hundreds of printers, somebody with a badge for each, and hundreds of solutions, in the records."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.panel_browser import PrinterFacts
from domain.organizations.actor import Actor, actor_of_user
from domain.organizations.models import User
from domain.organizations.roles import Role
from domain.organizations.service import local_administrator
from domain.printer_login.badges import NewBadge, register_badge
from domain.printer_login.configuration import change_settings
from domain.printer_login.rules import LoginMethod, PrinterLoginSettings
from domain.runs.execution import Work, begin_step, claim
from domain.runs.models import ClientType
from domain.runs.service import HandIn, start_run
from domain.solutions.definition import SolutionDefinition
from domain.solutions.service import create_solution
from domain.tenancy import tenant_session
from fleet.agents.built_in import built_in_agent
from fleet.panel_apps.solution_center import SOLUTION_APP
from fleet.panels.identity import panel_key
from fleet.printers.models import Printer, PrinterApp
from steps.samples import scan_pdf

LOCKED_EMAIL = {
    "kind": "email",
    "parameters": {"addresses": "archive@example.com"},
    "locked": ["addresses", "send_me_a_copy"],
}
KINDS: Sequence[Sequence[object]] = (
    (LOCKED_EMAIL,),
    ({"kind": "ocr", "parameters": {"output_type": "pdf"}}, LOCKED_EMAIL),
    ({"kind": "footer", "parameters": {"text": "Internal"}}, {"kind": "print_document"}),
    ({"kind": "translate", "parameters": {"target_languages": ["sv"]}}, LOCKED_EMAIL),
    ({"kind": "ocr", "parameters": {"output_type": "docx"}}, {"kind": "redact", "parameters": {"pii": ["PERSON"]}},
     {"kind": "print_queue"}),
)  # fmt: skip
"""What the steps of solutions are, by turns; all of them can be run at a printer."""
ROLES = (Role.SOLUTIONS_USER, Role.OCR_USER, Role.TRANSLATION_USER, Role.REDACTION_USER, Role.PRINT_RELEASE_USER)
SCANNED_PAGES = 2


@dataclass(frozen=True)
class PanelOffice:
    """`works` are runs that a worker has, one for each printer's person; `quick_id` is a solution that asks nothing."""

    printers: Sequence[PrinterFacts]
    works: Sequence[Work]
    solutions: int
    quick_id: str
    scan: bytes


def furnished(panels: int, solutions: int) -> PanelOffice:
    """So many printers with the Solution Center, each with a person, a badge and a run; so many solutions."""
    chief = local_administrator()
    change_settings(chief, PrinterLoginSettings(methods=(LoginMethod.BADGE,)))
    ids = [_solution(chief, number) for number in range(solutions)]
    people = list(_people(chief, panels))
    printers = list(_printers(chief, people))
    with TemporaryDirectory() as folder:
        path = scan_pdf(Path(folder), SCANNED_PAGES)
        works = [_work(person, ids[0], path) for person, _ in people]
        return PanelOffice(printers, works, solutions, ids[0], path.read_bytes())


def _solution(chief: Actor, number: int) -> str:
    name = f"{('Invoice', 'Contract', 'Letter', 'Report')[number % 4]} {number:03}"
    content = {
        "name": name,
        "description": f"What is to be done with a {name.casefold()}.",
        "steps": KINDS[number % len(KINDS)],
        "share_with_organization": True,
    }
    return create_solution(chief, SolutionDefinition.model_validate(content)).id


def _people(chief: Actor, count: int) -> Iterator[tuple[Actor, str]]:
    """People with their badges."""
    for number in range(count):
        with chief.session() as session:
            email = f"person{number}@example.com"
            user = User(email=email, name=f"Person {number}", roles=[role.value for role in ROLES])
            session.add(user)
            session.flush()
        badge = f"04{number:06X}"
        register_badge(chief, email, NewBadge(badge))
        yield actor_of_user(user.id), badge


def _printers(chief: Actor, people: Sequence[tuple[Actor, str]]) -> Iterator[PrinterFacts]:
    with tenant_session(chief.organization_id) as session:
        agent = built_in_agent(session, chief.organization_id)
        for number, (_, badge) in enumerate(people):
            printer = Printer(
                agent_id=agent.id,
                agent_kind=agent.kind,
                serial_number=f"PXC{number:07}",
                manufacturer="Pressroom",
                model="PX C4150",
                is_vendor=True,
                address=f"127.40.{number // 250}.{number % 250 + 1}",
                mac=f"02:50:58:00:{number // 256:02x}:{number % 256:02x}",
                host_name=f"pxc{number}",
                firmware_level="081.215",
                framework_version="5.1",
            )
            session.add(printer)
            session.flush()
            session.add(PrinterApp(printer_id=printer.id, app_id=SOLUTION_APP, name="Solutions", version="1.0"))
            identity = {
                "serial_number": printer.serial_number,
                "address": printer.address,
                "mac": printer.mac,
                "model": printer.model,
                "host_name": printer.host_name,
                "domain_name": "office.example",
            }
            yield PrinterFacts(printer.id, panel_key(printer), identity, badge)


def _work(person: Actor, solution_id: str, path: Path) -> Work:
    """A run of the person that a worker has begun with, straight in the records."""
    run = start_run(person, solution_id, HandIn(path, "scan.pdf", ClientType.PRINTER))
    work = claim(run.id, "benchmark:1")
    if work is None:
        raise RuntimeError("the run was claimed by somebody else")
    begin_step(work, work.plan[0], "0", work.original)
    return work
