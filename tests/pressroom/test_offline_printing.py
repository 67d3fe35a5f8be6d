"""Printing offline while the portal is away, with real processes: told later, accounted exactly once (section 28)."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select

from domain.organizations.actor import Actor
from domain.organizations.roles import Role
from domain.print_definitions.models import TargetKind
from domain.print_quotas.models import PrintCharge
from domain.printing.models import PrintJob, PrintRelease
from domain.printing.states import JobKind, JobState
from fleet.print_assignments.service import AssignmentForm, create_assignment
from fleet.printers.models import TaggedPrinter
from fleet.printers.tags.service import create_tag
from portal_api.app import create_service
from pressroom.workstation.notices import AWAY_BUT_PRINTING, BACK
from tests.printers_sim.conftest import wait_until
from tests.support.nodes import set_settings
from tests.support.portal_server import serving
from tests.support.releasing import ReleaseOffice, release_office, write_pdf
from tests.support.workstations import SECONDS, Screen, Workstation


@dataclass
class Outage:
    """A workstation whose person signed in while the portal was there, which is away now."""

    office: ReleaseOffice
    person: Actor
    laptop: Workstation
    port: int

    @property
    def printer(self) -> str:
        return f"{self.office.simulated().address}:{self.office.simulation.http_port}"

    def document(self, name: str, pages: int) -> str:
        return str(write_pdf(self.office.folder / name, pages))

    def told(self) -> tuple[int, int, int]:
        """Jobs, impressions and charged impressions that the portal knows of the person."""
        with self.person.session(read_only=True) as session:
            mine = PrintRelease.user_id == self.person.user_id
            jobs, sides = session.execute(
                select(func.count(), func.coalesce(func.sum(PrintRelease.impressions), 0)).where(mine)
            ).one()
            charged = session.scalar(
                select(func.coalesce(func.sum(PrintCharge.impressions), 0)).where(
                    PrintCharge.user_id == self.person.user_id
                )
            )
            return jobs, int(sides), int(charged or 0)


@pytest.fixture(scope="module")
def outage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outage]:
    folder = tmp_path_factory.mktemp("office")
    with ExitStack() as stack:
        office = stack.enter_context(release_office(folder, page_seconds=0.2))
        assignments = {"enabled": True, "use_with": "direct_and_offline"}
        set_settings(office.organization_id, assignments=assignments)
        person = office.installation.add_person("olle@one.example", Role.PRINT_RELEASE_USER, Role.DIRECT_PRINT_USER)
        assign(office, person)
        with serving(create_service()) as portal:
            laptop = Workstation(folder / "laptop", portal)
            stack.callback(laptop.close)
            laptop.sign_in(person)
            laptop.agent("--mode", "offline")
            wait_until((laptop.folder / "told").exists, SECONDS)
            laptop.close()
            one = Outage(office, person, laptop, urlsplit(portal).port or 0)
            refused = laptop.run("offline", "submit", one.document("no.pdf", 1), "-p", one.printer, code=1)
            assert "workstation.not_offline" in refused
            assert one.told() == (0, 0, 0)
            print_directly(one)
        yield one


def assign(office: ReleaseOffice, person: Actor) -> None:
    """The first printer, to this person."""
    administrator = office.installation.administrator
    tag = create_tag(administrator, "direct")
    with administrator.session() as session:
        session.add(TaggedPrinter(tag_id=tag.id, printer_id=office.printers[0]))
    form = AssignmentForm("Direct", TargetKind.PERSONAL, emails=(person.email,), tag_ids=(tag.id,))
    create_assignment(administrator, form)


def print_directly(one: Outage) -> None:
    """F-23: at an assigned printer, while the portal is there and says how; it hears of it at once."""
    (printer,) = json.loads(one.laptop.run("direct", "printers", "--json"))
    refused = one.laptop.run("direct", "submit", one.document("no.pdf", 1), "-p", "127.0.0.1", code=1)
    assert "workstation.not_assigned" in refused
    before = one.office.simulated().life_count
    said = one.laptop.run("direct", "submit", one.document("direct.pdf", 2), "-p", printer["queue"], "-o", "copies=2")
    assert "printed" in said
    assert one.office.simulated().life_count - before == 4
    assert "1 told" in one.laptop.run("offline", "flush")
    assert "0 told" in one.laptop.run("offline", "flush")
    assert one.told() == (1, 4, 4)
    with one.person.session(read_only=True) as session:
        fact = session.scalars(select(PrintRelease)).one()
        assert (fact.printer_id, fact.copies) == (one.office.printers[0], 2)
        assert fact.printer_address.endswith("(Direct)")


def test_what_is_printed_while_the_portal_is_away_is_told_once_when_it_is_back(
    outage: Outage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PR-261…PR-266, PR-312, AM-44; one print is killed in the midst of it (kill -9)."""
    screen = Screen(tmp_path / "screen", monkeypatch)
    printer = outage.office.simulated()
    before = printer.life_count
    assert "printed" in outage.laptop.run("offline", "submit", outage.document("plan.pdf", 3), "-p", outage.printer)
    assert printer.life_count - before == 3
    process = outage.laptop.start("offline", "submit", outage.document("long.pdf", 15), "-p", outage.printer)
    wait_until(lambda: printer.life_count - before >= 5, SECONDS)
    process.kill()
    process.wait(SECONDS)
    journal = outage.laptop.folder / "usage"
    assert len(list(journal.iterdir())) == 2
    assert not any(b"plan.pdf" in path.read_bytes() for path in journal.iterdir()), "it is sealed"
    wait_until(lambda: printer.life_count - before == 18, SECONDS)
    outage.laptop.agent("--mode", "offline")
    wait_until(lambda: AWAY_BUT_PRINTING in screen.shown(), SECONDS)
    with serving(create_service(), outage.port):
        wait_until(lambda: not list(journal.iterdir()), SECONDS)
        wait_until(lambda: BACK in screen.shown(), SECONDS)
        assert outage.told() == (3, 22, 22), "and the direct print from before"
        with outage.person.session(read_only=True) as session:
            mine = PrintJob.user_id == outage.person.user_id
            jobs = session.scalars(select(PrintJob).where(mine, PrintJob.kind == JobKind.OFFLINE)).all()
            assert {(job.name, job.kind, job.state) for job in jobs} == {
                ("plan.pdf", JobKind.OFFLINE, JobState.PRINTED),
                ("long.pdf", JobKind.OFFLINE, JobState.PRINTED),
            }
        outage.laptop.close()


def test_whoever_prints_to_the_queue_while_the_portal_is_away_is_asked_for_a_printer(outage: Outage) -> None:
    """PR-312: the assigned printers are listed, any address may be typed, and nothing means no print."""
    before = outage.office.simulated().life_count
    for typed, code, sides in (("", 4, 0), (outage.printer, 0, 2)):
        said = outage.laptop.typed(f"{typed}\n", "submit", outage.document("plan.pdf", 2), code=code)
        assert outage.office.simulated().address in said, "the printer that is assigned"
        assert outage.office.simulated().life_count - before == sides
    shown = outage.laptop.run("submit", outage.document("plan.pdf", 2), code=4)
    assert "printctl offline submit" in shown, "nobody can be asked"


def test_who_wants_encryption_sends_nothing_in_the_clear(outage: Outage) -> None:
    """PR-314."""
    configuration = outage.laptop.folder / "client.json"
    before = configuration.read_text()
    configuration.write_text(json.dumps(json.loads(before) | {"directPrintSettings": {"printEncrypted": True}}))
    printed = outage.office.simulated().life_count
    said = outage.laptop.run("offline", "submit", outage.document("open.pdf", 1), "-p", outage.printer, code=1)
    configuration.write_text(before)
    assert "workstation.not_encrypted" in said
    assert outage.office.simulated().life_count == printed


def test_settings_that_were_fetched_too_long_ago_print_nothing(outage: Outage) -> None:
    """PR-262, PR-265."""
    told = outage.laptop.folder / "told"
    long_ago = time.time() - 31 * 86_400
    os.utime(told, (long_ago, long_ago))
    before = outage.office.simulated().life_count
    refused = outage.laptop.run("offline", "submit", outage.document("late.pdf", 1), "-p", outage.printer, code=1)
    assert "workstation.settings_not_fetched" in refused
    assert outage.office.simulated().life_count == before
