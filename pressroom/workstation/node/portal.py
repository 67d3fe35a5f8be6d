"""The portal as a node sees it: /workstation/v1 with the node's own credential. Nothing here retries."""

import ssl
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx

from connectors.errors import PressroomError
from connectors.ipp.ticket import JobTicket
from pressroom.portal_address import check_server
from pressroom.workstation.cloud import CLIENT, NO_ROUTE, problem_of
from steps.node_work import EndTold, FaultTold, NodeOrder, SightTold

CALL_SECONDS = 30.0
WAIT_SECONDS = 25.0


@dataclass(frozen=True, slots=True)
class Way:
    """How the portal is reached: address, proxy, and whom to trust besides the usual authorities."""

    portal: str
    proxy: str = field(default="", repr=False)
    authority_file: str = ""

    def client(self, bearer: str = "") -> httpx.Client:
        """A client that shows this credential; raises `NOT_SECURE`: TLS everywhere but on this machine."""
        return httpx.Client(
            base_url=check_server(self.portal),
            headers={"User-Agent": CLIENT, **({"Authorization": f"Bearer {bearer}"} if bearer else {})},
            timeout=CALL_SECONDS,
            trust_env=False,
            proxy=self.proxy or None,
            verify=ssl.create_default_context(cafile=Path(self.authority_file) if self.authority_file else None),
        )


class NodePortal:
    """Calls of a node. Each raises `NO_ROUTE` or `BUSY` (both transient), `SIGNED_OUT`, or `REFUSED` with its code."""

    def __init__(self, way: Way, credential: str) -> None:
        self._way = way
        self._http = way.client(credential)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._http.close()

    def status(self, told: Mapping[str, Any]) -> str:
        """Tell how the node is; its state."""
        return str(self._ask("status", told)["state"])

    def certificate(self, request: str) -> tuple[str, str]:
        """Another certificate, and that of the authority."""
        answer = self._ask("certificates", {"request": request})
        return answer["certificate"], answer["authority"]

    def orders(self, in_hand: Collection[str]) -> list[NodeOrder]:
        """New orders; waits for the first one."""
        wanted = {"in_hand": sorted(in_hand), "wait": WAIT_SECONDS}
        answer = self._ask("orders", wanted, timeout=WAIT_SECONDS + CALL_SECONDS)
        return [NodeOrder.model_validate(order) for order in answer["orders"]]

    def begin(self, order_id: str, protocol: str, ticket: JobTicket) -> None:
        """Say that the job is about to be sent; refused, nothing may be sent."""
        self._ask(f"orders/{order_id}/begin", {"protocol": protocol, "ticket": ticket.chosen()})

    def progress(self, order_id: str, sight: SightTold | None) -> bool:
        """Say how the job stands; whether it is to be cancelled."""
        told = sight.model_dump(mode="json") if sight is not None else None
        return bool(self._ask(f"orders/{order_id}/progress", {"sight": told})["cancel"])

    def end(self, order_id: str, end: EndTold) -> None:
        """Say how a release ended."""
        self._ask(f"orders/{order_id}/end", end.model_dump(mode="json"))

    def copied(self, order_id: str, error: PressroomError | None) -> None:
        """Say that a copy was handed over, or why it was not."""
        told = FaultTold.of(error).model_dump(mode="json") if error is not None else None
        self._ask(f"orders/{order_id}/copied", {"error": told})

    def deleted(self, order_id: str) -> None:
        """Say that what was to be deleted is gone."""
        self._ask(f"orders/{order_id}/deleted", {})

    def accept(self, copy_id: str, token: str, sender: str) -> dict[str, Any]:
        """Ask whether to take what another node offers."""
        answer: dict[str, Any] = self._ask(f"copies/{copy_id}/accept", {"token": token, "sender": sender})
        return answer

    def stored(self, copy_id: str, sha256: str) -> None:
        """Say that a copy is here."""
        self._ask(f"copies/{copy_id}/stored", {"sha256": sha256})

    def inventory(self, held: Mapping[str, str]) -> list[str]:
        """Tell what is here; which jobs are to be deleted."""
        return list(self._ask("inventory", {"held": dict(held)})["delete"])

    def register_job(self, job: Mapping[str, Any]) -> str:
        """Put a job into the queue; its id."""
        return str(self._ask("hybrid-jobs", job)["job_id"])

    def usage(self, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Tell of direct and offline prints; what became of each record."""
        return list(self._ask("usage", {"records": records})["results"])

    def check_print(self, record: Mapping[str, Any], ticket: JobTicket) -> dict[str, Any]:
        """Ask how a direct print is done now: settings, colour, what is forced, and where the printer takes jobs."""
        answer: dict[str, Any] = self._ask("direct-prints/check", {"print": dict(record), "ticket": ticket.chosen()})
        return answer

    def _ask(self, path: str, content: Any, timeout: float = CALL_SECONDS) -> Any:
        try:
            answer = self._http.post(f"/workstation/v1/{path}", json=content, timeout=timeout)
        except httpx.HTTPError as error:
            raise NO_ROUTE(portal=self._way.portal) from error
        if answer.is_error:
            raise problem_of(answer, self._way.portal)
        return answer.json() if answer.content else None


def register(way: Way, bearer: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """Register a node with a person's token or an application's; what it is from now on."""
    with way.client(bearer) as http:
        try:
            answer = http.post("/workstation/v1/registrations", json=dict(told))
        except httpx.HTTPError as error:
            raise NO_ROUTE(portal=way.portal) from error
    if answer.is_error:
        raise problem_of(answer, way.portal)
    identity: dict[str, Any] = answer.json()
    return identity
