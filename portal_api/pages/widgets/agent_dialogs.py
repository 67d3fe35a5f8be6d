"""Dialogs of agents: a new one with its code, codes for local agents (FL-107, FL-123, FL-157)."""

from nicegui import ui

from connectors.settings import get_settings
from fleet.agents.activation import generate_code, generate_local_code
from fleet.agents.service import LONGEST_DESCRIPTION, LONGEST_NAME, create_fleet_agent
from fleet.agents.settings import AgentSettings
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown
from portal_api.pages.widgets.copy_field import copy_field
from portal_api.pages.words import _

MOST_LOCAL_AGENTS = 10_000


def creation_dialog() -> None:
    """Ask for name and description of a fleet agent; its search is set on its page."""
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Create fleet agent"), "dialog-title", "h2")
        name = ui.input(_("Name")).props(f"outlined dense autofocus maxlength={LONGEST_NAME}")
        description = ui.input(_("Description")).props(f"outlined dense maxlength={LONGEST_DESCRIPTION}")
        theme.text(_("You choose where it searches on its page."), "hint")

        async def create() -> None:
            with faults_shown():
                agent_id, code = await ask(
                    create_fleet_agent, name.value or "", description.value or "", AgentSettings()
                )
                dialog.close()
                show_code(code, after=f"/agents/{agent_id}")

        name.on("keydown.enter", create)
        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Create")).on_click(create)
    dialog.open()


def local_code_dialog() -> None:
    """Ask how many local agents the code may activate."""
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Generate activation code"), "dialog-title", "h2")
        uses = ui.number(_("Number of agents"), value=1, min=1, max=MOST_LOCAL_AGENTS, precision=0)
        uses.props("outlined dense autofocus")

        async def generate() -> None:
            with faults_shown():
                code = await ask(generate_local_code, min(max(int(uses.value or 1), 1), MOST_LOCAL_AGENTS))
                dialog.close()
                show_code(code)

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Generate")).on_click(generate)
    dialog.open()


async def new_code(agent_id: str) -> None:
    """A new code for a fleet agent, shown at once."""
    with faults_shown():
        show_code(await ask(generate_code, agent_id))


def show_code(code: str, after: str = "") -> None:
    """The code, this once, and what to do with it; then the page `after`."""
    with theme.dialog().props("persistent") as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Activation code"), "dialog-title", "h2")
        theme.text(_("It is shown only now and is valid for 72 hours."), "", "p")
        copy_field(_("Activation code"), code)
        copy_field(_("On the host of the agent"), f"pressroom agent activate {get_settings().public_url} --code {code}")
        theme.text(_("Then run it there with “pressroom agent run”."), "hint")
        with theme.block("dialog-actions"):
            done = theme.main_button(_("Done"))
            done.on_click(lambda: ui.navigate.to(after) if after else dialog.close())
    dialog.open()
