"""People and groups by the API: the shapes, the pages, the refusals (AC-64…AC-71, AC-79…AC-89)."""

from typing import Any

import httpx
import pytest

from domain.organizations.roles import Role
from domain.people.import_file import HEADER as COLUMNS
from tests.portal_api.conftest import Api
from tests.support.installation import Installation


@pytest.fixture(scope="module")
def user_administrator(installation: Installation, anonymous: httpx.Client) -> Api:
    return Api(anonymous, installation.add_person("ua@pressroom.example", Role.USER_ADMINISTRATOR))


def created(api: Api, **facts: Any) -> dict[str, Any]:
    answer = api.post("/users", json=facts)
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == f"/api/v1/users/{answer.json()['id']}"
    found: dict[str, Any] = answer.json()
    return found


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_person_is_created_read_changed_and_deleted(api: Api) -> None:
    facts = {
        "email": "JDoe@Example.com",
        "first_name": "John",
        "last_name": "Doe",
        "display_name": "Johnny",
        "short_name": "jdoe",
        "department": "Sales",
        "cost_center": "CC100",
    }
    person = created(api, **facts, password="Blue-Kettle-72", roles=["OCR User"])
    shown = api.get(f"/users/{person['id']}").json()
    assert shown == person
    assert {name: shown[name] for name in facts} == {**facts, "email": "jdoe@example.com"}
    assert (shown["user_roles"], shown["has_password"], shown["may_change"]) == (["OCR User"], True, True)
    assert [(role["role"], [source["level"] for source in role["sources"]]) for role in shown["effective_roles"]] == [
        ("User", []),
        ("OCR User", ["user"]),
    ]
    assert "password" not in str(shown).replace("has_password", "")
    changed = api.request("PATCH", f"/users/{person['id']}", json={"display_name": "J", "department": ""}).json()
    assert (changed["display_name"], changed["department"], changed["first_name"]) == ("J", "", "John")
    history = api.get(f"/users/{person['id']}/memberships").json()
    assert {(one["kind"], one["name"], one["end"] is None) for one in history} == {
        ("department", "Sales", False),
        ("cost_center", "CC100", True),
    }
    assert api.delete("/users", params={"user_id": [person["id"]]}).status_code == 204
    assert code(api.get(f"/users/{person['id']}")) == (404, "not_found")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"email": "nobody"}, "person.no_address"),
        ({"email": "admin@pressroom.example"}, "person.address_taken"),
        ({"email": "x@example.com", "roles": ["King"]}, "role.unknown"),
        ({"email": "x@example.com", "roles": ["Partner Administrator"]}, "role.access_groups_only"),
        ({"email": "x@example.com", "first_name": "a\u2028b"}, "person.unprintable"),
    ],
)
def test_what_is_wrong_is_told_by_its_code(api: Api, given: dict[str, Any], expected: str) -> None:
    assert api.post("/users", json=given).json()["code"] == expected


def test_lists_are_paged_by_cursors_in_every_order(api: Api) -> None:
    for number in range(5):
        created(api, email=f"page{number}@example.com", display_name=f"Page {number % 2}", department=f"D{number % 3}")
    for sort in ("name", "email", "department", "cost_center"):
        for descending in (False, True):
            chosen = {"search": "page", "sort": sort, "descending": descending}
            whole = [person["id"] for person in api.get("/users", params=chosen).json()["items"]]
            read, after = [], ""
            while after is not None:
                page = api.get("/users", params={**chosen, "limit": 2, "after": after}).json()
                read += [person["id"] for person in page["items"]]
                after = page["next"]
            assert read == whole, (sort, descending)
            assert len(read) == 5
    assert api.get("/users/count", params={"search": "page"}).json() == {"count": 5}
    assert {"D0", "D1", "D2"} <= set(api.get("/users/departments").json())
    assert api.get("/users/cost-centers").status_code == 200


@pytest.mark.parametrize("after", ["x", "e30", "WyJhIl0", "////", "WzEsMl0"])
def test_a_cursor_of_ones_own_making_is_refused(api: Api, after: str) -> None:
    assert code(api.get("/users", params={"after": after})) == (422, "request.bad_cursor")


def test_many_people_change_at_once(api: Api) -> None:
    ids = [created(api, email=f"many{number}@example.com")["id"] for number in range(3)]
    assert api.request("PATCH", "/users", json={"user_ids": ids, "status": "deactivated"}).status_code == 204
    assert api.get("/users/count", params={"search": "many", "status": "deactivated"}).json() == {"count": 3}
    assert code(api.request("PATCH", "/users", json={"user_ids": ids, "status": "deleted"})) == (
        422,
        "person.not_a_state",
    )
    assert api.post("/users/roles", json={"user_ids": ids, "roles": ["OCR User"]}).status_code == 204
    assert api.get("/users/count", params={"search": "many", "role": "OCR User"}).json() == {"count": 3}
    taken = api.delete("/users/roles", params={"user_id": ids, "role": "OCR User"})
    assert taken.status_code == 204
    assert api.get("/users/count", params={"search": "many", "role": "OCR User"}).json() == {"count": 0}
    assert api.delete("/users", params={"user_id": ids}).status_code == 204
    assert api.get("/users/count", params={"search": "many"}).json() == {"count": 0}


def test_a_group_is_created_filled_given_roles_and_deleted(api: Api) -> None:
    person = created(api, email="crew@example.com")
    answer = api.post("/groups", json={"name": " Night  crew "})
    group = answer.json()
    assert (answer.status_code, group["name"], group["kind"], group["members"]) == (201, "Night crew", "normal", 0)
    path = f"/groups/{group['id']}"
    assert api.post(f"{path}/members", json={"user_ids": [person["id"]]}).json() == {"changed": 1}
    (member,) = api.get(f"{path}/members").json()["items"]
    assert (member["id"], member["email"]) == (person["id"], "crew@example.com")
    assert api.post(f"{path}/roles", json={"roles": ["OCR User", "Scan Management User"]}).json()["roles"] == [
        "Scan Management User",
        "OCR User",
    ]
    assert "OCR User" in api.get(f"/users/{person['id']}").json()["roles"]
    assert api.delete(f"{path}/roles", params={"role": "OCR User"}).json()["roles"] == ["Scan Management User"]
    assert api.request("PATCH", path, json={"name": "Day crew"}).json()["name"] == "Day crew"
    assert api.delete(f"{path}/members", params={"user_id": person["id"]}).json() == {"changed": 1}
    assert api.delete("/groups", params={"group_id": group["id"]}).status_code == 204
    assert code(api.get(path)) == (404, "not_found")
    assert api.get(f"/users/{person['id']}").status_code == 200


def test_a_refusal_names_the_missing_role(user_administrator: Api, installation: Installation) -> None:
    """AC-46, AC-47: an administrator of people has no power over who administers the organization."""
    path = f"/users/{installation.administrator.user_id}"
    answer = user_administrator.request("PATCH", path, json={"email": "mine@example.com"})
    assert code(answer) == (403, "role.missing")
    answer = user_administrator.post("/users", json={"email": "x@y.se", "roles": ["Organization Administrator"]})
    assert code(answer) == (403, "role.missing")
    assert "Organization Administrator" in answer.json()["detail"]


HEADER = ",".join(COLUMNS)


def test_a_file_of_people_is_taken_in_as_a_task(api: Api) -> None:
    """AC-96, AC-97."""
    content = f"{HEADER}\nnew@example.com,CREATE,,,,,,,,,".encode()
    answer = api.post("/users/imports", files={"file": ("people.csv", content)}, data={"send_links": "true"})
    task_id = answer.json()["task_id"]
    assert (answer.status_code, answer.headers["Location"]) == (202, f"/api/v1/tasks/{task_id}")
    task = api.get(f"/tasks/{task_id}").json()
    assert (task["state"], task["kind"], task["title"]) == (
        "QUEUED",
        "user-import",
        "Import of people from “people.csv”",
    )


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("people.csv", HEADER.lower().encode(), (422, "user_import.header")),
        ("people.xlsx", HEADER.encode(), (415, "user_import.wrong_type")),
        ("people.csv", (HEADER + "\n").encode() + b"x" * (1 << 20), (413, "document.too_large")),
    ],
)
def test_a_file_that_is_wrong_as_a_whole_is_refused_at_once(
    api: Api, name: str, content: bytes, expected: tuple[int, str]
) -> None:
    before = len(api.get("/tasks").json()["items"])
    assert code(api.post("/users/imports", files={"file": (name, content)})) == expected
    assert len(api.get("/tasks").json()["items"]) == before


def test_people_are_exported_in_the_format_of_the_import(api: Api) -> None:
    created(api, email="export@example.com", display_name="=1+1", department="Exports")
    answer = api.get("/users/export", params={"department": "Exports"})
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert answer.text.splitlines() == ["\ufeff" + HEADER, "export@example.com,UPDATE,,,,'=1+1,,,,,Exports"]


def test_everybody_takes_their_own_data_away(anonymous: httpx.Client, installation: Installation) -> None:
    """AC-199."""
    person = installation.add_person("own@pressroom.example", Role.SOLUTIONS_USER)
    own = Api(anonymous, person)
    answer = own.get("/me/data-export")
    data = answer.json()
    assert "attachment" in answer.headers["Content-Disposition"]
    assert data["profile"]["email"] == "own@pressroom.example"
    assert [role["role"] for role in data["roles"]] == ["User", "Solutions User"]
    assert len(data["sessions"]) == 1
    assert {"memberships", "groups", "badges", "pin", "storage_accounts", "runs"} <= set(data)
    assert own.token not in answer.text
    assert "argon2" not in answer.text


def test_leaving_a_department_that_a_quota_is_made_for_gives_a_warning(api: Api, installation: Installation) -> None:
    """AC-112."""
    from domain.quotas.models import QuotaKind, UserQuota

    with installation.administrator.session() as session:
        session.add(UserQuota(kind=QuotaKind.DEPARTMENT, holder="Orphans", pages={"ocr": 10}))
    first = created(api, email="first@orphans.example", department="Orphans")
    second = created(api, email="second@orphans.example", department="Orphans")
    assert first["warnings"] == []

    def moved(person: dict[str, Any]) -> list[str]:
        answer = api.request("PATCH", f"/users/{person['id']}", json={"department": "Elsewhere"})
        warnings: list[str] = answer.json()["warnings"]
        return warnings

    assert moved(first) == []
    assert moved(second) == ["Nobody is in the department “Orphans” any more, but a page quota is made for it."]
