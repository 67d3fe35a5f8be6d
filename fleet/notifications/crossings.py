"""Which policies begin or cease to hold: for supplies with every reading, for silence once a day (FL-438, FL-440)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, tuple_
from sqlalchemy.orm import Session

from connectors.printers.reading import PrinterReading, Supply
from domain.organizations.models import now
from domain.outbox.models import OutboxRow
from domain.outbox.service import enqueue
from fleet.agents.models import Agent, AgentKind
from fleet.notifications.models import Crossing, NotificationPolicy, PolicyKind, SilenceType
from fleet.printers.models import Printer, TaggedPrinter

SEND = "send-fleet-notifications/send-fleet-notifications"
TOGETHER = timedelta(seconds=60)
"""Crossings of one minute go in one mail: printers are read many at a time."""


@dataclass(frozen=True, slots=True)
class _Key:
    policy_id: str
    subject_id: str
    part: str


Holding = dict[_Key, dict[str, Any]]
"""What a policy holds for now, with the facts for its mail."""


def note_levels(session: Session, printers: Mapping[str, Printer], readings: Mapping[str, PrinterReading]) -> None:
    """Compare the levels just read with the thresholds of the supplies policies, in the readings' transaction (F-35).

    A level that the printer does not tell, or tells as "some is left", changes nothing.
    """
    organizations = {printers[one].organization_id for one in readings}
    policies = _policies(session, PolicyKind.SUPPLIES, organizations)
    if not policies:
        return
    tagged = _tagged(session, policies, list(readings))
    holding: Holding = {}
    looked_at: set[_Key] = set()
    for policy in policies:
        for printer_id, reading in readings.items():
            printer = printers[printer_id]
            if printer.organization_id != policy.organization_id or not _applies(policy, printer_id, tagged):
                continue
            for supply in _watched(policy, reading):
                key = _Key(policy.id, printer_id, supply.key[:64])
                looked_at.add(key)
                if supply.percent is not None and supply.percent <= policy.threshold:
                    holding[key] = printer_facts(printer) | supply_facts(supply)
    _keep(session, {policy.id: policy.organization_id for policy in policies}, holding, looked_at)


def note_silence(session: Session) -> None:
    """Look for printers and agents without refresh or contact for as many days as their policies say (F-36)."""
    for policy in session.scalars(select(NotificationPolicy).where(NotificationPolicy.kind != PolicyKind.SUPPLIES)):
        subjects = _silent_agents if policy.kind == PolicyKind.AGENTS else _silent_printers
        holding = {_Key(policy.id, subject, ""): facts for subject, facts in subjects(session, policy)}
        query = select(Crossing.subject_id).where(Crossing.policy_id == policy.id)
        looked_at = set(holding) | {_Key(policy.id, one, "") for one in session.scalars(query)}
        _keep(session, {policy.id: policy.organization_id}, holding, looked_at)


def _keep(session: Session, policies: Mapping[str, str], holding: Holding, looked_at: set[_Key]) -> None:
    """Write what began to hold, remove what ceased to; whoever began waits for the next mail."""
    known = _known(session, policies, looked_at)
    ceased = [(key.policy_id, key.subject_id, key.part) for key in known if key not in holding]
    if ceased:
        keys = tuple_(Crossing.policy_id, Crossing.subject_id, Crossing.part)
        session.execute(delete(Crossing).where(keys.in_(ceased)), execution_options={"synchronize_session": False})
    begun = [key for key in holding if key not in known]
    for key in begun:
        session.add(
            Crossing(
                organization_id=policies[key.policy_id],
                policy_id=key.policy_id,
                subject_id=key.subject_id,
                part=key.part,
                facts=holding[key],
            )
        )
    for organization_id in {policies[key.policy_id] for key in begun}:
        run_together(session, organization_id, SEND, "fleet-notifications")


def _known(session: Session, policies: Iterable[str], looked_at: set[_Key]) -> set[_Key]:
    subjects = {key.subject_id for key in looked_at}
    query = select(Crossing.policy_id, Crossing.subject_id, Crossing.part).where(
        Crossing.policy_id.in_(list(policies)), Crossing.subject_id.in_(subjects)
    )
    return {_Key(*row) for row in session.execute(query)} & looked_at


def run_together(session: Session, organization_id: str, deployment: str, name: str) -> None:
    """One flow run for all that begins within a minute; it gets `organization_id`."""
    due = now() + TOGETHER
    key = f"{name}/{organization_id}/{due:%Y%m%d%H%M}"
    waits = select(OutboxRow.id).where(OutboxRow.organization_id == organization_id, OutboxRow.key == key)
    if session.scalar(waits) is None:
        enqueue(
            session,
            organization_id,
            deployment,
            key=key,
            name=name.replace("-", " "),
            parameters={"organization_id": organization_id},
            not_before=due,
        )


def _policies(session: Session, kind: PolicyKind, organizations: Iterable[str]) -> Sequence[NotificationPolicy]:
    query = select(NotificationPolicy).where(
        NotificationPolicy.kind == kind, NotificationPolicy.organization_id.in_(list(organizations))
    )
    return session.scalars(query).all()


def _tagged(
    session: Session, policies: Sequence[NotificationPolicy], printer_ids: Sequence[str]
) -> dict[str, set[str]]:
    tags = {tag for policy in policies for tag in policy.tag_ids}
    if not tags:
        return {}
    query = select(TaggedPrinter.printer_id, TaggedPrinter.tag_id).where(
        TaggedPrinter.tag_id.in_(tags), TaggedPrinter.printer_id.in_(printer_ids)
    )
    found: dict[str, set[str]] = {}
    for printer_id, tag_id in session.execute(query):
        found.setdefault(printer_id, set()).add(tag_id)
    return found


def _applies(policy: NotificationPolicy, printer_id: str, tagged: Mapping[str, set[str]]) -> bool:
    return not policy.tag_ids or bool(tagged.get(printer_id, set()) & set(policy.tag_ids))


def _watched(policy: NotificationPolicy, reading: PrinterReading) -> list[Supply]:
    return [supply for supply in reading.supplies if supply.kind in policy.types and supply.percent is not None]


def _silent_printers(session: Session, policy: NotificationPolicy) -> list[tuple[str, dict[str, Any]]]:
    column = Printer.last_refresh if policy.types == [SilenceType.LAST_REFRESH] else Printer.last_contact
    limit = now() - timedelta(days=policy.threshold)
    query = select(Printer).where(Printer.organization_id == policy.organization_id)
    query = query.where((column <= limit) | (column.is_(None) & (Printer.enrolled <= limit)))
    if policy.tag_ids:
        tagged = select(TaggedPrinter.printer_id).where(TaggedPrinter.tag_id.in_(policy.tag_ids))
        query = query.where(Printer.id.in_(tagged))
    found = session.scalars(query.order_by(Printer.address)).all()
    return [
        (printer.id, printer_facts(printer) | _since(printer.last_refresh, printer.last_contact)) for printer in found
    ]


def _silent_agents(session: Session, policy: NotificationPolicy) -> list[tuple[str, dict[str, Any]]]:
    """A fleet agent that has ever called in; for agents both types go by the last contact (FL-429, A-30)."""
    limit = now() - timedelta(days=policy.threshold)
    query = select(Agent).where(
        Agent.organization_id == policy.organization_id,
        Agent.kind == AgentKind.FLEET,
        Agent.last_contact <= limit,
        Agent.deactivated.is_(None),
        Agent.is_built_in.is_(False),
    )
    agents = session.scalars(query.order_by(Agent.name)).all()
    return [
        (agent.id, {"agent": agent.name, "version": agent.version} | _since(None, agent.last_contact))
        for agent in agents
    ]


def _since(refresh: Any, contact: Any) -> dict[str, Any]:
    return {
        "last_refresh": refresh.isoformat(timespec="minutes") if refresh else "",
        "last_contact": contact.isoformat(timespec="minutes") if contact else "",
    }


def printer_facts(printer: Printer) -> dict[str, Any]:
    """What mail tells of a printer."""
    return {
        "printer_id": printer.id,
        "serial_number": printer.serial_number,
        "address": printer.address,
        "host_name": printer.host_name,
        "manufacturer": printer.manufacturer,
        "model": printer.model,
        "asset_tag": printer.asset_tag,
        "location": printer.location,
        "contact": printer.contact,
    }


def supply_facts(supply: Supply) -> dict[str, Any]:
    """What mail tells of a supply."""
    return {
        "supply": supply.description,
        "supply_type": str(supply.kind),
        "color": supply.colour,
        "part_number": supply.part_number,
        "supply_serial_number": supply.serial_number,
        "percent": supply.percent,
    }
