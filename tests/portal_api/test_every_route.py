"""The walk over all routes: nobody gets in without a sign-in, nobody sees another organization, all is documented."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute
from nicegui import app

from connectors.messages import Message
from domain.applications.service import SCOPES
from domain.organizations.access_groups import list_access_groups
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission, rules
from domain.organizations.roles import Role
from domain.printer_login.configuration import change_settings
from domain.printer_login.rules import PrinterLoginSettings
from domain.tasks.service import start_task
from portal_api.api import create_api
from portal_api.pages import PAGES
from portal_api.pages.frame import PAGE_PERMISSIONS
from tests.portal_api.conftest import Api, simple_solution
from tests.support.installation import PASSWORD, Installation
from tests.support.people import become_partner

SCHEMA: dict[str, Any] = create_api().openapi()
OPERATIONS = [
    (method.upper(), path, operation)
    for path, methods in SCHEMA["paths"].items()
    for method, operation in methods.items()
]
NAMES = [operation["operationId"] for _, _, operation in OPERATIONS]
OPEN = {"create_session", "create_password_reset", "use_password_reset"}
OPEN_PAGES = {"/sign-in", "/sign-in/code", "/sign-in/second-factor", "/forgot-password", "/set-password"}
CATALOGUES = {"get_step_kind"}
"""Operations whose address names something that belongs to the installation, not to an organization."""
OWN = {"link_storage_account", "forget_storage_account"}
"""Operations whose address names the actor's own."""


BODIES: dict[str, dict[str, dict[str, Any]]] = {
    "/users/{user_id}": {"PATCH": {"json": {"display_name": "Foreign"}}},
    "/groups/{group_id}": {"PATCH": {"json": {"name": "Foreign"}}},
    "/groups/{group_id}/members": {
        "POST": {"json": {"user_ids": ["x"]}},
        "DELETE": {"params": {"user_id": "x"}},
    },
    "/groups/{group_id}/roles": {
        "POST": {"json": {"roles": ["OCR User"]}},
        "DELETE": {"params": {"role": "OCR User"}},
    },
}
"""What an operation needs so that it gets as far as looking for its object."""


def objects() -> Iterator[Any]:
    for method, path, operation in OPERATIONS:
        name = operation["operationId"]
        if "{" in path and name not in CATALOGUES | OWN:
            yield pytest.param(method, path, id=name)


def filled(path: str, ids: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: ids.get(match[1], "x"), path)


GIVEN: dict[tuple[str, str], dict[str, Any]] = {
    ("PUT", "/organizations/{organization_id}/services"): {"json": {"services": []}},
    ("POST", "/organizations/{organization_id}/deletion"): {"json": {"name": "Customer"}},
    ("PATCH", "/access-groups/{access_group_id}"): {"json": {"name": "Foreign"}},
    ("POST", "/access-groups/{access_group_id}/members"): {"json": {"user_ids": ["x"]}},
    ("DELETE", "/access-groups/{access_group_id}/members"): {"params": {"user_id": "x"}},
    ("POST", "/access-groups/{access_group_id}/roles"): {"json": {"roles": ["OCR User"]}},
    ("DELETE", "/access-groups/{access_group_id}/roles"): {"params": {"role": "OCR User"}},
    ("PUT", "/users/{user_id}/password"): {"json": {"password": PASSWORD}},
    ("POST", "/applications/{application_id}/secrets"): {"json": {}},
    ("PUT", "/applications/{application_id}"): {"json": {"name": "Foreign"}},
    ("PUT", "/distributions/{organization_id}"): {"json": {"duration": "PERPETUAL", "pages": {"OCR": 1}}},
    ("POST", "/distributions/{organization_id}/revoke"): {"json": {"name": "Customer"}},
    ("PUT", "/quotas/custom/{quota_id}"): {"json": {"pages": {"OCR": 1}}},
}
"""What operations need to be asked with, so that the walk fails for nothing but the organization."""


def body_for(method: str, path: str) -> dict[str, Any]:
    if (method, path) in GIVEN:
        return GIVEN[method, path]
    if path.endswith("/runs") and method == "POST":
        return {"files": {"file": ("letter.txt", b"text")}}
    if path in BODIES:
        return BODIES[path].get(method, {})
    return {"json": simple_solution("Foreign")} if method == "PUT" else {}


def group_of(partner: Actor) -> str:
    return list_access_groups(partner)[0].id


@pytest.fixture(scope="module")
def ids(api: Api, letter: Path, installation: Installation) -> dict[str, str]:
    access_group = group_of(become_partner(installation.administrator))
    become_partner(installation.stranger)
    customer = api.post("/organizations", json={"name": "Customer"}).json()
    solution = api.post("/solutions", json=simple_solution("Ours", share_with_organization=True)).json()
    files = {"file": ("letter.docx", letter.read_bytes())}
    run = api.post(f"/solutions/{solution['id']}/runs", files=files).json()
    with installation.administrator.session() as session:
        task = start_task(session, installation.administrator, "walk", "walk/walk", Message.of("Walk"), {})
    change_settings(installation.administrator, PrinterLoginSettings(methods=("badge", "pin")))
    group = api.post("/groups", json={"name": "Walkers"}).json()
    badge = api.post("/me/badges", json={"number": "4711"}).json()
    pin = api.put("/me/pin", json={"pin": "482915"}).json()
    pages = {"duration": "PERPETUAL", "pages": {"OCR": 7}, "organization_id": customer["id"]}
    assert api.post("/distributions", json=pages).status_code == 201
    quota = api.post("/quotas/custom", json={"kind": "DEPARTMENT", "name": "Sales", "pages": {"OCR": 5}}).json()
    return {
        "quota_id": quota["id"],
        "solution_id": solution["id"],
        "run_id": run["id"],
        "document_id": run["original"]["id"],
        "task_id": task,
        "group_id": group["id"],
        "badge_id": badge["id"],
        "pin_id": pin["id"],
        "organization_id": customer["id"],
        "access_group_id": access_group,
        "user_id": installation.administrator.user_id,
        "application_id": api.get("/applications").json()[0]["id"],
    }


def test_operation_ids_are_fit_for_generated_clients() -> None:
    assert len(NAMES) == len(set(NAMES))
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", name) for name in NAMES)
    assert {"list_solutions", "start_run", "get_run", "watch_run", "create_download_link", "list_step_kinds"} <= set(
        NAMES
    )


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=NAMES)
def test_every_operation_is_described(method: str, path: str, operation: dict[str, Any]) -> None:
    assert operation["tags"]
    assert operation["description"]
    answers = operation["responses"]
    assert {"401", "422", "500"} <= set(answers)
    for status, answer in answers.items():
        if status >= "400":
            content = answer["content"]["application/problem+json"]
            assert content["schema"] == {"$ref": "#/components/schemas/Problem"}
    if "{" in path and operation["operationId"] not in OWN | CATALOGUES:
        assert "404" in answers


@pytest.mark.parametrize("operation", [pytest.param(op, id=op["operationId"]) for _, _, op in OPERATIONS])
def test_every_operation_names_the_permission_that_it_takes(operation: dict[str, Any]) -> None:
    if operation["operationId"] in OPEN:
        assert "x-permission" not in operation
    else:
        assert Permission(operation["x-permission"]) in rules()


def test_every_page_names_the_permission_that_it_takes() -> None:
    for page in PAGES:
        import_module(f"portal_api.pages.{page}")
    served = {route.path for route in app.routes if isinstance(route, APIRoute)} - OPEN_PAGES
    served = {path for path in served if not path.startswith("/_nicegui")}
    assert served
    assert {path for path in served if path not in PAGE_PERMISSIONS} == set()


def test_every_reference_in_the_description_leads_somewhere() -> None:
    used = set(re.findall(r"#/components/schemas/(\w+)", str(SCHEMA)))
    assert used <= set(SCHEMA["components"]["schemas"])


@pytest.mark.parametrize(
    ("method", "path"), [(method, path) for method, path, op in OPERATIONS if op["operationId"] not in OPEN]
)
def test_nobody_gets_in_without_signing_in(
    anonymous: httpx.Client, ids: dict[str, str], method: str, path: str
) -> None:
    answer = anonymous.request(method, "/api/v1" + filled(path, ids), **body_for(method, path))
    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in.needed")
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(("method", "path"), objects())
def test_the_administrator_of_another_organization_finds_nothing(
    foreign: Api, ids: dict[str, str], method: str, path: str
) -> None:
    answer = foreign.request(method, filled(path, ids), **body_for(method, path))
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), answer.text


def test_after_the_walk_everything_is_still_there(api: Api, ids: dict[str, str]) -> None:
    assert api.get(f"/solutions/{ids['solution_id']}").json()["definition"]["name"] == "Ours"
    assert api.get(f"/runs/{ids['run_id']}").json()["run"]["state"] == "QUEUED"
    assert [badge["id"] for badge in api.get("/badges").json()["items"]] == [ids["badge_id"]]
    assert [pin["id"] for pin in api.get("/pins").json()["items"]] == [ids["pin_id"]]
    assert api.get(f"/organizations/{ids['organization_id']}").json()["status"] == "active"
    group = api.get(f"/access-groups/{ids['access_group_id']}").json()
    assert (group["name"], group["members"], len(group["roles"])) == ("Partners", 1, 2)
    distribution = api.get(f"/distributions/{ids['organization_id']}").json()["distribution"]
    assert (distribution["state"], {one["limit"] for one in distribution["services"]}) == ("ACTIVE", {0, 7})
    assert api.get(f"/quotas/custom/{ids['quota_id']}").json()["pages"] == {"OCR": 5}


def test_lists_hold_nothing_of_another_organization(foreign: Api, ids: dict[str, str]) -> None:
    assert foreign.get("/solutions").json() == []
    assert foreign.get("/runs").json()["items"] == []
    assert foreign.get("/print-jobs").json() == []
    assert foreign.get("/tasks").json()["items"] == []
    assert [person["email"] for person in foreign.get("/users").json()["items"]] == ["administrator@another.example"]
    assert {group["kind"] for group in foreign.get("/groups").json()} == {"predefined"}
    assert foreign.get("/badges").json()["items"] == []
    assert foreign.get("/pins").json()["items"] == []
    assert foreign.get("/organizations").json()["items"] == []
    assert foreign.get("/quotas/custom").json()["quotas"] == []
    assert ids["organization_id"] not in {one["organization_id"] for one in foreign.get("/distributions").json()}
    assert foreign.get("/quotas/billing").json() == []
    assert ids["access_group_id"] not in {group["id"] for group in foreign.get("/access-groups").json()}
    assert [place["own"] for place in foreign.get("/me/organizations").json()["items"]] == [True]


def test_our_administrator_finds_all_of_it(api: Api, ids: dict[str, str], installation: Installation) -> None:
    """The counterpart: the walk above fails for the organization, not for a wrong address."""
    for path in (path for method, path, _ in OPERATIONS if method == "GET" and "{" in path and "/events" not in path):
        assert api.get(filled(path, {**ids, "kind": "footer"})).status_code == 200, path


@pytest.fixture(scope="module")
def program(api: Api, anonymous: httpx.Client) -> Iterator[str]:
    """The access token of an application that has every scope and every role that can be given."""
    roles = [role.value for role in Role if role not in (Role.USER, Role.PRINT_GUEST, Role.PARTNER_ADMINISTRATOR)]
    given = {"name": "Everything", "scopes": [scope.value for scope in SCOPES], "roles": roles}
    client = api.post("/applications", json=given).json()["id"]
    secret = api.post(f"/applications/{client}/secrets", json={}).json()["secret"]
    body = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret}
    yield anonymous.post("/oauth/token", json=body).json()["access_token"]
    api.delete(f"/applications/{client}")


@pytest.mark.parametrize("path", [path for method, path, _ in OPERATIONS if method == "GET"])
def test_an_application_reads_what_it_may_or_is_told_why_not(
    anonymous: httpx.Client, program: str, ids: dict[str, str], path: str
) -> None:
    """It has no person; no operation may stumble over that."""
    answer = anonymous.get("/api/v1" + filled(path, ids), headers={"Authorization": f"Bearer {program}"})
    assert answer.status_code in (200, 403, 404, 422), answer.text
    if answer.status_code == 403:
        assert answer.json()["code"] in ("application.person_needed", "role.missing", "token.out_of_scope")
