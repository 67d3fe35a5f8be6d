"""The audit trail is read page by page, chosen by what one looks for, and exported without being held in memory."""

import ast
import csv
import json
import tracemalloc
from collections.abc import Mapping
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from connectors.errors import PressroomError
from connectors.settings import get_settings
from connectors.spreadsheets import BYTE_ORDER_MARK, harmless
from domain.audit.actions import ACTIONS
from domain.audit.export import COLUMNS, ExportFormat, export_events
from domain.audit.models import AuditEvent
from domain.audit.retention import expire_events
from domain.audit.trail import AuditFilter, Cursor, every_event, list_events
from domain.organizations.actor import Actor, actor_of_user
from domain.organizations.models import now
from domain.organizations.roles import Role
from domain.people.groups import create_group
from domain.runs.service import HandIn, cancel_run, start_run
from domain.solutions.service import create_solution, delete_solution, update_solution
from domain.storage_accounts.service import forget_account, link_account, set_storage_settings
from domain.tenancy import system_session
from tests.domain.test_rules import DOWNLOAD, solution
from tests.support.quotas import customer_of, partner_of

ROOMS = ("domain", "fleet", "flows", "portal_api", "pressroom")
ROOT = Path(__file__).parent.parent.parent
BEGIN = now() - timedelta(days=2)


def put(actor: Actor, count: int = 1, **values: Any) -> None:
    """Events straight into the table, a minute apart, the first one two days ago."""
    rows = [
        {
            **{"organization_id": actor.organization_id, "user_id": actor.user_id, "home_organization_id": ""},
            **{"action": "user.changed", "target_kind": "user", "target_id": "x", "facts": {}},
            **{"address": "192.0.2.7", "request_id": "", "at": BEGIN + timedelta(minutes=number)},
            **values,
        }
        for number in range(count)
    ]
    with system_session() as session:
        session.execute(insert(AuditEvent), rows)


def actions(actor: Actor, **chosen: Any) -> list[str]:
    return [event.action for event in list_events(actor, AuditFilter(**chosen))]


def test_pages_follow_each_other_without_gap_or_repetition(administrator: Actor) -> None:
    put(administrator, 12)
    put(administrator, 5, at=BEGIN)  # all of one moment
    seen: list[int] = []
    before: Cursor | None = None
    while True:
        page = list_events(administrator, AuditFilter(before=before, limit=4))
        seen += [event.id for event in page]
        if len(page) < 4:
            break
        before = Cursor.read(str(page[-1].cursor))
    whole = list(every_event(administrator, AuditFilter()))
    assert seen == [event.id for event in whole]
    assert len(set(seen)) == 17
    assert [event.at for event in whole] == sorted((event.at for event in whole), reverse=True)


@pytest.mark.parametrize(
    "text", ["", "x", "2026-01-01~1", "2026-01-01T00:00:00+00:00", "2026-01-01T00:00:00+00:00~-1", "~", "9" * 500]
)
def test_a_cursor_that_nobody_told_is_refused(text: str) -> None:
    with pytest.raises(PressroomError, match=r"audit\.bad_cursor"):
        Cursor.read(text)


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({"since": BEGIN + timedelta(minutes=1)}, {"badge.removed", "roles.given"}),
        ({"until": BEGIN + timedelta(minutes=1)}, {"user.created"}),
        ({"action": "badge."}, {"badge.removed"}),
        ({"action": "badge.removed"}, {"badge.removed"}),
        ({"action": "%"}, set()),
        ({"target_kind": "user"}, {"user.created", "roles.given"}),
        ({"target_kind": "user", "target_id": "eva"}, {"roles.given"}),
        ({"address": "198.51.100."}, {"badge.removed"}),
        ({"person": "admin@pressroom.example"}, {"user.created"}),
        ({"person": " ADMIN@pressroom.example "}, {"user.created"}),
        ({"person": "someone"}, {"badge.removed", "roles.given"}),
        ({"person": "nobody@pressroom.example"}, set()),
    ],
)
def test_filters(administrator: Actor, chosen: Mapping[str, Any], found: set[str]) -> None:
    put(administrator, action="user.created", target_id="bo")
    put(administrator, action="badge.removed", target_kind="badge", user_id="someone", address="198.51.100.9",
        at=BEGIN + timedelta(minutes=1))  # fmt: skip
    put(administrator, action="roles.given", target_id="eva", user_id="someone", at=BEGIN + timedelta(minutes=2))
    assert set(actions(administrator, **chosen)) == found


def test_who_may_not_read_it_is_told_which_role_is_missing(administrator: Actor, colleague: Actor) -> None:
    put(administrator)
    with pytest.raises(PressroomError, match="Organization Administrator"):
        list_events(colleague)
    with pytest.raises(PressroomError, match=r"role\.missing"):
        export_events(colleague, AuditFilter(), ExportFormat.CSV)


def test_nothing_of_another_organization_is_read(administrator: Actor, stranger: Actor) -> None:
    put(stranger, 3, action="pin.set")
    assert actions(administrator) == []
    assert "pin.set" not in "".join(export_events(administrator, AuditFilter(), ExportFormat.JSON_LINES))


@pytest.fixture
def customer(administrator: Actor) -> Actor:
    """The partner's administrator at work in a customer."""
    partner = partner_of(administrator, Role.ORGANIZATION_ADMINISTRATOR)
    return actor_of_user(partner.user_id, customer_of(partner, "Northern").organization_id)


def test_people_of_the_partner_are_shown_with_their_organization(administrator: Actor, customer: Actor) -> None:
    create_group(customer, "Warehouse")
    chosen = {"person": administrator.email, "action": "group.created"}
    assert actions(customer, **chosen) == ["group.created"]
    (event,) = list_events(customer, AuditFilter(**chosen))
    partner = administrator.organization_name
    assert (event.person, event.by_partner) == (f"Administrator ({partner})", True)
    exported = "".join(export_events(customer, AuditFilter(**chosen), ExportFormat.CSV))
    assert f"Administrator ({partner}),yes,group.created" in exported


def test_nobody_else_s_people_are_named_or_found(customer: Actor, stranger: Actor) -> None:
    put(customer, user_id=stranger.user_id, home_organization_id=stranger.organization_id, action="odd.event")
    (event,) = list_events(customer, AuditFilter(action="odd."))
    assert (event.person, event.by_partner) == ("", True)
    assert actions(customer, person=stranger.email) == []


class TestExport:
    """A file for spreadsheets, and one for programs."""

    def test_csv(self, administrator: Actor) -> None:
        put(administrator, facts={"fields": ["name"]}, target_id='=HYPERLINK("http://evil.example")')
        text = "".join(export_events(administrator, AuditFilter(target_kind="user"), ExportFormat.CSV))
        assert text.startswith(BYTE_ORDER_MARK)  # TS-43
        header, row = csv.reader(StringIO(text.removeprefix(BYTE_ORDER_MARK)))
        assert tuple(header) == COLUMNS
        told = dict(zip(header, row, strict=True))
        assert datetime.fromisoformat(told["at"]) == BEGIN
        assert (told["person"], told["by_partner"]) == ("Administrator", "no")
        assert json.loads(told["facts"]) == {"fields": ["name"]}
        assert told["target_id"] == '\'=HYPERLINK("http://evil.example")'

    def test_json_lines(self, administrator: Actor) -> None:
        put(administrator, 3, facts={"count": 2, "roles": ["User"]})
        text = "".join(export_events(administrator, AuditFilter(action="user."), ExportFormat.JSON_LINES))
        told = [json.loads(line) for line in text.splitlines()]
        assert len(told) == 3
        assert (told[0]["facts"], told[0]["by_partner"]) == ({"count": 2, "roles": ["User"]}, False)

    def test_it_is_recorded(self, administrator: Actor) -> None:
        export_events(administrator, AuditFilter(), ExportFormat.CSV)
        assert actions(administrator) == ["audit.exported"]

    def test_memory_does_not_grow_with_the_trail(self, administrator: Actor) -> None:
        def peak() -> int:
            tracemalloc.start()
            length = sum(len(piece) for piece in export_events(administrator, AuditFilter(), ExportFormat.JSON_LINES))
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            assert length > 500_000
            return most

        facts = {"text": "x" * 400}
        put(administrator, 2000, facts=facts)
        small = peak()
        put(administrator, 8000, facts=facts)
        assert peak() < small * 1.5


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+46 8 123", "'+46 8 123"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("  =1", "'  =1"),
        ("＝1", "'＝1"),
        ("plain", "plain"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_no_value_is_taken_for_a_formula(value: str, written: str) -> None:
    assert harmless(value) == written


def test_what_is_older_than_the_retention_time_goes(administrator: Actor) -> None:
    days = get_settings().audit_retention_days
    put(administrator, 3, action="old.event", at=now() - timedelta(days=days + 1))
    put(administrator, action="new.event", at=now() - timedelta(days=days - 1))
    assert (expire_events(), expire_events()) == (3, 0)
    assert actions(administrator) == ["new.event"]


def test_what_people_do_with_solutions_accounts_and_runs_is_recorded(administrator: Actor, tmp_path: Path) -> None:
    view = create_solution(administrator, solution(DOWNLOAD))
    update_solution(administrator, view.id, view.definition.model_copy(update={"share_with_organization": True}))
    path = tmp_path / "letter.txt"
    path.write_text("Dear reader")
    run = start_run(administrator, view.id, HandIn(path, path.name))
    cancel_run(administrator, run.id)
    delete_solution(administrator, view.id)
    set_storage_settings(administrator, ["webdav"], ["example.com"])
    secrets = {"password": "a very secret password"}
    link_account(administrator, "webdav", "ann@example.com", {"address": "https://dav.example.com"}, secrets)
    forget_account(administrator, "webdav")
    forget_account(administrator, "webdav")  # there was nothing left to forget
    events = list_events(administrator)[::-1]
    assert [event.action for event in events] == [
        "solution.created",
        "solution.changed",
        "run.started",
        "run.cancelled",
        "solution.deleted",
        "solution_settings.changed",
        "storage_account.linked",
        "storage_account.forgotten",
    ]
    facts = {event.action: event.facts for event in events}
    assert facts["solution.changed"]["changed"] == ["share_with_organization"]
    assert facts["run.started"] == {"solution": "S", "document": "letter.txt", "client": "browser", "dry_run": False}
    assert facts["storage_account.linked"] == {"provider": "webdav", "account": "ann@example.com"}
    assert "secret" not in str(facts)


DEFINITIONS = ("print_policy", "print_quota")
"""What definitions are recorded for that share how they are managed: the action's word begins with it."""


def recorded_actions() -> set[str]:
    """The words that the code gives to `record` and `record_unattended`."""
    found = set[str]()
    for path in (path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
            if name in ("record", "record_unattended"):
                action = node.args[2]
                words = {part.value for part in ast.walk(action) if isinstance(part, ast.Constant)}
                shared = {name for name in DEFINITIONS if isinstance(action, ast.JoinedStr)}
                found |= {name + word for name in shared for word in words} or words
    return found


def test_every_action_that_is_recorded_has_a_title() -> None:
    assert recorded_actions() - ACTIONS.keys() == set()
