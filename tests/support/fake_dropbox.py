"""Dropbox API v2 as documented: paths, error unions in 409 answers, upload sessions with strict offsets."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from connectors.storage.hashes import dropbox_content_hash
from tests.support.fake_cloud import FakeCloud, Node, body

LARGEST_REQUEST = 150 << 20


def error(summary: str, **details: Any) -> httpx.Response:
    return httpx.Response(409, json={"error_summary": f"{summary}/..", "error": {".tag": "path", **details}})


class FakeDropbox(FakeCloud):
    """Everything is a POST; content requests carry their arguments in a header."""

    token_host = "api.dropboxapi.com"

    def __init__(self) -> None:
        super().__init__()
        self.sessions: dict[str, bytearray] = {}

    def route(self, request: httpx.Request) -> httpx.Response:
        assert request.method == "POST"
        endpoint = request.url.path.removeprefix("/2/files/")
        if request.url.host == "content.dropboxapi.com":
            assert request.headers["Content-Type"] == "application/octet-stream"
            assert request.headers["Dropbox-API-Arg"].isascii()
            assert len(request.content) <= LARGEST_REQUEST
            return self._content(endpoint, json.loads(request.headers["Dropbox-API-Arg"]), request.content)
        assert request.url.host == "api.dropboxapi.com"
        return self._plain(endpoint, body(request))

    def _plain(self, endpoint: str, wanted: dict[str, Any]) -> httpx.Response:
        if endpoint == "list_folder/continue":
            folder, _, start = wanted["cursor"].rpartition(" ")
            return self._listing(folder, int(start))
        node = self._find(wanted["path"])
        match endpoint:
            case "get_metadata":
                return httpx.Response(200, json=self._shown(node)) if node else error("path/not_found")
            case "list_folder":
                if wanted["path"] and (node is None or not node.is_folder):
                    return error("path/not_found")
                return self._listing(node.id if node else "root", 0)
            case "create_folder_v2":
                assert wanted["autorename"] is False
                return error("path/conflict/folder") if node else self._create(wanted["path"], None)
        raise AssertionError(f"no such endpoint: {endpoint}")

    def _content(self, endpoint: str, wanted: dict[str, Any], content: bytes) -> httpx.Response:
        if endpoint == "upload":
            return self._commit(wanted, content)
        if endpoint == "upload_session/start":
            session = f"s{next(self.numbers)}"
            self.sessions[session] = bytearray(content)
            return httpx.Response(200, json={"session_id": session})
        name, offset = wanted["cursor"]["session_id"], wanted["cursor"]["offset"]
        data = self.sessions.get(name)
        finishes = endpoint == "upload_session/finish"
        assert finishes or endpoint == "upload_session/append_v2"
        if data is None:
            return error("lookup_failed/not_found" if finishes else "not_found")
        if offset != len(data):
            wrong = {".tag": "incorrect_offset", "correct_offset": len(data)}
            return error("lookup_failed/incorrect_offset", lookup_failed=wrong) if finishes else error("", **wrong)
        data += content
        if not finishes:
            return httpx.Response(200, json={})
        self.sessions.pop(name)
        return self._commit(wanted["commit"], bytes(data))

    def _commit(self, wanted: dict[str, Any], content: bytes) -> httpx.Response:
        assert wanted["mode"] == "add"
        assert wanted["autorename"] is False
        assert wanted["strict_conflict"] is True
        if self._find(wanted["path"]):
            return error("path/conflict/file")
        if self.used() + len(content) > self.capacity:
            return error("path/insufficient_space")
        return self._create(wanted["path"], content)

    def _create(self, path: str, content: bytes | None) -> httpx.Response:
        """Dropbox makes the folders above by itself."""
        parent = "root"
        *above, name = path.strip("/").split("/")
        for part in above:
            parent = (self.child(parent, part) or self.add(part, parent)).id
        return httpx.Response(200, json={"metadata": self._shown(self.add(name, parent, content))})

    def _find(self, path: str) -> Node | None:
        assert path == "" or path.startswith("/")
        node, parent = None, "root"
        for part in path.split("/")[1:]:
            node = self.child(parent, part)
            if node is None:
                return None
            parent = node.id
        return node

    def _listing(self, folder: str, start: int) -> httpx.Response:
        shown = [self._shown(node) for node in self.children(folder)]
        more = start + 2 < len(shown)
        page = {"entries": shown[start : start + 2], "cursor": f"{folder} {start + 2}", "has_more": more}
        return httpx.Response(200, json=page)

    def _shown(self, node: Node) -> dict[str, Any]:
        if node.content is None:
            return {".tag": "folder", "name": node.name}
        with TemporaryDirectory() as folder:
            path = Path(folder) / "content"
            path.write_bytes(node.content)
            return {".tag": "file", "name": node.name, "content_hash": dropbox_content_hash(path)}
