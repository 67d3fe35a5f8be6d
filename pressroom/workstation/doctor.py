"""What usually keeps a workstation from printing, each with its remedy; `printctl doctor` tells it (PR-330).

It changes nothing, and tells nobody but the person at the workstation.
"""

import asyncio
import os
import shutil
import socket
import ssl
import stat
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from connectors.errors import PressroomError
from pressroom.workstation.cloud import Cloud, http_client
from pressroom.workstation.configuration import FILE_NAME, Configuration
from pressroom.workstation.folder import Identity, WorkstationFolder
from pressroom.workstation.program import TOLD
from pressroom.workstation.updating import installs_itself

FREE_MB_NEEDED = 200
SOON = timedelta(days=14)
CLOCK_OFF = timedelta(minutes=5)
SILENT = timedelta(minutes=15)
"""An agent that works is heard of at least every five minutes."""
LOOK_SECONDS = 10.0
WRONG_VERSION = {
    "update_now": "The organization wants version {version} now.",
    "update_within": "The organization wants version {version} within {days} days.",
    "too_old": "This version is too old for the portal; it wants {version}.",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is well, what was found, and what to do."""

    part: str
    ok: bool
    text: str
    remedy: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


async def examine(folder: WorkstationFolder) -> list[Finding]:
    """Look at everything; never raises for what it finds. What cannot be looked at without another is left out."""
    findings = list(_folder(folder))
    try:
        configuration = folder.configuration()
    except PressroomError as error:
        return [*findings, Finding("configuration", False, error.message, error.remedy)]
    findings += _configuration(folder.path / FILE_NAME, configuration)
    findings += _agent(folder)
    try:
        identity = folder.identity()
    except PressroomError as error:
        return [*findings, Finding("sign-in", False, error.message, error.remedy)]
    findings += [one async for one in _portal(identity, configuration)]
    if findings[-1].ok:
        findings += [one async for one in _sign_in(identity, configuration)]
    findings += _told(folder, identity, configuration)
    return findings


def _folder(folder: WorkstationFolder) -> Iterator[Finding]:
    mode = stat.S_IMODE(folder.path.stat().st_mode)
    ok = os.access(folder.path, os.W_OK) and (sys.platform == "win32" or not mode & 0o077)
    remedy = "" if ok else f"Make {folder.path} yours alone: chmod 700, and yours to write in."
    yield Finding("folder", ok, str(folder.path), remedy)
    free = shutil.disk_usage(folder.path).free // 1_048_576
    ok = free >= FREE_MB_NEEDED
    yield Finding("disk", ok, f"{free} MB free", "" if ok else f"Free some space: {FREE_MB_NEEDED} MB at least.")


def _configuration(file: Path, configuration: Configuration) -> Iterator[Finding]:
    """Which file was looked for, whether it is there, and the modes that it asks for (TS-44, TS-46)."""
    unknown = configuration.unknown_keys()
    where = str(file) if file.exists() else f"{file} is not there, so the defaults hold"
    asked = f"keys that mean nothing: {', '.join(unknown)}" if unknown else f"modes: {_line(configuration.modes)}"
    remedy = "Correct or delete them in client.json." if unknown else ""
    yield Finding("configuration", not unknown, f"{where}; {asked}", remedy)
    authority = configuration.certificate_validation_settings.authority_file
    if authority:
        yield _authority(Path(authority))
    if chosen := configuration.spool_settings.folder:
        spool = Path(chosen).expanduser()
        ok = not spool.exists() or (spool.is_dir() and os.access(spool, os.R_OK | os.W_OK | os.X_OK))
        remedy = "" if ok else "Give the agent's person the right to read and write there."
        yield Finding("spool folder", ok, str(spool), remedy)
        refused = spool / "refused"
        count = len(list(refused.glob("*.reason"))) if refused.is_dir() and os.access(refused, os.R_OK) else 0
        if count:
            found = f"refused documents: {count}"
            yield Finding("spool folder", False, found, f"The reasons lie beside them in {refused}; then delete both.")


def _authority(file: Path) -> Finding:
    try:
        ssl.create_default_context(cafile=file)
    except (OSError, ssl.SSLError) as error:
        return Finding("authority", False, f"{file}: {error}", "Name a file with certificates in PEM in client.json.")
    return Finding("authority", True, str(file))


def _agent(folder: WorkstationFolder) -> Iterator[Finding]:
    status = folder.status()
    if not folder.is_held():
        yield Finding("agent", False, "does not run", "Start it with “printctl agent”, best at each sign-in.")
        return
    problem, contact = str(status.get("problem", "")), str(status.get("contact", ""))
    if status.get("state") == "signed_out" and not problem:
        yield Finding("agent", True, "waits until somebody signs in")
        return
    is_silent = bool(contact) and datetime.now(UTC) - datetime.fromisoformat(contact) > _patience(folder)
    ok = status.get("state") == "online" and not is_silent
    text = problem or (f"last contact {contact}" if contact else str(status.get("state", "")))
    yield Finding("agent", ok, text, "" if ok else f"See what {folder.path / 'agent.log'} says of it.")
    for module, note in dict(status.get("notes", {})).items():
        if note:
            yield Finding(str(module), False, str(note), f"See what {folder.path / 'agent.log'} says of it.")


def _patience(folder: WorkstationFolder) -> timedelta:
    """The contact that is noted is that of check-ins."""
    known = folder.unsealed(TOLD) or {}
    return timedelta(hours=float(known.get("hours", 4))) + SILENT


async def _portal(identity: Identity, configuration: Configuration) -> AsyncIterator[Finding]:
    """Whether the portal answers, and what of name, connection, certificate and clock is in the way."""
    proxy = configuration.web_proxy_settings
    try:
        async with http_client(identity.portal, configuration) as http:
            answer = await http.get("/healthz", timeout=LOOK_SECONDS)
    except httpx.HTTPError as error:
        text, remedy = await _what_is_in_the_way(identity.portal, error, proxy.address if proxy.enabled else "")
        yield Finding("portal", False, f"{identity.portal}: {text}", remedy)
        return
    yield _clock(answer.headers.get("Date", ""))
    ok = answer.is_success
    text = f"{identity.portal} answers" + ("" if ok else f" with {answer.status_code}")
    yield Finding("portal", ok, text, "" if ok else "Try again in a moment; then ask whoever runs the portal.")


async def _what_is_in_the_way(portal: str, error: httpx.HTTPError, proxy: str) -> tuple[str, str]:
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        remedy = "Name the authority of its certificate in certificateValidationSettings.authorityFile of client.json."
        return "its certificate is not trusted", remedy
    if isinstance(error, httpx.TimeoutException):
        return "it does not answer in time", "Check the network, a firewall, and the proxy in client.json."
    where = urlsplit(proxy or portal)
    what = "the proxy" if proxy else "the portal"
    try:
        port = where.port or (443 if where.scheme == "https" else 80)
        await asyncio.get_running_loop().getaddrinfo(where.hostname or "", port, type=socket.SOCK_STREAM)
    except OSError:
        return (
            f"the name of {what} cannot be looked up",
            "Check the network, the DNS server, and how the name is written.",
        )
    return f"{what} takes no connection", "Check the network, a firewall, and whether the address and port are right."


def _clock(date: str) -> Finding:
    try:
        off = abs(datetime.now(UTC) - parsedate_to_datetime(date))
    except (TypeError, ValueError):
        return Finding("clock", True, "the portal does not tell the time")
    ok = off < CLOCK_OFF
    text = "agrees with the portal's" if ok else f"is {off.total_seconds() / 60:.0f} minutes off the portal's"
    return Finding("clock", ok, text, "" if ok else "Set the time, or let the computer keep it by itself.")


async def _sign_in(identity: Identity, configuration: Configuration) -> AsyncIterator[Finding]:
    try:
        async with Cloud(identity, configuration) as cloud:
            await cloud.json("GET", "/api/v1/print-jobs?limit=1", timeout=LOOK_SECONDS)
    except PressroomError as error:
        facts = error.facts
        remedy = str(facts.get("remedy", "")) or error.remedy
        yield Finding("sign-in", False, str(facts.get("reason", "")) or error.message, remedy)
        return
    left = datetime.fromisoformat(identity.expires) - datetime.now(UTC) if identity.expires else SOON
    ok = left >= SOON
    text = f"{identity.email}, until {identity.expires[:10]}"
    yield Finding("sign-in", ok, text, "" if ok else "Sign in again with “printctl login” before it ends.")


def _told(folder: WorkstationFolder, identity: Identity, configuration: Configuration) -> Iterator[Finding]:
    """What the portal said at the last check-in: which modes are allowed, and which version it wants."""
    told = folder.unsealed(TOLD)
    if told is None or told.get("portal") != identity.portal:
        return
    allowed = frozenset(told["modes"])
    closed = sorted(configuration.modes - allowed)
    text = f"not allowed: {_line(closed)}" if closed else f"allowed: {_line(sorted(allowed))}"
    remedy = "Ask for the role, or leave the mode out of client.json." if not configuration.modes & allowed else ""
    yield Finding("modes", not remedy, text, remedy)
    update = told.get("update", {})
    words = WRONG_VERSION.get(str(update.get("state")))
    text = words.format(version=update.get("version"), days=update.get("days")) if words else "as it is to be"
    itself = "“printctl update check” says when the running agent installs it, or why it could not."
    remedy = itself if installs_itself(update) else "Install the new package from the portal."
    yield Finding("version", words is None, text, remedy if words else "")


def _line(names: Any) -> str:
    return ", ".join(sorted(map(str, names))) or "none"
