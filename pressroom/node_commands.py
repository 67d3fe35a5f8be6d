"""`pressroom node`: a storage node, set up by environment variables (section 37)."""

import os
import signal
import threading
from types import FrameType

import typer
from rich.console import Console
from rich.markup import escape

from connectors.errors import PressroomError

node_app = typer.Typer(no_args_is_help=True, help="A storage node, which holds copies of hybrid jobs.")
console = Console()


@node_app.callback()
def _node() -> None:
    """A storage node, which holds copies of hybrid jobs."""


@node_app.command("run")
def run() -> None:
    """Hold copies and print them when they are released, until Ctrl+C or SIGTERM.

    Set up by DATA_CENTER (the portal's address), CLIENT_ID, CLIENT_SECRET and further variables, as
    docs/hybrid-printing.md tells.
    """
    from connectors.logs import configure_logs
    from connectors.settings import get_settings
    from pressroom.workstation.node.storage_node import run_node, settings_of

    configure_logs(get_settings())
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    try:
        run_node(settings_of(os.environ), stop)
    except PressroomError as error:
        console.print(f"[bold red]{escape(error.message)}[/]\n{escape(error.remedy)}\n[dim]{error.code}[/]")
        raise typer.Exit(1) from error
    console.print("The node has stopped.")
