"""Microsoft Universal Print's part of Graph v1.0 as documented, over HTTP on a free port of 127.0.0.1.

It is strict: what is allowed to people only is refused to applications and the other way round; one trigger a printer;
a job with a task that is being processed waits; a download address carries its own permission and wants no token.
"""

import base64
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_der_public_key

CLIENT_ID, CLIENT_SECRET = "pressroom-at-entra", "a secret of the registration"
TENANT = {"id": "7c1e0d55-0000-4000-8000-0a2b3c4d5e6f", "displayName": "Contoso"}
ADMINISTRATOR = "printer.admin@contoso.example"
CODE = "F7K2-QX9M"
APPLICATION, PERSON = "application", "person"
Answer = tuple[int, Any, Mapping[str, str]]


def error(status: int, message: str) -> Answer:
    return status, {"error": {"code": "error", "message": message}}, {}


def found(value: Any, status: int = 200) -> Answer:
    return status, value, {}


@dataclass
class UniversalPrintService:
    """One tenant. `typed`: somebody has typed the code; `looks_left`: so often a printer is still being made."""

    address: str = ""
    typed: bool = False
    refused: bool = False
    looks_left: int = 1
    fails: Callable[[str, str], Answer | None] = lambda _method, _path: None
    refresh_token: str = "refresh-1"
    printers: dict[str, dict[str, Any]] = field(default_factory=dict)
    shares: dict[str, dict[str, Any]] = field(default_factory=dict)
    definitions: dict[str, dict[str, Any]] = field(default_factory=dict)
    triggers: dict[str, dict[str, Any]] = field(default_factory=dict)
    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)
    operations: dict[str, dict[str, Any]] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def settings(self) -> dict[str, str]:
        """What the installation's settings say of it."""
        addresses = {"token": f"{self.address}/common/oauth2/v2.0/token", "api": f"{self.address}/v1.0"}
        return {
            "PRESSROOM_MICROSOFT_CLIENT_ID": CLIENT_ID,
            "PRESSROOM_MICROSOFT_CLIENT_SECRET": CLIENT_SECRET,
            "PRESSROOM_STORAGE_ADDRESSES": json.dumps({"microsoft": addresses}),
            "PRESSROOM_ALLOW_PRIVATE_ADDRESSES": "true",
        }

    def print(self, owner: str, name: str, content: bytes, **configuration: Any) -> str:
        """Somebody prints to the one printer; returns the job's id."""
        (printer,) = self.printers
        (trigger,) = self.triggers.values()
        job, document = self._id("job"), self._id("document")
        self.contents[document] = content
        self.jobs[job] = {
            "id": job,
            "displayName": name,
            "createdBy": {"userPrincipalName": owner},
            "configuration": configuration,
            "status": {"state": "paused"},
            "documents": [{"id": document, "displayName": name, "contentType": "application/pdf"}],
        }
        task = self._id("task")
        self.tasks[task] = {
            "id": task,
            "definition": trigger["definition"]["id"],
            "parentUrl": f"{self.address}/v1.0/print/printers/{printer}/jobs/{job}",
            "status": {"state": "processing", "description": ""},
        }
        return job

    def task_of(self, job: str) -> dict[str, Any]:
        return next(task for task in self.tasks.values() if str(task["parentUrl"]).endswith(f"/jobs/{job}"))

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        url = urlsplit(target)
        self.seen.append(f"{method} {url.path}")
        if (failure := self.fails(method, url.path)) is not None:
            return failure
        if url.path.startswith("/download/"):
            assert "Authorization" not in headers
            return 200, self.contents[url.path.rpartition("/")[2]], {}
        if "/oauth2/v2.0/" in url.path:
            return self._sign_in(url.path, {name: one[0] for name, one in parse_qs(body.decode()).items()})
        who = {"Bearer of-person": PERSON, "Bearer of-application": APPLICATION}.get(headers.get("Authorization", ""))
        if who is None:
            return error(401, "Access token is empty.")
        sent = json.loads(body) if body else {}
        path = url.path.removeprefix("/v1.0").strip("/").split("/")
        return self._graph(method, path, dict(parse_qsl(url.query)), sent, who)

    def _sign_in(self, path: str, form: dict[str, str]) -> Answer:
        assert form["client_id"] == CLIENT_ID
        if path.endswith("/devicecode"):
            assert path.startswith("/organizations/")
            assert "offline_access" in form["scope"]
            code = {"user_code": CODE, "device_code": "device-1", "expires_in": 900, "interval": 5}
            return found({**code, "verification_uri": f"{self.address}/devicelogin"})
        match form["grant_type"]:
            case "client_credentials":
                assert path.startswith(f"/{TENANT['id']}/")
                assert form["client_secret"] == CLIENT_SECRET
                return found({"access_token": "of-application", "expires_in": 3600})
            case "refresh_token":
                if form["refresh_token"] != self.refresh_token:
                    return 400, {"error": "invalid_grant"}, {}
            case grant:
                assert grant == "urn:ietf:params:oauth:grant-type:device_code"
                assert form["device_code"] == "device-1"
                if self.refused:
                    return 400, {"error": "authorization_declined", "error_description": "The person said no"}, {}
                if not self.typed:
                    return 400, {"error": "authorization_pending"}, {}
        self.refresh_token = self._id("refresh")
        return found({"access_token": "of-person", "refresh_token": self.refresh_token, "expires_in": 3600})

    def _graph(self, method: str, path: list[str], query: dict[str, str], sent: dict[str, Any], who: str) -> Answer:
        if path in (["me"], ["organization"]):
            is_me = path == ["me"]
            return found({"userPrincipalName": ADMINISTRATOR} if is_me else {"value": [TENANT]})
        assert path[0] == "print"
        of_application = path[1] == "taskDefinitions" or (path[1] == "printers" and "jobs" in path)
        both = method == "PATCH" and path[1] == "printers" and len(path) == 3
        if not both and who != (APPLICATION if of_application else PERSON):
            return error(403, "Required scopes are missing in the token.")
        match method, path[1:]:
            case "POST", ["printers", "create"]:
                return self._create(sent)
            case "GET", ["operations", operation]:
                return self._operation(operation)
            case "POST", ["printers", printer, "taskTriggers"]:
                return self._add_trigger(printer, sent)
            case "POST", ["printers", printer, "jobs", job, "abort"]:
                if self.task_of(job)["status"]["state"] != "processing":
                    return error(409, "No task is being processed.")
                self.jobs[job]["status"] = {"state": "aborted", "description": sent["reason"]}
                return 204, None, {}
            case "GET", ["printers", printer, "jobs", job, "documents", document, "$value"]:
                assert document in {one["id"] for one in self.jobs[job]["documents"]}
                return 302, None, {"Location": f"{self.address}/download/{document}"}
            case "GET", ["printers", printer, "jobs", job]:
                assert query["$expand"] == "documents"
                return found(self.jobs[job])
            case "PATCH", ["taskDefinitions", _definition, "tasks", task]:
                self.tasks[task]["status"] = sent["status"]
                return found(self.tasks[task])
            case "GET", ["taskDefinitions", definition, "tasks"]:
                return self._page([one for one in self.tasks.values() if one["definition"] == definition], path, query)
        return self._plain(method, path[1:], query, sent, path)

    def _plain(
        self, method: str, place: list[str], query: dict[str, str], sent: dict[str, Any], path: list[str]
    ) -> Answer:
        kinds = {"printers": self.printers, "shares": self.shares, "taskDefinitions": self.definitions}
        kept, rest = kinds[place[0]], place[1:]
        if rest[1:2] == ["taskTriggers"]:
            kept, rest = self.triggers, rest[2:]
        match method, rest:
            case "GET", []:
                name = query.get("$filter", "").removeprefix("displayName eq '").removesuffix("'").replace("''", "'")
                return self._page([one for one in kept.values() if not name or one["displayName"] == name], path, query)
            case "POST", []:
                made = {**sent, "id": self._id(place[0])}
                if bound := sent.get("printer@odata.bind"):
                    made["printer"] = {"id": bound.rpartition("/")[2]}
                    assert made["printer"]["id"] in self.printers
                kept[made["id"]] = made
                return found(made, 201)
            case "PATCH", [one]:
                kept[one].update(sent)
                return 204, None, {}
            case "DELETE", [one]:
                return (204, None, {}) if kept.pop(one, None) else error(404, "not found")
        raise AssertionError(f"no such address: {method} {path}")

    def _page(self, every: list[dict[str, Any]], path: list[str], query: dict[str, str]) -> Answer:
        """In pages of two, so that paging is really needed."""
        start = int(query.get("$skiptoken", "0"))
        page: dict[str, Any] = {"value": every[start : start + 2]}
        if start + 2 < len(every):
            page["@odata.nextLink"] = f"{self.address}/v1.0/{'/'.join(path)}?$skiptoken={start + 2}"
        return found(page)

    def _create(self, sent: dict[str, Any]) -> Answer:
        assert sent["hasPhysicalDevice"] is False
        request = x509.load_der_x509_csr(base64.b64decode(sent["certificateSigningRequest"]["content"]))
        assert request.is_signature_valid
        load_der_public_key(base64.b64decode(sent["certificateSigningRequest"]["transportKey"]))
        made = {name: sent[name] for name in ("displayName", "manufacturer", "model")}
        operation = self._id("operation")
        self.operations[operation] = made
        return 202, None, {"Operation-Location": f"{self.address}/v1.0/print/operations/{operation}"}

    def _operation(self, operation: str) -> Answer:
        if self.looks_left:
            self.looks_left -= 1
            return found({"status": {"state": "running"}})
        made = self.operations[operation]
        made.setdefault("id", self._id("printer"))
        self.printers[made["id"]] = made
        return found({"status": {"state": "succeeded"}, "printer": made, "certificate": "…"})

    def _add_trigger(self, printer: str, sent: dict[str, Any]) -> Answer:
        if self.triggers:
            return error(409, "The printer has a trigger already.")
        assert sent["event"] == "jobStarted"
        assert printer in self.printers
        definition = sent["definition@odata.bind"].rpartition("/")[2]
        assert definition in self.definitions
        made = {"id": self._id("trigger"), "event": "jobStarted", "definition": {"id": definition}}
        self.triggers[made["id"]] = made
        return found(made, 201)

    def _id(self, kind: str) -> str:
        return f"{kind}-{next(self._numbers)}"


@contextmanager
def universal_print_service() -> Iterator[UniversalPrintService]:
    """The service, listening."""
    service = UniversalPrintService()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            status, value, headers = service.answer(self.command, self.path, dict(self.headers), body)
            content = value if isinstance(value, bytes) else b"" if value is None else json.dumps(value).encode()
            self.send_response(status)
            for name, text in headers.items():
                self.send_header(name, text)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815 — the names that http.server looks for

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
