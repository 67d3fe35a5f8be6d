"""The portal dies by SIGKILL at every moment of a release and of a submission; whoever gets no answer does it again.

No job is lost and none is printed twice, and the facts equal the printer's counter (PR-344). Portals are real processes
on real sockets; what the engine would start is done here, from the outbox, once for all moments of a test.
"""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Protocol
from unittest.mock import patch
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select

from connectors.documents import open_store
from connectors.documents.working_files import remove_leftovers
from connectors.ipp.service.statuses import Status
from connectors.ipp.values import boolean, integers, media_types, names
from connectors.ipp.wire import Attribute, IppMessage, decode
from connectors.settings import get_settings
from domain.outbox.models import OutboxRow
from domain.outbox.service import mark_dispatched
from domain.print_access.callers import organization_name
from domain.print_access.models import PrintCredentialKind
from domain.print_access.service import make_credential
from domain.printer_login.login_codes import new_code
from domain.printing import reconciliation
from domain.printing.models import PrintJob, ReleaseBatch
from domain.printing.outbox import PREPARE, RELEASE
from domain.printing.states import FINAL, BatchState, JobState
from domain.tenancy import tenant_session
from flows.prepare_print_jobs import prepare_batch
from tests.support.dying_portal import Portals, mortal_portals
from tests.support.installation import PASSWORD
from tests.support.panels import APPS, PAGE, PanelBrowser, install_panel_apps
from tests.support.print_service import CREATE_JOB, PRINT_JOB, SEND_DOCUMENT, Computer, confirmed, number_of
from tests.support.releasing import ReleaseOffice, release_office, write_pdf

PAGES = 2


class Attempt(Protocol):
    """What a client wants of a portal that dies."""

    def begin(self) -> None:
        """Something new is wanted."""

    def request(self) -> httpx.Request:
        """How it is asked for."""

    def is_kept(self) -> bool:
        """Whether it has come into the records, though there was no answer."""

    def repeat(self) -> None:
        """The client does again what it had no answer to."""


@dataclass
class Scene:
    """An office whose portals die, and the client of somebody in it."""

    office: ReleaseOffice
    portals: Portals
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=120, trust_env=False))

    def request(self, method: str, path: str, **more: object) -> httpx.Request:
        """A request to the portal that lives."""
        return self.client.build_request(method, f"{self.portals.url}{path}", **more)  # type: ignore[arg-type]

    def send(self, method: str, path: str, **more: object) -> httpx.Response:
        return self.client.send(self.request(method, path, **more))

    def sign_in(self) -> None:
        answer = self.send("POST", "/api/v1/sessions", json={"email": self.office.ann.email, "password": PASSWORD})
        self.client.headers["Authorization"] = f"Bearer {answer.raise_for_status().json()['token']}"

    def until_it_survives(self, attempt: "Attempt") -> httpx.Response:
        """The answer, after a death at every moment in turn; it asks anew as long as nothing has come of it."""
        deaths, kept = self.portals.deaths, 0
        attempt.begin()
        for moment in count():
            answer = self.portals.survives(moment, self.client, attempt.request())
            if answer is not None:
                break
            if attempt.is_kept():
                kept += 1
                attempt.repeat()
                attempt.begin()
        assert 0 < kept < self.portals.deaths - deaths == moment, "it died before and after it was kept"
        return answer

    def engine(self) -> None:
        """Start everything that the outbox has for the engine, as a worker does."""
        organization_id = self.office.organization_id
        with tenant_session(organization_id) as session:
            rows = list(session.scalars(select(OutboxRow).where(OutboxRow.dispatched.is_(None))))
            for row in rows:
                mark_dispatched(session, row.id, "")
        if any(row.deployment == PREPARE for row in rows):
            prepare_batch.fn(organization_id)
        for printer in {row.parameters["printer_id"] for row in rows if row.deployment == RELEASE}:
            self.office.work(list(self.office.printers).index(printer))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ReleaseOffice, Portals]]:
    with (
        release_office(tmp_path_factory.mktemp("office"), ["color-mfp"], ipp_in_the_clear="true") as office,
        mortal_portals() as portals,
    ):
        yield office, portals


@pytest.fixture
def scene(place: tuple[ReleaseOffice, Portals]) -> Iterator[Scene]:
    here = Scene(*place)
    with here.client:
        yield here


@dataclass
class Releasing:
    """Somebody releases one job after the other from a phone or a page, and again where nothing happens."""

    scene: Scene
    jobs: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.scene.sign_in()

    def begin(self) -> None:
        self.jobs.append(self.scene.office.held(pages=PAGES))

    def request(self) -> httpx.Request:
        wanted = {"printer_id": self.scene.office.printers[0], "job_ids": self.jobs[-1:]}
        return self.scene.request("POST", "/api/v1/print-releases", json=wanted)

    def is_kept(self) -> bool:
        return self.scene.office.job(self.jobs[-1]).state == JobState.RELEASING

    def repeat(self) -> None:
        assert self.scene.client.send(self.request()).status_code == 409, "it is on its way"


class ReleasingAtPanel(Releasing):
    """The same at the printer's panel."""

    def __post_init__(self) -> None:
        office = self.scene.office
        apps = {"print_release": APPS["print-release"], "card_authentication": APPS["card-authentication"]}
        install_panel_apps(office.organization_id, office.printers[0], **apps)
        self.scene.client.base_url = httpx.URL(self.scene.portals.url)
        panel = PanelBrowser(self.scene.client, office.organization_id, office.printers[0])
        panel.open()
        panel.ask("POST", "sign-ins", {"method": "secure_login", "code": new_code(office.ann).code})

    def request(self) -> httpx.Request:
        return self.scene.request("POST", "/panel/api/release/releases", json={"job_ids": self.jobs[-1:]}, headers=PAGE)

    def repeat(self) -> None:
        super().repeat()
        app = self.scene.send("GET", "/panel/api/release").raise_for_status().json()
        assert app["release"]["id"], "whoever comes back to the app sees what is being printed"


@pytest.mark.parametrize("way", [Releasing, ReleasingAtPanel])
def test_a_release_is_asked_for_once_whenever_the_portal_dies(scene: Scene, way: type[Releasing]) -> None:
    releasing, office = way(scene), scene.office
    before, facts = office.simulated().life_count, len(office.facts())
    assert scene.until_it_survives(releasing).status_code == 202
    scene.engine()
    jobs, printed = releasing.jobs, office.facts()[facts:]
    assert office.simulated().life_count - before == sum(one.impressions for one in printed) == PAGES * len(jobs)
    assert sorted(one.job_id for one in printed) == sorted(jobs)
    assert {office.job(job).state for job in jobs} == {JobState.PRINTED}
    with tenant_session(office.organization_id, read_only=True) as session:
        assert set(session.scalars(select(ReleaseBatch.state))) == {BatchState.COMPLETED}


class Cancelling(Releasing):
    """Somebody cancels releases that have not begun."""

    def begin(self) -> None:
        super().begin()
        asked = self.scene.client.send(super().request())
        self.release = str(asked.raise_for_status().json()["id"])

    def request(self) -> httpx.Request:
        return self.scene.request("POST", f"/api/v1/print-releases/{self.release}/cancel")

    def is_kept(self) -> bool:
        with tenant_session(self.scene.office.organization_id, read_only=True) as session:
            return session.get_one(ReleaseBatch, self.release).cancel_requested

    def repeat(self) -> None:
        self.scene.client.send(self.request()).raise_for_status()


def test_a_cancelled_release_ends_whenever_the_portal_dies(scene: Scene) -> None:
    """What had not begun is back in the queue, nothing comes out of the printer."""
    cancelling, office = Cancelling(scene), scene.office
    before = office.simulated().life_count
    assert scene.until_it_survives(cancelling).status_code == 200
    scene.engine()
    assert {office.job(job).state for job in cancelling.jobs} == {JobState.HELD}
    assert office.simulated().life_count == before
    with tenant_session(office.organization_id, read_only=True) as session:
        assert session.get_one(ReleaseBatch, cancelling.release).state == BatchState.CANCELLED


@dataclass
class Submitting:
    """Somebody hands documents in, each under a name of its own."""

    scene: Scene
    document: bytes = b""
    start: str = ""
    number: int = 0

    def __post_init__(self) -> None:
        self.document = write_pdf(self.scene.office.folder / "handed in.pdf", PAGES).read_bytes()
        self.start = uuid4().hex

    @property
    def name(self) -> str:
        return f"{self.start} {self.number}.pdf"

    def begin(self) -> None:
        self.number += 1

    def is_kept(self) -> bool:
        return self.name in self.jobs()

    def jobs(self) -> dict[str, list[PrintJob]]:
        """Those that have a document, by name."""
        found: dict[str, list[PrintJob]] = {}
        query = select(PrintJob).where(PrintJob.name.startswith(self.start), PrintJob.state != JobState.RECEIVING)
        with tenant_session(self.scene.office.organization_id, read_only=True) as session:
            for job in session.scalars(query):
                session.expunge(job)
                found.setdefault(job.name, []).append(job)
        return found

    def assert_whole(self, most: int) -> None:
        """Each is in the queue once, or at most that often, and ready to be released."""
        jobs = self.jobs()
        assert len(jobs) == self.number > 1
        for name, found in jobs.items():
            assert 1 <= len(found) <= most, name
            assert [(job.state, job.pages, job.reason) for job in found] == [(JobState.HELD, PAGES, None)] * len(found)


class Uploading(Submitting):
    """As programs hand in, with a key that makes sending again safe."""

    def request(self) -> httpx.Request:
        files = {"file": (self.name, self.document)}
        return self.scene.request("POST", "/api/v1/print-jobs", files=files, headers={"Idempotency-Key": self.name})

    def repeat(self) -> None:
        assert self.scene.client.send(self.request()).status_code == 201


def test_an_upload_that_is_sent_again_is_one_job_whenever_the_portal_died(scene: Scene) -> None:
    scene.sign_in()
    uploading = Uploading(scene)
    assert scene.until_it_survives(uploading).status_code == 201
    scene.engine()
    uploading.assert_whole(most=1)
    assert_nothing_left_behind(scene)


class Printing(Submitting):
    """A computer prints by Print-Job, and once more where it heard nothing."""

    def __post_init__(self) -> None:
        super().__post_init__()
        person = self.scene.office.ann
        password, _ = make_credential(confirmed(person), PrintCredentialKind.PASSWORD, self.start[:8])
        path = f"/ipp/print/{organization_name(person.organization_id)}"
        self.computer = Computer(self.scene.portals.url, path, person.email, password)

    def request(self) -> httpx.Request:
        asked = {"job_name": names(self.name), "document_format": media_types("application/pdf")}
        return self.asking(self.computer.message(PRINT_JOB, data=self.document, **asked))

    def repeat(self) -> None:
        assert self.told(self.scene.client.send(self.request())).code == Status.OK

    def asking(self, content: bytes) -> httpx.Request:
        """A request of the computer."""
        basic = b64encode(f"{self.computer.email}:{self.computer.password}".encode()).decode()
        headers = {"Content-Type": "application/ipp", "Authorization": f"Basic {basic}"}
        return self.scene.request("POST", self.computer.path, content=content, headers=headers)

    @staticmethod
    def told(answer: httpx.Response) -> IppMessage:
        """What the print service answered."""
        return decode(answer.raise_for_status().content)[0]


def test_what_a_computer_prints_again_is_whole_whenever_the_portal_died(scene: Scene) -> None:
    """Print-Job cannot be told from a second print of the same: it may wait twice, but never in part."""
    printing, before = Printing(scene), scene.office.simulated().life_count
    assert printing.told(scene.until_it_survives(printing)).code == Status.OK
    scene.engine()
    printing.assert_whole(most=2)
    assert_nothing_left_behind(scene)
    assert scene.office.simulated().life_count == before


class Sending(Printing):
    """A computer prints by Create-Job and Send-Document, as CUPS does, and sends the document again."""

    def begin(self) -> None:
        super().begin()
        created = self.told(self.scene.client.send(self.asking(self.computer.message(CREATE_JOB, **self.named()))))
        self.job = number_of(created)

    def named(self) -> dict[str, Attribute]:
        return {"job_name": names(self.name)}

    def request(self) -> httpx.Request:
        asked = {"job_id": integers(self.job), "document_format": media_types("application/pdf")}
        last = {"last_document": boolean(True)}
        return self.asking(self.computer.message(SEND_DOCUMENT, data=self.document, **asked, **last))

    def repeat(self) -> None:
        answer = self.told(self.scene.client.send(self.request()))
        assert answer.code == Status.MULTIPLE_DOCUMENTS_NOT_SUPPORTED, "it is there already"


def test_a_document_that_is_sent_again_is_taken_once_whenever_the_portal_died(scene: Scene) -> None:
    sending = Sending(scene)
    assert sending.told(scene.until_it_survives(sending)).code == Status.OK
    scene.engine()
    sending.assert_whole(most=1)
    assert_nothing_left_behind(scene)


def assert_nothing_left_behind(scene: Scene) -> None:
    """Upkeep removes content of jobs that were never kept and working files of the dead, and leaves the rest."""
    organization_id, settings = scene.office.organization_id, get_settings()
    with patch.object(reconciliation, "YOUNG", timedelta(0)):
        assert reconciliation.reconcile(organization_id).lost == 0
    kept = {one.key.split("/")[2] for one in open_store(settings).list(f"{organization_id}/print-jobs")}
    with tenant_session(organization_id, read_only=True) as session:
        living = select(PrintJob.id).where(PrintJob.state.not_in(FINAL))
        assert kept == set(session.scalars(living))
    assert remove_leftovers(settings.scratch_folder) == 0, "they are young"
    remove_leftovers(settings.scratch_folder, timedelta(0))
    assert list(settings.scratch_folder.iterdir()) == []
