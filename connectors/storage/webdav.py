"""WebDAV (RFC 4918): Nextcloud, ownCloud and most network storage.

A file is put under a hidden name and then moved into place with `Overwrite: F`, so that it appears whole or not at all
and never replaces another. A repeated upload is recognised by its content.
"""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import httpx

from connectors.errors import PressroomError
from connectors.storage.connector import Account, FolderedStorage, NameTakenError, Upload, setting
from connectors.storage.faults import (
    ACCOUNT_SIGNED_OUT,
    FOLDER_UNAVAILABLE,
    STORAGE_BUSY,
    STORAGE_FULL,
    STORAGE_REFUSED,
    STORAGE_UNREACHABLE,
)
from connectors.storage.hashes import file_digest

TITLE = "WebDAV"
PIECE = 1 << 20
DAV = "{DAV:}"
LISTING = b'<?xml version="1.0"?><propfind xmlns="DAV:"><prop><resourcetype/><getcontentlength/></prop></propfind>'
LONGEST_LISTING = 32 << 20
FAULTS = {401: ACCOUNT_SIGNED_OUT, 403: FOLDER_UNAVAILABLE, 423: STORAGE_BUSY, 429: STORAGE_BUSY, 507: STORAGE_FULL}


class WebDavStorage(FolderedStorage[str]):
    """The folder at the account's `address`; a folder's handle is its URL, which ends in “/”."""

    def __init__(self, account: Account, client: httpx.Client) -> None:
        super().__init__(TITLE)
        self._client = client
        self._address = setting(account.options, "address", TITLE).rstrip("/") + "/"
        self._auth = httpx.BasicAuth(
            setting({**account.options, **account.secrets}, "user", TITLE), account.secrets.get("password", "")
        )

    def root(self) -> str:
        return self._address

    def enter(self, place: str, name: str) -> str | None:
        url = f"{place}{quote(name, safe='')}/"
        response = self._ask("PROPFIND", url, headers={"Depth": "0"}, content=LISTING, accept=(207, 404))
        if response.status_code == httpx.codes.NOT_FOUND:
            return None
        return url if any(is_folder for _, is_folder, _ in _entries(response)) else None

    def make(self, place: str, name: str) -> bool:
        response = self._ask("MKCOL", f"{place}{quote(name, safe='')}/", accept=(201, 405, 409))
        if response.status_code == httpx.codes.CONFLICT:
            raise FOLDER_UNAVAILABLE(folder=name, provider=TITLE)
        return response.status_code == httpx.codes.CREATED

    def folders(self, place: str) -> Iterable[str]:
        return (name for name, is_folder, _ in self._children(place) if is_folder)

    def names(self, place: str) -> Iterable[str]:
        return (name for name, _, _ in self._children(place))

    def put(self, place: str, name: str, upload: Upload) -> None:
        target = f"{place}{quote(name, safe='')}"
        if self._ask("HEAD", target, accept=(200, 204, 404)).status_code != httpx.codes.NOT_FOUND:
            raise NameTakenError
        arriving = f"{place}.arriving-{upload.key[:40]}"
        try:
            self._send(arriving, name, upload)
            self._move(arriving, target)
        except BaseException:
            with suppress(PressroomError):
                self._ask("DELETE", arriving, accept=(200, 204, 404))
            raise

    def arrived(self, place: str, upload: Upload) -> str | None:
        digest = file_digest(upload.path, "sha256")
        for name, is_folder, size in self._children(place):
            is_alike = not is_folder and size == upload.size and name in upload.possible_names
            if is_alike and self._digest(f"{place}{quote(name, safe='')}") == digest:
                return name
        return None

    def close(self) -> None:
        self._client.close()

    def _send(self, url: str, name: str, upload: Upload) -> None:
        headers = {"Content-Length": str(upload.size), "Content-Type": "application/octet-stream"}
        response = self._ask("PUT", url, content=_pieces(upload), headers=headers, accept=(200, 201, 204, 409))
        if response.status_code == httpx.codes.CONFLICT:
            raise FOLDER_UNAVAILABLE(folder=name, provider=TITLE)

    def _move(self, url: str, target: str) -> None:
        headers = {"Destination": target, "Overwrite": "F"}
        response = self._ask("MOVE", url, headers=headers, accept=(201, 204, 412))
        if response.status_code == httpx.codes.PRECONDITION_FAILED:
            raise NameTakenError

    def _children(self, place: str) -> Iterator[tuple[str, bool, int]]:
        response = self._ask("PROPFIND", place, headers={"Depth": "1"}, content=LISTING, accept=(207,))
        own = urlsplit(place).path.rstrip("/")
        for path, is_folder, size in _entries(response):
            if unquote(path) != unquote(own):
                yield unquote(path.rpartition("/")[2]), is_folder, size

    def _digest(self, url: str) -> str:
        digest = hashlib.sha256()
        try:
            with self._client.stream("GET", url, auth=self._auth) as response:
                for piece in response.iter_bytes(PIECE):
                    digest.update(piece)
        except httpx.TransportError as exc:
            raise STORAGE_UNREACHABLE(provider=TITLE) from exc
        return digest.hexdigest()

    def _ask(
        self,
        method: str,
        url: str,
        *,
        accept: tuple[int, ...],
        headers: dict[str, str] | None = None,
        content: bytes | Iterator[bytes] | None = None,
    ) -> httpx.Response:
        try:
            response = self._client.request(method, url, headers=headers, content=content, auth=self._auth)
        except httpx.TransportError as exc:
            raise STORAGE_UNREACHABLE(provider=TITLE) from exc
        except httpx.InvalidURL as exc:
            raise STORAGE_REFUSED(provider=TITLE) from exc
        status = response.status_code
        if status in accept:
            return response
        default = STORAGE_UNREACHABLE if status >= 500 else STORAGE_REFUSED
        raise FAULTS.get(status, default)(provider=TITLE, folder=unquote(Path(urlsplit(url).path).name))


def _pieces(upload: Upload) -> Iterator[bytes]:
    sent = 0
    with upload.path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece
            sent += len(piece)
            upload.on_progress(sent, upload.size)


def _entries(response: httpx.Response) -> Iterator[tuple[str, bool, int]]:
    """(path without a closing “/”, is it a folder, size) of each resource in a multi-status answer."""
    from defusedxml import DefusedXmlException, ElementTree

    if len(response.content) > LONGEST_LISTING:
        raise STORAGE_REFUSED(provider=TITLE)
    try:
        tree = ElementTree.fromstring(response.content)
    except (ElementTree.ParseError, DefusedXmlException, ValueError) as exc:
        raise STORAGE_UNREACHABLE(provider=TITLE) from exc
    for entry in tree.iter(f"{DAV}response"):
        path = urlsplit(entry.findtext(f"{DAV}href") or "").path.rstrip("/")
        is_folder = entry.find(f".//{DAV}resourcetype/{DAV}collection") is not None
        size = entry.findtext(f".//{DAV}getcontentlength") or "0"
        yield path, is_folder, int(size) if size.isdigit() else 0
