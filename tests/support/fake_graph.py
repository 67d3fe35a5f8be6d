"""Microsoft Graph v1.0 as documented: drive items, folders, simple upload and upload sessions."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import unquote

import httpx

from connectors.storage.hashes import quick_xor_hash
from tests.support.fake_cloud import FakeCloud, Node, body, span

PIECE_UNIT = 320 * 1024
UPLOAD_HOST = "upload.example.net"
SITE = {"id": "contoso,1,2", "displayName": "Sales Team", "name": "sales"}
SITES = [SITE, {"id": "contoso,3,4", "displayName": "Finance", "name": "finance"}]
LIBRARY = {"id": "b!77", "name": "Reports"}


def error(status: int, code: str) -> httpx.Response:
    return httpx.Response(status, json={"error": {"code": code, "message": "…"}})


class FakeGraph(FakeCloud):
    """One drive at /me/drive or at the site's /drive."""

    token_host = "login.microsoftonline.com"
    rotates_refresh_token = True

    def __init__(self, drive: str = "/me/drive") -> None:
        super().__init__()
        self.drive = drive
        self.sessions: dict[str, dict[str, Any]] = {}

    def needs_token(self, request: httpx.Request) -> bool:
        if request.url.host == UPLOAD_HOST:
            assert "Authorization" not in request.headers, "an upload session's address must not get the token"
            return False
        return True

    def route(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == UPLOAD_HOST:
            return self._session(request)
        assert request.url.host == "graph.microsoft.com"
        path = request.url.raw_path.decode().partition("?")[0].removeprefix("/v1.0")
        if path == "/sites":
            words = request.url.params["search"].casefold().replace("*", "")
            found = [site for site in SITES if words in str(site).casefold()]
            return httpx.Response(200, json={"value": found})
        if path == f"/sites/{SITE['id']}/drives":
            return httpx.Response(200, json={"value": [{"id": "b!1", "name": "Documents"}, LIBRARY]})
        assert path.startswith(self.drive), path
        rest = path.removeprefix(self.drive)
        if rest == "/root":
            return httpx.Response(200, json={"id": "root", "folder": {}})
        item, name, action = self._parts(rest)
        return self._item(request, item, name, action)

    def _parts(self, rest: str) -> tuple[str, str | None, str]:
        found = re.fullmatch(r"/items/([^/:]+)(?::/([^/:]+):)?(?:/(\w+))?", rest)
        assert found, f"no such address: {rest}"
        item, name, action = found.groups()
        return unquote(item), unquote(name) if name else None, action or ""

    def _item(self, request: httpx.Request, item: str, name: str | None, action: str) -> httpx.Response:
        if not self.has_folder(item):
            return error(404, "itemNotFound")
        match request.method, name, action:
            case "GET", None, "children":
                return self._children(request, item)
            case "POST", None, "children":
                return self._make(item, body(request))
            case "GET", str(), "":
                node = self.child(item, str(name))
                return httpx.Response(200, json=self._shown(node)) if node else error(404, "itemNotFound")
            case "PUT", str(), "content":
                assert len(request.content) <= 250 << 20
                assert request.url.params["@microsoft.graph.conflictBehavior"] == "fail"
                return self._create(item, str(name), request.content)
            case "POST", str(), "createUploadSession":
                return self._start(item, str(name), body(request))
        raise AssertionError(f"no such address: {request.method} {request.url}")

    def _children(self, request: httpx.Request, item: str) -> httpx.Response:
        """In pages of two, so that paging is really needed."""
        start = int(request.url.params.get("$skiptoken", "0"))
        shown = [self._shown(node) for node in self.children(item)]
        page: dict[str, Any] = {"value": shown[start : start + 2]}
        if start + 2 < len(shown):
            page["@odata.nextLink"] = str(request.url.copy_set_param("$skiptoken", str(start + 2)))
        return httpx.Response(200, json=page)

    def _make(self, item: str, wanted: dict[str, Any]) -> httpx.Response:
        assert wanted["folder"] == {}
        assert wanted["@microsoft.graph.conflictBehavior"] == "fail"
        if self.child(item, wanted["name"]):
            return error(409, "nameAlreadyExists")
        return httpx.Response(201, json=self._shown(self.add(wanted["name"], item)))

    def _create(self, item: str, name: str, content: bytes) -> httpx.Response:
        if self.child(item, name):
            return error(409, "nameAlreadyExists")
        if self.used() + len(content) > self.capacity:
            return error(507, "quotaLimitReached")
        return httpx.Response(201, json=self._shown(self.add(name, item, content)))

    def _start(self, item: str, name: str, wanted: dict[str, Any]) -> httpx.Response:
        assert wanted["item"]["@microsoft.graph.conflictBehavior"] == "fail"
        if self.child(item, name):
            return error(409, "nameAlreadyExists")
        session = f"s{next(self.numbers)}"
        self.sessions[session] = {"item": item, "name": name, "data": b""}
        return httpx.Response(200, json={"uploadUrl": f"https://{UPLOAD_HOST}/{session}", "nextExpectedRanges": ["0-"]})

    def _session(self, request: httpx.Request) -> httpx.Response:
        session = self.sessions.get(request.url.path.strip("/"))
        if session is None:
            return error(404, "itemNotFound")
        if request.method == "DELETE":
            self.sessions.pop(request.url.path.strip("/"))
            return httpx.Response(204)
        if request.method == "GET":
            return httpx.Response(200, json={"nextExpectedRanges": [f"{len(session['data'])}-"]})
        first, last, size = span(request)
        if first != len(session["data"]):
            return error(416, "invalidRange")
        assert last + 1 == size or len(request.content) % PIECE_UNIT == 0, "pieces are multiples of 320 KiB"
        session["data"] += request.content
        if last + 1 < size:
            return httpx.Response(202, json={"nextExpectedRanges": [f"{last + 1}-{size - 1}"]})
        self.sessions.pop(request.url.path.strip("/"))
        return self._create(session["item"], session["name"], session["data"])

    def _shown(self, node: Node) -> dict[str, Any]:
        shown: dict[str, Any] = {"id": node.id, "name": node.name, "size": len(node.content or b"")}
        if node.content is None:
            return {**shown, "folder": {"childCount": 0}}
        with TemporaryDirectory() as folder:
            path = Path(folder) / "content"
            path.write_bytes(node.content)
            return {**shown, "file": {"hashes": {"quickXorHash": quick_xor_hash(path)}}}
