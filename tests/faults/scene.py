"""A running installation to which things happen: its mail server is off, its disks are small; and what stays true."""

import errno
import hashlib
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from benchmarks.installation import RunningInstallation
from connectors.documents.folder import FolderStore
from domain.outbox.models import OutboxRow
from domain.tenancy import system_session
from tests.support.mail_server import mail_server
from tests.support.main_job import Person
from tests.support.webdav_server import WebDavServer

DISK_MB = 96


@dataclass
class Scene:
    """One running installation whose mail server is off until `mail` starts it, and whose disks can be filled."""

    installation: RunningInstallation
    person: Person
    mail_port: int
    webdav: WebDavServer
    has_small_disks: bool
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1_000_000)))

    @property
    def client(self) -> httpx.Client:
        return self.person.client

    @property
    def store(self) -> FolderStore:
        return FolderStore(self.installation.settings.documents_folder)

    @property
    def gate(self) -> Path:
        return Path(os.environ["PRESSROOM_TEST_GATE"])

    def compose(self, *steps: dict[str, Any]) -> str:
        return self.person.compose(f"Solution {next(self.numbers)}", *steps)

    def offer(self, solution: str, name: str, content: bytes, **fields: str) -> httpx.Response:
        return self.client.post(f"/api/v1/solutions/{solution}/runs", files={"file": (name, content)}, data=fields)

    def run_again(self, run: str) -> dict[str, Any]:
        self.client.post(f"/api/v1/runs/{run}/run-again").raise_for_status()
        return self.person.wait(run)

    def link(self, provider: str, options: dict[str, str], **secrets: str) -> None:
        given = {"account": "ann", "options": options, "secrets": secrets}
        self.client.put(f"/api/v1/storage-accounts/{provider}", json=given).raise_for_status()

    def mail(self) -> Any:
        """The mail server, on."""
        return mail_server(port=self.mail_port)

    def kept(self) -> tuple[set[Path], int, int]:
        """What the installation holds: files of documents and work, runs, and rows for the engine."""
        home = self.installation.settings
        folders = (home.documents_folder, home.scratch_folder)
        files = {path for folder in folders for path in folder.rglob("*") if path.is_file()}
        with system_session(read_only=True) as session:
            waiting = len(session.scalars(select(OutboxRow.id)).all())
        return files, waiting, len(self.client.get("/api/v1/runs", params={"limit": 200}).json()["items"])

    @contextmanager
    def full(self, folder: Path) -> Iterator[None]:
        """The disk under `folder` without a free byte."""
        filler = folder / "filler"
        with filler.open("wb", buffering=0) as file, _until_full():
            while file.write(bytes(4096)):
                pass
        try:
            yield
        finally:
            filler.unlink()


@contextmanager
def _until_full() -> Iterator[None]:
    """Until there is no space left."""
    try:
        yield
    except OSError as error:
        assert error.errno == errno.ENOSPC  # noqa: PT017 — writing is expected to end so


@contextmanager
def small_disks(*folders: Path) -> Iterator[bool]:
    """A disk of `DISK_MB` under each folder; whether this user may mount any."""
    mounted = []
    try:
        for folder in folders:
            folder.mkdir(parents=True)
            command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", folder]
            if subprocess.run(command, check=False, capture_output=True).returncode == 0:
                mounted.append(folder)
        yield len(mounted) == len(folders)
    finally:
        for folder in mounted:
            subprocess.run(["umount", "--lazy", folder], check=True)


def assert_for_people(message: str, remedy: str) -> None:
    """Sentences: filled in, ended, and without the words of programs. What stands in quotes is the user's own."""
    for text in (re.sub("“[^”]*”", "“…”", message), re.sub("“[^”]*”", "“…”", remedy)):
        assert text[-1] in ".!?)”" or ": " in text, text
        assert len(text.split()) > 2
        for word in ("{", "}", "Traceback", "Errno", "Error(", "Exception", "None"):
            assert word not in text, text


def assert_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """RFC 9457 problem details, in both languages' catalogue."""
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["type"] == f"urn:pressroom:problem:{code}"
    assert (problem["status"], problem["title"]) == (status, HTTPStatus(status).phrase)
    assert problem["instance"].startswith("urn:pressroom:request:")
    assert_for_people(problem["detail"], problem["remedy"])
    return problem


def assert_kept(scene: Scene, details: dict[str, Any], original: bytes) -> None:
    """The original and every result of a finished step can be read, and are what they were."""
    address = f"/api/v1/runs/{details['run']['id']}/documents"
    wanted = {details["run"]["original"]["id"]: details["run"]["original"]["sha256"]}
    assert details["run"]["original"]["sha256"] == hashlib.sha256(original).hexdigest()
    for step in details["steps"]:
        if step["state"] == "COMPLETED":
            assert step["documents"]
            wanted |= {document["id"]: document["sha256"] for document in step["documents"]}
    for document, sha256 in wanted.items():
        content = scene.client.get(f"{address}/{document}/content").raise_for_status().content
        assert hashlib.sha256(content).hexdigest() == sha256


def assert_failed(details: dict[str, Any], kind: str, code: str, before: int) -> None:
    """One step failed, for that reason, after `before` others had finished."""
    steps = details["steps"]
    assert [(step["kind"], step["error"]["code"]) for step in steps if step["state"] == "FAILED"] == [(kind, code)]
    assert [step["state"] for step in steps][:before] == ["COMPLETED"] * before
    assert details["run"]["error"]["code"] == code
    assert_for_people(details["run"]["error"]["message"], details["run"]["error"]["remedy"])
