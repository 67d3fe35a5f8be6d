"""One agent: status, versions, host, and for fleet agents what they search and how often (FL-107…FL-140)."""

from collections.abc import Callable

from nicegui import events, ui
from pydantic import ValidationError

from connectors.errors import PressroomError
from connectors.messages import N_
from connectors.printers.address_ranges import SAMPLE, checked_entry, entries_file, entries_of_file
from domain.organizations.permissions import Permission
from fleet.agents.models import AgentKind
from fleet.agents.service import AgentView, change_agent, deactivate_agent, delete_agent, get_agent
from fleet.agents.settings import AgentSettings, LogLevel, Search
from fleet.agents.snmp_profiles import list_profiles
from fleet.agents.tasks import refresh_printers_of, start_agent_task
from fleet.managed_supplies.listing import managed_printers_of
from fleet.tasks.kinds import KINDS, TaskKind
from fleet.tasks.service import NewTask, start_fleet_task
from portal_api.pages import theme
from portal_api.pages.agents_page import agent_name, status_chip
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, show_fault, tell, visitor, when
from portal_api.pages.widgets.agent_choice import update_credentials_of
from portal_api.pages.widgets.agent_dialogs import new_code
from portal_api.pages.widgets.agent_records import AgentRecords
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.widgets.installation_dialog import installation_dialog
from portal_api.pages.words import _

LOG_LEVELS = {LogLevel.SUMMARY.value: N_("Summary"), LogLevel.DETAILED.value: N_("Detailed")}
SEARCHES = {Search.LOCAL.value: N_("Local network"), Search.ADVANCED.value: N_("Advanced search")}
LARGEST_FILE = 1 << 20


@portal_page("/agents/{agent_id}", N_("Agent"), Permission.FLEET_VIEW, "agents")
async def agent(agent_id: str) -> None:
    """The page."""
    view = await ask(get_agent, agent_id)
    profiles = {profile.id: profile.name for profile in await ask(list_profiles)}
    managed = dict(await ask(managed_printers_of, agent_id))
    await AgentPage(view, profiles, managed).build()


class EntryList:
    """One of the two lists of a search, edited as text: an entry a line (FL-109…FL-111)."""

    def __init__(self, title: str, entries: tuple[str, ...]) -> None:
        self._name = title
        self._text = ui.textarea(title, value=entries_file(entries)).props("outlined dense input-class=mono")
        with theme.block("dialog-actions"):
            self._overwrite = ui.switch(_("Overwrite existing entries at import"))
            self._upload = ui.upload(label=_("Import (.csv, .txt)"), auto_upload=True, max_file_size=LARGEST_FILE)
            self._upload.props('accept=".csv,.txt" flat bordered')
            self._upload.on_upload(self._import)
            theme.plain_button(_("Sample file"), "description").on_click(lambda: _download(SAMPLE, "sample.csv"))
            theme.plain_button(_("Export"), "download").on_click(
                lambda: _download(self._text.value or "", f"{title.lower()}.csv")
            )

    def entries(self) -> tuple[str, ...]:
        """The entries without doubles; raises the fault of the first that is none."""
        lines = [line for line in (self._text.value or "").splitlines() if line.strip()]
        return tuple(dict.fromkeys(checked_entry(line) for line in lines))

    async def _import(self, event: events.UploadEventArguments) -> None:
        with faults_shown():
            found = entries_of_file(await event.file.read())
            kept = () if self._overwrite.value else self.entries()
            self._text.set_value(entries_file(dict.fromkeys([*kept, *found])))
            self._upload.reset()
            tell(_("{count} entries were read.", count=len(found)))


class AgentPage:
    """The open agent."""

    def __init__(self, view: AgentView, profiles: dict[str, str], managed: dict[str, str]) -> None:
        self._view, self._profiles, self._managed = view, profiles, managed
        self._may_manage = visitor().may(Permission.FLEET_MANAGE)
        self._is_fleet = view.kind == AgentKind.FLEET

    async def build(self) -> None:
        """Lay out the page."""
        with theme.block("toolbar"):
            heading(agent_name(self._view), self._view.description)
            ui.space()
            status_chip(self._view)
            if self._is_fleet and visitor().may(Permission.FLEET_DISCOVER):
                theme.main_button(_("Discover and enrol printers"), "search").on_click(self._discover)
        with theme.block("form-sheets"):
            self._facts()
            if self._may_manage:
                self._settings()
                self._endings()
            has_logs = self._view.kind in KINDS[TaskKind.AGENT_LOG].agents and not self._view.is_built_in
            await AgentRecords(self._view.id, has_logs=has_logs).build()

    async def _discover(self) -> None:
        with faults_shown():
            await ask(start_fleet_task, NewTask(TaskKind.DISCOVER), [self._view.id])
            tell(_("The agent searches. What it finds appears among the printers."))

    def _facts(self) -> None:
        view = self._view
        facts = {
            _("Printers"): str(view.printers),
            _("Version"): view.version or "–",
            _("Printer support library"): view.library_version or "–",
            _("Activated"): when(view.activated),
            _("Last contact"): "–" if view.is_built_in else when(view.last_contact),
            **self._intervals(),
            **{_("Host: {name}", name=name): str(value) for name, value in view.host.items()},
        }
        with theme.block("sheet crop settings", "section", aria_label=_("Information")):
            theme.text(_("Information"), "section-title", "h2")
            with theme.block("facts", "dl"):
                for name, value in facts.items():
                    theme.text(name, "", "dt")
                    theme.text(value, "", "dd")
            if self._may_manage:
                with theme.block("dialog-actions"):
                    self._commands()

    def _intervals(self) -> dict[str, str]:
        """How often a fleet agent searches and reads, and when it last did (FL-140)."""
        if not self._is_fleet:
            return {}
        settings = self._view.settings
        return {
            _("Searches for printers"): _interval(settings.discovery_minutes),
            _("Last search"): when(self._view.last_discovery),
            _("Reads its printers"): _interval(settings.refresh_minutes),
        }

    def _commands(self) -> None:
        """FL-106, FL-132…FL-139, FL-155: what can be asked of the agent."""
        view = self._view
        theme.plain_button(_("Refresh all printer information"), "refresh").on_click(self._refresh)
        if view.is_built_in:
            return
        if view.kind in (AgentKind.PRINTER, AgentKind.NATIVE):
            button = theme.plain_button(_("Update agent credentials"), "key")
            button.on_click(lambda: update_credentials_of([view]))
        if view.kind in KINDS[TaskKind.AGENT_LOG].agents:
            theme.plain_button(_("Request log"), "description").on_click(lambda: self._start(TaskKind.AGENT_LOG))
        if view.kind in KINDS[TaskKind.UPDATE_AGENT].agents and view.has_update:  # FL-336: only something newer
            theme.plain_button(_("Update agent"), "upgrade").on_click(lambda: self._start(TaskKind.UPDATE_AGENT))
        if view.has_library_update:
            library = theme.plain_button(_("Update printer support library"), "library_books")
            library.on_click(lambda: self._start(TaskKind.UPDATE_LIBRARY))
        if self._is_fleet:
            theme.plain_button(_("Generate activation code"), "key").on_click(lambda: new_code(view.id))
            package = theme.plain_button(_("Installation package"), "download")
            package.on_click(lambda: installation_dialog(view.id))

    async def _refresh(self) -> None:
        with faults_shown():
            await ask(refresh_printers_of, self._view.id)
            tell(_("The printers are read."))

    async def _start(self, kind: TaskKind) -> None:
        with faults_shown():
            await ask(start_agent_task, NewTask(kind), [self._view.id])
            tell(_("The agent does it as soon as it calls in."))

    def _settings(self) -> None:
        view, settings = self._view, self._view.settings
        is_native = view.kind == AgentKind.NATIVE  # firmware, of which only the credentials can be set here (FL-41)
        with theme.block("sheet settings", "section", aria_label=_("Settings")):
            theme.text(_("Settings"), "section-title", "h2")
            name = ui.input(_("Name"), value=agent_name(view)).props("outlined dense maxlength=255")
            name.set_enabled(not view.is_built_in)
            description = ui.input(_("Description"), value=view.description).props("outlined dense maxlength=1000")
            description.set_enabled(not view.is_built_in)
            levels = {value: _(title) for value, title in LOG_LEVELS.items()}
            log_level = ui.select(levels, value=settings.log_level.value, label=_("Log level")).props("outlined dense")
            polling = _number(_("Polling interval in minutes"), settings.polling_minutes)
            polling.set_visibility(not self._is_fleet and not is_native)
            log_level.set_visibility(not is_native)
            search = self._search(settings) if self._is_fleet else None

            async def save() -> None:
                try:
                    changed = settings.model_dump(mode="json") | {
                        "log_level": log_level.value,
                        "polling_minutes": int(polling.value or 0),
                        **(search() if search else {}),
                    }
                    wanted = AgentSettings.model_validate(changed)
                except PressroomError as error:
                    show_fault(error)
                except ValidationError as error:
                    ui.notify(error.errors(include_url=False)[0]["msg"], type="negative")
                else:
                    with faults_shown():
                        given = view.name if view.is_built_in else name.value or ""
                        await ask(change_agent, view.id, given, description.value or "", wanted)
                        tell(_("Saved."))

            with theme.block("dialog-actions"):
                theme.main_button(_("Save changes"), "save").on_click(save)

    def _search(self, settings: AgentSettings) -> Callable[[], dict[str, object]]:
        theme.text(_("Search"), "field-title", "h3")
        kinds = {value: _(title) for value, title in SEARCHES.items()}
        search = ui.radio(kinds, value=settings.search.value).props("inline")
        include = EntryList(_("Include"), settings.include)
        exclude = EntryList(_("Exclude"), settings.exclude)
        theme.text(_("An address, subnet, range or host name a line. What is excluded is never asked."), "hint")
        theme.text(_("Printers that are taken out of the criteria stay in the list, not communicating."), "hint")
        profiles = {"": _("Standard: version 2c, “public”"), **self._profiles}
        known = settings.snmp_profile_id if settings.snmp_profile_id in profiles else ""
        profile = ui.select(profiles, value=known, label=_("SNMP profile")).props("outlined dense")
        take_over = ui.switch(
            _("Take over management of discovered printers already enrolled through another agent"),
            value=settings.take_over,
        )
        discovery = _number(_("Discovery interval in minutes (0: never)"), settings.discovery_minutes)
        refresh = _number(_("Information refresh interval in minutes (0: never)"), settings.refresh_minutes)
        delay = _number(_("Network utilisation delay in milliseconds"), settings.delay)
        theme.text(_("Below 250 the search may slow the network down."), "hint")
        http_port = _number(_("Web port of the printers"), settings.http_port)
        snmp_port = _number(_("SNMP port of the printers"), settings.snmp_port)

        def chosen() -> dict[str, object]:
            return {
                "search": search.value,
                "include": include.entries(),
                "exclude": exclude.entries(),
                "snmp_profile_id": profile.value or "",
                "take_over": bool(take_over.value),
                "discovery_minutes": int(discovery.value or 0),
                "refresh_minutes": int(refresh.value or 0),
                "delay": int(delay.value or 0),
                "http_port": int(http_port.value or 0),
                "snmp_port": int(snmp_port.value or 0),
            }

        return chosen

    def _endings(self) -> None:
        if self._view.is_built_in:
            return
        if self._managed:
            self._why_it_stays()
            return
        with theme.block("dialog-actions"):
            theme.plain_button(_("Deactivate agent"), "power_off").on_click(self._deactivate)
            theme.plain_button(_("Delete agent"), "delete").on_click(self._delete)

    def _why_it_stays(self) -> None:
        """FL-477: the printers for which the agent can neither be deactivated nor deleted."""
        title = _("Printers of the supplies programme")
        with theme.block("sheet settings", "section", aria_label=title):
            theme.text(title, "section-title", "h2")
            theme.text(_("As long as it manages these, the agent can be neither deactivated nor deleted."), "hint", "p")
            with theme.block("slips", role="list"):
                for printer_id, serial in self._managed.items():
                    with theme.block("person-link", "a", href=f"/printers/{printer_id}", role="listitem"):
                        theme.text(serial)

    def _deactivate(self) -> None:
        async def act() -> None:
            with faults_shown():
                await ask(deactivate_agent, self._view.id)
                ui.navigate.to(f"/agents/{self._view.id}")

        confirm(_("Deactivate agent"), (_what_stays(),), _("Deactivate agent"), act, icon="power_off")

    def _delete(self) -> None:
        async def act() -> None:
            with faults_shown():
                await ask(delete_agent, self._view.id)
                ui.navigate.to("/agents")

        confirm(_("Delete agent"), (_what_stays(),), _("Delete agent"), act)


def _what_stays() -> str:
    return _("Its printers stay in the list, not communicating, until they are unenrolled or another agent finds them.")


def _interval(minutes: int) -> str:
    return _("every {count} minutes", count=minutes) if minutes else _("only when it is asked")


def _number(label: str, value: int) -> ui.number:
    return ui.number(label, value=value, min=0, precision=0).props("outlined dense")


def _download(content: str, name: str) -> None:
    ui.download(content.encode(), name, "text/csv")
