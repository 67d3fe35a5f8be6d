"""The organization's client applications (AC-190)."""

from nicegui import ui

from connectors.messages import N_
from domain.applications.models import ApplicationKind
from domain.applications.service import ApplicationDefinition, ApplicationView, create_application, list_applications
from domain.organizations.permissions import Permission
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, visitor, when
from portal_api.pages.widgets.proof import when_proven
from portal_api.pages.words import _


@portal_page("/applications", N_("Applications"), Permission.APPLICATIONS_VIEW, "applications")
async def applications() -> None:
    """The page."""
    await ApplicationList().build()


class ApplicationList:
    """The open list with its search."""

    def __init__(self) -> None:
        self._search = ""
        self._found: list[ApplicationView] = []

    async def build(self) -> None:
        """Lay out the page."""
        with theme.block("toolbar"):
            heading(_("Applications"), _("Programs that act for your organization: printers, storage, integrations."))
            ui.space()
            if visitor().may(Permission.APPLICATIONS_MANAGE):
                theme.main_button(_("New application"), "add").on_click(_creation_dialog)
        with theme.block("filters", role="search"):
            search = ui.input(on_change=lambda event: self._find(event.value or ""))
            search.props("outlined dense clearable debounce=250").classes("search")
            search.props["placeholder"] = search.props["aria-label"] = _("Part of the name")
        await self._find("")
        self._list()

    async def _find(self, search: str) -> None:
        self._search = search
        self._found = await ask(list_applications, search)
        self._list.refresh()

    @ui.refreshable_method
    def _list(self) -> None:
        if not self._found:
            with theme.block("empty", role="status"):
                theme.icon("search_off")
                theme.text(_("No application has this in its name."), "strong")
        with theme.block("records"):
            for view in self._found:
                _record(view)


def application_state(view: ApplicationView) -> tuple[str, str]:
    """How it stands, in words and by its colour."""
    if not view.is_enabled:
        return _("Switched off"), "off"
    return (_("Ready"), "good") if view.secrets else (_("No secret yet"), "off")


def application_name(view: ApplicationView) -> str:
    """The name; those of the product are translated."""
    return view.name if view.kind == ApplicationKind.CUSTOM else _(view.name)


def _record(view: ApplicationView) -> None:
    with theme.block("record", "a", href=f"/applications/{view.id}"):
        theme.icon("deployed_code")
        with theme.block("record-words"):
            theme.text(application_name(view), "strong clamp-one")
            theme.text(", ".join(view.scopes) or _("No permissions"), "muted clamp-one")
        with theme.block("record-when"):
            theme.chip(*application_state(view))
            used = _("Last used {moment}", moment=when(view.last_used)) if view.last_used else _("Never used")
            theme.text(used, "ticket")


def _creation_dialog() -> None:
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("New application"), "dialog-title", "h2")
        name = ui.input(_("Name")).props("outlined dense autofocus maxlength=100")
        theme.text(_("You choose what it may do, and make its secret, on its page."), "hint")

        async def create() -> None:
            view = await ask(create_application, ApplicationDefinition(name.value or ""))
            ui.navigate.to(f"/applications/{view.id}")

        name.on("keydown.enter", lambda: when_proven(create))
        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Create")).on_click(lambda: when_proven(create))
    dialog.on("hide", dialog.delete)
    dialog.open()
