"""Settings for printing, print policies and print quotas through the API."""

import csv
from typing import Any

import httpx
import pytest

from domain.organizations.actor import Actor
from domain.organizations.models import User
from domain.organizations.roles import Role
from domain.printing.features import enabled_features
from domain.tenancy import system_session
from portal_api.pages.places import area_of
from tests.portal_api.conftest import Api
from tests.support.installation import Installation
from tests.support.print_settings import set_print_settings

ADMINISTRATOR = "admin@pressroom.example"
MONO = {"monochrome": {"min_pages": 3}}
CLOUD = {"system": "linux", "type": "cloud"}
TIGHT = {"shape": "same", "months": [{"total": "limited", "total_limit": 50}]}


@pytest.fixture
def api(installation: Installation, anonymous: httpx.Client) -> Api:
    """The administrator, with nothing switched on yet."""
    set_print_settings(installation.administrator)
    return Api(anonymous, installation.administrator)


def switch_on(api: Api) -> None:
    given = {"quotas": {"enabled": True}, "policies": {"print_enabled": True}}
    assert api.request("PATCH", "/print-settings", json=given).status_code == 200


def code(answer: httpx.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    return str(answer.json()["code"])


def test_a_refused_change_names_every_value_and_changes_nothing(api: Api) -> None:
    """PR-18, PR-49."""
    before = api.get("/print-settings").json()
    given = {"jobs": {"oldest_first": True}, "email": {"body_enabled": True, "local_part": "x", "guests_enabled": True}}
    answer = api.request("PATCH", "/print-settings", json=given)
    assert code(answer, 422) == "request.invalid"
    found = {one["field"]: one["code"] for one in answer.json()["errors"]}
    assert found == {
        "body.email.body_enabled": "print_settings.email_needed",
        "body.email.guests_enabled": "print_settings.email_needed",
    }
    answer = api.request(
        "PATCH", "/print-settings", json={"jobs": {"history_period": {"count": 731}, "auto_release_grace_seconds": -1}}
    )
    assert {one["field"] for one in answer.json()["errors"]} == {
        "body.jobs.history_period",
        "body.jobs.auto_release_grace_seconds",
    }
    assert api.get("/print-settings").json() == before


def test_only_what_is_given_changes(api: Api) -> None:
    answer = api.request("PATCH", "/print-settings", json={"jobs": {"oldest_first": True}})
    assert answer.status_code == 200
    version = answer.json()["version"]
    answer = api.request(
        "PATCH", "/print-settings", json={"jobs": {"print_and_keep_enabled": True}, "version": version}
    )
    jobs = answer.json()["settings"]["jobs"]
    assert (jobs["oldest_first"], jobs["print_and_keep_enabled"], jobs["change_copies_enabled"]) == (True, True, True)
    assert code(api.request("PATCH", "/print-settings", json={"jobs": {}, "version": version}), 409) == (
        "print_settings.changed_meanwhile"
    )


def test_what_is_switched_off_answers_so(api: Api) -> None:
    """PR-6."""
    for path in ("/print-policies", "/print-policies/default", "/print-quotas/definitions", "/print-quotas/status"):
        assert code(api.get(path), 403) == "print.feature_disabled"
    assert api.get("/print-quotas/mine").json() == {"month": "", "standing": None}


def test_the_area_of_printing_has_the_pages_of_whoever_is_there(
    installation: Installation, anonymous: httpx.Client, api: Api
) -> None:
    """PR-4, PR-5, PR-6: what administers printing is for administrators alone, and what is off for nobody."""
    user = installation.add_person("places@one.example", Role.PRINT_RELEASE_USER)
    direct = installation.add_person("direct@one.example", Role.DIRECT_PRINT_USER)
    area = area_of("print-queue")

    def places(actor: Actor) -> set[str]:
        features = enabled_features(actor)
        return {place.name for place in area.places if place.is_open_to(actor, features)}

    reports = {"print-reports", "print-report-schedules"}
    own = {"print-queue", "release", "print-history", "print-packages", *reports}
    assert places(user) == own
    assert places(direct) == reports
    off = {"print-policies", "print-quotas", "print-quota-status", "print-assignments", "client-policies"}
    assert places(installation.administrator).isdisjoint(off)
    given = {
        "quotas": {"enabled": True},
        "policies": {"print_enabled": True, "client_enabled": True},
        "assignments": {"enabled": True},
        "jobs": {"delegation_enabled": True},
    }
    assert api.request("PATCH", "/print-settings", json=given).status_code == 200
    assert off < places(installation.administrator)
    assert places(user) == own | {"print-delegates"}
    assert places(direct) == {"print-packages", *reports}, "their own package for direct printing"
    assert api.request("PATCH", "/print-settings", json={"clients": {"page_enabled": False}}).status_code == 200
    assert "print-packages" not in places(user)
    assert code(Api(anonymous, user).post("/print-packages", json=CLOUD), 403) == "print.feature_disabled"


def test_a_policy_from_its_making_to_its_end(api: Api) -> None:
    switch_on(api)
    made = api.post("/print-policies", json={"name": "Sparing", "rules": MONO}).json()
    assert made["rules"]["monochrome"] == {"min_pages": 3}
    assert code(api.post("/print-policies", json={"name": "SPARING"}), 409) == "print_definition.name_not_unique"
    given = {"kind": "personal", "name": ADMINISTRATOR, "definition_id": made["id"]}
    assigned = api.post("/print-policies/assignments", json=given).json()
    assert (assigned["definition"], assigned["members"]) == ("Sparing", 1)
    answer = api.delete(f"/print-policies/{made['id']}")
    assert code(answer, 409) == "print_definition.definition_in_use"
    assert ADMINISTRATOR in answer.json()["detail"]
    assert api.delete(f"/print-policies/assignments/{assigned['id']}").status_code == 204
    copy = api.post(f"/print-policies/{made['id']}/copies", json={"name": "Copy"}).json()
    for one in (made, copy):
        assert api.delete(f"/print-policies/{one['id']}").status_code == 204
    assert api.get("/print-policies").json() == []


@pytest.mark.parametrize(
    "rules",
    [
        {"monochrome": {"min_pages": 0}},
        {"duplex": {"monochrome": None, "color": None}},
        {"duplex": {"binding": "top"}},
        {"schedule": {"shape": "all_days"}},
        {"schedule": {"shape": "all_days", "window": {"start": "10:00", "end": "10:00"}}},
        {"staple": True},
    ],
)
def test_rules_that_cannot_be_are_refused(api: Api, rules: dict[str, Any]) -> None:
    switch_on(api)
    assert code(api.post("/print-policies", json={"name": "Bad", "rules": rules}), 422) == "request.invalid"


def test_the_status_file_is_for_spreadsheets_and_keeps_the_filter(installation: Installation, api: Api) -> None:
    """PR-77, PR-340."""
    switch_on(api)
    assert api.put("/print-quotas/default", json={"limits": TIGHT}).status_code == 200
    bo = installation.add_person("=bo@one.example", Role.PRINT_RELEASE_USER)
    with system_session() as session:
        session.get_one(User, bo.user_id).locale = "sv"
    answer = api.get("/print-quotas/status.csv", params={"search": "bo@", "status": "ok"})
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    titles, row = csv.reader(answer.content.decode("utf-8-sig").splitlines())
    assert titles[0] == "Person"
    assert row[0] == "'=bo@one.example"
    assert (row[2], row[5]) == ("50", "Default")
    assert api.get("/print-quotas/status", params={"status": "exceeded"}).json() == {"items": [], "next": None}


def test_everybody_sees_their_own_quota(installation: Installation, anonymous: httpx.Client, api: Api) -> None:
    switch_on(api)
    api.put("/print-quotas/default", json={"limits": TIGHT})
    own = Api(anonymous, installation.add_person("cy@one.example", Role.PRINT_RELEASE_USER)).get("/print-quotas/mine")
    assert own.json()["standing"] | {"limit": None} == {
        "status": "ok",
        "impressions": 0,
        "color_impressions": 0,
        "limit": None,
        "left": 50,
        "color_left": None,
    }
