"""A partner with a customer in the supplies programme, and a programme's HTTP service that really listens."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from domain.organizations.actor import Actor, actor_of_user
from domain.organizations.children import create_child
from domain.organizations.entitlements import Entitlement
from domain.organizations.models import GroupKind, GroupMember, Organization, now
from domain.organizations.roles import Role
from domain.tenancy import system_session
from fleet.managed_supplies.contacts import assign_contact, create_contact
from fleet.managed_supplies.joining import programme_standing
from fleet.managed_supplies.programme import ProgrammeSettings, change_programme
from tests.support.fleet import add_printers
from tests.support.installation import Installation, installed
from tests.support.people import group, person

CONTACT = {
    "first_name": "Astrid",
    "last_name": "Lind",
    "company": "Lind & Co",
    "email": "astrid@example.com",
    "country_code": "46",
    "phone": "8 123 45 67",
    "street": "Storgatan 1",
    "city": "Stockholm",
    "postal_code": "111 22",
    "country": "SE",
}
DESK = "desk@partner.example"
TOKEN = "the programme's token"


@dataclass
class SuppliesWorld:
    """A partner's person at the desk, and the fleet administrator of a customer with the programme."""

    installation: Installation
    partner: Actor
    customer: Actor
    contact: str

    @property
    def home(self) -> str:
        """The customer."""
        return self.customer.organization_id

    def printers(self, count: int, **values: Any) -> list[str]:
        """Printers of the customer that may join, unless `values` say otherwise."""
        facts = {"life_pages": 1200, "last_refresh": now()} | values
        contact = facts.pop("contact", self.contact)
        ids = add_printers(self.home, count, **facts)
        if contact:
            assign_contact(self.customer, contact, ids)
        return ids

    @property
    def terms(self) -> str:
        """The version of the terms as they are now."""
        return programme_standing(self.customer).terms_version

    def run_programme(self, secrets: dict[str, str] | None = None, **settings: Any) -> None:
        """Settings of the partner; at first its desk."""
        values = {"options": {"email": DESK}} | settings
        change_programme(self.partner, ProgrammeSettings.read(values), secrets or {})


@contextmanager
def supplies_world(home: Path, **settings: str) -> Iterator[SuppliesWorld]:
    """The world; the programme is the partner's desk."""
    with installed(home, **{"built_in_agents": "everybody", **settings}) as installation:
        administrator = installation.administrator
        with system_session() as session:
            session.get_one(Organization, administrator.organization_id).may_have_children = True
        roles = (Role.PARTNER_ADMINISTRATOR, Role.ORGANIZATION_ADMINISTRATOR, Role.FLEET_ADMINISTRATOR)
        group_id = group(administrator, "Partners", *(one.value for one in roles), kind=GroupKind.CHILD_ACCESS)
        with administrator.session() as session:
            session.add(GroupMember(group_id=group_id, user_id=administrator.user_id))
        partner = actor_of_user(administrator.user_id)
        child = create_child(partner, "Lind AB", [Entitlement.FLEET, Entitlement.MANAGED_PRINT])
        partner = actor_of_user(administrator.user_id)
        visiting = actor_of_user(administrator.user_id, child.id)
        customer = person(visiting, "fleet@lind.example", Role.FLEET_ADMINISTRATOR.value)
        world = SuppliesWorld(installation, partner, customer, create_contact(customer, CONTACT))
        world.run_programme()
        yield world


@dataclass
class ProgrammeService:
    """A programme's service. `answers` are what it says to a printer or an order by its serial number or reference."""

    address: str = ""
    requests: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    printers: dict[str, dict[str, Any]] = field(default_factory=dict)
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    failing: list[int] = field(default_factory=list)
    body: bytes | None = None

    def answer(self, method: str, path: str, headers: Any, content: bytes) -> tuple[int, bytes]:
        """Status and JSON, as docs/managed-supplies.md says."""
        document = json.loads(content) if content else {}
        self.requests.append((method, path, document))
        if headers["Authorization"] != f"Bearer {TOKEN}":
            return 401, b"{}"
        if self.failing:
            return self.failing.pop(0), b"{}"
        if self.body is not None:
            return 200, self.body
        kept = self.printers if path.startswith("/v1/printers") else self.orders
        if method == "POST":
            beginning = "pending" if kept is self.printers else "placed"
            reference = f"R-{headers['Idempotency-Key']}"
            kept.setdefault(reference, {"reference": reference, "state": beginning, "document": document})
        else:
            reference = path.rpartition("/")[2]
        if reference not in kept:
            return 404, b"{}"
        told = {name: value for name, value in kept[reference].items() if name != "document"}
        return 200, json.dumps(told).encode()


@contextmanager
def programme_service() -> Iterator[ProgrammeService]:
    """It listens on 127.0.0.1 until the end."""
    service = ProgrammeService()

    class Handler(BaseHTTPRequestHandler):
        def respond(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, body = service.answer(self.command, self.path, self.headers, content)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = respond  # noqa: N815 — http.server's names

        def log_message(self, *arguments: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    service.address = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)
