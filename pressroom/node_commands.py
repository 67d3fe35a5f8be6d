"""`pressroom node`: a storage node, set up by environment variables (section 37)."""

import os
import signal
import threading
from types import FrameType
from typing import Annotated

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
    from pressroom.workstation.log import keep_log
    from pressroom.workstation.node.storage_node import log_of, run_node, settings_of

    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    try:
        keep_log(log_of(os.environ))
        run_node(settings_of(os.environ), stop)
    except PressroomError as error:
        console.print(f"[bold red]{escape(error.message)}[/]\n{escape(error.remedy)}\n[dim]{error.code}[/]")
        raise typer.Exit(1) from error
    console.print("The node has stopped.")


@node_app.command("trust")
def trust(
    printer: Annotated[str, typer.Argument(help="Its address, as the refusal names it: 10.1.2.3, or 10.1.2.3:631.")],
) -> None:
    """Take another certificate from a printer that was exchanged or reset; the next one it shows is kept."""
    from pressroom.workstation.node.printer_trust import NodeFolder, PrinterTrust
    from pressroom.workstation.node.storage_node import folder_of

    gone = PrinterTrust(NodeFolder(folder_of(os.environ))).forget(printer)
    if not gone:
        console.print(f"[bold red]No certificate of {escape(printer)} is known.[/]")
        raise typer.Exit(1)
    console.print(f"Forgotten: {escape(', '.join(gone))}.")
