"""Runs over the API: handed in, listed, read with their steps and reports, cancelled, run again, downloaded."""

import io
import socket
import threading
import time
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from connectors.documents import open_store
from connectors.documents.folder import FolderStore
from connectors.messages import Message
from connectors.settings import get_settings
from domain.organizations.roles import Role
from domain.runs.execution import begin_step, fail_step, finish, show_progress
from domain.runs.models import RunState
from steps.contract import DELIVERY_UNCERTAIN
from tests.portal_api.conftest import Api, simple_solution
from tests.support.installation import Installation
from tests.support.portal_worker import Worker


@pytest.fixture(scope="module")
def solution(api: Api) -> str:
    return str(api.post("/solutions", json=simple_solution("Footer and download")).json()["id"])


def hand_in(api: Api, solution: str, file: Path, **fields: str) -> dict[str, Any]:
    answer = api.post(f"/solutions/{solution}/runs", files={"file": (file.name, file.read_bytes())}, data=fields)
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


def test_a_hand_in_is_answered_at_once_with_the_runs_address(api: Api, solution: str, letter: Path) -> None:
    """SC-113, SC-115."""
    answer = api.post(f"/solutions/{solution}/runs", files={"file": ("letter.docx", letter.read_bytes())})
    assert answer.status_code == 202
    run = answer.json()
    assert answer.headers["Location"] == f"/api/v1/runs/{run['id']}"
    assert (run["state"], run["client_type"], run["dry_run"]) == ("QUEUED", "api", False)
    assert run["original"]["name"] == "letter.docx"
    assert run["original"]["size"] == letter.stat().st_size
    assert [step["kind"] for step in run["plan"]] == ["footer", "download"]
    assert list(get_settings().scratch_folder.iterdir()) == []


def test_overrides_and_dry_run_reach_the_plan(api: Api, solution: str, letter: Path) -> None:
    """SC-112."""
    run = hand_in(api, solution, letter, overrides='{"0": {"text": "For this run"}}', dry_run="true")
    assert run["plan"][0]["parameters"]["text"] == "For this run"
    assert run["dry_run"] is True


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"overrides": "{"}, 422, "run.bad_overrides"),
        ({"overrides": '{"0": {"nope": 1}}'}, 422, "run.unknown_value"),
        ({"overrides": '{"7": {"text": "x"}}'}, 422, "run.unknown_value"),
        ({"dry_run": "perhaps"}, 422, "run.bad_dry_run"),
    ],
)
def test_bad_fields_are_refused(
    api: Api, solution: str, letter: Path, fields: dict[str, str], status: int, code: str
) -> None:
    files = {"file": ("letter.docx", letter.read_bytes())}
    answer = api.post(f"/solutions/{solution}/runs", files=files, data=fields)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_locked_value_cannot_be_overridden(api: Api, letter: Path) -> None:
    locked = simple_solution("Locked footer")
    locked["steps"][0]["locked"] = ["text"]
    one = api.post("/solutions", json=locked).json()
    files = {"file": ("letter.docx", letter.read_bytes())}
    answer = api.post(f"/solutions/{one['id']}/runs", files=files, data={"overrides": '{"0": {"text": "Other"}}'})
    assert (answer.status_code, answer.json()["code"], answer.json()["spec"]) == (422, "run.locked_value", "SC-E08")


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.docx", b"", "document.empty"),
        ("letter.docx", b"PK\x03\x04 cut off", "document.damaged_file"),
        ("fake.pdf", b"just text", "document.wrong_extension"),
        ("notes.txt", b"just text", "document.input_format"),
    ],
)
def test_bad_files_are_refused_and_not_kept(api: Api, solution: str, name: str, content: bytes, code: str) -> None:
    """SC-111."""
    answer = api.post(f"/solutions/{solution}/runs", files={"file": (name, content)})
    assert answer.json()["code"] == code
    assert name in answer.json()["detail"]
    assert list(get_settings().scratch_folder.iterdir()) == []


@pytest.mark.parametrize(
    ("content_type", "body", "status", "code"),
    [
        ("application/json", b"{}", 422, "upload.file_missing"),
        ("multipart/form-data", b"", 422, "upload.file_missing"),
        ("multipart/form-data; boundary=x", b"--x--\r\n", 422, "upload.file_missing"),
        ("multipart/form-data; boundary=x", b"no boundary here", 400, "upload.bad_form"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\ncut off',
            400,
            "upload.bad_form",
        ),
    ],
)
def test_bad_forms_are_refused(api: Api, solution: str, content_type: str, body: bytes, status: int, code: str) -> None:
    answer = api.post(f"/solutions/{solution}/runs", content=body, headers={"Content-Type": content_type})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_file_above_the_solutions_limit_is_refused_while_it_is_read(
    api: Api, server: str, installation: Installation
) -> None:
    steps = [{"kind": "email", "parameters": {"addresses": "a@example.com"}}]
    one = api.post("/solutions", json={"name": "Mailed", "steps": steps}).json()
    headers = {"Authorization": f"Bearer {api.token}"}
    files = {"file": ("large.bin", bytes(26 * 1_048_576))}
    answer = httpx.post(f"{server}/api/v1/solutions/{one['id']}/runs", files=files, headers=headers, timeout=60)
    assert (answer.status_code, answer.json()["code"]) == (413, "document.too_large")
    assert "25 MB" in answer.json()["detail"]
    assert list(installation.settings.scratch_folder.iterdir()) == []


def test_a_request_above_every_limit_is_refused_before_it_is_read(server: str, api: Api, solution: str) -> None:
    address = urlsplit(server)
    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        connection.sendall(
            f"POST /api/v1/solutions/{solution}/runs HTTP/1.1\r\nHost: {address.netloc}\r\nConnection: close\r\n"
            f"Authorization: Bearer {api.token}\r\nContent-Length: {1 << 40}\r\n"
            "Content-Type: multipart/form-data; boundary=x\r\n\r\n".encode()
        )
        answer = connection.makefile("rb").read().decode()
    assert answer.startswith("HTTP/1.1 413 ")
    assert '"code":"request.too_large"' in answer


def test_a_file_name_cannot_lead_out_of_its_folder(api: Api, solution: str, letter: Path) -> None:
    files = {"file": ("../../etc/påskägg‮.docx", letter.read_bytes())}
    run = api.post(f"/solutions/{solution}/runs", files=files).json()
    assert run["original"]["name"] == "påskägg.docx"


def test_runs_are_listed_newest_first_in_pages(api: Api, letter: Path) -> None:
    one = api.post("/solutions", json=simple_solution("Paged")).json()["id"]
    handed_in = [hand_in(api, one, letter)["id"] for _ in range(3)]
    first = api.get("/runs", params={"solution_id": one, "limit": 2}).json()
    assert [run["id"] for run in first["items"]] == handed_in[:0:-1]
    rest = api.get("/runs", params={"solution_id": one, "limit": 2, "before": first["next"]}).json()
    assert ([run["id"] for run in rest["items"]], rest["next"]) == (handed_in[:1], None)
    assert api.get("/runs", params={"search": "PAGED", "state": "QUEUED"}).json()["items"]
    assert api.get("/runs", params={"search": "paged", "state": "FAILED"}).json()["items"] == []


def test_a_run_tells_its_steps_their_reports_and_downloads(api: Api, solution: str, letter: Path) -> None:
    run = hand_in(api, solution, letter)
    Worker(run["id"]).work_through()
    details = api.get(f"/runs/{run['id']}").json()
    assert details["run"]["state"] == "COMPLETED"
    assert [(step["kind"], step["state"]) for step in details["steps"]] == [
        ("footer", "COMPLETED"),
        ("download", "COMPLETED"),
    ]
    assert details["steps"][0]["report"]["summary"] == "3 pages read."
    assert details["steps"][0]["report"]["findings"] == [{"what": "IBAN", "count": 2, "where": "body"}]
    assert details["downloads"] == [details["steps"][1]["documents"][0]["id"]]
    assert "org" not in str(details["run"]["original"])


def test_a_failed_step_tells_cause_and_remedy_in_the_readers_language(api: Api, solution: str, letter: Path) -> None:
    run = hand_in(api, solution, letter)
    worker = Worker(run["id"])
    begin_step(worker.work, worker.work.plan[0], "0", worker.work.original)
    fail_step(worker.work, worker.work.plan[0], "0", error := DELIVERY_UNCERTAIN(name="a.docx", target="the queue"))
    finish(worker.work, RunState.FAILED, error)
    told = api.get(f"/runs/{run['id']}").json()["run"]["error"]
    assert told["code"] == "delivery.uncertain"
    assert "a.docx" in told["message"]
    swedish = api.get(f"/runs/{run['id']}", headers={"Accept-Language": "sv-SE"}).json()["run"]["error"]
    assert "a.docx" in swedish["message"]
    assert swedish["remedy"] != told["remedy"]
    again = api.post(f"/runs/{run['id']}/run-again")
    assert (again.status_code, again.json()["state"]) == (202, "QUEUED")


def test_a_queued_run_is_cancelled_at_once_and_only_once(api: Api, solution: str, letter: Path) -> None:
    run = hand_in(api, solution, letter)
    assert api.post(f"/runs/{run['id']}/cancel").json()["state"] == "CANCELLED"
    answer = api.post(f"/runs/{run['id']}/cancel")
    assert (answer.status_code, answer.json()["code"]) == (409, "run.not_running")


def test_a_download_link_works_once_and_without_a_sign_in(
    api: Api, anonymous: httpx.Client, solution: str, letter: Path
) -> None:
    """SC-116."""
    run = hand_in(api, solution, letter)
    Worker(run["id"]).work_through("Bokslut – 2026 “slut”.docx", b"x" * 600_000)
    wanted = api.get(f"/runs/{run['id']}").json()["downloads"][0]
    link = api.post(f"/runs/{run['id']}/documents/{wanted}/links")
    assert link.status_code == 201
    first = anonymous.get(link.json()["url"])
    assert (first.status_code, len(first.content)) == (200, 600_000)
    disposition = first.headers["Content-Disposition"]
    assert disposition.startswith('attachment; filename="Bokslut _ 2026 _slut_.docx"; filename*=UTF-8')
    assert "Bokslut%20%E2%80%93%202026" in disposition
    assert first.headers["Cache-Control"] == "no-store"
    second = anonymous.get(link.json()["url"])
    assert (second.status_code, second.json()["code"]) == (410, "download.link_invalid")
    followed = anonymous.get(link.json()["url"], headers={"Accept": "text/html,*/*", "Accept-Language": "sv"})
    assert (followed.status_code, followed.headers["Content-Type"]) == (410, "text/html; charset=utf-8")
    assert "Nedladdningslänken har gått ut" in followed.text
    assert followed.headers["X-Frame-Options"] == "DENY"


def test_an_original_has_no_download_link(api: Api, solution: str, letter: Path) -> None:
    run = hand_in(api, solution, letter)
    answer = api.post(f"/runs/{run['id']}/documents/{run['original']['id']}/links")
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("name", "media_type", "inline"),
    [
        ("page.pdf", "application/pdf", True),
        ("page.html", "text/html", False),
        ("page.svg", "image/svg+xml", False),
        ("page.xml", "application/xml", False),
    ],
)
def test_only_harmless_types_are_shown_by_the_browser(
    api: Api, solution: str, letter: Path, name: str, media_type: str, inline: bool
) -> None:
    run = hand_in(api, solution, letter)
    Worker(run["id"]).work_through(name, b"content", media_type)
    documents = api.get(f"/runs/{run['id']}/documents").json()
    wanted = next(document["id"] for document in documents if document["name"] == name)
    answer = api.get(f"/runs/{run['id']}/documents/{wanted}/content", params={"inline": "true"})
    assert answer.content == b"content"
    assert answer.headers["Content-Disposition"].startswith("inline" if inline else "attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"].startswith(media_type)


def test_deleted_documents_are_gone_and_the_record_stays(api: Api, solution: str, letter: Path) -> None:
    run = hand_in(api, solution, letter)
    content = f"/runs/{run['id']}/documents/{run['original']['id']}/content"
    assert api.delete(f"/runs/{run['id']}/documents").json()["code"] == "run.still_running"
    assert api.get(content).content == letter.read_bytes()
    api.post(f"/runs/{run['id']}/cancel")
    assert api.delete(f"/runs/{run['id']}/documents").status_code == 204
    assert api.get(content).json()["code"] == "run.documents_deleted"
    assert api.get(f"/runs/{run['id']}").json()["run"]["documents_deleted"]


@pytest.mark.parametrize("size", [1_000, 3_000_000])
def test_a_damaged_document_is_never_handed_out_as_if_it_were_whole(
    server: str, api: Api, solution: str, letter: Path, size: int
) -> None:
    run = hand_in(api, solution, letter)
    document = Worker(run["id"]).work_through("damaged.docx", b"x" * size)
    store = open_store(get_settings())
    assert isinstance(store, FolderStore)
    file = store.path_of(document.key)
    file.chmod(0o600)
    with file.open("r+b") as content:
        content.write(b"!")
    wanted = api.get(f"/runs/{run['id']}").json()["downloads"][0]
    address = f"{server}/api/v1/runs/{run['id']}/documents/{wanted}/content"
    headers = {"Authorization": f"Bearer {api.token}"}
    if size < 100_000:
        answer = httpx.get(address, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (500, "document.damaged")
    else:
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(address, headers=headers)


def test_a_run_can_be_watched_as_it_happens(server: str, api: Api, solution: str, letter: Path) -> None:
    run = hand_in(api, solution, letter)
    seen: list[tuple[str, str]] = []
    headers = {"Authorization": f"Bearer {api.token}"}
    address = f"{server}/api/v1/runs/{run['id']}/events"
    with httpx.stream("GET", address, headers=headers, timeout=30) as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        kind = ""
        for line in stream.iter_lines():
            name, _, value = line.partition(": ")
            if name == "event":
                kind = value
            if name == "data":
                seen.append((kind, value))
                if len(seen) == 2:  # the hand-in's line and the state: from here on it happens while we watch
                    worker = Worker(run["id"])
                    step = worker.work.plan[0]
                    begin_step(worker.work, step, "0", worker.work.original)
                    show_progress(worker.work, step, "0", 1, 3, Message.of("Page {page}", page=1))
                    threading.Timer(0.7, worker.work_through).start()
    kinds = [kind for kind, _ in seen]
    assert kinds[:2] == ["log", "run"]
    assert kinds[-1] == "end"
    assert any(kind == "step" and '"done":1,"total":3' in data and '"Page 1"' in data for kind, data in seen)
    assert any(kind == "log" and "complete" in data for kind, data in seen)


def test_a_watcher_who_comes_back_gets_what_was_missed(server: str, api: Api, solution: str, letter: Path) -> None:
    run = hand_in(api, solution, letter)
    Worker(run["id"]).work_through()
    lines = api.get(f"/runs/{run['id']}/log").json()
    headers = {"Authorization": f"Bearer {api.token}", "Last-Event-ID": str(lines[-2]["id"])}
    answer = httpx.get(f"{server}/api/v1/runs/{run['id']}/events", headers=headers, timeout=30)
    assert [line for line in answer.text.splitlines() if line.startswith("id: ")] == [f"id: {lines[-1]['id']}"]


def test_handing_in_takes_well_under_a_tenth_of_a_second(server: str, api: Api, solution: str, letter: Path) -> None:
    """Counted in processor time of server and client together, which other work on the machine does not change."""
    headers, content = {"Authorization": f"Bearer {api.token}"}, letter.read_bytes()
    times = []
    with httpx.Client(base_url=server, headers=headers) as client:
        for _ in range(10):
            began = time.process_time()
            answer = client.post(f"/api/v1/solutions/{solution}/runs", files={"file": ("letter.docx", content)})
            times.append(time.process_time() - began)
            assert answer.status_code == 202
    assert min(times) < 0.1, sorted(times)


def test_all_downloads_come_as_one_archive(api: Api, foreign: Api, solution: str, letter: Path) -> None:
    """TR-46: two documents of one name keep both their places; the working file is gone when it was read."""
    steps = [{"kind": "download"}, {"kind": "download"}]
    twice = str(api.post("/solutions", json={"name": "Downloaded twice", "steps": steps}).json()["id"])
    run = hand_in(api, twice, letter)
    assert api.get(f"/runs/{run['id']}/downloads").status_code == 404, "nothing is there yet"
    Worker(run["id"]).work_through("Bokslut.docx", b"the result")
    answer = api.get(f"/runs/{run['id']}/downloads")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/zip")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="letter.zip"')
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == ["Bokslut.docx", "Bokslut (2).docx"]
        assert {archive.read(name) for name in archive.namelist()} == {b"the result"}
    assert not list(get_settings().scratch_folder.glob("downloads-*"))
    assert foreign.get(f"/runs/{run['id']}/downloads").status_code == 404
    api.delete(f"/runs/{run['id']}/documents")
    gone = api.get(f"/runs/{run['id']}/downloads")
    assert (gone.status_code, gone.json()["code"]) == (410, "run.documents_deleted")


def test_a_document_is_translated_without_a_solution(
    installation: Installation, anonymous: httpx.Client, letter: Path
) -> None:
    """TR-2, TR-30, TR-35: the offer with its terms, the document, and how it goes on, by the one role it takes."""
    ann = Api(anonymous, installation.add_person("translator@one.example", Role.TRANSLATION_USER))
    offer = ann.get("/translation").json()
    assert (offer["deliveries"], offer["most_targets"], offer["most_mb"]) == (["download", "email"], 5, 40)
    assert len(offer["terms"]) == 3
    swedish = ann.get("/translation", headers={"Accept-Language": "sv"}).json()["terms"]
    assert "maskiner" in swedish[0]
    file = {"file": (letter.name, letter.read_bytes())}
    wanted = {"source_language": "en", "target_languages": "es, fr", "terms_version": offer["terms_version"]}
    for change, status, code in (
        ({"terms_version": ""}, 403, "translation.terms"),
        ({"delivery": "pigeon"}, 422, "translation.bad_delivery"),
        ({"source_language": "x" * 17}, 422, "translate.language_unknown"),
        ({"target_languages": " , "}, 422, "translate.no_target"),
        ({"delivery": "print_queue"}, 403, "translation.queue_not_offered"),
    ):
        refused = ann.post("/translations", files=file, data=wanted | change)
        assert (refused.status_code, refused.json()["code"]) == (status, code)
    answer = ann.post("/translations", files=file, data=wanted)
    assert answer.status_code == 202, answer.text
    run = ann.get(answer.headers["Location"].removeprefix("/api/v1")).json()["run"]
    assert run["plan"][0]["parameters"]["target_languages"] == ["es", "fr"]
    assert (run["solution_name"], run["client_type"]) == ("Translation", "api")
    assert ann.post(f"/runs/{run['id']}/cancel").json()["state"] == "CANCELLED"
    assert ann.get("/solutions").status_code == 403


def test_the_footer_of_translations_is_a_setting_of_administrators(api: Api) -> None:
    """TR-50…TR-54."""
    before = api.get("/translation/settings").json()
    assert before == {"settings": {"add_footer": False, "footer_text": "", "translate_footer": False}, "version": 0}
    wanted = {"add_footer": True, "footer_text": "For internal use", "translate_footer": False}
    saved = api.put("/translation/settings", json={"settings": wanted, "version": 0})
    assert saved.json() == {"settings": wanted, "version": 1}
    assert api.get("/translation").json()["takes_docx_only"]
    again = api.put("/translation/settings", json={"settings": before["settings"], "version": 0})
    assert (again.status_code, again.json()["code"]) == (409, "translation.settings_changed_meanwhile")
    api.put("/translation/settings", json={"settings": before["settings"], "version": None}).raise_for_status()
