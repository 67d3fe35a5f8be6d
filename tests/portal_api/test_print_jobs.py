"""Print queues over the API: uploads of many files, settings, deletion, content, delegates (PR-107…PR-116, PR-134)."""

from pathlib import Path

import httpx
import pytest

from connectors.settings import get_settings
from domain.organizations.actor import Actor
from domain.organizations.roles import Role
from flows.prepare_print_jobs import prepare_batch
from portal_api.api import print_jobs
from steps.samples import letter_docx, letter_pdf, letter_txt
from tests.portal_api.conftest import Api
from tests.support.installation import Installation
from tests.support.print_queues import add_held, add_many
from tests.support.print_settings import set_print_settings


@pytest.fixture(scope="module")
def ann(installation: Installation) -> Actor:
    return installation.add_person("ann@one.example", Role.PRINT_RELEASE_USER)


@pytest.fixture
def api(anonymous: httpx.Client, ann: Actor) -> Api:
    return Api(anonymous, ann)


@pytest.fixture(scope="module")
def manager(anonymous: httpx.Client, installation: Installation) -> Api:
    actor = installation.add_person("manager@one.example", Role.PRINT_RELEASE_ADMINISTRATOR, Role.PRINT_RELEASE_USER)
    return Api(anonymous, actor)


def scratch() -> list[Path]:
    folder = get_settings().scratch_folder
    return list(folder.glob("upload-*")) if folder.is_dir() else []


def test_several_files_are_several_jobs_and_a_bad_one_keeps_no_other(api: Api, ann: Actor, tmp_path: Path) -> None:
    """PR-108."""
    letter = letter_pdf(tmp_path).read_bytes()
    files = [
        ("file", ("Letter.pdf", letter)),
        ("file", ("noise.bin", b"\x00\x01\x02")),
        ("file", ("Brief åäö.txt", letter_txt(tmp_path).read_bytes())),
        ("file", ("empty.pdf", b"")),
    ]
    fields = {"ticket": '{"copies": 2, "sides": "two-sided-long-edge"}', "description": "for the board"}
    answer = api.post("/print-jobs", data=fields, files=files)
    assert answer.status_code == 201, answer.text
    items = answer.json()["items"]
    assert [(one["name"], one["error"] and one["error"]["code"]) for one in items] == [
        ("Letter.pdf", None),
        ("noise.bin", "print_job.format_not_supported"),
        ("Brief åäö.txt", None),
        ("empty.pdf", "document.empty"),
    ]
    job = items[0]["job"]
    assert (job["state"], job["ticket"]["copies"], job["description"]) == ("converting", 2, "for the board")
    assert "PDF" in items[1]["error"]["remedy"], "the formats are listed"
    assert scratch() == []
    prepare_batch.fn(ann.organization_id)
    held = api.get(f"/print-jobs/{job['id']}").json()
    assert (held["state"], held["pages"], held["has_preview"], held["source"]) == ("held", 1, True, "web")
    picture = api.get(f"/print-jobs/{job['id']}/preview")
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
    content = api.get(f"/print-jobs/{job['id']}/content")
    assert content.content == letter
    assert "Letter.pdf" in content.headers["content-disposition"]


def test_a_single_file_that_is_refused_is_the_answer(api: Api) -> None:
    answer = api.post("/print-jobs", files={"file": ("a.zip", b"PK\x03\x04 no document")})
    assert (answer.status_code, answer.json()["code"]) == (415, "print_job.format_not_supported")


def test_sending_again_under_the_same_key_makes_no_second_job(api: Api, tmp_path: Path) -> None:
    content = letter_docx(tmp_path).read_bytes()
    sent = [
        api.post("/print-jobs", files=[("file", ("a.docx", content))] * 2, headers={"Idempotency-Key": "k1"}).json()
        for _ in range(2)
    ]
    ids = [[one["job"]["id"] for one in answer["items"]] for answer in sent]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2


def test_too_large_and_too_many_are_told_with_the_numbers(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PR-134."""
    small = get_settings().model_copy(update={"print_max_mb": 1, "print_max_files": 3})
    monkeypatch.setattr(print_jobs, "get_settings", lambda: small)
    letter = letter_pdf(tmp_path).read_bytes()
    files = [("file", ("big.pdf", b"%PDF-1.7" + bytes(3 << 20))), ("file", ("small.pdf", letter))]
    items = api.post("/print-jobs", files=files).json()["items"]
    assert [one["error"] and one["error"]["code"] for one in items] == ["print_job.too_large", None]
    assert "3.0" in items[0]["error"]["message"]
    answer = api.post("/print-jobs", files=[("file", ("a.pdf", letter))] * 4)
    assert (answer.status_code, answer.json()["code"]) == (413, "upload.too_many_files")
    assert "3" in answer.json()["detail"]
    assert scratch() == []


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"{}", {"Content-Type": "application/json"}, 422, "upload.file_missing"),
        (b"--x\r\nnothing", {"Content-Type": "multipart/form-data; boundary=x"}, 400, "upload.bad_form"),
        (
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\ncut off',
            {"Content-Type": "multipart/form-data; boundary=x"},
            400,
            "upload.bad_form",
        ),
        (b"--x--\r\n", {"Content-Type": "multipart/form-data; boundary=x"}, 422, "upload.file_missing"),
    ],
)
def test_forms_that_are_none_are_refused(
    api: Api, content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    answer = api.post("/print-jobs", content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert scratch() == []


def test_settings_that_are_none_are_refused(api: Api, tmp_path: Path) -> None:
    for ticket in ('{"copies": 0}', '{"colour": "red"}', "no json"):
        answer = api.post("/print-jobs", data={"ticket": ticket}, files={"file": ("a.pdf", b"%PDF-1.7")})
        assert (answer.status_code, answer.json()["code"]) == (422, "print_job.bad_settings")


def test_a_job_is_changed_while_it_is_held_and_deleted(api: Api, ann: Actor) -> None:
    job = add_held(ann)
    changed = api.request("PATCH", f"/print-jobs/{job}", json={"description": "new", "ticket": {"number_up": 4}})
    assert (changed.status_code, changed.json()["ticket"]["number_up"]) == (200, 4)
    busy = add_held(ann, state="printing")
    answer = api.request("PATCH", f"/print-jobs/{busy}", json={"description": "new"})
    assert (answer.status_code, answer.json()["code"]) == (409, "print_job.wrong_state")
    assert api.delete(f"/print-jobs/{busy}").status_code == 409
    assert api.delete(f"/print-jobs/{job}").status_code == 204
    assert api.get(f"/print-jobs/{job}").status_code == 404
    more = [add_held(ann), busy, "unknown"]
    results = api.post("/print-jobs/delete", json={"ids": more}).json()
    assert [one["deleted"] for one in results] == [True, False, False]
    assert results[2]["error"]["code"] == "not_found"


def test_a_queue_is_paged_sorted_and_searched(installation: Installation, anonymous: httpx.Client) -> None:
    owner = installation.add_person("many@one.example", Role.PRINT_RELEASE_USER)
    api = Api(anonymous, owner)
    add_many(owner, 12)
    query, found = {"limit": 5, "sort": "name", "descending": False}, []
    page = api.get("/print-jobs", params=query).json()
    while True:
        found += [job["name"] for job in page["items"]]
        if page["next"] is None:
            break
        page = api.get("/print-jobs", params={**query, "after": page["next"]}).json()
    assert found == [f"Document {number:06}.pdf" for number in range(12)]
    assert [one["name"] for one in api.get("/print-jobs", params={"search": "00007"}).json()["items"]] == [found[7]]
    bad = api.get("/print-jobs", params={"after": "nonsense"})
    assert (bad.status_code, bad.json()["code"]) == (422, "request.bad_cursor")


def test_administrators_work_in_the_queue_of_others(api: Api, manager: Api, ann: Actor) -> None:
    """PR-106."""
    job = add_held(ann, "For the manager.pdf")
    owners = manager.get("/print-jobs/users").json()
    assert "ann@one.example" in [one["email"] for one in owners]
    listed = manager.get("/print-jobs", params={"user_id": ann.user_id, "search": "manager"}).json()
    assert [one["id"] for one in listed["items"]] == [job]
    defaults = {"copies": 3}
    assert manager.put("/print-jobs/defaults", params={"user_id": ann.user_id}, json=defaults).status_code == 200
    assert api.get("/print-jobs/defaults").json()["copies"] == 3
    assert manager.delete(f"/print-jobs/{job}").status_code == 204
    assert api.get("/print-jobs/users").status_code == 403
    assert api.get("/print-jobs/history").json() == {"items": [], "next": None}


def test_delegates_over_the_api(api: Api, manager: Api, ann: Actor) -> None:
    assert api.get("/print-delegates").status_code == 403
    set_print_settings(ann, jobs={"delegation_enabled": True})
    added = api.post("/print-delegates", json={"email": "manager@one.example", "days": 7})
    assert added.status_code == 201
    assert [one["email"] for one in manager.get("/print-delegates/owners").json()] == ["ann@one.example"]
    again = api.post("/print-delegates", json={"email": "manager@one.example"})
    assert (again.status_code, again.json()["code"]) == (409, "print_delegate.exists")
    assert api.get("/print-delegates/candidates", params={"search": "man"}).json()
    assert api.delete(f"/print-delegates/{added.json()['id']}").status_code == 204
    assert api.get("/print-delegates").json() == []
