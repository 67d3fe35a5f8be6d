"""Feedback: what people say of the portal, and those who run the installation read (FL-333)."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from domain.feedback.service import (
    EMPTY,
    LARGEST_PAGE,
    LONGEST,
    LONGEST_PAGE,
    TOO_OFTEN,
    FeedbackView,
    list_feedback,
    send_feedback,
)
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from portal_api.access import needs
from portal_api.problems import documented

router = APIRouter(prefix="/feedback", tags=["feedback"])
Person = Annotated[Actor, needs(Permission.OWN_ACCOUNT)]
Operator = Annotated[Actor, needs(Permission.FEEDBACK_READ)]


class FeedbackNew(BaseModel):
    """What somebody wants to say."""

    text: str = Field(min_length=1, max_length=LONGEST)
    may_contact: bool = Field(False, description="Whether an answer is welcome: only then operators see who wrote.")
    page: str = Field("", max_length=LONGEST_PAGE, description="Path of the page in the portal that it is about.")


class FeedbackPublic(BaseModel):
    """What somebody said. `author` and `email` are empty where no answer is wanted."""

    id: int
    organization: str
    text: str
    page: str
    author: str
    email: str
    created: datetime

    @classmethod
    def of(cls, view: FeedbackView) -> "FeedbackPublic":
        return cls(
            id=view.id,
            organization=view.organization,
            text=view.text,
            page=view.page,
            author=view.author,
            email=view.email,
            created=view.created,
        )


class FeedbackPage(BaseModel):
    """Some of it, newest first. `next` is the `before` of the following page, null on the last."""

    items: list[FeedbackPublic]
    next: int | None


@router.post("", operation_id="send_feedback", status_code=204, responses=documented(EMPTY, TOO_OFTEN))
def send(actor: Person, given: FeedbackNew) -> None:
    """Tell those who run the installation."""
    send_feedback(actor, given.text, may_contact=given.may_contact, page=given.page)


@router.get("", operation_id="list_feedback")
def list_all(
    actor: Operator,
    before: Annotated[int | None, Query(ge=1, description="The `next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 50,
) -> FeedbackPage:
    """What people of all organizations said, newest first. For operators of the installation."""
    found = list_feedback(actor, before=before, limit=limit)
    following = found[-1].id if len(found) == limit else None
    return FeedbackPage(items=[FeedbackPublic.of(view) for view in found], next=following)
