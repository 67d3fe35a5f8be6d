"""A visitor mails a document and prints it: from our receiver to the paper, under the rules that hold for guests."""

from collections.abc import Iterator
from email import message_from_string
from email.policy import default

import pytest
from sqlalchemy import select

from connectors.errors import PressroomError
from connectors.secrets import decrypt
from domain.mail.models import OutgoingMail
from domain.organizations.actor import Actor
from domain.print_definitions.assignments import assign, target_names
from domain.print_definitions.definitions import create_definition
from domain.print_definitions.models import TargetKind
from domain.print_policies.rules import PolicyRules
from domain.print_policies.subject import POLICIES
from domain.printer_login.at_printers import PinProof, sign_in_at_printer
from domain.printer_login.configuration import change_settings
from domain.printer_login.printer_sessions import Panel, SignedIn, visitor_at_printer
from domain.printer_login.rules import LoginMethod, PinGeneration, PrinterLoginSettings, Screen
from domain.printing.jobs import find_job
from domain.printing.models import PrintRelease, PrintSubmission
from domain.printing.states import BatchMode, JobState
from fleet.releasing.batches import ReleaseRequest, start_release
from fleet.releasing.panel import jobs_at_printer
from tests.support.print_mail import RELAY, mail, open_address, print_mail_receiver, proven, send, wire, work_off
from tests.support.print_settings import set_print_settings
from tests.support.releasing import ReleaseOffice, release_office, write_pdf

FULL, SMALL = 0, 1
GUEST = "visitor@elsewhere.example"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReleaseOffice]:
    options = {"mail_in_relays": "127.0.0.0/8", "mail_in_authentication_servers": RELAY}
    with release_office(tmp_path_factory.mktemp("office"), **options) as one:
        one.install_apps(FULL, print_release="5.10.21")  # without the usage app nothing is waited for
        yield one


@pytest.fixture(scope="module")
def port(office: ReleaseOffice) -> Iterator[int]:
    with print_mail_receiver() as number:
        yield number


def administrator(office: ReleaseOffice) -> Actor:
    return office.installation.administrator


def visit(office: ReleaseOffice, port: int, address: str, pages: int = 2, **email: object) -> str:
    """Mail a document as a guest; returns the PIN that comes back."""
    actor = administrator(office)
    methods = (LoginMethod.BADGE, LoginMethod.PIN)
    change_settings(actor, PrinterLoginSettings(methods=methods, pin_generation=PinGeneration.USER))
    to = open_address(actor, guests_enabled=True, **email)
    document = write_pdf(office.folder / "visit.pdf", pages).read_bytes()
    message = wire(mail(address, to, ("visit.pdf", document), Message_ID=f"<{address}.{pages}>"))
    send(port, address, to, proven(message, "elsewhere.example"))
    work_off(actor)
    with actor.session(read_only=True) as session:
        answers = session.scalars(select(OutgoingMail).order_by(OutgoingMail.created.desc())).all()
        texts = [decrypt(one.content)["message"] for one in answers if list(one.recipients) == [address]]
    body = message_from_string(texts[0], policy=default).get_body(("plain",))
    assert body is not None
    return next(line for line in body.get_content().splitlines() if line.isdigit())


def at(office: ReleaseOffice, pin: str, printer: int = FULL, screen: Screen = Screen.FULL) -> Actor:
    """Whoever signs in with that PIN at a printer."""
    panel = Panel(office.organization_id, office.printers[printer], screen)
    signed_in = sign_in_at_printer(panel, PinProof(pin))
    assert isinstance(signed_in, SignedIn)
    return visitor_at_printer(office.organization_id, signed_in.token).actor


def test_a_guest_prints_at_the_full_panel_and_reports_know_the_identifier(office: ReleaseOffice, port: int) -> None:
    """PR-149, PR-150, PR-153; section 19.1."""
    pin = visit(office, port, GUEST, guest_cost_center="Visitors")
    guest = at(office, pin)
    [job] = jobs_at_printer(guest, office.printers[FULL])
    start_release(guest, ReleaseRequest(office.printers[FULL], job_ids=[job.id]))
    office.work(FULL)
    assert office.job(job.id).state == JobState.PRINTED
    with guest.session(read_only=True) as session:
        released = session.scalars(select(PrintRelease).where(PrintRelease.job_id == job.id)).one()
        submitted = session.scalars(select(PrintSubmission).where(PrintSubmission.job_id == job.id)).one()
        assert (released.user_id, released.released_by, released.cost_center) == (
            guest.user_id,
            guest.user_id,
            "Visitors",
        )
        assert (submitted.source, submitted.cost_center, submitted.client_type) == ("email", "Visitors", "e-mail")
        assert released.impressions == 2
    assert jobs_at_printer(guest, office.printers[FULL]) == []


def test_a_small_panel_prints_everything_of_the_guest(office: ReleaseOffice, port: int) -> None:
    pin = visit(office, port, "small@elsewhere.example", pages=1)
    guest = at(office, pin, SMALL, Screen.SMALL)
    [job] = jobs_at_printer(guest)
    start_release(guest, ReleaseRequest(office.printers[SMALL], BatchMode.ALL, origin="compact"))
    office.work(SMALL)
    assert office.job(job.id).state == JobState.PRINTED


def test_a_guest_sees_and_releases_nothing_of_others(office: ReleaseOffice, port: int) -> None:
    foreign = office.held()
    guest = at(office, visit(office, port, "curious@elsewhere.example", pages=1))
    assert foreign not in {job.id for job in jobs_at_printer(guest)}
    with pytest.raises(PressroomError, match=r"not_found"):
        start_release(guest, ReleaseRequest(office.printers[FULL], job_ids=[foreign]))
    with pytest.raises(PressroomError, match=r"not_found"):
        jobs_at_printer(guest, office.printers[FULL], office.ann.user_id)


def test_the_policy_of_the_guests_cost_centre_holds(office: ReleaseOffice, port: int) -> None:
    """PR-100; it can be assigned before the first guest has come."""
    actor = administrator(office)
    policies = {"print_enabled": True, "print_assignment_mode": "cost_center"}
    email = {"enabled": True, "local_part": "office", "guests_enabled": True, "guest_cost_center": "Lobby"}
    set_print_settings(actor, policies=policies, email=email)
    rules = PolicyRules.model_validate({"monochrome": {}})
    policy = create_definition(actor, POLICIES, "Visitors", rules)
    assert "Lobby" in target_names(actor, POLICIES, TargetKind.COST_CENTER)
    assign(actor, POLICIES, TargetKind.COST_CENTER, "Lobby", policy.id)
    guest = at(office, visit(office, port, "policy@elsewhere.example", pages=2, guest_cost_center="Lobby"))
    set_print_settings(actor, policies=policies, email=email)
    [job] = jobs_at_printer(guest)
    start_release(guest, ReleaseRequest(office.printers[FULL], job_ids=[job.id]))
    office.work(FULL)
    with guest.session(read_only=True) as session:
        assert find_job(session, job.id).state == JobState.PRINTED
        fact = session.scalars(select(PrintRelease).where(PrintRelease.job_id == job.id)).one()
        assert (fact.impressions, fact.color_impressions) == (2, 0)
