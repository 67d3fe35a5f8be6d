"""OneDrive and SharePoint through Microsoft Graph v1.0.

Files of up to `SIMPLE` bytes go in one PUT, larger ones through an upload session in pieces of a multiple of 320 KiB,
whose address carries its own permission. Graph has no place for our key, so a repeated upload is recognised by name,
size and QuickXorHash (SHA-256 on personal drives).
"""

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

import httpx

from connectors.storage.connector import Account, FolderedStorage, NameTakenError, Upload
from connectors.storage.faults import FOLDER_UNAVAILABLE, STORAGE_UNREACHABLE, UPLOAD_INTERRUPTED
from connectors.storage.hashes import file_digest, quick_xor_hash
from connectors.storage.pieces import send_in_pieces
from connectors.storage.web_api import Dialect, WebApi, json_of

API = "https://graph.microsoft.com/v1.0"
TOKEN = "https://login.microsoftonline.com/common/oauth2/v2.0/token"  # noqa: S105 — an address
QUOTA = ("quotaLimitReached", "insufficientStorage")
RATE = ("activityLimitReached",)
SIMPLE = 4 << 20
PIECE = 320 * 1024 * 16
FIELDS = "id,name,size,file,folder"
ON_CONFLICT = "@microsoft.graph.conflictBehavior"


def dialect(title: str) -> Dialect:
    """Both services speak alike."""
    return Dialect(title, TOKEN, QUOTA, RATE)


class GraphStorage(FolderedStorage[str]):
    """A drive of Microsoft 365; a folder's handle is its item id.

    `site_name` chooses a SharePoint site's first library, or with “Site/Library” another of its libraries.
    """

    def __init__(self, account: Account, api: WebApi, site_name: str | None = None) -> None:
        super().__init__(api.dialect.title)
        self._api, self._site_name = api, site_name
        self._base = account.options.get("api_url", API).rstrip("/")
        self._drive = ""

    def root(self) -> str:
        self._drive = self._drive or self._find_drive()
        return str(self._get(f"{self._drive}/root")["id"])

    def enter(self, place: str, name: str) -> str | None:
        response = self._api.ask("GET", self._child(place, name), params={"$select": FIELDS}, accept=(200, 404))
        if response.status_code == httpx.codes.NOT_FOUND:
            return None
        item = json_of(response, self.title)
        return str(item["id"]) if "folder" in item else None

    def make(self, place: str, name: str) -> bool:
        body = {"name": name, "folder": {}, ON_CONFLICT: "fail"}
        response = self._api.ask("POST", f"{self._item(place)}/children", json=body, accept=(201, 404, 409))
        if response.status_code == httpx.codes.NOT_FOUND:
            raise FOLDER_UNAVAILABLE(folder=name, provider=self.title)
        return response.status_code == httpx.codes.CREATED

    def folders(self, place: str) -> Iterable[str]:
        return (str(item["name"]) for item in self._children(place) if "folder" in item)

    def names(self, place: str) -> Iterable[str]:
        return (str(item["name"]) for item in self._children(place))

    def put(self, place: str, name: str, upload: Upload) -> None:
        if upload.size <= SIMPLE:
            self._put_at_once(place, name, upload)
        else:
            self._put_in_pieces(place, name, upload)

    def arrived(self, place: str, upload: Upload) -> str | None:
        alike = [
            item
            for item in self._children(place)
            if item["name"] in upload.possible_names and "file" in item and item.get("size") == upload.size
        ]
        return next((str(item["name"]) for item in alike if self._is_same(item, upload)), None)

    def close(self) -> None:
        self._api.close()

    def _is_same(self, item: dict[str, Any], upload: Upload) -> bool:
        hashes = item["file"].get("hashes", {})
        if found := hashes.get("sha256Hash"):
            return str(found).lower() == file_digest(upload.path, "sha256")
        return bool(hashes.get("quickXorHash") == quick_xor_hash(upload.path))

    def _put_at_once(self, place: str, name: str, upload: Upload) -> None:
        response = self._api.ask(
            "PUT",
            f"{self._child(place, name)}/content",
            params={ON_CONFLICT: "fail"},
            content=upload.path.read_bytes(),
            headers={"Content-Type": "application/octet-stream"},
            accept=(200, 201, 404, 409),
        )
        self._check_place(response, name)
        upload.on_progress(upload.size, upload.size)

    def _put_in_pieces(self, place: str, name: str, upload: Upload) -> None:
        body = {"item": {ON_CONFLICT: "fail", "name": name}}
        url = f"{self._child(place, name)}/createUploadSession"
        response = self._api.ask("POST", url, json=body, accept=(200, 404, 409))
        self._check_place(response, name)
        session = _Session(self._api, str(json_of(response, self.title)["uploadUrl"]), upload.size)
        try:
            send_in_pieces(upload, session)
        except NameTakenError:
            self._api.ask("DELETE", session.url, signed=False, accept=(204, 404))
            raise

    def _check_place(self, response: httpx.Response, name: str) -> None:
        if response.status_code == httpx.codes.CONFLICT:
            raise NameTakenError
        if response.status_code == httpx.codes.NOT_FOUND:
            raise FOLDER_UNAVAILABLE(folder=name, provider=self.title)

    def list_places(self, within: str = "") -> list[str]:
        """The sites that the account sees, or the libraries of a site; an own OneDrive has none."""
        if self._site_name is None:
            return []
        if not within:
            found = [str(site.get("displayName") or site.get("name")) for site in self._sites("*")]
        else:
            found = [str(drive["name"]) for drive in self._libraries(self._site(within))]
        return sorted(dict.fromkeys(found), key=str.casefold)

    def _find_drive(self) -> str:
        if self._site_name is None:
            return f"{self._base}/me/drive"
        if (site := self._site_or_none(self._site_name)) is not None:
            return f"{self._base}/sites/{site['id']}/drive"
        site_name, _, library = self._site_name.rpartition("/")
        if site_name:
            for drive in self._libraries(self._site(site_name)):
                if str(drive.get("name", "")).casefold() == library.strip().casefold():
                    return f"{self._base}/drives/{drive['id']}"
        raise FOLDER_UNAVAILABLE(folder=self._site_name, provider=self.title)

    def _site(self, name: str) -> dict[str, Any]:
        if (site := self._site_or_none(name)) is None:
            raise FOLDER_UNAVAILABLE(folder=name, provider=self.title)
        return site

    def _site_or_none(self, name: str) -> dict[str, Any] | None:
        wanted = name.strip().casefold()
        for site in self._sites(name):
            if wanted in (str(site.get(field, "")).casefold() for field in ("displayName", "name")):
                return site
        return None

    def _sites(self, search: str) -> Iterator[dict[str, Any]]:
        return self._pages(f"{self._base}/sites", {"search": search})

    def _libraries(self, site: dict[str, Any]) -> Iterator[dict[str, Any]]:
        return self._pages(f"{self._base}/sites/{site['id']}/drives", {"$select": "id,name"})

    def _children(self, place: str) -> Iterator[dict[str, Any]]:
        return self._pages(f"{self._item(place)}/children", {"$select": FIELDS, "$top": "200"})

    def _pages(self, url: str, params: dict[str, str]) -> Iterator[dict[str, Any]]:
        page = self._get(url, params=params)
        yield from page.get("value", [])
        while following := page.get("@odata.nextLink"):
            page = self._get(str(following))
            yield from page.get("value", [])

    def _get(self, url: str, **options: Any) -> dict[str, Any]:
        return dict(json_of(self._api.ask("GET", url, **options), self.title))

    def _item(self, place: str) -> str:
        return f"{self._drive}/items/{quote(place, safe='')}"

    def _child(self, place: str, name: str) -> str:
        return f"{self._item(place)}:/{quote(name, safe='')}:"


class _Session:
    """An upload session; its address must not be sent the access token."""

    piece_size = PIECE

    def __init__(self, api: WebApi, url: str, size: int) -> None:
        self.url, self._api, self._size = url, api, size

    def send(self, offset: int, piece: bytes) -> int:
        span = f"bytes {offset}-{offset + len(piece) - 1}/{self._size}"
        response = self._api.ask(
            "PUT",
            self.url,
            content=piece,
            headers={"Content-Range": span},
            signed=False,
            accept=(200, 201, 202, 404, 409, 416),
        )
        if response.status_code == httpx.codes.CONFLICT:
            raise NameTakenError
        if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            return self.received()
        return self._progress(response)

    def received(self) -> int:
        return self._progress(self._api.ask("GET", self.url, signed=False, accept=(200, 404)))

    def _progress(self, response: httpx.Response) -> int:
        if response.status_code == httpx.codes.NOT_FOUND:
            raise UPLOAD_INTERRUPTED(provider=self._api.dialect.title)
        if response.status_code == httpx.codes.CREATED:
            return self._size
        answer = json_of(response, self._api.dialect.title)
        if "id" in answer:
            return self._size
        expected = answer.get("nextExpectedRanges") or []
        if not expected:
            raise STORAGE_UNREACHABLE(provider=self._api.dialect.title)
        return int(str(expected[0]).split("-")[0])
