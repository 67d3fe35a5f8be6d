"""Solutions over the API: composed, checked while typing, changed under ETags, exchanged, and kept apart."""

from typing import Any

import pytest

from domain.organizations.roles import Role
from tests.portal_api.conftest import Api, simple_solution
from tests.support.installation import Installation


def created(api: Api, name: str, **more: Any) -> dict[str, Any]:
    answer = api.post("/solutions", json=simple_solution(name, **more))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_a_solution_is_saved_and_read_with_its_version_as_etag(api: Api) -> None:
    answer = api.post("/solutions", json=simple_solution("Saved"))
    assert answer.status_code == 201
    read = api.get(answer.headers["Location"].removeprefix("/api/v1"))
    assert read.headers["ETag"] == '"1"'
    assert read.json() == answer.json()
    assert read.json()["definition"]["steps"][0]["parameters"] == {"text": "Page {page}"}
    assert read.json()["type"] == "personal"
    assert read.json()["may_edit"] is True


def test_an_update_based_on_an_old_version_is_refused(api: Api) -> None:
    one = created(api, "Changed twice")
    path = f"/solutions/{one['id']}"
    first = api.put(path, json=simple_solution("Changed once"), headers={"If-Match": '"1"'})
    assert (first.status_code, first.headers["ETag"]) == (200, '"2"')
    second = api.put(path, json=simple_solution("Lost"), headers={"If-Match": '"1"'})
    assert (second.status_code, second.json()["code"]) == (412, "solution.changed_meanwhile")
    assert api.get(path).json()["definition"]["name"] == "Changed once"
    assert [row["version"] for row in api.get(path + "/versions").json()] == [2, 1]


def test_an_unreadable_if_match_is_refused(api: Api) -> None:
    one = created(api, "Unreadable tag")
    answer = api.put(f"/solutions/{one['id']}", json=simple_solution("x"), headers={"If-Match": 'W/"abc"'})
    assert (answer.status_code, answer.json()["code"]) == (400, "request.bad_if_match")


def test_the_list_is_filtered_by_type_and_name(api: Api) -> None:
    created(api, "Filtered personal")
    created(api, "Filtered organizational", share_with_organization=True)
    names = [row["definition"]["name"] for row in api.get("/solutions", params={"search": "FILTERED"}).json()]
    assert names == ["Filtered organizational", "Filtered personal"]
    found = api.get("/solutions", params={"search": "filtered", "type": "personal"}).json()
    assert [row["definition"]["name"] for row in found] == ["Filtered personal"]


def test_everything_wrong_with_a_draft_is_told_at_once_in_the_readers_language(api: Api) -> None:
    draft = {
        "name": "",
        "steps": [
            {"kind": "footer", "parameters": {"text": ""}, "locked": ["text"]},
            {"kind": "ocr", "parameters": {"output_type": "pdf"}},
            {"kind": "no such step"},
        ],
    }
    answer = api.post("/solutions/check", json=draft)
    assert answer.status_code == 200
    found = {(row["code"], row["step"], row["field"]) for row in answer.json()["violations"]}
    assert {
        ("solution.name_missing", None, None),
        ("solution.no_destination", None, None),
        ("solution.empty_value_locked", 0, "text"),
        ("solution.ocr_output_not_docx", 1, "output_type"),
        ("step.unknown", 2, None),
    } <= found
    assert answer.json()["effective_order"] == [1, 0, 2]
    assert answer.json()["quick_run"] is False
    assert api.get("/solutions", params={"search": "no such"}).json() == []


def test_a_sound_draft_tells_what_it_takes(api: Api) -> None:
    steps = [
        {"kind": "footer", "parameters": {"text": "x"}, "locked": ["text"]},
        {"kind": "email", "parameters": {"addresses": "a@example.com", "send_me_a_copy": False}},
    ]
    answer = api.post("/solutions/check", json={"name": "Sound", "steps": steps}).json()
    assert answer["violations"] == []
    assert answer["size_limit"] == 25 * 1_048_576
    assert any("wordprocessingml" in media_type for media_type in answer["accepted_types"])
    locked = simple_solution("Quick")
    locked["steps"][0]["locked"] = ["text"]
    assert api.post("/solutions/check", json=locked).json()["quick_run"] is True


def test_a_duplicate_is_personal_and_named_in_the_readers_language(api: Api) -> None:
    one = created(api, "Original", share_with_organization=True)
    copy = api.post(f"/solutions/{one['id']}/duplicate").json()
    assert (copy["definition"]["name"], copy["type"]) == ("Original (copy)", "personal")
    swedish = api.post(f"/solutions/{one['id']}/duplicate", headers={"Accept-Language": "sv"}).json()
    assert swedish["definition"]["name"] == "Original (kopia)"


def test_an_export_can_be_imported(api: Api, foreign: Api) -> None:
    one = created(api, "Exported – å")
    exported = api.get(f"/solutions/{one['id']}/export")
    assert exported.headers["Content-Type"].startswith("application/yaml")
    assert "filename*=UTF-8''Exported%20%E2%80%93%20%C3%A5.yaml" in exported.headers["Content-Disposition"]
    answer = foreign.post("/solutions/import", content=exported.content, headers={"Content-Type": "application/yaml"})
    assert answer.status_code == 201, answer.text
    assert answer.json()["definition"]["steps"] == one["definition"]["steps"]


@pytest.mark.parametrize("text", ["not: [a, solution", "name: x", "format: pressroom-solution/1\nnope: 1"])
def test_a_file_that_is_no_solution_is_refused(api: Api, text: str) -> None:
    answer = api.post("/solutions/import", content=text, headers={"Content-Type": "application/yaml"})
    assert (answer.status_code, answer.json()["code"]) == (422, "solution.bad_file")


def test_a_deleted_solution_is_gone(api: Api) -> None:
    path = f"/solutions/{created(api, 'Deleted')['id']}"
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404


def test_a_person_without_the_role_may_look_but_not_compose(installation: Installation, api: Api) -> None:
    person = installation.add_person("looker@example.com", Role.SOLUTIONS_USER)
    looker = Api(api._client, person)
    shared = created(api, "Shared with lookers", share_with_organization=True)
    assert looker.get(f"/solutions/{shared['id']}").json()["may_edit"] is False
    for answer in (
        looker.post("/solutions", json=simple_solution("Mine")),
        looker.put(f"/solutions/{shared['id']}", json=simple_solution("Mine")),
        looker.delete(f"/solutions/{shared['id']}"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "role.missing")
        assert "Solutions Advanced User" in answer.json()["detail"]


def test_a_personal_solution_of_somebody_else_does_not_exist(installation: Installation, api: Api) -> None:
    colleague = Api(api._client, installation.add_person("colleague@example.com", *Role))
    personal = created(api, "Only mine")
    assert colleague.get(f"/solutions/{personal['id']}").status_code == 404
