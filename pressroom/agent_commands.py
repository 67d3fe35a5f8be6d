"""`pressroom agent`: the agent for any host in the network of the printers (FL-123…FL-127, FL-156…FL-160)."""

import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from connectors.errors import PressroomError
from connectors.logs import configure_logs
from connectors.settings import get_settings

agent_app = typer.Typer(no_args_is_help=True, help="The agent that manages printers in the network of this host.")
console = Console()
Folder = Annotated[Path, typer.Option(help="Where the agent keeps who it is and what waits.")]
Proxy = Annotated[str, typer.Option(help="Proxy for calls to the cloud, as http://proxy:3128.")]
Authority = Annotated[Path | None, typer.Option(help="Authority of a server's certificate in the house.")]
FOLDER = Path("pressroom-agent")


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except PressroomError as error:
        console.print(f"[bold red]{escape(error.message)}[/]\n{escape(error.remedy)}\n[dim]{error.code}[/]")
        raise typer.Exit(1) from error


@agent_app.command()
def activate(
    server: Annotated[str, typer.Argument(help="Address of the portal, as https://portal.example.com.")],
    code: Annotated[str, typer.Option(prompt=True, help="The activation code of the portal.")],
    name: Annotated[str, typer.Option(help="Name of a local agent; fleet agents have theirs.")] = "",
    folder: Folder = FOLDER,
    proxy: Proxy = "",
    ca_file: Authority = None,
) -> None:
    """Exchange the activation code for a lasting identity (F-7)."""
    from pressroom.agent.cloud import activate as ask
    from pressroom.agent.state import AgentFolder
    from pressroom.agent.work import host_facts
    from steps.printers.agent_itself import VERSION

    with _explained():
        identity = ask(server, code, name or socket.gethostname(), VERSION, host_facts(), proxy=proxy, ca_file=ca_file)
        AgentFolder(folder).keep_identity(identity)
    console.print(f"The {identity.kind} agent is activated. Run it with “pressroom agent run”.")


@agent_app.command()
def run(
    folder: Folder = FOLDER,
    usb: Annotated[Path | None, typer.Option(help="List of printers at USB ports (JSON), for a local agent.")] = None,
    host: Annotated[str, typer.Option(help="Address of this host, shown for USB printers.")] = "127.0.0.1",
    proxy: Proxy = "",
    ca_file: Authority = None,
) -> None:
    """Work until Ctrl+C or SIGTERM."""
    configure_logs(get_settings())
    with _explained():
        asyncio.run(_run(folder, usb, host, proxy, ca_file))


@agent_app.command()
def status(folder: Folder = FOLDER) -> None:
    """Who the agent is, and what waits for the cloud."""
    from pressroom.agent.state import AgentFolder
    from steps.printers.agent_itself import LIBRARY_VERSION, VERSION

    with _explained():
        kept = AgentFolder(folder)
        identity = kept.identity()
    console.print(f"Agent     {identity.kind}, {identity.agent_id}", highlight=False)
    console.print(f"Cloud     {identity.server}", highlight=False)
    console.print(f"Version   {VERSION}, printer support library {LIBRARY_VERSION}", highlight=False)
    console.print(f"Reports   {len(kept.reported())} wait for the cloud", highlight=False)


async def _run(folder: Path, usb: Path | None, host: str, proxy: str, ca_file: Path | None) -> None:
    from pressroom.agent.cloud import Cloud
    from pressroom.agent.intervals import Intervals
    from pressroom.agent.state import AgentFolder
    from pressroom.agent.work import AgentWork

    kept = AgentFolder(folder)
    with kept.held():
        kept.keep_log()
        identity = kept.identity()
        async with Cloud(kept, identity, proxy, ca_file) as cloud:
            work = asyncio.ensure_future(AgentWork(kept, cloud, Intervals(identity.kind, usb, host)).run())
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, work.cancel)
            try:
                await work
            except asyncio.CancelledError:
                console.print("The agent has stopped.")
            except BaseExceptionGroup as group:
                known = group.subgroup(PressroomError)
                raise known.exceptions[0] if known else group from None
