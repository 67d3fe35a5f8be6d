"""Notification policies: when they fire, what their mail says, what the history keeps (FL-427…FL-446)."""

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from connectors.errors import PressroomError
from connectors.printers.reading import (
    Counters,
    Identity,
    PrinterReading,
    Status,
    Supply,
    SupplyKind,
)
from domain.mail.delivery import claim_mail, send_mail
from domain.mail.models import OutgoingMail
from domain.organizations.models import now
from domain.organizations.roles import Role
from domain.outbox.models import OutboxRow
from domain.tenancy import system_session, tenant_session
from fleet.agents.models import Agent
from fleet.notifications.crossings import SEND, note_silence
from fleet.notifications.history import (
    HistoryChoices,
    HistoryFilter,
    forget_notifications,
    history_choices,
    list_notifications,
)
from fleet.notifications.models import Crossing, Notification, PolicyKind
from fleet.notifications.policies import (
    PolicyForm,
    change_policy,
    create_policy,
    delete_policies,
    list_policies,
)
from fleet.printers.models import Printer, Tag, TaggedPrinter
from fleet.printers.readings import Observation, store_readings
from flows.fleet_notifications import send_fleet_notifications
from tests.support.fleet import add_agent, add_printers
from tests.support.installation import Installation, installed
from tests.support.mail_server import Mailbox, mail_server


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as running:
        yield running


@pytest.fixture
def office(tmp_path: Path, mailbox: Mailbox) -> Iterator[Installation]:
    mailbox.envelopes.clear()
    with installed(tmp_path, smtp_host="127.0.0.1", smtp_port=str(mailbox.port), smtp_tls="none") as one:
        yield one


def form(**values: Any) -> PolicyForm:
    facts: dict[str, Any] = {
        "kind": "supplies",
        "name": "Low toner",
        "types": ["toner"],
        "threshold": 10,
        "recipients": ["stores@example.com"],
    }
    return PolicyForm.model_validate(facts | values)


def toner(percent: int | None, color: str = "black", kind: SupplyKind = SupplyKind.TONER) -> Supply:
    return Supply(f"{kind}-{color}", kind, f"{color} {kind}", color, percent=percent)


def read(office: Installation, printer_id: str, *supplies: Supply) -> None:
    reading = PrinterReading(Identity(), Status(), Counters({}), supplies, (), (), datetime.now(UTC))
    with tenant_session(office.administrator.organization_id) as session:
        store_readings(session, [Observation(printer_id, reading)])


def send(office: Installation) -> int:
    """As the flow and then the mail's own flow do."""
    count: int = send_fleet_notifications.fn(office.administrator.organization_id)
    with system_session(read_only=True) as session:
        waiting = list(session.scalars(select(OutgoingMail.id).where(OutgoingMail.ended.is_(None))))
    for mail_id in waiting:
        work = claim_mail(mail_id, "test")
        assert work is not None
        send_mail(work, lambda: None)
    return count


def words(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return " ".join(str(body.get_content()).split())


def attached(message: EmailMessage) -> list[tuple[str, bytes]]:
    return [(part.get_filename() or "", part.get_payload(decode=True)) for part in message.iter_attachments()]


def test_a_policy_fires_once_until_the_level_has_risen_again(office: Installation, mailbox: Mailbox) -> None:
    """F-35, FL-440."""
    create_policy(office.administrator, form())
    (printer,) = add_printers(office.administrator.organization_id, 1, asset_tag="A-7", location="Hall 1")
    told = []
    for percent in (40, 10, 9, None, 8, 95, 50, 10):
        read(office, printer, toner(percent))
        told.append(send(office))
    assert told == [0, 1, 0, 0, 0, 0, 0, 1]
    first = mailbox.messages[0]
    assert first["To"] == "stores@example.com"
    assert first["Subject"] == "Supplies run low: Low toner, Pressroom"
    assert "PX C4150" in words(first)
    assert "asset tag A-7: black toner, 10 %" in words(first)
    assert attached(first) == []


def test_crossings_of_one_minute_wait_for_one_flow_run(office: Installation) -> None:
    create_policy(office.administrator, form())
    for printer in add_printers(office.administrator.organization_id, 3):
        read(office, printer, toner(3))
    with system_session(read_only=True) as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.deployment == SEND)).all()
    assert 1 <= len(rows) <= 2, "two at most, where a minute ended in between"
    assert all(row.available > now() for row in rows)
    assert send(office) == 1


def test_only_chosen_types_and_tags(office: Installation, mailbox: Mailbox) -> None:
    """FL-428, FL-430."""
    home = office.administrator.organization_id
    tagged, other = add_printers(home, 2)
    with tenant_session(home) as session:
        tag = Tag(organization_id=home, name="North", name_key="north")
        session.add(tag)
        session.flush()
        session.add(TaggedPrinter(organization_id=home, tag_id=tag.id, printer_id=tagged))
        tag_id = tag.id
    create_policy(office.administrator, form(types=["toner", "waste"], tag_ids=[tag_id], attaches=True))
    for printer in (tagged, other):
        waste, drum = toner(2, "", SupplyKind.WASTE), toner(1, "", SupplyKind.PHOTOCONDUCTOR)
        read(office, printer, toner(5), toner(60, "cyan"), waste, drum)
    assert send(office) == 1
    ((name, content),) = attached(mailbox.messages[0])
    assert name == "notification.json"
    data = json.loads(content)
    assert {(one["printer_id"], one["supply_type"], one["percent"]) for one in data["supplies"]} == {
        (tagged, "toner", 5),
        (tagged, "waste", 2),
    }


def test_another_organizations_policy_hears_nothing(office: Installation) -> None:
    create_policy(office.stranger, form())
    (printer,) = add_printers(office.administrator.organization_id, 1)
    read(office, printer, toner(1))
    with system_session(read_only=True) as session:
        assert session.scalars(select(Crossing)).all() == []


def silent_for(office: Installation, days: int, count: int, **values: Any) -> list[str]:
    moment = now() - timedelta(days=days)
    facts = {"enrolled": moment, "last_contact": moment, "last_refresh": moment} | values
    return add_printers(office.administrator.organization_id, count, **facts)


def look_around() -> None:
    with system_session() as session:
        note_silence(session)


def test_more_than_fifteen_printers_come_as_a_file_even_where_none_is_wanted(
    office: Installation, mailbox: Mailbox
) -> None:
    """F-36, FL-438, FL-439: those that are heard of again are told of when they fall silent again."""
    create_policy(office.administrator, form(kind="printers", name="Silent", types=["last_contact"], threshold=3))
    silent_for(office, 2, 1)
    silent = silent_for(office, 3, 17, asset_tag="=1+1")
    look_around()
    assert send(office) == 1
    message = mailbox.messages[0]
    assert words(message).count("serial number") == 15
    assert "And 2 more: see the attached file." in words(message)
    ((name, content),) = attached(message)
    rows = list(csv.DictReader(StringIO(content.decode("utf-8-sig"))))
    assert name == "notification.csv"
    assert {row["printer_id"] for row in rows} == set(silent)
    assert {row["asset_tag"] for row in rows} == {"'=1+1"}
    look_around()
    assert send(office) == 0
    with system_session() as session:
        session.execute(update(Printer).where(Printer.id == silent[0]).values(last_contact=now()))
    look_around()
    with system_session() as session:
        earlier = now() - timedelta(days=4)
        session.execute(update(Printer).where(Printer.id == silent[0]).values(last_contact=earlier))
    look_around()
    assert send(office) == 1
    assert words(mailbox.messages[1]).count("serial number") == 1


def test_agents_that_fell_silent(office: Installation, mailbox: Mailbox) -> None:
    """FL-429, A-30. The built-in agent never falls silent by itself."""
    home = office.administrator.organization_id
    add_printers(home, 1)
    agent = add_agent(home, version="2.1.18", last_contact=now() - timedelta(days=8))
    add_agent(home, last_contact=now() - timedelta(days=6))
    create_policy(
        office.administrator,
        form(kind="agents", name="Agents", types=["last_contact"], threshold=7, extra_text="Call {Bob} at once."),
    )
    look_around()
    assert send(office) == 1
    with system_session(read_only=True) as session:
        name = session.get_one(Agent, agent).name
    text = words(mailbox.messages[0])
    assert f"{name}, version 2.1.18: last contact" in text
    assert "Call {Bob} at once." in text


def test_the_history_is_searched_and_filtered(office: Installation) -> None:
    """FL-443…FL-445, FL-449."""
    create_policy(office.administrator, form())
    first, second = (
        *add_printers(office.administrator.organization_id, 1, asset_tag="A-7"),
        *add_printers(office.administrator.organization_id, 1, asset_tag="B-1", model="PX M2250"),
    )
    read(office, first, toner(5))
    send(office)
    read(office, second, toner(5, "cyan"))
    send(office)

    def found(**values: str) -> list[str]:
        views = list_notifications(office.administrator, HistoryFilter(PolicyKind.SUPPLIES, **values))
        return [item["asset_tag"] for view in views for item in view.items]

    assert found() == ["B-1", "A-7"]
    assert found(search="a-7") == ["A-7"]
    assert found(search="STORES@") == ["B-1", "A-7"]
    assert found(model="PX M2250") == ["B-1"]
    assert found(supply="black toner") == ["A-7"]
    assert found(type="waste") == []
    choices = HistoryChoices(("PX C4150", "PX M2250"), ("black toner", "cyan toner"))
    assert history_choices(office.administrator, PolicyKind.SUPPLIES) == choices
    assert history_choices(office.administrator, PolicyKind.AGENTS) == HistoryChoices((), ())
    newest = list_notifications(office.administrator, HistoryFilter(PolicyKind.SUPPLIES, limit=1))[0]
    assert newest.state == "sent"
    assert found(before=newest.id) == ["A-7"]
    assert list_notifications(office.stranger, HistoryFilter(PolicyKind.SUPPLIES)) == []
    with system_session() as session:
        session.execute(update(Notification).values(at=now() - timedelta(days=31)))
    assert found() == []
    with system_session() as session:
        assert forget_notifications(session) == 2


REFUSED = [
    ({"types": []}, None),
    ({"types": ["staples"]}, None),
    ({"threshold": 101}, None),
    ({"kind": "printers", "types": ["last_contact", "last_refresh"]}, None),
    ({"kind": "printers", "types": ["last_contact"], "threshold": 0}, None),
    ({"kind": "agents", "types": ["last_contact"], "tag_ids": ["0" * 32]}, None),
    ({"recipients": [f"p{number}@example.com" for number in range(11)]}, None),
    ({"tag_ids": [f"{number:032}" for number in range(11)]}, None),
    ({"recipients": ["nobody"]}, "policy.recipient"),
    ({"tag_ids": ["0" * 32]}, "not_found"),
]


@pytest.mark.parametrize(("values", "code"), REFUSED)
def test_refused(office: Installation, values: dict[str, Any], code: str | None) -> None:
    """FL-428…FL-431, FL-436."""
    if code is None:
        with pytest.raises(ValueError, match="validation error"):
            form(**values)
        return
    with pytest.raises(PressroomError) as refused:
        create_policy(office.administrator, form(**values))
    assert refused.value.code == code


def test_a_duplicate_must_differ_in_more_than_its_name(office: Installation) -> None:
    """FL-441."""
    first = create_policy(office.administrator, form())
    for values, code in (({"name": "Other"}, "policy.same"), ({"threshold": 9}, "policy.name_taken")):
        with pytest.raises(PressroomError) as refused:
            create_policy(office.administrator, form(**values))
        assert refused.value.code == code
    second = create_policy(office.administrator, form(name="Other", threshold=9))
    change_policy(office.administrator, first, form(threshold=20))
    assert [view.form.threshold for view in list_policies(office.administrator)] == [20, 9]
    assert delete_policies(office.stranger, [first, second]) == 0
    assert delete_policies(office.administrator, [first, second]) == 2


def test_who_may(office: Installation) -> None:
    viewer = office.add_person("viewer@example.com", Role.FLEET_VIEWER)
    with pytest.raises(PressroomError) as refused:
        create_policy(viewer, form())
    assert refused.value.code == "role.missing"
