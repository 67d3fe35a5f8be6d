"""The agents of the organization in four sections, one for each kind (FL-49…FL-56, FL-336)."""

from collections.abc import Sequence
from functools import partial

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from fleet.agents.models import AgentKind
from fleet.agents.service import AgentChoice, AgentView, list_agents
from fleet.agents.status import STATUS_TITLES, AgentStatus
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, visitor, when
from portal_api.pages.widgets.agent_choice import AgentChoiceBar
from portal_api.pages.widgets.agent_dialogs import creation_dialog, local_code_dialog
from portal_api.pages.widgets.enrolment_dialogs import (
    enrolment_code_dialog,
    pre_registration_dialog,
    printer_code_dialog,
)
from portal_api.pages.widgets.installation_dialog import installation_dialog, tool_dialog
from portal_api.pages.widgets.snmp_dialogs import snmp_profiles_dialog
from portal_api.pages.words import _

SECTIONS = {
    AgentKind.FLEET: (
        N_("Fleet agents"),
        "lan",
        N_("One agent on a host that is always on manages many printers of its network, of any make."),
    ),
    AgentKind.NATIVE: (
        N_("Native agents"),
        "memory",
        N_("The agent in the firmware of a printer. Register its code, or pre-register serial numbers."),
    ),
    AgentKind.PRINTER: (
        N_("Printer agents"),
        "print",
        N_("An app on one printer. Keep it at its current version, so that all features work."),
    ),
    AgentKind.LOCAL: (
        N_("Local agents"),
        "usb",
        N_("A program on a host with printers at its USB ports. Install it and activate it with a code."),
    ),
}
BEGINNINGS = {
    AgentKind.FLEET: N_("There is none yet: create one, install its package on a host and activate it with its code."),
    AgentKind.NATIVE: N_("There is none yet: enrol printers with the enrolment tool, or by one of the two codes."),
    AgentKind.PRINTER: N_("There is none yet: the enrolment tool finds printers and installs the agent on them."),
    AgentKind.LOCAL: N_("There is none yet: download the agent, install it on the host and activate it with a code."),
}
"""How to begin where there is no agent of a kind (FL-53)."""
UPDATES = {"has_update": N_("Agent update available"), "has_library_update": N_("Library update available")}
"""The parts of agents that have versions of their own (FL-55), by what `AgentChoice` calls them."""
COLORS = {
    AgentStatus.COMMUNICATING: "good",
    AgentStatus.SILENT: "bad",
    AgentStatus.NEEDS_CREDENTIALS: "bad",
    AgentStatus.UPDATING: "busy",
}


@portal_page("/agents", N_("Agents"), Permission.FLEET_VIEW, "agents")
async def agents(status: str = "") -> None:
    """The page; the query may choose a status (FL-249)."""
    await AgentsPage(next((one for one in AgentStatus if one.value == status), None)).build()


class AgentsPage:
    """The open list with its filters."""

    def __init__(self, status: AgentStatus | None) -> None:
        self._status = status
        self._updates: frozenset[str] = frozenset()
        self._search = ""
        self._found: list[AgentView] = []
        self._may_manage = visitor().may(Permission.FLEET_MANAGE)
        self._may_enrol = visitor().may(Permission.FLEET_ENROL)

    async def build(self) -> None:
        """Lay out the page."""
        with theme.block("toolbar"):
            heading(_("Agents"), _("What finds your printers, and keeps them in touch with this portal."))
            ui.space()
            if visitor().may(Permission.FLEET_UPDATE_ACROSS):
                theme.plain_button(_("All organizations"), "domain").props["href"] = "/agents/all"
            if self._may_manage:
                theme.plain_button(_("SNMP profiles"), "key").on_click(snmp_profiles_dialog)
                theme.main_button(_("Create fleet agent"), "add").on_click(creation_dialog)
        with theme.block("filters", role="search"):
            titles = {"": _("Every status")} | {status.value: _(title) for status, title in STATUS_TITLES.items()}
            chosen = ui.select(titles, value=self._status or "", label=_("Agent status")).props("outlined dense")
            chosen.on_value_change(lambda event: self._choose(event.value))
            for name, title in UPDATES.items():
                switch = ui.switch(_(title))
                switch.on_value_change(lambda event, name=name: self._choose_updates(name, only=bool(event.value)))
            search = ui.input(on_change=lambda event: self._look_for(event.value or ""))
            search.props("outlined dense clearable debounce=250").classes("search")
            search.props["placeholder"] = search.props["aria-label"] = _("Name of an agent")
        await self._find()
        self._sections()

    async def _choose(self, status: str) -> None:
        self._status = AgentStatus(status) if status else None
        await self._find()
        self._sections.refresh()

    async def _choose_updates(self, name: str, *, only: bool) -> None:
        self._updates = self._updates | {name} if only else self._updates - {name}
        await self._find()
        self._sections.refresh()

    async def _look_for(self, search: str) -> None:
        self._search = search
        await self._find()
        self._sections.refresh()

    async def _find(self) -> None:
        chosen = AgentChoice(
            status=self._status,
            has_update="has_update" in self._updates or None,
            has_library_update="has_library_update" in self._updates or None,
        )
        found = await ask(list_agents, chosen)
        searched = self._search.strip().casefold()
        self._found = [view for view in found if searched in agent_name(view).casefold()]

    @ui.refreshable_method
    def _sections(self) -> None:
        for kind, (title, icon, explanation) in SECTIONS.items():
            with theme.block("sheet settings", "section", aria_label=_(title)):
                theme.text(_(title), "section-title", "h2")
                theme.text(_(explanation), "hint")
                of_kind = [view for view in self._found if view.kind == kind]
                if self._may_manage:
                    AgentChoiceBar(kind, of_kind).build(partial(agent_record, icon=icon))
                else:
                    agent_records(of_kind, icon)
                if not of_kind:
                    is_narrowed = self._status is not None or self._updates or self._search.strip()
                    theme.text(_("No agent fits the filters.") if is_narrowed else _(BEGINNINGS[kind]), "muted")
                self._actions(kind)

    def _actions(self, kind: AgentKind) -> None:
        with theme.block("dialog-actions"):
            if kind is AgentKind.LOCAL and self._may_manage:
                theme.plain_button(_("Generate activation code"), "key").on_click(local_code_dialog)
                theme.plain_button(_("Download agent"), "download").on_click(lambda: installation_dialog())
            if kind in (AgentKind.NATIVE, AgentKind.PRINTER) and self._may_enrol:
                theme.plain_button(_("Download enrolment tool"), "download").on_click(tool_dialog)
            if kind is AgentKind.NATIVE and self._may_enrol:
                theme.plain_button(_("Enrolment code"), "key").on_click(enrolment_code_dialog)
                theme.plain_button(_("Pre-register printers"), "playlist_add").on_click(pre_registration_dialog)
                theme.plain_button(_("Register printer"), "pin").on_click(printer_code_dialog)


def agent_name(view: AgentView) -> str:
    """The name; that of the built-in agent is translated."""
    return _(view.name) if view.is_built_in else view.name


def status_chip(view: AgentView) -> None:
    """The status in words and colour."""
    theme.chip(_(STATUS_TITLES[view.status]), COLORS.get(view.status, "off"))


def agent_records(views: Sequence[AgentView], icon: str) -> None:
    """A list of agents to open."""
    with theme.block("records"):
        for view in views:
            agent_record(view, icon)


def agent_record(view: AgentView, icon: str) -> None:
    """One agent of a list."""
    with theme.block("record", "a", href=f"/agents/{view.id}"):
        theme.icon(icon)
        with theme.block("record-words"):
            theme.text(agent_name(view), "strong clamp-one")
            theme.text(view.description or _("Version {version}", version=view.version or "–"), "muted clamp-one")
        with theme.block("record-when"):
            status_chip(view)
            for name, title in UPDATES.items():
                if getattr(view, name):
                    theme.chip(_(title))
            theme.text(_("{count} printers", count=view.printers), "ticket")
            if not view.is_built_in:
                theme.text(_("Last contact {moment}", moment=when(view.last_contact)), "ticket")
