"""Box through its API 2.0: one request for smaller files, a chunked upload from 20 MB, the least that Box takes so.

Box has no place for our key at upload, so a repeated upload is recognised by name and SHA-1.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import httpx

from connectors.storage.connector import Account, FolderedStorage, NameTakenError, Upload
from connectors.storage.faults import FOLDER_UNAVAILABLE, UPLOAD_INTERRUPTED
from connectors.storage.hashes import file_digest
from connectors.storage.pieces import send_in_pieces
from connectors.storage.web_api import Dialect, WebApi, json_of

API = "https://api.box.com/2.0"
UPLOAD = "https://upload.box.com/api/2.0"
TITLE = "Box"
DIALECT = Dialect(TITLE, "https://api.box.com/oauth2/token", quota=("storage_limit_exceeded",))
CHUNKED_FROM = 20_000_000
MOST_COMMITS = 20
PAGE = "1000"


class BoxStorage(FolderedStorage[str]):
    """The account's files; a folder's handle is its id, “0” at the top."""

    def __init__(self, account: Account, api: WebApi, pause: Callable[[float], None]) -> None:
        super().__init__(TITLE)
        self._api, self._pause = api, pause
        self._base = account.options.get("api_url", API).rstrip("/")
        self._upload_base = account.options.get("upload_url", UPLOAD).rstrip("/")

    def root(self) -> str:
        return "0"

    def enter(self, place: str, name: str) -> str | None:
        """Box compares names without regard to upper and lower case."""
        folders = (item for item in self._items(place) if item["type"] == "folder")
        return next((str(item["id"]) for item in folders if str(item["name"]).casefold() == name.casefold()), None)

    def make(self, place: str, name: str) -> bool:
        body = {"name": name, "parent": {"id": place}}
        response = self._api.ask("POST", f"{self._base}/folders", json=body, accept=(201, 404, 409))
        self._check_there(response, name)
        return response.status_code == httpx.codes.CREATED

    def folders(self, place: str) -> Iterable[str]:
        return (str(item["name"]) for item in self._items(place) if item["type"] == "folder")

    def names(self, place: str) -> Iterable[str]:
        return (str(item["name"]) for item in self._items(place))

    def put(self, place: str, name: str, upload: Upload) -> None:
        if upload.size < CHUNKED_FROM:
            self._put_at_once(place, name, upload)
        else:
            self._put_in_pieces(place, name, upload)

    def arrived(self, place: str, upload: Upload) -> str | None:
        digest = file_digest(upload.path, "sha1")
        for item in self._items(place):
            if item["type"] == "file" and item["name"] in upload.possible_names and item.get("sha1") == digest:
                return str(item["name"])
        return None

    def close(self) -> None:
        self._api.close()

    def _put_at_once(self, place: str, name: str, upload: Upload) -> None:
        """Multipart, the attributes before the file as Box demands."""
        content = upload.path.read_bytes()
        response = self._api.ask(
            "POST",
            f"{self._upload_base}/files/content",
            data={"attributes": json.dumps({"name": name, "parent": {"id": place}})},
            files={"file": (name, content, "application/octet-stream")},
            headers={"Content-MD5": hashlib.sha1(content, usedforsecurity=False).hexdigest()},
            accept=(201, 404, 409),
        )
        self._check_free(response, name)
        upload.on_progress(upload.size, upload.size)

    def _put_in_pieces(self, place: str, name: str, upload: Upload) -> None:
        body = {"folder_id": place, "file_size": upload.size, "file_name": name}
        response = self._api.ask(
            "POST", f"{self._upload_base}/files/upload_sessions", json=body, accept=(201, 404, 409)
        )
        self._check_free(response, name)
        session = _Session(self._api, json_of(response, TITLE), upload.size)
        send_in_pieces(upload, session)
        self._commit(session, base64.b64encode(bytes.fromhex(file_digest(upload.path, "sha1"))).decode())

    def _commit(self, session: "_Session", digest: str) -> None:
        """Box may still be putting the parts together: then it says when to ask again."""
        for _ in range(MOST_COMMITS):
            response = self._api.ask(
                "POST",
                session.endpoints["commit"],
                json={"parts": session.parts()},
                headers={"Digest": f"sha={digest}"},
                accept=(201, 202, 404, 409),
            )
            if response.status_code == httpx.codes.CONFLICT:
                raise NameTakenError
            if response.status_code == httpx.codes.CREATED:
                return
            if response.status_code == httpx.codes.NOT_FOUND:
                break
            self._pause(float(response.headers.get("Retry-After", "1")))
        raise UPLOAD_INTERRUPTED(provider=TITLE)

    def _check_free(self, response: httpx.Response, name: str) -> None:
        self._check_there(response, name)
        if response.status_code == httpx.codes.CONFLICT:
            raise NameTakenError

    def _check_there(self, response: httpx.Response, name: str) -> None:
        if response.status_code == httpx.codes.NOT_FOUND:
            raise FOLDER_UNAVAILABLE(folder=name, provider=TITLE)

    def _items(self, place: str) -> Iterator[dict[str, Any]]:
        params = {"fields": "id,type,name,sha1", "limit": PAGE, "usemarker": "true"}
        while True:
            response = self._api.ask("GET", f"{self._base}/folders/{place}/items", params=params, accept=(200, 404))
            self._check_there(response, place)
            page = json_of(response, TITLE)
            yield from page["entries"]
            if not (following := page.get("next_marker")):
                return
            params["marker"] = str(following)


class _Session:
    """A chunked upload, whose parts have the size that Box chose; a part that has arrived cannot be sent again."""

    def __init__(self, api: WebApi, created: dict[str, Any], size: int) -> None:
        self._api, self._size = api, size
        self.piece_size = int(created["part_size"])
        self.endpoints: dict[str, str] = dict(created["session_endpoints"])

    def send(self, offset: int, piece: bytes) -> int:
        digest = base64.b64encode(hashlib.sha1(piece, usedforsecurity=False).digest()).decode()
        headers = {
            "Digest": f"sha={digest}",
            "Content-Range": f"bytes {offset}-{offset + len(piece) - 1}/{self._size}",
            "Content-Type": "application/octet-stream",
        }
        response = self._api.ask(
            "PUT", self.endpoints["upload_part"], content=piece, headers=headers, accept=(200, 409)
        )
        return self.received() if response.status_code == httpx.codes.CONFLICT else offset + len(piece)

    def received(self) -> int:
        """The parts go up in order, so what has arrived has no gaps."""
        return sum(int(part["size"]) for part in self.parts())

    def parts(self) -> list[dict[str, Any]]:
        """What has arrived, as Box wants it back at the end."""
        found: list[dict[str, Any]] = []
        while True:
            params = {"limit": PAGE, "offset": str(len(found))}
            page = json_of(self._api.ask("GET", self.endpoints["list_parts"], params=params), TITLE)
            found += page["entries"]
            if not page["entries"] or len(found) >= int(page.get("total_count", 0)):
                return sorted(found, key=lambda part: int(part["offset"]))
