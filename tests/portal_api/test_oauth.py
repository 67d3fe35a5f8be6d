"""The token endpoint as programs use it: JSON as the interface describes it, and a real OAuth 2 client library."""

import base64
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from oauthlib.oauth2 import BackendApplicationClient
from oauthlib.oauth2.rfc6749.errors import InvalidClientError, InvalidScopeError
from requests_oauthlib import OAuth2Session

from domain.applications.service import ApplicationDefinition, create_application, make_secret
from domain.organizations.actor import Actor
from domain.organizations.roles import Role
from domain.organizations.service import new_organization
from domain.sign_in.credentials import actor_of_token
from domain.sign_in.service import sign_in
from domain.tenancy import system_session
from portal_api import oauth
from tests.support.installation import PASSWORD, Installation

Client = tuple[str, str]


@pytest.fixture(autouse=True)
def _no_refusals() -> Iterator[None]:
    oauth.refusals.clear()
    yield
    oauth.refusals.clear()


@pytest.fixture(scope="module")
def chief(installation: Installation) -> Actor:
    return actor_of_token(sign_in(installation.administrator.email, PASSWORD).session.token)


@pytest.fixture(scope="module")
def client(chief: Actor) -> Client:
    given = ApplicationDefinition(
        "Viewer", ["applications.view", "users.view"], [Role.ORGANIZATION_ADMINISTRATOR.value]
    )
    application = create_application(chief, given)
    return application.id, make_secret(chief, application.id)[0]


def body(client: Client, **more: Any) -> dict[str, Any]:
    return {"grant_type": "client_credentials", "client_id": client[0], "client_secret": client[1], **more}


def basic(client_id: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


def test_json_as_the_interface_describes_it(anonymous: httpx.Client, client: Client) -> None:
    """AC-195."""
    answer = anonymous.post("/oauth/token", json=body(client))
    assert answer.status_code == 200
    given = answer.json()
    assert given["token_type"] == "bearer"
    assert given["expires_in"] == 7200
    assert isinstance(given["created_at"], int)
    assert abs(given["created_at"] - time.time()) < 60
    assert given["access_token"].startswith("pra_")
    assert (answer.headers["Cache-Control"], answer.headers["Pragma"]) == ("no-store", "no-cache")
    people = anonymous.get("/api/v1/applications", headers={"Authorization": f"Bearer {given['access_token']}"})
    assert people.status_code == 200


@pytest.mark.parametrize("in_header", [True, False])
def test_a_client_library_gets_and_uses_a_token(
    server: str, client: Client, monkeypatch: pytest.MonkeyPatch, in_header: bool
) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # loopback
    session = OAuth2Session(client=BackendApplicationClient(client_id=client[0], scope=["applications.view"]))
    session.trust_env = False
    way = {"auth": client} if in_header else {"include_client_id": True}
    token = session.fetch_token(f"{server}/oauth/token", client_secret=client[1], **way)
    assert token["scope"] == ["applications.view"]
    assert session.get(f"{server}/api/v1/applications").status_code == 200
    assert session.get(f"{server}/api/v1/me").json()["code"] == "application.person_needed"
    with pytest.raises(InvalidClientError):
        session.fetch_token(f"{server}/oauth/token", client_secret="wrong", include_client_id=True)
    session._client.scope = ["audit.view"]
    with pytest.raises(InvalidScopeError):
        session.fetch_token(f"{server}/oauth/token", client_secret=client[1], include_client_id=True)


@pytest.mark.parametrize(
    ("request_", "status", "error"),
    [
        ({"data": {}}, 400, "invalid_request"),
        ({"json": {}}, 400, "invalid_request"),
        ({"json": []}, 400, "invalid_request"),
        ({"json": {"grant_type": 1}}, 400, "invalid_request"),
        ({"content": "{", "headers": {"Content-Type": "application/json"}}, 400, "invalid_request"),
        ({"content": b"\xff=1", "headers": {"Content-Type": oauth.FORM}}, 400, "invalid_request"),
        ({"content": "grant_type=a&grant_type=b", "headers": {"Content-Type": oauth.FORM}}, 400, "invalid_request"),
        ({"content": "x" * 20_000, "headers": {"Content-Type": oauth.FORM}}, 400, "invalid_request"),
        ({"content": "<a/>", "headers": {"Content-Type": "text/xml"}}, 400, "invalid_request"),
        ({"data": {"grant_type": "password"}}, 400, "unsupported_grant_type"),
        ({"data": {"grant_type": "client_credentials"}}, 401, "invalid_client"),
        ({"data": {"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"}}, 401, "invalid_client"),
    ],
)
def test_errors_are_those_of_the_rfc(
    anonymous: httpx.Client, request_: dict[str, Any], status: int, error: str
) -> None:
    answer = anonymous.post("/oauth/token", **request_)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert set(answer.json()) == {"error", "error_description"}
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("headers", "data", "status", "error"),
    [
        ({}, {}, 200, None),
        ({}, {"client_id": "same"}, 200, None),
        ({}, {"client_id": "another"}, 400, "invalid_request"),
        ({}, {"client_secret": "too"}, 400, "invalid_request"),
        ({"Authorization": "Basic !"}, {}, 401, "invalid_client"),
        ({"Authorization": "Bearer x"}, {}, 401, "invalid_client"),
        (basic("x", "y"), {}, 401, "invalid_client"),
    ],
)
def test_clients_in_a_header(
    anonymous: httpx.Client,
    client: Client,
    headers: dict[str, str],
    data: dict[str, str],
    status: int,
    error: str | None,
) -> None:
    sent = {"grant_type": "client_credentials", **data}
    if sent.get("client_id") == "same":
        sent["client_id"] = client[0]
    answer = anonymous.post("/oauth/token", data=sent, headers=headers or basic(*client))
    assert (answer.status_code, answer.json().get("error")) == (status, error)
    assert ("WWW-Authenticate" in answer.headers) is (status == 401)


def test_guessing_secrets_is_slowed_down(anonymous: httpx.Client, client: Client) -> None:
    wrong = body((client[0], "wrong"))
    codes = [anonymous.post("/oauth/token", json=wrong).status_code for _ in range(oauth.refusals.allowed + 1)]
    assert codes == [401] * oauth.refusals.allowed + [429]
    answer = anonymous.post("/oauth/token", json=body(client))
    assert (answer.status_code, answer.json()["error"]) == (429, "slow_down")
    assert int(answer.headers["Retry-After"]) > 0


def test_the_organization_header_takes_partner_roles(anonymous: httpx.Client, client: Client, chief: Actor) -> None:
    """AC-196: without such roles a token sees its own organization alone."""
    with system_session() as session:
        customer = new_organization(session, "A customer", chief.organization_id).id
    token = anonymous.post("/oauth/token", json=body(client)).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Pressroom-Organization": customer}
    assert anonymous.get("/api/v1/applications", headers=headers).status_code == 404
