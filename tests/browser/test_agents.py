"""A newcomer finds and enrols printers in the portal: by the built-in agent, a fleet agent, a code, serial numbers."""

import re
import threading
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from domain.organizations.models import GroupKind, GroupMember, now
from domain.organizations.roles import Role
from domain.organizations.service import local_administrator, new_organization
from domain.tenancy import system_session
from fleet.agents.models import Agent, AgentKind
from fleet.enrolment.native import announce
from fleet.printers.models import Printer
from fleet.tasks.models import FleetTask, Job
from fleet.tasks.reporting import keep_reports
from flows.fleet_task import work_on_printers
from printers_sim.simulation import Simulation, SimulationPlan
from steps.found_printers import FoundPrinter
from steps.printer_work import Report
from steps.versions import LIBRARY_VERSION, VERSION
from tests.browser.conftest import Open, Visitor, another_page
from tests.support.fleet import add_agent, add_printers
from tests.support.people import group
from tests.support.simulation import running_simulation


@pytest.fixture
def simulation() -> Iterator[Simulation]:
    with running_simulation(SimulationPlan(count=5, http_port=0, snmp_port=0)) as one:
        yield one


def work_on_everything() -> None:
    """What the worker does meanwhile, in a thread: the browser's own loop runs in this one."""
    worker = threading.Thread(target=_work)
    worker.start()
    worker.join()


def _work() -> None:
    home = local_administrator().organization_id
    with system_session(read_only=True) as session:
        tasks = session.scalars(select(FleetTask.id).where(FleetTask.finished.is_(None))).all()
    for task_id in tasks:
        while work_on_printers.fn(home, task_id, resumes=True):
            pass


def serials() -> set[str]:
    with system_session(read_only=True) as session:
        return set(session.scalars(select(Printer.serial_number)))


def test_a_newcomer_finds_and_enrols_printers(visitor: Visitor, simulation: Simulation) -> None:
    """F-3, FL-132 by the portal: where to search, what to leave alone, and the printers are there."""
    left_out = simulation.printers[4]
    visitor.go("/agents")
    page = visitor.page
    expect(page.get_by_role("heading", name="Agents", exact=True)).to_be_visible()
    page.get_by_role("link", name=re.compile("Built-in agent")).click()
    page.get_by_text("Advanced search").click()
    page.get_by_label("Include").fill(f"{simulation.printers[0].address}-{left_out.address}")
    page.get_by_label("Exclude").fill(left_out.address)
    page.get_by_label("Network utilisation delay in milliseconds").fill("0")
    page.get_by_label("Web port of the printers").fill(str(simulation.http_port))
    page.get_by_label("SNMP port of the printers").fill(str(simulation.snmp_port))
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.get_by_role("button", name="Discover and enrol printers").click()
    expect(page.get_by_text("The agent searches.")).to_be_visible()
    work_on_everything()
    assert serials() == {printer.serial for printer in simulation.printers[:4]}
    visitor.go("/agents")
    expect(page.get_by_role("link", name=re.compile("Built-in agent"))).to_contain_text("4 printers")


def test_what_is_no_entry_is_said_at_once_and_nothing_is_saved(visitor: Visitor) -> None:
    """FL-109."""
    visitor.go("/agents")
    page = visitor.page
    page.get_by_role("link", name=re.compile("Built-in agent")).click()
    page.get_by_label("Include").fill("10.0.0.9-10.0.0.1")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("is no address, subnet, range or host name")).to_be_visible()


def test_the_lists_of_a_search_come_from_files(visitor: Visitor, tmp_path: Path) -> None:
    """FL-110, FL-111: appended without doubles, or in place of what was there."""
    file = tmp_path / "include.csv"
    file.write_text("10.1.0.7,hall\n10.2.0.0/24\n", encoding="utf-8")
    visitor.go("/agents")
    page = visitor.page
    page.get_by_role("link", name=re.compile("Built-in agent")).click()
    include = page.get_by_label("Include")
    include.fill("10.1.0.7\n10.9.0.1")
    page.locator("input[type=file]").first.set_input_files(file)
    expect(include).to_have_value(re.compile(r"^10\.1\.0\.7\n10\.9\.0\.1\n10\.2\.0\.0/24\s*$"))
    page.get_by_role("switch", name="Overwrite existing entries at import").first.click()
    page.locator("input[type=file]").first.set_input_files(file)
    expect(include).to_have_value(re.compile(r"^10\.1\.0\.7\n10\.2\.0\.0/24\s*$"))


def test_the_activation_code_of_a_fleet_agent_is_shown_once(visitor: Visitor) -> None:
    """FL-107, FL-124."""
    visitor.go("/agents")
    page = visitor.page
    page.get_by_role("button", name="Create fleet agent").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Warehouse")
    page.get_by_role("dialog").get_by_role("button", name="Create").click()
    code = page.get_by_role("dialog").get_by_text(re.compile(r"^([A-Z2-9]{4}-){3}[A-Z2-9]{4}$"))
    expect(code).to_be_visible()
    shown = code.inner_text()
    page.get_by_role("button", name="Done").click()
    page.wait_for_url(re.compile("/agents/[0-9a-f]{32}$"))
    expect(page.get_by_text("Not activated")).to_be_visible()
    assert shown not in page.content()
    with system_session(read_only=True) as session:
        agent = session.scalars(select(Agent).where(Agent.name == "Warehouse")).one()
        assert agent.activated is None


def test_a_printer_is_registered_by_the_code_that_it_shows(visitor: Visitor) -> None:
    """FL-152."""
    printer = FoundPrinter(address="127.0.0.8", serial_number="PXC-SHOWN", firmware_level="081.215", is_vendor=True)
    announce("MNBVCXZAS", AgentKind.NATIVE, printer)
    visitor.go("/agents")
    page = visitor.page
    page.get_by_role("button", name="Register printer", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Code of the printer").fill("wrong")
    dialog.get_by_role("button", name="Register printer").click()
    expect(page.get_by_text("The enrolment code is not known")).to_be_visible()
    dialog.get_by_label("Code of the printer").fill("mnbvcxzas")
    dialog.get_by_role("button", name="Register printer").click()
    expect(page.get_by_text("The printer PXC-SHOWN is enrolled as soon as it asks.")).to_be_visible()


def test_serial_numbers_are_pre_registered_and_removed(visitor: Visitor) -> None:
    """FL-143, FL-145, FL-149."""
    visitor.go("/agents")
    page = visitor.page
    page.get_by_role("button", name="Pre-register printers").click()
    page.get_by_label("Serial numbers, one a line").fill("PXC-A1\nPXC-A2\n?")
    page.get_by_role("dialog").get_by_role("button", name="Pre-register", exact=True).click()
    expect(page.get_by_text("2 pre-registered, 0 known already, 1 malformed.")).to_be_visible()
    page.get_by_role("button", name="Enrolment code").click()
    expect(page.get_by_text("2 printers are pre-registered.")).to_be_visible()
    file = {"name": "gone.txt", "mimeType": "text/plain", "buffer": b"PXC-A2\nPXC-NOT\n"}
    page.get_by_role("dialog").locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    expect(page.get_by_role("dialog").get_by_text("PXC-A2")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Remove pre-registered printers").click()
    expect(page.get_by_text("1 pre-registrations were removed.")).to_be_visible()
    visitor.go("/printers")
    section = page.get_by_role("region", name="Pre-registered printers")
    section.get_by_role("checkbox", name="Choose PXC-A1").click()
    section.get_by_role("button", name="Remove pre-registered printers").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
    expect(section).to_contain_text("No printer is pre-registered any more.")
    assert visitor.api("/pre-registrations")["serial_numbers"] == []


def test_an_snmp_profile_is_made_and_its_secrets_are_not_shown_again(visitor: Visitor) -> None:
    """FL-114…FL-118."""
    visitor.go("/agents")
    page = visitor.page
    page.get_by_role("button", name="SNMP profiles").click()
    page.get_by_label("Profile name").fill("Warehouse printers")
    page.get_by_label("Community name").fill("sesame-street")
    page.get_by_role("button", name="Create profile").click()
    expect(page.get_by_text("The profile was created.")).to_be_visible()
    page.get_by_role("button", name="SNMP profiles").click()
    expect(page.get_by_role("article").filter(has_text="Warehouse printers")).to_be_visible()
    assert "sesame-street" not in page.content()


def calling(kind: AgentKind, name: str, **values: object) -> None:
    """An agent that has called in just now, unless `values` say otherwise."""
    facts = {"activated": now(), "last_contact": now(), "version": "2.1.0", **values}
    with system_session() as session:
        home = local_administrator().organization_id
        session.add(Agent(organization_id=home, kind=kind, name=name, **facts))


def test_settings_of_several_agents_warn_about_silent_ones(visitor: Visitor) -> None:
    """FL-164, F-14: the task is made, and the silent agent's job fails at once."""
    calling(AgentKind.LOCAL, "Near")
    calling(AgentKind.LOCAL, "Far", last_contact=now() - timedelta(days=2))
    visitor.go("/agents")
    page = visitor.page
    section = page.get_by_role("region", name="Local agents")
    expect(section.get_by_role("button", name="Edit settings")).to_be_disabled()
    section.get_by_role("checkbox", name="Choose Near").click()
    section.get_by_role("checkbox", name="Choose Far").click()
    section.get_by_role("button", name="Edit settings").click()
    expect(page.get_by_text("Not communicating, and therefore not changed: Far")).to_be_visible()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(re.compile("/fleet-tasks/"))
    with system_session(read_only=True) as session:
        query = select(Job.subject, Job.status).where(Job.subject.in_(("Far", "Near")))
        jobs = session.execute(query).tuples().all()
    assert sorted(jobs) == [("Far", "failed"), ("Near", "pending")]


def test_each_section_says_how_to_begin_and_what_can_be_updated(visitor: Visitor) -> None:
    """FL-53, FL-54, FL-55: program and library have a filter each."""
    calling(AgentKind.FLEET, "Old program", version="1.0.0", library_version=LIBRARY_VERSION)
    calling(AgentKind.FLEET, "Old library", version=VERSION, library_version="0.9")
    visitor.go("/agents")
    page = visitor.page
    of_printers, of_networks = (page.get_by_role("region", name=name) for name in ("Printer agents", "Fleet agents"))
    expect(of_printers).to_contain_text("Keep it at its current version, so that all features work.")
    expect(of_printers).to_contain_text("There is none yet: the enrolment tool finds printers")
    for wanted, other, title in (
        ("Old program", "Old library", "Agent update available"),
        ("Old library", "Old program", "Library update available"),
    ):
        page.get_by_role("switch", name=title).click()
        expect(of_networks.get_by_role("link", name=re.compile(other))).to_have_count(0)
        expect(of_networks.get_by_role("link", name=re.compile(wanted))).to_contain_text(title)
        expect(of_printers).to_contain_text("No agent fits the filters.")
        page.get_by_role("switch", name=title).click()
        expect(of_networks.get_by_role("link", name=re.compile(other))).to_be_visible()


def test_of_a_native_agent_only_the_credentials_are_set(visitor: Visitor) -> None:
    """FL-41, FL-42, FL-106, FL-155: from its page and from the list; it is deactivated after a question (FL-163)."""
    calling(AgentKind.NATIVE, "In the firmware")
    with system_session(read_only=True) as session:
        agent_id = session.scalars(select(Agent.id).where(Agent.name == "In the firmware")).one()
    (printer_id,) = add_printers(local_administrator().organization_id, 1, agent_id)
    visitor.go("/agents")
    page = visitor.page
    page.get_by_role("checkbox", name="Choose In the firmware").click()
    section = page.get_by_role("region", name="Native agents")
    section.get_by_role("button", name="Update agent credentials").click()
    expect(page.get_by_role("dialog").get_by_label("Authentication type")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    section.get_by_role("link", name=re.compile("In the firmware")).click()
    expect(page.get_by_role("heading", name="In the firmware")).to_be_visible()
    expect(page.get_by_label("Log level")).to_be_hidden()
    for name in ("Request log", "Update agent"):
        expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)
    page.get_by_role("button", name="Update agent credentials").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("User name").fill("admin")
    dialog.get_by_label("Password or PIN").fill("secret")
    dialog.get_by_role("button", name="Update credentials").click()
    expect(page.get_by_text("Started: Update agent credentials.")).to_be_visible()
    with system_session(read_only=True) as session:
        started = select(Job.printer_id).join(FleetTask, FleetTask.id == Job.task_id)
        assert session.scalars(started.where(FleetTask.kind == "update_credentials")).all() == [printer_id]
    page.get_by_role("button", name="Deactivate agent").click()
    page.get_by_role("dialog").get_by_role("button", name="Deactivate agent").click()
    expect(page.get_by_text("Deactivated", exact=True)).to_be_visible()


def test_an_agents_page_lists_its_log_and_what_was_asked_of_it(visitor: Visitor) -> None:
    """FL-137, FL-140, FL-166: the log is there to be downloaded once the agent has handed it over."""
    home = local_administrator().organization_id
    calling(AgentKind.LOCAL, "At the desk")
    visitor.go("/agents")
    page = visitor.page
    page.get_by_role("link", name=re.compile("At the desk")).click()
    logs, history = (page.get_by_role("region", name=name) for name in ("Log files", "Event history"))
    expect(logs).to_contain_text("No logs have been collected from this agent.")
    expect(history).to_contain_text("Nothing has happened yet.")
    page.get_by_role("button", name="Request log").click()
    expect(history.get_by_role("listitem")).to_contain_text(["Agent log transfer"], timeout=20_000)
    with system_session(read_only=True) as session:
        job_id = session.scalars(select(Job.id).where(Job.subject == "At the desk")).one()
    facts = {"file": f"{home}/fleet/logs/{job_id}-a", "size": 12, "name": "agent-log.zip"}
    keep_reports(home, [(job_id, Report(facts=facts))])
    expect(logs.get_by_role("listitem")).to_contain_text(["agent-log.zip"], timeout=20_000)
    expect(logs.get_by_role("link", name="Download agent-log.zip")).to_be_visible()
    expect(history.get_by_role("listitem")).to_contain_text(["Completed"])


def test_fleet_agents_on_a_phone(open_window: Open) -> None:
    """FL-336: found by name; updates are offered only where there are any; what it was asked to do is told."""
    calling(AgentKind.FLEET, "Behind", version="1.0.0", library_version="0.9.0")
    calling(AgentKind.FLEET, "Up to date", version=VERSION, library_version=LIBRARY_VERSION)
    window = open_window(width=390)
    window.sign_in()
    page = window.page
    updates = page.get_by_role("button", name=re.compile("^Update (agent|printer support library)$"))
    for name, offered in (("Behind", 2), ("Up to date", 0)):
        window.go("/agents")
        page.get_by_label("Name of an agent").fill(name.upper())
        section = page.get_by_role("region", name="Fleet agents")
        expect(section.get_by_role("link")).to_have_count(1)
        with another_page(page):
            section.get_by_role("link").click()
        information = page.get_by_role("region", name="Information")
        for fact in ("Version", "Printer support library", "Searches for printers", "Last search"):
            expect(information).to_contain_text(fact)
        expect(updates).to_have_count(offered)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Discover and enrol printers").click()
    history = page.get_by_role("region", name="Event history")
    expect(history.get_by_role("listitem")).to_contain_text("Discover and enrol printers")
    expect(history.get_by_role("listitem")).to_contain_text("Pending")


def test_an_installation_package_is_downloaded_with_its_code(visitor: Visitor) -> None:
    """FL-75, FL-123, FL-124, FL-133: the licences have to be accepted first; the launcher is in the package."""
    calling(AgentKind.FLEET, "Packed")
    visitor.go("/agents")
    page = visitor.page
    page.get_by_role("link", name=re.compile("Packed")).click()
    page.get_by_role("button", name="Installation package").click()
    expect(page.get_by_role("dialog").get_by_text(re.compile(r"^\w{4}(-\w{4}){3}$"))).to_be_visible()
    download = page.get_by_role("button", name="Download")
    expect(download).to_be_disabled()
    page.get_by_role("checkbox", name=re.compile("I accept the licences")).click()
    with page.expect_download(timeout=60_000) as fetched:
        download.click(no_wait_after=True)  # the package is in the making for longer than a click may take
    with zipfile.ZipFile(fetched.value.path()) as package:
        assert {"portal.json", "pressroom-agent", "pressroom-agent.cmd"} <= set(package.namelist())
    page.get_by_label("Or mail a link to").fill("installer@customer.example")
    page.get_by_role("button", name="Send link").click()
    expect(page.get_by_text("The link is on its way.")).to_be_visible()


def test_agents_of_several_customers_are_updated_together(visitor: Visitor) -> None:
    """FL-57…FL-61, FL-138: only those that are behind are shown, and one bulk task holds a part for each customer."""
    partner = local_administrator()
    roles = (Role.PARTNER_ADMINISTRATOR.value, Role.FLEET_ADMINISTRATOR.value)
    group_id = group(partner, "Updates everywhere", *roles, kind=GroupKind.CHILD_ACCESS)
    with partner.session() as session:
        session.add(GroupMember(group_id=group_id, user_id=partner.user_id))
    behind = {}
    for name in ("Harbour office", "Mill office"):
        with system_session() as session:
            customer = new_organization(session, name, partner.organization_id).id
        facts = {"activated": now(), "last_contact": now()}
        behind[name] = add_agent(customer, AgentKind.LOCAL, version="1.0.0", **facts)
        add_agent(customer, AgentKind.LOCAL, version=VERSION, **facts)
        add_agent(customer, AgentKind.NATIVE, version="1.0.0", **facts)
        add_printers(customer, 1, name=f"Printer of {name}")
    page = visitor.page
    visitor.go("/agents/all")
    theirs = page.locator(".record-choice").filter(has_text=re.compile("Harbour office|Mill office"))
    expect(theirs).to_have_count(4)
    page.get_by_role("switch", name="Update available").click()
    expect(theirs).to_have_count(2)
    update = page.get_by_role("button", name="Update agents")
    expect(update).to_be_disabled()
    for box in theirs.get_by_role("checkbox").all():
        box.click()
    expect(update).to_be_enabled()
    update.click()
    expect(page.get_by_role("heading", name="Update agent")).to_be_visible(timeout=120_000)  # packages are made
    jobs = page.get_by_role("list").get_by_role("listitem")
    for name in behind:
        expect(jobs.filter(has_text=name).first).to_be_visible()
    with system_session(read_only=True) as session:
        assert set(session.scalars(select(Job.agent_id).where(Job.agent_id.in_(behind.values())))) == set(
            behind.values()
        )


def test_all_organizations_are_looked_at_and_one_of_them_is_entered(visitor: Visitor) -> None:
    """FL-45, FL-46, FL-177; after the test above, which makes customers with printers."""
    page = visitor.page
    visitor.go("/account")
    page.get_by_role("button", name="Applications").click()
    page.get_by_role("menu").get_by_text("Fleet", exact=True).click()
    page.wait_for_url("**/workplace?area=fleet")
    page.get_by_role("button", name=re.compile("^Next: ")).click()
    page.wait_for_url("**/printers")
    visitor.go("/workplace?area=fleet")
    page.get_by_role("link", name="All organizations (view only)").click()
    expect(page.get_by_role("heading", name="Printers of all organizations")).to_be_visible()
    page.get_by_role("button", name="Export to CSV").click()
    of_all = page.get_by_role("link", name="The list as it is shown")
    expect(of_all).to_have_attribute("href", re.compile("^/api/v1/printers/all/export"))
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="View: Standard")).to_be_visible()
    page.get_by_placeholder("Address, serial number, name, place …").fill("Printer of Harbour office")
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("row").get_by_role("button", name="Harbour office").click()
    expect(page.get_by_text("You work in Harbour office, a customer of")).to_be_visible()
    page.wait_for_url("**/printers")
