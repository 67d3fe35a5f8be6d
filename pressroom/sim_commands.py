"""`pressroom sim`: a fleet of simulated printers on this machine, and what goes wrong with them."""

import asyncio
import signal
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from connectors.settings import get_settings
from pressroom.printer_agents import PrinterAgents, serve_with_agents
from printers_sim.device.account import Account, AuthenticationType, new_account
from printers_sim.device.refusal import Refusal
from printers_sim.profile import ProfileError
from printers_sim.simulation import HTTP_PORT, HTTPS_PORT, LPR_PORT, RAW_PORT, SNMP_PORT, Simulation, SimulationPlan
from printers_sim.snapshot import SnapshotError
from printers_sim.snmp.agents import Access
from printers_sim.snmp.recording import RecordingError
from printers_sim.snmp.usm import Authentication, Privacy, User
from printers_sim.store import InUse, reset
from printers_sim.web.requests import Timing
from printers_sim.web.server import CONTROL_ADDRESS

sim_app = typer.Typer(help="Simulated printers: run them, let them fail, make them as new.")
console = Console()
SHOWN = 25
LARGEST_COUNT = 60_000
CONTROL_SECONDS = 10.0
SHORTEST_PASSWORD = 8
"""RFC 3414 §11.2."""
SWITCHED = {"on": True, "true": True, "off": False, "false": False}

UNKNOWN_PROFILE = Fault(
    "sim.profile", 422, N_("{reason}"), N_("Choose another one with --profile, or the path of a file of your own.")
)
IN_USE = Fault(
    "sim.folder_in_use",
    409,
    N_("Another simulation uses the folder {folder}."),
    N_("End it first, or choose another folder with --folder."),
)
PORT_TAKEN = Fault(
    "sim.port",
    409,
    N_("The simulation cannot listen: {reason}."),
    N_("Choose other ports with --http-port, --snmp-port, --raw-port and --lpr-port; ports below 1024 need root."),
)
UNREADABLE = Fault(
    "sim.unreadable", 422, N_("{reason}"), N_("Mend the file, or make the printers as new with “pressroom sim reset”.")
)
NOT_RUNNING = Fault(
    "sim.not_running",
    409,
    N_("No simulation answers on port {port}."),
    N_("Start one with “pressroom sim”, or give its port with --http-port."),
)
BAD_USER = Fault(
    "sim.snmp_user",
    422,
    N_("The SNMP user “{text}” cannot be made."),
    N_("Give a name, one of {hashes} with a password, and one of {ciphers} with a password of 8 characters or more."),
)
REFUSED = Fault("sim.refused", 422, N_("{reason}"), N_("See “pressroom sim ctl --help” for what can be turned."))

Folder = Annotated[
    Path | None, typer.Option(help="Where printers keep their state and pages; else “printers” in the home folder.")
]
HttpPort = Annotated[int, typer.Option(min=0, max=65535, help="Port of web pages, IPP and management.")]


@sim_app.callback(invoke_without_command=True)
def sim(
    context: typer.Context,
    count: Annotated[int, typer.Option(min=0, max=LARGEST_COUNT, help="How many printers.")] = 10,
    profile: Annotated[
        list[str] | None,
        typer.Option(
            help="A model, or a file of your own (….yaml); may be repeated, they are taken in turn. Else all."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Another seed gives other printers.")] = 0,
    http_port: HttpPort = HTTP_PORT,
    https_port: Annotated[int, typer.Option(min=0, max=65535, help="The same by HTTPS.")] = HTTPS_PORT,
    snmp_port: Annotated[int, typer.Option(min=0, max=65535, help="Port of SNMP.")] = SNMP_PORT,
    raw_port: Annotated[int, typer.Option(min=0, max=65535, help="Port of raw printing with PJL.")] = RAW_PORT,
    lpr_port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the line printer daemon.")] = LPR_PORT,
    community: Annotated[str, typer.Option(help="Read community of SNMP v1 and v2c.")] = "public",
    snmp_user: Annotated[
        list[str] | None,
        typer.Option(help="User of SNMP v3: NAME, or NAME,sha256,PASSWORD, or NAME,sha256,PASSWORD,aes128,PASSWORD."),
    ] = None,
    authentication: Annotated[
        AuthenticationType, typer.Option(help="What the administrator account asks for.")
    ] = AuthenticationType.NONE,
    user: Annotated[str, typer.Option(help="User name of the administrator account.")] = "",
    password: Annotated[str, typer.Option(help="Password or PIN of the administrator account.")] = "",
    pages_per_hour: Annotated[
        int, typer.Option(min=0, max=100_000, help="What each printer prints by itself, on average.")
    ] = 0,
    quiet: Annotated[bool, typer.Option("--quiet", help="Do not list the printers.")] = False,
    restart_seconds: Annotated[float, typer.Option(min=0, help="How long a restart takes.")] = 20.0,
    recording: Annotated[
        list[Path] | None, typer.Option(exists=True, dir_okay=False, help="A recorded walk (snmprec) to replay.")
    ] = None,
    announce: Annotated[bool, typer.Option(help="Announce the printers by mDNS on the loopback interface.")] = True,
    page_seconds: Annotated[
        float | None, typer.Option(min=0, help="How long a side takes; else as fast as the model is.")
    ] = None,
    server: Annotated[str, typer.Option(help="Cloud that printers call when their form names none.")] = "",
    folder: Folder = None,
) -> None:
    """Run simulated printers until Ctrl+C or SIGTERM."""
    if context.invoked_subcommand is not None:
        return
    try:
        plan = SimulationPlan(
            count=count,
            profiles=profile or (),
            seed=seed,
            http_port=http_port,
            https_port=https_port,
            snmp_port=snmp_port,
            raw_port=raw_port,
            lpr_port=lpr_port,
            access=Access(community, users=tuple(_snmp_user(text) for text in snmp_user or ())),
            account=_account(authentication, user, password),
            timing=Timing(restart=restart_seconds, page=page_seconds),
            recordings=recording or (),
            folder=folder or _default_folder(),
            pages_per_hour=pages_per_hour,
            announce=announce,
        )
        simulation = _prepared(plan)
    except PressroomError as error:
        raise _told(error) from error
    agents = PrinterAgents(simulation, (folder or _default_folder()) / "agents", server or get_settings().public_url)
    _run(simulation, agents, quiet=quiet)


@sim_app.command("reset")
def reset_all(folder: Folder = None) -> None:
    """Make all printers as new; the simulation must not be running."""
    chosen = folder or _default_folder()
    try:
        reset(chosen)
    except InUse as error:
        raise _told(IN_USE(folder=chosen)) from error
    console.print("The printers are as new.")


@sim_app.command("ctl")
def control(
    address: Annotated[str, typer.Argument(help="Address of the printer, as 127.20.0.1.")],
    turn: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="NAME=VALUE: behaviour (silent, slow, “wrong community” or nothing), offline, busy, "
            "wrong_credentials, unresolved_error, fail_at (steps separated by commas), firmware, printer_agent.",
        ),
    ] = None,
    fault: Annotated[
        list[str] | None, typer.Option("--raise", help="jam, “cover open”, “tray empty:1”, “supply low:2” …")
    ] = None,
    mended: Annotated[list[str] | None, typer.Option("--clear", help="The same, put right.")] = None,
    as_new: Annotated[bool, typer.Option("--reset", help="Make this printer as new.")] = False,
    http_port: HttpPort = HTTP_PORT,
) -> None:
    """Turn something at a printer of a running simulation, and show how it is."""
    base = f"http://{CONTROL_ADDRESS}:{http_port}/sim/v1/printers/{address}"
    with httpx.Client(timeout=CONTROL_SECONDS) as client:
        try:
            if as_new:
                _asked(client.post(f"{base}/reset"))
            if turn:
                _asked(client.patch(base, json=dict(_parsed(one) for one in turn)))
            for one in fault or ():
                condition, place = _place(one)
                _asked(client.post(f"{base}/conditions", json={"condition": condition, "place": place}))
            for one in mended or ():
                condition, place = _place(one)
                _asked(client.delete(f"{base}/conditions/{condition}", params={"place": place}))
            console.print_json(data=_asked(client.get(base)).json())
        except httpx.TransportError as error:
            raise _told(NOT_RUNNING(port=http_port)) from error
        except PressroomError as error:
            raise _told(error) from error


def _account(kind: AuthenticationType, user: str, password: str) -> Account:
    try:
        return new_account(kind, user, password)
    except Refusal as refusal:
        raise REFUSED(reason=refusal.reason) from refusal


def _snmp_user(text: str) -> User:
    name, *rest = text.split(",")
    authentication, password, privacy, private_password = (*rest, "", "", "", "")[:4]
    try:
        user = User(
            name,
            Authentication(authentication) if authentication else None,
            password,
            Privacy(privacy) if privacy else None,
            private_password,
        )
    except ValueError as error:
        raise BAD_USER(text=name, hashes=", ".join(Authentication), ciphers=", ".join(Privacy)) from error
    given = [word for kind, word in ((authentication, password), (privacy, private_password)) if kind]
    is_complete = len(rest) in (0, 2, 4) and len(given) == len(rest) // 2
    if not name or not is_complete or any(len(word) < SHORTEST_PASSWORD for word in given):
        raise BAD_USER(text=name, hashes=", ".join(Authentication), ciphers=", ".join(Privacy))
    return user


def _prepared(plan: SimulationPlan) -> Simulation:
    try:
        return Simulation(plan)
    except ProfileError as error:
        raise UNKNOWN_PROFILE(reason=str(error)) from error
    except InUse as error:
        raise IN_USE(folder=plan.folder) from error
    except (RecordingError, SnapshotError) as error:
        raise UNREADABLE(reason=str(error)) from error
    except OSError as error:
        raise PORT_TAKEN(reason=error.strerror or str(error)) from error


def _run(simulation: Simulation, agents: PrinterAgents, *, quiet: bool) -> None:
    def end(_number: int, _frame: FrameType | None) -> None:
        simulation.stop()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    asyncio.run(serve_with_agents(simulation, agents, lambda: None if quiet else _show(simulation)))
    console.print("The printers are switched off.")


def _show(simulation: Simulation) -> None:
    table = Table("Address", "Model", "Serial number", "Firmware", "Framework", "State")
    for printer in simulation.printers[:SHOWN]:
        state = ", ".join(alert.text for alert in printer.alerts) or "Ready"
        table.add_row(
            printer.address, printer.model, printer.serial, printer.firmware, printer.profile.framework or "–", state
        )
    for address, recording in zip(simulation.recorded, simulation.plan.recordings, strict=True):
        table.add_row(address, escape(recording.name), "–", "–", "–", "recorded walk, SNMP only")
    console.print(table)
    if (more := len(simulation.printers) - SHOWN) > 0:
        console.print(f"… and {more} more, up to {simulation.printers[-1].address}")
    web, snmp = simulation.http_port, simulation.snmp_port
    console.print(f"Web pages   http://ADDRESS:{web}/", highlight=False)
    console.print(f"            https://ADDRESS:{simulation.https_port}/", highlight=False)
    console.print(f"IPP         ipp://ADDRESS:{web}/ipp/print", highlight=False)
    console.print(f"Management  http://ADDRESS:{web}/device/v1/", highlight=False)
    console.print(f"SNMP        ADDRESS, port {snmp}", highlight=False)
    console.print(f"Control     http://{CONTROL_ADDRESS}:{web}/sim/v1/printers", highlight=False)
    console.print("\nCtrl+C ends the simulation.\n")


def _default_folder() -> Path:
    return get_settings().home.resolve() / "printers"


def _parsed(pair: str) -> tuple[str, Any]:
    name, _, text = pair.partition("=")
    if name == "fail_at":
        return name, [step for step in text.split(",") if step]
    if name == "printer_agent" and not text:
        return name, None
    return name, SWITCHED.get(text, text) if name in ("offline", "busy", "wrong_credentials") else text


def _place(text: str) -> tuple[str, int]:
    condition, _, place = text.partition(":")
    return condition, int(place) if place.isdecimal() else 0


def _asked(answer: httpx.Response) -> httpx.Response:
    if answer.is_error:
        raise REFUSED(reason=answer.json()["reason"])
    return answer


def _told(error: PressroomError) -> typer.Exit:
    console.print(f"[bold red]{escape(error.message)}[/]\n{escape(error.remedy)}\n[dim]{error.code}[/]")
    return typer.Exit(1)
