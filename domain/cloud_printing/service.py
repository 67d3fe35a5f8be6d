"""Registering the organization's queue at the print service of its identity cloud, and removing it (PR-286…PR-289).

An administrator of the directory signs in by a code, here or on another device; a flow does the rest (F-29).
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from connectors.cloud_print import open_cloud_print
from connectors.cloud_print.faults import SIGN_IN_OVER
from connectors.cloud_print.graph_web import TITLE
from connectors.cloud_print.service import SignedIn, SignInCode
from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from connectors.secrets import decrypt, encrypt
from connectors.settings import get_settings
from domain.audit.service import record
from domain.cloud_printing.models import CloudPrinter, RegistrationState
from domain.cloud_printing.outbox import enqueue_registration
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.permissions import Permission
from domain.printing.features import FEATURE_DISABLED
from domain.printing.settings import UniversalPrintSettings, print_settings
from domain.recorded_errors import ErrorView
from domain.tenancy import NOT_FOUND

NAMES_NEEDED = Fault(
    "cloud_print.names_needed",
    422,
    N_("The printer and its share have no names yet."),
    N_("Name both in the print settings first."),
    spec="PR-286",
)
FEATURE = N_("Universal print integration")


@dataclass(frozen=True, slots=True)
class CloudPrinterView:
    """The registration; names are those of the settings. A sign-in that waits has a code and an address."""

    state: RegistrationState
    service: str
    enabled: bool
    printer_name: str
    share_name: str
    tenant_id: str
    tenant_name: str
    account: str
    error: ErrorView | None
    sign_in_code: str = ""
    sign_in_address: str = ""
    sign_in_expires: datetime | None = None


def get_cloud_printer(actor: Actor) -> CloudPrinterView:
    """How the registration stands."""
    actor.need(Permission.PRINT_SETTINGS_MANAGE)
    with actor.session(read_only=True) as session:
        return _view(session, actor)


def begin_sign_in(actor: Actor) -> CloudPrinterView:
    """Ask the service for a code that an administrator of the directory types there.

    Raises `FEATURE_DISABLED`, `NAMES_NEEDED`, `NO_CLIENT`, and what the service says.
    """
    actor.need(Permission.PRINT_SETTINGS_MANAGE)
    with actor.session(read_only=True) as session:
        check_names(print_settings(session, actor.organization_id).universal)
    with open_cloud_print(get_settings()) as service:
        code = service.begin_sign_in()
    with actor.session() as session:
        row = _row(session, actor)
        row.sign_in = encrypt({"code": code.code, "address": code.address, "secret": code.secret})
        row.sign_in_expires = code.expires
        session.flush()
        return _view(session, actor)


def finish_sign_in(actor: Actor) -> CloudPrinterView:
    """Look whether the code has been typed; if so, the registration begins.

    Raises `SIGN_IN_OVER`, `SIGN_IN_REFUSED`.
    """
    actor.need(Permission.PRINT_SETTINGS_MANAGE)
    with actor.session(read_only=True) as session:
        row = session.get(CloudPrinter, actor.organization_id)
        waiting = row.sign_in if row is not None else ""
        code = _code(row) if row is not None else None
    if code is None:
        _drop_sign_in(actor, waiting)
        raise SIGN_IN_OVER()
    try:
        with open_cloud_print(get_settings()) as service:
            found = service.finish_sign_in(code)
    except PressroomError as error:
        if not error.transient:
            _drop_sign_in(actor, waiting)
        raise
    with actor.session() as session:
        if found is not None:
            _begin(session, actor, found)
            session.flush()
        return _view(session, actor)


def cancel_sign_in(actor: Actor) -> None:
    """Forget a sign-in that has begun."""
    actor.need(Permission.PRINT_SETTINGS_MANAGE)
    with actor.session(read_only=True) as session:
        row = session.get(CloudPrinter, actor.organization_id)
        waiting = row.sign_in if row is not None else ""
    _drop_sign_in(actor, waiting)


def unregister(actor: Actor) -> CloudPrinterView:
    """Have printer and share removed at the service; raises `NOT_FOUND` where there is none."""
    actor.need(Permission.PRINT_SETTINGS_MANAGE)
    with actor.session() as session:
        row = session.get(CloudPrinter, actor.organization_id, with_for_update=True)
        if row is None or row.state == RegistrationState.UNREGISTERED:
            raise NOT_FOUND(what="registration")
        record(session, actor, "cloud_printer.removal_asked", "print_settings")
        start(session, row, RegistrationState.UNREGISTERING)
        session.flush()
        return _view(session, actor)


def check_names(settings: UniversalPrintSettings) -> None:
    """Raise `FEATURE_DISABLED` or `NAMES_NEEDED`."""
    if not settings.enabled:
        raise FEATURE_DISABLED(feature=FEATURE)
    if not (settings.printer_name.strip() and settings.share_name.strip()):
        raise NAMES_NEEDED()


def start(session: Session, row: CloudPrinter, state: RegistrationState) -> None:
    """Have the flow bring the registration to that state."""
    row.state, row.attempt, row.error = state, 0, None
    enqueue_registration(session, row)


def _begin(session: Session, actor: Actor, found: SignedIn) -> None:
    """The administrator is known. In another tenant than before, nothing of ours is there yet."""
    row = _row(session, actor)
    if row.tenant_id != found.tenant_id:
        row.places = {}
    row.tenant_id, row.tenant_name, row.account = found.tenant_id, found.tenant_name[:255], found.account[:255]
    row.secrets, row.sign_in, row.sign_in_expires = encrypt(found.secrets), "", None
    facts = {"account": found.account, "tenant": found.tenant_name}
    record(session, actor, "cloud_printer.signed_in", "print_settings", facts=facts)
    start(session, row, RegistrationState.REGISTERING)


def _row(session: Session, actor: Actor) -> CloudPrinter:
    row = session.get(CloudPrinter, actor.organization_id, with_for_update=True)
    if row is None:
        row = CloudPrinter(organization_id=actor.organization_id, places={})
        session.add(row)
    return row


def _drop_sign_in(actor: Actor, waiting: str) -> None:
    """Forget that sign-in, unless another one has begun meanwhile."""
    with actor.session() as session:
        row = session.get(CloudPrinter, actor.organization_id, with_for_update=True)
        if row is not None and row.sign_in == waiting:
            row.sign_in, row.sign_in_expires = "", None


def _code(row: CloudPrinter) -> SignInCode | None:
    if not row.sign_in or row.sign_in_expires is None or row.sign_in_expires < now():
        return None
    return SignInCode(**decrypt(row.sign_in), expires=row.sign_in_expires.replace(tzinfo=UTC))


def _view(session: Session, actor: Actor) -> CloudPrinterView:
    row = session.get(CloudPrinter, actor.organization_id)
    names = print_settings(session, actor.organization_id).universal
    code = _code(row) if row is not None else None
    return CloudPrinterView(
        state=RegistrationState(row.state) if row is not None else RegistrationState.UNREGISTERED,
        service=TITLE,
        enabled=names.enabled,
        printer_name=names.printer_name,
        share_name=names.share_name,
        tenant_id=row.tenant_id if row is not None else "",
        tenant_name=row.tenant_name if row is not None else "",
        account=row.account if row is not None else "",
        error=ErrorView.of(row.error) if row is not None else None,
        sign_in_code=code.code if code is not None else "",
        sign_in_address=code.address if code is not None else "",
        sign_in_expires=code.expires if code is not None else None,
    )
