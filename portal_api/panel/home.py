"""What the home screen shows: who is there, the tiles, languages and look; everything in one answer."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from domain.panels.sessions import choose
from domain.printer_login.at_printers import settings_at
from domain.printer_login.printer_sessions import PERSON_REFUSED, SESSION_ENDED
from domain.printer_login.rules import LoginMethod, Screen
from domain.texts.catalogue import locales, translate
from fleet.panels.places import PanelPlace
from portal_api.panel.access import NOBODY, PanelHere, PanelVisitor, Visitor, panel_locale, visitor_at
from portal_api.panel.apps import apps_for
from portal_api.problems import documented

router = APIRouter(prefix="/api")
NO_LANGUAGE = Fault(
    "panel.no_language",
    422,
    N_("The panel does not speak this language."),
    N_("Choose one of the languages that it offers."),
)


class Language(BaseModel):
    """A language of the panel, by its own name."""

    code: str
    name: str


class Tile(BaseModel):
    """An app on the home screen. `module` is loaded when it is opened."""

    id: str
    title: str
    icon: str
    path: str
    module: str
    styles: str
    count: int | None


class Home(BaseModel):
    """The home screen of whoever is signed in."""

    name: str
    email: str
    method: LoginMethod
    locale: str
    contrast: bool
    idle_seconds: int = Field(description="Seconds without a touch after which the person is signed out.")
    tiles: list[Tile]

    @classmethod
    def of(cls, at: Visitor) -> "Home":
        settings = settings_at(at.place.panel)
        return cls(
            name=at.actor.name,
            email=at.actor.email,
            method=at.method,
            locale=at.locale,
            contrast=at.place.contrast,
            idle_seconds=settings.session_seconds,
            tiles=[
                Tile(
                    id=app.app_id,
                    title=translate(app.title, at.locale),
                    icon=app.icon,
                    path=app.path,
                    module=app.module,
                    styles=app.styles,
                    count=app.count(at),
                )
                for app in apps_for(at)
            ],
        )


class Start(BaseModel):
    """Everything that the page needs to begin: the place, how one signs in there, and the home of who is signed in."""

    printer: str
    model: str
    organization: str
    screen: Screen
    locale: str
    languages: list[Language]
    contrast: bool
    methods: list[LoginMethod]
    asks_pin_after_badge: bool
    pin_length: int
    home: Home | None

    @classmethod
    def of(cls, request: Request, place: PanelPlace, home: Home | None) -> "Start":
        settings = settings_at(place.panel)
        return cls(
            printer=place.printer_name,
            model=place.model,
            organization=place.organization_name,
            screen=place.screen,
            locale=home.locale if home else panel_locale(request, place),
            languages=[Language(code=code, name=name) for code, name in locales().items()],
            contrast=place.contrast,
            methods=list(settings.offered_with(place.panel.possible)),
            asks_pin_after_badge=settings.needs_second_factor,
            pin_length=settings.pin_length,
            home=home,
        )


class Choices(BaseModel):
    """Language and look, for as long as the person is there; what is absent stays."""

    locale: str | None = Field(None, max_length=16)
    contrast: bool | None = None


@router.get("/home", responses=NOBODY)
def get_home(at: PanelVisitor) -> Home:
    """The home screen."""
    return Home.of(at)


@router.post("/touch", status_code=204, responses=NOBODY)
def touch(_at: PanelVisitor) -> None:
    """Somebody is still there."""


@router.put("/choices", status_code=204, responses=documented(NO_LANGUAGE))
def make_choices(place: PanelHere, given: Choices) -> None:
    """Choose language and look; also before signing in."""
    if given.locale is not None and given.locale not in locales():
        raise NO_LANGUAGE()
    choose(place.organization_id, place.id, locale=given.locale, contrast=given.contrast)


def home_or_nobody(place: PanelPlace) -> Home | None:
    """The home screen of who is signed in at a panel; None where nobody is."""
    try:
        return Home.of(visitor_at(place))
    except PressroomError as error:
        if error.fault in (SESSION_ENDED, PERSON_REFUSED):
            return None
        raise
