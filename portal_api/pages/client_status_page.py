"""Which workstations have called in, and which policy holds for each (section 30)."""

from functools import partial
from typing import Any

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.print_clients.status import (
    CLIENT_STATES,
    UPDATE_STATES,
    ClientState,
    ClientView,
    assign_client_policy,
    forget_client,
    list_clients,
)
from domain.print_clients.subject import CLIENT_POLICIES
from domain.print_definitions.definitions import Definition, list_definitions
from domain.printing.features import Feature
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, features, tell, when
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.words import _

PAGE = 100
SOURCES = {
    "client": N_("of the workstation"),
    "personal": N_("of the person"),
    "cost_center": N_("of the cost centre"),
    "department": N_("of the department"),
    "default": N_("the default"),
    "organization": N_("the organization's setting"),
}


@portal_page("/print/clients", N_("Workstations"), Permission.PRINT_PACKAGES_MANAGE, "print-clients")
async def print_clients() -> None:
    """The page."""
    await ClientStatusPage().build()


class ClientStatusPage:
    """The open page."""

    def __init__(self) -> None:
        self._search = ""
        self._found: list[ClientView] = []
        self._policies: list[Definition[Any]] = []
        self._chosen: set[str] = set()
        self._has_more = False

    async def build(self) -> None:
        """Lay out the page."""
        heading(_("Workstations"), _("Computers whose agent has called in, and how they stand."))
        if Feature.CLIENT_POLICIES in features():
            self._policies = await ask(list_definitions, CLIENT_POLICIES)
        with theme.block("filters"):
            search = ui.input(_("Search"), on_change=self._look).props("outlined dense clearable debounce=300")
            search.classes("search")
        await self._read()
        self._rows()

    async def _read(self) -> None:
        self._found = await ask(list_clients, self._search, None, PAGE)
        self._has_more = len(self._found) == PAGE
        self._chosen = set()

    async def _next(self) -> None:
        with faults_shown():
            last = self._found[-1]
            more = await ask(list_clients, self._search, (last.host, last.id), PAGE)
            self._found, self._has_more = [*self._found, *more], len(more) == PAGE
        self._rows.refresh()

    async def _look(self, event: Any) -> None:
        self._search = str(event.value or "")
        await self._load()

    async def _load(self) -> None:
        with faults_shown():
            await self._read()
        self._rows.refresh()

    @ui.refreshable_method
    def _rows(self) -> None:
        if not self._found:
            with theme.block("empty", role="status"):
                theme.icon("computer")
                theme.text(_("No workstation has called in yet."), "strong")
                theme.text(_("People install the agent from the page “Print clients” and sign in."), "muted")
            return
        with theme.block("records", role="list"):
            for one in self._found:
                self._row(one)
        if self._has_more:
            theme.plain_button(_("Show more"), "expand_more").on_click(self._next)
        if self._policies:
            self._assigning()

    def _row(self, one: ClientView) -> None:
        with theme.block("record", role="listitem"):
            if self._policies:
                box = ui.checkbox(value=one.id in self._chosen, on_change=partial(self._choose, one.id))
                box.props["aria-label"] = _("Select “{name}”", name=one.host)
            theme.icon("computer")
            with theme.block("record-words"):
                theme.text(one.host, "strong clamp-one")
                theme.text(f"{one.user_name} · {one.email}", "hint")
                facts = [f"{one.kind} {one.version}", one.system, ", ".join(one.queues)]
                theme.text(" · ".join(fact for fact in facts if fact), "hint")
                policy = one.policy or _("Client policy")
                theme.text(f"{policy}: {_(SOURCES[one.policy_source])} · {_(UPDATE_STATES[one.update])}", "hint")
                if one.update_problem:
                    theme.text(_("Not updated: {reason}", reason=one.update_problem), "hint")
            theme.chip(_(CLIENT_STATES[one.state]), "good" if one.state is ClientState.ONLINE else "quiet")
            theme.text(when(one.last_contact), "hint record-when")
            with theme.block("record-buttons"):
                button = theme.icon_button("delete", _("Take “{name}” off the list", name=one.host))
                button.on_click(partial(self._forget, one))

    def _assigning(self) -> None:
        with theme.block("filters", "section", aria_label=_("Assign")):
            options = {"": _("No policy of their own")} | {one.id: one.name for one in self._policies}
            policy = ui.select(options, value=self._policies[0].id, label=_("Client policy"))
            policy.props("outlined dense options-dense")

            async def go() -> None:
                with faults_shown():
                    await ask(assign_client_policy, sorted(self._chosen), str(policy.value))
                    tell(_("It is assigned."))
                    await self._load()

            self._assign = theme.main_button(_("Assign"), "add_link").on_click(go)
            self._assign.set_enabled(bool(self._chosen))

    def _choose(self, client_id: str, event: Any) -> None:
        (self._chosen.add if event.value else self._chosen.discard)(client_id)
        self._assign.set_enabled(bool(self._chosen))

    def _forget(self, one: ClientView) -> None:
        async def go() -> None:
            with faults_shown():
                await ask(forget_client, one.id)
                await self._load()

        hint = _("It comes back when it calls in again.")
        confirm(_("Take “{name}” off the list?", name=one.host), (hint,), _("Take off"), go)
