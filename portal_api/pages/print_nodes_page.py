"""Storage nodes and workstations that hold hybrid jobs: how they are, what they hold, and their removal (PR-257)."""

from collections.abc import Callable
from functools import partial
from typing import Any

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.workstation_printing.removal import delete_nodes, set_enabled
from domain.workstation_printing.states import KIND_TITLES, NODE_TITLES, NodeState
from domain.workstation_printing.views import NodeView, Standing, list_nodes, standing
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, tell, when
from portal_api.pages.widgets.chosen_bar import ChosenBar
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
DISABLE_SEVERAL, DELETE_SEVERAL = N_("Deactivate {count} storage nodes?"), N_("Delete {count} storage nodes?")


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
        self._chosen: set[str] = set()

    async def build(self) -> None:
        """Lay out the page."""
        await self._read()
        with theme.block("toolbar"):
            heading(_("Storage nodes"), _("What holds hybrid jobs in your own network."))
            ui.space()
            theme.plain_button(_("Refresh"), "refresh").on_click(self._again)
        self._bar = ChosenBar()
        with self._bar.actions():
            theme.plain_button(_("Deactivate"), "pause").on_click(lambda: self._disable(sorted(self._chosen)))
            theme.plain_button(_("Delete"), "delete").on_click(lambda: self._delete(sorted(self._chosen)))
        self._rows()

    async def _read(self) -> None:
        self._nodes = await ask(list_nodes)
        self._workstations = await ask(list_nodes, workstations=True)
        self._standing = await ask(standing)

    async def _again(self) -> None:
        with faults_shown():
            await self._read()
        self._chosen.clear()
        self._bar.show(0)
        self._rows.refresh()

    def _choose(self, node_id: str, event: Any) -> None:
        (self._chosen.add if event.value else self._chosen.discard)(node_id)
        self._bar.show(len(self._chosen))

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
        is_ours = not node.person and node.state is not NodeState.DELETING
        with theme.block("record"):
            if is_ours:
                box = ui.checkbox(on_change=partial(self._choose, node.id))
                box.props["aria-label"] = _("Select “{name}”", name=node.name)
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
            if is_ours:
                self._actions(node)

    def _actions(self, node: NodeView) -> None:
        with theme.block("dialog-actions"):
            if node.state is NodeState.DISABLED:
                theme.plain_button(_("Activate"), "play_arrow").on_click(partial(self._enable, node))
            else:
                theme.plain_button(_("Deactivate"), "pause").on_click(lambda: self._disable([node.id]))
            theme.plain_button(_("Delete"), "delete").on_click(lambda: self._delete([node.id]))

    async def _enable(self, node: NodeView) -> None:
        with faults_shown():
            await ask(set_enabled, [node.id], enabled=True)
            tell(_("“{name}” gets copies again.", name=node.name))
        await self._again()

    def _disable(self, node_ids: list[str]) -> None:
        title = self._question(node_ids, DISABLE_TITLE, DISABLE_SEVERAL)
        paragraph = _("It gets no new copies, and keeps those that it has until their jobs end.")
        self._ask(node_ids, title, paragraph, _("Deactivate"), partial(set_enabled, enabled=False))

    def _delete(self, node_ids: list[str]) -> None:
        title = self._question(node_ids, DELETE_TITLE, DELETE_SEVERAL)
        paragraph = _("What it holds is copied to other nodes first, which may take a while.")
        self._ask(node_ids, title, paragraph, _("Delete"), delete_nodes)

    def _question(self, node_ids: list[str], of_one: str, of_several: str) -> str:
        names = [node.name for node in self._nodes if node.id in node_ids]
        return _(of_one, name=names[0]) if len(names) == 1 else _(of_several, count=len(names))

    def _ask(self, node_ids: list[str], title: str, paragraph: str, action: str, do: Callable[..., None]) -> None:
        async def act() -> None:
            with faults_shown():
                await ask(do, node_ids)
            await self._again()

        confirm(title, (paragraph,), action, act)


def _copies(node: NodeView) -> str:
    """What the node holds, in words."""
    words = [_("{count} jobs", count=node.held)]
    if node.arriving:
        words.append(_("{count} on their way", count=node.arriving))
    if node.leaving:
        words.append(_("{count} to be deleted", count=node.leaving))
    return ", ".join(words)
