"""One visit of a person to one page: who it is, in which language, and the way from there to the services."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Concatenate, ParamSpec, TypeVar
from urllib.parse import quote
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from fastapi import Request
from nicegui import Client, ui

from connectors.errors import PressroomError
from domain.organizations.actor import Actor
from domain.printing.features import Features, enabled_features
from domain.sign_in.credentials import actor_of_token
from domain.sign_in.sessions import SIGN_IN_NEEDED
from portal_api.pages.words import _, error_texts, speak
from portal_api.sign_in import client_address, current_actor, session_token

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Visit:
    """The request that opened the page, who made it, and what is switched on where they work."""

    request: Request
    actor: Actor
    features: Features


_visits: WeakKeyDictionary[Client, Visit] = WeakKeyDictionary()


async def begin_visit(request: Request) -> Visit:
    """Note who opened the page that is being built; raises `SIGN_IN_NEEDED`."""
    visit = await asyncio.to_thread(_visit_of, request)
    _visits[ui.context.client] = visit
    speak(visit.actor.locale)
    return visit


def _visit_of(request: Request) -> Visit:
    actor = current_actor(request)
    return Visit(request, actor, enabled_features(actor))


def features() -> Features:
    """What is switched on in the organization that the visitor works in, as of when the page was opened."""
    return _visits[ui.context.client].features


def visitor() -> Actor:
    """The person at this page, as they were when it was opened; for showing only."""
    return _visits[ui.context.client].actor


def own_session() -> str:
    """The token of the session that the page was opened with; empty where that has ended."""
    return session_token(_visits[ui.context.client].request) or ""


def opened_path() -> str:
    """The path of the page, without what stands behind it."""
    return _visits[ui.context.client].request.url.path


def cookie(name: str) -> str:
    """A cookie of the request that opened the page; empty where there is none."""
    return _visits[ui.context.client].request.cookies.get(name, "")


async def ask(service: Callable[Concatenate[Actor, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a blocking service for the visitor, in a thread.

    The session is looked up again each time (the request remembers its first answer): a page left open shows and
    does nothing more once its person has signed out or lost a role.
    """
    return await _ask(True, service, *args, **kwargs)


async def look_again(service: Callable[Concatenate[Actor, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """As `ask`, for what a page does by itself now and then: it does not keep a session alive that nobody uses."""
    return await _ask(False, service, *args, **kwargs)


async def _ask(is_activity: bool, service: Callable[Concatenate[Actor, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    request = _visits[ui.context.client].request
    token, address = session_token(request) or "", client_address(request)

    def call() -> T:
        return service(actor_of_token(token, address=address, is_activity=is_activity), *args, **kwargs)

    return await asyncio.to_thread(call)


class FaultsShown:
    """A block whose fault is shown to the visitor, with its remedy; what follows inside the block is skipped."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        if isinstance(error, PressroomError):
            show_fault(error)
            return True
        return False


def faults_shown() -> FaultsShown:
    """`with faults_shown():` around what a press of a button does."""
    return FaultsShown()


def show_fault(error: PressroomError) -> None:
    """Tell the visitor what failed and what helps; who is no longer signed in goes to the sign-in page."""
    if error.fault is SIGN_IN_NEEDED:
        ui.navigate.to(sign_in_address(_visits[ui.context.client].request))
        return
    message, remedy = error_texts(error)
    ui.notify(message, caption=remedy, type="negative", multi_line=True, timeout=9000, close_button=_("Close"))


def tell(text: str) -> None:
    """A short good message."""
    ui.notify(text, type="positive", timeout=3000)


def sign_in_address(request: Request) -> str:
    """The sign-in page, which leads back to where the visitor was."""
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"/sign-in?next={quote(here, safe='')}"


def clock(moment: datetime) -> str:
    """The time of day with seconds, in the visitor's time zone."""
    actor = visitor()
    local = moment.astimezone(ZoneInfo(actor.time_zone))
    return format_time(local, "medium", locale=Locale.parse(actor.locale.replace("-", "_")))


def when(moment: datetime | None) -> str:
    """A point in time as the visitor writes it, in their time zone."""
    if moment is None:
        return "–"
    actor = visitor()
    locale = Locale.parse(actor.locale.replace("-", "_"))
    local = moment.astimezone(ZoneInfo(actor.time_zone))
    return f"{format_date(local, 'medium', locale=locale)}, {format_time(local, 'short', locale=locale)}"
