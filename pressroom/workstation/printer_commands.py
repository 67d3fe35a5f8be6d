"""`printctl printers`: the printers of the agent, and how the system of this computer is told of them (PR-332)."""

import getpass
import json
import shlex
import sys
from typing import Annotated, Literal

import typer
from rich.markup import escape

from pressroom.workstation.command_line import NOT_DONE, AsJson, Folder, console, explained, place_of, problems

System = Literal["linux", "macos", "windows"]


def printers(
    set_up: Annotated[
        bool, typer.Option("--set-up", help="The commands that add them to the system; they hold the agent's key.")
    ] = False,
    as_json: AsJson = False,
    folder: Folder = None,
) -> None:
    """The printers that the running agent has on this computer, for its print system."""
    from pressroom.workstation.loopback.access import kept_access
    from pressroom.workstation.loopback.printers import address_of
    from pressroom.workstation.loopback.queues import kept_queues

    with explained():
        place = place_of(folder)
        place.folder.identity()
        access, queues = kept_access(place.folder), kept_queues(place.folder, place.configuration).values()
    if access is None:
        problems.print("There are none yet: start the agent with “printctl agent”.")
        raise typer.Exit(NOT_DONE)
    told = [{"name": queue.name, "mode": queue.mode, "address": address_of(queue, access.port)} for queue in queues]
    if as_json:
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
    elif set_up:
        for one in told:
            typer.echo(set_up_command(own_system(), one["name"], one["address"], access.key))
            if one["name"] == place.configuration.default_queue_name:
                typer.echo(default_command(own_system(), one["name"]))
    else:
        for one in told:
            console.print(f"{escape(one['name'])}  {one['mode']}  {escape(one['address'])}")


def own_system() -> System:
    """The kind of system that this is."""
    return "windows" if sys.platform == "win32" else "macos" if sys.platform == "darwin" else "linux"


def set_up_command(system: System, name: str, address: str, key: str) -> str:
    """What adds a printer to the system, for the person of this account alone where the system knows people."""
    from pressroom.workstation.loopback.access import KEY_USER

    if system == "windows":
        url = address.replace("ipp://", "http://", 1)
        quoted = name.replace("'", "''")
        return f"Add-Printer -Name '{quoted}' -IppURL '{url}/{key}'"
    plain = _name_in_cups(name)
    keyed = address.replace("ipp://", f"ipp://{KEY_USER}:{key}@", 1)
    words = ["lpadmin", "-p", plain, "-D", name, "-E", "-v", keyed, "-m", "everywhere"]
    return shlex.join([*words, "-u", f"allow:{getpass.getuser()}"])


def default_command(system: System, name: str) -> str:
    """What makes a printer of the system the one that is offered first (PR-281)."""
    if system == "windows":
        quoted = name.replace("'", "''")
        return f"(New-Object -ComObject WScript.Network).SetDefaultPrinter('{quoted}')"
    return shlex.join(["lpoptions", "-d", _name_in_cups(name)])


def _name_in_cups(name: str) -> str:
    return "".join(sign if sign.isalnum() or sign in "-_." else "-" for sign in name)
