"""Badges that were held to readers and that nobody has, for administrators (TS-3, TS-6)."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from domain.printer_login import unknown_badges
from domain.printer_login.badges import BADGE_TAKEN
from domain.printer_login.unknown_badges import LIKENESSES, UnknownBadgeView
from domain.tenancy import NOT_FOUND
from domain.texts.catalogue import translate
from portal_api.api.badges import BadgeManager, BadgePublic, Email
from portal_api.api.reader import ReaderLocale
from portal_api.problems import documented

router = APIRouter(prefix="/unknown-badges", tags=["badges"])


class UnknownBadgePublic(BaseModel):
    """A badge that nobody has: what the reader sent, where, and which registered badge it nearly is."""

    id: str
    number: str = Field(description="What the reader sent, as the settings for card readers make it.")
    printer_id: str
    times: int
    first_seen: datetime
    last_seen: datetime
    nearly: BadgePublic | None = Field(description="The registered badge that was probably meant.")
    likeness: str = Field(description="In what it differs from that one, with what to do; empty without one.")

    @classmethod
    def of(cls, view: UnknownBadgeView, locale: str) -> Self:
        return cls(
            id=view.id,
            number=view.number,
            printer_id=view.printer_id,
            times=view.times,
            first_seen=view.first_seen,
            last_seen=view.last_seen,
            nearly=BadgePublic.of(view.nearly) if view.nearly is not None else None,
            likeness=translate(LIKENESSES[view.likeness], locale) if view.likeness is not None else "",
        )


class UnknownBadgeRegistration(BaseModel):
    """Whose badge it is. `instead_of` is the mistyped badge of the same person, which is removed."""

    email: Email = Field(description="Address of the person whose badge it is.")
    instead_of: str = Field("", max_length=32)


@router.get("", operation_id="list_unknown_badges")
def list_unknown_badges(actor: BadgeManager, locale: ReaderLocale) -> list[UnknownBadgePublic]:
    """The badges that were held to readers within a week and that nobody has, the newest first; at most 50."""
    return [UnknownBadgePublic.of(view, locale) for view in unknown_badges.list_unknown_badges(actor)]


@router.post(
    "/{unknown_id}/registration",
    operation_id="register_unknown_badge",
    status_code=201,
    responses=documented(NOT_FOUND, BADGE_TAKEN),
)
def register_unknown_badge(
    actor: BadgeManager, unknown_id: Annotated[str, Path(max_length=32)], given: UnknownBadgeRegistration
) -> BadgePublic:
    """Register such a badge for a person."""
    view = unknown_badges.register_unknown_badge(actor, unknown_id, given.email, instead_of=given.instead_of)
    return BadgePublic.of(view)
