"""The resource library: what is taken in, what stays as it is while it is used, and firmware by its address."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from connectors.documents import open_store
from connectors.errors import PressroomError
from connectors.printers.files import FileKind
from domain.organizations.roles import Role
from fleet.configurations.drafts import discard_draft, save_draft
from fleet.configurations.service import create_configuration, delete_configurations
from fleet.resources.service import (
    add_single_file,
    change_resource,
    delete_resources,
    get_resource,
    keep_firmware,
    list_resources,
    open_resource,
    verify_firmware,
)
from printers_sim.packages import app_package, firmware_image, settings_bundle, settings_file
from tests.support.configurations import add_app, add_file, content_of
from tests.support.installation import Installation, installed

SETTINGS = settings_file({"fax.rings": 4}).encode()
BUNDLE = settings_bundle(settings={"fax.rings": 4}, login_methods={"public": {}})
APP = app_package("scan", "Scan", "2.1")
IMAGE = firmware_image("081.223", ["PX C4150"])


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as one:
        yield one


class Builds(BaseHTTPRequestHandler):
    """A server with one build, a page, and a way elsewhere."""

    def do_GET(self) -> None:
        if self.path == "/elsewhere":
            self.send_response(302)
            self.send_header("Location", "/081.223.fls")
            self.end_headers()
            return
        content = {"/081.223.fls": IMAGE, "/page": b"<html></html>"}.get(self.path)
        self.send_response(200 if content else 404)
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, *_values: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def builds() -> Iterator[str]:
    """The address of a server with firmware."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Builds) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def code_of(action: object, *values: object) -> str:
    with pytest.raises(PressroomError) as refused:
        action(*values)  # type: ignore[operator]
    return refused.value.code


def test_files_are_listed_by_name_with_what_was_read_out_of_them(office: Installation) -> None:
    """FL-338…FL-341, FL-345."""
    actor = office.administrator
    add_file(actor, "hall.ucf", SETTINGS, "Settings of the hall")
    add_file(actor, "all.zip", BUNDLE, "All of it")
    add_app(actor)
    listed = list_resources(actor)
    assert [(one.name, one.kind) for one in listed] == [
        ("All of it", FileKind.BUNDLE),
        ("Scan 2.1", FileKind.APP),
        ("Settings of the hall", FileKind.SETTINGS_FILE),
    ]
    assert listed[1].facts["settings"] == {"auth_plugin": True, "retries": 3}
    assert listed[0].facts["login_methods"] is True
    assert [one.name for one in list_resources(actor, FileKind.APP)] == ["Scan 2.1"]
    assert list_resources(office.stranger) == []


def test_a_name_is_needed(office: Installation) -> None:
    """FL-342; nothing is left in the store."""
    assert code_of(add_file, office.administrator, "hall.ucf", SETTINGS, "  ") == "resource.name_missing"
    assert list(open_store(office.settings).list(office.administrator.organization_id)) == []


@pytest.mark.parametrize(
    ("name", "content", "is_kept"), [("all.zip", BUNDLE, True), ("scan.fls", APP, True), ("a.ucf", SETTINGS, False)]
)
def test_only_apps_and_bundles_are_downloaded(office: Installation, name: str, content: bytes, is_kept: bool) -> None:
    """FL-322, FL-345."""
    resource_id = add_file(office.administrator, name, content)
    if is_kept:
        with open_resource(office.administrator, resource_id) as (document, stream):
            assert (document.name, stream.read()) == (name, content)
    else:
        with pytest.raises(PressroomError) as refused, open_resource(office.administrator, resource_id):
            pass
        assert refused.value.code == "resource.not_downloadable"


def test_a_resource_that_a_configuration_uses_stays_as_it_is(office: Installation) -> None:
    """FL-343, FL-344."""
    actor = office.administrator
    resource_id = add_file(actor, "hall.ucf", SETTINGS)
    change_resource(actor, resource_id, "Hall", "Of the big hall")
    configuration_id = create_configuration(actor, "Offices")
    save_draft(actor, configuration_id, content_of(settings_files=[resource_id]))
    assert get_resource(actor, resource_id).used_by == ("Offices",)
    assert code_of(change_resource, actor, resource_id, "Other", "") == "resource.in_use"
    assert code_of(delete_resources, actor, [resource_id]) == "resource.in_use"
    delete_configurations(actor, [configuration_id])
    delete_resources(actor, [resource_id])
    assert list_resources(actor) == []
    assert list(open_store(office.settings).list(actor.organization_id)) == []


def test_a_draft_that_is_given_up_uses_nothing_any_more(office: Installation) -> None:
    actor = office.administrator
    resource_id = add_file(actor, "hall.ucf", SETTINGS)
    configuration_id = create_configuration(actor, "Offices")
    save_draft(actor, configuration_id, content_of(settings_files=[resource_id]))
    discard_draft(actor, configuration_id)
    delete_resources(actor, [resource_id])


def test_several_are_deleted_together_or_not_at_all(office: Installation) -> None:
    actor = office.administrator
    free, used = add_file(actor, "a.ucf", SETTINGS), add_file(actor, "b.ucf", SETTINGS)
    save_draft(actor, create_configuration(actor, "Offices"), content_of(settings_files=[used]))
    assert code_of(delete_resources, actor, [free, used]) == "resource.in_use"
    assert len(list_resources(actor)) == 2


def test_foreign_resources_are_not_found(office: Installation) -> None:
    resource_id = add_file(office.administrator, "a.ucf", SETTINGS)
    for action, values in (
        (get_resource, (resource_id,)),
        (change_resource, (resource_id, "x", "")),
        (delete_resources, ([resource_id],)),
        (keep_firmware, (resource_id, "x", "")),
    ):
        assert code_of(action, office.stranger, *values) in ("not_found", "resource.not_verified")


def test_viewers_do_nothing_here(office: Installation) -> None:
    """FL-519."""
    viewer = office.add_person("viewer@example.com", Role.FLEET_VIEWER)
    assert code_of(list_resources, viewer) == "role.missing"
    assert code_of(add_file, viewer, "a.ucf", SETTINGS) == "role.missing"
    assert code_of(verify_firmware, viewer, "https://example.com/x") == "role.missing"


def test_a_file_for_one_deployment_is_not_in_the_library(office: Installation, tmp_path: Path) -> None:
    """FL-273."""
    path = tmp_path / "upload"
    path.write_bytes(SETTINGS)
    single = add_single_file(office.administrator, path, "hall.ucf")
    assert single.kind is FileKind.SETTINGS_FILE
    assert list_resources(office.administrator) == []
    assert code_of(get_resource, office.administrator, single.id) == "not_found"


def test_firmware_is_verified_before_it_is_saved(tmp_path: Path, builds: str) -> None:
    """FL-340, FL-342: by its address, and by the name of the build."""
    values = {"allow_private_addresses": "true", "firmware_builds_url": builds + "/{build}.fls"}
    with installed(tmp_path, **values) as office:
        actor = office.administrator
        for source in (f"{builds}/081.223.fls", "081.223"):
            verified = verify_firmware(actor, source)
            assert (verified.facts, verified.source) == ({"level": "081.223", "models": ["PX C4150"]}, source)
            assert source not in [one.source for one in list_resources(actor)]
            kept = keep_firmware(actor, verified.id, f"Firmware from {source}", "")
            assert (kept.kind, kept.size) == (FileKind.FIRMWARE, len(IMAGE))
        assert len(list_resources(actor, FileKind.FIRMWARE)) == 2
        assert code_of(keep_firmware, actor, "0" * 32, "Other", "") == "resource.not_verified"


NOT_VERIFIED = {
    "a page": ("{builds}/page", "printer_file.not_what_it_says"),
    "nothing": ("{builds}/gone", "firmware.not_there"),
    "a way elsewhere is not followed": ("{builds}/elsewhere", "firmware.not_there"),
    "nobody there": ("http://127.0.0.1:9/x", "firmware.unreachable"),
    "a file of our own machine": ("file:///etc/passwd", "firmware.unsafe_address"),
    "credentials in the address": ("http://a:b@127.0.0.1/x", "firmware.unsafe_address"),
    "no name of a build": ("../081", "firmware.bad_build"),
    "a build where none are kept": ("081.223", "firmware.no_builds"),
}


@pytest.mark.parametrize("case", NOT_VERIFIED)
def test_what_is_not_verified_is_not_kept(tmp_path: Path, builds: str, case: str) -> None:
    source, code = NOT_VERIFIED[case]
    with installed(tmp_path, allow_private_addresses="true") as office:
        assert code_of(verify_firmware, office.administrator, source.format(builds=builds)) == code
        assert list(open_store(office.settings).list(office.administrator.organization_id)) == []


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_private_addresses_are_not_asked_unless_the_operator_allows_it(
    office: Installation, builds: str, scheme: str
) -> None:
    source = f"{builds}/081.223.fls".replace("http:", f"{scheme}:")
    assert code_of(verify_firmware, office.administrator, source) == "firmware.unsafe_address"
