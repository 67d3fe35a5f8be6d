"""The settings bundle for compact release: made, imported at a printer's web page, deployed (PR-210…PR-213)."""

import io
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree

import httpx
import pytest
from sqlalchemy import select

from connectors.errors import PressroomError
from connectors.printers.compact_release import (
    ADDRESS,
    CLIENT_ID,
    CLIENT_SECRET,
    DEVICE_SETTINGS,
    SECURITY_SETTINGS,
    compact_release_bundle,
)
from domain.applications.access import issue_token
from domain.applications.compact_release import make_compact_release_bundle
from domain.applications.models import ApplicationKind
from domain.applications.service import ApplicationDefinition, list_applications, update_application
from domain.audit.models import AuditEvent
from domain.organizations.actor import Actor
from domain.organizations.roles import Role
from domain.tenancy import system_session
from fleet.configurations.deployment import deploy_file
from fleet.resources.models import Resource
from fleet.tasks.status import JobStatus
from printers_sim.device.settings import all_settings, setting
from printers_sim.packages import settings_bundle
from tests.domain.sessions import in_session, not_fresh
from tests.fleet.simulated_office import SECRET, USER, SimulatedOffice, simulated_office
from tests.support.configurations import add_file
from tests.support.simulation import device_address

SMALL, LARGE = "mono-printer", "color-mfp"
ALLOWED = "security.public.compact_release"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatedOffice]:
    with simulated_office(tmp_path_factory.mktemp("home"), (SMALL, LARGE), 2) as one:
        yield one


@pytest.fixture(scope="module")
def chief(office: SimulatedOffice) -> Actor:
    return in_session(office.administrator)


@pytest.fixture
def small(office: SimulatedOffice) -> Iterator[SimulatedOffice]:
    """The small printer as it was."""
    yield office
    office.simulation.fleet.reset(office.device(SMALL))
    office.simulation.fleet.reset(office.device(LARGE))


def settings_in(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as bundle:
        root = ElementTree.fromstring(bundle.read(DEVICE_SETTINGS))
        allowed = ElementTree.fromstring(bundle.read(SECURITY_SETTINGS))
    assert [one.text for one in allowed.findall("./public_permissions/name")] == ["compact release"]
    return {one.get("name", ""): one.text or "" for one in root.iterfind("./deviceSettings/setting")}


def test_a_bundle_is_deployed_from_the_library_and_its_secret_works(small: SimulatedOffice, chief: Actor) -> None:
    """AC-194: server address, client id and secret by a settings bundle.

    The secret is in the file alone: not in the trail, in what the library tells, or in what printers give back."""
    bundle = make_compact_release_bundle(chief)
    settings = settings_in(bundle.content)
    assert settings[ADDRESS] == "127.0.0.1:8080"
    assert issue_token(settings[CLIENT_ID], settings[CLIENT_SECRET], "").token

    resource_id = add_file(chief, bundle.name, bundle.content)
    small.work(task_id := deploy_file(chief, resource_id, [small.id_of(SMALL)]))
    assert small.outcome(task_id, SMALL) == (JobStatus.COMPLETED, "")
    printer = small.device(SMALL)
    assert {name: setting(printer, name) for name in settings} == settings
    assert setting(printer, ALLOWED) is True
    with system_session(read_only=True) as session:
        told = [
            str(all_settings(printer)),
            str(printer.device.events),
            str(small.job(task_id, SMALL).components),
            str(session.get_one(Resource, resource_id).facts),
            str([(one.action, one.facts) for one in session.scalars(select(AuditEvent))]),
            repr(bundle),
        ]
        actions = session.scalars(select(AuditEvent.action)).all()
    assert [text for text in told if settings[CLIENT_SECRET] in text] == []
    assert {"compact_release.bundle_made", "application.secret_made"} <= set(actions)


def test_a_bundle_is_imported_at_the_web_page(small: SimulatedOffice, chief: Actor) -> None:
    """A printer with a large screen has neither the settings nor the function, and says so."""
    bundle = make_compact_release_bundle(chief)
    settings = settings_in(bundle.content)
    for profile, takes in ((SMALL, True), (LARGE, False)):
        base = device_address(small.simulation, small.device(profile))
        with httpx.Client(base_url=base, auth=(USER, SECRET), timeout=30) as browser:
            shown = browser.post("/settings/import", files={"file": (bundle.name, bundle.content)})
            page = browser.get("/settings", params={"category": "Cloud services › Compact release"})
        assert ("This printer has no such setting." in shown.text) is not takes
        assert (settings[CLIENT_ID] in page.text) is takes
        assert settings[CLIENT_SECRET] not in shown.text + page.text
    assert setting(small.device(SMALL), CLIENT_SECRET) == settings[CLIENT_SECRET]


@pytest.mark.parametrize("value", ['a"<b>&amp;</setting><setting name="x">1', "]]><!-- å ¤ {0} %s", "\t'quoted'"])
def test_no_value_becomes_markup(value: str) -> None:
    settings = settings_in(compact_release_bundle("a.example", "id", value))
    assert settings == {ADDRESS: "a.example", CLIENT_ID: "id", CLIENT_SECRET: value}


@pytest.mark.parametrize(
    "xml",
    [
        b"no xml",
        b'<!DOCTYPE a [<!ENTITY b "c">]><bundle><deviceSettings/></bundle>',
        b'<?xml version="1.0" encoding="none"?><a/>',
    ],
    ids=["no xml", "entities", "encoding"],
)
def test_what_is_no_sound_xml_is_refused_as_an_item(small: SimulatedOffice, xml: bytes) -> None:
    bundle = settings_bundle(files={DEVICE_SETTINGS: xml})
    base = device_address(small.simulation, small.device(SMALL))
    with httpx.Client(base_url=base, auth=(USER, SECRET), timeout=30) as browser:
        shown = browser.post("/settings/import", files={"file": ("a.zip", bundle)})
    assert "is no XML that can be read." in shown.text


def test_who_may_make_one(office: SimulatedOffice, chief: Actor) -> None:
    """PR-292: organization administrators, who have just proved who they are; and no other organization's secret."""
    manager = in_session(office.installation.add_person("fleet@one.example", Role.FLEET_ADMINISTRATOR))
    stranger = in_session(office.installation.stranger)
    for actor, code in (
        (manager, "role.missing"),
        (not_fresh(in_session(office.administrator)), "sign_in.confirmation_needed"),
    ):
        with pytest.raises(PressroomError) as refused:
            make_compact_release_bundle(actor)
        assert refused.value.code == code
    ours, theirs = (settings_in(make_compact_release_bundle(actor).content)[CLIENT_ID] for actor in (chief, stranger))
    assert ours != theirs
    (devices,) = (one for one in list_applications(stranger) if one.kind is ApplicationKind.DEVICE_AUTHENTICATION)
    update_application(
        stranger, devices.id, ApplicationDefinition(devices.name, list(devices.scopes), is_enabled=False)
    )
    with pytest.raises(PressroomError) as refused:
        make_compact_release_bundle(stranger)
    assert refused.value.code == "compact_release.switched_off"
