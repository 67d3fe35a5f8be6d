"""The queue as a printer of Microsoft Universal Print: registering, taking jobs, and what goes wrong (section 32)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from benchmarks.installation import PASSWORD, environment, free_port
from connectors.errors import PressroomError
from connectors.secrets import decrypt
from connectors.settings import get_settings
from domain.cloud_printing import registration, service
from domain.cloud_printing.models import CloudPrinter, RegistrationState
from domain.cloud_printing.taking import registered_organizations, take_jobs
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.roles import Role
from domain.organizations.service import local_administrator
from domain.outbox.models import OutboxRow
from domain.print_settings.effects import apply_effect
from domain.print_settings.service import change_print_settings
from domain.printing.models import PrintJob
from domain.printing.states import SOURCE_TITLES, JobSource
from pressroom.first_start import prepare
from steps.samples import letter_pdf
from tests.support.people import person
from tests.support.print_settings import set_print_settings
from tests.support.universal_print import ADMINISTRATOR, CODE, TENANT, UniversalPrintService, universal_print_service

NAMES = {"enabled": True, "printer_name": "Follow me", "share_name": "Contoso print"}


@pytest.fixture(scope="module")
def administrator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Actor]:
    """Of one installation for all tests here; each begins without a registration."""
    values = {
        "PRESSROOM_HOME": str(tmp_path_factory.mktemp("home")),
        "PRESSROOM_ADMIN_PASSWORD": PASSWORD,
        "PRESSROOM_DOORBELLS": f"127.0.0.1:{free_port()}",
    }
    with environment(values):
        prepare(get_settings())
        yield local_administrator()


@pytest.fixture(scope="module")
def anna(administrator: Actor) -> Actor:
    return person(administrator, "anna@pressroom.example", Role.PRINT_RELEASE_USER.value)


@pytest.fixture
def cloud(administrator: Actor) -> Iterator[UniversalPrintService]:
    """The service as this installation's settings name it; the feature is on, nothing is registered or printed yet."""
    set_print_settings(administrator, universal=NAMES)
    with administrator.session() as session:
        session.execute(delete(CloudPrinter))
        session.execute(delete(PrintJob))
        session.execute(delete(OutboxRow))
    with universal_print_service() as running, environment(running.settings()):
        yield running


def row(actor: Actor) -> CloudPrinter:
    with actor.session(read_only=True) as session:
        return session.get_one(CloudPrinter, actor.organization_id)


def registered(actor: Actor, cloud: UniversalPrintService) -> None:
    """The whole way: the administrator types the code, and the flow does its work until it is done."""
    service.begin_sign_in(actor)
    cloud.typed, cloud.looks_left = True, 0
    assert service.finish_sign_in(actor).state is RegistrationState.REGISTERING
    assert registration.bring_about(actor.organization_id) is RegistrationState.REGISTERED


def code_of(call: Any) -> str:
    with pytest.raises(PressroomError) as refused:
        call()
    return refused.value.code


def jobs(actor: Actor) -> list[PrintJob]:
    with actor.session(read_only=True) as session:
        return list(session.scalars(select(PrintJob)))


def letter(tmp_path: Path) -> bytes:
    return letter_pdf(tmp_path).read_bytes()


def test_an_administrator_signs_in_by_code_and_the_queue_becomes_a_printer(
    administrator: Actor, cloud: UniversalPrintService
) -> None:
    """PR-286, PR-289, PR-291, F-29: it takes some minutes, in which the state is “registering”."""
    view = service.begin_sign_in(administrator)
    assert (view.state, view.sign_in_code) == (RegistrationState.UNREGISTERED, CODE)
    assert service.finish_sign_in(administrator).sign_in_code == CODE, "nobody has typed it yet"
    cloud.typed = True
    view = service.finish_sign_in(administrator)
    assert (view.state, view.sign_in_code, view.account) == (RegistrationState.REGISTERING, "", ADMINISTRATOR)
    assert (view.tenant_id, view.tenant_name) == (TENANT["id"], TENANT["displayName"])

    assert registration.bring_about(administrator.organization_id) is RegistrationState.REGISTERING
    waiting = service.get_cloud_printer(administrator)
    assert waiting.error is not None
    assert waiting.error.code == "cloud_print.still_registering"
    with administrator.session(read_only=True) as session:
        due = session.scalars(select(OutboxRow.available).where(OutboxRow.key.startswith("cloud-printer/"))).all()
    assert max(due) > now(), "it is looked at again later"

    assert registration.bring_about(administrator.organization_id) is RegistrationState.REGISTERED
    (printer,) = cloud.printers.values()
    (share,) = cloud.shares.values()
    assert (printer["displayName"], share["displayName"]) == ("Follow me", "Contoso print")
    assert printer["capabilities"]["contentTypes"] == ["application/pdf"]
    assert share["printer"]["id"] == printer["id"]
    assert share["allowAllUsers"] is False, "sharing it is the administrator's decision, in the directory's portal"
    assert service.get_cloud_printer(administrator).error is None


def test_secrets_are_encrypted_and_renewed_ones_are_kept(administrator: Actor, cloud: UniversalPrintService) -> None:
    registered(administrator, cloud)
    kept = row(administrator)
    assert "refresh" not in kept.secrets
    first = decrypt(kept.secrets)["refresh_token"]
    registration.follow_settings(administrator.organization_id)
    service.unregister(administrator)
    cloud.fails = lambda method, path: (503, None, {}) if method == "DELETE" else None
    registration.bring_about(administrator.organization_id)
    assert decrypt(row(administrator).secrets)["refresh_token"] == cloud.refresh_token != first


@pytest.mark.parametrize("step", ["POST /v1.0/print/shares", "POST /v1.0/print/taskDefinitions", "taskTriggers"])
@pytest.mark.parametrize("answer_is_lost", [False, True])
def test_an_interrupted_registration_goes_on_where_it_was_and_makes_nothing_twice(
    administrator: Actor, cloud: UniversalPrintService, step: str, answer_is_lost: bool
) -> None:
    """PR-344."""
    service.begin_sign_in(administrator)
    cloud.typed, cloud.looks_left = True, 0
    service.finish_sign_in(administrator)
    broken = iter([True])

    def fails(method: str, path: str) -> Any:
        if method != "POST" or not f"{method} {path}".endswith(step.removeprefix("POST ")) or not next(broken, False):
            return None
        if answer_is_lost:
            cloud.fails = lambda _method, _path: None
            (printer,), definitions = cloud.printers, list(cloud.definitions)
            bind = {"printer@odata.bind": f"x/{printer}"} if path.endswith("shares") else {}
            bind |= {"definition@odata.bind": f"x/{definitions[0]}"} if path.endswith("taskTriggers") else {}
            names = {"shares": "Contoso print", "taskDefinitions": "Pressroom print queue"}
            sent = {"displayName": names.get(path.rpartition("/")[2], ""), "event": "jobStarted", **bind}
            who = "application" if path.endswith("taskDefinitions") else "person"
            cloud._graph(method, path.removeprefix("/v1.0/").split("/"), {}, sent, who)
        return 503, None, {}

    cloud.fails = fails
    assert registration.bring_about(administrator.organization_id) is RegistrationState.REGISTERING
    cloud.fails = lambda _method, _path: None
    assert registration.bring_about(administrator.organization_id) is RegistrationState.REGISTERED
    assert [len(one) for one in (cloud.printers, cloud.shares, cloud.definitions, cloud.triggers)] == [1, 1, 1, 1]


def test_a_share_name_that_is_taken_ends_in_an_error_and_nothing_is_made(
    administrator: Actor, cloud: UniversalPrintService
) -> None:
    """PR-286."""
    cloud.shares["other"] = {"id": "other", "displayName": "Contoso print", "printer": {"id": "theirs"}}
    service.begin_sign_in(administrator)
    cloud.typed = True
    service.finish_sign_in(administrator)
    assert registration.bring_about(administrator.organization_id) is RegistrationState.ERROR
    view = service.get_cloud_printer(administrator)
    assert view.error is not None
    assert (view.error.code, cloud.printers) == ("cloud_print.share_taken", {})


def test_what_was_printed_there_waits_in_its_owners_queue(
    administrator: Actor, cloud: UniversalPrintService, anna: Actor, tmp_path: Path
) -> None:
    """PR-290: with what was chosen, under the name of the service; the job there is answered once it is here."""
    registered(administrator, cloud)
    settings = {"copies": 2, "duplexMode": "flipOnLongEdge", "colorMode": "grayscale", "mediaSize": "A4"}
    ranges = {"pageRanges": [{"start": 1, "end": 1}], "pagesPerSheet": 5}
    ids = [cloud.print(anna.email.upper(), f"Letter {n}", letter(tmp_path), **settings, **ranges) for n in range(3)]
    assert registered_organizations() == [administrator.organization_id]
    assert take_jobs(administrator.organization_id) == 3
    assert take_jobs(administrator.organization_id) == 0
    found = jobs(administrator)
    assert {job.name for job in found} == {"Letter 0", "Letter 1", "Letter 2"}
    assert {job.user_id for job in found} == {anna.user_id}
    assert {SOURCE_TITLES[JobSource(job.source)] for job in found} == {"Microsoft Universal Print"}
    assert found[0].ticket == {
        "copies": 2,
        "sides": "two-sided-long-edge",
        "color_mode": "monochrome",
        "media": "iso_a4_210x297mm",
        "page_ranges": "1-1",
    }, "five pages on a sheet mean nothing to us and are left out"
    assert {cloud.task_of(one)["status"]["state"] for one in ids} == {"completed"}


def test_a_job_that_was_taken_but_not_answered_is_not_taken_twice(
    administrator: Actor, cloud: UniversalPrintService, anna: Actor, tmp_path: Path
) -> None:
    registered(administrator, cloud)
    job = cloud.print(anna.email, "Letter", letter(tmp_path))
    cloud.fails = lambda method, _path: (503, None, {}) if method == "PATCH" else None
    assert take_jobs(administrator.organization_id) == 0
    view = service.get_cloud_printer(administrator)
    assert view.error is not None
    assert view.error.code == "cloud_print.unreachable"
    cloud.fails = lambda _method, _path: None
    assert take_jobs(administrator.organization_id) == 1
    assert len(jobs(administrator)) == 1
    assert cloud.task_of(job)["status"]["state"] == "completed"
    assert service.get_cloud_printer(administrator).error is None


@pytest.mark.parametrize(
    ("owner", "content", "reason"),
    [
        ("nobody@contoso.example", b"%PDF", "Nobody of the organization has the e-mail address"),
        ("without.role@pressroom.example", b"%PDF", "You need the role"),
        ("anna@pressroom.example", b"MZ\x90\x00 a program", "cannot be printed"),
    ],
)
def test_a_job_that_is_refused_is_aborted_there_with_the_reason(
    administrator: Actor, cloud: UniversalPrintService, anna: Actor, owner: str, content: bytes, reason: str
) -> None:
    registered(administrator, cloud)
    if owner.startswith("without"):
        person(administrator, owner, Role.SOLUTIONS_USER.value)
    job = cloud.print(owner, "Letter", content)
    assert take_jobs(administrator.organization_id) == 1
    assert cloud.jobs[job]["status"]["state"] == "aborted"
    assert reason in cloud.jobs[job]["status"]["description"]
    assert jobs(administrator) == []


def test_other_names_are_followed_and_switching_off_removes_the_printer(
    administrator: Actor, cloud: UniversalPrintService
) -> None:
    """F-30, PR-48."""
    registered(administrator, cloud)
    change_print_settings(administrator, {"universal": {"printer_name": "Anywhere", "share_name": "Print anywhere"}})
    apply_effect(administrator.organization_id, "cloud_printer")
    assert registration.bring_about(administrator.organization_id) is RegistrationState.REGISTERED
    (printer,) = cloud.printers.values()
    (share,) = cloud.shares.values()
    assert (printer["displayName"], share["displayName"]) == ("Anywhere", "Print anywhere")
    change_print_settings(administrator, {"universal": {"enabled": False}})
    apply_effect(administrator.organization_id, "cloud_printer")
    assert registration.bring_about(administrator.organization_id) is RegistrationState.UNREGISTERED
    assert [cloud.printers, cloud.shares, cloud.definitions, cloud.triggers] == [{}, {}, {}, {}]
    assert row(administrator).secrets == ""
    assert take_jobs(administrator.organization_id) == 0


def test_a_printer_that_cannot_be_removed_is_let_go_and_the_page_says_why(
    administrator: Actor, cloud: UniversalPrintService
) -> None:
    registered(administrator, cloud)
    service.unregister(administrator)
    cloud.refresh_token = "another"
    assert registration.bring_about(administrator.organization_id) is RegistrationState.UNREGISTERED
    view = service.get_cloud_printer(administrator)
    assert view.error is not None
    assert view.error.code == "cloud_print.signed_out"


def test_what_stands_in_the_way_of_signing_in(administrator: Actor, cloud: UniversalPrintService) -> None:
    with environment({"PRESSROOM_MICROSOFT_CLIENT_ID": ""}):
        assert code_of(lambda: service.begin_sign_in(administrator)) == "cloud_print.no_client"
    assert code_of(lambda: service.finish_sign_in(administrator)) == "cloud_print.sign_in_over"
    service.begin_sign_in(administrator)
    cloud.fails = lambda _method, _path: (503, None, {})
    assert code_of(lambda: service.finish_sign_in(administrator)) == "cloud_print.unreachable"
    assert service.get_cloud_printer(administrator).sign_in_code == CODE, "it is asked again"
    cloud.fails = lambda _method, _path: None
    cloud.refused = True
    assert code_of(lambda: service.finish_sign_in(administrator)) == "cloud_print.sign_in_refused"
    assert service.get_cloud_printer(administrator).sign_in_code == ""
    set_print_settings(administrator, universal={**NAMES, "share_name": " "})
    assert code_of(lambda: service.begin_sign_in(administrator)) == "cloud_print.names_needed"
    set_print_settings(administrator)
    assert code_of(lambda: service.begin_sign_in(administrator)) == "print.feature_disabled"
    assert code_of(lambda: service.unregister(administrator)) == "not_found"
