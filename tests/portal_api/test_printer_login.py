"""Printer login over HTTP: configuration, badges, PINs, login codes, import."""

import csv
from io import StringIO
from typing import Any

import httpx
import pytest

from domain.organizations.roles import Role
from domain.printer_login.card_numbers import CardReader
from domain.printer_login.import_file import COLUMNS
from portal_api.api import create_api
from tests.portal_api.conftest import Api
from tests.support.installation import Installation

HEADER = ",".join(COLUMNS) + "\n"


@pytest.fixture(scope="module")
def clerk(installation: Installation, anonymous: httpx.Client) -> Api:
    return Api(anonymous, installation.add_person("clerk@pressroom.example", Role.USER_ADMINISTRATOR))


@pytest.fixture(scope="module")
def ann(installation: Installation, anonymous: httpx.Client) -> Api:
    """Somebody with no role but User."""
    return Api(anonymous, installation.add_person("ann@pressroom.example"))


def configure(api: Api, **settings: Any) -> dict[str, Any]:
    answer = api.put("/printer-login", json=settings)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def code(answer: httpx.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    return str(answer.json()["code"])


def test_the_configuration_is_read_and_replaced_as_a_whole(api: Api, clerk: Api) -> None:
    saved = configure(
        api,
        mode="badge_and_pin",
        methods=["secure_login"],
        pin_length=8,
        pin_generation="administrator",
        pin_expiry={"amount": 30, "unit": "days"},
        card_reader={"sent_as": "hex", "registered_as": "decimal"},
    )
    assert saved["settings"]["methods"] == ["badge", "pin", "secure_login"]
    assert "PINs of another length keep working" in " ".join(saved["notices"])
    assert api.get("/printer-login").json() == saved["settings"]
    assert set(saved["settings"]["card_reader"]) == set(CardReader.model_fields)
    swedish = api.put("/printer-login", json={"pin_length": 7}, headers={"Accept-Language": "sv"}).json()
    assert "Pinkoder med en annan längd" in " ".join(swedish["notices"])
    assert code(clerk.get("/printer-login"), 403) == "role.missing"
    assert code(clerk.put("/printer-login", json={}), 403) == "role.missing"


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"methods": []}, "printer_login.no_method"),
        ({"pin_expiry": {"amount": 181, "unit": "days"}}, "printer_login.expiry_out_of_range"),
        ({"card_reader": {"reversed_bytes": True}}, "printer_login.bytes_of_text"),
        ({"pin_length": 13}, "request.invalid"),
        ({"pin_lenght": 6}, "request.invalid"),
        ({"mode": "none"}, "request.invalid"),
    ],
)
def test_what_cannot_be_saved_is_told(api: Api, settings: dict[str, Any], problem: str) -> None:
    before = api.get("/printer-login").json()
    assert code(api.put("/printer-login", json=settings), 422) == problem
    assert api.get("/printer-login").json() == before


def test_badges_are_registered_found_paged_and_removed(api: Api, clerk: Api, ann: Api) -> None:
    configure(api, methods=["badge"])
    body = {"email": "ANN@pressroom.example", "number": "20171a", "description": "Card", "show_number": True}
    shown = clerk.post("/badges", json=body)
    assert shown.status_code == 201
    assert (shown.json()["number"], shown.json()["email"]) == ("20171a", "ann@pressroom.example")
    hidden = clerk.post(
        "/badges", json={"email": "ann@pressroom.example", "number": "20172b", "temporary": True}
    ).json()
    assert hidden["number"] is None
    assert hidden["expires"] is not None
    assert code(clerk.post("/badges", json={**body, "email": "clerk@pressroom.example"}), 409) == "badge.taken"
    assert code(clerk.post("/badges", json={**body, "email": "nobody@example.com"}), 404) == "not_found"
    first = clerk.get("/badges", params={"limit": 1}).json()
    second = clerk.get("/badges", params={"limit": 1, "after": first["next"]}).json()
    assert [first["items"][0]["id"], second["items"][0]["id"]] == [hidden["id"], shown.json()["id"]]
    assert len(clerk.get("/badges", params={"search": "20171A"}).json()["items"]) == 1
    assert clerk.get("/badges", params={"search": "2017"}).json()["items"] == []
    assert code(ann.get("/badges"), 403) == "role.missing"
    assert code(clerk.post("/badges/removals", json={"ids": [hidden["id"], "unknown"]}), 404) == "not_found"
    assert clerk.delete(f"/badges/{hidden['id']}").status_code == 204
    assert clerk.post("/badges/removals", json={"ids": [shown.json()["id"]]}).status_code == 204
    assert clerk.get("/badges").json() == {"items": [], "next": None}


def test_pins_are_set_by_whom_the_configuration_says(api: Api, clerk: Api, ann: Api) -> None:
    configure(api, methods=["pin"], pin_generation="administrator")
    body = {"email": "ann@pressroom.example", "pin": "482915"}
    made = clerk.post("/pins", json=body)
    assert made.status_code == 201
    assert "482915" not in made.text
    assert code(ann.put("/me/pin", json={"pin": "582915"}), 409) == "pin.set_by_administrators"
    assert code(clerk.post("/pins", json={**body, "pin": "111111"}), 422) == "pin.trivial"
    assert code(clerk.post("/pins", json={"email": "clerk@pressroom.example", "pin": "482915"}), 409) == "pin.taken"
    mine = ann.get("/me/printer-login").json()
    assert (mine["methods"], mine["pin_way"], mine["pin"]["state"]) == (["pin"], None, "set")
    configure(api, methods=["pin"], pin_generation="user")
    assert code(clerk.post("/pins", json=body), 409) == "pin.set_by_owners"
    assert ann.put("/me/pin", json={"pin": "582915"}).status_code == 200
    pins = clerk.get("/pins").json()["items"]
    assert [(pin["email"], pin["origin"]) for pin in pins] == [("ann@pressroom.example", "owner")]
    assert clerk.delete(f"/pins/{pins[0]['id']}").status_code == 204
    assert code(clerk.delete(f"/pins/{pins[0]['id']}"), 404) == "not_found"
    assert code(ann.delete("/me/pin"), 404) == "not_found"
    configure(api, methods=["pin"], pin_generation="auto")
    assert ann.put("/me/pin", json={}).json()["origin"] == "generated"
    assert code(ann.put("/me/pin", json={"pin": "482915"}), 422) == "pin.generated"
    assert ann.delete("/me/pin").status_code == 204


def test_people_have_one_login_code(api: Api, ann: Api) -> None:
    configure(api, methods=["secure_login"])
    assert code(ann.get("/me/login-code"), 404) == "login_code.none"
    made = ann.post("/me/login-code")
    assert made.status_code == 201
    assert ann.get("/me/login-code").json() == made.json()
    assert ann.post("/me/login-code").json()["code"] != made.json()["code"]
    configure(api, methods=["badge"])
    assert code(ann.get("/me/login-code"), 409) == "login_code.off"
    assert code(ann.post("/me/login-code"), 409) == "login_code.off"


def test_people_register_and_remove_their_own_badges(api: Api, clerk: Api, ann: Api) -> None:
    configure(api, methods=["badge"])
    badge = ann.post("/me/badges", json={"number": "4711", "description": "Mine"}).json()
    assert [one["id"] for one in ann.get("/me/printer-login").json()["badges"]] == [badge["id"]]
    assert code(clerk.delete(f"/me/badges/{badge['id']}"), 404) == "not_found"
    assert ann.delete(f"/me/badges/{badge['id']}").status_code == 204


def test_a_file_is_taken_in_as_a_background_task(api: Api, clerk: Api) -> None:
    configure(api, methods=["badge"])
    text = StringIO()
    writer = csv.writer(text)
    writer.writerows([COLUMNS, ("20171a,2a", "CREATE", "ann@pressroom.example", "true", "")])
    started = clerk.post("/badges/import", files={"file": ("badges.csv", text.getvalue())})
    assert started.status_code == 202
    address = started.headers["Location"].removeprefix("/api/v1")
    assert address == f"/tasks/{started.json()['task_id']}"
    task = clerk.get(address).json()
    assert (task["kind"], task["title"]) == ("badge-import", "Import of badges and PINs from “badges.csv”")


@pytest.mark.parametrize(
    ("name", "content", "status", "problem"),
    [
        ("badges.csv", HEADER.lower() + "1,CREATE,a@b.se,,\n", 422, "badge_import.header"),
        ("badges.xlsx", HEADER + "1,CREATE,a@b.se,,\n", 415, "badge_import.wrong_type"),
        ("badges.csv", HEADER + "1" * (1 << 20), 413, "document.too_large"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_at_once(
    api: Api, name: str, content: str, status: int, problem: str
) -> None:
    assert code(api.post("/badges/import", files={"file": (name, content)}), status) == problem


def test_what_holds_secrets_says_so_in_the_description() -> None:
    schemas = create_api().openapi()["components"]["schemas"]
    assert schemas["OwnPinSet"]["properties"]["pin"]["anyOf"][0]["format"] == "password"
    assert "pin" not in schemas["PinPublic"]["properties"]
