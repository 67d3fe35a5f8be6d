"""The API of organizations: the own one, its roles, customers, access groups, and working in a customer."""

import httpx
import pytest

from domain.organizations.actor import Actor
from domain.organizations.roles import Role
from tests.portal_api.conftest import Api, simple_solution
from tests.support.installation import Installation
from tests.support.people import become_partner, person


@pytest.fixture(scope="module")
def partner(installation: Installation, anonymous: httpx.Client) -> Api:
    """The administrator, who may make and delete customers."""
    return Api(anonymous, become_partner(installation.administrator))


@pytest.fixture(scope="module")
def help_desk(installation: Installation, anonymous: httpx.Client) -> Api:
    return Api(anonymous, installation.add_person("desk@pressroom.example", Role.HELP_DESK))


@pytest.fixture
def customer(partner: Api, request: pytest.FixtureRequest) -> str:
    name = request.node.name.replace("_", " ").capitalize()
    made = partner.post("/organizations", json={"name": name})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_the_organization_tells_its_id_and_services_and_changes_for_administrators_only(
    partner: Api, help_desk: Api, installation: Installation
) -> None:
    """AC-8, AC-9, AC-11."""
    seen = help_desk.get("/organization").json()
    assert (seen["id"], seen["name"]) == (installation.administrator.organization_id, "Pressroom")
    assert "scan" in seen["services"]
    assert seen["parent_name"] == ""
    assert code(help_desk.request("PATCH", "/organization", json={"name": "Ours"})) == (403, "role.missing")
    changed = partner.request(
        "PATCH", "/organization", json={"time_zone": "Europe/Stockholm", "announcement_languages": ["sv"]}
    ).json()
    assert (changed["name"], changed["time_zone"]) == ("Pressroom", "Europe/Stockholm")
    assert changed["announcement_languages"] == ["en", "sv"], "announcements exist in English at least (DB-64)"
    for wrong in ({"time_zone": "Mars/Base"}, {"announcement_languages": ["xx"]}):
        assert code(partner.request("PATCH", "/organization", json=wrong)) == (422, "request.invalid")
    refused = partner.request("PATCH", "/organization", json={"name": "Press & Room"})
    assert code(refused) == (422, "organization.name_character")
    assert "“&”" in refused.json()["detail"]


def test_roles_of_everybody_count_at_once_and_dangerous_ones_want_confirmation(partner: Api, help_desk: Api) -> None:
    """AC-41, AC-61…AC-63."""
    assert code(help_desk.get("/organization/roles")) == (403, "role.missing")
    assert partner.post("/organization/roles", json={"roles": ["Redaction User", "OCR User"]}).status_code == 204
    assert {"Redaction User", "OCR User"} <= set(help_desk.get("/me").json()["roles"])
    refused = partner.post("/organization/roles", json={"roles": ["Translation Administrator"]})
    assert code(refused) == (409, "role.for_everybody")
    given = partner.post("/organization/roles", json={"roles": ["Translation Administrator"], "confirmed": True})
    assert given.status_code == 204
    listed = partner.get("/organization/roles", headers={"Accept-Language": "sv"}).json()
    assert [each["role"] for each in listed] == ["Translation Administrator", "OCR User", "Redaction User"]
    assert listed[0]["product"] == "Översättning"
    gone = partner.delete("/organization/roles", params={"role": ["Translation Administrator", "OCR User"]})
    assert gone.status_code == 204
    assert [each["role"] for each in partner.get("/organization/roles").json()] == ["Redaction User"]
    assert code(partner.delete("/organization/roles")) == (422, "request.invalid")
    assert code(partner.delete("/organization/roles?role=User")) == (409, "role.automatic")


def test_pickers_are_told_what_can_be_given_where(partner: Api, help_desk: Api) -> None:
    here = {each["role"]: each for each in partner.get("/roles", params={"level": "organization"}).json()}
    assert here["Help Desk"]["needs_confirmation"]
    assert not here["Partner Administrator"]["can_be_given"]
    assert "access groups" in here["Partner Administrator"]["refusal"]
    mine = {each["role"]: each for each in help_desk.get("/roles").json()}
    assert not mine["Organization Administrator"]["can_be_given"]


def test_customers_are_made_found_and_entitled(partner: Api, help_desk: Api) -> None:
    """AC-13, AC-17."""
    made = partner.post("/organizations", json={"name": "Northern Foods", "services": ["ocr"]}).json()
    assert made["services"] == ["ocr"]
    assert partner.get(f"/organizations/{made['id']}").json() == made
    assert code(partner.post("/organizations", json={"name": "northern FOODS"})) == (409, "organization.name_taken")
    assert code(partner.post("/organizations", json={"name": "A/S"})) == (422, "organization.name_character")
    assert code(help_desk.get("/organizations")) == (403, "role.missing")
    page = partner.get("/organizations", params={"search": "NORTHERN"}).json()
    assert ([each["id"] for each in page["items"]], page["total"], page["next"]) == ([made["id"]], 1, "")
    address = f"/organizations/{made['id']}/services"
    assert partner.put(address, json={"services": ["scan", "mpp"]}).json()["services"] == ["scan", "mpp"]
    assert code(partner.put(address, json={"services": ["scan"]})) == (409, "organization.service_irreversible")
    assert code(partner.put(address, json={"services": ["faxing"]})) == (422, "request.invalid")


def test_a_session_enters_a_customer_and_comes_back(partner: Api, customer: str, installation: Installation) -> None:
    home = installation.administrator.organization_id
    places = partner.get("/me/organizations").json()
    assert (places["items"][0]["id"], places["items"][0]["own"]) == (home, True)
    assert customer in {place["id"] for place in places["items"]}
    assert partner.put("/me/organization", json={"organization_id": customer}).status_code == 204
    me = partner.get("/me").json()
    assert (me["organization_id"], me["home_organization_id"]) == (customer, home)
    assert me["organization_name"] == partner.get("/organization").json()["name"]
    assert me["home_organization_name"] == "Pressroom"
    assert set(me["roles"]) == {"User", "Organization Administrator", "Partner Administrator"}
    assert "users.create" in me["permissions"]
    assert "solutions.run" not in me["permissions"]
    assert code(partner.get("/solutions")) == (403, "role.missing"), "roles of home do not count in customers (AC-40)"
    assert partner.put("/me/organization", json={"organization_id": home}).status_code == 204
    assert partner.get("/me").json()["organization_id"] == home
    elsewhere = installation.stranger.organization_id
    assert code(partner.put("/me/organization", json={"organization_id": elsewhere})) == (404, "not_found")


def test_one_request_works_in_the_organization_that_it_names(partner: Api, customer: str) -> None:
    named = {"Pressroom-Organization": customer}
    assert partner.get("/organization", headers=named).json()["id"] == customer
    assert partner.get("/organization").json()["id"] != customer
    assert code(partner.get("/organization", headers={"Pressroom-Organization": "0" * 32})) == (404, "not_found")


def test_only_members_of_access_groups_see_customers(help_desk: Api, customer: str) -> None:
    assert [place["own"] for place in help_desk.get("/me/organizations").json()["items"]] == [True]
    assert code(help_desk.put("/me/organization", json={"organization_id": customer})) == (404, "not_found")
    assert code(help_desk.get("/me", headers={"Pressroom-Organization": customer})) == (404, "not_found")


def test_access_groups_by_the_api(partner: Api, help_desk: Api, installation: Installation, customer: str) -> None:
    ann = person(installation.administrator, "ann@pressroom.example")
    assert code(help_desk.post("/access-groups", json={"name": "Access"})) == (403, "role.missing")
    group = partner.post("/access-groups", json={"name": "Access scan"}).json()
    address = f"/access-groups/{group['id']}"
    assert (group["roles"], group["members"]) == (["Partner Administrator"], 0)
    assert partner.request("PATCH", address, json={"name": "Access: scan"}).json()["name"] == "Access: scan"
    assert partner.post(f"{address}/members", json={"user_ids": [ann.user_id]}).json() == {"people": 1}
    assert [each["email"] for each in help_desk.get(f"{address}/members").json()] == [ann.email]
    given = partner.post(f"{address}/roles", json={"roles": ["Scan Management Administrator"]}).json()
    assert given["roles"] == ["Partner Administrator", "Scan Management Administrator"]
    kept = partner.delete(f"{address}/roles", params={"role": "Partner Administrator"})
    assert code(kept) == (409, "role.always_there")
    assert partner.delete(f"{address}/roles?role=Scan Management Administrator").json()["roles"] == given["roles"][:1]
    assert [each["id"] for each in help_desk.get("/access-groups?search=SCAN").json()] == [group["id"]]
    assert partner.delete(f"{address}/members?user_id={ann.user_id}").json() == {"people": 1}
    assert partner.delete(address).status_code == 204
    assert code(partner.get(address)) == (404, "not_found")
    inside = {"Pressroom-Organization": customer}
    assert code(partner.post("/access-groups", json={"name": "X"}, headers=inside)) == (409, "organization.no_children")


def test_deletion_takes_the_exact_name_and_answers_with_a_task(partner: Api, customer: str) -> None:
    name = partner.get(f"/organizations/{customer}").json()["name"]
    address = f"/organizations/{customer}/deletion"
    assert code(partner.post(address, json={"name": name.upper()})) == (422, "organization.name_differs")
    started = partner.post(address, json={"name": name})
    assert started.status_code == 202
    task = partner.get(f"/tasks/{started.json()['task_id']}").json()
    assert (task["kind"], task["title"]) == ("organization-deletion", f"Deletion of the organization “{name}”")
    assert partner.get(f"/organizations/{customer}").json()["status"] == "pending_deletion"
    assert code(partner.post(address, json={"name": name})) == (409, "organization.being_deleted")
    assert customer not in {place["id"] for place in partner.get("/me/organizations").json()["items"]}
    assert code(partner.get("/me", headers={"Pressroom-Organization": customer})) == (404, "not_found")


def test_what_a_visitor_made_is_shown_with_their_name(
    partner: Api, customer: str, installation: Installation, anonymous: httpx.Client
) -> None:
    """A partner's person has no account in the customer; its people still read who it was."""
    inside = {"Pressroom-Organization": customer}
    group = partner.post("/access-groups", json={"name": "Access solutions"}).json()
    roles = ["Solutions Administrator"]
    partner.post(f"/access-groups/{group['id']}/roles", json={"roles": roles}).raise_for_status()
    mine = {"user_ids": [installation.administrator.user_id]}
    partner.post(f"/access-groups/{group['id']}/members", json=mine).raise_for_status()
    solution = simple_solution("By the partner", share_with_organization=True)
    made = partner.post("/solutions", json=solution, headers=inside)
    assert made.status_code == 201, made.text
    local = Api(anonymous, _employee(installation, customer))
    [seen] = local.get("/solutions").json()
    assert (seen["owner_id"], seen["owner_name"]) == (installation.administrator.user_id, "Administrator (Pressroom)")
    assert partner.get("/solutions", headers=inside).json()[0]["owner_name"] == "Administrator (Pressroom)"


def _employee(installation: Installation, organization_id: str) -> Actor:
    return installation.add_person("eva@customer.example", Role.SOLUTIONS_USER, organization_id=organization_id)
