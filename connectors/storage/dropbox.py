"""Dropbox through its API v2: one request for smaller files, an upload session for larger ones.

Dropbox keeps no key of ours, so a repeated upload is recognised by name and content hash.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import httpx

from connectors.storage.connector import Account, FolderedStorage, NameTakenError, Upload
from connectors.storage.faults import FOLDER_UNAVAILABLE, UPLOAD_INTERRUPTED
from connectors.storage.hashes import dropbox_content_hash
from connectors.storage.pieces import send_in_pieces
from connectors.storage.web_api import Dialect, WebApi, json_of

API = "https://api.dropboxapi.com/2"
CONTENT = "https://content.dropboxapi.com/2"
TITLE = "Dropbox"
DIALECT = Dialect(
    TITLE,
    "https://api.dropboxapi.com/oauth2/token",
    quota=("insufficient_space",),
    rate=("too_many_write_operations", "too_many_requests"),
)
SIMPLE = 8 << 20
PIECE = 4 << 20
GONE = ("path/not_found", "path/not_folder", "path/malformed_path", "no_write_permission")
LOST = ("lookup_failed/not_found", "lookup_failed/closed", "not_found/", "closed/")
"""What Dropbox says of a session that it has closed or forgotten."""


class DropboxStorage(FolderedStorage[str]):
    """The account's files; a folder's handle is its path, empty at the top."""

    def __init__(self, account: Account, api: WebApi) -> None:
        super().__init__(TITLE)
        self._api = api
        self._base = account.options.get("api_url", API).rstrip("/")
        self._content = account.options.get("upload_url", CONTENT).rstrip("/")

    def root(self) -> str:
        return ""

    def enter(self, place: str, name: str) -> str | None:
        path = f"{place}/{name}"
        response = self._api.ask("POST", f"{self._base}/files/get_metadata", json={"path": path}, accept=(200, 409))
        if response.status_code == httpx.codes.CONFLICT:
            if "path/not_found" in _summary(response):
                return None
            raise self._refused(response, path)
        return path if json_of(response, TITLE)[".tag"] == "folder" else None

    def make(self, place: str, name: str) -> bool:
        body = {"path": f"{place}/{name}", "autorename": False}
        response = self._api.ask("POST", f"{self._base}/files/create_folder_v2", json=body, accept=(200, 409))
        if response.status_code == httpx.codes.OK:
            return True
        if "path/conflict" in _summary(response):
            return False
        raise self._refused(response, name)

    def folders(self, place: str) -> Iterable[str]:
        return (str(entry["name"]) for entry in self._entries(place) if entry[".tag"] == "folder")

    def names(self, place: str) -> Iterable[str]:
        return (str(entry["name"]) for entry in self._entries(place))

    def put(self, place: str, name: str, upload: Upload) -> None:
        commit = {"path": f"{place}/{name}", "mode": "add", "autorename": False, "strict_conflict": True}
        if upload.size <= SIMPLE:
            response = self.call("files/upload", commit, upload.path.read_bytes())
            if response.status_code == httpx.codes.CONFLICT:
                raise self.fault_or_taken(response, name)
            upload.on_progress(upload.size, upload.size)
            return
        send_in_pieces(upload, _Session(self, commit, upload.size))

    def arrived(self, place: str, upload: Upload) -> str | None:
        digest = dropbox_content_hash(upload.path)
        for entry in self._entries(place):
            if entry["name"] in upload.possible_names and entry.get("content_hash") == digest:
                return str(entry["name"])
        return None

    def close(self) -> None:
        self._api.close()

    def call(self, endpoint: str, argument: dict[str, Any], content: bytes) -> httpx.Response:
        """A content request, whose arguments travel in a header, in ASCII."""
        headers = {
            "Dropbox-API-Arg": json.dumps(argument).replace("\x7f", "\\u007f"),
            "Content-Type": "application/octet-stream",
        }
        return self._api.ask("POST", f"{self._content}/{endpoint}", headers=headers, content=content, accept=(200, 409))

    def fault_or_taken(self, response: httpx.Response, name: str) -> Exception:
        """What a 409 to an upload means."""
        return NameTakenError() if "path/conflict" in _summary(response) else self._refused(response, name)

    def _refused(self, response: httpx.Response, name: str) -> Exception:
        if any(word in _summary(response) for word in GONE):
            return FOLDER_UNAVAILABLE(folder=name, provider=TITLE)
        if any(word in _summary(response) for word in LOST):
            return UPLOAD_INTERRUPTED(provider=TITLE)
        return self._api.fault_of(response)(provider=TITLE)

    def _entries(self, place: str) -> Iterator[dict[str, Any]]:
        page = self._listing("files/list_folder", {"path": place, "limit": 1000}, place)
        yield from page["entries"]
        while page.get("has_more"):
            page = self._listing("files/list_folder/continue", {"cursor": page["cursor"]}, place)
            yield from page["entries"]

    def _listing(self, endpoint: str, body: dict[str, Any], place: str) -> dict[str, Any]:
        response = self._api.ask("POST", f"{self._base}/{endpoint}", json=body, accept=(200, 409))
        if response.status_code == httpx.codes.CONFLICT:
            raise self._refused(response, place)
        return dict(json_of(response, TITLE))


class _Session:
    """An upload session: pieces are appended, the last one finishes the file under its name."""

    piece_size = PIECE

    def __init__(self, storage: DropboxStorage, commit: dict[str, Any], size: int) -> None:
        self._storage, self._commit, self._size = storage, commit, size
        started = storage.call("files/upload_session/start", {"close": False}, b"")
        self._id = str(json_of(started, TITLE)["session_id"])
        self._sent = 0

    def send(self, offset: int, piece: bytes) -> int:
        self._sent, after = offset, offset + len(piece)
        cursor = {"session_id": self._id, "offset": offset}
        if after < self._size:
            argument: dict[str, Any] = {"cursor": cursor, "close": False}
            response = self._storage.call("files/upload_session/append_v2", argument, piece)
        else:
            argument = {"cursor": cursor, "commit": self._commit}
            response = self._storage.call("files/upload_session/finish", argument, piece)
        if response.status_code == httpx.codes.OK:
            return after
        correct = _correct_offset(response)
        if correct is None:
            raise self._storage.fault_or_taken(response, self._commit["path"])
        return correct

    def received(self) -> int:
        """Dropbox cannot be asked; it answers a piece at the wrong place with the right one."""
        return self._sent


def _correct_offset(response: httpx.Response) -> int | None:
    """The offset that Dropbox expects, if that was what it complained of, at append or at finish."""
    error = json_of(response, TITLE).get("error", {})
    found = error.get("correct_offset", error.get("lookup_failed", {}).get("correct_offset"))
    return int(found) if found is not None else None


def _summary(response: httpx.Response) -> str:
    return str(json_of(response, TITLE).get("error_summary", ""))
