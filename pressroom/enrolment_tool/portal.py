"""What the tool asks of the portal: its public API alone, as the person who has signed in."""

import base64
import hashlib
import secrets
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from connectors.printers.levels import is_at_least
from pressroom.agent.cloud import NO_ROUTE
from pressroom.portal_address import check_server
from steps.printer_work import Access

SIGNED_OUT = Fault(
    "enrolment_tool.signed_out",
    401,
    N_("You are not signed in any more."),
    N_("Sign in again."),
    spec="FL-76",
)
REFUSED = Fault("enrolment_tool.refused", 409, N_("The portal refuses: {reason}"), N_("{remedy}"))
OUT_OF_DATE = Fault(
    "enrolment_tool.out_of_date",
    409,
    N_("There is a newer version of this tool: {version}."),
    N_("Download it in the portal, end this one, unpack the new one and start it."),
    spec="FL-77",
)
NO_ORGANIZATION = Fault(
    "enrolment_tool.no_organization",
    404,
    N_("You cannot work in an organization named “{name}”."),
    N_("Give the id or the name of one of yours, as the portal shows it."),
    spec="FL-86",
)
NOT_YET = "enrolment.unknown_code"
CALL_SECONDS = 30.0
SERIALS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Organization:
    """One that the person may work in."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in that has been begun: where the browser goes, and what proves that it is ours."""

    portal: str
    port: int
    state: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)

    @property
    def address(self) -> str:
        """The page of the portal where somebody says yes."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        asked = {"port": self.port, "state": self.state, "challenge": challenge}
        return f"{check_server(self.portal)}/enrolment-tool/sign-in?{urlencode(asked)}"


class Portal:
    """The portal, with a person's token and the organization that printers are enrolled in ("" for their own).

    Every call raises `NO_ROUTE`, `SIGNED_OUT` and `REFUSED`.
    """

    def __init__(self, server: str, token: str, organization_id: str = "", ca_file: Path | None = None) -> None:
        self.server, self.organization_id = check_server(server), organization_id
        self._token, self._ca_file = token, ca_file

    async def check_version(self, version: str) -> None:
        """Raise `OUT_OF_DATE` where there is a newer tool (FL-77)."""
        current = str((await self._json("GET", "enrolment-tool"))["version"])
        if not is_at_least(version, current):
            raise OUT_OF_DATE(version=current)

    async def organizations(self) -> list[Organization]:
        """Where the person may work (FL-86)."""
        told = await self._json("GET", "me/organizations", params={"limit": 500})
        return [Organization(one["id"], one["name"]) for one in told["items"]]

    async def known(self, serials: Sequence[str]) -> Mapping[str, tuple[str, str]]:
        """Id and agent kind of those that are enrolled in the organization, by serial number."""
        known: dict[str, tuple[str, str]] = {}
        for start in range(0, len(serials), SERIALS_AT_ONCE):
            asked = {"serial_numbers": list(serials[start : start + SERIALS_AT_ONCE])}
            for one in await self._json("POST", "enrolment-tool/known-printers", json=asked):
                known[one["serial_number"]] = (one["id"], one["agent_kind"])
        return known

    async def claim(self, code: str) -> bool:
        """Type a printer's code (FL-152); False while the printer has not announced it yet."""
        try:
            await self._json("POST", "printer-codes", json={"code": code})
        except PressroomError as error:
            if error.fault is REFUSED and error.facts.get("code") == NOT_YET:
                return False
            raise
        return True

    async def save_printer_agent(self, framework: str, target: Path) -> None:
        """Write the package of the printer agent for that app framework."""
        answer = await self._ask("GET", "enrolment-tool/printer-agent", params={"framework": framework})
        target.write_bytes(answer.content)

    async def hand_over_credentials(self, printer_id: str, access: Access) -> None:
        """Have the printer's agent keep how to sign in to it (FL-106)."""
        asked = {
            "kind": "update_credentials",
            "printer_ids": [printer_id],
            "parameters": {"type": access.type.value, "user": access.user},
            "secrets": {"secret": access.secret.get_secret_value()},
        }
        await self._json("POST", "fleet-tasks", json=asked)

    async def _json(self, method: str, path: str, **options: Any) -> Any:
        answer = await self._ask(method, path, **options)
        return answer.json() if answer.content else None

    async def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token}"}
        if self.organization_id:
            headers["Pressroom-Organization"] = self.organization_id
        return await _called(self.server, method, f"/api/v1/{path}", self._ca_file, headers=headers, **options)


async def signed_in(sign_in: SignIn, code: str, ca_file: Path | None = None) -> str:
    """The token for the code that the browser has brought; raises `REFUSED`, `NO_ROUTE`."""
    shown = {"code": code, "verifier": sign_in.verifier}
    server = check_server(sign_in.portal)
    answer = await _called(server, "POST", "/enrolment-tool/token", ca_file, json=shown)
    return str(answer.json()["token"])


async def _called(server: str, method: str, path: str, ca_file: Path | None, **options: Any) -> httpx.Response:
    verify = ssl.create_default_context(cafile=ca_file)
    async with httpx.AsyncClient(timeout=CALL_SECONDS, trust_env=False, verify=verify) as http:
        try:
            answer = await http.request(method, f"{server}{path}", **options)
        except httpx.HTTPError as error:
            raise NO_ROUTE(server=server) from error
    if answer.is_success:
        return answer
    if answer.status_code == httpx.codes.UNAUTHORIZED and "Authorization" in options.get("headers", {}):
        raise SIGNED_OUT()
    try:
        told = answer.json()
        raise REFUSED(reason=told["detail"], remedy=told["remedy"], code=told["code"])
    except (ValueError, KeyError) as error:
        raise NO_ROUTE(server=server) from error
