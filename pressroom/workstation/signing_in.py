"""Signing a person in on the workstation by a code in their browser, and out again (RFC 8628, PR-304, PR-330)."""

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import structlog

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from pressroom.portal_address import check_server
from pressroom.workstation.cloud import BUSY, NO_PORTAL, NO_ROUTE, SIGNED_OUT, Cloud, asked, http_client
from pressroom.workstation.configuration import Configuration
from pressroom.workstation.folder import UNREADABLE, Identity, WorkstationFolder
from pressroom.workstation.host import host_facts
from pressroom.workstation.program import keep_told

NOT_LET_IN = Fault(
    "workstation.not_let_in",
    403,
    N_("The workstation was not let in."),
    N_("Run “printctl login” again and say yes in the browser."),
)
TOO_LATE = Fault(
    "workstation.sign_in_timeout",
    408,
    N_("Nobody has answered in the browser in time."),
    N_("Run “printctl login” again."),
    spec="PR-118",
)
log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)
PROGRAM = "printctl"
GRANT = "urn:ietf:params:oauth:grant-type:device_code"
SPOOLS = ("hybrid", "loopback", "offline", "spool")
"""Folders of documents that go when their person signs out (PR-304)."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the person is to do: open the page and type the code; `address` has the code in it."""

    page: str
    code: str
    address: str


async def sign_in(
    folder: WorkstationFolder, configuration: Configuration, portal: str, show: Callable[[Question], None]
) -> Identity:
    """Have somebody say yes in a browser, and keep who it is. Raises `NOT_LET_IN`, `TOO_LATE`, and as `Cloud` does.

    Whoever was signed in before is signed out if it was somebody else: nothing of theirs becomes the newcomer's.
    """
    portal = check_server(portal or configuration.server_settings.portal_url or _missing())
    async with http_client(portal, configuration) as http:
        facts = host_facts(configuration.network_interface_selector_settings)
        form = {"client_id": PROGRAM, "host": facts.host}
        begun = (await asked(http, portal, "POST", "/oauth/device_authorization", data=form)).json()
        show(Question(begun["verification_uri"], begun["user_code"], begun["verification_uri_complete"]))
        granted = await _granted(http, portal, begun)
    expires = datetime.now(UTC) + timedelta(seconds=granted["expires_in"])
    identity = Identity(portal, granted["access_token"], expires.isoformat())
    async with Cloud(identity, configuration) as cloud:
        told = await cloud.check_in(folder.workstation_key(), facts, [])
        identity = replace(identity, email=told.email)
        await _end_former(folder, configuration, identity)
        folder.keep_identity(identity)
        keep_told(folder, cloud, told)
    return identity


async def sign_out(folder: WorkstationFolder, configuration: Configuration) -> bool:
    """Forget who is signed in and delete their documents here; whether the portal could be told (PR-304, PR-245).

    Raises `SIGN_IN_FIRST`.
    """
    told = await _end_token(folder.identity(), configuration, folder.workstation_key())
    _forget(folder)
    return told


async def _end_token(identity: Identity, configuration: Configuration, leaving: str = "") -> bool:
    """Have the portal revoke the token, and forget the workstation `leaving` (its key); whether it could be told."""
    try:
        async with Cloud(identity, configuration) as cloud:
            if leaving:
                await cloud.ask("POST", "/client/v1/checkout", json={"key": leaving})
            await cloud.ask("POST", "/oauth/revoke", data={"token": identity.token})
    except PressroomError as error:
        if error.fault not in (NO_ROUTE, BUSY, SIGNED_OUT):
            raise
        return error.fault is SIGNED_OUT
    return True


async def _end_former(folder: WorkstationFolder, configuration: Configuration, newcomer: Identity) -> None:
    try:
        former = folder.identity()
    except PressroomError as error:
        if error.fault is UNREADABLE:  # nobody can tell whose the documents are
            _forget(folder)
        return
    is_same = (former.portal, former.email) == (newcomer.portal, newcomer.email)
    try:
        await _end_token(former, configuration, "" if is_same else folder.workstation_key())
    except PressroomError as error:  # whatever their portal says, the newcomer takes over nothing
        log.warning("the former sign-in was not ended at its portal", code=error.code)
    if not is_same:
        _forget(folder)


def _forget(folder: WorkstationFolder) -> None:
    folder.forget_identity()
    for name in SPOOLS:
        shutil.rmtree(folder.path / name, ignore_errors=True)


async def _granted(http: httpx.AsyncClient, portal: str, begun: dict[str, Any]) -> dict[str, Any]:
    """The token, as soon as somebody has said yes."""
    form = {"grant_type": GRANT, "client_id": PROGRAM, "device_code": begun["device_code"]}
    interval = float(begun["interval"])
    deadline = asyncio.get_running_loop().time() + float(begun["expires_in"])
    while asyncio.get_running_loop().time() < deadline:
        try:
            answer = await http.post("/oauth/token", data=form)
            content = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise NO_ROUTE(portal=portal) from error
        if answer.is_success:
            granted: dict[str, Any] = content
            return granted
        problem = content.get("error")
        if problem == "slow_down":
            interval += 1
        elif problem == "access_denied":
            raise NOT_LET_IN()
        elif problem != "authorization_pending":
            raise TOO_LATE()
        await asyncio.sleep(interval)
    raise TOO_LATE()


def _missing() -> str:
    raise NO_PORTAL()
