"""An installation and clients for the tests of the portal."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from domain.organizations.actor import Actor
from portal_api import sign_in
from portal_api.app import create_service
from tests.support.installation import PASSWORD, Installation, installed
from tests.support.portal_server import serving


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One installation for the tests of a module."""
    with installed(tmp_path_factory.mktemp("portal")) as one:
        yield one


@pytest.fixture(autouse=True)
def _no_failures() -> None:
    sign_in.failures.clear()


@pytest.fixture(scope="module")
def anonymous(installation: Installation) -> Iterator[httpx.Client]:
    """The portal without its pages, in this process, nobody signed in."""
    with TestClient(create_service(installation.settings), base_url="http://127.0.0.1:8080") as client:
        yield client


class Api:
    """The API as one person uses it."""

    def __init__(self, client: httpx.Client, actor: Actor) -> None:
        session = client.post("/api/v1/sessions", json={"email": actor.email, "password": PASSWORD})
        self._client = client
        self.token: str = session.json()["token"]

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return self._client.request(method, "/api/v1" + path, headers=headers, **options)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Any) -> httpx.Response:
        return self.request("PUT", path, **options)

    def delete(self, path: str, **options: Any) -> httpx.Response:
        return self.request("DELETE", path, **options)


@pytest.fixture(scope="module")
def api(installation: Installation, anonymous: httpx.Client) -> Api:
    """The API as the administrator uses it."""
    return Api(anonymous, installation.administrator)


@pytest.fixture(scope="module")
def foreign(installation: Installation, anonymous: httpx.Client) -> Api:
    """The API as the administrator of another organization uses it."""
    return Api(anonymous, installation.stranger)


@pytest.fixture(scope="module")
def server(installation: Installation) -> Iterator[str]:
    """The portal's address on a real socket."""
    with serving(create_service(installation.settings)) as address:
        yield address


def simple_solution(name: str, **more: Any) -> dict[str, Any]:
    """A footer and a download."""
    steps = [{"kind": "footer", "parameters": {"text": "Page {page}"}, "locked": []}, {"kind": "download"}]
    return {"name": name, "steps": steps, **more}


@pytest.fixture(scope="module")
def letter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real DOCX file."""
    from steps.samples import letter_docx

    return letter_docx(tmp_path_factory.mktemp("letters"))
