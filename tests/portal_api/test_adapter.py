"""A release adapter at the portal: swipe, fetch, send to a raw port, report (section 22)."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from connectors.ipp.ticket import JobTicket
from connectors.raw_printing import RawJob, print_raw
from domain.applications.models import ApplicationKind
from domain.applications.service import list_applications, make_secret
from domain.printer_login import own
from domain.printer_login.configuration import change_settings
from domain.printer_login.rules import PrinterLoginSettings
from domain.printing.changes import delete_jobs
from domain.printing.jobs import find_job
from domain.printing.states import JobKind, JobState
from domain.sign_in.credentials import actor_of_token
from domain.sign_in.service import sign_in
from fleet.releasing import execution
from flows.release_print_jobs import release_batch
from portal_api.app import create_service
from tests.support.installation import PASSWORD
from tests.support.releasing import ReleaseOffice, release_office

BADGE = "4711"


class ForeignPrinter:
    """A printer that takes jobs on a raw port and tells by PJL how many pages it printed."""

    def __init__(self, listener: socket.socket) -> None:
        self.jobs: list[bytes] = []
        self._listener = listener

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                received = b""
                while b"@PJL EOJ" not in received and (piece := connection.recv(65536)):
                    received += piece
                self.jobs.append(received)
                connection.sendall(b'@PJL USTATUS JOB\r\nEND\r\nNAME="x"\r\nPAGES=2\r\n\x0c')


@contextmanager
def foreign_printer() -> Iterator[ForeignPrinter]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        printer = ForeignPrinter(listener)
        thread = threading.Thread(target=printer.serve, name="foreign printer")
        thread.start()
        yield printer
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReleaseOffice]:
    with release_office(tmp_path_factory.mktemp("office"), ["third-party-color"]) as one:
        change_settings(one.installation.administrator, PrinterLoginSettings(methods=("badge",)))
        own.register_own_badge(one.ann, BADGE)
        yield one


class Adapter:
    """The box between a badge reader and a foreign printer."""

    def __init__(self, client: httpx.Client, email: str) -> None:
        chief = actor_of_token(sign_in(email, PASSWORD).session.token)
        kind = ApplicationKind.DEVICE_AUTHENTICATION
        application = next(one for one in list_applications(chief) if one.kind == kind)
        secret = make_secret(chief, application.id)[0]
        body = {"grant_type": "client_credentials", "client_id": application.id, "client_secret": secret}
        token = client.post("/oauth/token", json=body).json()["access_token"]
        self._client, self._headers = client, {"Authorization": f"Bearer {token}"}

    def post(self, path: str, **content: Any) -> httpx.Response:
        return self._client.post(f"/adapter/v1/{path}", json=content, headers=self._headers)

    def swipe(self, **content: Any) -> httpx.Response:
        given = {"adapter_id": "adapter-1", "badge": BADGE, "firmware": "3.0.3.1", "mac": "02:00:00:00:00:01"}
        return self.post("swipe", **(given | content))

    def fetch(self, url: str) -> httpx.Response:
        return self._client.get(url, headers=self._headers)


@pytest.fixture
def client(office: ReleaseOffice) -> Iterator[httpx.Client]:
    with TestClient(create_service(office.installation.settings), base_url="http://127.0.0.1:8080") as client:
        yield client


@pytest.fixture
def adapter(client: httpx.Client, office: ReleaseOffice) -> Adapter:
    return Adapter(client, office.installation.administrator.email)


def send(answer: httpx.Response, printer: ForeignPrinter, folder: Path) -> int | None:
    path = folder / "document"
    path.write_bytes(answer.content)
    job = RawJob(path, answer.headers["content-type"], "Letter", "Ann", JobTicket(copies=1))
    return print_raw("127.0.0.1", printer.port, "foreign", job, lambda: None)


def test_the_first_jobs_come_out_and_leave_the_queue(office: ReleaseOffice, adapter: Adapter, tmp_path: Path) -> None:
    """PR-216…PR-218, PR-220: first in, first out, with the numbers of the submission.

    A swipe is answered with addresses, what is fetched there goes to a raw port, and the result is told, twice.
    """
    jobs = [office.held(pages=2, name=f"{number}.pdf", ticket=JobTicket(color_mode="color")) for number in range(3)]
    release = adapter.swipe(limit=2).json()
    assert ([one["name"] for one in release["documents"]], release["left"]) == (["0.pdf", "1.pdf"], 1)
    with foreign_printer() as printer:
        for document in release["documents"]:
            fetched = adapter.fetch(document["url"])
            assert fetched.content.startswith(b"%PDF")
            assert send(fetched, printer, tmp_path) == 2
        assert b'@PJL JOB NAME="Letter"' in printer.jobs[0]
    results = [{"id": one["id"], "result": "printed"} for one in release["documents"]]
    for _ in range(2):
        ended = adapter.post("result", release_id=release["release_id"], documents=results)
        assert ended.json() == {"state": "completed"}
    assert [office.job(job).state for job in jobs] == [JobState.PRINTED, JobState.PRINTED, JobState.HELD]
    facts = [fact for fact in office.facts() if fact.job_id in jobs]
    assert [(one.impressions, one.color_impressions, one.source) for one in facts] == [(2, 2, "intent")] * 2
    assert (facts[0].serial_number, facts[0].printer_address) == ("unknown", "unknown")
    assert adapter.fetch(release["documents"][0]["url"]).json()["code"] == "adapter.link_refused"
    again = adapter.swipe().json()
    adapter.post(
        "result", release_id=again["release_id"], documents=[{"id": again["documents"][0]["id"], "result": "failed"}]
    )
    assert office.job(jobs[2]).state == JobState.HELD, "one that was not printed stays"


def test_jobs_that_stay_at_workstations_are_left_alone(office: ReleaseOffice, adapter: Adapter) -> None:
    """PR-215, PR-244."""
    delete_jobs(office.ann, office.queue())
    job = office.held()
    with office.ann.session() as session:
        find_job(session, job).kind = JobKind.HYBRID
    release = adapter.swipe(limit=100).json()
    assert (release["documents"], release["left"]) == ([], 0)
    assert office.job(job).state == JobState.HELD
    delete_jobs(office.ann, [job])


def test_a_format_that_the_printer_takes(office: ReleaseOffice, adapter: Adapter) -> None:
    """PR-219."""
    office.held()
    release = adapter.swipe(formats=["image/pwg-raster"]).json()
    fetched = adapter.fetch(release["documents"][0]["url"])
    assert (fetched.headers["content-type"], fetched.content[:4]) == ("image/pwg-raster", b"RaS2")
    results = [{"id": one["id"], "result": "printed"} for one in release["documents"]]
    adapter.post("result", release_id=release["release_id"], documents=results)


def test_an_adapter_that_never_reports_leaves_a_warning(office: ReleaseOffice, adapter: Adapter) -> None:
    """PR-344: nobody knows whether it was printed."""
    job = office.held()
    release = adapter.swipe(limit=100).json()
    assert execution.release_lost("adapter") == [release["release_id"]]
    taken = execution.take_batch(office.organization_id, "adapter-1", "worker")
    assert taken is not None
    release_batch.fn(taken)
    assert office.job(job).state == JobState.HELD
    assert (office.job(job).reason or {})["code"] == "print_release.not_sure"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({"firmware": "3.0.3.0"}, "adapter.too_old"),
        ({"badge": "9999"}, "adapter.badge_unknown"),
        ({"limit": 101}, "request.invalid"),
    ],
)
def test_swipes_that_are_refused(adapter: Adapter, content: dict[str, Any], code: str) -> None:
    """PR-214: firmware 3.0.3.1 or later; PR-216: at most a hundred jobs."""
    assert adapter.swipe(**content).json()["code"] == code


def test_adapters_of_other_organizations_reach_nothing(
    office: ReleaseOffice, adapter: Adapter, client: httpx.Client
) -> None:
    office.held()
    release = adapter.swipe(limit=100).json()
    foreign = Adapter(client, office.installation.stranger.email)
    assert foreign.swipe().json()["code"] in ("adapter.badge_unknown", "printer_login.method_off")
    assert foreign.fetch(release["documents"][0]["url"]).json()["code"] == "adapter.link_refused"
    results = [{"id": release["documents"][0]["id"], "result": "printed"}]
    told = foreign.post("result", release_id=release["release_id"], documents=results)
    assert told.status_code == 404
    nobody = client.post("/adapter/v1/swipe", json={"adapter_id": "a", "badge": BADGE})
    assert nobody.status_code == 401
