"""The lists of badges and of PINs, of which several entries can be chosen and removed at once."""

from collections.abc import Sequence
from typing import Protocol

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.printer_login.badges import BadgeView, list_badges, remove_badges
from domain.printer_login.models import Origin
from domain.printer_login.pins import PinState, PinView, list_pins, remove_pins
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown, tell, visitor, when
from portal_api.pages.widgets.chosen_list import ChosenList
from portal_api.pages.words import _

PAGE_SIZE = 50
MASK = "••••••••"
BADGE_ORIGINS = {
    Origin.ADMINISTRATOR: N_("Registered by an administrator"),
    Origin.OWNER: N_("Registered by its owner"),
    Origin.PRINTER: N_("Registered at a printer"),
    Origin.IMPORT: N_("Imported"),
    Origin.DIRECTORY: N_("From the identity provider"),
}
PIN_ORIGINS = {
    Origin.ADMINISTRATOR: N_("Set by an administrator"),
    Origin.OWNER: N_("Set by its owner"),
    Origin.IMPORT: N_("Imported"),
    Origin.DIRECTORY: N_("From the identity provider"),
    Origin.GENERATED: N_("Generated and sent by e-mail"),
}
PIN_STATES = {
    PinState.SET: (N_("Set"), "good"),
    PinState.MUST_RESET: (N_("Must be reset"), "dry"),
    PinState.EXPIRED: (N_("Expired"), "bad"),
}


class Entry(Protocol):
    """What both lists show."""

    @property
    def id(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def name(self) -> str: ...


class LoginList(ChosenList[Entry]):
    """A list with a box before each entry for whoever may remove it."""

    nothing_yet: str
    nothing_found: str
    manage: Permission
    page_size = PAGE_SIZE

    def __init__(self) -> None:
        super().__init__(may_choose=visitor().may(self.manage))

    def search_for(self, search: str) -> None:
        """From the next load on show what the search finds."""
        self._search = search

    async def remove(self, ids: list[str]) -> None:
        """Remove the entries with these ids."""
        raise NotImplementedError

    def describe(self, entry: Entry) -> None:
        """What stands in an entry's row besides whose it is."""
        raise NotImplementedError

    def key(self, entry: Entry) -> str:
        return entry.id

    def name(self, entry: Entry) -> str:
        return entry.email

    def nothing(self, search: str) -> str:
        return _(self.nothing_found if search.strip() else self.nothing_yet)

    def row(self, entry: Entry) -> None:
        with theme.block("record-words"):
            theme.text(entry.name, "strong clamp-one")
            theme.text(entry.email, "hint clamp-one")
        self.describe(entry)

    def actions(self) -> None:
        theme.plain_button(_("Remove"), "delete").on_click(self._confirm)

    def _confirm(self) -> None:
        chosen = self.chosen
        with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
            theme.text(_("Remove {count} entries?", count=len(chosen)), "dialog-title", "h2")
            theme.text(", ".join(dict.fromkeys(entry.email for entry in chosen)), "muted clamp")
            theme.text(_("Whoever uses one of them at a printer cannot sign in with it any more."))

            async def remove() -> None:
                with faults_shown():
                    await self.remove([entry.id for entry in chosen])
                    tell(_("Removed: {count}", count=len(chosen)))
                dialog.close()
                await self.load()

            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(dialog.close)
                theme.main_button(_("Remove"), "delete").classes("danger").on_click(remove)
        dialog.on("hide", dialog.delete)
        dialog.open()


class BadgeList(LoginList):
    """The list of badges."""

    nothing_yet = N_("No badge is registered yet.")
    nothing_found = N_("Nothing is found. Type the complete e-mail address or the complete badge ID.")
    icon, manage = "badge", Permission.BADGES_MANAGE

    async def fetch(self, search: str, last: Entry | None) -> Sequence[Entry]:
        return await ask(list_badges, search=search, after=last.id if last else "", limit=PAGE_SIZE)

    async def remove(self, ids: list[str]) -> None:
        await ask(remove_badges, ids)

    def describe(self, entry: Entry) -> None:
        assert isinstance(entry, BadgeView)
        badge_words(entry)


class PinList(LoginList):
    """The list of PINs."""

    nothing_yet = N_("Nobody has a PIN yet.")
    nothing_found = N_("Nothing is found. Type the complete e-mail address.")
    icon, manage = "pin", Permission.PINS_MANAGE

    async def fetch(self, search: str, last: Entry | None) -> Sequence[Entry]:
        return await ask(list_pins, search=search, after=last.id if last else "", limit=PAGE_SIZE)

    async def remove(self, ids: list[str]) -> None:
        await ask(remove_pins, ids)

    def describe(self, entry: Entry) -> None:
        assert isinstance(entry, PinView)
        pin_words(entry)


def badge_words(badge: BadgeView) -> None:
    """A badge's number or its mask, what it is for, and how long it is good."""
    with theme.block("record-words"):
        number = theme.text(badge.number or MASK, "badge-number")
        if badge.number is None:
            number.props["aria-label"] = _("The badge ID is hidden")
        theme.text(badge.description or _(BADGE_ORIGINS[badge.origin]), "hint clamp-one")
    with theme.block("slip-place"):
        if badge.is_expired:
            theme.chip(_("Expired"), "bad")
        elif badge.expires is not None:
            theme.chip(_("Until {time}", time=when(badge.expires)), "dry")
        else:
            theme.chip(_("Permanent"), "quiet")
    with theme.block("record-when wide"):
        theme.text(_("Registered {time}", time=when(badge.created)), "ticket")
        theme.text(_("Last used {time}", time=when(badge.last_used)), "ticket")


def pin_words(pin: PinView) -> None:
    """What a PIN is worth, and where it comes from; never the PIN."""
    title, kind = PIN_STATES[pin.state]
    with theme.block("record-words"):
        theme.text(_(PIN_ORIGINS[pin.origin]), "hint clamp-one")
    with theme.block("slip-place"):
        theme.chip(_(title), kind)
    with theme.block("record-when wide"):
        theme.text(_("Since {time}", time=when(pin.since)), "ticket")
        if pin.expires is not None:
            theme.text(_("Expires {time}", time=when(pin.expires)), "ticket")
