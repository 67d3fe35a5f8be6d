"""Storage nodes and workstations that hold hybrid jobs: how they are, what they hold, and their removal (PR-257)."""

from collections.abc import Callable
from functools import partial

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.workstation_printing.removal import delete_nodes, set_enabled
from domain.workstation_printing.states import KIND_TITLES, NODE_TITLES, NodeState
from domain.workstation_printing.views import NodeView, Standing, list_nodes, standing
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, tell, when
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.words import _

GB = 1_000_000_000
COLORS = {
    NodeState.ACTIVE: "good",
    NodeState.UNREACHABLE: "bad",
    NodeState.DISABLED: "off",
    NodeState.DELETING: "busy",
}
DISABLE_TITLE, DELETE_TITLE = N_("Deactivate “{name}”?"), N_("Delete “{name}”?")


@portal_page("/print-nodes", N_("Storage nodes"), Permission.HYBRID_SETTINGS_MANAGE, "print-nodes")
async def print_nodes() -> None:
    """The page."""
    await PrintNodesPage().build()


class PrintNodesPage:
    """The open lists."""

    def __init__(self) -> None:
        self._nodes: list[NodeView] = []
        self._workstations: list[NodeView] = []
        self._standing: Standing | None = None

    async def build(self) -> None:
        """Lay out the page."""
        await self._read()
        with theme.block("toolbar"):
            heading(_("Storage nodes"), _("What holds hybrid jobs in your own network."))
            ui.space()
            theme.plain_button(_("Refresh"), "refresh").on_click(self._again)
        self._rows()

    async def _read(self) -> None:
        self._nodes = await ask(list_nodes)
        self._workstations = await ask(list_nodes, workstations=True)
        self._standing = await ask(standing)

    async def _again(self) -> None:
        with faults_shown():
            await self._read()
        self._rows.refresh()

    @ui.refreshable_method
    def _rows(self) -> None:
        self._notes()
        with theme.block("sheet settings", "section", aria_label=_("Storage nodes")):
            theme.text(_("Storage nodes"), "section-title", "h2")
            theme.text(_("They hold copies, so that jobs can be released while the workstation is off."), "hint")
            with theme.block("records"):
                for node in self._nodes:
                    self._record(node)
            if not self._nodes:
                theme.text(_("There is none here."), "muted")
        with theme.block("sheet settings", "section", aria_label=_("Workstations")):
            theme.text(_("Workstations"), "section-title", "h2")
            theme.text(_("They hold the documents that were printed on them, until these are released."), "hint")
            with theme.block("records"):
                for node in self._workstations:
                    self._record(node)
            if not self._workstations:
                theme.text(_("There is none here."), "muted")

    def _notes(self) -> None:
        found = self._standing
        if found is None:
            return
        if not found.enabled:
            theme.text(_("Advanced hybrid storage is off: hybrid jobs are on their workstations only."), "hint")
        elif found.is_short_of_nodes:
            with theme.block("empty", role="status"):
                theme.icon("warning")
                theme.text(
                    _(
                        "There must be more active nodes than copies: {nodes} nodes, {copies} copies.",
                        nodes=found.active_nodes,
                        copies=found.copies,
                    ),
                    "strong",
                )
        if found.short_jobs:
            theme.text(_("{count} jobs have fewer copies than wanted.", count=found.short_jobs), "muted")

    def _record(self, node: NodeView) -> None:
        with theme.block("record"):
            theme.icon("laptop" if node.person else "dns")
            with theme.block("record-words"):
                theme.text(node.name, "strong clamp-one")
                places = ", ".join(node.addresses) or "–"
                theme.text(node.person or f"{_(KIND_TITLES[node.kind])}, {places}", "muted clamp-one")
                theme.text(_copies(node), "muted clamp-one")
            with theme.block("record-when"):
                theme.chip(_(NODE_TITLES[node.state]), COLORS.get(node.state, "off"))
                if node.is_low:
                    theme.chip(_("Low on space"), "bad")
                theme.text(_("{size} GB free", size=f"{node.free / GB:.0f}"), "ticket")
                theme.text(_("Last contact {moment}", moment=when(node.last_seen)), "ticket")
            if not node.person and node.state is not NodeState.DELETING:
                self._actions(node)

    def _actions(self, node: NodeView) -> None:
        with theme.block("dialog-actions"):
            if node.state is NodeState.DISABLED:
                theme.plain_button(_("Activate"), "play_arrow").on_click(partial(self._enable, node))
            else:
                theme.plain_button(_("Deactivate"), "pause").on_click(partial(self._disable, node))
            theme.plain_button(_("Delete"), "delete").on_click(partial(self._delete, node))

    async def _enable(self, node: NodeView) -> None:
        with faults_shown():
            await ask(set_enabled, [node.id], enabled=True)
            tell(_("“{name}” gets copies again.", name=node.name))
        await self._again()

    def _disable(self, node: NodeView) -> None:
        paragraph = _("It gets no new copies, and keeps those that it has until their jobs end.")
        self._ask(node, DISABLE_TITLE, paragraph, _("Deactivate"), partial(set_enabled, enabled=False))

    def _delete(self, node: NodeView) -> None:
        paragraph = _("What it holds is copied to other nodes first, which may take a while.")
        self._ask(node, DELETE_TITLE, paragraph, _("Delete"), delete_nodes)

    def _ask(self, node: NodeView, title: str, paragraph: str, action: str, do: Callable[..., None]) -> None:
        async def act() -> None:
            with faults_shown():
                await ask(do, [node.id])
            await self._again()

        confirm(_(title, name=node.name), (paragraph,), action, act)


def _copies(node: NodeView) -> str:
    """What the node holds, in words."""
    words = [_("{count} jobs", count=node.held)]
    if node.arriving:
        words.append(_("{count} on their way", count=node.arriving))
    if node.leaving:
        words.append(_("{count} to be deleted", count=node.leaving))
    return ", ".join(words)
