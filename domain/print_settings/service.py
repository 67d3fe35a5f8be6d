"""Reading and changing the organization's settings for printing (PR-16…PR-18, PR-49…PR-53)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_, Message
from domain.audit.service import Facts, record
from domain.organizations.actor import Actor
from domain.organizations.models import Organization, now
from domain.organizations.permissions import Permission
from domain.print_definitions.assignments import count_assignments
from domain.print_definitions.models import TargetKind
from domain.print_definitions.subject import TARGETS, Subject
from domain.print_mail.addresses import mailbox_address
from domain.print_policies.subject import POLICIES
from domain.print_quotas.subject import QUOTAS
from domain.print_settings.effects import plan_effects
from domain.print_settings.models import AddressState, EffectState, PrintMailAddress, SettingsEffect
from domain.print_settings.rules import (
    LOCAL_PART_TAKEN,
    SECTIONS,
    Place,
    check_dependencies,
    consequences,
    merged,
    refusal,
    suspended,
)
from domain.printing.mail_address import mail_domain
from domain.printing.models import PrintSettingsRow
from domain.printing.settings import PrintSettings, stored_settings, takes_pin_login
from domain.recorded_errors import ErrorView

CHANGED_MEANWHILE = Fault(
    "print_settings.changed_meanwhile",
    409,
    N_("Somebody else has changed the settings meanwhile."),
    N_("Load the page again and make your changes once more."),
    spec="PR-18",
)
OTHER_ROLE = Fault(
    "print_settings.other_role",
    403,
    N_("Your role does not let you change the section “{section}” of the print settings."),
    N_("Ask a print administrator to change it."),
    spec="PR-7",
)
Patch = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class EffectView:
    """Something that followed from a change, and how far it is."""

    name: str
    state: EffectState
    error: ErrorView | None


@dataclass(frozen=True, slots=True)
class SettingsView:
    """The settings as they were saved. `suspended` names what is on and does not count (PR-50).

    `version` counts changes. `address_state` is that of the address for printing by e-mail; None: there is none.
    `address` is the whole of it, `address_error` why it does not work yet.
    """

    settings: PrintSettings
    version: int
    suspended: tuple[Place, ...]
    address_state: AddressState | None
    effects: tuple[EffectView, ...]
    sections: frozenset[str]
    address: str = ""
    address_error: ErrorView | None = None


def get_print_settings(actor: Actor) -> SettingsView:
    """The settings, with the sections that the actor may change."""
    actor.need(Permission.PRINT_SETTINGS_OPEN)
    with actor.session(read_only=True) as session:
        return _view(session, actor)


def preview_print_settings(actor: Actor, patch: Patch) -> tuple[Message, ...]:
    """What a change would mean that is not seen at once (PR-51); raises what `change_print_settings` raises."""
    _check_sections(actor, patch)
    with actor.session(read_only=True) as session:
        before = stored_settings(session, actor.organization_id)
        after = _checked(session, actor, before, patch)
        ending = (_ending(session, subject, before, after) for subject in (QUOTAS, POLICIES))
        return consequences(before, after, *ending)


def change_print_settings(actor: Actor, patch: Patch, version: int | None = None) -> SettingsView:
    """Change what `patch` names, all of it or nothing (PR-18).

    Raises `pydantic.ValidationError` with every value that cannot be, `OTHER_ROLE` for a section that is not the
    actor's, and `CHANGED_MEANWHILE` where the settings are no longer those of `version`.
    """
    _check_sections(actor, patch)
    with actor.session() as session:
        session.get(Organization, actor.organization_id, with_for_update=True)
        row = session.get(PrintSettingsRow, actor.organization_id)
        if version is not None and version != (row.version if row else 0):
            raise CHANGED_MEANWHILE()
        before = stored_settings(session, actor.organization_id)
        after = _checked(session, actor, before, patch)
        if after != before:
            if row is None:
                row = PrintSettingsRow(values={}, version=0)
                session.add(row)
            row.values, row.version, row.changed = after.model_dump(mode="json"), row.version + 1, now()
            _keep_address(session, actor, after)
            record(session, actor, "print_settings.changed", "print_settings", facts=_changed_facts(before, after))
            plan_effects(session, actor.organization_id, row.version, before, after)
            session.flush()
        return _view(session, actor)


def _check_sections(actor: Actor, patch: Patch) -> None:
    actor.need(Permission.PRINT_SETTINGS_OPEN)
    for section in patch:
        permissions = SECTIONS.get(section, (Permission.PRINT_SETTINGS_MANAGE,))
        if not any(actor.may(permission) for permission in permissions):
            raise OTHER_ROLE(section=section)


def _checked(session: Session, actor: Actor, before: PrintSettings, patch: Patch) -> PrintSettings:
    after = merged(before, patch)
    check_dependencies(before, after, pin_login=takes_pin_login(session, actor.organization_id))
    return after


def _keep_address(session: Session, actor: Actor, after: PrintSettings) -> None:
    """Reserve the address: over the whole installation nobody else can have it (PR-53)."""
    row = session.scalar(select(PrintMailAddress))
    local_part = after.email.local_part
    if local_part is None:
        if row is not None:
            session.delete(row)
        return
    if row is None:
        row = PrintMailAddress(local_part=local_part, state=AddressState.DISABLED)
    changed = row.local_part != local_part
    if not after.email.enabled:
        row.state = AddressState.DISABLED
    elif changed or row.state == AddressState.DISABLED:
        row.state, row.asked_by = AddressState.PROVISIONING, actor.user_id or None
    try:
        with session.begin_nested():
            row.local_part = local_part
            session.add(row)
    except IntegrityError as error:
        raise refusal((("email", "local_part"), LOCAL_PART_TAKEN())) from error


def _ending(session: Session, subject: Subject[Any], before: PrintSettings, after: PrintSettings) -> int:
    """How many assignments count now and would not any more (PR-51)."""
    if not (subject.is_enabled(before) and subject.is_enabled(after)):
        return 0
    gone = set(TARGETS[subject.mode(before)]) - set(TARGETS[subject.mode(after)])
    return count_assignments(session, subject.kind, tuple(sorted(gone, key=list(TargetKind).index))) if gone else 0


def _view(session: Session, actor: Actor) -> SettingsView:
    row = session.get(PrintSettingsRow, actor.organization_id)
    settings = stored_settings(session, actor.organization_id)
    address = session.scalar(select(PrintMailAddress))
    effects = session.scalars(select(SettingsEffect).order_by(SettingsEffect.name))
    may = {name for name, needed in SECTIONS.items() if any(actor.may(each) for each in needed)}
    return SettingsView(
        settings,
        row.version if row is not None else 0,
        suspended(settings),
        AddressState(address.state) if address is not None else None,
        tuple(EffectView(one.name, EffectState(one.state), ErrorView.of(one.error)) for one in effects),
        frozenset(may),
        (mailbox_address(session) or f"{address.local_part}@{mail_domain()}") if address is not None else "",
        ErrorView.of(address.error) if address is not None else None,
    )


def _changed_facts(before: PrintSettings, after: PrintSettings) -> Facts:
    """Every changed value as it is now, and as it was under `former_…` (PR-18)."""
    old, new = _flat(before), _flat(after)
    changed = [name for name in new if new[name] != old[name]]
    return {name: new[name] for name in changed} | {f"former_{name}": old[name] for name in changed}


def _flat(settings: PrintSettings) -> dict[str, str | int | bool | list[str] | None]:
    flat: dict[str, str | int | bool | list[str] | None] = {}
    for section, values in settings.model_dump(mode="json").items():
        for name, value in values.items():
            text = f"{value['count']} {value['unit']}" if isinstance(value, dict) else value
            flat[f"{section}.{name}"] = sorted(text) if isinstance(text, list) else text
    return flat
