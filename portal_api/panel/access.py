"""Whose panel a request comes from, and who is signed in there: what every route of a panel app depends on.

    @router.get("/panel/api/…")
    def list_things(at: PanelVisitor) -> list[Thing]:
        return [Thing.of(one) for one in things(at.actor, at.printer_id)]

`PanelVisitor` counts as a touch. `PanelHere` is for what somebody sees before signing in. Both raise `PANEL_ENDED`
where the cookie is not that of a panel that is open; `PanelVisitor` raises `SESSION_ENDED` where nobody is signed in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated

from fastapi import Depends, Request, Response

from domain.organizations.actor import Actor
from domain.panels.sessions import PANEL_ENDED, OpenedPanel
from domain.printer_login.printer_sessions import PERSON_REFUSED, SESSION_ENDED
from domain.printer_login.rules import LoginMethod, Screen
from domain.texts.catalogue import language_of, negotiate
from fleet.panels.places import PanelPlace, person_at, place_of_token, started_apps
from portal_api.problems import documented
from portal_api.sign_in import client_address, is_secure

COOKIE = "pressroom_panel"
COOKIE_PATH = "/panel"
NOBODY = documented(PANEL_ENDED, SESSION_ENDED, PERSON_REFUSED)
"""The answers of every route with a `PanelVisitor`."""


@dataclass(frozen=True)
class Visitor:
    """A person at a panel. `locale` is the language they read there, `actor.locale` with it."""

    actor: Actor
    place: PanelPlace
    method: LoginMethod

    @property
    def printer_id(self) -> str:
        return self.place.printer_id

    @property
    def screen(self) -> Screen:
        return self.place.screen

    @property
    def locale(self) -> str:
        return language_of(self.actor.locale)

    @cached_property
    def apps(self) -> Mapping[str, str]:
        """The panel apps that are started on the printer: versions by id."""
        return started_apps(self.place.organization_id, self.place.printer_id)


def panel_here(request: Request) -> PanelPlace:
    """The panel whose cookie came with the request; read once a request."""
    known: PanelPlace | None = getattr(request.state, "panel", None)
    if known is not None:
        return known
    token = request.cookies.get(COOKIE)
    if not token:
        raise PANEL_ENDED()
    request.state.panel = place_of_token(token, client_address(request))
    return request.state.panel  # type: ignore[no-any-return]


PanelHere = Annotated[PanelPlace, Depends(panel_here)]


def panel_visitor(request: Request, place: PanelHere) -> Visitor:
    """Who is signed in at the panel; counts as a touch."""
    visitor = visitor_at(place)
    request.state.actor = visitor.actor
    return visitor


PanelVisitor = Annotated[Visitor, Depends(panel_visitor)]


def visitor_at(place: PanelPlace) -> Visitor:
    """The person at an open panel, who reads in the language that was chosen there or else in their own."""
    found = person_at(place)
    actor = replace(found.actor, locale=place.locale) if place.locale else found.actor
    return Visitor(actor, place, found.method)


def panel_locale(request: Request, place: PanelPlace) -> str:
    """The language of a panel at which nobody is signed in."""
    return language_of(place.locale) if place.locale else negotiate(request.headers.get("accept-language", ""))


def set_panel_cookie(response: Response, opened: OpenedPanel, seconds: int) -> None:
    """Hand the printer's browser its session.

    Within a frame of another site a browser keeps a cookie only with `SameSite=None`, and that only if it is secure:
    over https, or on the machine itself. It is kept apart from the cookies of other frames, and our origin check holds
    off what other sites send.
    """
    if opened.frame_origin:
        kept = "HttpOnly; Secure; SameSite=None; Partitioned"
        response.headers.append("Set-Cookie", f"{COOKIE}={opened.token}; Path={COOKIE_PATH}; Max-Age={seconds}; {kept}")
        return
    response.set_cookie(
        COOKIE, opened.token, max_age=seconds, path=COOKIE_PATH, httponly=True, samesite="strict", secure=is_secure()
    )
