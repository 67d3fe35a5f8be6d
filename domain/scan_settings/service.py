"""Reading and changing the organization's scan settings, for administrators (SCAN-1, SCAN-4, SCAN-10…SCAN-19)."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from connectors.messages import Message
from domain.audit.service import Facts, record
from domain.organizations.actor import Actor
from domain.organizations.models import Organization, now
from domain.organizations.permissions import Permission
from domain.scan_settings.faults import NO_PROVIDER, NOT_SAVED, SCAN_OFF, SETTINGS_HIDDEN
from domain.scan_settings.models import ScanSettingsRow
from domain.scan_settings.settings import ScanSettings, stored_settings, warnings


@dataclass(frozen=True, slots=True)
class ScanSettingsView:
    """The settings as they were saved, and what is worth knowing of them."""

    settings: ScanSettings
    version: int
    warnings: tuple[Message, ...]


def get_scan_settings(actor: Actor) -> ScanSettingsView:
    """The settings; raises `SETTINGS_HIDDEN` for who is no administrator of Scan Management (SCAN-E02)."""
    _need_administrator(actor)
    with actor.session(read_only=True) as session:
        return _view(session, actor)


def change_scan_settings(actor: Actor, after: ScanSettings, version: int | None = None) -> ScanSettingsView:
    """Save the settings.

    Raises `NO_PROVIDER` (SCAN-16), and `NOT_SAVED` (SCAN-E03) where they are no longer those of `version`. Families
    that are switched off keep their destinations and accounts, which cannot be used (SCAN-18).
    """
    _need_administrator(actor)
    if after.enabled and not after.families:
        raise NO_PROVIDER()
    with actor.session() as session:
        session.get(Organization, actor.organization_id, with_for_update=True)
        row = session.get(ScanSettingsRow, actor.organization_id)
        if version is not None and version != (row.version if row else 0):
            raise NOT_SAVED()
        before = stored_settings(session, actor.organization_id)
        if after != before:
            if row is None:
                row = ScanSettingsRow(values={}, version=0)
                session.add(row)
            row.values, row.version, row.changed = after.model_dump(mode="json"), row.version + 1, now()
            record(session, actor, "scan_settings.changed", "scan_settings", facts=_changes(before, after))
            session.flush()
        return _view(session, actor)


def scan_settings(actor: Actor) -> ScanSettings:
    """The settings that hold for who scans; raises `SCAN_OFF` for all but administrators while it is off (SCAN-16)."""
    actor.need(Permission.SCAN_OPEN)
    with actor.session(read_only=True) as session:
        return usable_settings(session, actor)


def usable_settings(session: Session, actor: Actor) -> ScanSettings:
    """`scan_settings` inside a transaction."""
    settings = stored_settings(session, actor.organization_id)
    if not settings.enabled and not actor.may(Permission.SCAN_MANAGE):
        raise SCAN_OFF()
    return settings


def _need_administrator(actor: Actor) -> None:
    actor.need(Permission.SCAN_OPEN)
    if not actor.may(Permission.SCAN_MANAGE):
        raise SETTINGS_HIDDEN()


def _view(session: Session, actor: Actor) -> ScanSettingsView:
    row = session.get(ScanSettingsRow, actor.organization_id)
    settings = stored_settings(session, actor.organization_id)
    return ScanSettingsView(settings, row.version if row is not None else 0, tuple(warnings(settings)))


def _changes(before: ScanSettings, after: ScanSettings) -> Facts:
    """Every changed value as it is now, and as it was under `former_…`."""
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    changed = [name for name in new if new[name] != old[name]]
    return {name: new[name] for name in changed} | {f"former_{name}": old[name] for name in changed}
