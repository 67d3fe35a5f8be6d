"""Choosing apps of the catalogue for a configuration, each with more about it on request (FL-357)."""

from collections.abc import Awaitable, Callable, Collection
from functools import partial

from nicegui import ui

from fleet.panel_apps.catalogue import CatalogueApp
from fleet.panel_apps.to_library import offered_apps, take_into_library
from fleet.resources.service import ResourceView
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown
from portal_api.pages.words import _

KB = 1 << 10


async def catalogue_dialog(chosen: Collection[str], add: Callable[[ResourceView], Awaitable[None]]) -> None:
    """Offer the versions of the catalogue; what is picked enters the resource library, and `add` gets it.

    `chosen` are the ids of the resources that the configuration has already.
    """
    with faults_shown():
        apps = await ask(offered_apps)
        caller = ui.context.slot.parent
        with theme.dialog() as dialog, theme.block("sheet dialog-sheet wide"):
            theme.text(_("Choose from the catalogue"), "dialog-title", "h2")
            if not apps:
                theme.text(_("The catalogue has no apps yet. Add versions on the page Apps, or upload an app here."))

            async def pick(app: CatalogueApp) -> None:
                with faults_shown():
                    resource = await ask(take_into_library, app.id)
                    dialog.close()
                    if resource.id not in chosen:
                        with caller:
                            await add(resource)

            with theme.block("records", role="list"):
                for app in apps:
                    _row(app, partial(pick, app))
            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(dialog.close)
        dialog.on("hide", dialog.delete)
        dialog.open()


def _row(app: CatalogueApp, pick: Callable[[], Awaitable[None]]) -> None:
    with theme.block("record", role="listitem"):
        theme.icon("apps")
        with theme.block("record-words"):
            theme.text(f"{app.name} {app.version}", "strong")
            with ui.expansion(_("More info")).classes("fold"):
                framework = app.min_framework or _("any")
                theme.text(_("Id: {id}. Needs app framework: {version}.", id=app.app_id, version=framework), "hint")
                theme.text(_("File: {name}, {size} kB.", name=app.file.name, size=max(1, app.file.size // KB)), "hint")
        choose = theme.plain_button(_("Choose"), "add").on_click(pick)
        choose.props["aria-label"] = _("Choose {name}", name=f"{app.name} {app.version}")
