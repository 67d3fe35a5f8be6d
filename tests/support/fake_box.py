"""Box API 2.0 as documented: folders, simple uploads up to 50 MB, chunked uploads from 20 MB with SHA-1 throughout."""

import base64
import hashlib
import json
import re
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

import httpx

from tests.support.fake_cloud import FakeCloud, body, span

PART_SIZE = 8 << 20
LEAST_CHUNKED = 20_000_000


def error(status: int, code: str) -> httpx.Response:
    return httpx.Response(status, json={"type": "error", "status": status, "code": code})


def sha1(content: bytes) -> str:
    return "sha=" + base64.b64encode(hashlib.sha1(content).digest()).decode()


class FakeBox(FakeCloud):
    """Each refresh token is good for one use."""

    token_host = "api.box.com"
    rotates_refresh_token = True

    def __init__(self) -> None:
        super().__init__()
        self.sessions: dict[str, dict[str, Any]] = {}
        self.slow_commits = 0

    @property
    def root_id(self) -> str:
        return "0"

    def route(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if request.url.host == "api.box.com":
            if items := re.fullmatch(r"/2\.0/folders/(\w+)/items", path):
                return self._items(request, items.group(1))
            assert (request.method, path) == ("POST", "/2.0/folders")
            wanted = body(request)
            return self._create(wanted["parent"]["id"], wanted["name"], None)
        assert request.url.host == "upload.box.com"
        if path == "/api/2.0/files/content":
            return self._simple(request)
        if path == "/api/2.0/files/upload_sessions":
            return self._start(body(request))
        return self._session(request, path.removeprefix("/api/2.0/files/upload_sessions/"))

    def _items(self, request: httpx.Request, folder: str) -> httpx.Response:
        if not self.has_folder(folder):
            return error(404, "not_found")
        start = int(request.url.params.get("marker", "0"))
        shown = []
        for node in self.children(folder):
            entry = {"id": node.id, "name": node.name, "type": "folder" if node.is_folder else "file"}
            shown.append(entry if node.content is None else {**entry, "sha1": hashlib.sha1(node.content).hexdigest()})
        following = str(start + 2) if start + 2 < len(shown) else None
        return httpx.Response(200, json={"entries": shown[start : start + 2], "next_marker": following})

    def _create(self, folder: str, name: str, content: bytes | None) -> httpx.Response:
        if not self.has_folder(folder):
            return error(404, "not_found")
        if self.child(folder, name):
            return error(409, "item_name_in_use")
        if self.used() + len(content or b"") > self.capacity:
            return error(403, "storage_limit_exceeded")
        node = self.add(name, folder, content)
        return httpx.Response(201, json={"entries": [{"id": node.id}], "id": node.id})

    def _simple(self, request: httpx.Request) -> httpx.Response:
        head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
        first, second = BytesParser(policy=HTTP).parsebytes(head + request.content).iter_parts()
        assert "attributes" in str(first["Content-Disposition"]), "the attributes come before the file"
        attributes = json.loads(first.get_content())
        content = second.get_payload(decode=True)
        assert isinstance(content, bytes)
        assert len(content) <= 50_000_000
        assert request.headers["Content-MD5"] == hashlib.sha1(content).hexdigest()
        return self._create(attributes["parent"]["id"], attributes["name"], content)

    def _start(self, wanted: dict[str, Any]) -> httpx.Response:
        if wanted["file_size"] < LEAST_CHUNKED:
            return error(400, "file_size_too_small")
        if self.child(wanted["folder_id"], wanted["file_name"]):
            return error(409, "item_name_in_use")
        session = f"s{next(self.numbers)}"
        self.sessions[session] = {**wanted, "parts": {}}
        base = f"https://upload.box.com/api/2.0/files/upload_sessions/{session}"
        places = {"upload_part": base, "commit": f"{base}/commit", "list_parts": f"{base}/parts"}
        return httpx.Response(201, json={"id": session, "part_size": PART_SIZE, "session_endpoints": places})

    def _session(self, request: httpx.Request, path: str) -> httpx.Response:
        name, _, action = path.partition("/")
        session = self.sessions.get(name)
        if session is None:
            return error(404, "not_found")
        match request.method, action:
            case "PUT", "":
                return self._part(request, session)
            case "GET", "parts":
                start = int(request.url.params["offset"])
                parts = [shown for shown, _ in session["parts"].values()]
                return httpx.Response(200, json={"entries": parts[start : start + 2], "total_count": len(parts)})
            case "POST", "commit":
                return self._commit(request, name, session)
        raise AssertionError(f"no such address: {request.method} {request.url}")

    def _part(self, request: httpx.Request, session: dict[str, Any]) -> httpx.Response:
        first, last, size = span(request)
        assert first % PART_SIZE == 0
        assert size == session["file_size"]
        assert last + 1 == size or len(request.content) == PART_SIZE
        assert request.headers["Digest"] == sha1(request.content)
        if first in session["parts"]:
            return error(409, "part_already_uploaded")
        shown = {"part_id": f"{first:08X}", "offset": first, "size": len(request.content), "sha1": "…"}
        session["parts"][first] = shown, request.content
        return httpx.Response(200, json={"part": shown})

    def _commit(self, request: httpx.Request, name: str, session: dict[str, Any]) -> httpx.Response:
        content = b"".join(data for _, (_, data) in sorted(session["parts"].items()))
        assert request.headers["Digest"] == sha1(content)
        assert body(request)["parts"] == [shown for _, (shown, _) in sorted(session["parts"].items())]
        assert len(content) == session["file_size"]
        if self.slow_commits:
            self.slow_commits -= 1
            return httpx.Response(202, headers={"Retry-After": "1"})
        self.sessions.pop(name)
        return self._create(session["folder_id"], session["file_name"], content)
