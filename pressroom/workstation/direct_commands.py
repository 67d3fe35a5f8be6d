"""`printctl direct` and `printctl offline`: printing at a printer itself (sections 25 and 28)."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from connectors.ipp.ticket import JobTicket
from pressroom.workstation.cloud import Cloud
from pressroom.workstation.command_line import NOT_DONE, AsJson, Folder, Place, console, explained, place_of, problems
from pressroom.workstation.node.usage import Print
from pressroom.workstation.submitting import ticket_of
from steps.print_release import End, Outcome

direct_app = typer.Typer(no_args_is_help=True, help="Print at a printer that is assigned to you; nothing is held.")
offline_app = typer.Typer(no_args_is_help=True, help="Print while the portal cannot be reached.")
Files = Annotated[list[Path], typer.Argument(help="Documents.", exists=True, dir_okay=False, readable=True)]
Options = Annotated[list[str] | None, typer.Option("-o", help="Settings, as -o sides=two-sided-long-edge.")]
Document = tuple[Path, str, JobTicket]
"""A file, the name that its print gets, and how it is printed."""
NOT_SURE = "It is not known whether it was printed: look at the printer before you print it again."


@direct_app.command("submit")
def submit_directly(
    files: Files,
    printer: Annotated[str, typer.Option("-p", help="An assigned printer, by its queue, name or address.")],
    option: Options = None,
    folder: Folder = None,
) -> None:
    """Send documents to an assigned printer at once; the portal hears what was printed."""
    print_at(printer, "direct", _documents(files, option), folder)


@direct_app.command("printers")
def printers(as_json: AsJson = False, folder: Folder = None) -> None:
    """The printers that are assigned to you, as they were fetched last."""
    from pressroom.workstation.node.hybrid import TOLD

    with explained():
        place = place_of(folder)
        place.folder.identity()
        known = (place.folder.unsealed(TOLD) or {}).get("printers", [])
    if as_json:
        typer.echo(json.dumps(known, indent=2, ensure_ascii=False))
        return
    for one in known:
        console.print(f"{escape(one['queue'])}  {escape(one['name'])}  {escape(one['address'])}")


@direct_app.command("trust")
def trust(
    printer: Annotated[str, typer.Argument(help="Its address, as the refusal names it: 10.1.2.3, or 10.1.2.3:631.")],
    folder: Folder = None,
) -> None:
    """Take another certificate from a printer that was exchanged or reset; the next one it shows is kept."""
    from pressroom.workstation.node.printer_trust import PrinterTrust

    with explained():
        gone = PrinterTrust.of(place_of(folder).folder).forget(printer)
    if not gone:
        problems.print(f"No certificate of {escape(printer)} is known.")
        raise typer.Exit(NOT_DONE)
    console.print(f"Forgotten: {escape(', '.join(gone))}.")


@offline_app.command("submit")
def submit_offline(
    files: Files,
    printer: Annotated[str, typer.Option("-p", help="An assigned printer, or an IP address or host name.")],
    option: Options = None,
    folder: Folder = None,
) -> None:
    """Print although the portal cannot be reached; it hears of it when it is back."""
    print_at(printer, "offline", _documents(files, option), folder)


@offline_app.command("flush")
def flush(folder: Folder = None) -> None:
    """Tell the portal now of what was printed; a running agent does that by itself."""
    from pressroom.workstation.node.direct import journal_of, tell
    from pressroom.workstation.node.hybrid import kept_portal

    with explained():
        place = place_of(folder)
        with kept_portal(place.folder, place.configuration) as (portal, user_id):
            count = tell(place.folder, journal_of(place.folder), portal, user_id) if portal is not None else 0
    console.print(f"{count} told.")


def print_at(printer: str, mode: str, documents: Sequence[Document], folder: Path | None) -> None:
    """Print documents at a printer, directly or offline, and tell how that went; ends the program if not well."""
    import asyncio

    from pressroom.workstation.node.direct import DirectPrinting, Wanted
    from pressroom.workstation.node.hybrid import ensure_node, kept_portal

    with explained():
        place = place_of(folder)

        async def registered(kept: Place) -> None:
            async with Cloud(kept.folder.identity(), kept.configuration) as cloud:
                await ensure_node(kept.folder, kept.configuration, cloud)

        asyncio.run(registered(place))
        with kept_portal(place.folder, place.configuration) as (portal, _user_id):
            printing = DirectPrinting(place.folder, portal)
            results = [printing.print(Wanted(path, name, printer, ticket, mode)) for path, name, ticket in documents]
    for (_path, name, _ticket), result in zip(documents, results, strict=True):
        _tell(name, *result)
    if any(outcome.end is not End.PRINTED for outcome, _ in results):
        raise typer.Exit(NOT_DONE)


def _documents(files: Sequence[Path], option: list[str] | None) -> list[Document]:
    with explained():
        given = (one.partition("=") for one in option or [])
        ticket = ticket_of({name: value for name, _, value in given})
    return [(path, path.name, ticket) for path in files]


def _tell(name: str, outcome: Outcome, entry: Print | None) -> None:
    if outcome.end is End.PRINTED:
        sides = entry.impressions if entry is not None and entry.impressions else None
        counted = f", {sides} sides" if sides else ""
        console.print(f"{escape(name)}: printed{counted}.")
    elif outcome.end is End.UNKNOWN:
        problems.print(f"[bold red]{escape(name)}: {NOT_SURE}[/]")
    else:
        why = outcome.error.message if outcome.error is not None else outcome.end.value
        problems.print(f"[bold red]{escape(name)}: {escape(why)}[/]")
