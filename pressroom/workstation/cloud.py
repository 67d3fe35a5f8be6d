"""The portal as a workstation sees it: its public API and /client/v1, as the person who is signed in.

Nothing here retries; an error is the portal's own, with its code, message and remedy, or says what is in the way.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from pressroom.portal_address import check_server
from pressroom.workstation import VERSION
from pressroom.workstation.configuration import Configuration
from pressroom.workstation.folder import Identity
from pressroom.workstation.host import HostFacts, system_name

NO_ROUTE = Fault(
    "workstation.no_route",
    503,
    N_("The portal at {portal} cannot be reached."),
    N_("Check the network, the proxy, and that the portal's certificate is valid, then try again."),
    transient=True,
)
BUSY = Fault(
    "workstation.portal_busy",
    503,
    N_("The portal at {portal} cannot answer now ({status})."),
    N_("Try again in a moment."),
    transient=True,
)
SIGNED_OUT = Fault(
    "workstation.signed_out",
    401,
    N_("The sign-in of this workstation does not count any more."),
    N_("Sign in again with “printctl login”."),
)
REFUSED = Fault("workstation.refused", 409, N_("The portal refuses: {reason}"), N_("{remedy}"))
NO_PORTAL = Fault(
    "workstation.no_portal",
    422,
    N_("It is not known where the portal is."),
    N_("Give its address, as in “printctl login https://portal.example.com”."),
)
CALL_SECONDS = 30.0
PIECE = 1 << 16
LONGEST_LINE = 255
CLIENT = f"printctl/{VERSION} ({system_name()})"
"""How the agent calls itself; jobs are recorded with it (PR-296)."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the portal said at the last check-in (F-26)."""

    client_id: str
    user_id: str
    name: str
    email: str
    organization_id: str
    organization: str
    modes: frozenset[str]
    queue: str
    settings_version: int
    hours: float
    answer: Mapping[str, Any]
    """All of the answer, for modules that look at parts of their own."""

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> "Told":
        person = answer["person"]
        return cls(
            client_id=answer["client_id"],
            user_id=person["id"],
            name=person["name"],
            email=person["email"],
            organization_id=person["organization_id"],
            organization=person["organization"],
            modes=frozenset(answer["modes"]),
            queue=answer["queue"],
            settings_version=answer["settings_version"],
            hours=answer["hours"],
            answer=answer,
        )


class Cloud:
    """The portal, with the person's token; use it in an `async with` block.

    Every call raises `NO_ROUTE` or `BUSY` (both transient), `SIGNED_OUT`, and `REFUSED` with the portal's `code`.
    """

    def __init__(self, identity: Identity, configuration: Configuration) -> None:
        self.identity = identity
        self.portal = check_server(identity.portal)
        self._http = http_client(self.portal, configuration, {"Authorization": f"Bearer {identity.token}"})

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._http.aclose()

    async def check_in(self, key: str, facts: HostFacts, queues: list[str], update_problem: str = "") -> Told:
        """Say how the workstation is, and hear what it may do (F-26)."""
        told = {
            "key": key,
            "host": facts.host,
            "system": facts.system,
            "version": VERSION,
            "addresses": list(facts.addresses),
            "queues": queues,
            "update_problem": update_problem[:LONGEST_LINE],
        }
        return Told.of(await self.json("POST", "/client/v1/checkin", json=told))

    async def json(self, method: str, path: str, **options: Any) -> Any:
        """What the portal answers, read as JSON; None where there is nothing."""
        answer = await self.ask(method, path, **options)
        return answer.json() if answer.content else None

    async def fetch(self, path: str, part: Path, size: int) -> None:
        """Append what is missing of a file of `size` to `part`: a broken transfer goes on where it stopped."""
        start = part.stat().st_size if part.exists() else 0
        if start >= size:
            return
        headers = {"Range": f"bytes={start}-"} if start else {}
        try:
            async with self._http.stream("GET", path, headers=headers) as answer:
                if answer.is_error:
                    await answer.aread()
                    raise problem_of(answer, self.portal)
                with part.open("ab" if answer.status_code == httpx.codes.PARTIAL_CONTENT else "wb") as file:
                    async for piece in answer.aiter_bytes(PIECE):
                        file.write(piece)
        except httpx.HTTPError as error:
            raise NO_ROUTE(portal=self.portal) from error

    async def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """The portal's answer, with its body."""
        return await asked(self._http, self.portal, method, path, **options)


def http_client(
    portal: str, configuration: Configuration, headers: Mapping[str, str] | None = None
) -> httpx.AsyncClient:
    """A client for calls to the portal, with the proxy and the authority of the configuration."""
    validation, proxy = configuration.certificate_validation_settings, configuration.web_proxy_settings
    authority = Path(validation.authority_file) if validation.authority_file else None
    return httpx.AsyncClient(
        base_url=portal,
        headers={"User-Agent": CLIENT, **(headers or {})},
        timeout=CALL_SECONDS,
        trust_env=False,
        proxy=proxy.address if proxy.enabled and proxy.address else None,
        verify=ssl.create_default_context(cafile=authority),
    )


async def asked(http: httpx.AsyncClient, portal: str, method: str, path: str, **options: Any) -> httpx.Response:
    """The answer to one request; raises as `Cloud` does."""
    try:
        answer = await http.request(method, path, **options)
    except httpx.HTTPError as error:
        raise NO_ROUTE(portal=portal) from error
    if answer.is_error:
        raise problem_of(answer, portal)
    return answer


def problem_of(answer: httpx.Response, portal: str) -> PressroomError:
    """What an answer means that is none; the body has been read."""
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        return SIGNED_OUT()
    if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR or answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        return BUSY(portal=portal, status=answer.status_code)
    try:
        told = answer.json()
        return REFUSED(reason=told["detail"], remedy=told["remedy"], code=told["code"])
    except (ValueError, KeyError, TypeError):
        return BUSY(portal=portal, status=answer.status_code)
