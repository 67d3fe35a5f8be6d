"""`pressroom enrol`: the enrolment tool, as a page in this computer's browser or as commands (F-1, F-2)."""

import asyncio
import json
import os
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from pydantic import SecretStr
from rich.console import Console
from rich.markup import escape

from connectors.errors import PressroomError

if TYPE_CHECKING:
    from pressroom.enrolment_tool.portal import Portal
    from pressroom.enrolment_tool.work import ToolWork
    from steps.printer_work import Access, SnmpAccess

enrol_app = typer.Typer(invoke_without_command=True, help="Find printers in this network and enrol them.")
problems = Console(stderr=True)
TOKEN = "ENROLMENT_TOKEN"  # noqa: S105 — the name of a variable
Folder = Annotated[Path, typer.Option(help="Where settings and log of the tool are kept.")]
Server = Annotated[str, typer.Option(help="Address of the portal, as https://portal.example.com.")]
Authority = Annotated[Path | None, typer.Option(help="Authority of a server's certificate in the house.")]
Include = Annotated[list[str] | None, typer.Option(help="Address, subnet, range or host name; none: local network.")]
Entries = Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="CSV file of such entries.")]
Organization = Annotated[str, typer.Option(help="Id or name of the organization; empty: the person's own.")]
Done = TypeVar("Done")
Serial = Annotated[list[str] | None, typer.Option(help="Serial numbers; none: every new one that was found.")]
FOLDER = Path.home() / ".pressroom-enrol"


@enrol_app.callback()
def page(
    context: typer.Context,
    folder: Folder = FOLDER,
    ca_file: Authority = None,
    port: Annotated[int, typer.Option(help="Port of the page on this computer; 0: any.")] = 0,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
) -> None:
    """Without a command: the tool's page in the browser."""
    if context.invoked_subcommand is None:
        with_told(lambda: asyncio.run(_page(folder, ca_file, port, browser=browser)))


@enrol_app.command()
def discover(
    server: Server,
    include: Include = None,
    entries: Entries = None,
    organization: Organization = "",
    folder: Folder = FOLDER,
    ca_file: Authority = None,
) -> None:
    """Search, and print what was found as JSON. The token of the person is read from ENROLMENT_TOKEN."""

    async def work() -> None:
        tool = await _tool(server, organization, folder, ca_file)
        await _search(tool, include, entries)
        rows = [
            {
                "address": row.found.address,
                "serial_number": row.found.serial_number,
                "model": row.found.model,
                "firmware": row.found.firmware_level,
                "agent": row.enrolled or row.agent,
                "enrolled": bool(row.enrolled),
                "may_be_chosen": row.may_be_chosen,
                "reason": str(row.reason) if row.reason else "",
            }
            for row in tool.rows
        ]
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))

    with_told(lambda: asyncio.run(work()))


@enrol_app.command()
def printers(
    server: Server,
    serial: Serial = None,
    include: Include = None,
    entries: Entries = None,
    organization: Organization = "",
    authentication: Annotated[str, typer.Option(help="none, user_password, user_name, password or pin.")] = "",
    user: Annotated[str, typer.Option(help="User name at the printers; the secret is asked for.")] = "",
    folder: Folder = FOLDER,
    ca_file: Authority = None,
) -> None:
    """Search and enrol; prints the outcome of each printer as JSON and ends with 1 where one was not enrolled."""
    access = _access(authentication, user)

    async def work() -> bool:
        tool = await _tool(server, organization, folder, ca_file)
        await _search(tool, include, entries)
        wanted = serial or [row.found.serial_number for row in tool.rows if not row.enrolled]
        tool.enrol(wanted, access)
        await tool.done()
        rows = [
            {
                "address": one.address,
                "serial_number": one.serial_number,
                "result": one.result.value,
                "reason": str(one.reason) if one.reason else "",
                "remedy": str(one.remedy) if one.remedy else "",
            }
            for one in tool.outcomes
        ]
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return all("enrolled" in row["result"] for row in rows) and len(rows) == len(set(wanted))

    if not with_told(lambda: asyncio.run(work())):
        raise typer.Exit(1)


def with_told(work: Callable[[], Done]) -> Done:
    """Do `work`; a fault is told and ends the program."""
    try:
        return work()
    except PressroomError as error:
        problems.print(f"[bold red]{escape(error.message)}[/]\n{escape(error.remedy)}\n[dim]{error.code}[/]")
        raise typer.Exit(2) from error


async def _page(folder: Path, ca_file: Path | None, port: int, *, browser: bool) -> None:
    from pressroom.enrolment_tool.page import ToolPage
    from pressroom.enrolment_tool.settings import read_settings
    from pressroom.enrolment_tool.work import ToolWork, keep_log
    from pressroom.local_page.server import PageServer, page_socket

    settings = read_settings(folder)
    keep_log(folder, detailed=settings.detailed_log)
    with page_socket([port], local_only=True) as one:
        tool = ToolPage(ToolWork(settings), folder, one.getsockname()[1], ca_file)
        address = f"http://127.0.0.1:{one.getsockname()[1]}/?key={tool.key}"
        typer.echo(f"The tool is open at {address}")
        if browser:
            webbrowser.open(address)
        await PageServer(tool.app(), with_signals=True).serve(sockets=[one])


async def _tool(server: str, organization: str, folder: Path, ca_file: Path | None) -> "ToolWork":
    """The tool, signed in by the token of the environment."""
    from pressroom.enrolment_tool.portal import SIGNED_OUT, Portal
    from pressroom.enrolment_tool.settings import read_settings
    from pressroom.enrolment_tool.work import ToolWork, keep_log
    from steps.printers.agent_itself import VERSION

    settings = read_settings(folder)
    keep_log(folder, detailed=settings.detailed_log)
    token = os.environ.get(TOKEN, "")
    if not token:
        raise SIGNED_OUT()
    portal = Portal(server, token, ca_file=ca_file)
    if organization:
        portal.organization_id = await _organization(portal, organization)
    await portal.check_version(VERSION)
    return ToolWork(settings, portal)


async def _organization(portal: "Portal", wanted: str) -> str:
    from pressroom.enrolment_tool.portal import NO_ORGANIZATION

    for one in await portal.organizations():
        if wanted in (one.id, one.name):
            return one.id
    raise NO_ORGANIZATION(name=wanted)


async def _search(tool: "ToolWork", include: list[str] | None, entries: Path | None) -> None:
    from pressroom.enrolment_tool.work import Search

    lines = [*(include or ()), *(entries.read_text(encoding="utf-8").splitlines() if entries else ())]
    tool.add_entries((line.split(",")[0] for line in lines), overwrite=True)
    tool.search(Search(not tool.entries, tool.entries), _snmp(tool))
    await tool.done()
    if tool.problem is not None:
        problems.print(escape(" ".join(str(one) for one in (tool.problem, tool.remedy) if one is not None)))
        raise typer.Exit(2)


def _snmp(tool: "ToolWork") -> "SnmpAccess":
    """FL-89: what is never kept is asked for."""
    if not tool.settings.asks_for_snmp:
        return tool.settings.snmp()
    user = typer.prompt("SNMP user", err=True)
    auth = privacy = ""
    if tool.settings.auth_protocol:
        auth = typer.prompt("SNMP authentication password", hide_input=True, err=True)
    if tool.settings.privacy_protocol:
        privacy = typer.prompt("SNMP privacy password", hide_input=True, err=True)
    return tool.settings.snmp(user, auth, privacy)


def _access(authentication: str, user: str) -> "Access | None":
    from steps.printer_work import Access, AuthenticationType

    if not authentication:
        return None
    kind = AuthenticationType(authentication)
    asks = kind not in (AuthenticationType.NONE, AuthenticationType.USER_NAME)
    secret = typer.prompt("Password or PIN of the printers", hide_input=True, err=True) if asks else ""
    return Access(type=kind, user=user, secret=SecretStr(secret))
