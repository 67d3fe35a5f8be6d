"""The main job, from composing to the file in the hand: on embedded defaults, and scaled out by settings alone."""

import email
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from email.policy import default
from pathlib import Path

import docx
import httpx
import pytest
from sqlalchemy import select

from benchmarks.installation import RunningInstallation, free_port, running_installation
from domain.outbox.models import OutboxRow
from domain.tenancy import system_session
from pressroom.supervisor import Part
from steps.samples import scan_png
from tests.support.main_job import Person
from tests.support.postgres import running_postgres
from tests.support.redis_server import running_redis
from tests.support.s3_server import running_s3_server

STEPS = (
    {"kind": "download"},
    {"kind": "ocr", "parameters": {"output_type": "docx"}, "locked": ["output_type"]},
    {"kind": "translate", "parameters": {"source_language": "en", "target_languages": ["es", "fr"]}},
    {
        "kind": "redact",
        "parameters": {
            "pii": ["EMAIL_ADDRESS", "IBAN_CODE", "CREDIT_CARD"],
            "custom_texts": [{"text": "Bluebird", "mode": "WHOLE_WORD"}],
        },
    },
    {"kind": "footer", "parameters": {"text": "{solution} · {user} · {page}/{pages}"}},
    {"kind": "email", "parameters": {"send_me_a_copy": True}},
    {"kind": "cloud_storage", "parameters": {"provider": "folder", "path": "Letters"}},
    {"kind": "print_queue"},
    {"kind": "download"},
)
SECRETS = ("Bluebird", "maria.lindqvist@example.com", "DE89 3704", "4111 1111")


@contextmanager
def embedded(home: Path) -> Iterator[RunningInstallation]:
    with running_installation(home) as installation:
        yield installation


@contextmanager
def scaled_out(home: Path) -> Iterator[RunningInstallation]:
    """PostgreSQL for both, S3 for documents, Redis for Prefect's messaging, and a second worker process."""
    with ExitStack() as servers:
        postgres = servers.enter_context(running_postgres("pressroom", "prefect"))
        s3_folder, redis_folder = home / "s3", home / "redis"
        s3_folder.mkdir()
        redis_folder.mkdir()
        s3 = servers.enter_context(running_s3_server(s3_folder))
        installation = servers.enter_context(
            running_installation(
                home,
                database_url=f"{postgres}/pressroom",
                prefect_database_url=f"{postgres.replace('+psycopg', '+asyncpg')}/prefect",
                documents="s3",
                s3_endpoint=s3.endpoint,
                s3_access_key=s3.access_key,
                s3_secret_key=s3.secret_key,
                s3_secure="false",
                redis_url=servers.enter_context(running_redis(redis_folder)),
                worker_processes="1",
            )
        )
        first = installation.part("worker")
        bell = {"PRESSROOM_DOORBELL_BIND": f"127.0.0.1:{free_port()}"}
        second = Part("second worker", ("worker",), {**first.environment, **bell}, first.is_ready)
        servers.callback(second.stop)
        second.start()
        yield installation


@pytest.fixture(scope="module", params=[embedded, scaled_out], ids=["embedded", "scaled out"])
def installation(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningInstallation]:
    with request.param(tmp_path_factory.mktemp("home")) as running:
        yield running


def test_a_scan_is_read_translated_redacted_signed_and_delivered(
    installation: RunningInstallation, tmp_path: Path
) -> None:
    person = Person(installation)
    solution = person.compose("Main job", *STEPS)
    details = person.wait(person.hand_in(solution, scan_png(tmp_path)))

    assert details["run"]["state"] == "COMPLETED", details["run"]["error"]
    assert [step["kind"] for step in details["run"]["plan"]][:2] == ["ocr", "download"]
    original, *translations = person.download(details, tmp_path)
    assert "Lindqvist" in text_of(original), "the first download stands before the redaction (SC-68)"
    assert sorted(path.name for path in translations) == ["scan_es.docx", "scan_fr.docx"]
    for path in translations:
        text = text_of(path)
        assert len(text) > 300
        assert not [secret for secret in SECRETS if secret in text]
        footer = docx.Document(str(path)).sections[0].footer
        assert "Main job · Administrator" in "".join(paragraph.text for paragraph in footer.paragraphs)

    mails = sorted((installation.settings.home / "mail").glob("*.eml"))
    attached = [
        part.get_filename()
        for mail in mails
        for part in email.message_from_bytes(mail.read_bytes(), policy=default).iter_attachments()  # type: ignore[attr-defined]
    ]
    assert sorted(attached) == ["scan_es.docx", "scan_fr.docx"]
    stored = [path.name for path in (installation.settings.home / "storage").rglob("*.docx")]
    assert sorted(stored) == ["scan_es.docx", "scan_fr.docx"]
    assert len(person.client.get("/api/v1/print-jobs").json()) == 2


def test_several_runs_at_once_all_end_and_each_mail_arrives_once(
    installation: RunningInstallation, tmp_path: Path
) -> None:
    person = Person(installation)
    solution = person.compose("Many", {"kind": "email", "parameters": {"addresses": "many@example.com"}})
    letter = tmp_path / "note.txt"
    letter.write_text("short note")
    runs = [person.hand_in(solution, letter) for _ in range(8)]
    assert {person.wait(run)["run"]["state"] for run in runs} == {"COMPLETED"}
    assert len(list((installation.settings.home / "mail").glob("*many@example.com.eml"))) == 8


def test_operators_find_the_run_in_prefect_by_name_tags_and_artifact(
    installation: RunningInstallation, tmp_path: Path
) -> None:
    person = Person(installation)
    letter = tmp_path / "note.txt"
    letter.write_text("short note")
    run = person.hand_in(person.compose("Shown to operators", {"kind": "download"}), letter)
    person.wait(run)
    with system_session(read_only=True) as session:
        row = session.scalars(select(OutboxRow).where(OutboxRow.key == run)).one()
    with httpx.Client(base_url=installation.settings.engine_url, trust_env=False) as engine:
        flow_run = engine.get(f"/flow_runs/{row.flow_run_id}").raise_for_status().json()
        assert flow_run["name"] == "Shown to operators · note.txt"
        assert f"organization:{installation.administrator.organization_id}" in flow_run["tags"]
        assert "solution:Shown to operators" in flow_run["tags"]
        wanted = {"artifacts": {"key": {"any_": [f"run-{run}"]}}}
        deadline = time.monotonic() + 30
        while not (found := engine.post("/artifacts/filter", json=wanted).raise_for_status().json()):
            assert time.monotonic() < deadline, "no artifact"
            time.sleep(0.2)
    assert "COMPLETED" in found[0]["data"]


def text_of(path: Path) -> str:
    document = docx.Document(str(path))
    return "\n".join(paragraph.text for paragraph in document.paragraphs)
