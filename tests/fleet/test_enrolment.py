"""Enrolling found printers: new, known, of another agent, of another organization; by codes; what comes back."""

from collections.abc import Iterator
from datetime import timedelta
from email import message_from_string
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from sqlalchemy import func, select

from connectors import secrets
from connectors.errors import PressroomError
from domain.audit.models import AuditEvent
from domain.mail.models import OutgoingMail
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.roles import Role
from domain.tenancy import system_session, tenant_session
from fleet.agents.built_in import built_in_agent
from fleet.agents.models import Agent, AgentKind
from fleet.agents.settings import AgentSettings, keep_settings
from fleet.enrolment.enrol import Circumstances, Enrolled, Result, enrol
from fleet.enrolment.models import PrinterAnnouncement
from fleet.enrolment.native import (
    announce,
    ask_for_enrolment,
    claim_printer,
    enrol_by_organization_code,
)
from fleet.enrolment.pre_registration import (
    enrolment_code,
    list_pre_registered,
    pre_register,
    remove_pre_registered,
    serials_of_file,
)
from fleet.printers.models import Communication, MspStatus, Printer, PrinterEvent, Tag, TaggedPrinter
from steps.found_printers import FoundPrinter
from tests.support.fleet import add_agent, add_printers
from tests.support.installation import Installation, installed


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as one:
        yield one


def found(serial: str, address: str = "10.0.0.7", **values: object) -> FoundPrinter:
    facts = {"manufacturer": "Pressroom", "model": "PX C4150", "is_vendor": True, "firmware_level": "081.215"}
    return FoundPrinter.model_validate({"address": address, "serial_number": serial, **facts, **values})


def built_in(actor: Actor) -> str:
    with tenant_session(actor.organization_id) as session:
        return built_in_agent(session, actor.organization_id).id


def enrolled(agent_id: str, *printers: FoundPrinter, deliberate: bool = False) -> list[Enrolled]:
    with system_session() as session:
        return enrol(session, session.get_one(Agent, agent_id), printers, Circumstances(deliberate))


def printer_of(actor: Actor, serial: str) -> Printer:
    with tenant_session(actor.organization_id, read_only=True) as session:
        return session.scalars(select(Printer).where(Printer.serial_number == serial)).one()


def test_an_unknown_printer_is_enrolled_and_a_known_one_brought_up_to_date(office: Installation) -> None:
    """F-3: the address of a known printer follows it; what it does not tell stays (FL-174)."""
    agent = built_in(office.administrator)
    first = enrolled(agent, found("PXC1", location="Hall"))[0]
    again = enrolled(agent, found("PXC1", "10.0.0.8", firmware_level="081.223", ports={"http": 8631}))[0]
    assert (first.result, again.result, again.printer_id) == (Result.ENROLLED, Result.UPDATED, first.printer_id)
    printer = printer_of(office.administrator, "PXC1")
    assert (printer.address, printer.location, printer.firmware_level) == ("10.0.0.8", "Hall", "081.223")
    assert printer.communication == Communication.COMMUNICATING
    with system_session(read_only=True) as session:
        actions = session.scalars(select(AuditEvent.action).where(AuditEvent.target_id == printer.id)).all()
    assert actions == ["printer.enrolled"]


def test_a_serial_number_counts_once_in_a_search_and_is_needed(office: Installation) -> None:
    agent = built_in(office.administrator)
    results = enrolled(agent, found("PXC1"), found("PXC1", "10.0.0.9"), found("", "10.0.0.10"))
    assert [one.result for one in results] == [Result.ENROLLED, Result.SKIPPED, Result.SKIPPED]
    assert printer_of(office.administrator, "PXC1").address == "10.0.0.7"
    assert [str(one.reason) for one in results[1:]] == [
        "Another printer of this search has the same serial number.",
        "The printer does not tell its serial number, so it cannot be told from others.",
    ]


def test_a_secured_printer_is_enrolled_and_waits_for_credentials(office: Installation) -> None:
    """F-3 step 5, FL-171."""
    enrolled(built_in(office.administrator), found("PXC1", needs_credentials=True))
    assert printer_of(office.administrator, "PXC1").communication == Communication.NEEDS_CREDENTIALS


@pytest.mark.parametrize(("take_over", "result"), [(True, Result.TAKEN_OVER), (False, Result.SKIPPED)])
def test_printers_of_other_agents_are_taken_over_as_the_switch_says(
    office: Installation, take_over: bool, result: Result
) -> None:
    """FL-108 (A-4), FL-16: exactly one agent manages a printer."""
    home = office.administrator.organization_id
    other, agent = add_agent(home, AgentKind.PRINTER), built_in(office.administrator)
    (printer_id,) = add_printers(home, 1, other, serial_number="PXC1")
    with tenant_session(home) as session:
        keep_settings(session.get_one(Agent, agent), AgentSettings(take_over=take_over))
    (one,) = enrolled(agent, found("PXC1"))
    assert (one.result, one.printer_id) == (result, printer_id)
    printer = printer_of(office.administrator, "PXC1")
    expected = (agent, AgentKind.FLEET) if take_over else (other, AgentKind.PRINTER)
    assert (printer.agent_id, printer.agent_kind) == expected


def test_taking_over_loses_neither_tags_nor_history(office: Installation) -> None:
    """FL-174."""
    home = office.administrator.organization_id
    (printer_id,) = add_printers(home, 1, add_agent(home, AgentKind.LOCAL), serial_number="PXC1", life_pages=900)
    with tenant_session(home) as session:
        tag = Tag(organization_id=home, name="Hall", name_key="hall")
        session.add(tag)
        session.flush()
        session.add(TaggedPrinter(organization_id=home, tag_id=tag.id, printer_id=printer_id))
    enrolled(built_in(office.administrator), found("PXC1"))
    with tenant_session(home, read_only=True) as session:
        assert session.scalar(select(func.count()).select_from(TaggedPrinter)) == 1
        assert session.get_one(Printer, printer_id).life_pages == 900


def test_somebodys_search_moves_a_printer_here_from_another_organization(office: Installation) -> None:
    """FL-175 (A-11): tags, assignment and history stay behind; both organizations can read of it."""
    foreign = office.stranger.organization_id
    (old,) = add_printers(foreign, 1, serial_number="PXC1", life_pages=900)
    (one,) = enrolled(built_in(office.administrator), found("PXC1"), deliberate=True)
    assert one.result is Result.MOVED
    assert one.printer_id != old
    assert printer_of(office.administrator, "PXC1").life_pages is None
    with tenant_session(foreign, read_only=True) as session:
        assert session.scalars(select(Printer)).all() == []
        assert session.scalars(select(PrinterEvent)).all() == []
        assert "printer.moved_away" in session.scalars(select(AuditEvent.action)).all()


def test_an_agents_own_interval_moves_nothing_and_the_programme_keeps_its_printers(office: Installation) -> None:
    """FL-175: two organizations that search the same network do not take printers from each other."""
    foreign = office.stranger.organization_id
    add_printers(foreign, 1, serial_number="PXC1")
    add_printers(foreign, 1, serial_number="PXC2", msp=MspStatus.MEMBER)
    agent = built_in(office.administrator)
    assert [one.result for one in enrolled(agent, found("PXC1"))] == [Result.SKIPPED]
    assert [one.result for one in enrolled(agent, found("PXC2"), deliberate=True)] == [Result.SKIPPED]
    with tenant_session(foreign, read_only=True) as session:
        assert session.scalar(select(func.count()).select_from(Printer)) == 2


def test_what_an_agent_elsewhere_says_takes_no_printer_from_another_organization(office: Installation) -> None:
    """TS-17: it may name any serial number; only our own worker has seen the printer itself.

    The other organization is not named: "enrolled elsewhere".
    """
    foreign = office.stranger.organization_id
    add_printers(foreign, 1, serial_number="PXC1")
    agent = add_agent(office.administrator.organization_id)
    (one,) = enrolled(agent, found("PXC1"), deliberate=True)
    assert one.result is Result.SKIPPED
    with tenant_session(foreign, read_only=True) as session:
        assert session.scalar(select(func.count()).select_from(Printer)) == 1


def test_pre_registered_printers_enrol_with_the_organizations_code(office: Installation) -> None:
    """FL-67, FL-72, FL-142…FL-149, FL-168, F-4, F-5.

    The mail to the given address (FL-144) holds the code and says how to go on (FL-448).
    """
    actor = office.administrator
    outcome = pre_register(actor, ["PXC1", "PXC2", "PXC2", "not a serial"], "boss@example.com")
    assert (outcome.accepted, outcome.invalid) == (("PXC1", "PXC2"), ("not a serial",))
    assert pre_register(actor, ["PXC1"]).duplicate == ("PXC1",)
    with system_session(read_only=True) as session:
        (mail,) = session.scalars(select(OutgoingMail)).all()
    code = enrolment_code(actor)
    assert list(mail.recipients) == ["boss@example.com"]
    message = message_from_string(secrets.decrypt(mail.content)["message"], policy=default)
    assert isinstance(message, EmailMessage)
    text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert code in text
    assert "Settings > Cloud services" in text
    assert code == enrolment_code(actor) != enrolment_code(office.stranger)
    activated = enrol_by_organization_code(code.lower(), AgentKind.NATIVE, found("PXC1"), "127.0.0.1")
    assert activated.organization_id == actor.organization_id
    printer = printer_of(actor, "PXC1")
    assert (printer.agent_kind, printer.agent_id) == (AgentKind.NATIVE, activated.agent_id)
    assert list_pre_registered(actor) == ["PXC2"]
    pre_register(actor, ["PXC3", "PXC4"])
    assert list_pre_registered(actor, after="PXC2", limit=1) == ["PXC3"]
    assert remove_pre_registered(actor, ["PXC3", "PXC4", "PXC9"]) == 2
    assert remove_pre_registered(actor, ["PXC2"]) == 1


REFUSALS = [
    ("PXC9", "081.215", "enrolment.not_pre_registered"),
    ("PXC1", "074.300", "enrolment.firmware_too_old"),
]


@pytest.mark.parametrize(("serial", "firmware", "code"), REFUSALS)
def test_the_organizations_code_counts_for_its_own_serials_only(
    office: Installation, serial: str, firmware: str, code: str
) -> None:
    """FL-71, FL-154 (A-9), FL-153 (A-8)."""
    pre_register(office.administrator, ["PXC1"])
    pre_register(office.stranger, ["PXC9"])
    with pytest.raises(PressroomError) as refused:
        enrol_by_organization_code(
            enrolment_code(office.administrator),
            AgentKind.NATIVE,
            found(serial, firmware_level=firmware),
            "127.0.0.1",
        )
    assert refused.value.code == code


def test_a_printers_own_code_is_typed_in_the_portal(office: Installation) -> None:
    """FL-68, FL-150…FL-152: valid for 72 hours, once, for one organization."""
    waiting = announce("ABCDEFGHJ", AgentKind.NATIVE, found("PXC1"))
    assert timedelta(hours=71) < waiting.expires - now() <= timedelta(hours=72)
    assert ask_for_enrolment(waiting.ticket, "127.0.0.1") is None
    assert claim_printer(office.administrator, "abcd-efghj") == "PXC1"
    with pytest.raises(PressroomError) as late:
        claim_printer(office.stranger, "ABCDEFGHJ")
    assert late.value.code == "enrolment.unknown_code"
    activated = ask_for_enrolment(waiting.ticket, "127.0.0.1")
    assert activated is not None
    assert printer_of(office.administrator, "PXC1").agent_id == activated.agent_id
    with pytest.raises(PressroomError) as twice:
        ask_for_enrolment(waiting.ticket, "127.0.0.1")
    assert twice.value.code == "enrolment.unknown_ticket"


def test_codes_of_printers_expire_and_are_not_for_pre_registered_ones(office: Installation) -> None:
    """FL-150."""
    pre_register(office.administrator, ["PXC1"])
    announce("ABCDEFGHJ", AgentKind.NATIVE, found("PXC1"))
    with pytest.raises(PressroomError) as registered:
        claim_printer(office.administrator, "ABCDEFGHJ")
    assert registered.value.code == "enrolment.enrolled_already"
    with system_session() as session:
        session.scalars(select(PrinterAnnouncement)).one().expires = now() - timedelta(seconds=1)
    with pytest.raises(PressroomError) as expired:
        claim_printer(office.stranger, "ABCDEFGHJ")
    assert expired.value.code == "enrolment.unknown_code"


def test_viewers_enrol_nothing(office: Installation) -> None:
    """FL-519."""
    viewer = office.add_person("viewer@example.com", Role.FLEET_VIEWER)
    for attempt in (
        lambda: pre_register(viewer, ["PXC1"]),
        lambda: enrolment_code(viewer),
        lambda: claim_printer(viewer, "ABCDEFGHJ"),
    ):
        with pytest.raises(PressroomError) as refused:
            attempt()
        assert refused.value.code == "role.missing"


def test_serial_numbers_are_read_from_files() -> None:
    """FL-143."""
    assert serials_of_file(b"PXC1,hall\r\n\r\nPXC2\r\n") == ["PXC1", "PXC2"]
