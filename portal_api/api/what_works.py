"""What somebody can do here, and what is in the way of the rest (TS-2, TS-39, TS-65)."""

from typing import Annotated, Literal, Self

from fastapi import APIRouter
from pydantic import BaseModel, Field

from connectors.errors import PressroomError
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND
from domain.texts.catalogue import translate, translate_error, translate_message
from domain.what_works.areas import TITLES, Area, AreaState
from domain.what_works.service import PermissionState, areas_of_person, own_areas, own_permissions
from portal_api.access import Anyone, needs
from portal_api.api.reader import ReaderLocale
from portal_api.api.user_models import Id
from portal_api.problems import documented

router = APIRouter()
PeopleViewer = Annotated[Actor, needs(Permission.USERS_VIEW)]


class Obstacle(BaseModel):
    """What is in the way, as the person would be told where they try, with what helps."""

    code: str
    message: str
    remedy: str

    @classmethod
    def of(cls, error: PressroomError, locale: str) -> Self:
        message, remedy = translate_error(error, locale)
        return cls(code=error.code, message=message, remedy=remedy)


class AreaPublic(BaseModel):
    """How it stands with one thing that people do."""

    area: Area
    title: str
    works: bool
    obstacle: Obstacle | None = Field(description="What keeps the person from all of it; null where it works.")
    hints: list[Obstacle] = Field(description="What keeps the person from a part of it.")
    facts: list[str]

    @classmethod
    def of(cls, state: AreaState, locale: str) -> Self:
        return cls(
            area=state.area,
            title=translate(TITLES[state.area], locale),
            works=state.works,
            obstacle=Obstacle.of(state.obstacle, locale) if state.obstacle is not None else None,
            hints=[Obstacle.of(one, locale) for one in state.hints],
            facts=[translate_message(one, locale) for one in state.facts],
        )


class PermissionPublic(BaseModel):
    """One thing that roles decide."""

    permission: Permission
    meaning: str
    state: Literal["allowed", "role_missing"]
    missing_roles: list[str]

    @classmethod
    def of(cls, state: PermissionState, locale: str) -> Self:
        return cls(
            permission=state.permission,
            meaning=translate(state.meaning, locale),
            state="role_missing" if state.missing else "allowed",
            missing_roles=list(state.missing),
        )


@router.get("/me/what-works", tags=["me"], operation_id="get_what_works_for_me")
def get_what_works_for_me(actor: Anyone, locale: ReaderLocale) -> list[AreaPublic]:
    """Signing in at printers, printing, scanning and solutions: what works, and what is in the way of the rest."""
    return [AreaPublic.of(state, locale) for state in own_areas(actor)]


@router.get("/me/permissions", tags=["me"], operation_id="list_my_permissions")
def list_my_permissions(actor: Anyone, locale: ReaderLocale) -> list[PermissionPublic]:
    """Everything that roles decide: whether one may, and which roles it would take."""
    return [PermissionPublic.of(state, locale) for state in own_permissions(actor)]


@router.get(
    "/users/{user_id}/what-works",
    tags=["users"],
    operation_id="get_what_works_for_user",
    responses=documented(NOT_FOUND),
)
def get_what_works_for_user(actor: PeopleViewer, user_id: Id, locale: ReaderLocale) -> list[AreaPublic]:
    """The same about a person, in the words that they are told."""
    return [AreaPublic.of(state, locale) for state in areas_of_person(actor, user_id)]
