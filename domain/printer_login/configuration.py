"""The organization's printer login configuration: reading it, and changing it (AC-147…AC-157)."""

from dataclasses import dataclass

from sqlalchemy import delete
from sqlalchemy.orm import Session

from connectors.messages import Message
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.permissions import Permission
from domain.printer_login.models import LoginCode, PrinterLogin
from domain.printer_login.rules import LoginMethod, PrinterLoginSettings, check_settings, notices


@dataclass(frozen=True, slots=True)
class SettingsSaved:
    """Settings that hold from now on, and what they mean for people."""

    settings: PrinterLoginSettings
    notices: tuple[Message, ...]


def settings_of(session: Session, organization_id: str) -> PrinterLoginSettings:
    """How people sign in at the printers of an organization."""
    row = session.get(PrinterLogin, organization_id)
    return PrinterLoginSettings.model_validate(row.settings) if row else PrinterLoginSettings()


def printer_login_settings(actor: Actor) -> PrinterLoginSettings:
    """The settings of the organization that the actor works in; everybody may know what one can sign in with."""
    with actor.session(read_only=True) as session:
        return settings_of(session, actor.organization_id)


def change_settings(actor: Actor, settings: PrinterLoginSettings) -> SettingsSaved:
    """Save new settings for all printers of the organization (AC-148); raises the first violation of the rules.

    Badges and PINs stay as they are; login codes end with secure login.
    """
    actor.need(Permission.PRINTER_LOGIN_MANAGE)
    check_settings(settings)
    with actor.session() as session:
        before = settings_of(session, actor.organization_id)
        if settings != before:
            _keep(session, actor, before, settings)
        return SettingsSaved(settings, tuple(notices(settings, before)))


def _keep(session: Session, actor: Actor, before: PrinterLoginSettings, settings: PrinterLoginSettings) -> None:
    row = session.get(PrinterLogin, actor.organization_id) or PrinterLogin(organization_id=actor.organization_id)
    row.settings, row.changed = settings.model_dump(mode="json"), now()
    session.add(row)
    if not settings.takes(LoginMethod.SECURE_LOGIN):
        session.execute(delete(LoginCode))
    record(session, actor, "printer_login.changed", "printer_login", facts=_changed_facts(before, settings))


def _changed_facts(
    before: PrinterLoginSettings, after: PrinterLoginSettings
) -> dict[str, str | int | list[str] | None]:
    """Every changed value as it is now, and as it was under `former_…`."""
    old, new = _flat(before), _flat(after)
    changed = [name for name in new if new[name] != old[name]]
    return {name: new[name] for name in changed} | {f"former_{name}": old[name] for name in changed}


def _flat(settings: PrinterLoginSettings) -> dict[str, str | int | list[str] | None]:
    values = settings.model_dump(mode="json", exclude={"pin_expiry", "card_reader"})
    expiry = settings.pin_expiry
    values["pin_expiry"] = f"{expiry.amount} {expiry.unit.value}" if expiry else "never"
    values["card_reader"] = settings.card_reader.model_dump_json(exclude_defaults=True)
    return values
