"""What keeps printers from being managed is found before somebody needs them (FL-541…FL-557)."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from connectors.messages import Message
from domain.tenancy import tenant_session
from fleet.printers.models import Printer
from fleet.printers.targets import keep_access
from fleet.tasks.kinds import TaskKind
from fleet.tasks.status import JobStatus
from printers_sim.device.account import new_account
from printers_sim.device.state import InstalledApp
from printers_sim.knobs import Behaviour
from steps.printer_work import Access, AuthenticationType
from steps.printers import check_printer
from steps.printers.check_printer import clock_problem
from tests.fleet.simulated_office import SimulatedOffice, simulated_office

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[SimulatedOffice]:
    with simulated_office(tmp_path) as one:
        yield one


def checked(office: SimulatedOffice, profile: str = "color-mfp") -> tuple[JobStatus, dict[str, str]]:
    """How the job ended, and by its name what each check that did not pass says."""
    task_id = office.do(TaskKind.CHECK_PRINTER, {}, profile)
    parts = office.job(task_id, profile).components
    said = {one["name"]: str(Message.model_validate(one["message"])) for one in parts if one["message"]}
    return office.outcome(task_id, profile)[0], said


@pytest.mark.parametrize("profile", ["color-mfp", "mono-mfp", "mono-printer", "third-party-color"])
def test_a_sound_printer_passes_every_check(office: SimulatedOffice, profile: str) -> None:
    assert checked(office, profile) == (JobStatus.COMPLETED, {})


def test_every_check_is_named_in_the_job(office: SimulatedOffice) -> None:
    task_id = office.do(TaskKind.CHECK_PRINTER)
    assert [one["name"] for one in office.job(task_id).components] == [
        check_printer.REACHED_BY["SNMP"],
        check_printer.WEB_SERVER,
        check_printer.AUTHENTICATION_TYPE,
        check_printer.CLOCK,
        check_printer.STATE,
        check_printer.FIRMWARE,
        check_printer.SIGN_IN,
        check_printer.ACCESS_CONTROLS,
        check_printer.NETWORK,
        check_printer.TLS,
        check_printer.HOME_SCREEN,
        check_printer.APPS,
    ]


def setting(**values: Any) -> Callable[[SimulatedOffice], None]:
    """Settings of the printer; `__` stands for the dot."""

    def change(office: SimulatedOffice) -> None:
        office.device().device.settings |= {name.replace("__", "."): value for name, value in values.items()}

    return change


def other_account(office: SimulatedOffice) -> None:
    office.device().device.account = new_account("pin", "", "4711")


def other_password(office: SimulatedOffice) -> None:
    office.device().knobs.wrong_credentials = True


def jam(office: SimulatedOffice) -> None:
    office.device().knobs.unresolved_error = "Fuser missing"


def busy(office: SimulatedOffice) -> None:
    office.device().knobs.busy = True


def stopped_app(office: SimulatedOffice) -> None:
    app = next(iter(office.device().device.apps.values()))
    app.is_started = False


def old_firmware(office: SimulatedOffice) -> None:
    office.device().firmware = "075.100"


def app(office: SimulatedOffice, app_id: str, **settings: Any) -> None:
    """An app that somebody has installed at the printer."""
    office.device().device.apps[app_id] = InstalledApp(app_id, app_id.title(), "1.0", defaults=settings)


def quotas_beside_scan(office: SimulatedOffice) -> None:
    app(office, "device-quotas")
    app(office, "scan")


def unlike_apps(office: SimulatedOffice) -> None:
    app(office, "print-release", auth_idle=True)
    app(office, "scan", auth_idle=False)


def two_sign_ins(office: SimulatedOffice) -> None:
    app(office, "smart-authentication")
    app(office, "translation", auth_plugin=True)


PROBLEMS: dict[str, tuple[Callable[[SimulatedOffice], None], str, str]] = {
    "another type of account": (
        other_account,
        check_printer.AUTHENTICATION_TYPE,
        "expects pin, the agent has user",
    ),
    "another password": (other_password, check_printer.SIGN_IN, "does not accept the agent's credentials"),
    "rights are off": (
        setting(security__firmware_updates=False, security__app_configuration=False),
        check_printer.ACCESS_CONTROLS,
        "firmware updates, app configuration",
    ),
    "no remote management": (
        setting(security__remote_management=False),
        check_printer.ACCESS_CONTROLS,
        "security.remote_management",
    ),
    "an address by hand, no DNS": (
        setting(network__dhcp=False, network__gateway="10.0.0.1"),
        check_printer.NETWORK,
        "gateway 10.0.0.1, DNS –",
    ),
    "an error": (jam, check_printer.STATE, "Fuser missing"),
    "in use": (busy, check_printer.STATE, "in use"),
    "old firmware": (old_firmware, check_printer.FIRMWARE, "075.272"),
    "old TLS": (setting(security__tls_minimum="TLS 1.1"), check_printer.TLS, "TLS 1.1"),
    "a stopped app": (stopped_app, check_printer.HOME_SCREEN, "do not run"),
    "device quotas beside scan": (quotas_beside_scan, check_printer.APPS, "“Invalid user”"),
    "apps that are not alike": (unlike_apps, check_printer.APPS, "auth_idle"),
    "another app that signs people in": (two_sign_ins, check_printer.APPS, "auth_plugin"),
}


@pytest.mark.parametrize("case", PROBLEMS)
def test_what_is_wrong_is_told_with_what_to_do(office: SimulatedOffice, case: str) -> None:
    """What stands in the way, with what to do about it.

    TS-9: the authentication type that the printer expects; TS-13, TS-20: credentials; TS-14, TS-23, TS-33, TS-34: which
    rights are off; TS-10, TS-11: address and name service, in order; TS-25: firmware and TLS 1.2; TS-35: places of
    apps that do not run; TS-37, TS-54, TS-55: apps that do not go together.
    """
    spoil, name, told = PROBLEMS[case]
    spoil(office)
    status, said = checked(office)
    assert status is JobStatus.FAILED
    assert told in said[name]


def test_a_printer_without_credentials_is_checked_too(office: SimulatedOffice) -> None:
    """The check has no gate for credentials or silence: it is how one finds out."""
    office.change("color-mfp", communication="agent_needs_credentials")
    assert checked(office)[0] is JobStatus.COMPLETED
    with tenant_session(office.home) as session:
        keep_access(
            session.get_one(Printer, office.id_of()), Access(type=AuthenticationType.PIN, secret=SecretStr("1234"))
        )
    status, said = checked(office)
    assert status is JobStatus.FAILED
    assert set(said) == {check_printer.AUTHENTICATION_TYPE, check_printer.SIGN_IN}


def test_where_snmp_is_off_the_rest_is_still_checked(office: SimulatedOffice) -> None:
    """IPP answers: that SNMP does not is a warning."""
    office.device().behaviour = Behaviour.WRONG_COMMUNITY
    status, said = checked(office)
    assert status is JobStatus.COMPLETED
    assert set(said) == {check_printer.REACHED_BY["SNMP"]}


def test_a_printer_that_is_off_does_not_communicate(office: SimulatedOffice) -> None:
    """TS-8, TS-16: every way by which it could be reached is named."""
    office.device().knobs.offline = True
    status, said = checked(office)
    assert status is JobStatus.NOT_COMMUNICATING
    assert set(said) == {*check_printer.REACHED_BY.values(), check_printer.WEB_SERVER}


@pytest.mark.parametrize(("minutes", "wrong"), [(0, False), (5, False), (-5, False), (6, True), (-90, True)])
def test_clocks_may_differ_by_five_minutes(minutes: int, wrong: bool) -> None:
    """TS-12."""
    problem = clock_problem(NOON + timedelta(minutes=minutes), NOON)
    assert (problem is not None) is wrong
    assert clock_problem(None, NOON) is None
