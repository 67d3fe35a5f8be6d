"""The walk over the description of all routes: names, texts, answers and permissions.

Who gets which answer is tried in test_access_matrix.py, what the answers look like in test_description_holds.py.
"""

import re
from importlib import import_module
from typing import Any

import pytest
from fastapi.routing import APIRoute
from nicegui import app

from domain.organizations.permissions import Permission, rules
from portal_api.api import create_api
from portal_api.pages import PAGES
from portal_api.pages.frame import PAGE_PERMISSIONS

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
    served = {path for path in served if not path.startswith(("/_nicegui", "/_portal"))}
    assert served
    assert {path for path in served if path not in PAGE_PERMISSIONS} == set()


def test_every_reference_in_the_description_leads_somewhere() -> None:
    used = set(re.findall(r"#/components/schemas/(\w+)", str(SCHEMA)))
    assert used <= set(SCHEMA["components"]["schemas"])
