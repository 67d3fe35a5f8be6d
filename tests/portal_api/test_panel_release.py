"""A simulated printer's panel at the real portal: people sign in, release, change, cancel; usage is reported."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest

from domain.applications.models import ApplicationKind
from domain.applications.service import list_applications, make_secret
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.roles import Role
from domain.printer_login.configuration import change_settings
from domain.printer_login.login_codes import new_code
from domain.printer_login.rules import PrinterLoginSettings
from domain.printing.delegates.service import NewDelegate, add_delegate
from domain.printing.states import JobState
from domain.sign_in.credentials import actor_of_token
from domain.sign_in.service import sign_in
from fleet.releasing.usage import settle_missing_reports
from portal_api.app import create_service
from printers_sim.device.state import InstalledApp
from printers_sim.knobs import UsageApp
from tests.support.installation import PASSWORD
from tests.support.portal_server import serving
from tests.support.releasing import APPS, ReleaseOffice, release_office

SECONDS = 20.0
FULL, COMPACT = 0, 1
"""Places of the printer with the release app, and of the one with a small screen."""


class Panel:
    """What fingers do at the panel of a simulated printer."""

    def __init__(self, office: ReleaseOffice, number: int) -> None:
        address = f"http://{office.simulated(number).address}:{office.simulation.http_port}"
        self._http = httpx.Client(base_url=address, timeout=30, trust_env=False)

    def ask(self, method: str, path: str, content: object = None) -> Any:
        answer = self._http.request(method, f"/panel/v1/{path}", json=content)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def refused(self, method: str, path: str, content: object = None) -> str:
        answer = self._http.request(method, f"/panel/v1/{path}", json=content)
        assert answer.is_error, answer.text
        return str(answer.json()["code"])

    def sign_in(self, actor: Actor) -> Any:
        return self.ask("POST", "session", {"code": new_code(actor).code})

    def wait_for_end(self) -> Any:
        return until(lambda: (found := self.ask("GET", "release")) and found["ended"] and found)


def until(look: Callable[[], Any]) -> Any:
    """What `look` finds as soon as it is something."""
    deadline = time.monotonic() + SECONDS
    while not (found := look()):
        assert time.monotonic() < deadline, "it does not happen"
        time.sleep(0.05)
    return found


@contextmanager
def worker_at(office: ReleaseOffice) -> Iterator[None]:
    """A worker that takes up releases at all printers as they come."""
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(0.05):
            for number in range(len(office.printers)):
                office.work(number)

    thread = threading.Thread(target=work, name="worker")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReleaseOffice]:
    with release_office(tmp_path_factory.mktemp("office")) as one:
        chief = one.installation.administrator
        change_settings(chief, PrinterLoginSettings(methods=("badge", "pin", "secure_login")))
        one.install_apps(FULL)
        for app_id, version in APPS.items():
            one.simulated(FULL).device.apps[app_id] = InstalledApp(app_id, app_id, version)
        with serving(create_service(one.installation.settings)) as address, worker_at(one):
            access = application_access(chief.email) | {"address": address}
            for number in (FULL, COMPACT):
                Panel(one, number).ask("PUT", "server", access)
            yield one


def application_access(email: str) -> dict[str, str]:
    chief = actor_of_token(sign_in(email, PASSWORD).session.token)
    kind = ApplicationKind.DEVICE_AUTHENTICATION
    application = next(one for one in list_applications(chief) if one.kind == kind)
    return {"client_id": application.id, "client_secret": make_secret(chief, application.id)[0]}


@pytest.fixture
def panel(office: ReleaseOffice) -> Iterator[Panel]:
    office.settings()
    one = Panel(office, FULL)
    yield one
    office.simulated(FULL).knobs.usage_app = UsageApp.NONE
    office.settings()
    for job in office.queue():
        one.sign_in(office.ann)
        one.ask("DELETE", f"jobs/{job}")
    one.ask("DELETE", "session")


def test_sign_in_choose_print_and_the_usage_app_reports(office: ReleaseOffice, panel: Panel) -> None:
    """PR-191, PR-338: F-7's numbers are the device's, once, however often it reports."""
    office.simulated(FULL).knobs.usage_app = UsageApp.TWICE
    job, other = office.held(pages=3, name="Report.pdf"), office.held(name="Other.pdf")
    assert panel.sign_in(office.ann)["person"]["name"] == office.ann.name
    assert [one["name"] for one in panel.ask("GET", "jobs")] == ["Other.pdf", "Report.pdf"], "newest first (PR-195)"
    panel.ask("POST", "release", {"job_ids": [job], "changes": {"copies": 2, "sides": "two-sided-long-edge"}})
    ended = panel.wait_for_end()
    assert (ended["state"], ended["jobs"][0]["impressions"]) == ("completed", 6)
    fact = until(lambda: next((one for one in office.facts() if one.job_id == job and one.source == "device"), None))
    assert (fact.impressions, fact.sheets, fact.copies, fact.result) == (6, 4, 2, "printed")
    assert len([one for one in office.facts() if one.job_id == job]) == 1
    assert [one["id"] for one in panel.ask("GET", "jobs")] == [other]


def test_without_a_report_the_intent_counts_after_ten_minutes(office: ReleaseOffice, panel: Panel) -> None:
    """F-7."""
    office.simulated(FULL).knobs.usage_app = UsageApp.MISSING
    job = office.held(pages=2)
    panel.sign_in(office.ann)
    panel.ask("POST", "release", {"job_ids": [job]})
    panel.wait_for_end()
    settle_missing_reports()
    assert [one for one in office.facts() if one.job_id == job] == [], "the report may still come"
    assert settle_missing_reports(now() + timedelta(minutes=10)) == 1
    [fact] = [one for one in office.facts() if one.job_id == job]
    assert (fact.impressions, fact.source) == (2, "intent")
    assert settle_missing_reports(now() + timedelta(minutes=20)) == 0


def test_settings_are_kept_and_jobs_deleted_at_the_panel(office: ReleaseOffice, panel: Panel) -> None:
    job = office.held()
    panel.sign_in(office.ann)
    panel.ask("PATCH", f"jobs/{job}", {"copies": 4, "color_mode": "monochrome"})
    assert office.job(job).ticket == {"copies": 4, "color_mode": "monochrome"}
    panel.ask("DELETE", f"jobs/{job}")
    assert panel.ask("GET", "jobs") == []
    assert office.job(job).state == JobState.CANCELED


def test_auto_release_can_be_cancelled_and_never_takes_kept_jobs(office: ReleaseOffice, panel: Panel) -> None:
    """PR-198…PR-204, PR-29."""
    office.settings(auto_release_enabled=True, auto_release_grace_seconds=30, print_and_keep_enabled=True)
    kept, job = office.held(name="Kept.pdf"), office.held(name="Fresh.pdf")
    office.settings(print_and_keep_enabled=True)
    panel.sign_in(office.ann)
    panel.ask("POST", "release", {"job_ids": [kept], "keep": True})
    panel.wait_for_end()
    assert office.job(kept).state == JobState.KEPT
    office.settings(auto_release_enabled=True, auto_release_grace_seconds=30)
    before = office.simulated(FULL).life_count
    release = panel.sign_in(office.ann)["release"]
    assert (release["state"], [one["job_id"] for one in release["jobs"]]) == ("waiting_cancel", [job])
    panel.ask("DELETE", "release")
    assert panel.wait_for_end()["state"] == "cancelled"
    assert office.job(job).state == JobState.HELD
    assert office.simulated(FULL).life_count == before
    office.settings(auto_release_enabled=True, auto_release_grace_seconds=0)
    panel.sign_in(office.ann)
    assert panel.wait_for_end()["state"] == "completed"
    assert office.job(job).state == JobState.PRINTED
    assert office.job(kept).state == JobState.KEPT


def test_a_small_screen_releases_everything_and_knows_no_badges(office: ReleaseOffice) -> None:
    """PR-206, PR-207."""
    jobs = [office.held(name=f"{number}.pdf") for number in range(2)]
    compact = Panel(office, COMPACT)
    assert compact.refused("POST", "session", {"badge": "1234"}) == "printer_login.no_reader"
    compact.sign_in(office.ann)
    compact.ask("POST", "release", {"job_ids": jobs[:1]})
    ended = compact.wait_for_end()
    assert ended["state"] == "completed"
    assert {one["job_id"] for one in ended["jobs"]} == set(jobs)
    assert {office.job(job).state for job in jobs} == {JobState.PRINTED}
    compact.ask("DELETE", "session")


def test_a_delegate_sees_whose_jobs_they_may_release(office: ReleaseOffice, panel: Panel) -> None:
    """PR-335, PR-170: the panel for tests signs in, lists, lists delegators, and prints what is theirs."""
    office.settings(delegation_enabled=True)
    job = office.held()
    bob = office.installation.add_person("bob-delegate@one.example", Role.PRINT_RELEASE_USER)
    panel.sign_in(bob)
    assert panel.ask("GET", "delegators") == []
    add_delegate(office.ann, NewDelegate(email=bob.email))
    assert [one["id"] for one in panel.ask("GET", "delegators")] == [office.ann.user_id]
    assert panel.ask("GET", "jobs") == []
    assert [one["id"] for one in panel.ask("GET", f"jobs?owner={office.ann.user_id}")] == [job]
    panel.ask("POST", "release", {"job_ids": [job]})
    panel.wait_for_end()
    assert office.job(job).state == JobState.PRINTED


def test_other_peoples_and_other_organizations_jobs_do_not_exist(office: ReleaseOffice, panel: Panel) -> None:
    job = office.held()
    bob = office.installation.add_person("bob@one.example", Role.PRINT_RELEASE_USER)
    panel.sign_in(bob)
    assert panel.ask("GET", "jobs") == []
    for method, path, content in (
        ("POST", "release", {"job_ids": [job]}),
        ("PATCH", f"jobs/{job}", {"copies": 2}),
        ("DELETE", f"jobs/{job}", None),
    ):
        assert panel.refused(method, path, content) == "not_found"
    assert panel.refused("POST", "release", {"job_ids": [job], "mode": "all"}) == "print_release.nothing"


def test_who_may_not_release_is_told_the_role(office: ReleaseOffice, panel: Panel) -> None:
    """PR-10, PR-339."""
    carl = office.installation.add_person("carl@one.example")
    panel.sign_in(carl)
    assert panel.refused("GET", "jobs") == "role.missing"


def test_nobody_signed_in_releases_nothing(office: ReleaseOffice, panel: Panel) -> None:
    panel.ask("DELETE", "session")
    assert panel.refused("POST", "release", {"job_ids": []}) == "nobody"
    assert office.queue() == []
