"""Calls of the agent to the cloud: outbound HTTPS with JSON (docs/agent-protocol.md). Nothing here retries."""

import asyncio
import base64
import hashlib
import json
import ssl
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import httpx

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from pressroom.agent.kept_scans import ScanEnding, ScanOrder, scan_order
from pressroom.agent.state import AgentFolder, Identity
from pressroom.agent.way import Stage, way_to
from pressroom.portal_address import check_server
from steps.found_printers import FoundPrinter
from steps.printer_work import Access, FileReference, Order, PrinterTarget, Report, SnmpAccess
from steps.printers.discover import Discover
from steps.revealed import revealed

NO_ROUTE = Fault(
    "agent.no_route",
    503,
    N_("The cloud at {server} cannot be reached."),
    N_("Check the network, the proxy and that the server's certificate is valid. Nothing is lost meanwhile."),
    spec="FL-544",
    transient=True,
)
REFUSED = Fault(
    "agent.refused",
    409,
    N_("The cloud refuses: {reason}"),
    N_("{remedy}"),
)
ENDED = Fault(
    "agent.ended",
    401,
    N_("The cloud does not know this agent any more."),
    N_("It was deactivated or deleted in the portal. Activate it again with a new code."),
)
BAD_PORTAL_FILE = Fault(
    "agent.portal_file",
    422,
    N_("The file {file}, which names the portal, cannot be read."),
    N_("Name the portal's address yourself, or download the package again."),
)
PORTAL_FILE = "portal.json"
"""Beside the folder of the program, in what was unpacked from an installation package."""
ON_PRINTERS = frozenset({"native", "printer"})
CALL_SECONDS = 30.0
WAIT_SECONDS = 25.0
PIECE = 1 << 18


@dataclass(frozen=True, slots=True)
class Told:
    """What the cloud told at the last hello."""

    name: str
    settings: Mapping[str, Any]
    search: Discover | None
    snmp: SnmpAccess
    current_version: str


@dataclass(frozen=True, slots=True)
class OwnPrinter:
    """A printer of this agent, by the cloud's id."""

    id: str
    target: PrinterTarget


@dataclass(frozen=True, slots=True)
class PageProgress:
    """How much the cloud has of a scanned page; `complete`: all of it, and it counts."""

    received: int
    total: int
    complete: bool


def known_portal() -> str:
    """The portal that an installation package was downloaded from; empty without one."""
    file = Path(__file__).parents[3] / PORTAL_FILE
    if not file.is_file():
        return ""
    try:
        return str(json.loads(file.read_text(encoding="utf-8"))["portal"])
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise BAD_PORTAL_FILE(file=file) from error


class Cloud:
    """The cloud as the agent sees it; use it in an `async with` block.

    Every call raises `NO_ROUTE` while the cloud is away or troubled, `ENDED` when it knows the agent no more, and
    `REFUSED` for what it refuses.
    """

    def __init__(self, folder: AgentFolder, identity: Identity, proxy: str = "", ca_file: Path | None = None) -> None:
        self._folder, self.identity = folder, identity
        self._proxy, self._ca_file = proxy, ca_file
        self._http = _client(identity.server, proxy, ca_file)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._http.aclose()

    async def way(self) -> list[Stage]:
        """Each part of the way to the cloud until the first that is not passed."""
        return [stage async for stage in way_to(self.identity.server, self._proxy, self._ca_file)]

    async def hello(self, version: str, library_version: str, host: Mapping[str, str]) -> Told:
        """Say hello; a new credential is kept before it is used.

        Raises `ENDED` also for an agent on a printer that was unenrolled: it has nothing left to do.
        """
        told = {"version": version, "library_version": library_version, "host": dict(host)}
        answer = await self._json("POST", "hello", told)
        if answer["credential"]:
            self.identity = replace(self.identity, credential=answer["credential"], former=self.identity.credential)
            self._folder.keep_identity(self.identity)
        if not self.identity.signing_key and answer.get("signing_key"):
            self.identity = replace(self.identity, signing_key=answer["signing_key"])
            self._folder.keep_identity(self.identity)
        if answer["kind"] in ON_PRINTERS and not answer["printers"]:
            raise ENDED()
        search = Discover.model_validate(answer["search"]) if answer["search"] else None
        snmp = SnmpAccess.model_validate(answer["snmp"])
        return Told(answer["name"], answer["settings"], search, snmp, answer["current_version"])

    async def orders(self, in_hand: Iterable[int], limit: int) -> list[Order]:
        """New orders, and those that were lost on the way; waits for the first one."""
        wanted = {"in_hand": sorted(in_hand), "wait": WAIT_SECONDS, "limit": limit}
        answer = await self._json("POST", "orders", wanted, timeout=WAIT_SECONDS + CALL_SECONDS)
        return [Order.model_validate(order) for order in answer["orders"]]

    async def report(self, reports: Mapping[int, Report]) -> None:
        """Hand in reports; whichever the cloud has already count once."""
        rows = [{"job_id": job, "report": report.model_dump(mode="json")} for job, report in reports.items()]
        await self._json("POST", "reports", {"reports": rows})

    async def found(self, found: Sequence[FoundPrinter], job_id: int | None = None) -> list[dict[str, Any]]:
        """Hand in printers that were found; returns what became of each."""
        rows = [one.model_dump(mode="json") for one in found]
        answer = await self._json("POST", "found", {"found": rows, "job_id": job_id})
        results: list[dict[str, Any]] = answer["results"]
        return results

    async def readings(self, readings: Mapping[str, Report]) -> None:
        """Hand in what was read of own printers, by the cloud's ids."""
        rows = [{"printer_id": one, "report": report.model_dump(mode="json")} for one, report in readings.items()]
        await self._json("POST", "readings", {"readings": rows})

    async def printers(self) -> list[OwnPrinter]:
        """The printers of this agent, as the cloud knows them now."""
        answer = await self._json("GET", "printers")
        return [OwnPrinter(one["id"], PrinterTarget.model_validate(one)) for one in answer["printers"]]

    async def keep_credentials(self, printer_id: str, access: Access) -> None:
        """Hand over how the agent signs in to its printer from now on."""
        await self._answer("PUT", f"printers/{printer_id}/credentials", json=revealed(access))

    async def fetch(self, job_id: int, reference: FileReference, part: Path) -> None:
        """Append what is missing of a file to `part`: a broken transfer goes on where it stopped."""
        start = part.stat().st_size if part.exists() else 0
        headers = {"Range": f"bytes={start}-"} if start else {}
        path = f"orders/{job_id}/file"
        try:
            async with self._http.stream(
                "GET", path, params={"key": reference.key}, headers={**self._signed(), **headers}
            ) as answer:
                if answer.is_error:
                    await answer.aread()
                    raise self._problem(answer)
                with part.open("ab" if answer.status_code == httpx.codes.PARTIAL_CONTENT else "wb") as file:
                    async for piece in answer.aiter_bytes(PIECE):
                        file.write(piece)
        except httpx.HTTPError as error:
            raise NO_ROUTE(server=self.identity.server) from error

    async def keep(self, job_id: int, path: Path, name: str, media_type: str) -> str:
        """Hand over a file that was fetched for an order; returns its key."""
        params = {"name": name, "media_type": media_type}
        answer = await self._answer("PUT", f"orders/{job_id}/log", params=params, content=path.read_bytes())
        return str(answer.json()["key"])

    async def scan_orders(self, in_hand: Iterable[str]) -> list[ScanOrder]:
        """Scans that are wanted at the agent's printers; waits for the first one."""
        wanted = {"in_hand": sorted(in_hand), "wait": WAIT_SECONDS}
        answer = await self._json("POST", "scan-orders", wanted, timeout=WAIT_SECONDS + CALL_SECONDS)
        return [scan_order(order) for order in answer["orders"]]

    async def page_progress(self, order: ScanOrder, number: int) -> PageProgress:
        """How much the cloud has of a page."""
        address = f"scans/{order.scan_id}/pages/{number}"
        return PageProgress(**(await self._answer("GET", address, params={"batch": order.batch})).json())

    async def send_page(self, order: ScanOrder, number: int, path: Path, known: PageProgress, most: int) -> None:
        """Send what the cloud does not have of a page yet, or the next `most` bytes of it."""
        address, params = f"scans/{order.scan_id}/pages/{number}", {"batch": order.batch}
        content = await asyncio.to_thread(path.read_bytes)
        size = len(content)
        start = known.received if known.total == size and known.received < size else 0
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        piece = content[start : start + most]
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Range": f"bytes {start}-{start + len(piece) - 1}/{size}",
            "Repr-Digest": f"sha-256=:{digest}:",
        }
        await self._answer("PUT", address, params=params, content=piece, headers=headers)

    async def end_scan(self, order: ScanOrder, ending: ScanEnding) -> None:
        """The scanner is done with a batch, and its pages are there."""
        told = {"batch": order.batch, "code": ending.code, "facts": ending.facts, "ignored": list(ending.ignored)}
        await self._answer("POST", f"scans/{order.scan_id}/end", json=told)

    async def _json(self, method: str, path: str, content: Any = None, timeout: float = CALL_SECONDS) -> Any:
        return (await self._answer(method, path, json=content, timeout=timeout)).json()

    async def _answer(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, **options: Any
    ) -> httpx.Response:
        more = headers or {}
        try:
            answer = await self._http.request(method, path, headers={**more, **self._signed()}, **options)
            if answer.status_code == httpx.codes.UNAUTHORIZED and self.identity.former:
                # The new credential never counted: the answer that brought it may have been written in vain.
                self.identity = replace(self.identity, credential=self.identity.former, former="")
                self._folder.keep_identity(self.identity)
                answer = await self._http.request(method, path, headers={**more, **self._signed()}, **options)
        except httpx.HTTPError as error:
            raise NO_ROUTE(server=self.identity.server) from error
        if answer.is_error:
            raise self._problem(answer)
        return answer

    def _signed(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.identity.credential}"}

    def _problem(self, answer: httpx.Response) -> PressroomError:
        return problem_of(answer, self.identity.server)


def problem_of(answer: httpx.Response, server: str) -> PressroomError:
    """What an answer of the cloud means that is none."""
    if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR or answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        return NO_ROUTE(server=server)
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        return ENDED()
    try:
        told = answer.json()
        return REFUSED(reason=told["detail"], remedy=told["remedy"], code=told.get("code", ""))
    except (ValueError, KeyError):
        return NO_ROUTE(server=server)


def activate(server: str, code: str, name: str, version: str, host: Mapping[str, str], **client: Any) -> Identity:
    """Exchange an activation code for the agent's identity (F-7); raises `NO_ROUTE`, `REFUSED`, `NOT_SECURE`."""
    address = check_server(server)
    wanted = {"code": code, "name": name, "version": version, "host": dict(host)}
    with httpx.Client(**_options(address, client.get("proxy", ""), client.get("ca_file"))) as http:
        try:
            answer = http.post("activations", json=wanted)
        except httpx.HTTPError as error:
            raise NO_ROUTE(server=address) from error
    if answer.is_error:
        raise problem_of(answer, address)
    told = answer.json()
    key = str(told.get("signing_key", ""))
    return Identity(address, told["agent_id"], told["kind"], told["credential"], signing_key=key)


def _client(server: str, proxy: str, ca_file: Path | None) -> httpx.AsyncClient:
    return httpx.AsyncClient(**_options(check_server(server), proxy, ca_file))


def _options(server: str, proxy: str, ca_file: Path | None) -> dict[str, Any]:
    return {
        "base_url": f"{server}/agent/v1/",
        "timeout": CALL_SECONDS,
        "follow_redirects": False,
        "trust_env": False,
        "proxy": proxy or None,
        "verify": ssl.create_default_context(cafile=ca_file),
    }
