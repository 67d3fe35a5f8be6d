"""What the flow does for a registration (F-29): bring it to the state it is to have, again after growing pauses."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from connectors.cloud_print import CloudPrintService, open_cloud_print
from connectors.cloud_print.service import Names
from connectors.errors import INTERNAL, PressroomError
from connectors.secrets import decrypt, encrypt
from connectors.settings import get_settings
from domain.audit.service import record_unattended
from domain.cloud_printing.lease import Claimed, claim, free
from domain.cloud_printing.models import CloudPrinter, RegistrationState
from domain.cloud_printing.outbox import enqueue_registration
from domain.cloud_printing.service import check_names, start
from domain.organizations.models import now
from domain.printing.settings import print_settings
from domain.recorded_errors import error_record
from domain.tenancy import system_session, tenant_session

ATTEMPTS = 8
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=30)
"""Class B of PR-346."""
WORKING = (RegistrationState.REGISTERING, RegistrationState.UNREGISTERING)


def bring_about(organization_id: str) -> RegistrationState | None:
    """Register or remove the printer, as its state says; returns how it stands then, None where there is nothing."""
    claimed = claim(organization_id, WORKING)
    if claimed is None:
        return _postponed(organization_id)
    try:
        _work(organization_id, claimed)
    except PressroomError as error:
        return _failed(organization_id, claimed.state, error)
    finally:
        free(organization_id)
    return _done(organization_id, claimed.state)


def resume() -> int:
    """Go on with what a worker that was killed has left; returns for how many organizations."""
    lost = CloudPrinter.changed < now() - LONGEST_PAUSE - timedelta(minutes=1)
    with system_session() as session:
        rows = session.scalars(select(CloudPrinter).where(CloudPrinter.state.in_(WORKING), lost)).all()
        for row in rows:
            row.changed = now()
            enqueue_registration(session, row)
        return len(rows)


def give_up(organization_id: str, error: BaseException) -> None:
    """Note what nobody expected."""
    known = error if isinstance(error, PressroomError) else INTERNAL(reference=type(error).__name__)
    with tenant_session(organization_id) as session:
        row = session.get(CloudPrinter, organization_id, with_for_update=True)
        if row is not None and row.state in WORKING:
            row.state, row.error = RegistrationState.ERROR, error_record(known)


def follow_settings(organization_id: str) -> None:
    """What follows from changed settings: other names at the service, or the end of the registration (F-30)."""
    with tenant_session(organization_id) as session:
        row = session.get(CloudPrinter, organization_id, with_for_update=True)
        if row is None or not row.places or row.state == RegistrationState.UNREGISTERING:
            return
        names = print_settings(session, organization_id).universal
        if not names.enabled:
            start(session, row, RegistrationState.UNREGISTERING)
        elif (names.printer_name.strip(), names.share_name.strip()) != (row.printer_name, row.share_name):
            start(session, row, RegistrationState.REGISTERING)


def _work(organization_id: str, claimed: Claimed) -> None:
    with open_service(organization_id) as service:
        if claimed.state is RegistrationState.UNREGISTERING:
            service.unregister(claimed.places)
            return
        names = _names(organization_id)
        service.register(names, claimed.places, lambda known: keep_places(organization_id, known))
        with tenant_session(organization_id) as session:
            row = session.get_one(CloudPrinter, organization_id)
            row.printer_name, row.share_name = names.printer, names.share


def _names(organization_id: str) -> Names:
    with tenant_session(organization_id, read_only=True) as session:
        settings = print_settings(session, organization_id).universal
    check_names(settings)
    return Names(settings.printer_name.strip(), settings.share_name.strip())


def _postponed(organization_id: str) -> RegistrationState | None:
    """Another worker is at it: what is still to be done then is looked at again."""
    with tenant_session(organization_id) as session:
        row = session.get(CloudPrinter, organization_id)
        if row is not None and row.state in WORKING:
            enqueue_registration(session, row, now() + FIRST_PAUSE)
        return RegistrationState(row.state) if row is not None else None


def open_service(organization_id: str) -> CloudPrintService:
    """The service of the organization's tenant; renewed tokens are kept."""
    with tenant_session(organization_id, read_only=True) as session:
        row = session.get_one(CloudPrinter, organization_id)
        tenant_id, secrets = row.tenant_id, decrypt(row.secrets) if row.secrets else {}

    def save(renewed: Mapping[str, str]) -> None:
        with tenant_session(organization_id) as session:
            session.get_one(CloudPrinter, organization_id).secrets = encrypt(dict(renewed))

    return open_cloud_print(get_settings(), tenant_id, secrets, save)


def keep_places(organization_id: str, places: Mapping[str, Any]) -> None:
    """Keep where things are, as soon as they are there."""
    with tenant_session(organization_id) as session:
        session.get_one(CloudPrinter, organization_id).places = dict(places)


def _failed(organization_id: str, wanted: RegistrationState, error: PressroomError) -> RegistrationState:
    """Try again later what may pass; what was to be removed and cannot be is let go, and the page says so."""
    with tenant_session(organization_id) as session:
        row = session.get_one(CloudPrinter, organization_id, with_for_update=True)
        if row.state != wanted:
            return RegistrationState(row.state)
        row.error = error_record(error)
        if error.transient and row.attempt < ATTEMPTS:
            pause = min(FIRST_PAUSE * 2**row.attempt, LONGEST_PAUSE)
            row.attempt += 1
            enqueue_registration(session, row, now() + pause)
        elif wanted is RegistrationState.UNREGISTERING:
            _forget(row)
            record_unattended(session, organization_id, "cloud_printer.left_behind", "print_settings")
        else:
            row.state = RegistrationState.ERROR
            record_unattended(session, organization_id, "cloud_printer.failed", "print_settings")
        return RegistrationState(row.state)


def _done(organization_id: str, wanted: RegistrationState) -> RegistrationState:
    with tenant_session(organization_id) as session:
        row = session.get_one(CloudPrinter, organization_id, with_for_update=True)
        if row.state != wanted:
            return RegistrationState(row.state)
        row.error = None
        if wanted is RegistrationState.REGISTERING:
            row.state = RegistrationState.REGISTERED
            record_unattended(session, organization_id, "cloud_printer.registered", "print_settings")
        else:
            _forget(row)
            record_unattended(session, organization_id, "cloud_printer.removed", "print_settings")
        return RegistrationState(row.state)


def _forget(row: CloudPrinter) -> None:
    row.state, row.places, row.secrets = RegistrationState.UNREGISTERED, {}, ""
    row.printer_name, row.share_name, row.account = "", "", ""
