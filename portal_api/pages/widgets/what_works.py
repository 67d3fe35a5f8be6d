"""What somebody can do, area by area, with what is in the way and what helps (TS-39)."""

from collections.abc import Sequence

from connectors.errors import PressroomError
from domain.what_works.areas import TITLES, Area, AreaState
from portal_api.pages import theme
from portal_api.pages.words import _, error_texts, message_text

ICONS = {
    Area.PRINTER_LOGIN: "dialpad",
    Area.PRINTING: "print",
    Area.SCANNING: "document_scanner",
    Area.SOLUTIONS: "account_tree",
}


def what_works(areas: Sequence[AreaState]) -> None:
    """One row for each area."""
    with theme.block("records", role="list"):
        for state in areas:
            with theme.block("record", role="listitem"):
                theme.icon(ICONS[state.area])
                with theme.block("record-words"):
                    theme.text(_(TITLES[state.area]), "strong")
                    for error in (state.obstacle, *state.hints):
                        if error is not None:
                            _hindrance(error)
                    for fact in state.facts:
                        theme.text(message_text(fact), "hint")
                _slip(state)


def _slip(state: AreaState) -> None:
    if not state.works:
        theme.chip(_("Does not work"), "bad")
    elif state.hints:
        theme.chip(_("Works in part"), "dry")
    else:
        theme.chip(_("Works"), "good")


def _hindrance(error: PressroomError) -> None:
    message, remedy = error_texts(error)
    theme.text(message)
    theme.text(remedy, "hint")
    theme.text(error.code, "ticket")
