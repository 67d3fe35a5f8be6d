"""The scan app of a simulated printer: it asks its portal for orders and sends the pages that come of them."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx

from printers_sim.device.refusal import Refusal
from printers_sim.panel.touch import PortalAccess
from printers_sim.printer import SimulatedPrinter
from printers_sim.scanner.picture import PageFile, Rendering, Side, page_file, scanned
from printers_sim.scanner.portal import LineCut, ScanPortal
from printers_sim.scanner.scanner import RESOLUTIONS, ScanTrouble, Source, Trouble

WAIT_SECONDS = 25.0
PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Between two tries while the portal cannot be reached; the last one again and again."""
MOST_TRIES = 8
"""For one page; then the batch is given up, and the portal says so by itself."""
UNKNOWN_HERE = frozenset({"content_type"})
"""Settings that this scanner knows nothing of in black and white (SCAN-81)."""


class ScanApp:
    """The app of one printer. `problem` is the last thing that went wrong, for people."""

    def __init__(self, printer: SimulatedPrinter) -> None:
        self._printer = printer
        self._portal: ScanPortal | None = None
        self._work: asyncio.Task[None] | None = None
        self.in_hand: list[str] = []
        self.problem = ""

    @property
    def access(self) -> PortalAccess | None:
        """The portal that it asks."""
        return self._portal.access if self._portal else None

    async def connect(self, access: PortalAccess) -> None:
        """Ask this portal from now on."""
        if access == self.access:
            return
        await self.close()
        self._portal = ScanPortal(access)
        self._work = asyncio.create_task(self._serve(self._portal))

    async def close(self) -> None:
        """Ask no more."""
        work, portal, self._work, self._portal = self._work, self._portal, None, None
        if work is not None:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
        if portal is not None:
            await portal.close()

    async def _serve(self, portal: ScanPortal) -> None:
        tries = 0
        while True:
            try:
                order = await portal.fetch_order(self.in_hand, WAIT_SECONDS)
                tries, self.problem = 0, ""
                if order is not None:
                    await self._carry_out(portal, order)
            except Refusal as refusal:
                self.problem = refusal.reason
            except httpx.HTTPError as error:
                self.problem = f"The portal cannot be reached: {error}"
            else:
                continue
            await asyncio.sleep(PAUSES[min(tries, len(PAUSES) - 1)])
            tries += 1

    async def _carry_out(self, portal: ScanPortal, order: Mapping[str, Any]) -> None:
        scan_id, settings = order["scan_id"], order["settings"] or {}
        self.in_hand = [scan_id]
        problem: Trouble | None = None
        try:
            await self._scan(portal, order, settings)
        except ScanTrouble as error:
            problem = error.trouble
        finally:
            self.in_hand = []
            self._printer.changes += 1
        await portal.end(scan_id, order["batch"], problem, _ignored(settings))

    async def _scan(self, portal: ScanPortal, order: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
        scanner, number, left = self._printer.scanner, order["first_page"], order["bytes_left"]
        asked = rendering_of(settings)
        two_sided = settings.get("sides", "one_sided") != "one_sided"
        source = Source(settings.get("source", Source.AUTO))
        for side in scanner.sides_from(source, two_sided=two_sided, seed=self._printer.number):
            await asyncio.sleep(scanner.slow)
            page = await asyncio.to_thread(rendered, side, asked)
            if len(page.data) > left:
                raise ScanTrouble(Trouble.TOO_LARGE)
            await self._send(portal, order["scan_id"], number, page)
            number, left = number + 1, left - len(page.data)

    async def _send(self, portal: ScanPortal, scan_id: str, number: int, page: PageFile) -> None:
        """Send a page, as often as it takes; raises the portal's `Refusal`, or the last failure."""
        scanner, start = self._printer.scanner, 0
        for tries in range(MOST_TRIES):
            cut_at = None
            if scanner.upload_breaks:
                scanner.upload_breaks -= 1
                cut_at = (start + len(page.data)) // 2
            try:
                await portal.send_page(scan_id, number, page, start, cut_at)
            except Refusal as refusal:
                if refusal.code != "scan.wrong_offset":
                    raise
            except httpx.HTTPError as error:
                self.problem = f"The upload broke off: {error}"
                if tries == MOST_TRIES - 1:
                    raise
                await asyncio.sleep(PAUSES[tries] if not isinstance(error, LineCut) else PAUSES[0])
            else:
                return
            start = await portal.received(scan_id, number)
        raise ScanTrouble(Trouble.FAILED)


def rendering_of(settings: Mapping[str, Any]) -> Rendering:
    """What the settings of an order mean here; without any, as the printer usually scans."""
    dpi = settings.get("resolution", 300)
    contrast = settings.get("contrast", "best")
    return Rendering(
        dpi=dpi if dpi in RESOLUTIONS else 300,
        color=settings.get("color_mode", "auto"),
        size=settings.get("original_size", ""),
        content=settings.get("content_type", "text"),
        contrast=contrast if isinstance(contrast, int) else 0,
    )


def rendered(side: Side, asked: Rendering) -> PageFile:
    """The page of a side; takes a moment."""
    return page_file(scanned(side, asked), asked)


def _ignored(settings: Mapping[str, Any]) -> list[str]:
    """What this scanner cannot do: it has no use for the kind of content in black and white."""
    if settings.get("color_mode") == "black_and_white" and settings.get("content_type", "text") != "text":
        return sorted(UNKNOWN_HERE)
    return []
