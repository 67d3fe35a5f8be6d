"""Copies between nodes over the local network: handing one over, and taking one in (F-18)."""

import ssl
from typing import BinaryIO

import httpx

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from pressroom.workstation.node.keys import NodeKeys, calling_context
from pressroom.workstation.node.portal import NodePortal
from pressroom.workstation.node.store import Held, NodeStore
from steps.node_work import CopyOrder

CONNECT_SECONDS, SEND_SECONDS = 3.0, 120.0
NOT_REACHED = Fault(
    "print_node.not_reached",
    503,
    N_("The storage node cannot be reached at {addresses}."),
    N_("Check that it is switched on, and that port {port} is open in the network."),
    transient=True,
)
NOT_TAKEN = Fault(
    "print_node.not_taken",
    409,
    N_("The storage node did not take the copy: {reason}."),
    N_("Nothing has to be done: another node is tried."),
)


def hand_over(order: CopyOrder, store: NodeStore, keys: NodeKeys) -> None:
    """Send the sealed content; raises `MISSING`, `NOT_REACHED`, `NOT_TAKEN`."""
    held = store.held(order.job_id)
    context = calling_context(keys, store.scratch)
    headers = {"Authorization": f"Bearer {order.token.get_secret_value()}", "Content-Length": str(held.size)}
    timeout = httpx.Timeout(SEND_SECONDS, connect=CONNECT_SECONDS)
    with httpx.Client(verify=context, timeout=timeout, trust_env=False) as http:
        for address in order.target.addresses:
            host = f"[{address}]" if ":" in address else address
            try:
                answer = http.put(
                    f"https://{host}:{order.target.port}/copies/{order.copy_id}",
                    content=store.open_raw(order.job_id),
                    headers=headers,
                    extensions={"sni_hostname": order.target.id},
                )
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
            except (httpx.HTTPError, ssl.SSLError) as error:
                raise NOT_TAKEN(reason=type(error).__name__) from error
            if answer.status_code != httpx.codes.CREATED:
                raise NOT_TAKEN(reason=f"HTTP {answer.status_code}")
            return
    raise NOT_REACHED(addresses=", ".join(order.target.addresses) or "–", port=order.target.port)


class Receiver:
    """Takes copies in, as the listener hands them on."""

    def __init__(self, store: NodeStore, portal: NodePortal) -> None:
        self._store, self._portal = store, portal

    def __call__(self, copy_id: str, token: str, sender: str, length: int, body: BinaryIO) -> None:
        """Keep what comes if the portal expects it, its size and hash are right, and the portal still wants it."""
        told = self._portal.accept(copy_id, token, sender)
        job_id, expected = str(told["job_id"]), Held(str(told["sha256"]), int(told["size"]))
        if length != expected.size:
            raise NOT_TAKEN(reason="size")
        self._store.receive(job_id, body, expected)
        try:
            self._portal.stored(copy_id, expected.sha256)
        except PressroomError as error:
            if not error.transient:
                self._store.delete(job_id)
            raise
