"""A phone in place of a small panel: codes that change, and one person at a time (MOB-1…MOB-9, PR-221…PR-225)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import cv2
import numpy as np
import pytest
from sqlalchemy import update

from connectors.errors import PressroomError
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.roles import Role
from domain.printer_login.models import PrinterSession
from domain.solutions.definition import SolutionDefinition, StepDefinition
from domain.solutions.service import create_solution
from fleet.agents.models import AgentKind
from fleet.phones import codes
from fleet.phones.codes import CODE_PATH, panel_code, scanned, sticker_code, ticket
from fleet.phones.solutions import run_at_printer, solutions_at_printer
from fleet.phones.turns import enter_printer, leave_printer, seconds_left, touch_printer
from fleet.printers.models import Printer
from steps.samples import letter_pdf
from tests.support.print_settings import set_print_settings
from tests.support.releasing import ReleaseOffice, release_office


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReleaseOffice]:
    with release_office(tmp_path_factory.mktemp("office"), ["mono-printer"]) as one:
        change(one, agent_kind=AgentKind.NATIVE, firmware_level="081.215")
        set_print_settings(one.installation.administrator, jobs={"phone_stickers_enabled": True})
        yield one


def change(office: ReleaseOffice, **values: Any) -> None:
    with office.ann.session() as session:
        session.execute(update(Printer).where(Printer.id == office.printers[0]).values(**values))


def code_of(address: str) -> str:
    return address.rpartition(CODE_PATH)[2]


def shown(office: ReleaseOffice) -> str:
    return code_of(panel_code(office.installation.administrator, office.printers[0]).address)


def refusal(call: Any, *given: Any) -> str:
    with pytest.raises(PressroomError) as caught:
        call(*given)
    return caught.value.code


def later(monkeypatch: pytest.MonkeyPatch, **by: float) -> None:
    moment = now() + timedelta(**by)
    monkeypatch.setattr(codes, "now", lambda: moment)


def idle(actor: Actor, **since: float) -> None:
    with actor.session() as session:
        session.execute(update(PrinterSession).values(last_seen=now() - timedelta(**since)))


class TestCodes:
    def test_what_a_panel_shows_is_good_for_two_minutes_at_most(
        self, office: ReleaseOffice, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = panel_code(office.installation.administrator, office.simulated().serial)
        assert first.seconds is not None
        assert 1 <= first.seconds <= 60
        code = code_of(first.address)
        assert scanned(code).printer_id == office.printers[0]
        later(monkeypatch, seconds=59)
        assert scanned(code).printer_id == office.printers[0]
        assert shown(office) != code
        later(monkeypatch, seconds=121)
        assert refusal(scanned, code) == "phone.code_old"

    def test_the_picture_can_be_read(self, office: ReleaseOffice) -> None:
        code = panel_code(office.installation.administrator, office.printers[0])
        picture = cv2.imdecode(np.frombuffer(code.png(), np.uint8), cv2.IMREAD_GRAYSCALE)
        said, _, _ = cv2.QRCodeDetector().detectAndDecode(picture)
        assert said == code.address
        assert b"<svg" in code.svg()

    def test_a_sticker_stays_while_the_organization_wants_it(
        self, office: ReleaseOffice, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        chief = office.installation.administrator
        code = code_of(sticker_code(chief, office.printers[0]).address)
        later(monkeypatch, days=400)
        at = scanned(code)
        assert enter_printer(office.ann, at).printer.id == office.printers[0]
        set_print_settings(chief, jobs={"phone_stickers_enabled": False})
        try:
            assert refusal(enter_printer, office.ann, at) == "phone.stickers_off"
            assert refusal(sticker_code, chief, office.printers[0]) == "phone.stickers_off"
        finally:
            set_print_settings(chief, jobs={"phone_stickers_enabled": True})

    def test_only_fleet_managers_make_stickers(self, office: ReleaseOffice) -> None:
        assert refusal(sticker_code, office.ann, office.printers[0]) == "role.missing"

    @pytest.mark.parametrize(
        "facts",
        [{"agent_kind": AgentKind.FLEET}, {"firmware_level": "075.272"}, {"is_vendor": False}],
        ids=["no native agent", "old firmware", "of another make"],
    )
    def test_panels_that_show_none(self, office: ReleaseOffice, facts: dict[str, Any]) -> None:
        """MOB-2."""
        change(office, **facts)
        try:
            assert refusal(panel_code, office.installation.administrator, office.printers[0]) == "phone.not_supported"
        finally:
            change(office, agent_kind=AgentKind.NATIVE, firmware_level="081.215", is_vendor=True)

    @pytest.mark.parametrize("way", ["cut", "changed", "empty", "long", "no code at all"])
    def test_what_is_no_code_of_ours(self, office: ReleaseOffice, way: str) -> None:
        code = shown(office)
        given = {
            "cut": code[:-4],
            "changed": code[:9] + ("A" if code[9] != "A" else "B") + code[10:],
            "empty": "",
            "long": code * 40,
            "no code at all": "https://elsewhere.example/",
        }[way]
        assert refusal(scanned, given) == "phone.code_unknown"

    def test_a_code_is_no_ticket_and_a_ticket_no_code(self, office: ReleaseOffice) -> None:
        code = shown(office)
        assert refusal(ticket, code) == "phone.code_unknown"
        assert refusal(scanned, scanned(code).text) == "phone.code_unknown"
        assert ticket(scanned(code).text).printer_id == office.printers[0]


class TestTurns:
    def test_one_person_at_a_time(self, office: ReleaseOffice) -> None:
        """PR-223, PR-225: until they end the session, or three minutes have passed without action."""
        bob = office.installation.add_person("bob@one.example", Role.PRINT_RELEASE_USER)
        anns, bobs = scanned(shown(office)), scanned(shown(office))
        turn = enter_printer(office.ann, anns)
        assert refusal(enter_printer, bob, bobs) == "mobile_panel.in_use"
        touch_printer(office.ann, turn.token)
        leave_printer(office.ann, turn.token)
        turn = enter_printer(bob, bobs)
        idle(bob, minutes=3, seconds=1)
        assert seconds_left(bob, turn.token) == 0
        assert refusal(touch_printer, bob, turn.token) == "phone.turn_over"
        anns_turn = enter_printer(office.ann, anns)
        assert refusal(touch_printer, bob, turn.token) == "phone.turn_over"
        leave_printer(office.ann, anns_turn.token)

    def test_every_page_goes_on_with_the_same_turn(
        self, office: ReleaseOffice, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        at = scanned(shown(office))
        turn = enter_printer(office.ann, at)
        idle(office.ann, minutes=2)
        assert 50 <= seconds_left(office.ann, turn.token) <= 60
        later(monkeypatch, minutes=6)
        stale = ticket(at.text)
        assert not stale.is_fresh
        assert enter_printer(office.ann, stale).token == turn.token
        assert seconds_left(office.ann, turn.token) > 170
        leave_printer(office.ann, turn.token)
        assert refusal(enter_printer, office.ann, stale) == "phone.turn_over"

    def test_a_scan_serves_nobody_else(self, office: ReleaseOffice) -> None:
        """Whoever gets hold of another's ticket begins a turn of their own, or none."""
        cora = office.installation.add_person("cora@one.example", Role.PRINT_RELEASE_USER)
        at = scanned(shown(office))
        turn = enter_printer(office.ann, at)
        assert refusal(enter_printer, cora, at) == "mobile_panel.in_use"
        assert refusal(touch_printer, cora, turn.token) == "phone.turn_over"
        leave_printer(office.ann, turn.token)

    def test_printers_of_others_do_not_exist(self, office: ReleaseOffice) -> None:
        at = scanned(shown(office))
        assert refusal(enter_printer, office.installation.stranger, at) == "not_found"

    def test_a_role_is_needed(self, office: ReleaseOffice) -> None:
        nobody = office.installation.add_person("nobody@one.example")
        assert refusal(enter_printer, nobody, scanned(shown(office))) == "role.missing"


def test_solutions_that_print_go_to_this_printer(office: ReleaseOffice, tmp_path: Any) -> None:
    """SC-106, SC-87: what a printer cannot do is not listed; the run knows where it stands."""
    dora = office.installation.add_person("dora@one.example", Role.SOLUTIONS_USER, Role.PRINT_RELEASE_USER)
    chief = office.installation.administrator
    for name, kind in (("Print it", "print_document"), ("Keep it", "download")):
        create_solution(
            chief,
            SolutionDefinition(name=name, share_with_organization=True, steps=(StepDefinition(kind=kind),)),
        )
    found = solutions_at_printer(dora)
    assert [view.definition.name for view in found] == ["Print it"]
    visit = enter_printer(dora, scanned(shown(office)))
    run = run_at_printer(dora, visit, found[0].id, letter_pdf(tmp_path), "letter.pdf", {})
    with dora.session(read_only=True) as session:
        from domain.runs.models import Run

        row = session.get_one(Run, run.id)
        assert (row.client_type, row.printer_address) == ("printer", visit.printer.delivery.ipp[0])
    leave_printer(dora, visit.token)
    assert refusal(run_at_printer, dora, visit, found[0].id, letter_pdf(tmp_path), "x.pdf", {}) == "phone.turn_over"
