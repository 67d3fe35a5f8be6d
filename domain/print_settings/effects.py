"""What follows from a change of the settings, done by a flow and shown on the settings page (F-30)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.errors import INTERNAL, PressroomError
from connectors.messages import N_
from domain.cloud_printing.registration import follow_settings
from domain.organizations.models import now
from domain.outbox.service import enqueue
from domain.print_mail.provisioning import start_provisioning
from domain.print_quotas.status import keep_status
from domain.print_settings.models import EffectState, SettingsEffect
from domain.printing.expiry import recalculate_expiry
from domain.printing.settings import PrintSettings
from domain.recorded_errors import error_record
from domain.tenancy import tenant_session
from domain.workstation_printing.sweep import apply_storage_settings

APPLY = "apply-print-settings/apply-print-settings"


@dataclass(frozen=True, slots=True)
class Effect:
    """One kind. `is_due` says whether a change brings it about; `apply` does it, by the settings as they are then."""

    title: str
    is_due: Callable[[PrintSettings, PrintSettings], bool]
    apply: Callable[[str], object]


def _quotas_changed(before: PrintSettings, after: PrintSettings) -> bool:
    return after.quotas.enabled and before.quotas != after.quotas


def _retention_changed(before: PrintSettings, after: PrintSettings) -> bool:
    periods = [(one.jobs.retention_unreleased, one.jobs.retention_released) for one in (before, after)]
    return periods[0] != periods[1]


def _address_changed(before: PrintSettings, after: PrintSettings) -> bool:
    named = [(one.email.enabled, one.email.local_part) for one in (before, after)]
    return after.email.enabled and named[0] != named[1]


def _recalculate(organization_id: str) -> None:
    with tenant_session(organization_id) as session:
        recalculate_expiry(session, organization_id)


def _cloud_printer_changed(before: PrintSettings, after: PrintSettings) -> bool:
    return before.universal != after.universal


def _storage_changed(before: PrintSettings, after: PrintSettings) -> bool:
    return before.hybrid_storage != after.hybrid_storage


EFFECTS: Mapping[str, Effect] = {
    "cloud_printer": Effect(N_("The printer at Microsoft Universal Print"), _cloud_printer_changed, follow_settings),
    "mail_address": Effect(N_("The address for printing by e-mail"), _address_changed, start_provisioning),
    "retention": Effect(N_("When jobs are deleted"), _retention_changed, _recalculate),
    "hybrid_copies": Effect(N_("Copies of hybrid jobs"), _storage_changed, apply_storage_settings),
    "quota_status": Effect(N_("Quota status of everybody"), _quotas_changed, keep_status),
}
"""All of them, by name."""


def plan_effects(
    session: Session, organization_id: str, version: int, before: PrintSettings, after: PrintSettings
) -> None:
    """Note what a change brings about, and have it done once the change is committed."""
    due = [name for name, effect in EFFECTS.items() if effect.is_due(before, after)]
    for name in due:
        row = session.get(SettingsEffect, (organization_id, name))
        if row is None:
            row = SettingsEffect(organization_id=organization_id, name=name)
            session.add(row)
        row.version, row.state, row.error = version, EffectState.PENDING, None
    if due:
        enqueue(
            session,
            organization_id,
            APPLY,
            key=f"print-settings/{organization_id}/{version}",
            name="print settings",
            parameters={"organization_id": organization_id},
        )


def pending_effects(organization_id: str) -> list[str]:
    """The names of what is still to be done."""
    with tenant_session(organization_id, read_only=True) as session:
        query = select(SettingsEffect.name).where(SettingsEffect.state == EffectState.PENDING)
        return list(session.scalars(query.order_by(SettingsEffect.name)))


def apply_effect(organization_id: str, name: str) -> None:
    """Do it and note that; a change that came meanwhile leaves it to be done once more."""
    with tenant_session(organization_id, read_only=True) as session:
        version = session.get_one(SettingsEffect, (organization_id, name)).version
    EFFECTS[name].apply(organization_id)
    _note(organization_id, name, version, EffectState.APPLIED)


def give_up(organization_id: str, name: str, error: BaseException) -> None:
    """Note that it failed for good, and why."""
    known = error if isinstance(error, PressroomError) else INTERNAL(reference=type(error).__name__)
    _note(organization_id, name, None, EffectState.FAILED, known)


def _note(
    organization_id: str, name: str, version: int | None, state: EffectState, error: PressroomError | None = None
) -> None:
    with tenant_session(organization_id) as session:
        row = session.get_one(SettingsEffect, (organization_id, name), with_for_update=True)
        if version in (None, row.version):
            row.state, row.error, row.changed = state, error_record(error) if error else None, now()
