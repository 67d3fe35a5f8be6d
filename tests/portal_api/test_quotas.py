"""Page quotas through the API, as a partner, its customer's administrator and people use them."""

import csv
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest

from domain.organizations.actor import actor_of_user
from domain.organizations.models import GroupKind, GroupMember, User, now
from domain.organizations.roles import Role
from domain.organizations.service import new_organization
from domain.tenancy import new_id, system_session
from tests.portal_api.conftest import Api, simple_solution
from tests.support.installation import Installation
from tests.support.people import group
from tests.support.quotas import use

TODAY = now().date()
SERVICES = {"TRANSLATION", "REDACTION", "OCR"}


class Scene:
    """A new customer of the partner with its administrator and somebody who only works there."""

    def __init__(self, installation: Installation, client: httpx.Client) -> None:
        self.name = f"Customer {new_id()[:8]}"
        with system_session() as session:
            customer = new_organization(session, self.name, installation.administrator.organization_id)
        self.id = customer.id
        chief = installation.add_person(f"chief@{self.id[:8]}.example", *Role, organization_id=self.id)
        worker_roles = (Role.SOLUTIONS_USER, Role.OCR_USER)
        self.worker_actor = installation.add_person(
            f"worker@{self.id[:8]}.example", *worker_roles, organization_id=self.id
        )
        self.chief, self.worker = Api(client, chief), Api(client, self.worker_actor)

    @property
    def at(self) -> str:
        return f"/distributions/{self.id}"


@pytest.fixture(scope="module")
def partner(installation: Installation, anonymous: httpx.Client) -> Api:
    roles = (Role.PARTNER_ADMINISTRATOR, Role.QUOTA_ADMINISTRATOR, Role.SOLUTIONS_ADMINISTRATOR)
    actor = installation.administrator
    group_id = group(actor, "Quota partners", *(role.value for role in roles), kind=GroupKind.CHILD_ACCESS)
    with actor.session() as session:
        session.add(GroupMember(group_id=group_id, user_id=actor.user_id))
    return Api(anonymous, actor_of_user(actor.user_id))


@pytest.fixture
def scene(installation: Installation, anonymous: httpx.Client, partner: Api) -> Scene:
    return Scene(installation, anonymous)


def terms(**more: object) -> dict[str, object]:
    return {"duration": "PERPETUAL", "pages": {"OCR": 10}, **more}


def problem(answer: httpx.Response) -> tuple[int, str, str | None]:
    content = answer.json()
    return answer.status_code, content["code"], content.get("spec")


def test_a_distribution_from_its_making_to_its_end(partner: Api, scene: Scene) -> None:
    """SQ-1, SQ-2, SQ-3, SQ-21, SQ-26, SQ-34, SQ-35, SQ-36, SQ-37."""
    body = terms(organization_id=scene.id, notify=["ann@example.com"])
    made = partner.post("/distributions", json=body)
    assert made.status_code == 201
    assert (made.json()["state"], made.json()["expires_on"], made.json()["notify"]) == (
        "ACTIVE",
        None,
        ["ann@example.com"],
    )
    services = {one["service"]: one for one in made.json()["services"]}
    assert set(services) == SERVICES
    assert (services["OCR"]["limit"], services["OCR"]["left"], services["OCR"]["percent_left"]) == (10, 10, 100)
    assert problem(partner.post("/distributions", json=body)) == (409, "quota.open_already", "SQ-28")

    end = (TODAY + timedelta(days=30)).isoformat()
    custom = {"duration": "CUSTOM", "pages": {"OCR": 20, "REDACTION": "unlimited"}, "expires_on": end}
    assert problem(partner.put(scene.at, json=custom)) == (422, "quota.custom_unconfirmed", "SQ-E03")
    edited = partner.put(scene.at, json={**custom, "custom_confirmed": True}).json()
    assert (edited["duration"], edited["expires_on"], edited["notify"]) == ("CUSTOM", end, [])
    assert {one["service"]: one["limit"] for one in edited["services"]} == {
        "TRANSLATION": 0, "REDACTION": "unlimited", "OCR": 20,
    }  # fmt: skip

    assert partner.post(f"{scene.at}/suspend", json={"services": ["OCR"]}).json()["state"] == "ACTIVE"
    assert partner.post(f"{scene.at}/suspend").json()["state"] == "SUSPENDED"
    assert problem(partner.post(f"{scene.at}/suspend")) == (409, "quota.suspended_already", "SQ-E10")
    assert partner.post(f"{scene.at}/resume").json()["state"] == "ACTIVE"
    assert problem(partner.post(f"{scene.at}/revoke", json={"name": "Wrong"})) == (422, "quota.name_differs", "SQ-E09")
    assert partner.post(f"{scene.at}/revoke", json={"name": scene.name}).json()["state"] == "REVOKED"
    assert problem(partner.put(scene.at, json=terms())) == (409, "quota.has_ended", "SQ-E10")
    listed = {one["organization_name"]: one for one in partner.get("/distributions").json()}
    assert listed[scene.name]["distribution"]["state"] == "REVOKED"
    assert [one["organization_id"] for one in partner.get(f"/distributions?search={scene.name}").json()] == [scene.id]


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"organization_id": "0" * 32}, (422, "quota.organization_needed", "SQ-E01")),
        ({"duration": "CUSTOM", "custom_confirmed": True}, (422, "quota.expiry_missing", "SQ-E02")),
        ({"duration": "CUSTOM", "expires_on": "2020-01-01", "custom_confirmed": True},
         (422, "quota.expiry_past", "SQ-E02")),
        ({"pages": {"OCR": "unlimited"}}, (422, "quota.unlimited_needs_custom", "SQ-24")),
        ({"pages": {"OCR": 10**13}}, (422, "quota.bad_limit", "SQ-27")),
        ({"pages": {}}, (422, "quota.nothing_given", "SQ-27")),
        ({"notify": []}, (422, "quota.no_addresses", "SQ-E05")),
        ({"notify": ["ann"]}, (422, "quota.bad_address", "SQ-E05")),
        ({"notify": [f"a{n}@example.com" for n in range(11)]}, (422, "quota.too_many_addresses", "SQ-E05")),
        ({"duration": "USAGE"}, (422, "quota.first_level_only", None)),
        ({"pages": {"FAX": 1}}, (422, "request.invalid", None)),
        ({"pages": {"OCR": True}}, (422, "request.invalid", None)),
        ({"pages": {"OCR": 1.5}}, (422, "request.invalid", None)),
    ],
)  # fmt: skip
def test_what_is_refused_says_why(
    partner: Api, scene: Scene, change: dict[str, object], refusal: tuple[int, str, str | None]
) -> None:
    assert problem(partner.post("/distributions", json={**terms(organization_id=scene.id), **change})) == refusal


def test_a_customer_sees_its_own_pages_and_sets_none_of_them(partner: Api, scene: Scene) -> None:
    partner.post("/distributions", json=terms(organization_id=scene.id))
    (own,) = scene.chief.get("/distributions").json()
    assert (own["organization_id"], own["may_set"]) == (scene.id, False)
    assert scene.chief.get("/quotas/distribution").json() == own
    assert problem(scene.chief.put(scene.at, json=terms())) == (403, "quota.not_yours_to_set", "SQ-20")
    for path in ("/distributions", "/quotas/distribution", "/quotas/default", "/quotas/usage", "/quotas/billing"):
        assert problem(scene.worker.get(path))[:2] == (403, "role.missing"), path
    assert problem(scene.chief.get("/quotas/billing"))[:2] == (403, "role.missing")


def test_a_partner_s_program_manages_a_customer_s_quotas_from_inside(partner: Api, scene: Scene) -> None:
    partner.post("/distributions", json=terms(organization_id=scene.id))
    there = {"Pressroom-Organization": scene.id}
    put = partner.put("/quotas/default", json={"pages": {"OCR": 3}}, headers=there)
    assert put.json() == {"pages": {"OCR": 3}}
    assert scene.chief.get("/quotas/default").json() == {"pages": {"OCR": 3}}
    assert partner.get("/quotas/default").json() == {"pages": {}}


def test_custom_quotas_from_their_making_to_their_end(partner: Api, scene: Scene) -> None:
    chief, email = scene.chief, scene.worker_actor.email
    body = {"kind": "PERSONAL", "name": email.upper(), "pages": {"OCR": 2, "TRANSLATION": "unlimited"}}
    made = chief.post("/quotas/custom", json=body)
    assert (made.status_code, made.json()["name"], made.json()["members"]) == (201, email, 1)
    assert problem(chief.post("/quotas/custom", json=body)) == (409, "quota.set_already", "SQ-E08")
    nobody = {**body, "name": "nobody@example.com"}
    assert problem(chief.post("/quotas/custom", json=nobody)) == (422, "quota.not_registered", "SQ-E06")
    department = {"kind": "DEPARTMENT", "name": "Sales", "pages": {"OCR": 5}, "pooled": True}
    assert chief.post("/quotas/custom", json=department).json()["pooled"] is True
    centre = {**department, "kind": "COST_CENTER"}
    assert problem(chief.post("/quotas/custom", json=centre)) == (409, "quota.other_kind", "SQ-E07")
    listed = chief.get("/quotas/custom").json()
    assert [(one["kind"], one["name"]) for one in listed["quotas"]] == [("PERSONAL", email), ("DEPARTMENT", "Sales")]
    assert listed["open_kinds"] == ["DEPARTMENT"]
    address = f"/quotas/custom/{made.json()['id']}"
    assert chief.put(address, json={"pages": {"OCR": 4}}).json()["pages"] == {"OCR": 4}
    assert chief.delete(address).status_code == 204
    assert chief.get(address).status_code == 404
    assert problem(chief.post("/quotas/custom", json={**body, "kind": "DEFAULT"}))[:2] == (422, "request.invalid")


def test_a_run_is_refused_before_anything_is_kept_and_the_panel_is_told_the_same(
    partner: Api, scene: Scene, letter: Path
) -> None:
    from steps.samples import scan_png

    solution = scene.chief.post(
        "/solutions", json={**simple_solution("Read"), "steps": [{"kind": "ocr"}, {"kind": "download"}],
                            "share_with_organization": True},
    ).json()["id"]  # fmt: skip
    scan = scan_png(letter.parent)

    def hand_in() -> httpx.Response:
        return scene.worker.post(f"/solutions/{solution}/runs", files={"file": (scan.name, scan.read_bytes())})

    assert problem(hand_in()) == (409, "quota.missing", "SQ-E12")
    assert scene.worker.get("/quotas/mine").json() == {"services": [], "duration": None, "expires_on": None}
    partner.post("/distributions", json=terms(organization_id=scene.id, pages={"OCR": 2}))
    scene.chief.put("/quotas/default", json={"pages": {"OCR": 0}})
    assert problem(hand_in()) == (409, "quota.exceeded", "SQ-E11")
    scene.chief.put("/quotas/default", json={"pages": {}})
    partner.post(f"{scene.at}/suspend")
    assert problem(hand_in()) == (409, "quota.suspended", "SQ-E12")
    partner.post(f"{scene.at}/resume")
    use(scene.worker_actor, 2)
    answer = hand_in()
    assert problem(answer) == (409, "quota.exhausted", "SQ-E12")
    assert "Text recognition (OCR)" in answer.json()["detail"]
    assert answer.json()["remedy"].startswith("Ask your organization's administrator")
    assert scene.worker.get("/runs").json()["items"][0]["state"] == "COMPLETED"
    (own,) = scene.worker.get("/quotas/mine").json()["services"]
    assert (own["service"], own["state"], own["used"], own["left"]) == ("OCR", "EXHAUSTED", 2, 0)
    swedish = scene.worker.post(
        f"/solutions/{solution}/runs",
        files={"file": (scan.name, scan.read_bytes())},
        headers={"Accept-Language": "sv"},
    )
    assert "Textigenkänning (OCR)" in swedish.json()["detail"]


def test_usage_is_listed_filtered_and_paged(partner: Api, scene: Scene) -> None:
    partner.post("/distributions", json=terms(organization_id=scene.id))
    scene.chief.put("/quotas/default", json={"pages": {"OCR": 4}})
    use(scene.worker_actor, 3)
    first = scene.chief.get("/quotas/usage", params={"limit": 1}).json()
    assert first["next"] == first["items"][0]["email"]
    second = scene.chief.get("/quotas/usage", params={"limit": 1, "after": first["next"]}).json()
    worker = second["items"][0]
    assert (worker["email"], worker["source"]) == (scene.worker_actor.email, "DEFAULT")
    (ocr,) = worker["services"]
    assert (ocr["own"], ocr["limit"], ocr["left"], ocr["percent_left"]) == (3, 4, 1, 25)
    low = scene.chief.get("/quotas/usage", params={"most_percent": 25}).json()["items"]
    assert [one["email"] for one in low] == [worker["email"]]
    assert scene.chief.get("/quotas/usage", params={"source": "PERSONAL"}).json()["items"] == []


def test_billing_cycles_of_a_partner(partner: Api, scene: Scene) -> None:
    partner.post("/distributions", json=terms(organization_id=scene.id))
    use(scene.worker_actor, 2)
    billing = partner.get(f"/quotas/billing/{scene.id}").json()
    assert billing["current"]["first"] == TODAY.replace(day=1).isoformat()
    assert billing["current_used"] == {"TRANSLATION": 0, "REDACTION": 0, "OCR": 2}
    assert date.fromisoformat(billing["upcoming"]["first"]) > TODAY
    assert scene.id in {one["organization_id"] for one in partner.get("/quotas/billing").json()}
    cycle = {"months": 3, "first_month": 2, "day": 15}
    assert partner.put("/quotas/billing-cycle", json=cycle).json() == cycle
    assert partner.get("/quotas/billing-cycle").json() == cycle
    assert problem(partner.put("/quotas/billing-cycle", json={**cycle, "day": 31})) == (422, "quota.bad_cycle", "SQ-70")
    partner.put("/quotas/billing-cycle", json={"months": 1, "first_month": 1, "day": 1})


def test_reports_of_one_organization_and_of_all(partner: Api, scene: Scene) -> None:
    partner.post("/distributions", json=terms(organization_id=scene.id))
    use(scene.worker_actor, 2, client_type="printer", printer_address="ipp://one")
    period = {"first": TODAY.replace(day=1).isoformat(), "last": TODAY.isoformat()}
    report = scene.chief.get("/quotas/reports/organization", params=period).json()
    assert (report["organization_name"], report["operations"]["OCR"], report["printers"]) == (scene.name, 1, 1)
    assert [(line["email"], line["pages"]["OCR"]) for line in report["lines"]] == [(scene.worker_actor.email, 2)]
    everything = partner.get("/quotas/reports/organizations", params=period).json()
    assert {line["name"]: line["pages"]["OCR"] for line in everything["lines"]}[scene.name] == 2
    same = partner.get("/quotas/reports/organization", params={**period, "organization_id": scene.id}).json()
    assert same == report
    assert problem(scene.chief.get("/quotas/reports/organizations", params=period))[:2] == (403, "role.missing")
    assert problem(scene.worker.get("/quotas/reports/organization", params=period))[:2] == (403, "role.missing")
    old = {**period, "first": "2020-01-01"}
    assert problem(scene.chief.get("/quotas/reports/organization", params=old)) == (422, "report.too_far_back", "SQ-99")
    assert problem(scene.chief.get("/quotas/reports/organization.csv", params=old))[0] == 422

    exported = scene.chief.get("/quotas/reports/organization.csv", params=period)
    assert exported.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in exported.headers["content-disposition"]
    (row,) = csv.DictReader(exported.text.splitlines())
    assert list(row.values()) == [
        TODAY.isoformat(), "OCR", "2", "", "", scene.worker_actor.email, "printer",
    ]  # fmt: skip
    assert scene.worker_actor.email in partner.get("/quotas/reports/organizations.csv", params=period).text


def test_the_operator_s_own_pages_are_there_from_the_start(partner: Api, installation: Installation) -> None:
    own = partner.get("/quotas/distribution").json()["distribution"]
    assert (own["duration"], {one["limit"] for one in own["services"]}) == ("USAGE", {"unlimited"})
    mine = partner.get("/quotas/mine").json()
    assert {one["left"] for one in mine["services"]} == {"unlimited"}
    with system_session(read_only=True) as session:
        assert session.get_one(User, installation.administrator.user_id).is_operator


def test_a_personal_token_reaches_only_what_it_was_made_for(scene: Scene, anonymous: httpx.Client) -> None:
    until = (now() + timedelta(days=1)).isoformat()
    made = scene.chief.post("/me/tokens", json={"name": "Quota", "scopes": ["own.quota"], "expires": until})
    assert made.status_code == 201, made.text
    headers = {"Authorization": f"Bearer {made.json()['token']}"}
    assert anonymous.get("/api/v1/quotas/mine", headers=headers).status_code == 200
    refused = anonymous.get("/api/v1/quotas/default", headers=headers)
    assert problem(refused)[:2] == (403, "token.out_of_scope")
