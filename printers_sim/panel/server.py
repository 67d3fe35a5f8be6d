"""The print server as a printer's apps call it: OAuth 2 client credentials, then JSON below `/device/v1`."""

from dataclasses import dataclass
from typing import Any

import httpx

from printers_sim.device.refusal import Refusal

SESSION_HEADER = "Pressroom-Printer-Session"
ANSWER_SECONDS = 30.0
UNAUTHORIZED = 401


@dataclass(frozen=True, slots=True)
class ServerAccess:
    """Where the server is, and the client application of the organization's printers (PR-210)."""

    address: str
    client_id: str
    client_secret: str


class PrintServer:
    """One server; its access token is got when it is needed, and again when the server no longer takes it."""

    def __init__(self, access: ServerAccess) -> None:
        self.access = access
        self._token = ""
        self._http = httpx.AsyncClient(base_url=access.address.rstrip("/"), timeout=ANSWER_SECONDS, trust_env=False)

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.aclose()

    async def ask(self, method: str, path: str, session: str = "", content: object = None) -> Any:
        """The answer's JSON, None for an empty one; raises `Refusal` with what the server says is wrong."""
        answer = await self._asked(method, path, session, content)
        if answer.status_code == UNAUTHORIZED:
            self._token = ""
            answer = await self._asked(method, path, session, content)
        if answer.is_error:
            raise refusal_of(answer)
        return answer.json() if answer.content else None

    async def _asked(self, method: str, path: str, session: str, content: object) -> httpx.Response:
        try:
            if not self._token:
                await self._get_token()
            headers = {"Authorization": f"Bearer {self._token}"} | ({SESSION_HEADER: session} if session else {})
            return await self._http.request(method, f"/device/v1{path}", headers=headers, json=content)
        except httpx.HTTPError as error:
            raise Refusal(502, "server_unreachable", f"The print server does not answer: {error}") from error

    async def _get_token(self) -> None:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.access.client_id,
            "client_secret": self.access.client_secret,
        }
        answer = await self._http.post("/oauth/token", data=form)
        if answer.is_error:
            raise Refusal(502, "server_refuses_printer", "The print server does not know this printer's application.")
        self._token = answer.json()["access_token"]


def refusal_of(answer: httpx.Response) -> Refusal:
    """What the server says is wrong."""
    try:
        problem = answer.json()
        text = f"{problem['detail']} {problem['remedy']}"
        return Refusal(answer.status_code, str(problem["code"]), text)
    except (ValueError, KeyError):
        return Refusal(answer.status_code, "server_error", f"The print server answers with {answer.status_code}.")
