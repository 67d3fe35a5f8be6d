"""What the in-process fakes of the storage providers share: sign-in, a tree of files, and interruptions on demand.

They stand in for the network (`httpx.BaseTransport`) and are strict: an unknown address, a missing or expired token, a
piece in the wrong place or an unknown parameter is an error as the provider's documentation describes it.
"""

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import httpx

Handler = Callable[[httpx.Request], httpx.Response]


@dataclass
class Node:
    """A file or folder."""

    id: str
    name: str
    parent: str
    content: bytes | None = None
    properties: dict[str, str] = field(default_factory=dict)

    @property
    def is_folder(self) -> bool:
        return self.content is None


@dataclass
class Interruption:
    """What happens to the next `times` requests whose “METHOD URL” contains `words`.

    `how` is "before" (the connection breaks first), "after" (the server works, its answer is lost) or an HTTP answer.
    """

    words: str
    how: str | httpx.Response
    times: int = 1


class FakeCloud(httpx.BaseTransport):
    """A provider with one account. Subclasses answer in `route`."""

    token_host = ""
    rotates_refresh_token = False

    def __init__(self) -> None:
        self.token, self.refresh_token = "token-1", "refresh-1"
        self.revoked = False
        self.nodes: dict[str, Node] = {}
        self.numbers = itertools.count(1)
        self.interruptions: list[Interruption] = []
        self.seen: list[str] = []
        self.capacity = 1 << 40

    def expire_token(self) -> None:
        self.token = f"token-{next(self.numbers) + 100}"

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        line = f"{request.method} {request.url}"
        self.seen.append(line)
        for interruption in self.interruptions:
            if interruption.words in line and interruption.times:
                interruption.times -= 1
                return self._interrupted(request, interruption.how)
        return self._answer(request)

    def _interrupted(self, request: httpx.Request, how: str | httpx.Response) -> httpx.Response:
        if isinstance(how, httpx.Response):
            return how
        if how == "after":
            self._answer(request)
        raise httpx.ReadError("the connection broke", request=request)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == self.token_host and "token" in request.url.path:
            return self._grant(request)
        if self.needs_token(request) and request.headers.get("Authorization") != f"Bearer {self.token}":
            return httpx.Response(401, json={"error": {"code": "InvalidAuthenticationToken"}})
        return self.route(request)

    def needs_token(self, request: httpx.Request) -> bool:
        return True

    def route(self, request: httpx.Request) -> httpx.Response:
        raise NotImplementedError

    def _grant(self, request: httpx.Request) -> httpx.Response:
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        assert request.method == "POST"
        assert form.get("grant_type") == "refresh_token"
        if self.revoked or form.get("refresh_token") != self.refresh_token or form.get("client_id") != "client":
            return httpx.Response(400, json={"error": "invalid_grant"})
        granted: dict[str, Any] = {"access_token": self.token, "expires_in": 3600, "token_type": "Bearer"}
        if self.rotates_refresh_token:
            self.refresh_token = f"refresh-{next(self.numbers) + 100}"
            granted["refresh_token"] = self.refresh_token
        return httpx.Response(200, json=granted)

    # --- the tree

    def add(self, name: str, parent: str, content: bytes | None = None, **properties: str) -> Node:
        node = Node(f"id{next(self.numbers)}", name, parent, content, properties)
        self.nodes[node.id] = node
        return node

    def children(self, parent: str) -> list[Node]:
        return [node for node in self.nodes.values() if node.parent == parent]

    def child(self, parent: str, name: str) -> Node | None:
        return next((node for node in self.children(parent) if node.name.casefold() == name.casefold()), None)

    def has_folder(self, folder: str) -> bool:
        return folder == self.root_id or (folder in self.nodes and self.nodes[folder].is_folder)

    @property
    def root_id(self) -> str:
        return "root"

    def used(self) -> int:
        return sum(len(node.content or b"") for node in self.nodes.values())

    def files(self) -> dict[str, bytes]:
        """Every file by its path, for the tests to look at."""
        return {self._path(node): node.content for node in self.nodes.values() if node.content is not None}

    def _path(self, node: Node) -> str:
        above = self.nodes.get(node.parent)
        return f"{self._path(above)}/{node.name}" if above else node.name


def body(request: httpx.Request) -> dict[str, Any]:
    """The JSON object that was sent, with its content type checked."""
    assert request.headers["Content-Type"] == "application/json"
    found = json.loads(request.content)
    assert isinstance(found, dict)
    return found


def span(request: httpx.Request) -> tuple[int, int, int]:
    """First byte, last byte and whole size of a Content-Range, which must fit the body."""
    unit, _, rest = request.headers["Content-Range"].partition(" ")
    place, _, size = rest.partition("/")
    first, _, last = place.partition("-")
    assert unit == "bytes"
    assert int(last) - int(first) + 1 == len(request.content)
    assert int(last) < int(size)
    return int(first), int(last), int(size)
