"""The panel of printers over HTTP: who may open it, who signs in how, what a stolen or old proof is worth."""

import time
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import delete, func, select, update
from starlette.testclient import TestClient

from domain.organizations.actor import Actor
from domain.organizations.models import User, UserStatus, now
from domain.organizations.roles import Role
from domain.panels.models import PanelSession
from domain.panels.sessions import LONGEST_PANEL, TICKET_LIFE, sign_person_out
from domain.printer_login.badges import NewBadge, register_badge
from domain.printer_login.configuration import change_settings
from domain.printer_login.login_codes import new_code
from domain.printer_login.models import PrinterSession
from domain.printer_login.own import set_own_pin
from domain.printer_login.rules import LoginMode, PinGeneration, PrinterLoginSettings
from domain.printing.jobs import find_job
from domain.printing.models import PrintJob
from domain.printing.states import JobKind, JobSource, JobState
from domain.tenancy import system_session, tenant_session
from fleet.panels.places import place_at_printer
from fleet.printers.models import Printer, PrinterApp
from portal_api.app import create_service
from portal_api.panel import device, events
from portal_api.panel.texts import templates, version
from tests.portal_api.test_panel_release import until
from tests.support.fleet import add_printers
from tests.support.installation import PASSWORD, Installation
from tests.support.panels import PAGE, PanelBrowser, heard, identity_of, install_panel_apps
from tests.support.print_queues import add_held, add_many
from tests.support.print_settings import set_print_settings

BADGE = "04A1B2C3"
ALL = PrinterLoginSettings(methods=("badge", "pin", "secure_login"))


@pytest.fixture(scope="module")
def ann(installation: Installation) -> Actor:
    person = installation.add_person("ann@one.example", Role.PRINT_RELEASE_USER)
    register_badge(installation.administrator, person.email, NewBadge(BADGE))
    change_settings(installation.administrator, ALL)
    set_own_pin(person, "482915")
    return person


@pytest.fixture
def panel(installation: Installation, ann: Actor) -> Iterator[PanelBrowser]:
    """The panel of a new printer, open."""
    change_settings(installation.administrator, ALL)
    device.attempts.clear()
    with TestClient(create_service(installation.settings), base_url="http://127.0.0.1:8080") as client:
        yield new_panel(client, ann.organization_id)


def new_panel(client: httpx.Client, organization_id: str, **values: object) -> PanelBrowser:
    printer_id = add_printers(organization_id, 1, mac="02:50:58:00:00:01", host_name="hall", **values)[0]
    install_panel_apps(organization_id, printer_id)
    one = PanelBrowser(client, organization_id, printer_id)
    one.open()
    return one


def code_of(answer: httpx.Response) -> str:
    assert answer.is_error, answer.text
    return str(answer.json()["code"])


def test_a_printer_opens_its_panel_and_nobody_is_there(panel: PanelBrowser) -> None:
    assert panel.start["home"] is None
    assert panel.start["methods"] == ["badge", "pin", "secure_login"]
    assert panel.start["printer"] == "hall"
    assert code_of(panel.api("GET", "home")) == "printer_session.ended"


@pytest.mark.parametrize("missing", ["serial_number", "address", "mac", "model", "host_name", "domain_name"])
def test_every_identity_value_is_needed(panel: PanelBrowser, missing: str) -> None:
    """SC-25, SC-E17."""
    identity = identity_of(panel.organization_id, panel.printer_id) | {missing: " "}
    refused = panel.visit(identity=identity)
    assert (code_of(refused), refused.json()["spec"]) == ("panel.identity_incomplete", "SC-E17")


@pytest.mark.parametrize(
    ("name", "value"), [("serial_number", "PXC9999999"), ("model", "PX M2250"), ("mac", "02:50:58:00:00:02")]
)
def test_another_printers_values_are_refused(panel: PanelBrowser, name: str, value: str) -> None:
    identity = identity_of(panel.organization_id, panel.printer_id) | {name: value}
    assert code_of(panel.visit(identity=identity)) == "panel.identity_differs"


def test_the_key_of_another_printer_opens_nothing_here(panel: PanelBrowser, installation: Installation) -> None:
    other = add_printers(installation.stranger.organization_id, 1)[0]
    foreign = PanelBrowser(panel.client, installation.stranger.organization_id, other)
    content = {"identity": identity_of(panel.organization_id, panel.printer_id), "width": 800, "height": 480}
    assert code_of(panel.device("POST", "visits", content, foreign.key)) == "panel.identity_differs"
    mixed = f"{panel.printer_id}.{foreign.key.partition('.')[2]}"
    assert code_of(panel.device("POST", "visits", content, mixed)) == "panel.printer_refused"
    for nonsense in (panel.printer_id, f"{panel.printer_id}.", "x.y", "ä"):
        assert code_of(
            panel.device("POST", "badges", {"badge": BADGE}, nonsense.encode("ascii", "replace").decode())
        ) in ("panel.printer_refused",)


def test_a_ticket_opens_once_and_within_a_minute(panel: PanelBrowser) -> None:
    used = panel.open()
    panel.client.cookies.clear()
    assert panel.client.get(used).json()["code"] == "panel.ticket_refused"
    assert panel.client.get("/panel/enter/nonsense").json()["code"] == "panel.ticket_refused"
    late = "/panel/" + panel.visit().json()["url"].partition("/panel/")[2]
    age(TICKET_LIFE)
    assert panel.client.get(late).json()["code"] == "panel.ticket_refused"


def test_a_stolen_cookie_is_worth_nothing_elsewhere(panel: PanelBrowser, installation: Installation) -> None:
    """It counts only from the network address that opened the panel, and only until the printer opens it anew."""
    stolen = panel.client.cookies["pressroom_panel"]
    with TestClient(create_service(installation.settings), client=("10.9.8.7", 50000)) as thief:
        thief.cookies.set("pressroom_panel", stolen)
        assert code_of(thief.get("/panel/api/home", headers=PAGE)) == "panel.ended"
        assert code_of(thief.get("/panel/api/events", headers=PAGE)) == "panel.ended"
    panel.open()
    panel.client.cookies.clear()
    panel.client.cookies.set("pressroom_panel", stolen)
    assert code_of(panel.api("GET", "home")) == "panel.ended"


def test_only_the_panels_own_page_changes_anything(panel: PanelBrowser) -> None:
    for headers in ({}, {"Sec-Fetch-Site": "cross-site", "Pressroom-Panel": "1"}, {"Sec-Fetch-Site": "same-origin"}):
        sent = panel.client.post("/panel/api/sign-ins", json={"method": "pin", "pin": "482915"}, headers=headers)
        assert code_of(sent) == "request.cross_origin"


def test_a_frame_is_allowed_to_the_printers_own_pages_only(panel: PanelBrowser) -> None:
    address = identity_of(panel.organization_id, panel.printer_id)["address"]
    for foreign in ("http://evil.example", f"http://{address}.evil.example:8631", "https://127.0.0.1"):
        assert code_of(panel.visit(frame_origin=foreign)) == "panel.frame_refused"
    assert panel.visit(frame_origin=f"http://{address}@evil.example").status_code == 422
    alone = panel.client.get("/panel/")
    assert alone.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in alone.headers["content-security-policy"]
    asked = panel.visit(frame_origin=f"http://{address}:8631")
    entered = panel.client.get("/panel/" + asked.json()["url"].partition("/panel/")[2], follow_redirects=False)
    assert {"HttpOnly", "Secure", "SameSite=None", "Partitioned"} <= set(entered.headers["set-cookie"].split("; "))
    token = entered.headers["set-cookie"].partition("=")[2].partition(";")[0]
    framed = panel.client.get("/panel/", headers={"Cookie": f"pressroom_panel={token}"})
    assert f"frame-ancestors http://{address}:8631" in framed.headers["content-security-policy"]
    assert "'unsafe" not in framed.headers["content-security-policy"]
    assert "x-frame-options" not in framed.headers


def test_badge_in_and_badge_out(panel: PanelBrowser, ann: Actor) -> None:
    assert panel.device("POST", "badges", {"badge": BADGE}).json() == {"effect": "signed_in"}
    home = panel.ask("GET", "home")
    assert (home["name"], home["method"]) == (ann.name, "badge")
    assert code_of(panel.device("POST", "badges", {"badge": "1234"})) == "printer_session.other_badge"
    assert panel.device("POST", "badges", {"badge": BADGE}).json() == {"effect": "signed_out"}
    assert code_of(panel.api("GET", "home")) == "printer_session.ended"


def test_pin_and_code_and_sign_out(panel: PanelBrowser, ann: Actor) -> None:
    for given in ({"method": "pin", "pin": "482915"}, {"method": "secure_login", "code": new_code(ann).code}):
        assert panel.ask("POST", "sign-ins", given)["home"]["name"] == ann.name
        panel.ask("DELETE", "session")
        assert code_of(panel.api("GET", "home")) == "printer_session.ended"
    assert code_of(panel.api("POST", "sign-ins", given)) == "login_code.refused", "a code counts once"


def test_five_wrong_pins_lock_the_printer_and_say_so(panel: PanelBrowser) -> None:
    """PR-188, AC-162."""
    wrong = {"method": "pin", "pin": "999999"}
    assert [code_of(panel.api("POST", "sign-ins", wrong)) for _ in range(6)] == [
        *["pin.refused"] * 5,
        "printer_login.printer_locked",
    ]
    assert code_of(panel.api("POST", "sign-ins", {"method": "pin", "pin": "482915"})) == "printer_login.printer_locked"


def test_badge_and_pin_as_second_factor(panel: PanelBrowser, installation: Installation, ann: Actor) -> None:
    """AC-150: the badge waits on the server, the page never learns its number."""
    change_settings(installation.administrator, PrinterLoginSettings(mode=LoginMode.BADGE_AND_PIN))
    after_badge = {"method": "badge", "pin": "482915"}
    assert code_of(panel.api("POST", "sign-ins", after_badge)) == "panel.badge_forgotten"
    assert panel.device("POST", "badges", {"badge": BADGE}).json() == {"effect": "pin_needed"}
    assert panel.ask("GET", "state") == {"home": None, "asked": "pin"}
    assert code_of(panel.api("POST", "sign-ins", {"method": "badge", "pin": "000000"})) == "pin.refused"
    assert panel.ask("POST", "sign-ins", after_badge)["home"]["name"] == ann.name
    panel.ask("DELETE", "session")
    panel.device("POST", "badges", {"badge": BADGE})
    panel.ask("DELETE", "waiting-badge")
    assert code_of(panel.api("POST", "sign-ins", after_badge)) == "panel.badge_forgotten"


def test_an_unknown_badge_is_registered_by_its_owner(panel: PanelBrowser, ann: Actor) -> None:
    """AC-163."""
    assert panel.device("POST", "badges", {"badge": "NEW-1"}).json() == {"effect": "registration_needed"}
    wrong = panel.api("POST", "badge-registrations", {"email": ann.email, "password": "wrong"})
    assert code_of(wrong) == "printer_login.credentials_refused"
    panel.ask("POST", "badge-registrations", {"email": ann.email, "password": PASSWORD})
    panel.ask("DELETE", "session")
    assert panel.device("POST", "badges", {"badge": "NEW-1"}).json() == {"effect": "signed_in"}
    panel.ask("DELETE", "session")
    panel.device("POST", "badges", {"badge": "NEW-2"})
    assert panel.ask("POST", "badge-registrations", {"code": new_code(ann).code})["home"]["name"] == ann.name


def test_a_pin_of_another_length_has_to_be_replaced(
    panel: PanelBrowser, installation: Installation, ann: Actor
) -> None:
    """AC-154."""
    change_settings(installation.administrator, ALL.model_copy(update={"pin_length": 8}))
    signed = panel.ask("POST", "sign-ins", {"method": "pin", "pin": "482915"})
    assert (signed["pin_must_be_reset"], signed["pin_way"]) == (True, "typed")
    assert code_of(panel.api("PUT", "pin", {"pin": "4829"})) == "pin.wrong_length"
    panel.ask("PUT", "pin", {"pin": "48291537"})
    panel.ask("DELETE", "session")
    assert not panel.ask("POST", "sign-ins", {"method": "pin", "pin": "48291537"})["pin_must_be_reset"]
    change_settings(installation.administrator, ALL)
    set_own_pin(ann, "482915")
    rules = ALL.model_copy(update={"pin_length": 8, "pin_generation": PinGeneration.ADMINISTRATOR})
    change_settings(installation.administrator, rules)
    panel.ask("DELETE", "session")
    assert panel.ask("POST", "sign-ins", {"method": "pin", "pin": "482915"})["pin_way"] is None


def test_a_small_panel_takes_no_badge(panel: PanelBrowser) -> None:
    """AC-156."""
    panel.width, panel.height = 320, 240
    panel.open()
    assert (panel.start["screen"], panel.start["methods"]) == ("small", ["pin", "secure_login"])
    assert code_of(panel.device("POST", "badges", {"badge": BADGE})) == "printer_login.no_reader"


@pytest.mark.parametrize(
    ("model", "methods", "by_pin"),
    [
        ("CX725", ["badge", "pin", "secure_login"], ""),
        ("C2326", ["pin", "secure_login"], ""),
        ("B2338", [], "printer_login.not_possible"),
    ],
)
def test_the_printers_model_decides_what_it_offers_and_takes(
    panel: PanelBrowser, model: str, methods: list[str], by_pin: str
) -> None:
    """PR-186, PR-189: whatever the size of its screen; what is not offered is not taken either."""
    there = new_panel(panel.client, panel.organization_id, model=model)
    assert there.start["methods"] == methods
    badge = there.device("POST", "badges", {"badge": BADGE})
    assert badge.is_success if "badge" in methods else code_of(badge) == "printer_login.no_reader"
    there.api("DELETE", "session")
    typed = there.api("POST", "sign-ins", {"method": "pin", "pin": "482915"})
    assert typed.is_success if not by_pin else code_of(typed) == by_pin
    there.api("DELETE", "session")


def test_a_person_is_gone_after_a_while_without_a_touch(panel: PanelBrowser) -> None:
    panel.device("POST", "badges", {"badge": BADGE})
    with system_session() as session:
        session.execute(update(PrinterSession).values(last_seen=now() - timedelta(seconds=ALL.session_seconds + 10)))
    assert code_of(panel.api("GET", "home")) == "printer_session.ended"
    assert panel.device("POST", "badges", {"badge": BADGE}).json() == {"effect": "signed_in"}


def test_an_unenrolled_printer_has_no_panel_any_more(panel: PanelBrowser) -> None:
    panel.device("POST", "badges", {"badge": BADGE})
    key = panel.key
    with tenant_session(panel.organization_id) as session:
        session.delete(session.get_one(Printer, panel.printer_id))
    assert code_of(panel.api("GET", "home")) == "panel.ended"
    assert code_of(panel.device("POST", "badges", {"badge": BADGE}, key)) == "panel.printer_refused"
    assert panel.client.get("/panel/").status_code == 401


def test_a_panel_is_opened_anew_after_a_day(panel: PanelBrowser) -> None:
    age(LONGEST_PANEL)
    assert code_of(panel.api("GET", "home")) == "panel.ended"


def test_the_printer_closes_its_panel(panel: PanelBrowser) -> None:
    panel.device("POST", "badges", {"badge": BADGE})
    assert panel.device("DELETE", "visits").status_code == 204
    assert code_of(panel.api("GET", "home")) == "panel.ended"
    assert panel.device("DELETE", "visits").status_code == 204
    assert code_of(panel.device("POST", "badges", {"badge": BADGE})) == "panel.ended"


def test_a_deactivated_person_is_refused_at_once(panel: PanelBrowser, installation: Installation) -> None:
    person = installation.add_person("dora@one.example")
    panel.ask("POST", "sign-ins", {"method": "secure_login", "code": new_code(person).code})
    with system_session() as session:
        session.get_one(User, person.user_id).status = UserStatus.DEACTIVATED
    assert code_of(panel.api("GET", "home")) == "printer_login.person_refused"


def test_language_and_contrast_last_as_long_as_the_person(panel: PanelBrowser) -> None:
    panel.device("POST", "badges", {"badge": BADGE})
    panel.ask("PUT", "choices", {"locale": "sv", "contrast": True})
    home = panel.ask("GET", "home")
    assert (home["locale"], home["contrast"]) == ("sv", True)
    assert panel.api("PUT", "choices", {"locale": "xx"}).status_code == 422
    assert code_of(panel.device("POST", "badges", {"badge": "1234"})) == "printer_session.other_badge"
    panel.ask("DELETE", "session")
    panel.device("POST", "badges", {"badge": BADGE})
    home = panel.ask("GET", "home")
    assert (home["locale"], home["contrast"]) == ("en", False)


def age(by: timedelta) -> None:
    """Let every panel and ticket be older."""
    with system_session() as session:
        for one in session.scalars(select(PanelSession)):
            one.created -= by + timedelta(seconds=1)


# --- what the page hears


@pytest.fixture
def live(installation: Installation, ann: Actor, server: str) -> Iterator[PanelBrowser]:
    """A panel at a portal on a real socket, where streams stream."""
    change_settings(installation.administrator, ALL)
    with httpx.Client(base_url=server, trust_env=False, timeout=60) as client:
        yield new_panel(client, ann.organization_id)


def test_the_page_hears_of_badges_at_once_with_the_home_screen(live: PanelBrowser, ann: Actor) -> None:
    with heard(live) as next_event:
        live.device("POST", "badges", {"badge": BADGE})
        name, signed = next_event()
        assert (name, signed["home"]["name"]) == ("signed_in", ann.name)
        live.device("POST", "badges", {"badge": "1234"})
        name, problem = next_event()
        assert (name, problem["code"]) == ("problem", "printer_session.other_badge")
        live.device("POST", "badges", {"badge": BADGE})
        assert next_event()[0] == "signed_out"
        live.device("POST", "badges", {"badge": "NEVER-SEEN"})
        assert next_event() == ("registration_needed", {})


def test_the_page_hears_of_what_another_process_did_and_of_the_end(live: PanelBrowser) -> None:
    live.device("POST", "badges", {"badge": BADGE})
    with heard(live) as next_event:
        place = place_at_printer(live.organization_id, live.printer_id)
        sign_person_out(live.organization_id, place.id)
        assert next_event() == ("changed", {})
        with tenant_session(live.organization_id) as session:
            session.delete(session.get_one(Printer, live.printer_id))
        assert next_event() == ("gone", {"reason": "ended"})


def test_whoever_is_at_a_printer_that_goes_away_is_signed_out(
    live: PanelBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "AWAY_SECONDS", 0.1)
    with heard(live) as next_event:
        live.device("POST", "badges", {"badge": BADGE})
        assert next_event()[0] == "signed_in"
    until(lambda: not place_at_printer(live.organization_id, live.printer_id).person_key)
    assert code_of(live.api("GET", "home")) == "printer_session.ended"


# --- print release


def test_jobs_of_others_do_not_exist_on_the_panel(panel: PanelBrowser, installation: Installation) -> None:
    """And who may not release is not offered the app."""
    bob = installation.add_person("bob@one.example", Role.PRINT_RELEASE_USER)
    job = keep_job(bob)
    panel.device("POST", "badges", {"badge": BADGE})
    assert [tile["id"] for tile in panel.ask("GET", "home")["tiles"]] == ["print-release"]
    assert panel.ask("GET", "release")["jobs"] == []
    for method, path, content in (
        ("GET", f"release/jobs?owner_id={bob.user_id}", None),
        ("PATCH", f"release/jobs/{job}", {"copies": 2}),
        ("POST", "release/deletions", [job]),
        ("POST", "release/releases", {"job_ids": [job]}),
    ):
        assert code_of(panel.api(method, path, content)) == "not_found", path
    panel.ask("DELETE", "session")
    carl = installation.add_person("carl@one.example")
    panel.ask("POST", "sign-ins", {"method": "secure_login", "code": new_code(carl).code})
    assert panel.ask("GET", "home")["tiles"] == []
    assert code_of(panel.api("GET", "release")) == "role.missing"


@pytest.mark.parametrize(
    ("apps", "tiles"), [({"device_usage": "2.4.32"}, []), ({"print_release": "5.10.21"}, ["print-release"])]
)
def test_only_installed_apps_are_offered(panel: PanelBrowser, apps: dict[str, str], tiles: list[str]) -> None:
    """SC-24, FL-283."""
    with tenant_session(panel.organization_id) as session:
        session.execute(delete(PrinterApp).where(PrinterApp.printer_id == panel.printer_id))
    install_panel_apps(panel.organization_id, panel.printer_id, **apps)
    panel.device("POST", "badges", {"badge": BADGE})
    assert [tile["id"] for tile in panel.ask("GET", "home")["tiles"]] == tiles


def test_a_document_without_colour_stays_so_at_the_panel(panel: PanelBrowser, ann: Actor) -> None:
    """PR-193, and PR-27 for copies: what the queue's page refuses, a panel cannot have either."""
    plain, colourful = add_held(ann, is_color=False), add_held(ann)
    panel.ask("POST", "sign-ins", {"method": "pin", "pin": "482915"})
    color = {"color_mode": "color"}
    assert code_of(panel.api("PATCH", f"release/jobs/{plain}", color)) == "print_job.setting_unavailable"
    panel.ask("PATCH", f"release/jobs/{plain}", {"color_mode": "monochrome", "copies": 2})
    panel.ask("PATCH", f"release/jobs/{colourful}", color)
    set_print_settings(ann, jobs={"change_copies_enabled": False})
    try:
        assert code_of(panel.api("PATCH", f"release/jobs/{colourful}", {"copies": 3})) == "print_job.copies_fixed"
    finally:
        set_print_settings(ann)
    with ann.session(read_only=True) as session:
        tickets = {one: find_job(session, one).ticket for one in (plain, colourful)}
    assert tickets == {plain: {"color_mode": "monochrome", "copies": 2}, colourful: color}


def test_two_hundred_jobs_are_listed_at_once(panel: PanelBrowser, installation: Installation) -> None:
    """PR-196: under two seconds; the best of three, since other programs want the machine too."""
    person = installation.add_person("hoarder@one.example", Role.PRINT_RELEASE_USER)
    set_own_pin(person, "593026")
    add_many(person, 200)
    panel.ask("POST", "sign-ins", {"method": "pin", "pin": "593026"})
    times = []
    for _ in range(3):
        began = time.perf_counter()
        assert len(panel.ask("GET", "release")["jobs"]) == 200
        times.append(time.perf_counter() - began)
    assert min(times) < 2


def test_every_text_of_the_pages_is_in_every_language(panel: PanelBrowser) -> None:
    """The pages' own files name what they show: nothing is left in English."""
    swedish = panel.client.get(f"/panel/texts/{version()}/sv.json")
    assert set(swedish.json()) == set(templates())
    assert "immutable" in swedish.headers["cache-control"]
    assert panel.client.get("/panel/texts/old/sv.json").headers["cache-control"] == "no-store"


@pytest.mark.parametrize("name", ["..%2fapps.py", "panel.py", "nothing.js", "%2e%2e"])
def test_only_the_pages_own_files_are_served(panel: PanelBrowser, name: str) -> None:
    assert panel.client.get(f"/panel/static/{version()}/{name}", headers={"Accept": "*/*"}).status_code in (404, 422)


def test_the_list_of_jobs_follows_what_happens_elsewhere(live: PanelBrowser, ann: Actor) -> None:
    """A job comes in, is converted, is released at another printer, expires: each is told without being asked."""
    with heard(live) as next_event:

        def told(*, coming: int, jobs: int) -> None:
            while (heard_of := next_event())[0] != "queue" or heard_of[1]["coming"] != coming:
                continue
            assert len(live.ask("GET", "release/jobs")) == before + jobs
            assert live.ask("GET", "release")["queue"]["owner_id"] == ann.user_id

        live.device("POST", "badges", {"badge": BADGE})
        before = len(live.ask("GET", "release")["jobs"])
        job_id = keep_job(ann, "b", JobState.CONVERTING)
        told(coming=1, jobs=0)
        change_job(ann, job_id, state=JobState.HELD)
        told(coming=0, jobs=1)
        change_job(ann, job_id, state=JobState.RELEASING)
        told(coming=0, jobs=0)
        change_job(ann, job_id, state=JobState.HELD)
        told(coming=0, jobs=1)
        change_job(ann, job_id, expires_at=now() - timedelta(seconds=1))
        told(coming=0, jobs=0)
        live.device("POST", "badges", {"badge": BADGE})


def change_job(owner: Actor, job_id: str, **values: object) -> None:
    """What another process does to a job."""
    with tenant_session(owner.organization_id) as session:
        session.execute(update(PrintJob).where(PrintJob.id == job_id).values(**values))


def keep_job(owner: Actor, key: str = "a", state: JobState = JobState.HELD) -> str:
    """A job that waits in somebody's queue."""
    with tenant_session(owner.organization_id) as session:
        last = session.scalar(select(func.max(PrintJob.number))) or 0
        job = PrintJob(
            user_id=owner.user_id, submission_key=key, number=last + 1, name="Secret.pdf", source=JobSource.WEB,
            kind=JobKind.CLOUD, state=state, media_type="application/pdf", size=1, ticket={},
        )  # fmt: skip
        job.organization_id = owner.organization_id
        session.add(job)
        session.flush()
        return job.id
