"""The portal as a printer's scan app calls it, below `/device/v1`, with the printer's own key.

A page that breaks off on its way is continued where the portal says that it stopped.
"""

import base64
import hashlib
from collections.abc import AsyncIterator
from typing import Any

import httpx

from printers_sim.panel.server import refusal_of
from printers_sim.panel.touch import PortalAccess
from printers_sim.scanner.picture import PageFile

ANSWER_SECONDS = 30.0
PIECE = 1 << 16


class LineCut(httpx.TransportError):
    """The network is gone in the middle of an upload (a knob)."""


class ScanPortal:
    """One portal. Raises `Refusal` for what it refuses, `httpx.TransportError` where it cannot be reached."""

    def __init__(self, access: PortalAccess) -> None:
        self.access = access
        self._http = httpx.AsyncClient(
            base_url=f"{access.address.rstrip('/')}/device/v1",
            headers={"Authorization": f"Bearer {access.key}"},
            timeout=ANSWER_SECONDS,
            trust_env=False,
        )

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.aclose()

    async def fetch_order(self, in_hand: list[str], wait: float) -> dict[str, Any] | None:
        """The order that waits, or none after `wait` seconds."""
        content = {"in_hand": in_hand, "wait": wait}
        answer = await self._http.post("/scan-orders", json=content, timeout=ANSWER_SECONDS + wait)
        order: dict[str, Any] | None = _content(answer)["order"]
        return order

    async def received(self, scan_id: str, number: int) -> int:
        """How many bytes of a page have come."""
        return int(_content(await self._http.get(f"/scans/{scan_id}/pages/{number}"))["received"])

    async def send_page(self, scan_id: str, number: int, page: PageFile, start: int, cut_at: int | None = None) -> None:
        """Send a page from byte `start` on; with `cut_at` the line breaks there (`LineCut`)."""
        total = len(page.data)
        headers = {
            "Content-Type": page.media_type,
            "Content-Length": str(total - start),
            "Content-Range": f"bytes {start}-{total - 1}/{total}",
            "Repr-Digest": f"sha-256=:{base64.b64encode(hashlib.sha256(page.data).digest()).decode()}:",
        }
        body = _pieces(page.data, start, cut_at)
        _content(await self._http.put(f"/scans/{scan_id}/pages/{number}", content=body, headers=headers))

    async def end(self, scan_id: str, batch: int, problem: str | None, ignored: list[str]) -> None:
        """Say that no more pages of the batch will come."""
        content = {"batch": batch, "problem": problem, "ignored": ignored}
        _content(await self._http.post(f"/scans/{scan_id}/end", json=content))


async def _pieces(data: bytes, start: int, cut_at: int | None) -> AsyncIterator[bytes]:
    for place in range(start, len(data), PIECE):
        if cut_at is not None and place + PIECE > cut_at:
            yield data[place:cut_at]
            raise LineCut("the line was cut")
        yield data[place : place + PIECE]


def _content(answer: httpx.Response) -> Any:
    if answer.is_success:
        return answer.json()
    if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise httpx.HTTPStatusError("the portal is in trouble", request=answer.request, response=answer)
    raise refusal_of(answer)
