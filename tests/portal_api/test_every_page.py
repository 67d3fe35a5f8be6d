"""Every page of the portal opened by everybody: a sign-in first, the role it takes, and nothing that is not theirs."""

import re
from collections.abc import Iterator
from importlib import import_module
from urllib.parse import quote

import httpx
import pytest

from domain.organizations.actor import Actor
from domain.organizations.administrators import whom_to_ask
from domain.organizations.models import Organization
from domain.organizations.permissions import Grant, Place, allows, rules
from domain.organizations.roles import Role
from domain.runs.service import get_run
from portal_api.pages import PAGES
from portal_api.pages.frame import PAGE_PERMISSIONS
from portal_api.pages.places import AREAS, SCANNING
from portal_api.sign_in import COOKIE
from tests.support.described_requests import Operation
from tests.support.portal_server import serving_pages
from tests.support.two_partners import Side, World, is_for_operators, is_for_visitors, two_partners

for _page in PAGES:
    import_module(f"portal_api.pages.{_page}")
PATHS = sorted(PAGE_PERMISSIONS)
QUERIES = {
    "/preview/{run_id}": "key={key}",
    "/enrolment-tool/sign-in": f"port=40000&state={'s' * 16}&challenge={'c' * 43}",
}
"""What a page needs to be asked with besides its address."""
REGION = "Northern Europe"
PLURALS = {
    "solution_id": "/solutions",
    "run_id": "/runs",
    "task_id": "/tasks",
    "user_id": "/users",
    "group_id": "/groups",
    "customer_id": "/organizations",
    "organization_id": "/organizations",
    "quota_id": "/quotas/custom",
    "app_id": "/panel-apps",
    "destination_id": "/scan-destinations",
}
"""Where a page's object is found in the API, for those whose page has another address than the API's."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with two_partners(tmp_path_factory.mktemp("world"), region=REGION) as one:
        yield one


@pytest.fixture(scope="module")
def portal(world: World) -> Iterator[str]:
    """The address of the portal with its pages, on a socket."""
    with serving_pages() as address:
        yield address


def opened(portal: str, path: str, token: str = "") -> httpx.Response:
    cookies = {COOKIE: token} if token else {}
    return httpx.get(portal + path, cookies=cookies, headers={"Accept": "text/html"}, timeout=30, trust_env=False)


def address(path: str, side: Side) -> str:
    """The page about an object of that side."""

    def one(match: re.Match[str]) -> str:
        name = match[1]
        collection = path[: match.start()].rstrip("/")
        candidates = (f"{place}/{{{name}}}" for place in (collection, PLURALS.get(name, collection)))
        found = (side.ids(Operation("page", "GET", candidate, {})) for candidate in candidates)
        ids = next(filter(None, found), None)
        assert ids is not None, f"nothing of {name} for {path}: say in PLURALS where the API has it"
        return ids[name]

    filled = re.sub(r"\{(\w+)\}", one, path)
    return f"{filled}?{QUERIES[path].format(key=_key(side))}" if path in QUERIES else filled


def _key(side: Side) -> str:
    ids = side.ids(Operation("page", "GET", "/runs/{run_id}", {}))
    assert ids is not None
    return get_run(side.administrator, ids["run_id"]).run.original.key


@pytest.mark.parametrize("path", PATHS)
def test_a_sign_in_comes_first(world: World, portal: str, path: str) -> None:
    """TS-57: and leads back to the page, as a bookmark wants it."""
    answer = opened(portal, address(path, world.ours))
    assert world.ours.marker not in answer.text
    if answer.status_code == 303:
        assert answer.headers["Location"].startswith("/sign-in?next=")
    else:
        assert answer.status_code == 401


@pytest.mark.parametrize("path", PATHS)
def test_without_the_role_one_is_told_which_is_missing(world: World, portal: str, path: str) -> None:
    """FL-539, FL-540: the page is refused, and one is told the role and who gives it."""
    nobody = world.ours.person()
    if allows(nobody, PAGE_PERMISSIONS[path]):
        pytest.skip("everybody may")
    answer = opened(portal, address(path, world.ours), world.ours.token(nobody))
    assert answer.status_code == 403
    wanted = {grant.role for way in rules()[PAGE_PERMISSIONS[path]].alternatives for grant in way}
    assert any(f"“{role}" in answer.text for role in wanted)
    told = without_oneself(answer.text, nobody)
    for one in whom_to_ask(nobody):  # TS-1: they are named, so that one can ask them
        assert one.email in answer.text or path in QUERIES, "all but what is a picture on another page"
        told = told.replace(one.email, "").replace(one.name, "").replace(quote(one.email), "")
    assert world.ours.marker not in told


@pytest.mark.parametrize("path", PATHS)
def test_nothing_foreign_is_shown(world: World, portal: str, path: str) -> None:
    """Our administrator opens the page of a foreign object, or the page as it is where it is about no object."""
    answer = opened(portal, address(path, world.theirs), world.ours.token())
    assert world.theirs.marker not in answer.text
    if address(path, world.theirs) != address(path, world.ours):
        assert answer.status_code == 404, answer.text[-600:]


@pytest.mark.parametrize("path", PATHS)
def test_with_the_role_the_page_opens(world: World, portal: str, path: str) -> None:
    """The counterpart, for the administrator and for somebody who has just what the page takes."""
    ways = [way for way in rules()[PAGE_PERMISSIONS[path]].alternatives if not is_for_visitors(way)]
    people = [world.ours.administrator, world.ours.person(ways[0])]
    for person in people:
        answer = opened(portal, address(path, world.ours), world.ours.token(person))
        # Others do not see the administrator's own objects, and what a page is about may not be possible just now.
        expected = {200, 404} if person is not people[0] else {403} if is_for_operators(ways[0]) else {200, 409, 422}
        if path == "/":
            expected = {303}
            assert not answer.headers["Location"].startswith("/sign-in")
        assert answer.status_code in expected, answer.text[-600:]


def test_pages_that_need_no_sign_in_tell_nothing(world: World, portal: str) -> None:
    """Nothing but in which region people sign in (AC-28)."""
    for path in ("/sign-in", "/nothing-here"):
        answer = opened(portal, path)
        assert answer.status_code in (200, 404)
        assert world.ours.marker not in answer.text
        assert (REGION in answer.text) is (path == "/sign-in")


def test_the_switcher_of_every_page_leads_where_one_may_go(world: World, portal: str) -> None:
    """SCAN-7: to scanning for who has a role for it, whatever page they are on."""
    for role, is_offered in ((Role.SCAN_USER, True), (Role.QUOTA_ADMINISTRATOR, False)):
        somebody = world.ours.person((Grant(role.value, Place.HERE),))
        text = opened(portal, "/account", world.ours.token(somebody)).text
        offered = [area.name for area in AREAS if f'"text":"{area.title}"' in text]
        assert (SCANNING in offered) is is_offered, offered


def without_oneself(text: str, person: Actor) -> str:
    """A page without what its frame tells visitors of themselves and of where they work."""
    with person.session(read_only=True) as session:
        organization = session.get_one(Organization, person.organization_id).name
    for own in (person.email, person.name, organization):
        text = text.replace(own, "")
    return text
