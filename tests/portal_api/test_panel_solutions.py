"""The Solution Center of the panel over HTTP: a whole visit, and everything that may go wrong in between."""

import asyncio
import json
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import delete
from starlette.testclient import TestClient

from domain.organizations.actor import Actor
from domain.organizations.roles import Role
from domain.panel_solutions.models import RunDraft
from domain.panels.models import PanelSession
from domain.printer_login.configuration import change_settings
from domain.printer_login.login_codes import new_code
from domain.printer_login.models import PrinterSession
from domain.printer_login.rules import PrinterLoginSettings
from domain.runs.execution import begin_step, claim, complete_step, finish, show_progress
from domain.runs.models import RunState
from domain.scanning.orders import Problem, take_order
from domain.solutions.definition import SolutionDefinition
from domain.solutions.service import create_solution, delete_solution, update_solution
from domain.tenancy import system_session, tenant_session
from fleet.panel_apps.solution_center import SOLUTION_APP
from fleet.printers.models import PrinterApp, PrinterReadingRow
from portal_api.api.at_printer import PersonAtPrinter
from portal_api.api.run_drafts import _events
from portal_api.app import create_service
from portal_api.panel.events import Subject
from portal_api.panel.scan import SCANS
from portal_api.panel.solutions import RUNS, RunNews
from steps.contract import StepResult
from steps.samples import scan_pdf
from tests.domain.test_rules import DOWNLOAD, EMAIL, FOOTER, OCR, PRINT, REDACT, with_values
from tests.portal_api.test_printer_sign_in import Device, device_of
from tests.support.fleet import add_printers
from tests.support.installation import Installation
from tests.support.panel_scans import carry_out, fall_silent, send_pages
from tests.support.panels import PAGE, PanelBrowser, install_panel_apps

LOCKED_EMAIL = with_values(EMAIL, ("addresses", "send_me_a_copy"))


@dataclass
class Visit:
    """Ann at the panel of a printer."""

    installation: Installation
    ann: Actor
    panel: PanelBrowser

    @property
    def organization_id(self) -> str:
        return self.ann.organization_id

    def sign_in(self) -> None:
        self.panel.ask("POST", "sign-ins", {"method": "secure_login", "code": new_code(self.ann).code})

    def end_session(self) -> None:
        """The session at the printer ends, as by time."""
        with tenant_session(self.organization_id) as session:
            session.execute(delete(PrinterSession))

    def add(self, name: str, *steps: dict[str, Any], **values: Any) -> str:
        content = {"name": name, "steps": steps, "share_with_organization": True, **values}
        return create_solution(self.installation.administrator, SolutionDefinition.model_validate(content)).id

    def ask(self, method: str, path: str, content: object = None) -> Any:
        return self.panel.ask(method, path, content)

    def refused(self, method: str, path: str, content: object = None) -> dict[str, Any]:
        answer = self.panel.api(method, path, content)
        assert answer.is_error, answer.text
        told: dict[str, Any] = answer.json()
        assert told["detail"].endswith(".")
        assert told["remedy"]
        return told

    def draft(self, solution_id: str, **chosen: Any) -> str:
        return str(self.ask("POST", "run-drafts", {"solution_id": solution_id, "version": 1, **chosen})["id"])

    def scan(self, draft_id: str, pages: int = 1, problem: Problem | None = None) -> Any:
        assert self.ask("POST", f"run-drafts/{draft_id}/scan", {})["scan"]["is_busy"]
        carry_out(self.organization_id, self.panel.printer_id, pages, problem)
        return self.ask("GET", f"run-drafts/{draft_id}")["scan"]

    def kept(self) -> list[str]:
        return [one["id"] for one in self.ask("GET", "run-drafts")]


@pytest.fixture(scope="module")
def ann(installation: Installation) -> Actor:
    change_settings(installation.administrator, PrinterLoginSettings(methods=("badge", "pin", "secure_login")))
    roles = (Role.SOLUTIONS_USER, Role.OCR_USER, Role.REDACTION_USER, Role.PRINT_RELEASE_USER)
    return installation.add_person("ann@one.example", *roles)


@pytest.fixture
def visit(installation: Installation, ann: Actor) -> Iterator[Visit]:
    """Ann is signed in at a new printer with the app."""
    with TestClient(create_service(installation.settings), base_url="http://127.0.0.1:8080") as client:
        printer_id = add_printers(ann.organization_id, 1, mac="02:50:58:00:00:02", host_name="lobby", name="Lobby")[0]
        install_panel_apps(ann.organization_id, printer_id, solution_center="1.0")
        panel = PanelBrowser(client, ann.organization_id, printer_id)
        panel.open()
        one = Visit(installation, ann, panel)
        one.sign_in()
        yield one
    with system_session() as session:
        session.execute(delete(RunDraft))


def test_a_whole_visit(visit: Visit) -> None:
    """SC-3, SC-103, SC-128: list, information, a screen with its check, a scan with a next page, Send, progress."""
    tiles = {tile["id"]: tile["path"] for tile in visit.ask("GET", "home")["tiles"]}
    assert tiles[SOLUTION_APP] == "/solutions"
    solution_id = visit.add("Whole visit", with_values(EMAIL, addresses=""), PRINT, description="To somebody.")
    download = visit.add("Only in the portal", DOWNLOAD)
    listed = visit.ask("GET", "solution-center/solutions")
    ids = [one["id"] for one in listed["solutions"]]
    assert solution_id in ids
    assert download not in ids
    assert listed["kinds"]["email"]["title"] == "E-mail"
    shown = visit.ask("GET", f"solution-center/solutions/{solution_id}")
    assert (shown["description"], shown["type"], shown["is_quick"], shown["hindrance"]) == (
        "To somebody.", "organizational", False, None,
    )  # fmt: skip
    assert [(step["title"], step["is_shown"]) for step in shown["steps"]] == [("E-mail", True), ("Print", True)]
    assert shown["file"]["name"] == "scan"

    check = f"solution-center/solutions/{solution_id}/steps/0"
    wrong = visit.refused("POST", check, {"values": {"addresses": "a@b.example;c@d.example"}})
    assert (wrong["code"], wrong["errors"][0]["field"]) == ("mail.bad_separator", "addresses")
    assert visit.refused("POST", check, {"values": {}})["code"] == "mail.no_address"
    visit.ask("POST", check, {"values": {"addresses": "a@b.example"}})

    draft_id = visit.draft(solution_id, values={"0": {"addresses": "a@b.example"}, "1": {"copies": 2}})
    assert [page["number"] for page in visit.scan(draft_id)["pages"]] == [1]
    assert [page["number"] for page in visit.scan(draft_id)["pages"]] == [1, 2], "Scan next page"
    picture = visit.panel.client.get(f"/panel/api/run-drafts/{draft_id}/pages/2/preview")
    assert picture.headers["content-type"] == "image/jpeg"
    assert visit.kept() == [draft_id]
    run = visit.ask("POST", f"run-drafts/{draft_id}/send")
    assert (run["client_type"], run["printer_name"], run["original"]["pages"]) == ("printer", "Lobby", 2)
    assert run["plan"][1]["parameters"]["copies"] == 2
    assert visit.ask("GET", f"solution-center/solutions/{solution_id}") == shown, "what was chosen was for this run"
    assert visit.ask("POST", f"run-drafts/{draft_id}/send")["id"] == run["id"]
    assert visit.kept() == []
    assert visit.ask("GET", "panel-runs")[0]["id"] == run["id"]
    progress = visit.ask("PUT", f"panel-runs/{run['id']}/watch")
    assert (progress["state"], [step["state"] for step in progress["steps"]]) == ("QUEUED", ["PENDING", "PENDING"])
    assert visit.ask("POST", f"panel-runs/{run['id']}/cancel")["state"] == "CANCELLED"


def test_a_quick_run_takes_nothing_but_the_scan(visit: Visit) -> None:
    """SC-105: Solution Center, the solution, Scan and send: three touches."""
    solution_id = visit.add("Quick", LOCKED_EMAIL)
    shown = visit.ask("GET", f"solution-center/solutions/{solution_id}")
    assert shown["is_quick"]
    assert not any(step["is_shown"] for step in shown["steps"])
    draft_id = visit.draft(solution_id)
    visit.scan(draft_id)
    assert visit.ask("POST", f"run-drafts/{draft_id}/send")["state"] == "QUEUED"


def test_used_pages_are_those_that_were_used(visit: Visit) -> None:
    """SC-107: one line per service, used and not left."""
    used = visit.ask("GET", "solution-center/used-pages")
    assert {one["service"] for one in used} == {"TRANSLATION", "REDACTION", "OCR"}
    assert {one["used"] for one in used} == {0}


def test_regular_expressions_are_no_choice_at_the_panel(visit: Visit) -> None:
    """SC-82h: custom texts are typed as whole words, as what is contained, or exactly."""
    shown = visit.ask("GET", f"solution-center/solutions/{visit.add('Redacts', OCR, REDACT, EMAIL)}")
    (field,) = [field for step in shown["steps"] for field in step["fields"] if field["name"] == "custom_texts"]
    assert [mode["value"] for mode in field["modes"]] == ["WHOLE_WORD", "CONTAINS", "EXACT"]


def test_texts_are_in_the_language_of_the_panel(visit: Visit) -> None:
    solution_id = visit.add("Swedish", with_values(EMAIL, addresses=""))
    visit.ask("PUT", "choices", {"locale": "sv"})
    assert visit.ask("GET", f"solution-center/solutions/{solution_id}")["steps"][0]["title"] == "E-post"
    refused = visit.refused("POST", f"solution-center/solutions/{solution_id}/steps/0", {"values": {}})
    assert refused["detail"] == "E-poststeget har ingen adress att skicka till."


def _no_app(visit: Visit) -> None:
    with tenant_session(visit.organization_id) as session:
        session.execute(delete(PrinterApp).where(PrinterApp.printer_id == visit.panel.printer_id))


def _no_disk(visit: Visit) -> None:
    from domain.organizations.models import now

    row = PrinterReadingRow(printer_id=visit.panel.printer_id, at=now(), reading={"device": {"hard_disk": False}})
    row.organization_id = visit.organization_id
    with tenant_session(visit.organization_id) as session:
        session.merge(row)


def _session_ends(visit: Visit) -> None:
    visit.end_session()


def _unenrolled(visit: Visit) -> None:
    with tenant_session(visit.organization_id) as session:
        session.execute(delete(PanelSession).where(PanelSession.printer_id == visit.panel.printer_id))


@pytest.mark.parametrize(
    ("what", "happens", "code"),
    [
        ("the session expired in the middle of a scan", _session_ends, "printer_session.ended"),
        ("the printer's panel was closed", _unenrolled, "panel.ended"),
        ("the app was uninstalled", _no_app, "panel.app_missing"),
        ("the printer has no hard disk", _no_disk, "panel.printer_lacks"),
    ],
)
def test_whatever_comes_in_between_the_scan_is_offered_again(
    visit: Visit, what: str, happens: Callable[[Visit], None], code: str
) -> None:
    """The person reads what happened and what to do, and finds the scan after signing in again, at any printer."""
    draft_id = visit.draft(visit.add(f"Between {code}", OCR, REDACT, EMAIL))
    visit.scan(draft_id)
    happens(visit)
    assert visit.refused("POST", f"run-drafts/{draft_id}/send")["code"] == code, what
    other = add_printers(visit.organization_id, 1, mac="02:50:58:00:00:03", host_name="other", name="Other")[0]
    install_panel_apps(visit.organization_id, other, solution_center="1.0")
    visit.panel = PanelBrowser(visit.panel.client, visit.organization_id, other)
    visit.panel.open()
    visit.sign_in()
    assert visit.ask("GET", "solution-center/solutions")["kept"] == 1
    assert visit.kept() == [draft_id]
    run = visit.ask("POST", f"run-drafts/{draft_id}/send")
    assert run["printer_name"] == "Other"


def test_a_solution_that_was_changed_or_deleted_meanwhile_leaves_the_scan(visit: Visit) -> None:
    """SC-104."""
    solution_id, other_id = visit.add("Changes", OCR, EMAIL), visit.add("Other", EMAIL)
    draft_id = visit.draft(solution_id)
    visit.scan(draft_id)
    changed = SolutionDefinition.model_validate(
        {"name": "Changes", "steps": [FOOTER, EMAIL], "share_with_organization": True}
    )
    update_solution(visit.installation.administrator, solution_id, changed)
    told = visit.refused("POST", f"run-drafts/{draft_id}/send")
    assert (told["code"], told["spec"]) == ("run.solution_changed", "SC-102")
    assert visit.ask("GET", f"run-drafts/{draft_id}")["trouble"]["code"] == "run.solution_changed"
    delete_solution(visit.installation.administrator, solution_id)
    assert visit.refused("POST", f"run-drafts/{draft_id}/send")["code"] == "not_found"
    moved = visit.ask("PUT", f"run-drafts/{draft_id}", {"solution_id": other_id, "version": 1})
    assert (moved["solution_name"], moved["trouble"], len(moved["scan"]["pages"])) == ("Other", None, 1)
    assert visit.ask("POST", f"run-drafts/{draft_id}/send")["solution_name"] == "Other"


def test_pages_that_came_before_a_jam_are_kept(visit: Visit) -> None:
    draft_id = visit.draft(visit.add("Jam", EMAIL))
    scan = visit.scan(draft_id, 2, Problem.JAM)
    assert (scan["problem"]["code"], len(scan["pages"])) == ("scan.jam", 2)
    assert len(visit.scan(draft_id)["pages"]) == 3


def test_pages_that_come_after_the_printer_was_thought_lost_are_followed(visit: Visit) -> None:
    """The page hears that the printer is silent, and then of every page that comes still (SCAN-117)."""
    draft_id = visit.draft(visit.add("Lost", EMAIL))
    visit.ask("POST", f"run-drafts/{draft_id}/scan", {})
    order = take_order(visit.organization_id, visit.panel.printer_id)
    assert order is not None
    fall_silent(visit.organization_id)
    subject = Subject(visit.organization_id, order.scan_id, "en")

    def told() -> Any:
        return SCANS.read([subject])[subject]

    def outcome(scan: Any) -> tuple[bool, int, str | None]:
        return scan["is_busy"], len(scan["pages"]), scan["problem"] and scan["problem"]["code"]

    lost, done = (False, 0, "scan.printer_lost"), (False, 2, None)
    assert (outcome(told()), told()["ended"]) == (lost, False)

    async def heard() -> list[str]:
        stream = _events(PersonAtPrinter(visit.ann, visit.panel.printer_id), draft_id)
        first = await anext(stream)
        await run_in_threadpool(send_pages, visit.organization_id, visit.panel.printer_id, order, 2)
        return [first, *[event async for event in stream]]

    *events, end = asyncio.run(heard())
    scans = [json.loads(event.partition("data: ")[2])["scan"] for event in events]
    assert (outcome(scans[0]), outcome(scans[-1]), end.splitlines()[0]) == (lost, done, "event: end")
    assert (outcome(told()), told()["ended"]) == (done, True)


def test_a_scan_that_was_thrown_away_is_gone(visit: Visit) -> None:
    draft_id = visit.draft(visit.add("Thrown away", EMAIL))
    visit.scan(draft_id)
    visit.ask("DELETE", f"run-drafts/{draft_id}")
    assert visit.kept() == []
    assert visit.refused("GET", f"run-drafts/{draft_id}")["code"] == "not_found"
    assert visit.refused("POST", f"run-drafts/{draft_id}/send")["code"] == "not_found"


def test_a_jpeg_of_several_pages_is_handed_in_as_a_pdf(visit: Visit) -> None:
    draft_id = visit.draft(visit.add("Jpeg", EMAIL, scan_settings={"file_format": "JPEG", "append_time": False}))
    visit.scan(draft_id, 2)
    original = visit.ask("POST", f"run-drafts/{draft_id}/send")["original"]
    assert (original["name"], original["media_type"], original["pages"]) == ("scan.pdf", "application/pdf", 2)


def test_pages_hear_of_a_run_only_when_it_has_changed(visit: Visit) -> None:
    """The tables are read once for all panels, and a run that stands still is not put together again."""
    draft_id = visit.draft(visit.add("News", EMAIL))
    visit.scan(draft_id)
    run_id = visit.ask("POST", f"run-drafts/{draft_id}/send")["id"]
    news = RunNews()
    english, swedish = (Subject(visit.organization_id, run_id, locale) for locale in ("en", "sv"))
    gone = Subject(visit.organization_id, "0" * 32, "en")
    subjects = {english, swedish}

    def told() -> Any:
        return news.read(subjects)

    first = told()
    assert (first[english]["state_title"], first[swedish]["state_title"]) == ("Waits for its turn", "Väntar på sin tur")
    assert told()[english] is first[english]
    work = claim(run_id, "w:1")
    assert work is not None
    begin_step(work, work.plan[0], "0", work.original)
    show_progress(work, work.plan[0], "0", 1, 4, None)
    [step] = told()[english]["steps"]
    assert (step["state"], step["done"], step["total"]) == ("RUNNING", 1, 4)
    complete_step(work, work.plan[0], "0", StepResult(documents=(work.original,)))
    finish(work, RunState.COMPLETED)
    assert told()[english]["ended"] is True
    assert news.read({gone}) == {gone: None}
    assert RUNS.kind == "run"


@pytest.fixture
def device(installation: Installation, anonymous: httpx.Client) -> Device:
    return device_of(anonymous, installation.administrator.email)


def test_a_program_of_a_printer_sends_a_document_over_a_line_that_breaks(
    visit: Visit, installation: Installation, device: Device, server: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The network goes while the document is sent: what had arrived counts, and it is sent on from there."""
    scan = scan_pdf(tmp_path_factory.mktemp("device"), 1).read_bytes()
    visit.end_session()
    signed = device.request(
        "POST", "/sign-ins",
        json={"printer_id": visit.panel.printer_id, "method": "secure_login", "code": new_code(visit.ann).code},
    )  # fmt: skip
    token = signed.json()["session"]["token"]
    headers = {"Authorization": f"Bearer {device._token}", "Pressroom-Printer-Session": token}
    with httpx.Client(base_url=f"{server}/device/v1", headers=headers, trust_env=False) as program:
        listed = program.get("/solution-center/solutions").json()["solutions"]
        solution_id = visit.add("Breaking line", EMAIL)
        assert solution_id not in [one["id"] for one in listed]
        draft = program.post("/run-drafts", json={"solution_id": solution_id, "version": 1}).json()
        path = f"/run-drafts/{draft['id']}/document"
        half = len(scan) // 2
        send_half(server, f"/device/v1{path}", headers, scan[:half], len(scan))
        deadline = time.monotonic() + 20
        while (received := program.get(f"/run-drafts/{draft['id']}").json()["received"]) != half:
            assert time.monotonic() < deadline, received
            time.sleep(0.05)
        early = program.post(f"/run-drafts/{draft['id']}/send")
        assert (early.status_code, early.json()["code"]) == (409, "run_draft.incomplete")
        rest = {"Upload-Offset": str(half), "Upload-Length": str(len(scan))}
        sent = program.put(path, content=scan[half:], headers=rest, params={"send": "true"})
        assert sent.status_code == 200, sent.text
        run = sent.json()["run"]
        assert (run["client_type"], run["printer_name"], run["original"]["size"]) == ("printer", "Lobby", len(scan))
        twice = program.put(path, content=scan[half:], headers=rest, params={"send": "true"})
        assert twice.json()["code"] == "run_draft.sent_already"
        with program.stream("GET", f"/panel-runs/{run['id']}/events") as events:
            lines = events.iter_lines()
            assert next(lines) == "event: run"
            assert json.loads(next(lines).removeprefix("data: "))["state"] == "QUEUED"
            finish_all(run["id"])
            kinds = [line for line in lines if line.startswith("event: ")]
            assert kinds[-1] == "event: end"


def finish_all(run_id: str) -> None:
    """Do what a worker does, without the steps' own work."""
    work = claim(run_id, "w:1")
    assert work is not None
    for step in work.plan:
        begin_step(work, step, "0", work.original)
        complete_step(work, step, "0", StepResult(documents=(work.original,)))
    finish(work, RunState.COMPLETED)


def send_half(server: str, path: str, headers: dict[str, str], part: bytes, total: int) -> None:
    """Begin to send the whole document and break the line after `part`."""
    place = urlsplit(server)
    lines = [f"PUT {path} HTTP/1.1", f"Host: {place.netloc}", f"Content-Length: {total}", "Upload-Offset: 0"]
    lines += [f"Upload-Length: {total}", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    with socket.create_connection((place.hostname, place.port or 80), timeout=10) as line:
        line.sendall("\r\n".join(lines).encode() + part)


def test_another_site_can_start_nothing(visit: Visit) -> None:
    draft_id = visit.draft(visit.add("Cross site", EMAIL))
    without = {name: value for name, value in PAGE.items() if name != "Pressroom-Panel"}
    answer = visit.panel.client.post(f"/panel/api/run-drafts/{draft_id}/send", headers=without)
    assert answer.json()["code"] == "request.cross_origin"
