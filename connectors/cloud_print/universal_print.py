"""Microsoft Universal Print through Microsoft Graph v1.0, the way that pull printing is documented for it.

Our queue is registered as a printer without a device. A task trigger holds each job that is started there until we,
the application whose task definition it is, have answered it: we take its documents, then complete the task. A job
that we refuse is aborted, so that its owner is told. Who shares the printer with whom is decided in the directory.
"""

import base64
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from connectors.cloud_print.faults import NOT_CREATED, SHARE_TAKEN, STILL_REGISTERING
from connectors.cloud_print.graph_ticket import CAPABILITIES, ticket_of
from connectors.cloud_print.graph_web import TITLE, GraphWeb
from connectors.cloud_print.service import CloudDocument, CloudJob, Keep, Names, Places, SignedIn, SignInCode

MAKER, MODEL = "Pressroom", "Pressroom print queue"
GONE_TOO = (200, 204, 404)
PRINTERS, SHARES, DEFINITIONS = "/print/printers", "/print/shares", "/print/taskDefinitions"
OPERATIONS = "/print/operations"


class UniversalPrint:
    """The service for one tenant; see `CloudPrintService`."""

    title = TITLE

    def __init__(self, web: GraphWeb) -> None:
        self._web = web

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._web.close()

    # --- signing in

    def begin_sign_in(self) -> SignInCode:
        return self._web.begin_device_sign_in(lambda span: datetime.now(UTC) + span)

    def finish_sign_in(self, code: SignInCode) -> SignedIn | None:
        secrets = self._web.finish_device_sign_in(code)
        if secrets is None:
            return None
        person = self._as_person("GET", "/me")
        tenant = self._as_person("GET", "/organization")["value"][0]
        return SignedIn(str(tenant["id"]), str(tenant["displayName"]), str(person["userPrincipalName"]), secrets)

    # --- registering

    def register(self, names: Names, places: Places, keep: Keep) -> None:
        known = dict(places)

        def kept(**more: str) -> None:
            known.update(more)
            keep(dict(known))

        self._check_share_name(names.share, known)
        if "printer" not in known:
            kept(printer=self._printer(names.printer, known.get("operation", ""), lambda it: kept(operation=it)))
        printer = f"{PRINTERS}/{known['printer']}"
        about = {"displayName": names.printer, "capabilities": dict(CAPABILITIES), "isAcceptingJobs": True}
        self._web.ask("PATCH", printer, as_application=True, accept=(200, 204), json=about)
        if "share" not in known:
            kept(share=self._share(known["printer"], names.share))
        self._web.ask(
            "PATCH", f"{SHARES}/{known['share']}", as_application=False, accept=(200, 204),
            json={"displayName": names.share},
        )  # fmt: skip
        if "definition" not in known:
            kept(definition=self._definition())
        if "trigger" not in known:
            kept(trigger=self._trigger(printer, known["definition"]))

    def unregister(self, places: Places) -> None:
        for name, address in (
            ("share", f"{SHARES}/{places.get('share')}"),
            ("trigger", f"{PRINTERS}/{places.get('printer')}/taskTriggers/{places.get('trigger')}"),
            ("printer", f"{PRINTERS}/{places.get('printer')}"),
        ):
            if name in places:
                self._web.ask("DELETE", address, as_application=False, accept=GONE_TOO)
        if "definition" in places:
            self._web.ask("DELETE", f"{DEFINITIONS}/{places['definition']}", as_application=True, accept=GONE_TOO)

    def _check_share_name(self, name: str, known: Mapping[str, str]) -> None:
        for share in self._shares(name):
            is_own = known.get("printer") and share.get("printer", {}).get("id") == known["printer"]
            if share["id"] != known.get("share") and not is_own:
                raise SHARE_TAKEN(share=name)

    def _shares(self, name: str) -> list[dict[str, Any]]:
        query = {"$filter": f"displayName eq '{_quoted(name)}'", "$expand": "printer"}
        found = self._all(SHARES, query, as_application=False)
        return [share for share in found if str(share["displayName"]).casefold() == name.casefold()]

    def _printer(self, name: str, operation: str, keep: Any) -> str:
        """The id of our printer: one that an interrupted attempt has left, or a new one, once it has been made."""
        if not operation:
            left = self._all(PRINTERS, {"$filter": f"displayName eq '{_quoted(name)}'"}, as_application=False)
            for printer in left:
                if (printer.get("manufacturer"), printer.get("model")) == (MAKER, MODEL):
                    return str(printer["id"])
            wanted = {
                "displayName": name,
                "manufacturer": MAKER,
                "model": MODEL,
                "hasPhysicalDevice": False,
                "certificateSigningRequest": _signing_request(name),
            }
            answer = self._web.ask("POST", f"{PRINTERS}/create", as_application=False, accept=(200, 202), json=wanted)
            operation = urlsplit(answer.headers.get("Operation-Location", "")).path.rpartition("/")[2]
            keep(operation)
        found = self._as_person("GET", f"{OPERATIONS}/{operation}")
        status = found.get("status", {})
        match status.get("state"):
            case "succeeded":
                return str(found["printer"]["id"])
            case "failed":
                keep("")
                raise NOT_CREATED(service=TITLE, reason=f"{str(status.get('description', '')).rstrip('.')}.")
        raise STILL_REGISTERING(service=TITLE)

    def _share(self, printer: str, name: str) -> str:
        if left := self._shares(name):  # of an attempt that was interrupted: its printer has been checked
            return str(left[0]["id"])
        wanted = {
            "displayName": name,
            "allowAllUsers": False,
            "printer@odata.bind": f"{self._web.api}{PRINTERS}/{printer}",
        }
        return str(self._as_person("POST", SHARES, accept=(200, 201), json=wanted)["id"])

    def _definition(self) -> str:
        own = self._web.client.client_id
        for found in self._all(DEFINITIONS, {}, as_application=True):
            if found.get("displayName") == MODEL and found.get("createdBy", {}).get("appId") in (None, own):
                return str(found["id"])
        wanted = {"displayName": MODEL, "createdBy": {"appId": own, "displayName": MAKER}}
        made = self._web.json("POST", DEFINITIONS, as_application=True, accept=(200, 201), json=wanted)
        return str(made["id"])

    def _trigger(self, printer: str, definition: str) -> str:
        for found in self._all(f"{printer}/taskTriggers", {"$expand": "definition"}, as_application=False):
            if found.get("definition", {}).get("id") == definition:
                return str(found["id"])
        wanted = {"event": "jobStarted", "definition@odata.bind": f"{self._web.api}{DEFINITIONS}/{definition}"}
        return str(self._as_person("POST", f"{printer}/taskTriggers", accept=(200, 201), json=wanted)["id"])

    # --- jobs

    def waiting_jobs(self, places: Places) -> Iterator[CloudJob]:
        tasks = f"{DEFINITIONS}/{places['definition']}/tasks"
        printer = f"{PRINTERS}/{places['printer']}"
        for task in self._all(tasks, {}, as_application=True):
            path = urlsplit(str(task.get("parentUrl", ""))).path
            place, _, job_id = path.rpartition("/jobs/")
            if task.get("status", {}).get("state") != "processing" or not place.endswith(printer):
                continue
            job = self._web.json(
                "GET", f"{printer}/jobs/{job_id}", as_application=True, params={"$expand": "documents"}
            )
            yield _job(job, {"job": f"{printer}/jobs/{job_id}", "task": f"{tasks}/{task['id']}"})

    def fetch(self, job: CloudJob, document: CloudDocument, path: Path, most_bytes: int) -> None:
        address = f"{job.places['job']}/documents/{document.id}/$value"
        answer = self._web.ask("GET", address, as_application=True, accept=(302,))
        self._web.download(answer.headers["Location"], path, document.name, most_bytes)

    def accept(self, job: CloudJob, note: str) -> None:
        self._end_task(job, "completed", note)

    def refuse(self, job: CloudJob, reason: str) -> None:
        """Aborting is possible only while our task is being processed; a job that has ended meanwhile stays so."""
        self._web.ask(
            "POST", f"{job.places['job']}/abort", as_application=True, accept=(200, 204, 404, 409),
            json={"reason": reason},
        )  # fmt: skip
        self._end_task(job, "aborted", reason)

    def _end_task(self, job: CloudJob, state: str, note: str) -> None:
        self._web.ask(
            "PATCH", job.places["task"], as_application=True, accept=(200, 204, 404),
            json={"status": {"state": state, "description": note}},
        )  # fmt: skip

    def _as_person(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        return self._web.json(method, path, as_application=False, **options)

    def _all(self, path: str, query: dict[str, str], *, as_application: bool) -> Iterator[dict[str, Any]]:
        """Every object of a list, page by page."""
        page = self._web.json("GET", path, as_application=as_application, params=query)
        while True:
            yield from page.get("value", [])
            if not (further := page.get("@odata.nextLink")):
                return
            page = self._web.json("GET", str(further), as_application=as_application)


def _job(job: dict[str, Any], places: dict[str, str]) -> CloudJob:
    documents = tuple(
        CloudDocument(str(one["id"]), str(one.get("displayName") or job.get("displayName") or "Document"))
        for one in job.get("documents", [])
    )
    by = job.get("createdBy") or {}
    name = str(job.get("displayName") or (documents[0].name if documents else "Document"))
    owner = str(by.get("userPrincipalName") or "").strip().lower()
    return CloudJob(str(job["id"]), owner, name, ticket_of(job.get("configuration") or {}), documents, places)


def _signing_request(name: str) -> dict[str, str]:
    """What the service wants for a printer's certificate. We never speak as the printer, so its key is not kept."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    transport = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {
        "content": base64.b64encode(request.public_bytes(Encoding.DER)).decode(),
        "transportKey": base64.b64encode(transport).decode(),
    }


def _quoted(text: str) -> str:
    """Text inside a literal of OData."""
    return text.replace("'", "''")
