"""Two partners on one installation, each with a customer, people and one of everything that the API can make.

The objects are made through the API's own description, so that an operation that is added later finds its objects in
both organizations: `Side.ids` looks them up in the collection that their address is in (`/groups/{group_id}`: the first
of `GET /groups`), or takes what the operation that made them answered.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from itertools import count, product
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
from sqlalchemy import update
from starlette.testclient import TestClient

from connectors.documents import open_store
from connectors.messages import Message
from connectors.settings import get_settings
from domain.applications.service import SCOPES
from domain.organizations.actor import Actor, actor_of_user
from domain.organizations.models import GroupKind, GroupMember, Organization, User, now
from domain.organizations.permissions import APPLICATION, Grant, Place
from domain.organizations.roles import Entitlement, Role
from domain.panel_solutions.models import RunDraft
from domain.printer_login.configuration import change_settings
from domain.printer_login.own import set_own_pin
from domain.printer_login.rules import PrinterLoginSettings
from domain.printing.models import ReleaseBatch
from domain.printing.states import BatchState
from domain.runs.service import cancel_run, list_runs
from domain.scan_settings.service import change_scan_settings
from domain.sign_in.models import ApiToken
from domain.sign_in.sessions import open_session, token_hash
from domain.tasks.service import start_task
from domain.tenancy import system_session, tenant_session
from fleet.managed_supplies.models import OrderStanding, SupplyOrderRow
from fleet.printer_logs.models import CollectedLog
from fleet.printers.models import MspStatus, PrinterApp, PrinterEvent
from fleet.tasks.kinds import TaskKind
from fleet.tasks.service import NewTask, start_fleet_task
from portal_api.app import create_service
from portal_api.sign_in import ORGANIZATION_HEADER
from tests.support.described_requests import PARAMETER, Operation, Wording, filled, operations, options
from tests.support.fleet import add_printers
from tests.support.installation import Installation, installed
from tests.support.kept_changes import kept_changes
from tests.support.nodes import storage_node
from tests.support.people import group, unknown_badge
from tests.support.portal_worker import Worker
from tests.support.print_settings import set_print_settings
from tests.support.sound_camera_values import camera_scan
from tests.support.sound_print_values import (
    PRINT_SETTINGS,
    held_job,
    print_package,
    print_report,
    release_of,
    workstation,
)
from tests.support.sound_values import SCAN_SETTINGS, sound_values
from tests.support.supplies import CONTACT

API = "/api/v1"
ADDRESS = "http://127.0.0.1:8080"
NOTHING: Mapping[str, Any] = MappingProxyType({})
REFUSALS = (401, 403, 404)
KEYS = ("id", "email", "name")
"""What an entry of a collection may be addressed by."""
_numbers = count(4711)


@dataclass
class Side:
    """One partner. `marker` begins every text that its people have written; `customer_id` is its customer.

    `password_hash` is of the password that all its people have.
    """

    client: httpx.Client
    administrator: Actor
    marker: str
    password_hash: str | None = None
    customer_id: str = ""
    customer_name: str = ""
    given: dict[str, Any] = field(default_factory=dict)
    seeds: dict[str, str] = field(default_factory=dict)
    _made: dict[str, str] = field(default_factory=dict)
    _found: dict[str, str | None] = field(default_factory=dict)

    def settle(self) -> None:
        """Let every run and every release end, and with it the streams that follow one."""
        for run in list_runs(self.administrator):
            if not run.state.is_final:
                cancel_run(self.administrator, run.id)
        with self.administrator.session() as session:
            session.execute(update(ReleaseBatch).values(state=BatchState.CANCELLED, ended=now()))

    def wording(self, values: Mapping[str, Any]) -> Wording:
        """What requests of its people say: a new name, address and number each time, where `values` name none."""
        number = next(_numbers)
        fresh = {
            "name": f"{self.marker} {number}",
            "number": str(number),
            "email": f"{self.marker}{number}@example.com",
        }
        chosen = {name: value for name, value in values.items() if value}
        return Wording(self.marker, {**fresh, **self.given, **chosen}, frozenset(chosen))

    def fresh_number(self) -> str:
        """A number that nobody else has."""
        return str(next(_numbers))

    def fresh_address(self) -> str:
        """An address that nobody else has."""
        return f"{self.marker}{next(_numbers)}@example.com"

    def ask(
        self,
        token: str,
        operation: Operation,
        ids: Mapping[str, str],
        *,
        whole: bool = False,
        headers: Mapping[str, str] = NOTHING,
        values: Mapping[str, Any] = NOTHING,
    ) -> httpx.Response:
        """A valid request to the operation, by whoever has the token; `values` are what properties are to be.

        Fails where it is refused and has changed something nevertheless.
        """
        if operation.is_stream:
            self.settle()
        said = {**sound_values(operation.name, self), **values}
        given = options(operation, self.wording(said), whole=whole)
        every = {"Authorization": f"Bearer {token}", **given.pop("headers", {}), **headers}
        address = API + filled(operation, ids)
        with kept_changes() as kept:
            answer = self.client.request(operation.method, address, headers=every, follow_redirects=False, **given)
        assert answer.status_code not in REFUSALS or not kept, f"{operation.name}: {answer.status_code}, but {kept}"
        return answer

    def token(self, actor: Actor | None = None) -> str:
        """A new session of a person, the administrator unless another is named."""
        with system_session() as session:
            return open_session(session, session.get_one(User, (actor or self.administrator).user_id)).token

    def api_token(self, *scopes: str) -> str:
        """An API token of the administrator with those scopes only."""
        token = f"prt_{self.marker}{next(_numbers)}"
        with system_session() as session:
            user = session.get_one(User, self.administrator.user_id)
            session.add(
                ApiToken(
                    organization_id=user.organization_id,
                    token_hash=token_hash(token),
                    user_id=user.id,
                    name=f"{self.marker} token",
                    scopes=list(scopes),
                    expires=now() + timedelta(days=1),
                )
            )
        return token

    def person(self, grants: Sequence[Grant] = ()) -> Actor:
        """Somebody new who holds exactly these grants: at home, or through an access group of their own."""
        through_group = {Place.PARTNER, Place.HERE} if is_for_visitors(grants) else {Place.PARTNER}
        home = [grant.role for grant in grants if grant.place not in through_group and grant.role in set(Role)]
        partner = [grant.role for grant in grants if grant.place in through_group]
        with self.administrator.session() as session:
            email = f"{self.marker}.person{next(_numbers)}@example.com"
            is_operator = any(grant.role == "Operator" for grant in grants)
            user = User(email=email, name=f"{self.marker} person", roles=home, is_operator=is_operator)
            user.password_hash = self.password_hash
            session.add(user)
            session.flush()
        if partner:
            self.entitle_customer()
            self.let_enter(user.id, [role for role in partner if role in set(Role)] or [Role.ANNOUNCEMENT_AUTHOR.value])
        return actor_of_user(user.id)

    def entitle_customer(self) -> None:
        """Let the roles of the fleet count in the customer's organization, whatever a walk has made of it."""
        with system_session() as session:
            session.get_one(Organization, self.customer_id).entitlements = [Entitlement.FLEET.value]

    def another_administrator(self) -> Actor:
        """Somebody new with every role at home and with customers, so that what is done to them harms nobody else."""
        places = (Place.HERE, Place.PARTNER)
        return self.person([Grant(role.value, place) for role in Role for place in places])

    def let_enter(self, user_id: str, roles: Sequence[str]) -> None:
        """Put a person into an access group with those roles."""
        name = f"{self.marker} access {next(_numbers)}"
        group_id = group(self.administrator, name, *roles, kind=GroupKind.CHILD_ACCESS)
        with self.administrator.session() as session:
            session.add(GroupMember(group_id=group_id, user_id=user_id))

    def ids(self, operation: Operation) -> dict[str, str] | None:
        """Objects of this side to fill the operation's address with; None where it has none of a kind."""
        found: dict[str, str] = {}
        for match in PARAMETER.finditer(operation.path):
            prefix = PARAMETER.sub(lambda each: found[each[1]], operation.path[: match.start()].rstrip("/"))
            value = self._object(prefix, match[1])
            if value is None:
                return None
            found[match[1]] = value
        return found

    def know_everything(self) -> None:
        """Look up the objects of every operation now: as long as all are there, and before anything is compared."""
        for operation in operations():
            self.ids(operation)

    def made(self, collection: str) -> str:
        """The id of what an operation made in that collection."""
        return self._made[collection]

    def new(self, name: str, /, **values: Any) -> str:
        """The id of what the operation of that name makes now."""
        (operation,) = (each for each in operations() if each.name == name)
        ids = self.ids(operation)
        assert ids is not None
        answer = self.ask(self.token(), operation, ids, values=values)
        assert answer.is_success, answer.text
        return str(answer.json()["id"])

    def listed(self, collection: str) -> str:
        """The id of something in that collection."""
        return str(self._read(collection)[0]["id"])

    def forget(self) -> None:
        """Look everything up anew."""
        self._found.clear()

    def make_everything(self) -> None:
        """One object of every kind that an operation can make, first those that need no other."""
        makers = [operation for operation in operations() if operation.method == "POST" and _makes(operation)]
        for operation in sorted(makers, key=lambda each: len(each.path_names)):
            ids = self.ids(operation)
            if ids is None or filled(operation, ids) in self._made:
                continue
            email = self.administrator.email
            for values, whole in product((NOTHING, {"email": email}, {"email": email, "name": email}), (False, True)):
                answer = self.ask(self.token(), operation, ids, whole=whole, values=values)
                if answer.is_success:
                    self._note(filled(operation, ids), answer)
                    break

    def _note(self, path: str, answer: httpx.Response) -> None:
        content = answer.json() if "json" in answer.headers.get("content-type", "") else None
        if isinstance(content, dict) and isinstance(content.get("id"), str):
            self._made.setdefault(path, content["id"])

    def _object(self, collection: str, name: str) -> str | None:
        if name in self.given and isinstance(self.given[name], str):
            return str(self.given[name])
        if collection not in self._found:
            owner, _, last = collection.rpartition("/")
            self._found[collection] = (
                self._made.get(collection)
                or self._first(self._read(collection), name)
                or self._first(self._read(owner, last), name)
                or self.seeds.get(name)
            )
        return self._found[collection]

    def _read(self, path: str, part: str = "items") -> Any:
        answer = self.client.get(API + path, headers={"Authorization": f"Bearer {self.token()}"}) if path else None
        if answer is None or not answer.is_success or "json" not in answer.headers["content-type"]:
            return []
        content = answer.json()
        return content.get(part, []) if isinstance(content, dict) else content

    def _first(self, items: Any, name: str) -> str | None:
        own = sorted(items, key=lambda item: self.marker not in str(item)) if isinstance(items, list) else []
        return next((str(item[key]) for item in own[:1] for key in (name, *KEYS) if item.get(key)), None)


@dataclass
class World:
    """The two of them, and a person without anything on each side."""

    installation: Installation
    client: httpx.Client
    ours: Side
    theirs: Side


@contextmanager
def two_partners(home: Path, **settings: str) -> Iterator[World]:
    """The world, in this process."""
    with (
        installed(home, **settings) as installation,
        TestClient(create_service(installation.settings), base_url=ADDRESS) as client,
    ):
        ours = _side(client, installation.administrator, "zqours")
        theirs = _side(client, installation.stranger, "zqtheirs")
        yield World(installation, client, ours, theirs)


def visiting(customer_id: str) -> dict[str, str]:
    """The header of a request that is about a customer."""
    return {ORGANIZATION_HEADER: customer_id}


def is_for_visitors(grants: Sequence[Grant]) -> bool:
    """Whether only somebody at work in a customer's organization can hold these grants."""
    return any(grant.role == Role.PARTNER_ADMINISTRATOR and grant.place is Place.HERE for grant in grants)


def is_for_applications(grants: Sequence[Grant]) -> bool:
    """Whether only a client application can hold these grants."""
    return any(grant.role == APPLICATION for grant in grants)


def is_for_operators(grants: Sequence[Grant]) -> bool:
    """Whether only who runs the installation can hold these grants; no administrator of the walks does."""
    return any(grant.role == "Operator" for grant in grants)


def access_token(side: Side) -> str:
    """The access token of an application that has every scope and every role that can be given."""
    headers = {"Authorization": f"Bearer {side.token()}"}
    roles = [role.value for role in Role if role not in (Role.USER, Role.PRINT_GUEST, Role.PARTNER_ADMINISTRATOR)]
    given = {"name": f"{side.marker} everything", "scopes": [scope.value for scope in SCOPES], "roles": roles}
    client_id = side.client.post(f"{API}/applications", json=given, headers=headers).json()["id"]
    made = side.client.post(f"{API}/applications/{client_id}/secrets", json={}, headers=headers).json()
    asked = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": made["secret"]}
    return str(side.client.post("/oauth/token", json=asked).json()["access_token"])


def _side(client: httpx.Client, administrator: Actor, marker: str) -> Side:
    with system_session(read_only=True) as session:
        password_hash = session.get_one(User, administrator.user_id).password_hash
    side = Side(client, administrator, marker, password_hash)
    _become_partner(administrator, marker)
    side.let_enter(administrator.user_id, [role.value for role in Role])
    change_settings(administrator, PrinterLoginSettings(methods=("badge", "pin", "secure_login")))
    set_print_settings(administrator, **PRINT_SETTINGS)
    change_scan_settings(administrator, SCAN_SETTINGS)
    side.given = {
        "roles": [Role.OCR_USER.value],
        "role": Role.OCR_USER.value,
        "scopes": ["own.account"],
        "steps": [{"kind": "download"}],
        "storage_providers": ["folder", "webdav"],
        "methods": ["badge", "pin", "secure_login"],
        "pages": {"TRANSLATION": 10},
        "locale": "en",
        "time_zone": "UTC",
        "pin": f"{next(_numbers) % 10_000:04}73",
        "user_ids": [administrator.user_id],
    }
    side.seeds = {"email": administrator.email, "provider": "webdav", "kind": "download"}
    side.make_everything()
    customers = client.get(f"{API}/organizations", headers={"Authorization": f"Bearer {side.token()}"}).json()
    side.customer_id, side.customer_name = (str(customers["items"][0][key]) for key in ("id", "name"))
    side.given["organization_id"] = side.customer_id
    _add_what_no_operation_makes(side)
    return side


def _become_partner(administrator: Actor, marker: str) -> None:
    with system_session() as session:
        user = session.get_one(User, administrator.user_id)
        user.name, user.roles = f"{marker} administrator", [role.value for role in Role]
        user.is_operator = False  # an operator sees both partners
        organization = session.get_one(Organization, administrator.organization_id)
        organization.name, organization.may_have_children = f"{marker} organization", True


def _add_what_no_operation_makes(side: Side) -> None:
    side.entitle_customer()
    side.new("create_distribution", organization_id=side.customer_id)
    Worker(list_runs(side.administrator)[0].id).work_through(f"{side.marker}.txt")
    with side.administrator.session() as session:
        start_task(session, side.administrator, "walk", "walk/walk", Message.of(f"{side.marker} task"), {})
    with system_session() as session:
        open_session(session, session.get_one(User, side.made("/users")))
    _add_app_and_log(side)
    storage_node(side.administrator.organization_id, f"{side.marker} node")
    _add_printers(side)
    side.seeds |= {"job_id": held_job(side), **release_of(side)}
    side.seeds |= {"client_id": workstation(side), "package_id": print_package(side)}
    side.seeds |= {"report_id": print_report(side), "number": "0"}
    side.seeds |= {"draft_id": _run_draft(side), "position": "0", "solution_id": side.made("/solutions")}
    side.seeds |= camera_scan(side)
    unknown_badge(side.administrator, f"{side.marker}{next(_numbers)}")
    side.seeds["run_id"] = list_runs(side.administrator)[0].id
    _add_order(side)
    side.forget()
    side.given["user_ids"] = [side.made("/users")]
    set_own_pin(side.administrator, side.given["pin"])


def _run_draft(side: Side) -> str:
    """A run that the administrator began to put together at a printer."""
    with side.administrator.session() as session:
        draft = RunDraft(user_id=side.administrator.user_id, printer_id="printer", printer_name=side.marker)
        draft.solution_id, draft.solution_name, draft.solution_version = side.made("/solutions"), side.marker, 1
        draft.overrides, draft.file = {}, {}
        session.add(draft)
        session.flush()
        return draft.id


def _add_app_and_log(side: Side) -> None:
    """A printer with an app, and a log that was collected from it."""
    (printer,) = add_printers(side.administrator.organization_id, 1, location=f"{side.marker} hall")
    key = f"{side.administrator.organization_id}/fleet/logs/{side.marker}"
    stored = open_store(get_settings()).put(key, BytesIO(side.marker.encode()), "text/plain")
    with side.administrator.session() as session:
        app = PrinterApp(printer_id=printer, app_id=f"{side.marker}-app", name=f"{side.marker} app", version="1.0")
        log = CollectedLog(
            job_id=next(_numbers),
            printer_id=printer,
            subject=f"{side.marker} printer",
            kind="history",
            file_name="history.txt",
            media_type="text/plain",
            size=stored.size,
            object_key=key,
            requested=now(),
        )
        app.organization_id = log.organization_id = side.administrator.organization_id
        session.add_all([app, log])


def _add_printers(side: Side) -> None:
    """Printers with something of everything that is told of them, and a task over them."""
    printers = add_printers(side.administrator.organization_id, 2, name=f"{side.marker} printer", location=side.marker)
    with side.administrator.session() as session:
        message = Message.of(f"{side.marker} event").model_dump()
        session.add(PrinterEvent(printer_id=printers[0], kind="note", message=message))
    start_fleet_task(side.administrator, NewTask(TaskKind.REFRESH, name=f"{side.marker} task"), printers)


def _add_order(side: Side) -> None:
    """A member printer of the customer with an order that its desk has."""
    (printer,) = add_printers(side.customer_id, 1, msp=MspStatus.MEMBER, location=side.marker)
    told = {"serial_number": f"{side.marker} serial", "model": "PX C4150"}
    supply = {"description": f"{side.marker} toner", "kind": "toner", "colour": "black", "part_number": "T-100"}
    with tenant_session(side.customer_id) as session:
        session.add(
            SupplyOrderRow(
                printer_id=printer,
                printer=told,
                supply={**supply, "percent": 8, "days_left": None, "serial_number": ""},
                recipient=dict(CONTACT),
                state=OrderStanding.PLACED,
            )
        )


def _makes(operation: Operation) -> bool:
    return 201 in operation.statuses or operation.name.startswith("start_")
