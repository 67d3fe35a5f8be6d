"""A storage node as a program: set up by its environment, registered with the organization's client id and secret.

The variables are those of section 37; intervals are cron expressions. Client id and secret are needed to register, and
not when the node starts again; they and the proxy's password are kept nowhere.
"""

import os
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

import httpx
import structlog
from cronsim import CronSim, CronSimError

from connectors.errors import Fault
from connectors.messages import N_
from pressroom.workstation import VERSION
from pressroom.workstation.cloud import NO_ROUTE
from pressroom.workstation.configuration import LoggerSettings, NetworkInterfaceSelectorSettings
from pressroom.workstation.host import host_facts, system_name
from pressroom.workstation.node.identity import NodeIdentity, kept_identity
from pressroom.workstation.node.keys import NodeKeys, certificate_request, new_key
from pressroom.workstation.node.portal import NodePortal, Way, register
from pressroom.workstation.node.printer_trust import NodeFolder, PrinterTrust
from pressroom.workstation.node.work import NodeWork, Place
from steps.node_work import NodeKind

log = structlog.get_logger(__name__)

BAD_VALUE = Fault(
    "print_node.bad_variable",
    422,
    N_("The variable {name} has a value that cannot be used: {value}."),
    N_("Correct it and start the node again; the page “Hybrid printing” of the documentation lists the variables."),
    spec="PR-318",
)
NOT_LET_IN = Fault(
    "print_node.not_let_in",
    401,
    N_("The portal does not accept CLIENT_ID and CLIENT_SECRET."),
    N_("Take both from the application “Advanced hybrid storage” on the page “Applications”."),
    spec="PR-292",
)
EVERY_MINUTE, EVERY_HALF_HOUR = "* * * * *", "*/30 * * * *"
USUAL_FOLDER = "/var/lib/pressroom/hybrid"
LEVELS = {"DEBUG": "debug", "INFO": "info", "WARN": "warning", "WARNING": "warning", "ERROR": "error"}


@dataclass(frozen=True, slots=True)
class NodeSettings:
    """What the environment says; `reserve` in bytes, None for the usual one.

    Without `host` the node listens at all addresses, and tells those that it has at that time, or its name with
    `by_name`.
    """

    way: Way
    client_id: str
    client_secret: str
    device_id: str
    kind: NodeKind
    folder: Path
    host: str
    port: int
    by_name: bool = False
    printer_authority: str = ""
    status: str = EVERY_MINUTE
    clean_up: str = EVERY_HALF_HOUR
    reserve: int | None = None

    def place(self) -> Place:
        """Where the node works."""
        return Place(
            self.folder,
            self.trust(),
            self.addresses,
            (self.host, self.port),
            self.reserve,
            lambda: seconds_to_next(self.status),
            lambda: seconds_to_next(self.clean_up),
        )

    def trust(self) -> PrinterTrust:
        """By what the node knows printers."""
        return PrinterTrust(NodeFolder(self.folder), self.printer_authority)

    def addresses(self) -> tuple[str, ...]:
        """Where other nodes reach this one now."""
        if self.by_name:
            return (socket.gethostname(),)
        return (self.host,) if self.host else host_facts(NetworkInterfaceSelectorSettings()).addresses


def settings_of(environment: Mapping[str, str]) -> NodeSettings:
    """The settings in these variables; raises `BAD_VALUE`."""
    name = environment.get("DEVICE_ID") or environment.get("DEVICE_NAME") or socket.gethostname()
    portal = _needed(environment, "DATA_CENTER")
    way = Way(portal, _proxy(environment, portal), environment.get("AUTHORITY_FILE", ""))
    for variable, usual in (("STATUS_SCHEDULE", EVERY_MINUTE), ("CLEAN_UP_SCHEDULE", EVERY_HALF_HOUR)):
        try:
            CronSim(environment.get(variable, usual), datetime.now(UTC))
        except CronSimError as error:
            raise BAD_VALUE(name=variable, value=environment[variable]) from error
    kind = environment.get("NODE_TYPE", NodeKind.WINDOWS if os.name == "nt" else NodeKind.LINUX)
    if kind not in (NodeKind.WINDOWS, NodeKind.LINUX, NodeKind.EDGE):
        raise BAD_VALUE(name="NODE_TYPE", value=kind)
    return NodeSettings(
        way=way,
        client_id=environment.get("CLIENT_ID", ""),
        client_secret=environment.get("CLIENT_SECRET", ""),
        device_id=name,
        kind=NodeKind(kind),
        folder=folder_of(environment),
        host=environment.get("LISTEN_ADDRESS", ""),
        port=_number(environment, "SERVER_PORT", 9443),
        by_name=_is_on(environment, "ENABLE_HOSTNAME", usual=False),
        printer_authority=environment.get("PRINTER_AUTHORITY_FILE", ""),
        status=environment.get("STATUS_SCHEDULE", EVERY_MINUTE),
        clean_up=environment.get("CLEAN_UP_SCHEDULE", EVERY_HALF_HOUR),
        reserve=_number(environment, "RESERVE_MB", -1) * 1_000_000 if "RESERVE_MB" in environment else None,
    )


def folder_of(environment: Mapping[str, str]) -> Path:
    """Where the node keeps everything."""
    return Path(environment.get("JOB_PATH", USUAL_FOLDER))


def log_of(environment: Mapping[str, str]) -> LoggerSettings:
    """What the node logs; raises `BAD_VALUE`."""
    level = environment.get("LOGGING_LEVEL", "INFO").upper()
    if level not in LEVELS:
        raise BAD_VALUE(name="LOGGING_LEVEL", value=level)
    return LoggerSettings.model_validate(
        {
            "logging_level": LEVELS[level],
            "log_ip_addresses": _is_on(environment, "LOG_IP_ADDRESSES", usual=False),
            "redact_private_information": _is_on(environment, "LOG_REDACT_PRIVATE_INFORMATION", usual=True),
        }
    )


def run_node(settings: NodeSettings, stop: threading.Event) -> None:
    """Work until `stop` is set; registers first where that is needed. Raises `NOT_LET_IN`, `REFUSED`, `NO_ROUTE`."""
    settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    identity = kept_identity(settings.folder)
    if identity is None or identity.portal != settings.way.portal:
        identity = _registered(settings)
    with NodePortal(settings.way, identity.credential) as portal:
        work = NodeWork(settings.place(), identity, portal, stop)
        work.run()
    if work.is_ended:
        identity.forget()


def seconds_to_next(schedule: str) -> float:
    """How long it is to the next moment of a cron expression."""
    present = datetime.now(UTC)
    return max(0.1, (next(CronSim(schedule, present)) - present).total_seconds())


def _registered(settings: NodeSettings) -> NodeIdentity:
    for name, value in (("CLIENT_ID", settings.client_id), ("CLIENT_SECRET", settings.client_secret)):
        if not value:
            raise BAD_VALUE(name=name, value="–")
    key = new_key()
    told = register(
        settings.way,
        _access_token(settings),
        {
            "device_id": settings.device_id,
            "name": settings.device_id,
            "request": certificate_request(key),
            "kind": settings.kind.value,
            "version": VERSION,
            "system": system_name(),
        },
    )
    keys = NodeKeys(key, told["certificate"], told["authority"])
    identity = NodeIdentity(settings.folder, settings.way.portal, told["node_id"], told["credential"], keys)
    identity.keep()
    log.info("registered", node_id=identity.node_id)
    return identity


def _access_token(settings: NodeSettings) -> str:
    """An access token for the client secret (RFC 6749, 4.4)."""
    form = {
        "grant_type": "client_credentials",
        "client_id": settings.client_id,
        "client_secret": settings.client_secret,
    }
    with settings.way.client() as http:
        try:
            answer = http.post("/oauth/token", data=form)
        except httpx.HTTPError as error:
            raise NO_ROUTE(portal=settings.way.portal) from error
    if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise NO_ROUTE(portal=settings.way.portal)
    if answer.is_error:
        raise NOT_LET_IN()
    return str(answer.json()["access_token"])


def _needed(environment: Mapping[str, str], name: str) -> str:
    if value := environment.get(name, ""):
        return value
    raise BAD_VALUE(name=name, value="–")


def _number(environment: Mapping[str, str], name: str, usual: int) -> int:
    value = environment.get(name, str(usual))
    if not value.lstrip("-").isdecimal():
        raise BAD_VALUE(name=name, value=value)
    return int(value)


def _is_on(environment: Mapping[str, str], name: str, *, usual: bool) -> bool:
    value = environment.get(name, str(usual)).lower()
    if value not in ("true", "false"):
        raise BAD_VALUE(name=name, value=value)
    return value == "true"


def _proxy(environment: Mapping[str, str], portal: str) -> str:
    """The proxy that is named, else that of the system, with the person and password that it wants."""
    host = urlsplit(portal).hostname or ""
    proxy = environment.get("HTTPS_PROXY", "") or ("" if proxy_bypass(host) else getproxies().get("https", ""))
    user, password = environment.get("PROXY_USER", ""), environment.get("PROXY_PASSWORD", "")
    if not (proxy and user):
        return proxy
    parts = urlsplit(proxy)
    if not parts.hostname:
        raise BAD_VALUE(name="HTTPS_PROXY", value=proxy)
    at = f"{quote(user, safe='')}:{quote(password, safe='')}@{parts.netloc.rpartition('@')[2]}"
    return urlunsplit(parts._replace(netloc=at))
