"""Guests at the panel of printers, and what print administrators do about them over the API (section 15)."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from domain.organizations.actor import Actor
from domain.organizations.roles import Role
from domain.print_guests.admission import Admission, admit_guest, tell_pin
from domain.printer_login.configuration import change_settings
from domain.printer_login.rules import PrinterLoginSettings
from domain.printing.settings import EmailSettings
from domain.sign_in.service import sign_in
from portal_api.app import create_service
from portal_api.panel import device
from tests.support.fleet import add_printers
from tests.support.installation import PASSWORD, Installation
from tests.support.panels import PanelBrowser, install_panel_apps
from tests.support.print_mail import open_address
from tests.support.print_queues import add_held

ADDRESS = "visitor@elsewhere.example"


@pytest.fixture
def client(installation: Installation) -> Iterator[TestClient]:
    change_settings(installation.administrator, PrinterLoginSettings(methods=("badge", "pin", "secure_login")))
    open_address(installation.administrator, guests_enabled=True)
    device.attempts.clear()
    with TestClient(create_service(installation.settings), base_url="http://127.0.0.1:8080") as one:
        yield one


def admitted(actor: Actor) -> tuple[Admission, str]:
    with actor.session() as session:
        admission = admit_guest(session, actor.organization_id, ADDRESS, EmailSettings())
        told = tell_pin(session, actor.organization_id, ADDRESS)
        assert told is not None
        return admission, told.pin


def headers(actor: Actor) -> dict[str, str]:
    return {"Authorization": f"Bearer {sign_in(actor.email, PASSWORD).session.token}"}


def test_a_guest_signs_in_at_the_panel_and_finds_only_print_release(
    installation: Installation, client: TestClient
) -> None:
    """PR-149, PR-156: the tile, the jobs, and nothing else; one who is removed is out at once."""
    administrator = installation.administrator
    admission, pin = admitted(administrator)
    job = add_held(admission.actor, "Visit.pdf")
    printer_id = add_printers(administrator.organization_id, 1, mac="02:50:58:00:00:07", host_name="lobby")[0]
    install_panel_apps(administrator.organization_id, printer_id)
    panel = PanelBrowser(client, administrator.organization_id, printer_id)
    panel.open()
    home = panel.ask("POST", "sign-ins", {"method": "pin", "pin": pin})["home"]
    assert (home["name"], [tile["id"] for tile in home["tiles"]]) == (admission.actor.name, ["print-release"])
    assert [one["name"] for one in panel.ask("GET", "release")["jobs"]] == ["Visit.pdf"]
    panel.ask("POST", "release/deletions", [job])
    assert panel.ask("GET", "release")["jobs"] == []
    with TestClient(create_service(installation.settings), base_url="http://127.0.0.1:8080") as portal:
        removed = portal.post(
            "/api/v1/print-guests/remove", json={"ids": [admission.guest_id]}, headers=headers(administrator)
        )
        assert removed.status_code == 204, removed.text
    assert panel.api("GET", "release").json()["code"] in ("printer_session.ended", "printer_login.person_refused")
    assert panel.api("POST", "sign-ins", {"method": "pin", "pin": pin}).json()["code"] == "pin.refused"


def test_the_api_lists_removes_blocks_and_lets_in_again(installation: Installation, client: TestClient) -> None:
    administrator = installation.administrator
    admission, _ = admitted(administrator)
    as_administrator = headers(administrator)
    page = client.get("/api/v1/print-guests", headers=as_administrator).json()
    assert [(one["id"], one["state"], one["name"]) for one in page["items"]] == [
        (admission.guest_id, "active", admission.actor.name)
    ]
    assert ADDRESS not in str(page)
    ids = {"ids": [admission.guest_id]}
    assert (
        client.post("/api/v1/print-guests/remove", json={**ids, "block": True}, headers=as_administrator).status_code
        == 204
    )
    assert client.get("/api/v1/print-guests", headers=as_administrator).json()["items"][0]["state"] == "blocked"
    assert client.post("/api/v1/print-guests/unblock", json=ids, headers=as_administrator).status_code == 204
    assert client.get("/api/v1/print-guests", headers=as_administrator).json()["items"] == []
    assert client.post("/api/v1/print-guests/unblock", json=ids, headers=as_administrator).status_code == 404
    user = installation.add_person("reader@one.example", Role.PRINT_RELEASE_USER)
    assert client.get("/api/v1/print-guests", headers=headers(user)).status_code == 403
    assert client.get("/api/v1/print-mail", headers=headers(user)).status_code == 403
    assert client.get("/api/v1/print-mail", headers=as_administrator).json() == {"items": [], "next": None}
