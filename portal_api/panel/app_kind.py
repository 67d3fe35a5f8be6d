"""What an app of the panel is; how one is added stands in `portal_api.panel.apps`."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter

from domain.printer_login.rules import Screen
from portal_api.panel.access import Visitor


def everybody(_at: Visitor) -> bool:
    """An app that needs no role."""
    return True


def no_count(_at: Visitor) -> int | None:
    """A tile without a number."""
    return None


def nothing(_at: Visitor) -> str:
    """Signing in opens nothing by itself."""
    return ""


@dataclass(frozen=True, slots=True)
class PanelApp:
    """An app of the panel. `title` is a template of the message catalogues, `module` and `styles` are static files.

    `on_small`: there is a layout for 320 × 240. `is_there` says where the app is, in place of “the fleet app of that id
    is started on the printer”. `count` is what a number on the tile shows, such as waiting jobs. `at_sign_in` is called
    when somebody has signed in, and may return the address of a page of the app that is to be shown at once.
    """

    app_id: str
    title: str
    icon: str
    path: str
    module: str
    may_use: Callable[[Visitor], bool] = everybody
    router: APIRouter | None = None
    styles: str = ""
    on_small: bool = False
    is_there: Callable[[Visitor], bool] | None = None
    count: Callable[[Visitor], int | None] = no_count
    at_sign_in: Callable[[Visitor], str] = nothing

    def is_for(self, at: Visitor) -> bool:
        """Whether a person finds it at a printer."""
        if at.screen is Screen.SMALL and not self.on_small:
            return False
        is_there = self.is_there(at) if self.is_there is not None else self.app_id in at.apps
        return is_there and self.may_use(at)
