"""A partner's customers: the list with its search, making one, entering one (AC-17, AC-22, AC-31)."""

from nicegui import ui

from connectors.messages import N_
from domain.organizations.children import ChildView, create_child, list_children
from domain.organizations.models import OrganizationStatus
from domain.organizations.permissions import Permission
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, tell, visitor, when
from portal_api.pages.widgets.workplace import enter
from portal_api.pages.words import _

PAGE_SIZE = 50


@portal_page("/customers", N_("Customers"), Permission.CHILDREN_LIST, "customers")
async def customers() -> None:
    """The page."""
    await Customers().build()


class Customers:
    """The open list, page after page below each other."""

    def __init__(self) -> None:
        self._search = ""
        self._shown: list[ChildView] = []
        self._after, self._total = "", 0

    async def build(self) -> None:
        """Lay out the page."""
        may_create = visitor().may(Permission.CHILDREN_CREATE)
        with theme.block("toolbar"):
            heading(_("Customers"), _("Organizations of your customers. Each sees only what is its own."))
            ui.space()
            if may_create:
                theme.main_button(_("Create"), "domain_add").on_click(self._create_dialog)
        if not may_create:
            _how_to_get_the_right()
        with theme.block("filters", role="search"):
            search = ui.input(on_change=lambda event: self._find(event.value or ""))
            search.props("outlined dense clearable debounce=250").classes("search")
            search.props["placeholder"] = search.props["aria-label"] = _("Search for a customer")
        self._rows()
        await self._find("")

    @ui.refreshable_method
    def _rows(self) -> None:
        with theme.block("records", role="list"):
            for child in self._shown:
                _row(child)
        if not self._shown:
            with theme.block("empty", role="status"):
                theme.icon("domain_add")
                words = _("No customer has such a name.") if self._search.strip() else _("There are no customers yet.")
                theme.text(words, "muted")
        if self._after:
            rest = self._total - len(self._shown)
            more = theme.plain_button(_("Show more ({count})", count=rest), "expand_more")
            more.on_click(self._next)

    async def _find(self, search: str) -> None:
        self._search, self._shown, self._after = search, [], ""
        await self._next()

    async def _next(self) -> None:
        with faults_shown():
            page = await ask(list_children, self._search, self._after, PAGE_SIZE)
            self._shown += page.items
            self._after, self._total = page.after, page.total
        self._rows.refresh()

    def _create_dialog(self) -> None:
        with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
            theme.text(_("Create a customer organization"), "dialog-title", "h2")
            name = ui.input(_("Name of the organization")).props("outlined dense autofocus maxlength=100")
            theme.text(_("Letters, digits and spaces. The name must be unique among your customers."), "hint")

            async def create() -> None:
                with faults_shown():
                    child = await ask(create_child, name.value or "")
                    dialog.close()
                    tell(_("“{name}” is made.", name=child.name))
                    ui.navigate.to(f"/customers/{child.id}")

            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(dialog.close)
                theme.main_button(_("Create organization")).on_click(create)
            name.on("keydown.enter", create)
        dialog.on("hide", dialog.delete)
        dialog.open()


def _row(child: ChildView) -> None:
    with theme.block("record", role="listitem"):
        with theme.block("record-words plain-link", "a", href=f"/customers/{child.id}"):
            theme.text(child.name, "strong clamp-one")
            words = _("1 person") if child.people == 1 else _("{count} people", count=child.people)
            theme.text(_("{people}, {count} services", people=words, count=len(child.entitlements)), "hint")
        if child.status != OrganizationStatus.ACTIVE:
            theme.chip(_("Being deleted"), "bad")
        theme.text(when(child.created), "ticket")
        if child.status == OrganizationStatus.ACTIVE and visitor().may(Permission.CHILDREN_ENTER):
            button = theme.plain_button(_("Enter"), "login").on_click(lambda: enter(child.id))
            button.props["aria-label"] = _("Enter {customer}", customer=child.name)


def _how_to_get_the_right() -> None:
    with theme.block("warning", role="note"):
        theme.icon("info")
        with theme.block("record-words"):
            theme.text(
                _(
                    "To make customers you need Partner Administrator and Organization Administrator through one access"
                    " group or several."
                )
            )
            if visitor().may(Permission.ACCESS_GROUPS_MANAGE):
                with theme.block("", "a", href="/access-groups"):
                    theme.text(_("Make an access group and add yourself"))
