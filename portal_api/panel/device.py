"""What the printer itself asks at /device/v1/panel: to open its panel, and what its card reader has read.

It shows its own key, or the credential of its agent (`fleet.panels.identity`), not that of an application.
"""

from enum import StrEnum
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field, StringConstraints

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from connectors.settings import get_settings
from domain.panels.sessions import (
    PANEL_ENDED,
    TICKET_LIFE,
    PanelOpening,
    WaitingBadge,
    close_panel,
    issue_ticket,
    keep_badge_waiting,
)
from domain.printer_login.at_printers import (
    BADGE_EXPIRED,
    METHOD_OFF,
    NO_READER,
    PIN_EXPIRED,
    PIN_MISSING,
    Asked,
    BadgeProof,
    sign_in_at_printer,
)
from domain.printer_login.card_numbers import CARD_UNREADABLE
from domain.printer_login.guards import PRINTER_LOCKED
from domain.printer_login.printer_sessions import OTHER_BADGE, PERSON_REFUSED, SESSION_ENDED, badge_out_by_key
from domain.tenancy import NOT_FOUND
from domain.texts.catalogue import translate_error
from fleet.panels.identity import (
    IDENTITY_DIFFERS,
    IDENTITY_INCOMPLETE,
    PRINTER_REFUSED,
    PrinterIdentity,
    ProvedPrinter,
    printer_of_key,
    prove,
)
from fleet.panels.places import PanelPlace, place_at_printer
from fleet.releasing import usage
from fleet.releasing.usage import IMPLAUSIBLE, NOT_ITS_RELEASE
from portal_api.api.printer_release import PrinterUsage, UsageOutcome
from portal_api.api.printer_sign_in import CardOutput
from portal_api.panel.access import visitor_at
from portal_api.panel.events import hub
from portal_api.panel.sign_in import sign_out_at, signed_in_at
from portal_api.problems import documented
from portal_api.sign_in import FailureCount, client_address

router = APIRouter(prefix="/panel", tags=["panels of printers"])
FRAME_REFUSED = Fault(
    "panel.frame_refused",
    422,
    N_("The panel is shown in a frame only by the printer's own web pages."),
    N_("Name the origin of the printer's web server at its own address, or none."),
)
attempts = FailureCount()
"""Refused keys by network address."""
Value = Annotated[str, StringConstraints(max_length=255)]
Pixels = Annotated[int, Field(ge=200, le=8000)]


class Identity(BaseModel):
    """The six values that identify a printer (SC-25)."""

    serial_number: Value = ""
    address: Value = ""
    mac: Value = ""
    model: Value = ""
    host_name: Value = ""
    domain_name: Value = ""


class Visit(BaseModel):
    """The printer's panel is to be opened: who it is, its screen, and what page of its own shows it in a frame."""

    identity: Identity
    width: Pixels
    height: Pixels
    frame_origin: Annotated[str, StringConstraints(pattern=r"^(https?://[\w.:\[\]-]+)?$", max_length=255)] = ""


class PanelAddress(BaseModel):
    """Where the printer's browser opens the panel, once."""

    url: str
    seconds: int = Field(description="So long the address is good.")


class BadgeRead(BaseModel):
    """A badge as the card reader sends it."""

    badge: CardOutput


class BadgeEffect(StrEnum):
    """What a badge has done at the panel."""

    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    PIN_NEEDED = "pin_needed"
    REGISTRATION_NEEDED = "registration_needed"


class BadgeAnswer(BaseModel):
    """What became of a badge; the page shows it already."""

    effect: BadgeEffect


def credential_of(request: Request) -> str:
    """What the printer shows; raises `PRINTER_REFUSED`, or `TOO_MANY_SIGN_INS` after many that were refused."""
    attempts.check(client_address(request))
    scheme, _, credential = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not credential.strip():
        raise PRINTER_REFUSED()
    return credential.strip()


Credential = Annotated[str, Depends(credential_of)]


def calling_printer(request: Request, credential: Credential) -> ProvedPrinter:
    """The printer that calls."""
    try:
        return printer_of_key(credential)
    except PressroomError as error:
        if error.fault is PRINTER_REFUSED:
            attempts.add(client_address(request))
        raise


CallingPrinter = Annotated[ProvedPrinter, Depends(calling_printer)]


@router.post(
    "/visits",
    operation_id="open_panel",
    status_code=201,
    responses=documented(PRINTER_REFUSED, IDENTITY_INCOMPLETE, IDENTITY_DIFFERS, FRAME_REFUSED),
)
def open_panel(credential: Credential, _caller: CallingPrinter, given: Visit) -> PanelAddress:
    """Get the address at which the printer's browser opens the panel."""
    identity = PrinterIdentity(**given.identity.model_dump())
    proved = prove(credential, identity)
    if given.frame_origin and urlsplit(given.frame_origin).hostname != identity.address.strip("[]"):
        raise FRAME_REFUSED()
    opening = PanelOpening(proved.organization_id, proved.printer_id, given.width, given.height, given.frame_origin)
    url = f"{get_settings().public_url}/panel/enter/{issue_ticket(opening)}"
    return PanelAddress(url=url, seconds=int(TICKET_LIFE.total_seconds()))


@router.delete("/visits", operation_id="close_panel", status_code=204, responses=documented(PRINTER_REFUSED))
def close_panel_of(caller: CallingPrinter) -> None:
    """The printer closes its panel: whoever was there is signed out. One that is closed already is no fault."""
    try:
        place = place_at_printer(caller.organization_id, caller.printer_id)
    except PressroomError as error:
        if error.fault is PANEL_ENDED:
            return
        raise
    close_panel(place.organization_id, place.id)
    hub.tell(place.id, "gone", {"reason": "closed"})


@router.post(
    "/badges",
    operation_id="read_badge",
    responses=documented(
        PRINTER_REFUSED, PANEL_ENDED, METHOD_OFF, NO_READER, CARD_UNREADABLE, BADGE_EXPIRED, PIN_EXPIRED, PIN_MISSING,
        PERSON_REFUSED, PRINTER_LOCKED, OTHER_BADGE,
    ),
)  # fmt: skip
def read_badge(caller: CallingPrinter, given: BadgeRead) -> BadgeAnswer:
    """Tell what the card reader has read: it signs in, or out whoever it belongs to. The page hears it at once."""
    place = place_at_printer(caller.organization_id, caller.printer_id)
    try:
        return BadgeAnswer(effect=_held_to_reader(place, given.badge))
    except PressroomError as error:
        detail, remedy = translate_error(error, _language_at(place))
        hub.tell(place.id, "problem", {"code": error.code, "detail": detail, "remedy": remedy})
        raise


@router.post(
    "/usage",
    operation_id="report_panel_usage",
    responses=documented(PRINTER_REFUSED, NOT_FOUND, NOT_ITS_RELEASE, IMPLAUSIBLE),
)
def report_usage(caller: CallingPrinter, given: PrinterUsage) -> UsageOutcome:
    """Take what the printer's usage app counted for a job that was released there (F-7)."""
    report = usage.UsageReport(**given.model_dump())
    return UsageOutcome(changed=usage.report_usage(caller.organization_id, caller.printer_id, report))


def _held_to_reader(place: PanelPlace, badge: str) -> BadgeEffect:
    if place.person_key and _badge_out(place, badge):
        return BadgeEffect.SIGNED_OUT
    outcome = sign_in_at_printer(place.panel, BadgeProof(badge))
    if isinstance(outcome, Asked):
        changed = keep_badge_waiting(place.organization_id, place.id, WaitingBadge(badge, outcome))
        effect = BadgeEffect.PIN_NEEDED if outcome is Asked.PIN else BadgeEffect.REGISTRATION_NEEDED
        hub.tell(place.id, effect.value, changed=changed)
        return effect
    hub.tell(place.id, BadgeEffect.SIGNED_IN.value, signed_in_at(place, outcome).model_dump(mode="json"))
    return BadgeEffect.SIGNED_IN


def _language_at(place: PanelPlace) -> str:
    """The language of who is at the panel, else that of the panel's browser."""
    try:
        return visitor_at(place).locale
    except PressroomError as error:
        if error.fault not in (SESSION_ENDED, PERSON_REFUSED):
            raise
        return place.locale or hub.language_of(place.id)


def _badge_out(place: PanelPlace, badge: str) -> bool:
    """Sign out by one's own badge; False where the session has ended by itself. Raises `OTHER_BADGE`."""
    try:
        badge_out_by_key(place.organization_id, place.person_key, badge)
    except PressroomError as error:
        if error.fault is SESSION_ENDED:
            return False
        raise
    sign_out_at(place)
    hub.tell(place.id, BadgeEffect.SIGNED_OUT.value)
    return True
