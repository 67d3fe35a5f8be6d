"""A phone in place of a small panel: one person at a time, and free again after three minutes (PR-223, PR-225)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import update

from connectors.errors import PressroomError
from domain.organizations.models import now
from domain.organizations.roles import Role
from domain.printer_login.models import PrinterSession
from fleet.releasing.mobile import enter_printer, leave_printer, touch_printer
from tests.support.releasing import ReleaseOffice, release_office


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReleaseOffice]:
    with release_office(tmp_path_factory.mktemp("office"), ["mono-printer"]) as one:
        yield one


def test_one_person_at_a_time(office: ReleaseOffice) -> None:
    bob = office.installation.add_person("bob@one.example", Role.PRINT_RELEASE_USER)
    serial = office.simulated().serial
    turn = enter_printer(office.ann, serial)
    with pytest.raises(PressroomError) as caught:
        enter_printer(bob, office.printers[0])
    assert caught.value.code == "mobile_panel.in_use"
    touch_printer(office.ann, turn.token)
    again = enter_printer(office.ann, serial)
    leave_printer(office.ann, again.token)
    turn = enter_printer(bob, serial)
    with bob.session() as session:
        session.execute(update(PrinterSession).values(last_seen=now() - timedelta(minutes=3, seconds=1)))
    enter_printer(office.ann, serial)
    with pytest.raises(PressroomError) as caught:
        touch_printer(bob, turn.token)
    assert caught.value.code == "printer_session.ended"


def test_printers_of_others_do_not_exist(office: ReleaseOffice) -> None:
    with pytest.raises(PressroomError) as caught:
        enter_printer(office.installation.stranger, office.simulated().serial)
    assert caught.value.code == "not_found"
