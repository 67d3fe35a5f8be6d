"""A scan on its way to its destination: an ordinary run of one delivery, kept and tried again while that fails."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from benchmarks.installation import free_port
from connectors.documents.document import Document
from connectors.errors import PressroomError
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.roles import Role
from domain.outbox.models import OutboxRow
from domain.runs.execution import begin_step, claim, complete_step, fail_step, finish, renew
from domain.runs.models import Run, RunEvent, RunState
from domain.runs.service import cancel_run, get_run, run_again
from domain.runs.views import RunDetails
from domain.scan_destinations import service
from domain.scan_destinations.definition import DestinationDefinition
from domain.scan_destinations.delivery import AtPrinter, ScannedFile, deliver_scan, size_limit
from domain.scan_destinations.naming import file_stem
from domain.scan_destinations.offered import folders_at_printer, make_folder_at_printer, offered_destinations
from domain.scan_destinations.service import Scope
from domain.scan_settings.service import change_scan_settings
from domain.scan_settings.settings import ScanSettings
from flows.lease import Lease
from flows.step_context import RunContext
from steps.registry import step_kind
from steps.samples import letter_pdf
from tests.support.installation import Installation, installed
from tests.support.people import person
from tests.support.webdav_server import WebDavServer

AT = AtPrinter("p" * 32, "Printer in the hall", "UTC")
FAMILIES = ("microsoft", "folder", "webdav", "email")
ON = ScanSettings(enabled=True, personal_destinations=True, families=FAMILIES, folder_choice=True)  # type: ignore[arg-type]


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path, allow_private_addresses="true", scan_retry_seconds="60") as one:
        change_scan_settings(one.administrator, ON)
        yield one


@pytest.fixture
def ann(installation: Installation) -> Actor:
    return person(installation.administrator, "ann@pressroom.example", Role.SCAN_USER)


def made(
    administrator: Actor, service_name: str = "folder", secrets: dict[str, str] | None = None, **values: Any
) -> str:
    definition = DestinationDefinition.model_validate({"name": "Invoices", "service": service_name, **values})
    return service.create_destination(administrator, Scope.ORGANIZATIONAL, definition, secrets).id


def scanned(where: Path, **values: Any) -> ScannedFile:
    path = letter_pdf(where)
    size, digest = path.stat().st_size, "0" * 64
    document = Document(key="scan", name="scan.pdf", media_type="application/pdf", size=size, sha256=digest, pages=1)
    return ScannedFile(path, document, **values)


def carried_out(run_id: str, actor: Actor) -> RunDetails:
    """What a worker does with the run, without an engine around it; returns how it is then."""
    work = claim(run_id, "worker:1")
    assert work is not None
    (planned,) = work.plan
    kind, error = step_kind(planned.kind), None
    assert begin_step(work, planned, "0", work.original) is None
    with Lease(run_id, partial(renew, work)) as lease:  # type: ignore[arg-type]
        try:
            with RunContext(work, planned, "0", work.original, actor, lease) as context:
                result = kind.run(work.original, kind.parameters.model_validate(planned.parameters), context)
            complete_step(work, planned, "0", result)
        except PressroomError as problem:
            error = problem
            fail_step(work, planned, "0", problem)
    finish(work, RunState.COMPLETED_WITH_ERRORS if error else RunState.COMPLETED, error)
    return get_run(actor, run_id)


def arrived(installation: Installation) -> list[str]:
    root = installation.home / "storage"
    return sorted(str(path.relative_to(root).parts[1:]) for path in root.rglob("*") if path.is_file())


def test_a_scan_arrives_as_an_ordinary_run_of_a_printer(installation: Installation, ann: Actor, tmp_path: Path) -> None:
    """SCAN-2, SCAN-121: scanned at a printer, to one destination that was set up in the portal."""
    destination = made(installation.administrator, path="Bookkeeping/2026")
    run = deliver_scan(ann, destination, scanned(tmp_path), AT)
    assert (run.client_type, run.solution_name, len(run.plan)) == ("printer", "Invoices", 1)
    details = carried_out(run.id, ann)
    assert details.run.state is RunState.COMPLETED
    assert details.deliveries[0].receipt == "Bookkeeping/2026/scan.pdf"
    assert arrived(installation) == [str(("Bookkeeping", "2026", "scan.pdf"))]
    with ann.session(read_only=True) as session:
        tags = session.scalars(select(OutboxRow.tags).where(OutboxRow.key == run.id)).one()
    assert {"client:printer", "destination:Invoices", f"printer:{AT.name}"} <= set(tags)


def test_names_never_collide(installation: Installation, ann: Actor, tmp_path: Path) -> None:
    """SCAN-43."""
    destination = made(installation.administrator)
    for _ in range(3):
        carried_out(deliver_scan(ann, destination, scanned(tmp_path), AT).id, ann)
    assert arrived(installation) == [str((name,)) for name in ("scan.pdf", "scan_1.pdf", "scan_2.pdf")]


def test_a_destination_that_does_not_answer_is_tried_again_until_it_does(
    installation: Installation, ann: Actor, tmp_path: Path, webdav_server: WebDavServer
) -> None:
    """SCAN-117: kept, tried again later and later, and the reason is there to be read."""
    down = {"address": f"http://127.0.0.1:{free_port()}/dav", "user": webdav_server.user}
    secrets = {"password": webdav_server.password}
    destination = made(installation.administrator, "webdav", secrets, access=down, path="tried again")
    original = scanned(tmp_path)
    run = deliver_scan(ann, destination, original, AT)
    before = now()
    details = carried_out(run.id, ann)
    assert details.run.state is RunState.QUEUED
    assert details.run.error is not None
    assert details.run.error.code == "storage.unreachable"
    assert details.run.next_attempt is not None
    assert timedelta(seconds=59) < details.run.next_attempt - before < timedelta(seconds=120)
    second = carried_out(run.id, ann).run
    assert second.next_attempt is not None
    assert second.next_attempt - now() > timedelta(seconds=100)
    with ann.session(read_only=True) as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.parameters["run_id"].as_string() == run.id)).all()
        told = session.scalars(select(RunEvent.message).where(RunEvent.run_id == run.id)).all()
    assert [row.key for row in rows] == [run.id, f"{run.id}/1", f"{run.id}/2"]
    assert [row.available for row in rows][-1] == second.next_attempt
    assert sum("sent again by itself" in message["template"] for message in told) == 2
    up = {**down, "address": webdav_server.address}
    definition = service.get_destination(ann, destination).definition.model_copy(update={"access": up})
    service.change_destination(installation.administrator, destination, definition, secrets)
    ended = carried_out(run.id, ann)
    assert (ended.run.state, ended.run.error, ended.run.next_attempt) == (RunState.COMPLETED, None, None)
    assert (webdav_server.folder / "tried again" / "scan.pdf").read_bytes() == original.path.read_bytes()


def test_what_does_not_pass_by_itself_ends_at_once_and_can_be_run_again(
    installation: Installation, ann: Actor, tmp_path: Path
) -> None:
    destination = made(installation.administrator)
    run = deliver_scan(ann, destination, scanned(tmp_path), AT)
    change_scan_settings(installation.administrator, ON.model_copy(update={"families": ("email",)}))
    details = carried_out(run.id, ann)
    assert details.run.state is RunState.COMPLETED_WITH_ERRORS
    assert details.run.error is not None
    assert details.run.error.code == "scan_destination.service_off"
    change_scan_settings(installation.administrator, ON)
    again = person(installation.administrator, "helper@pressroom.example", Role.SOLUTIONS_ADMINISTRATOR)
    run_again(again, run.id)
    assert carried_out(run.id, ann).run.state is RunState.COMPLETED


def test_it_is_given_up_in_the_end_and_can_be_cancelled_before(
    installation: Installation, ann: Actor, tmp_path: Path
) -> None:
    down = {"address": f"http://127.0.0.1:{free_port()}/dav", "user": "x"}
    destination = made(installation.administrator, "webdav", {"password": "x"}, access=down)
    run, other = (deliver_scan(ann, destination, scanned(tmp_path), AT).id for _ in range(2))
    with ann.session() as session:
        session.get_one(Run, run).retry_until = now() + timedelta(seconds=30)
    assert carried_out(run, ann).run.state is RunState.COMPLETED_WITH_ERRORS
    assert carried_out(other, ann).run.state is RunState.QUEUED
    cancel_run(ann, other)
    assert claim(other, "worker:1") is None


def test_a_scan_by_mail(installation: Installation, ann: Actor, tmp_path: Path) -> None:
    destination = made(installation.administrator, "email", addresses="books@example.com", send_me_a_copy=True)
    definition = service.get_destination(ann, destination).definition
    assert size_limit(definition) == 25 << 20
    assert deliver_scan(ann, destination, scanned(tmp_path), AT).plan[0].kind == "email"


def test_a_file_above_the_limit_is_refused_with_what_helps(
    installation: Installation, ann: Actor, tmp_path: Path
) -> None:
    """TS-53: the size, the limit, and how the next scan gets smaller."""
    destination = made(installation.administrator, "email", send_me_a_copy=True)
    large = scanned(tmp_path)
    large.path.write_bytes(b"%PDF-1.7" + bytes((25 << 20) + 1))
    with pytest.raises(PressroomError) as refused:
        deliver_scan(ann, destination, large, AT)
    assert (refused.value.code, refused.value.fault.spec) == ("scan.too_large", "SCAN-E07")
    with ann.session(read_only=True) as session:
        assert session.scalars(select(Run)).all() == []


def test_who_is_not_signed_in_to_the_provider_is_told_so(
    installation: Installation, ann: Actor, tmp_path: Path
) -> None:
    """SCAN-20, SCAN-111, TS-50: sign in again, not an error of the service."""
    destination = made(installation.administrator, "onedrive", path="Scans")
    (offered,) = offered_destinations(ann)
    assert (offered.is_ready, offered.account) == (False, "signed_out")
    with pytest.raises(PressroomError) as refused:
        deliver_scan(ann, destination, scanned(tmp_path), AT)
    assert refused.value.code == "storage.signed_out"


@pytest.mark.parametrize(
    ("of_destination", "of_organization", "chosen", "problem"),
    [
        (True, True, "Other/Place", ""),
        (True, False, "Other", "scan_destination.no_folder_choice"),
        (False, True, "Other", "scan_destination.no_folder_choice"),
        (True, True, "x" * 256, "storage.path_too_long"),
    ],
)
def test_a_folder_is_chosen_only_where_both_switches_are_on(
    installation: Installation, ann: Actor, tmp_path: Path, of_destination: bool, of_organization: bool, chosen: str,
    problem: str,
) -> None:  # fmt: skip
    """SCAN-19, SCAN-54."""
    destination = made(installation.administrator, path="Own", allow_folder=of_destination)
    change_scan_settings(installation.administrator, ON.model_copy(update={"folder_choice": of_organization}))
    (offered,) = offered_destinations(ann)
    assert offered.allow_folder is (of_destination and of_organization)
    if problem:
        with pytest.raises(PressroomError, match=problem):
            deliver_scan(ann, destination, scanned(tmp_path, folder=chosen), AT)
        return
    carried_out(deliver_scan(ann, destination, scanned(tmp_path, folder=chosen), AT).id, ann)
    assert arrived(installation) == [str(("Other", "Place", "scan.pdf"))]


def test_folders_are_looked_at_from_the_printer(installation: Installation, ann: Actor) -> None:
    destination = made(installation.administrator, path="Own", allow_folder=True)
    make_folder_at_printer(ann, destination, "Own/2026")
    assert folders_at_printer(ann, destination, None) == ["2026"]
    assert folders_at_printer(ann, destination, "") == ["Own"]
    with pytest.raises(PressroomError, match="duplicate_folder"):
        make_folder_at_printer(ann, destination, "Own/2026")


def test_the_own_folder_of_an_organizations_onedrive_destination_is_not_there_to_look_into(
    installation: Installation, ann: Actor
) -> None:
    """SCAN-75: one's own drive may be looked at, once one is signed in."""
    destination = made(installation.administrator, "onedrive", path="Template", allow_folder=True)
    with pytest.raises(PressroomError) as refused:
        folders_at_printer(ann, destination, None)
    assert (refused.value.code, refused.value.fault.spec) == ("scan_destination.template_folder", "SCAN-E08")
    with pytest.raises(PressroomError, match="signed_out"):
        folders_at_printer(ann, destination, "")


def test_only_what_can_be_used_is_offered_and_no_more_than_fifty(installation: Installation, ann: Actor) -> None:
    """SCAN-116, SCAN-120."""
    administrator = installation.administrator
    for number in range(30):
        for actor, scope in ((administrator, Scope.ORGANIZATIONAL), (ann, Scope.PERSONAL)):
            definition = DestinationDefinition(name=f"{number:02} {scope}", service="folder")
            service.create_destination(actor, scope, definition)
    made(administrator, "onedrive", name="00")
    assert len(offered_destinations(ann)) == 50
    change_scan_settings(administrator, ON.model_copy(update={"families": ("folder",)}))
    assert all(one.definition.service == "folder" for one in offered_destinations(ann))
    change_scan_settings(administrator, ON.model_copy(update={"enabled": False}))
    with pytest.raises(PressroomError) as refused:
        offered_destinations(ann)
    assert (refused.value.code, refused.value.fault.spec) == ("scan.not_enabled", "SCAN-E06")


MOMENT = datetime(2026, 11, 26, 5, 7, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("values", "typed", "stem"),
    [
        ({"append_time": False}, "", "scan"),
        ({}, "", "scan_20261126_050709"),
        ({"file_name": "invoice", "append_time": False}, "mine", "invoice"),
        ({"allow_file_name": True}, " mine ", "mine_20261126_050709"),
        ({"allow_file_name": True, "append_time": False}, " ", "scan"),
        ({"file_name": "x" * 128}, "", "x" * 112 + "_20261126_050709"),
    ],
)
def test_what_a_file_is_called(values: dict[str, Any], typed: str, stem: str) -> None:
    """SCAN-43, SCAN-50, SCAN-51, SCAN-52."""
    definition = DestinationDefinition.model_validate({"name": "A", "service": "folder", **values})
    assert file_stem(definition, typed, MOMENT) == stem
