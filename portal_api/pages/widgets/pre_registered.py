"""The pre-registered printers below the list of the enrolled ones, to be chosen and removed (F-6, FL-149)."""

from collections.abc import Sequence

from domain.organizations.permissions import Permission
from fleet.enrolment.pre_registration import list_pre_registered, remove_pre_registered
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown, tell, visitor
from portal_api.pages.widgets.chosen_list import ChosenList
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.words import _


async def pre_registered_printers() -> None:
    """Those that wait for the organization's code; nothing where there are none."""
    if not await ask(list_pre_registered, limit=1):
        return
    with theme.block("sheet", "section", aria_label=_("Pre-registered printers")):
        theme.text(_("Pre-registered printers"), "section-title", "h2")
        theme.text(_("They are enrolled as soon as the enrolment code is typed at them."), "hint", "p")
        await PreRegisteredList(may_choose=visitor().may(Permission.FLEET_ENROL)).build()


class PreRegisteredList(ChosenList[str]):
    """The open list of serial numbers."""

    icon = "playlist_add_check"

    async def fetch(self, search: str, last: str | None) -> Sequence[str]:
        return await ask(list_pre_registered, after=last or "", limit=self.page_size)

    def key(self, entry: str) -> str:
        return entry

    def name(self, entry: str) -> str:
        return entry

    def nothing(self, search: str) -> str:
        return _("No printer is pre-registered any more.")

    def row(self, entry: str) -> None:
        with theme.block("record-words"):
            theme.text(entry, "strong clamp-one")
        theme.chip(_("Pre-registered"), "quiet")

    def actions(self) -> None:
        theme.plain_button(_("Remove pre-registered printers"), "playlist_remove").on_click(self._confirm)

    def _confirm(self) -> None:
        chosen = list(self.chosen)

        async def remove() -> None:
            with faults_shown():
                count = await ask(remove_pre_registered, chosen)
                tell(_("{count} pre-registrations were removed.", count=count))
            await self.load()

        lost = _("They can no longer enrol themselves with the enrolment code.")
        confirm(_("Remove pre-registered printers?"), (", ".join(chosen), lost), _("Remove"), remove)
