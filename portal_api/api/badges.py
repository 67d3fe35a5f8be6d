"""Badges and PINs of the organization's people, for administrators (AC-163…AC-184)."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field, SecretStr, StringConstraints

from connectors.settings import get_settings
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.printer_login import badges, pins
from domain.printer_login.badges import (
    BADGE_NUMBER_INVALID,
    BADGE_TAKEN,
    LONGEST_DESCRIPTION,
    BadgeView,
    NewBadge,
)
from domain.printer_login.card_numbers import LONGEST_NUMBER
from domain.printer_login.import_file import BAD_HEADER, EMPTY, IMPORT_LIMIT, NOT_TEXT
from domain.printer_login.imports import WRONG_TYPE, start_import
from domain.printer_login.models import Origin
from domain.printer_login.pins import (
    GENERATED_HERE,
    NONE_LEFT,
    NOT_DIGITS,
    PIN_TAKEN,
    PINS_OFF,
    SET_BY_OWNERS,
    TRIVIAL,
    WRONG_LENGTH,
    PinState,
    PinView,
)
from domain.printer_login.rules import LONGEST_PIN
from domain.runs.planning import TOO_LARGE
from domain.tenancy import NOT_FOUND
from portal_api.access import needs
from portal_api.multipart_form import BAD_FORM, FILE_MISSING
from portal_api.problems import documented
from portal_api.uploads import file_form, received_upload

BadgeViewer = Annotated[Actor, needs(Permission.BADGES_VIEW)]
BadgeManager = Annotated[Actor, needs(Permission.BADGES_MANAGE)]
PinViewer = Annotated[Actor, needs(Permission.PINS_VIEW)]
PinManager = Annotated[Actor, needs(Permission.PINS_MANAGE)]
Search = Annotated[str, Query(max_length=255)]
After = Annotated[str, Query(max_length=32, description="The `next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=500)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=32)]
Email = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=255)]

router = APIRouter()
PIN_FAULTS = (PINS_OFF, NOT_DIGITS, WRONG_LENGTH, TRIVIAL, PIN_TAKEN, GENERATED_HERE, NONE_LEFT)


class BadgeCreate(BaseModel):
    """A badge to register. Registering one that the person has already brings it up to date."""

    email: Email = Field(description="Address of the person whose badge it is.")
    number: str = Field(min_length=1, max_length=LONGEST_NUMBER, description="The badge ID.")
    description: str = Field("", max_length=LONGEST_DESCRIPTION)
    show_number: bool = Field(False, description="Keep the badge ID so that it can be shown; else it is masked.")
    temporary: bool = Field(False, description="The badge expires after 24 hours.")


class BadgePublic(BaseModel):
    """A registered badge."""

    id: str
    user_id: str
    email: str
    name: str
    number: str | None = Field(description="The badge ID; null where it is masked.")
    description: str
    origin: Origin
    created: datetime
    expires: datetime | None = Field(description="When a temporary badge ends; null: never.")
    is_expired: bool
    last_used: datetime | None

    @classmethod
    def of(cls, view: BadgeView) -> "BadgePublic":
        return cls(
            id=view.id,
            user_id=view.user_id,
            email=view.email,
            name=view.name,
            number=view.number,
            description=view.description,
            origin=view.origin,
            created=view.created,
            expires=view.expires,
            is_expired=view.is_expired,
            last_used=view.last_used,
        )


class BadgePage(BaseModel):
    """Some badges, newest first. `next` is the `after` of the following page, null on the last."""

    items: list[BadgePublic]
    next: str | None


class PinSet(BaseModel):
    """Whose PIN is to be set. Without `pin`, one is made and sent to the person by e-mail."""

    email: Email = Field(description="Address of the person whose PIN it is.")
    pin: SecretStr | None = Field(None, max_length=LONGEST_PIN)


class PinPublic(BaseModel):
    """That somebody has a PIN; the PIN itself is never told."""

    id: str
    user_id: str
    email: str
    name: str
    state: PinState
    origin: Origin
    since: datetime
    expires: datetime | None

    @classmethod
    def of(cls, view: PinView) -> "PinPublic":
        return cls(
            id=view.id,
            user_id=view.user_id,
            email=view.email,
            name=view.name,
            state=view.state,
            origin=view.origin,
            since=view.since,
            expires=view.expires,
        )


class PinPage(BaseModel):
    """Some PINs, by e-mail address. `next` is the `after` of the following page, null on the last."""

    items: list[PinPublic]
    next: str | None


class Removal(BaseModel):
    """What is to be removed: all of it, or nothing where one does not exist."""

    ids: list[Id] = Field(min_length=1, max_length=500)


class ImportStarted(BaseModel):
    """The background task that does the rows."""

    task_id: str


@router.get("/badges", operation_id="list_badges", tags=["badges"])
def list_badges(actor: BadgeViewer, search: Search = "", after: After = "", limit: Limit = 100) -> BadgePage:
    """The organization's badges. `search` finds by the complete e-mail address or the complete badge ID only."""
    found = badges.list_badges(actor, search=search, limit=limit, after=after)
    return BadgePage(items=[BadgePublic.of(view) for view in found], next=found[-1].id if len(found) == limit else None)


@router.post(
    "/badges",
    operation_id="register_badge",
    tags=["badges"],
    status_code=201,
    responses=documented(NOT_FOUND, BADGE_TAKEN, BADGE_NUMBER_INVALID),
)
def register_badge(actor: BadgeManager, given: BadgeCreate) -> BadgePublic:
    """Register a badge for a person."""
    new = NewBadge(given.number, given.description, given.show_number, given.temporary)
    return BadgePublic.of(badges.register_badge(actor, given.email, new))


@router.post(
    "/badges/import",
    operation_id="import_badges",
    tags=["badges"],
    status_code=202,
    openapi_extra=file_form(),
    responses=documented(TOO_LARGE, WRONG_TYPE, NOT_TEXT, BAD_HEADER, EMPTY, FILE_MISSING, BAD_FORM),
)
async def import_badges(request: Request, actor: BadgeManager, response: Response) -> ImportStarted:
    """Register and remove badges and PINs by a CSV file; follow the task at the address in Location."""
    async with received_upload(request, get_settings().scratch_folder, IMPORT_LIMIT) as upload:
        content = await run_in_threadpool(upload.path.read_bytes)
        task_id = await run_in_threadpool(start_import, actor, upload.name, content)
    response.headers["Location"] = f"/api/v1/tasks/{task_id}"
    return ImportStarted(task_id=task_id)


@router.post(
    "/badges/removals", operation_id="remove_badges", tags=["badges"], status_code=204, responses=documented(NOT_FOUND)
)
def remove_badges(actor: BadgeManager, given: Removal) -> None:
    """Remove several badges."""
    badges.remove_badges(actor, given.ids)


@router.delete(
    "/badges/{badge_id}",
    operation_id="remove_badge",
    tags=["badges"],
    status_code=204,
    responses=documented(NOT_FOUND),
)
def remove_badge(actor: BadgeManager, badge_id: str) -> None:
    """Remove one badge."""
    badges.remove_badges(actor, [badge_id])


@router.get("/pins", operation_id="list_pins", tags=["PINs"])
def list_pins(actor: PinViewer, search: Search = "", after: After = "", limit: Limit = 100) -> PinPage:
    """Who has a PIN. `search` finds by the complete e-mail address only."""
    found = pins.list_pins(actor, search=search, limit=limit, after=after)
    return PinPage(items=[PinPublic.of(view) for view in found], next=found[-1].id if len(found) == limit else None)


@router.post(
    "/pins",
    operation_id="set_pin",
    tags=["PINs"],
    status_code=201,
    responses=documented(NOT_FOUND, SET_BY_OWNERS, *PIN_FAULTS),
)
def set_pin(actor: PinManager, given: PinSet) -> PinPublic:
    """Set or reset a person's PIN, in the way that the printer login configuration allows."""
    return PinPublic.of(pins.set_pin(actor, given.email, given.pin.get_secret_value() if given.pin else None))


@router.post(
    "/pins/removals", operation_id="remove_pins", tags=["PINs"], status_code=204, responses=documented(NOT_FOUND)
)
def remove_pins(actor: PinManager, given: Removal) -> None:
    """Remove the PINs of several people."""
    pins.remove_pins(actor, given.ids)


@router.delete(
    "/pins/{pin_id}", operation_id="remove_pin", tags=["PINs"], status_code=204, responses=documented(NOT_FOUND)
)
def remove_pin(actor: PinManager, pin_id: str) -> None:
    """Remove one person's PIN."""
    pins.remove_pins(actor, [pin_id])
