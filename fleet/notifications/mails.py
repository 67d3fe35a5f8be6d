"""The mail that tells what policies hold for: up to 15 printers in its text, all in a file (FL-434…FL-439)."""

import csv
import json
from collections.abc import Sequence
from io import StringIO
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.messages import N_, Message
from connectors.settings import get_settings
from connectors.spreadsheets import harmless
from domain.mail.message import MailAttachment
from domain.mail.service import queue_mail
from domain.organizations.models import Organization, now
from fleet.notifications.models import Crossing, Notification, NotificationPolicy, PolicyKind, SilenceType

LINES = 15
"""Printers that the text of a mail lists at most (FL-439)."""

SUPPLIES_SUBJECT = N_("Supplies run low: {policy}, {organization}")
PRINTERS_SUBJECT = N_("Printers without data: {policy}, {organization}")
AGENTS_SUBJECT = N_("Agents out of contact: {policy}, {organization}")
SUPPLY_LINE = N_("{model}, {address}, serial number {serial_number}, asset tag {asset_tag}: {supply}, {percent} %")
REFRESH_LINE = N_("{model}, {address}, serial number {serial_number}, asset tag {asset_tag}: last data {last_refresh}")
CONTACT_LINE = N_(
    "{model}, {address}, serial number {serial_number}, asset tag {asset_tag}: last contact {last_contact}"
)
AGENT_LINE = N_("{agent}, version {version}: last contact {last_contact}")
MORE = N_("And {count} more: see the attached file.")
FREE_TEXT = N_("{text}")
SUBJECTS = {
    PolicyKind.SUPPLIES: SUPPLIES_SUBJECT,
    PolicyKind.PRINTERS: PRINTERS_SUBJECT,
    PolicyKind.AGENTS: AGENTS_SUBJECT,
}


def send_notifications(session: Session, organization_id: str) -> int:
    """Queue one mail for each policy of the organization with crossings that wait; returns how many mails (F-35, F-36).

    The mail, its history and the mark that it was asked for are one transaction: repeated, it sends nothing twice.
    """
    waiting = (
        select(Crossing)
        .where(Crossing.organization_id == organization_id, Crossing.mailed.is_(None))
        .order_by(Crossing.policy_id, Crossing.at, Crossing.subject_id, Crossing.part)
        .with_for_update()
    )
    by_policy: dict[str, list[Crossing]] = {}
    for crossing in session.scalars(waiting):
        by_policy.setdefault(crossing.policy_id, []).append(crossing)
    for policy_id, crossings in by_policy.items():
        _send(session, session.get_one(NotificationPolicy, policy_id), crossings)
    return len(by_policy)


def _send(session: Session, policy: NotificationPolicy, crossings: Sequence[Crossing]) -> None:
    items = [crossing.facts for crossing in crossings]
    moment = now()
    organization = session.get_one(Organization, policy.organization_id).name
    mail_id = queue_mail(
        session,
        policy.organization_id,
        policy.recipients,
        Message.of(SUBJECTS[PolicyKind(policy.kind)], policy=policy.name, organization=organization),
        _paragraphs(policy, items),
        locale=policy.locale,
        link=f"{get_settings().public_url}/printers",
        attachments=_attachments(policy, items),
    )
    for crossing in crossings:
        crossing.mailed = moment
    session.add(
        Notification(
            organization_id=policy.organization_id,
            kind=policy.kind,
            policy_name=policy.name,
            recipients=policy.recipients,
            items=items,
            search_key=_search_key(policy, items),
            facets=_facets(policy, items),
            mail_id=mail_id,
            at=moment,
        )
    )


def _paragraphs(policy: NotificationPolicy, items: Sequence[dict[str, Any]]) -> list[Message]:
    template = _line(policy)
    lines = [Message.of(template, **_shown(item)) for item in items[:LINES]]
    if len(items) > LINES:
        lines.append(Message.of(MORE, count=len(items) - LINES))
    if policy.extra_text:
        lines.append(Message.of(FREE_TEXT, text=policy.extra_text))
    return lines


def _line(policy: NotificationPolicy) -> str:
    match PolicyKind(policy.kind):
        case PolicyKind.SUPPLIES:
            return SUPPLY_LINE
        case PolicyKind.AGENTS:
            return AGENT_LINE
    return REFRESH_LINE if policy.types == [SilenceType.LAST_REFRESH] else CONTACT_LINE


def _shown(item: dict[str, Any]) -> dict[str, str | int | float]:
    """The facts of a line; what is not known is a dash."""
    return {name: "–" if value in ("", None) else value for name, value in item.items()}


def _attachments(policy: NotificationPolicy, items: Sequence[dict[str, Any]]) -> list[MailAttachment]:
    if not policy.attaches and len(items) <= LINES:
        return []
    if policy.kind == PolicyKind.SUPPLIES and policy.attaches:
        content = json.dumps({"policy": policy.name, "threshold_percent": policy.threshold, "supplies": list(items)})
        return [MailAttachment("notification.json", "application/json", content.encode())]
    return [MailAttachment("notification.csv", "text/csv", _csv(items))]


def _csv(items: Sequence[dict[str, Any]]) -> bytes:
    text = StringIO()
    writer = csv.writer(text)
    columns = list(items[0])
    writer.writerow(columns)
    writer.writerows([harmless(str(item.get(name, ""))) for name in columns] for item in items)
    return text.getvalue().encode("utf-8-sig")


def _search_key(policy: NotificationPolicy, items: Sequence[dict[str, Any]]) -> str:
    found = {str(item.get(name, "")) for item in items for name in ("serial_number", "asset_tag", "agent")}
    return "\n".join(sorted({*policy.recipients, *found} - {""})).casefold()


def _facets(policy: NotificationPolicy, items: Sequence[dict[str, Any]]) -> str:
    found = {f"type:{kind}" for kind in policy.types} if policy.kind != PolicyKind.SUPPLIES else set()
    for item in items:
        found |= {f"model:{item.get('model', '')}", f"type:{item.get('supply_type', '')}"}
        found.add(f"supply:{item.get('supply', '')}")
    return "|" + "|".join(sorted(facet for facet in found if not facet.endswith(":"))) + "|"
