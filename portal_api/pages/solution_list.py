"""The list of solutions: tabs by type, a filter, and what can be done with each (SC-100…SC-102, SC-110)."""

from nicegui import events, ui

from connectors.errors import PressroomError
from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.quotas.checks import hindrances
from domain.quotas.rules import SERVICE_TITLES, ServiceState
from domain.quotas.usage import OwnQuota, own_quota
from domain.runs.planning import check_permitted, services
from domain.solutions.definition import SolutionDefinition, SolutionType
from domain.solutions.service import (
    SolutionView,
    create_solution,
    delete_solution,
    duplicate_solution,
    export_yaml,
    get_solution,
    import_yaml,
    list_solutions,
)
from domain.solutions.templates import TEMPLATES
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, tell, visitor, when
from portal_api.pages.widgets.page_counts import STATES, number
from portal_api.pages.widgets.step_chain import step_chain
from portal_api.pages.words import _, error_texts
from steps.contract import Service, Surface
from steps.registry import step_kinds

TABS = {
    "all": N_("All"),
    SolutionType.PERSONAL.value: N_("Personal"),
    SolutionType.ORGANIZATIONAL.value: N_("Organizational"),
    SolutionType.SHARED.value: N_("Shared"),
}
LARGEST_YAML = 1 << 20


@portal_page("/solutions", N_("Solutions"), Permission.SOLUTIONS_RUN, "solutions")
async def solutions() -> None:
    """The start page."""
    await SolutionList().build()


class SolutionList:
    """The open list; filtering needs no further question to the records."""

    def __init__(self) -> None:
        self._solutions: list[SolutionView] = []
        self._tab, self._search = "all", ""
        self._may_create = visitor().may(Permission.SOLUTIONS_CREATE)
        self._may_run = visitor().may(Permission.SOLUTIONS_RUN)
        self._quota = OwnQuota((), None, None)
        self._hindrances: dict[Service, PressroomError] = {}

    async def build(self) -> None:
        """Lay out the page."""
        self._solutions = await ask(list_solutions)
        self._quota, self._hindrances = await ask(own_quota), await ask(hindrances)
        with theme.block("toolbar"):
            heading(_("Solutions"), _("What happens to a document, step by step, and where it goes."))
            ui.space()
            self._quotas()
            if self._may_create:
                self._import_button()
                theme.main_button(_("New solution"), "add").props("href=/solutions/new")
        if not self._solutions:
            self._newcomer()
            return
        with theme.block("filters"):
            with ui.tabs(on_change=lambda event: self._filter(tab=event.value)).props("no-caps dense") as tabs:
                for name, title in TABS.items():
                    ui.tab(name, _(title))
            tabs.value = self._tab
            search = ui.input(placeholder=_("Filter"), on_change=lambda event: self._filter(search=event.value or ""))
            search.props("outlined dense clearable debounce=150").classes("search").props["aria-label"] = _("Filter")
            with search.add_slot("prepend"):
                theme.icon("search")
        self._cards()

    def _filter(self, tab: str | None = None, search: str | None = None) -> None:
        self._tab = self._tab if tab is None else tab
        self._search = self._search if search is None else search
        self._cards.refresh()

    def _shown(self) -> list[SolutionView]:
        words = self._search.casefold().split()
        return [
            view
            for view in self._solutions
            if self._tab in ("all", view.type.value)
            and all(word in f"{view.definition.name} {view.definition.description}".casefold() for word in words)
        ]

    @ui.refreshable_method
    def _cards(self) -> None:
        shown = self._shown()
        with theme.block("cards", role="list"):
            for view in shown:
                self._card(view)
        if not shown:
            with theme.block("empty", role="status"):
                theme.icon("filter_alt_off")
                theme.text(_("No solution fits the filter."), "muted")

    def _card(self, view: SolutionView) -> None:
        definition = view.definition
        with theme.block("sheet solution", "article", role="listitem"):
            with theme.block("solution-head"):
                with theme.block("solution-name", "a", href=f"/solutions/{view.id}/edit"):
                    theme.text(definition.name, "", "h2")
                theme.chip(_(TABS[view.type.value]), view.type.value)
            if definition.description:
                theme.text(definition.description, "muted clamp", "p")
            step_chain([step.kind for step in definition.steps])
            theme.text(f"{view.owner_name} · {when(view.changed)}", "ticket")
            hindrance = self._hindrance(definition)
            if hindrance is not None and self._may_run:
                with theme.block("warning", role="note"):
                    theme.icon("block")
                    theme.text(" ".join(error_texts(hindrance)))
            with theme.block("solution-actions"):
                if self._may_run:
                    button = theme.main_button(_("Run"), "play_arrow")
                    button.props["aria-label"] = _("Run “{name}”", name=definition.name)
                    if hindrance is None:
                        button.props(f"href=/solutions/{view.id}/run")
                    else:
                        button.disable()
                ui.space()
                self._icons(view)

    def _hindrance(self, definition: SolutionDefinition) -> PressroomError | None:
        """Why it is not offered to be run here: a step for printers only, a role, or a service's quota (SC-110)."""
        try:
            check_permitted(definition, visitor(), Surface.PORTAL)
        except PressroomError as error:
            return error
        return next((self._hindrances[one] for one in services(definition) if one in self._hindrances), None)

    def _icons(self, view: SolutionView) -> None:
        name = view.definition.name
        theme.icon_button("science", _("Dry run of “{name}”", name=name)).props(f"href=/solutions/{view.id}/run?dry=1")
        if view.may_edit:
            theme.icon_button("edit", _("Edit “{name}”", name=name)).props(f"href=/solutions/{view.id}/edit")
        if self._may_create:
            button = theme.icon_button("content_copy", _("Duplicate “{name}”", name=name))
            button.on_click(lambda: self._duplicate(view))
        theme.icon_button("file_download", _("Export “{name}”", name=name)).on_click(lambda: self._export(view))
        if view.may_edit:
            button = theme.icon_button("delete", _("Delete “{name}”", name=name))
            button.on_click(lambda: self._confirm_delete(view))

    def _quotas(self) -> None:
        with theme.plain_button(_("Quotas"), "donut_small"), ui.menu().classes("panel-menu"):
            theme.text(_("Remaining quota"), "menu-title")
            for service in Service:
                with theme.block("menu-fact"):
                    theme.text(_(SERVICE_TITLES[service]))
                    theme.text(_left_words(self._quota, service), "muted")
            with ui.menu_item(on_click=lambda: ui.navigate.to("/quotas")).classes("menu-row"):
                theme.icon("donut_small").classes("menu-icon")
                theme.text(_("Open the quotas"))

    def _import_button(self) -> None:
        picker = ui.upload(auto_upload=True, max_file_size=LARGEST_YAML, on_upload=self._import).classes("hidden")
        picker.props('accept=".yaml,.yml"')
        button = theme.plain_button(_("Import"), "file_upload")
        theme.picks_files(button, picker)

    async def _import(self, event: events.UploadEventArguments) -> None:
        content = (await event.file.read()).decode("utf-8", "replace")
        with faults_shown():
            view = await ask(create_solution, import_yaml(content))
            tell(_("“{name}” is imported.", name=view.definition.name))
            await self._reload()

    async def _duplicate(self, view: SolutionView) -> None:
        with faults_shown():
            copy = await ask(duplicate_solution, view.id, _("copy"))
            tell(_("“{name}” is saved.", name=copy.definition.name))
            await self._reload()

    async def _export(self, view: SolutionView) -> None:
        with faults_shown():
            definition = (await ask(get_solution, view.id)).definition
            name = "".join(char if char.isalnum() or char in " -_" else "_" for char in definition.name).strip()
            ui.download.content(export_yaml(definition), f"{name or 'solution'}.yaml", "application/yaml")

    def _confirm_delete(self, view: SolutionView) -> None:
        with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
            theme.text(_("Delete “{name}”?", name=view.definition.name), "dialog-title", "h2")
            theme.text(_("Runs in progress go on with it. The solution itself cannot be brought back."), "muted")
            with theme.block("dialog-actions"):
                theme.plain_button(_("Keep it")).on_click(dialog.close).props("autofocus")
                theme.main_button(_("Delete")).on_click(lambda: dialog.submit(True)).classes("danger")

        async def answer() -> None:
            if await dialog:
                with faults_shown():
                    await ask(delete_solution, view.id)
                    tell(_("“{name}” is deleted.", name=view.definition.name))
                    await self._reload()
            dialog.delete()

        dialog.open()
        ui.timer(0, answer, once=True)

    async def _reload(self) -> None:
        was_empty = not self._solutions
        self._solutions = await ask(list_solutions)
        if was_empty or not self._solutions:
            ui.navigate.reload()
        else:
            self._cards.refresh()

    def _newcomer(self) -> None:
        with theme.block("welcome"):
            theme.text(_("Begin with a ready-made solution"), "welcome-title", "h2")
            theme.text(
                _(
                    "A solution says what happens to a document: read it, translate it, hide names, send it on. Choose "
                    "one that comes close, look at its steps, and save it as yours."
                ),
                "muted",
                "p",
            )
            with theme.block("cards"):
                for one in TEMPLATES:
                    if all(step.kind in step_kinds() for step in one.steps):
                        address = f"/solutions/new?template_name={one.key}"
                        with theme.block("sheet crop solution template", "a", href=address):
                            theme.text(_(one.name), "", "h3")
                            theme.text(_(one.description), "muted", "p")
                            step_chain([step.kind for step in one.steps])


def _left_words(quota: OwnQuota, service: Service) -> str:
    """What is left of one's quota (SQ-80, SC-101)."""
    found = next((one for one in quota.services if one.service is service), None)
    if found is None:
        return _("no pages")
    if found.state not in (ServiceState.ACTIVE, ServiceState.EXHAUSTED):
        return _(STATES[found.state][0])
    return _("no limit") if found.left is None else _("{pages} pages", pages=number(found.left))
