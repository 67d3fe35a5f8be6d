"""Commands of `pressroom` whose modules are loaded when they are used: most starts need one of them or none."""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

ON_DEMAND = {
    "organization": "pressroom.organization_commands:organization_app",
    "people": "pressroom.people_commands:people_app",
    "sim": "pressroom.sim_commands:sim_app",
    "agent": "pressroom.agent_commands:agent_app",
    "enrol": "pressroom.enrol_commands:enrol_app",
    "packages": "pressroom.package_commands:packages_app",
    "node": "pressroom.node_commands:node_app",
    "print": "pressroom.workstation.job_commands:submit_files",
}
"""Where each is: a Typer application, or a function that is a command by itself."""


class CommandsOnDemand(TyperGroup):
    """The group of all commands, which knows those `ON_DEMAND` by name only."""

    def list_commands(self, ctx: Any) -> list[str]:
        """All names, those that are loaded already in their place."""
        return [*(name for name in super().list_commands(ctx) if name not in ON_DEMAND), *ON_DEMAND]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, loaded if need be."""
        if cmd_name in ON_DEMAND and cmd_name not in self.commands:
            self.commands[cmd_name] = _loaded(cmd_name)
        return super().get_command(ctx, cmd_name)


def _loaded(name: str) -> Any:
    module, _, attribute = ON_DEMAND[name].partition(":")
    found = getattr(import_module(module), attribute)
    if isinstance(found, typer.Typer):
        command: Any = typer.main.get_group(found)
    else:
        alone = typer.Typer(add_completion=False)
        alone.command(name)(found)
        command = typer.main.get_command(alone)
    command.name = name
    return command
