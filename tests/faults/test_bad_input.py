"""Everything that goes wrong from outside, on a running installation: bad files, bad values, servers and disks gone.

Each has its own code, a sentence, a remedy; whatever was good before stays: the original and the finished steps.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from benchmarks.installation import PASSWORD, free_port, running_installation
from domain.outbox.models import OutboxRow
from domain.runs.service import get_run
from domain.storage_accounts.models import LinkedAccount
from domain.tenancy import system_session
from portal_api.app import create_service
from steps.samples import letter_docx
from tests.faults.bad_files import REFUSED, TRICKY_NAMES, BadFile, Make, letter
from tests.faults.scene import Scene, assert_failed, assert_for_people, assert_kept, assert_problem, small_disks
from tests.support.installation import installed
from tests.support.mail_server import Mailbox
from tests.support.main_job import Person
from tests.support.postgres import running_postgres
from tests.support.webdav_server import WebDavServer

FOOTER = {"kind": "footer", "parameters": {"text": "{page}"}}
SECOND_FOOTER = {"kind": "footer", "parameters": {"text": "again"}}
GATE = {"kind": "gate"}
DOWNLOAD = {"kind": "download"}
EMAIL = {"kind": "email", "parameters": {"addresses": "ann@example.com"}}


def redact(text: str = "", language: str = "en", *pii: str) -> dict[str, Any]:
    custom = [{"text": text, "mode": "ADVANCED"}] if text else []
    return {"kind": "redact", "parameters": {"language": language, "custom_texts": custom, "pii": pii}}


def storage(provider: str, path: str = "") -> dict[str, Any]:
    return {"kind": "cloud_storage", "parameters": {"provider": provider, "path": path}}


def translate(source: str, target: str) -> dict[str, Any]:
    return {"kind": "translate", "parameters": {"source_language": source, "target_languages": [target]}}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, webdav_server: WebDavServer) -> Iterator[Scene]:
    home = tmp_path_factory.mktemp("home")
    mail_port = free_port()
    with ExitStack() as stack:
        os.environ["PRESSROOM_TEST_GATE"] = str(home / "gate")
        has_disks = stack.enter_context(small_disks(home / "documents", home / "scratch"))
        settings = {
            "extra_steps": "tests.support.gate_step",
            "smtp_host": "127.0.0.1",
            "smtp_port": str(mail_port),
            "smtp_timeout_seconds": "5",
            "step_retries": "1",
            "step_retry_seconds": "0.05",
            "worker_processes": "1",
            "allow_private_addresses": "true",
        }
        running = stack.enter_context(running_installation(home, **settings))
        scene = Scene(running, Person(running), mail_port, webdav_server, has_disks)
        allowed = {"storage_providers": ["folder", "webdav", "s3", "dropbox"], "account_domains": []}
        scene.client.put("/api/v1/organization/solution-settings", json=allowed).raise_for_status()
        yield scene


@pytest.fixture
def small_disk_scene(scene: Scene) -> Scene:
    if not scene.has_small_disks:
        pytest.skip("a full disk needs a small one, and this user may not mount any")
    return scene


@pytest.fixture
def document(tmp_path: Path) -> Path:
    return letter_docx(tmp_path)


# --- at the door


@pytest.mark.parametrize("bad", REFUSED, ids=lambda bad: bad.title)
def test_bad_file_is_refused_at_the_door_and_nothing_of_it_is_kept(scene: Scene, bad: BadFile, tmp_path: Path) -> None:
    solution = scene.compose(FOOTER, DOWNLOAD)
    before = scene.kept()
    problem = assert_problem(scene.offer(solution, bad.name, bad.make(tmp_path)), bad.status, bad.code)
    assert bad.name in problem["detail"]
    assert scene.kept() == before


@pytest.mark.parametrize(("given", "kept"), TRICKY_NAMES)
def test_tricky_name_becomes_harmless(scene: Scene, given: str, kept: str, document: Path) -> None:
    answer = scene.offer(scene.compose(DOWNLOAD), given, document.read_bytes())
    assert answer.status_code == 202, answer.text
    original = answer.json()["original"]
    assert original["name"] == kept
    address = f"/api/v1/runs/{answer.json()['id']}/documents/{original['id']}/content"
    download = Message()
    download["Content-Disposition"] = scene.client.get(address).headers["content-disposition"]
    assert download.get_filename() == kept
    key = get_run(scene.installation.administrator, answer.json()["id"]).run.original.key
    objects = scene.installation.settings.documents_folder / "objects"
    assert scene.store.path_of(key).resolve().is_relative_to(objects)


VALUES = [
    ("expression that cannot be read", redact("(["), "redact.bad_expression"),
    ("expression that explodes at save", redact("(a{999}){999}"), "redact.expression_too_large"),
    ("expression that calls itself", redact("(a(?R)?b)"), "redact.bad_expression"),
    ("unknown language", translate("en", "xx-unknown"), "translate.language_unknown"),
    ("unknown personal data", redact("", "en", "SHOE_SIZE"), "redact.entity_unknown"),
    ("folder path that climbs", storage("folder", "../../another-organization"), "storage.bad_path"),
    ("folder path with a line break", storage("folder", "a\nb"), "storage.bad_path"),
    ("wrong separator", {"kind": "email", "parameters": {"addresses": "a@example.com; b@example.com"}},
     "mail.bad_separator"),
    ("header in an address", {"kind": "email", "parameters": {"addresses": "a@example.com\r\nBcc: b@example.com"}},
     "mail.bad_separator"),
]  # fmt: skip


@pytest.mark.parametrize(("title", "step", "code"), VALUES, ids=[row[0] for row in VALUES])
def test_bad_value_is_refused_when_saved_and_when_given_for_a_run(
    scene: Scene, title: str, step: dict[str, Any], code: str, document: Path
) -> None:
    answer = scene.client.post("/api/v1/solutions", json={"name": title, "steps": [step, DOWNLOAD]})
    assert_problem(answer, 422, code)
    fine = {
        "redact": redact("a+"),
        "translate": translate("en", "es"),
        "cloud_storage": storage("folder"),
        "email": EMAIL,
    }[step["kind"]]
    solution = scene.compose(fine, DOWNLOAD)
    before = scene.kept()
    overrides = json.dumps({"0": step["parameters"]})
    assert_problem(scene.offer(solution, "a.docx", document.read_bytes(), overrides=overrides), 422, code)
    assert scene.kept() == before


@pytest.mark.parametrize(("disk", "code"), [("scratch_folder", "disk.full"), ("documents_folder", "store.full")])
def test_full_disk_at_the_door(small_disk_scene: Scene, disk: str, code: str, document: Path) -> None:
    scene = small_disk_scene
    solution = scene.compose(DOWNLOAD)
    before = scene.kept()
    with scene.full(getattr(scene.installation.settings, disk)):
        assert_problem(scene.offer(solution, document.name, document.read_bytes()), 507, code)
    assert scene.kept() == before
    assert scene.offer(solution, document.name, document.read_bytes()).status_code == 202


# --- in the middle of a run


@dataclass(frozen=True)
class Trouble:
    """What a step meets. `cause` prepares it; `mend`, where there is one, holds while the run is run again."""

    title: str
    steps: tuple[dict[str, Any], ...]
    kind: str
    code: str
    before: int = 1
    make: Make | None = None
    cause: Callable[[Scene], Any] | None = None
    mend: Callable[[Scene], Any] | None = None


def _dead_webdav(scene: Scene) -> None:
    scene.link("webdav", {"address": f"http://127.0.0.1:{free_port()}", "user": "ann"}, password="x")


@contextmanager
def _webdav_back(scene: Scene) -> Iterator[None]:
    scene.link("webdav", {"address": scene.webdav.address, "user": "ann"}, password=scene.webdav.password)
    yield


def _dead_s3(scene: Scene) -> None:
    options = {"endpoint": f"127.0.0.1:{free_port()}", "bucket": "letters", "secure": "false"}
    scene.link("s3", options, access_key="key", secret_key="secret")


def _dead_cloud(scene: Scene) -> None:
    """Dropbox, as it is seen where its address leads nowhere."""
    scene.link("dropbox", {}, access_token="token")
    with system_session() as session:
        nowhere = {name: f"http://127.0.0.1:{free_port()}" for name in ("api_url", "upload_url")}
        accounts = update(LinkedAccount).where(LinkedAccount.family == "dropbox").values(options=nowhere)
        assert session.execute(accounts.returning(LinkedAccount.id)).all()


@contextmanager
def _refusing(stage: str, reply: str, scene: Scene) -> Iterator[Mailbox]:
    with scene.mail() as mailbox:
        mailbox.refuse[stage] = reply
        yield mailbox


SLOW = r"(a|aa)+\Z(?<=b\1)"
IN_A_RUN = [
    Trouble("mail server unreachable", (FOOTER, EMAIL, DOWNLOAD), "email", "mail.unreachable",
            mend=lambda scene: scene.mail()),
    Trouble("mail server refuses the recipient", (FOOTER, EMAIL, DOWNLOAD), "email", "mail.refused_recipient",
            cause=lambda scene: _refusing("ann@example.com", "550 5.1.1 no such user", scene),
            mend=lambda scene: scene.mail()),
    Trouble("mail server refuses the message", (FOOTER, EMAIL, DOWNLOAD), "email", "mail.refused_message",
            cause=lambda scene: _refusing(".", "554 5.7.1 not wanted here", scene),
            mend=lambda scene: scene.mail()),
    Trouble("mail server is busy", (FOOTER, EMAIL, DOWNLOAD), "email", "mail.deferred",
            cause=lambda scene: _refusing("ann@example.com", "451 4.3.2 try later", scene),
            mend=lambda scene: scene.mail()),
    Trouble("WebDAV unreachable", (FOOTER, storage("webdav"), DOWNLOAD), "cloud_storage", "storage.unreachable",
            cause=_dead_webdav, mend=_webdav_back),
    Trouble("S3 unreachable", (FOOTER, storage("s3"), DOWNLOAD), "cloud_storage", "storage.unreachable",
            cause=_dead_s3),
    Trouble("cloud unreachable", (FOOTER, storage("dropbox", "Letters"), DOWNLOAD), "cloud_storage",
            "storage.unreachable", cause=_dead_cloud),
    Trouble("expression that explodes at run", (FOOTER, redact(SLOW), DOWNLOAD), "redact", "redact.expression_timeout",
            make=letter("a" * 60)),
    Trouble("unknown language of redaction", (FOOTER, redact("", "tlh", "PERSON"), DOWNLOAD), "redact",
            "redact.language"),
    Trouble("missing data of recognition", ({"kind": "ocr", "parameters": {"language": "jpn"}}, DOWNLOAD), "ocr",
            "ocr.language_missing", before=0, make=lambda f: _scan(f)),
    Trouble("missing model of translation", (FOOTER, translate("en", "dv"), DOWNLOAD), "translate",
            "translate.pair_missing"),
    Trouble("language that cannot be told", (FOOTER, translate("auto", "es"), DOWNLOAD), "translate",
            "translate.language_undetected", make=letter("Qwx zrtp vblk")),
]  # fmt: skip


def _scan(folder: Path) -> bytes:
    from steps.samples import scan_png

    return scan_png(folder).read_bytes()


@pytest.mark.parametrize("trouble", IN_A_RUN, ids=lambda trouble: trouble.title)
def test_trouble_in_a_step_leaves_the_rest_in_place(scene: Scene, trouble: Trouble, document: Path) -> None:
    if trouble.make:
        suffix = ".png" if trouble.kind == "ocr" else ".docx"
        document = document.with_name("made" + suffix)
        document.write_bytes(trouble.make(document.parent))
    solution = scene.compose(*trouble.steps)
    cause = trouble.cause(scene) if trouble.cause else None
    with ExitStack() as holding:
        if cause is not None:
            holding.enter_context(cause)
        run = scene.person.hand_in(solution, document)
        details = scene.person.wait(run)
    assert_failed(details, trouble.kind, trouble.code, trouble.before)
    assert_kept(scene, details, document.read_bytes())
    if trouble.mend is not None:
        with trouble.mend(scene) as mended:
            details = scene.run_again(run)
        assert (details["run"]["state"], details["run"]["error"]) == ("COMPLETED", None)
        attempts = {step["kind"]: step["attempts"] for step in details["steps"]}
        assert attempts["footer"] == 1, "a finished step is not done again"
        if isinstance(mended, Mailbox):
            assert len(mended.messages) == 1


@pytest.mark.parametrize(("disk", "code"), [("scratch_folder", "disk.full"), ("documents_folder", "store.full")])
def test_disk_that_fills_up_in_the_middle_of_a_run(
    small_disk_scene: Scene, disk: str, code: str, document: Path
) -> None:
    scene = small_disk_scene
    scene.gate.unlink(missing_ok=True)
    solution = scene.compose(FOOTER, GATE, SECOND_FOOTER, DOWNLOAD)
    run = scene.person.hand_in(solution, document)
    scene.person.wait_until(
        run, lambda details: any(step["total"] for step in details["steps"] if step["kind"] == "gate")
    )
    with scene.full(getattr(scene.installation.settings, disk)):
        scene.gate.touch()
        details = scene.person.wait(run)
    assert_failed(details, "footer", code, before=2)
    assert_kept(scene, details, document.read_bytes())
    details = scene.run_again(run)
    assert details["run"]["state"] == "COMPLETED"
    assert [step["attempts"] for step in details["steps"]] == [1, 1, 2, 1]


def test_damaged_document_in_the_store_is_not_used(scene: Scene, document: Path) -> None:
    run = scene.person.hand_in(scene.compose(FOOTER, EMAIL, DOWNLOAD), document)
    details = scene.person.wait(run)
    assert_failed(details, "email", "mail.unreachable", before=1)
    result = get_run(scene.installation.administrator, run).steps[0].result
    assert result is not None
    path = scene.store.path_of(result.documents[0].key)
    content = path.read_bytes()
    path.write_bytes(content[:200] + bytes([content[200] ^ 1]) + content[201:])
    with scene.mail() as mailbox:
        details = scene.run_again(run)
        assert_failed(details, "email", "document.damaged", before=1)
        assert mailbox.messages == []
        shown = details["steps"][0]["documents"][0]["id"]
        assert_problem(scene.client.get(f"/api/v1/runs/{run}/documents/{shown}/content"), 500, "document.damaged")
        path.write_bytes(content)
        details = scene.run_again(run)
        assert len(mailbox.messages) == 1
    assert details["run"]["state"] == "COMPLETED"
    assert_kept(scene, details, document.read_bytes())


def test_run_waits_while_the_engine_is_gone(scene: Scene, document: Path) -> None:
    engine = scene.installation.part("engine")
    solution = scene.compose(FOOTER, DOWNLOAD)
    engine.stop()
    try:
        ready = scene.client.get("/readyz")
        assert (ready.status_code, ready.json()["engine"]["code"]) == (200, "engine.unreachable")
        assert_for_people(ready.json()["engine"]["message"], ready.json()["engine"]["remedy"])
        run = scene.person.hand_in(solution, document)
        assert (scene.person.run(run)["run"]["state"], _dispatched(run)) == ("QUEUED", False)
        assert not scene.installation.part("worker").has_ended()
    finally:
        engine.start()
    details = scene.person.wait(run)
    assert (details["run"]["state"], _dispatched(run)) == ("COMPLETED", True)
    assert {step["attempts"] for step in details["steps"]} == {1}
    assert_kept(scene, details, document.read_bytes())


def _dispatched(run: str) -> bool:
    with system_session(read_only=True) as session:
        return session.scalars(select(OutboxRow.dispatched).where(OutboxRow.key == run)).one() is not None


# --- the database


@contextmanager
def closed(address: str, database: str) -> Iterator[None]:
    """A PostgreSQL server that drops every connection to `database` and takes no new ones."""
    with psycopg.connect(f"{address.replace('+psycopg', '')}/postgres", autocommit=True) as server:
        server.execute(f"ALTER DATABASE {database} ALLOW_CONNECTIONS false")
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [database])
        try:
            yield
        finally:
            server.execute(f"ALTER DATABASE {database} ALLOW_CONNECTIONS true")


def test_database_that_is_gone_costs_nothing_but_the_wait(tmp_path: Path, document: Path) -> None:
    with ExitStack() as stack:
        address = stack.enter_context(running_postgres("pressroom"))
        installation = stack.enter_context(installed(tmp_path / "home", database_url=f"{address}/pressroom"))
        portal = create_service(installation.settings)
        client = stack.enter_context(TestClient(portal, base_url="http://127.0.0.1:8080"))
        credentials = {"email": installation.administrator.email, "password": PASSWORD}
        token = client.post("/api/v1/sessions", json=credentials).json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        solution = client.post("/api/v1/solutions", json={"name": "S", "steps": [DOWNLOAD]}).json()["id"]

        def offer() -> httpx.Response:
            return client.post(f"/api/v1/solutions/{solution}/runs", files={"file": document.open("rb")})

        with closed(address, "pressroom"):
            refused = offer()
            assert_problem(refused, 503, "database.unreachable")
            assert int(refused.headers["retry-after"]) > 0
            ready = client.get("/readyz")
            assert (ready.status_code, ready.json()["database"]["code"]) == (503, "database.unreachable")
            assert client.get("/healthz").status_code == 200
        assert not [path for path in installation.settings.documents_folder.rglob("*") if path.is_file()]
        assert not list(installation.settings.scratch_folder.glob("*"))
        assert client.get("/api/v1/runs").json()["items"] == []
        assert offer().status_code == 202
