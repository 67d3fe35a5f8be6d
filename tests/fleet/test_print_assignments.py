"""Print assignments, and packages for workstations that are made of them (sections 24 and 31, F-25)."""

import hashlib
import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from connectors.errors import PressroomError
from connectors.signatures import is_signed, public_key
from domain.organizations.actor import Actor
from domain.organizations.models import User
from domain.organizations.roles import Role
from domain.print_definitions.models import TargetKind
from fleet.print_assignments.evaluation import own_assignments, own_printers
from fleet.print_assignments.models import QueueNaming
from fleet.print_assignments.service import (
    AssignmentForm,
    change_assignment,
    count_printers,
    create_assignment,
    list_assignments,
    printers_of,
)
from fleet.print_packages.choice import PackageChoice
from fleet.print_packages.contents import MANIFEST, SIGNATURE, SIGNATURES
from fleet.print_packages.service import build_package, package_offers
from fleet.printers.models import Printer, TaggedPrinter
from fleet.printers.tags.service import create_tag, delete_tags
from pressroom.workstation.configuration import configuration_of
from tests.support.fleet import add_printers
from tests.support.installation import Installation, installed
from tests.support.print_settings import set_print_settings

QUEUE = "ipps://print.example.com:631/ipp/print/0123456789ab"


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("home")) as one:
        yield one


@pytest.fixture(autouse=True)
def switched_on(installation: Installation) -> None:
    set_print_settings(installation.administrator, assignments={"enabled": True, "use_with": "direct_and_offline"})


@pytest.fixture
def person(installation: Installation, request: pytest.FixtureRequest) -> Actor:
    person = installation.add_person(f"{request.node.name[:40]}@one.example".lower(), Role.DIRECT_PRINT_USER)
    with person.session() as session:
        session.get_one(User, person.user_id).department = request.node.name[:60]
    return person


def tagged(installation: Installation, name: str, printers: Sequence[str]) -> str:
    """A new tag on these printers."""
    tag = create_tag(installation.administrator, name)
    with installation.administrator.session() as session:
        session.add_all(TaggedPrinter(tag_id=tag.id, printer_id=printer) for printer in printers)
    return tag.id


def test_printers_come_from_tags_each_once_and_queues_are_named(installation: Installation, person: Actor) -> None:
    """PR-228, PR-229, PR-232, PR-233, FL-226."""
    administrator = installation.administrator
    printers = add_printers(administrator.organization_id, 3)
    first, second = tagged(installation, "Floor 1", printers[:2]), tagged(installation, "Colour", printers[1:])
    with administrator.session() as session:
        session.get_one(Printer, printers[0]).host_name = "copy"
        session.get_one(Printer, printers[1]).host_name = "Copy"
        session.get_one(Printer, printers[2]).host_name = ""
        address = session.get_one(Printer, printers[2]).address
    assert count_printers(administrator, [first, second]) == 3
    form = AssignmentForm(
        "Floor", TargetKind.PERSONAL, emails=(person.email,), naming=QueueNaming.HOST_NAME, tag_ids=(first, second)
    )
    made = create_assignment(administrator, form)
    queues = [printer.queue for printer in printers_of(administrator, made.id).printers]
    assert sorted(queues) == sorted(["copy", "Copy-2", f"DirectPrint-{address}"])
    assert [one.queue for one in own_printers(own_assignments(person))] == queues

    with administrator.session() as session:
        session.get_one(Printer, printers[0]).name = "Hall printer"
    change_assignment(administrator, made.id, replace(form, naming=QueueNaming.PRINTER_NAME))
    named = [printer.queue for printer in printers_of(administrator, made.id).printers]
    assert named.count("Hall printer") == 1  # FL-226: the others have no name
    assert all(queue.startswith("DirectPrint-127.") for queue in named if queue != "Hall printer")
    change_assignment(administrator, made.id, form)
    set_print_settings(administrator, assignments={"enabled": True, "queue_prefix": "Print at "})
    assert f"Print at {address}" in [printer.queue for printer in printers_of(administrator, made.id).printers]

    more = add_printers(administrator.organization_id, 1, address="10.9.9.9")
    with administrator.session() as session:
        session.add(TaggedPrinter(tag_id=first, printer_id=more[0]))
    assert len(own_printers(own_assignments(person))) == 4, "a tag more counts at once"
    with pytest.raises(PressroomError, match=r"printer_tag\.in_use|in_use"):
        delete_tags(administrator, [first])


def test_who_gets_which_assignment(installation: Installation, person: Actor) -> None:
    """PR-47, PR-51, PR-226, PR-231: their department's and their own; those of the mode that does not count are kept.

    With assignments off there are none.
    """
    administrator = installation.administrator
    printers = add_printers(administrator.organization_id, 2)
    one, two = tagged(installation, "A", printers[:1]), tagged(installation, "B", printers[1:])
    department = test_who_gets_which_assignment.__name__
    create_assignment(administrator, AssignmentForm("Group", TargetKind.DEPARTMENT, department, tag_ids=(one,)))
    create_assignment(
        administrator, AssignmentForm("Own", TargetKind.PERSONAL, emails=(person.email,), tag_ids=(two, one))
    )
    assert {held.name: len(held.printers) for held in own_assignments(person)} == {"Group": 1, "Own": 2}
    assert len(own_printers(own_assignments(person))) == 2
    set_print_settings(administrator, assignments={"enabled": True, "mode": "cost_center"})
    assert [held.name for held in own_assignments(person)] == ["Own"]
    set_print_settings(administrator)
    assert own_assignments(person) == [], "PR-45: while it is off"
    with pytest.raises(PressroomError, match=r"print\.feature_disabled"):
        list_assignments(administrator)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "taken"}, "name_not_unique"),
        ({"name": " "}, "print_definition.name"),
        ({"tag_ids": ()}, "no_tags"),
        ({"tag_ids": ("0" * 32,)}, "no_tags"),
        ({"emails": ()}, "no_people"),
        ({"emails": ("nobody@one.example",)}, "target_unknown"),
        ({"emails": ("without-role@one.example",)}, "no_direct_access"),
        ({"kind": TargetKind.DEPARTMENT, "holder": "Nowhere"}, "target_unknown"),
        ({"kind": TargetKind.COST_CENTER, "holder": "4711"}, "assignment_mode_conflict"),
    ],
)
def test_what_is_refused(installation: Installation, person: Actor, change: dict[str, object], code: str) -> None:
    administrator = installation.administrator
    tag = tagged(installation, f"Tag of {person.user_id}", ())
    if code == "no_direct_access":
        installation.add_person("without-role@one.example", Role.PRINT_RELEASE_USER)
    if code == "name_not_unique":
        create_assignment(
            administrator, AssignmentForm("Taken", TargetKind.PERSONAL, emails=(person.email,), tag_ids=(tag,))
        )
    sound = {"name": "New", "kind": TargetKind.PERSONAL, "emails": (person.email,), "tag_ids": (tag,)}
    with pytest.raises(PressroomError, match=code):
        create_assignment(administrator, AssignmentForm(**{**sound, **change}))  # type: ignore[arg-type]


def test_who_may_make_assignments(installation: Installation) -> None:
    """PR-11, AM-1: an administrator of printing and of the fleet at once."""
    for number, roles in enumerate([(Role.PRINT_RELEASE_ADMINISTRATOR,), (Role.FLEET_ADMINISTRATOR,)]):
        with pytest.raises(PressroomError, match=r"role\.missing"):
            list_assignments(installation.add_person(f"half-{number}@one.example", *roles))


def test_a_package_is_signed_reproducible_and_what_the_agent_reads(
    installation: Installation, person: Actor, tmp_path: Path
) -> None:
    """PR-239, PR-280, PR-281, PR-283, PR-285, F-25: without a secret, one folder for each of several assignments."""
    administrator = installation.administrator
    tags = [tagged(installation, name, add_printers(administrator.organization_id, 2)) for name in ("West", "East")]
    made = [
        create_assignment(
            administrator,
            AssignmentForm(f"Printers/{tag[:4]}", TargetKind.PERSONAL, emails=(person.email,), tag_ids=(tag,)),
        )
        for tag in tags
    ]
    choice = PackageChoice.model_validate(
        {
            "system": "linux",
            "type": "custom",
            "modes": ["cloud", "direct"],
            "cloud_queue": "Våra utskrifter",
            "default_queue": "cloud",
            "notifications": False,
            "assignment_ids": [one.id for one in made],
        }
    )
    first, signature = build_package(administrator, choice, QUEUE, tmp_path)
    again, _ = build_package(administrator, choice, QUEUE, tmp_path)
    assert first.path.read_bytes() == again.path.read_bytes()
    with zipfile.ZipFile(first.path) as package:
        manifest = package.read(MANIFEST)
        assert package.read(SIGNATURE).decode() == signature
        assert is_signed(public_key(SIGNATURES), manifest, signature)
        digests = json.loads(manifest)["files"]
        names = set(package.namelist()) - {MANIFEST, SIGNATURE}
        assert {name: hashlib.sha256(package.read(name)).hexdigest() for name in names} == digests
        assert {"printctl", "add-printer.sh", "app/pressroom/workstation/commands.py"} <= names
        assert any(name.startswith("lib/httpx/") for name in names)
        configurations = sorted(name for name in names if name.endswith("client.json"))
        assert len(configurations) == 2
        for name in configurations:
            configuration = configuration_of(json.loads(package.read(name)), Path(name))
            assert configuration.unknown_keys() == []
            assert (configuration.queue_names.cloud, configuration.default_queue_name) == ("Våra utskrifter",) * 2
            assert not configuration.ui_settings.display_notifications
            ports = [one.loopback_port for one in configuration.direct_print_settings.print_settings]
            assert ports == [9159, 9160]
        added = package.read("add-printer.sh").decode()
        assert QUEUE in added
        assert "\nlpadmin -d Våra-utskrifter\n" in added, "it is the default printer"


@pytest.mark.parametrize(("default", "is_default"), [("cloud", True), (None, False)])
def test_on_windows_the_queue_becomes_the_default_printer_where_that_is_wanted(
    installation: Installation, tmp_path: Path, default: str | None, is_default: bool
) -> None:
    """PR-281, PR-285."""
    choice = PackageChoice.model_validate({"system": "windows", "type": "cloud", "default_queue": default})
    made, _ = build_package(installation.administrator, choice, QUEUE, tmp_path)
    with zipfile.ZipFile(made.path) as package:
        added = package.read("add-printer.ps1").decode()
    assert 'Add-Printer -Name "Cloud Print"' in added
    assert ('SetDefaultPrinter("Cloud Print")' in added) == is_default


@pytest.mark.parametrize(
    ("assignments", "types"),
    [
        ({"enabled": False}, []),
        ({"enabled": True, "use_with": "offline"}, []),
        ({"enabled": True, "use_with": "direct"}, ["direct"]),
        ({"enabled": True, "use_with": "direct_and_offline"}, ["direct"]),
    ],
)
def test_direct_packages_are_offered_while_assignments_are_for_direct_printing(
    installation: Installation, assignments: dict[str, object], types: list[str]
) -> None:
    """PR-238."""
    set_print_settings(installation.administrator, assignments=assignments)
    assert list(package_offers(installation.administrator).types) == ["cloud", "hybrid", *types, "custom"]


def test_more_than_ten_printers_make_no_package(installation: Installation, person: Actor, tmp_path: Path) -> None:
    """PR-230: ten are allowed; the assignment itself may exist. PR-231: its people make their own."""
    administrator = installation.administrator
    printers = add_printers(administrator.organization_id, 11)
    tag = tagged(installation, "Eleven", printers[:10])
    form = AssignmentForm("Eleven", TargetKind.PERSONAL, emails=(person.email,), tag_ids=(tag,))
    made = create_assignment(administrator, form)
    assert package_offers(person).types == ("direct",)
    choice = PackageChoice(system="windows", type="direct", assignment_ids=(made.id,))
    build_package(person, choice, QUEUE, tmp_path)
    with administrator.session() as session:
        session.add(TaggedPrinter(tag_id=tag, printer_id=printers[10]))
    with pytest.raises(PressroomError, match=r"too_many_printers"):
        build_package(person, choice, QUEUE, tmp_path)
    assert not change_assignment(administrator, made.id, form).is_downloadable
    with pytest.raises(PressroomError, match=r"role\.missing"):
        build_package(person, PackageChoice(system="linux", type="cloud"), QUEUE, tmp_path)
    stranger = installation.stranger
    set_print_settings(stranger, assignments={"enabled": True})
    with pytest.raises(PressroomError, match=r"not_found"):
        build_package(stranger, choice, QUEUE, tmp_path)


@pytest.mark.parametrize(
    "values",
    [
        {"cloud_queue": "ab"},
        {"cloud_queue": "a;rm -rf"},
        {"hybrid_queue": "a/b/c"},
        {"cloud_queue": "x" * 65},
        {"type": "direct"},
        {"type": "custom"},
        {"type": "custom", "modes": ["cloud"], "default_queue": "hybrid"},
        {"system": "amiga"},
    ],
)
def test_packages_that_cannot_be(values: dict[str, object]) -> None:
    """PR-282: a queue's name has three characters at least, and none that is special."""
    with pytest.raises(ValidationError):
        PackageChoice.model_validate({"system": "linux", "type": "cloud", **values})


@pytest.mark.parametrize("name", ["abc", "Våra utskrifter", "Queue_2 - north", "打印机一", "x" * 64])
def test_names_of_queues(name: str) -> None:
    """PR-282, PR-284: letters and numbers of any script, spaces, _ and -; without a choice the usual names."""
    usual = PackageChoice.model_validate({"system": "linux", "type": "cloud"})
    assert (usual.cloud_queue, usual.hybrid_queue) == ("Cloud Print", "Hybrid Print")
    assert PackageChoice.model_validate({"system": "linux", "type": "cloud", "cloud_queue": name}).cloud_queue == name
