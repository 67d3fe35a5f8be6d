"""Who may print: passwords, tokens, queue addresses, and what is told to those who may not (PR-324, PR-328)."""

from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from connectors.errors import PressroomError
from connectors.ipp.service.statuses import Status
from connectors.ipp.wire import Tag
from domain.audit.models import AuditEvent
from domain.organizations.actor import Actor
from domain.organizations.models import User
from domain.organizations.roles import Role
from domain.people.deletion import delete_people
from domain.print_access.callers import organization_name
from domain.print_access.models import PrintCredentialKind
from domain.print_access.service import make_credential, own_credentials, revoke_credential
from domain.print_definitions.definitions import change_default
from domain.print_quotas.limits import MonthLimit, QuotaLimits
from domain.print_quotas.subject import QUOTAS
from domain.printing.service import queued_jobs
from domain.sign_in.service import sign_in
from domain.tenancy import system_session
from portal_api.app import create_service
from tests.support.installation import PASSWORD, installed
from tests.support.portal_server import serving
from tests.support.print_service import (
    CREATE_JOB,
    GET_JOBS,
    GET_PRINTER,
    PRINT_JOB,
    VALIDATE_JOB,
    Computer,
    Service,
    confirmed,
)
from tests.support.print_settings import set_print_settings

NAMELESS = {"email": "", "password": ""}


def status_of(computer: Computer, operation: int = VALIDATE_JOB) -> int:
    return computer.post(computer.message(operation)).status_code


def test_nobody_in_particular_may_ask_what_the_printer_can_do(service: Service, computer: Computer) -> None:
    """Systems ask before they ask for a password. All organizations look alike, those too that do not exist."""
    somebody = replace(computer, **NAMELESS)
    answer = somebody.ask(GET_PRINTER)
    assert answer.code == Status.OK
    invented = replace(somebody, path="/ipp/print/0123456789ab").ask(GET_PRINTER)
    described = [set(one.groups[1].attributes) for one in (answer, invented)]
    assert described[0] == described[1]
    assert status_of(replace(somebody, path="/ipp/print/short")) == 404


def test_everything_else_takes_a_password(computer: Computer) -> None:
    answer = replace(computer, **NAMELESS).post(computer.message(VALIDATE_JOB))
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def test_passwords_are_typed_as_people_type_them(computer: Computer) -> None:
    typed = replace(computer, email=computer.email.upper(), password=f" {computer.password.replace('-', '').upper()} ")
    assert status_of(typed) == 200


@pytest.mark.parametrize("wrong", ["wrong", PASSWORD, ""])
def test_a_wrong_password_lets_nobody_in_and_at_last_shuts_its_name_out_there(
    service: Service, person: Actor, computer: Computer, wrong: str
) -> None:
    stranger = replace(computer, password=wrong or "-")
    assert [status_of(stranger) for _ in range(21)] == [401] * 20 + [429]
    assert status_of(computer) == 429, "the right password too, as from that place somebody guesses this name"
    assert status_of(service.printer_of(service.person("colleague"))) == 200, "others behind the same router print"
    assert sign_in(person.email, PASSWORD).actor.user_id == person.user_id, "and the portal is not locked"


def test_the_password_of_one_is_not_that_of_another(service: Service, computer: Computer) -> None:
    other = service.person("other")
    assert status_of(replace(computer, email=other.email)) == 401


def test_a_revoked_password_is_worthless_at_once(person: Actor, computer: Computer) -> None:
    assert status_of(computer) == 200
    [view] = own_credentials(person)
    assert view.last_used is not None
    revoke_credential(person, view.id)
    assert status_of(computer) == 401


def test_a_person_who_was_deleted_meanwhile_does_not_print(
    service: Service, person: Actor, computer: Computer, letter: bytes
) -> None:
    address = queue_address(service, person)
    computer.print(letter)
    address.print(letter)
    delete_people(service.installation.administrator, [person.user_id])
    assert status_of(computer) == 401
    assert address.post(address.message(GET_JOBS)).status_code == 200
    assert address.ask(GET_JOBS).code == Status.NOT_FOUND


def test_a_queue_address_stands_for_its_person(service: Service, person: Actor, letter: bytes) -> None:
    phone = queue_address(service, person)
    number = phone.print(letter)
    assert [job.number for job in queued_jobs(person)] == [number]
    assert str(phone.job(number)["job-uri"].value).endswith(f"{phone.path}/{number}")
    assert phone.ask(GET_PRINTER).first(Tag.PRINTER)["uri-authentication-supported"].value == "requesting-user-name"
    revoke_credential(person, own_credentials(person)[0].id)
    assert phone.ask(GET_PRINTER).code == Status.NOT_FOUND
    assert phone.ask(VALIDATE_JOB).code == Status.NOT_FOUND


def test_an_api_token_prints_as_far_as_it_goes(service: Service, person: Actor, letter: bytes) -> None:
    token = sign_in(person.email, PASSWORD).session.token
    program = Computer(service.address, f"/ipp/print/{organization_name(person.organization_id)}", token=token)
    program.print(letter)
    assert len(queued_jobs(person)) == 1
    assert status_of(replace(program, token="prt_unknown")) == 401


def test_queues_of_other_organizations_look_as_if_they_were_not_there(service: Service, computer: Computer) -> None:
    foreign = organization_name(service.installation.stranger.organization_id)
    answers = [
        replace(computer, path=f"/ipp/print/{name}").ask(operation)
        for name in (foreign, "0123456789ab")
        for operation in (VALIDATE_JOB, GET_PRINTER)
    ]
    assert {answer.code for answer in answers} == {Status.NOT_FOUND}
    assert len({str(answer.first(Tag.OPERATION).get("status-message")) for answer in answers}) == 1


def test_the_queue_has_a_name_too(computer: Computer, letter: bytes) -> None:
    named = replace(computer, path=f"{computer.path}/cloud")
    number = named.print(letter)
    assert computer.job(number)["job-id"].value == number
    assert status_of(replace(computer, path=f"{computer.path}/attic")) == 404


def test_whoever_may_not_print_is_told_so(service: Service, computer: Computer, person: Actor) -> None:
    """PR-328: a missing role is forbidden, not a matter of the password."""
    with system_session() as session:
        session.get_one(User, person.user_id).roles = [Role.PRINT_RELEASE_REPORTING_ANALYST.value]
    assert computer.ask(VALIDATE_JOB).code == Status.FORBIDDEN
    assert computer.ask(PRINT_JOB, None, b"%PDF-1.7").code == Status.FORBIDDEN


def test_a_print_password_does_nothing_but_print(service: Service, computer: Computer) -> None:
    answer = httpx.get(f"{service.address}/api/v1/me", auth=(computer.email, computer.password))
    assert answer.status_code == 401


def test_secrets_do_not_travel_in_the_clear(tmp_path: Path) -> None:
    with installed(tmp_path / "home") as installation, serving(create_service(installation.settings)) as address:
        computer = Computer(address, f"/ipp/print/{organization_name(installation.administrator.organization_id)}")
        assert status_of(computer, GET_PRINTER) == 403


def test_making_and_revoking_is_recorded_and_takes_a_fresh_proof(service: Service, person: Actor) -> None:
    with pytest.raises(PressroomError) as refused:
        make_credential(person, PrintCredentialKind.PASSWORD, "laptop")
    assert refused.value.code == "sign_in.session_needed"
    with pytest.raises(PressroomError) as refused:
        make_credential(confirmed(person), PrintCredentialKind.PASSWORD, "  ")
    assert refused.value.code == "print_credential.no_label"
    secret, view = make_credential(confirmed(person), PrintCredentialKind.PASSWORD, "laptop")
    revoke_credential(person, view.id)
    with pytest.raises(PressroomError):
        revoke_credential(service.person("other"), view.id)
    with system_session(read_only=True) as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.target_id == view.id)).all()
        assert [event.action for event in events] == ["print_credential.created", "print_credential.revoked"]
        assert all(secret not in str(event.facts) for event in events)


def queue_address(service: Service, person: Actor) -> Computer:
    secret, _ = make_credential(confirmed(person), PrintCredentialKind.ADDRESS, "phone")
    return Computer(service.address, f"/ipp/print/{organization_name(person.organization_id)}/{secret}")


@pytest.mark.parametrize(
    ("limit", "is_strict", "status"),
    [
        (MonthLimit(total="disabled"), False, Status.ACCOUNT_CLOSED),
        (MonthLimit(total="limited", total_limit=0), True, Status.ACCOUNT_LIMIT_REACHED),
        (MonthLimit(total="limited", total_limit=0), False, Status.OK),
        (MonthLimit(total="limited", total_limit=5), True, Status.OK),
    ],
)
def test_quotas_are_judged_at_release_unless_nothing_could_be_printed(
    service: Service, computer: Computer, letter: bytes, limit: MonthLimit, is_strict: bool, status: Status
) -> None:
    """PR-328."""
    administrator = service.installation.administrator
    set_print_settings(administrator, quotas={"enabled": True, "strict": is_strict})
    change_default(administrator, QUOTAS, QuotaLimits(months=(limit,)))
    assert computer.ask(PRINT_JOB, None, letter).code == status
    assert computer.ask(CREATE_JOB).code == status
