"""Google Drive through its API v3: resumable uploads, and our key kept with the file as an app property."""

from collections.abc import Iterable, Iterator
from typing import Any

import httpx

from connectors.storage.connector import Account, FolderedStorage, NameTakenError, Upload
from connectors.storage.faults import FOLDER_UNAVAILABLE, STORAGE_UNREACHABLE, UPLOAD_INTERRUPTED
from connectors.storage.pieces import send_in_pieces
from connectors.storage.web_api import Dialect, WebApi, json_of

API = "https://www.googleapis.com/drive/v3"
UPLOAD = "https://www.googleapis.com/upload/drive/v3"
TITLE = "Google Drive"
DIALECT = Dialect(
    TITLE,
    "https://oauth2.googleapis.com/token",
    quota=("storageQuotaExceeded", "teamDriveFileLimitExceeded"),
    rate=("userRateLimitExceeded", "rateLimitExceeded"),
)
FOLDER_TYPE = "application/vnd.google-apps.folder"
KEY = "pressroomKey"
PIECE = 256 * 1024 * 32
OWN_DRIVE = ("", "my drive")
RESUME = 308
ALL_DRIVES = {"supportsAllDrives": "true", "includeItemsFromAllDrives": "true"}


class GoogleDriveStorage(FolderedStorage[str]):
    """A drive of the account; a folder's handle is its file id. Names need not be unique there, so we ask for them."""

    def __init__(self, account: Account, api: WebApi, drive_name: str = "") -> None:
        super().__init__(TITLE)
        self._api, self._drive_name = api, drive_name
        self._base = account.options.get("api_url", API).rstrip("/")
        self._upload_base = account.options.get("upload_url", UPLOAD).rstrip("/")

    def root(self) -> str:
        if self._drive_name.strip().casefold() in OWN_DRIVE:
            return "root"
        params = {"q": f"name = '{_quoted(self._drive_name)}'", "fields": "drives(id,name)"}
        drives = json_of(self._api.ask("GET", f"{self._base}/drives", params=params), TITLE).get("drives", [])
        if not drives:
            raise FOLDER_UNAVAILABLE(folder=self._drive_name, provider=TITLE)
        return str(drives[0]["id"])

    def enter(self, place: str, name: str) -> str | None:
        found = self._files(f"{_in(place)} and name = '{_quoted(name)}' and mimeType = '{FOLDER_TYPE}'")
        return next((str(file["id"]) for file in found), None)

    def make(self, place: str, name: str) -> bool:
        body = {"name": name, "mimeType": FOLDER_TYPE, "parents": [place]}
        params = {"supportsAllDrives": "true", "fields": "id"}
        response = self._api.ask("POST", f"{self._base}/files", params=params, json=body, accept=(200, 404))
        if response.status_code == httpx.codes.NOT_FOUND:
            raise FOLDER_UNAVAILABLE(folder=name, provider=TITLE)
        return True

    def folders(self, place: str) -> Iterable[str]:
        return (str(file["name"]) for file in self._files(f"{_in(place)} and mimeType = '{FOLDER_TYPE}'"))

    def names(self, place: str) -> Iterable[str]:
        return (str(file["name"]) for file in self._files(_in(place)))

    def put(self, place: str, name: str, upload: Upload) -> None:
        if next(self._files(f"{_in(place)} and name = '{_quoted(name)}'"), None):
            raise NameTakenError
        response = self._api.ask(
            "POST",
            f"{self._upload_base}/files",
            params={"uploadType": "resumable", "supportsAllDrives": "true", "fields": "id"},
            json={"name": name, "parents": [place], "appProperties": {KEY: upload.key[:100]}},
            headers={
                "X-Upload-Content-Type": "application/octet-stream",
                "X-Upload-Content-Length": str(upload.size),
            },
            accept=(200, 404),
        )
        if response.status_code == httpx.codes.NOT_FOUND:
            raise FOLDER_UNAVAILABLE(folder=name, provider=TITLE)
        session = _Session(self._api, response.headers.get("Location", ""), upload.size)
        if upload.size:
            send_in_pieces(upload, session)
        else:
            session.send(0, b"")

    def arrived(self, place: str, upload: Upload) -> str | None:
        query = f"{_in(place)} and appProperties has {{ key='{KEY}' and value='{_quoted(upload.key[:100])}' }}"
        return next((str(file["name"]) for file in self._files(query)), None)

    def list_places(self, within: str = "") -> list[str]:
        """The shared drives that the account sees; its own has no name here."""
        params, names = {"fields": "nextPageToken,drives(id,name)", "pageSize": "100"}, []
        while True:
            page = json_of(self._api.ask("GET", f"{self._base}/drives", params=params), TITLE)
            names += [str(drive["name"]) for drive in page.get("drives", [])]
            if not (following := page.get("nextPageToken")):
                return sorted(names, key=str.casefold)
            params["pageToken"] = str(following)

    def close(self) -> None:
        self._api.close()

    def _files(self, query: str) -> Iterator[dict[str, Any]]:
        params = {"q": f"{query} and trashed = false", "fields": "nextPageToken,files(id,name)", "pageSize": "200"}
        while True:
            page = json_of(self._api.ask("GET", f"{self._base}/files", params={**params, **ALL_DRIVES}), TITLE)
            yield from page.get("files", [])
            if not (following := page.get("nextPageToken")):
                return
            params["pageToken"] = str(following)


class _Session:
    """A resumable upload session at the address that Google gave for it."""

    piece_size = PIECE

    def __init__(self, api: WebApi, url: str, size: int) -> None:
        if not url:
            raise STORAGE_UNREACHABLE(provider=TITLE)
        self._api, self._url, self._size = api, url, size

    def send(self, offset: int, piece: bytes) -> int:
        span = f"bytes {offset}-{offset + len(piece) - 1}/{self._size}" if piece else "bytes */0"
        return self._progress(self._put(span, piece))

    def received(self) -> int:
        return self._progress(self._put(f"bytes */{self._size}", b""))

    def _put(self, span: str, piece: bytes) -> httpx.Response:
        return self._api.ask(
            "PUT", self._url, content=piece, headers={"Content-Range": span}, accept=(200, 201, RESUME, 404, 410)
        )

    def _progress(self, response: httpx.Response) -> int:
        if response.status_code in (httpx.codes.NOT_FOUND, httpx.codes.GONE):
            raise UPLOAD_INTERRUPTED(provider=TITLE)
        if response.status_code != RESUME:
            return self._size
        received = response.headers.get("Range", "")
        return int(received.rpartition("-")[2]) + 1 if received else 0


def _in(place: str) -> str:
    return f"'{_quoted(place)}' in parents"


def _quoted(text: str) -> str:
    """Text inside the quotes of a search query."""
    return text.replace("\\", "\\\\").replace("'", "\\'")
