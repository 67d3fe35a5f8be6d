"""The dialog that makes the settings bundle for printers with compact release (PR-212)."""

from nicegui import ui

from connectors.messages import N_
from domain.applications.compact_release import make_compact_release_bundle
from domain.applications.service import LONGEST_OVERLAP_HOURS
from portal_api.pages import theme
from portal_api.pages.visit import ask, tell
from portal_api.pages.widgets.proof import when_proven
from portal_api.pages.words import _

OVERLAPS = {0: N_("End at once"), 1: N_("1 hour"), 24: N_("1 day"), LONGEST_OVERLAP_HOURS: N_("7 days")}


def overlap_choice(value: int, *, is_shown: bool) -> ui.select:
    """How long former secrets work; of no interest where there are none."""
    choices = {hours: _(text) for hours, text in OVERLAPS.items()}
    field = ui.select(choices, label=_("Former secrets work for"), value=value).props("outlined dense options-dense")
    field.set_visibility(is_shown)
    return field


class BundleDialog:
    """One open dialog."""

    def __init__(self, has_secrets: bool) -> None:
        self._has_secrets = has_secrets

    def open(self) -> None:
        """Show it."""
        with theme.dialog() as self._dialog, theme.block("sheet dialog-sheet"):
            theme.text(_("Bundle for compact release"), "dialog-title", "h2")
            theme.text(
                _(
                    "A settings bundle for printers with a 2.8-inch screen: the address of this service, the client id,"
                    " and a new secret. Import it at the printer's web page, or add it to the resource library and"
                    " deploy it from there."
                )
            )
            theme.text(_("Whoever has the file has the secret: keep it no longer than you need it."), "hint")
            self._overlap = overlap_choice(LONGEST_OVERLAP_HOURS, is_shown=self._has_secrets)
            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(self._dialog.close)
                theme.main_button(_("Make it"), "download").on_click(lambda: when_proven(self._make))
        self._dialog.on("hide", self._dialog.delete)
        self._dialog.open()

    async def _make(self) -> None:
        hours = LONGEST_OVERLAP_HOURS if self._overlap.value is None else int(self._overlap.value)
        bundle = await ask(make_compact_release_bundle, hours)
        self._dialog.close()
        ui.download.content(bundle.content, bundle.name, "application/zip")
        tell(_("The bundle is made."))
