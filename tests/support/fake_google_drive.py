"""Google Drive API v3 as documented: searches, folders, shared drives, resumable uploads; names may repeat."""

import re
from typing import Any

import httpx

from tests.support.fake_cloud import FakeCloud, Node, body, span

PIECE_UNIT = 256 * 1024
FOLDER_TYPE = "application/vnd.google-apps.folder"
SHARED_DRIVE = "drive-7"
TEXT = r"'((?:[^'\\]|\\.)*)'"


def error(status: int, reason: str) -> httpx.Response:
    return httpx.Response(status, json={"error": {"code": status, "errors": [{"reason": reason}]}})


class FakeGoogleDrive(FakeCloud):
    """The account's own drive and one shared drive, “Shared ‘Scans’”."""

    token_host = "oauth2.googleapis.com"

    def __init__(self) -> None:
        super().__init__()
        self.sessions: dict[str, dict[str, Any]] = {}

    def has_folder(self, folder: str) -> bool:
        return folder == SHARED_DRIVE or super().has_folder(folder)

    def route(self, request: httpx.Request) -> httpx.Response:
        assert request.url.host == "www.googleapis.com"
        match request.method, request.url.path:
            case "GET", "/drive/v3/drives":
                if "q" not in request.url.params:
                    return self._drives(request)
                found = request.url.params["q"] == "name = 'Shared \\'Scans\\''"
                return httpx.Response(200, json={"drives": [{"id": SHARED_DRIVE, "name": "x"}] if found else []})
            case "GET", "/drive/v3/files":
                return self._search(request)
            case "POST", "/drive/v3/files":
                return self._make(request)
            case "POST", "/upload/drive/v3/files":
                return self._start(request)
            case "PUT", "/upload/drive/v3/files":
                return self._piece(request)
        raise AssertionError(f"no such address: {request.method} {request.url}")

    def _drives(self, request: httpx.Request) -> httpx.Response:
        """In pages of one, so that paging is really needed."""
        if "pageToken" in request.url.params:
            return httpx.Response(200, json={"drives": [{"id": "drive-8", "name": "Archive"}]})
        drives = [{"id": SHARED_DRIVE, "name": "Shared 'Scans'"}]
        return httpx.Response(200, json={"drives": drives, "nextPageToken": "2"})

    def _search(self, request: httpx.Request) -> httpx.Response:
        params = request.url.params
        assert params["supportsAllDrives"] == params["includeItemsFromAllDrives"] == "true"
        found = [node for node in self.nodes.values() if self._matches(node, params["q"])]
        start = int(params.get("pageToken", "0"))
        page: dict[str, Any] = {"files": [{"id": n.id, "name": n.name} for n in found[start : start + 2]]}
        if start + 2 < len(found):
            page["nextPageToken"] = str(start + 2)
        return httpx.Response(200, json=page)

    def _matches(self, node: Node, query: str) -> bool:
        """The few forms of search that are documented and used."""
        rest = query
        for pattern, test in (
            (rf"{TEXT} in parents", lambda text: node.parent == text),
            (rf"name = {TEXT}", lambda text: node.name == text),
            (rf"mimeType = {TEXT}", lambda text: node.is_folder and text == FOLDER_TYPE),
            (r"trashed = (false)", lambda text: True),
        ):
            found = re.search(pattern, rest)
            if found:
                rest = rest.replace(found.group(0), "", 1)
                if not test(re.sub(r"\\(.)", r"\1", found.group(1))):
                    return False
        has = re.search(rf"appProperties has {{ key={TEXT} and value={TEXT} }}", rest)
        if has:
            rest = rest.replace(has.group(0), "", 1)
            if node.properties.get(has.group(1)) != has.group(2):
                return False
        assert not rest.replace("and", "").strip(), f"not a search: {query}"
        return True

    def _make(self, request: httpx.Request) -> httpx.Response:
        wanted = body(request)
        assert wanted["mimeType"] == FOLDER_TYPE
        if not self.has_folder(wanted["parents"][0]):
            return error(404, "notFound")
        return httpx.Response(200, json={"id": self.add(wanted["name"], wanted["parents"][0]).id})

    def _start(self, request: httpx.Request) -> httpx.Response:
        wanted = body(request)
        assert request.url.params["uploadType"] == "resumable"
        assert all(len((key + value).encode()) <= 124 for key, value in wanted["appProperties"].items())
        if not self.has_folder(wanted["parents"][0]):
            return error(404, "notFound")
        if self.used() + int(request.headers["X-Upload-Content-Length"]) > self.capacity:
            return error(403, "storageQuotaExceeded")
        session = f"s{next(self.numbers)}"
        size = int(request.headers["X-Upload-Content-Length"])
        self.sessions[session] = {**wanted, "size": size, "data": b"", "done": False}
        address = f"https://www.googleapis.com/upload/drive/v3/files?uploadType=resumable&upload_id={session}"
        return httpx.Response(200, headers={"Location": address})

    def _piece(self, request: httpx.Request) -> httpx.Response:
        session = self.sessions.get(request.url.params["upload_id"])
        if session is None:
            return error(404, "notFound")
        place = request.headers["Content-Range"]
        if place.startswith("bytes */"):
            assert place == f"bytes */{session['size']}"
            assert not request.content
        else:
            first, last, size = span(request)
            assert size == session["size"]
            if first != len(session["data"]):
                return error(400, "badRequest")
            assert last + 1 == size or len(request.content) % PIECE_UNIT == 0, "pieces are multiples of 256 KiB"
            session["data"] += request.content
        return self._progress(session)

    def _progress(self, session: dict[str, Any]) -> httpx.Response:
        received = len(session["data"])
        if received < session["size"]:
            return httpx.Response(308, headers={"Range": f"bytes=0-{received - 1}"} if received else {})
        if not session["done"]:
            session["done"] = True
            self.add(session["name"], session["parents"][0], session["data"], **session["appProperties"])
        return httpx.Response(200, json={"id": "file"})
