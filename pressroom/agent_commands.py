"""`pressroom agent`: the agent for any host in the network of the printers (FL-123…FL-127, FL-156…FL-160)."""

import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from connectors.errors import PressroomError
from connectors.logs import configure_logs
from connectors.settings import get_settings

if TYPE_CHECKING:
    from pressroom.agent.program import Surroundings

agent_app = typer.Typer(no_args_is_help=True, help="The agent that manages printers in the network of this host.")
console = Console()
Folder = Annotated[Path, typer.Option(help="Where the agent keeps who it is and what waits.")]
Proxy = Annotated[str, typer.Option(help="Proxy for calls to the cloud, as http://proxy:3128.")]
Authority = Annotated[Path | None, typer.Option(help="Authority of a server's certificate in the house.")]
Page = Annotated[bool, typer.Option(help="Whether the agent has a page of its own, for a browser on this host.")]
PagePort = Annotated[int | None, typer.Option(help="Port of that page; else the first free one of 80, 8080 and 8088.")]
FOLDER = Path("pressroom-agent")
PAGE_PORTS = (80, 8080, 8088)
"""FL-126, FL-594."""


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except PressroomError as error:
        console.print(f"[bold red]{escape(error.message)}[/]\n{escape(error.remedy)}\n[dim]{error.code}[/]")
        raise typer.Exit(1) from error


@agent_app.command()
def activate(
    code: Annotated[str, typer.Option(prompt=True, help="The activation code of the portal.")],
    server: Annotated[
        str, typer.Argument(help="Address of the portal, as https://portal.example.com; a package knows its own.")
    ] = "",
    name: Annotated[str, typer.Option(help="Name of a local agent; fleet agents have theirs.")] = "",
    folder: Folder = FOLDER,
    proxy: Proxy = "",
    ca_file: Authority = None,
) -> None:
    """Exchange the activation code for a lasting identity (F-7)."""
    from pressroom.agent.cloud import activate as ask
    from pressroom.agent.cloud import known_portal
    from pressroom.agent.state import AgentFolder
    from pressroom.agent.work import host_facts
    from steps.printers.agent_itself import VERSION

    with _explained():
        identity = ask(
            server or known_portal(),
            code,
            name or socket.gethostname(),
            VERSION,
            host_facts(),
            proxy=proxy,
            ca_file=ca_file,
        )
        AgentFolder(folder).keep_identity(identity)
    console.print(f"The {identity.kind} agent is activated. Run it with “pressroom agent run”.")


@agent_app.command()
def run(
    folder: Folder = FOLDER,
    usb: Annotated[Path | None, typer.Option(help="List of printers at USB ports (JSON), for a local agent.")] = None,
    host: Annotated[str, typer.Option(help="Address of this host, shown for USB printers.")] = "127.0.0.1",
    proxy: Proxy = "",
    ca_file: Authority = None,
    page: Page = True,
    page_port: PagePort = None,
    trial_seconds: Annotated[
        float, typer.Option(help="How long a new version may take until it has reached the cloud.")
    ] = 300.0,
) -> None:
    """Work until Ctrl+C or SIGTERM, in the newest version that was installed in the folder."""
    from pressroom.agent import launcher
    from steps.printers.agent_itself import VERSION

    root = Path(__file__).parents[1]
    roots = os.pathsep.join(str(path) for path in (root, root.parent / "lib") if path.is_dir())
    given = {"--usb": usb, "--host": host, "--proxy": proxy, "--ca-file": ca_file, "--page-port": page_port}
    ours = ["--folder", str(folder), "--base", VERSION, "--roots", roots, "--trial-seconds", str(trial_seconds)]
    for_work = [text for name, value in given.items() if value not in (None, "") for text in (name, str(value))]
    for_work += [] if page else ["--no-page"]
    command = [sys.executable, launcher.__file__, *ours, *for_work]
    os.execv(sys.executable, command)  # noqa: S606 — the launcher, which is to have this process's id


@agent_app.command(hidden=True)
def work(
    folder: Folder = FOLDER,
    usb: Annotated[Path | None, typer.Option()] = None,
    host: Annotated[str, typer.Option()] = "127.0.0.1",
    proxy: Proxy = "",
    ca_file: Authority = None,
    page: Page = True,
    page_port: PagePort = None,
) -> None:
    """What the launcher starts: the agent in this version."""
    from pressroom.agent.launcher import START_AGAIN
    from pressroom.agent.program import Surroundings
    from pressroom.agent.updates import StartAgain

    configure_logs(get_settings())
    threading.Thread(target=_end_with_launcher, daemon=True).start()
    with _explained():
        try:
            ports = ([page_port] if page_port is not None else PAGE_PORTS) if page else []
            asyncio.run(_run(folder, Surroundings(usb, host, proxy, ca_file, ports)))
        except StartAgain as asked:
            raise typer.Exit(START_AGAIN) from asked


@agent_app.command(hidden=True)
def version() -> None:
    """The version of this program, to see that it starts."""
    import pressroom.agent.program  # noqa: F401 — the whole program, as far as it can be loaded
    from steps.printer_registry import printer_steps
    from steps.printers.agent_itself import VERSION

    printer_steps()
    sys.stdout.write(f"{VERSION}\n")


@agent_app.command()
def status(folder: Folder = FOLDER) -> None:
    """Who the agent is, and what waits for the cloud."""
    from pressroom.agent.launcher import CHOSEN, VERSIONS, read
    from pressroom.agent.state import AgentFolder
    from pressroom.agent.versions import Versions
    from steps.printers.agent_itself import VERSION

    with _explained():
        kept = AgentFolder(folder)
        identity = kept.identity()
    chosen = read(kept.path / VERSIONS / CHOSEN).get("version") or VERSION
    library = Versions(kept.path).library_version()
    console.print(f"Agent     {identity.kind}, {identity.agent_id}", highlight=False)
    console.print(f"Cloud     {identity.server}", highlight=False)
    console.print(f"Version   {chosen}, printer support library {library}", highlight=False)
    console.print(f"Reports   {len(kept.reported())} wait for the cloud", highlight=False)


async def _run(folder: Path, around: "Surroundings") -> None:
    from pressroom.agent.program import AgentProgram
    from pressroom.agent.state import AgentFolder
    from pressroom.agent.versions import Versions

    kept = AgentFolder(folder)
    with kept.held():
        kept.keep_log()
        Versions(kept.path).use_library()
        work = asyncio.ensure_future(AgentProgram(kept, around).run())
        for number in (signal.SIGINT, signal.SIGTERM):
            if sys.platform == "win32":
                signal.signal(number, lambda *_: asyncio.get_running_loop().call_soon_threadsafe(work.cancel))
            else:
                asyncio.get_running_loop().add_signal_handler(number, work.cancel)
        try:
            await work
        except asyncio.CancelledError:
            console.print("The agent has stopped.")


def _end_with_launcher() -> None:
    """Standard input is a pipe from the launcher: when it is gone, so is this version of the agent."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os._exit(1)
