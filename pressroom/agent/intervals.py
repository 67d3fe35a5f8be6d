"""What the agent does by itself: it searches and looks at its USB ports, each at an interval (FL-119, FL-160)."""

import asyncio
import time
from pathlib import Path

import structlog

from pressroom.agent.cloud import Cloud, OwnPrinter, Told
from pressroom.agent.uploads import UploadRule
from pressroom.agent.usb import UsbPorts
from steps.found_printers import FoundPrinter
from steps.printer_registry import printer_steps
from steps.printer_work import FileReference, Order, Report, carry_out
from steps.printers.discover import snmp_secrets

log = structlog.get_logger(__name__)

PART = 400
READ_AT_ONCE = 32
READINGS_AT_ONCE = 50


class NoFiles:
    """Searches need no files."""

    async def fetch(self, reference: FileReference) -> Path:
        """There are none."""
        raise FileNotFoundError(reference.key)

    async def keep(self, path: Path, name: str, media_type: str) -> str:
        """There are none."""
        raise FileNotFoundError(f"{path} {name} {media_type}")


class Intervals:
    """The intervals of one agent, as the cloud last told them; `usb` lists the printers at the host's ports.

    `host` is the address that is shown for them (FL-14).
    """

    def __init__(self, kind: str, usb: Path | None = None, host: str = "127.0.0.1") -> None:
        self._kind = kind
        self.usb = UsbPorts(usb, host)
        self._told: Told | None = None
        self._last: dict[str, float] = {}
        self._uploads = UploadRule()
        self._searches_now = False

    def told(self, told: Told) -> None:
        """Take over what the cloud says."""
        self._told = told

    def search_now(self) -> None:
        """Have the next look include a search, whatever the interval (FL-127)."""
        self._searches_now = True

    def hurry(self) -> None:
        """Let everything be due now."""
        self._last.clear()

    async def work(self, cloud: Cloud) -> None:
        """Do what is due."""
        if self._told is None:
            return
        settings = self._told.settings
        if self._kind == "local" and self._is_due("usb", float(settings["polling_minutes"])):
            await self._enrol_usb(cloud)
            await self._read_printers(cloud)
        is_due = self._is_due("discovery", float(settings["discovery_minutes"]))
        if self._kind == "fleet" and (is_due or self._searches_now):
            self._searches_now = False
            await self._search(cloud, self._told)
        minutes = settings["refresh_minutes" if self._kind == "fleet" else "polling_minutes"]
        if self._kind != "local" and self._is_due("refresh", float(minutes)):
            await self._read_printers(cloud)

    def _is_due(self, what: str, minutes: float) -> bool:
        last = self._last.get(what)
        if minutes <= 0 or (last is not None and time.monotonic() - last < minutes * 60):
            return False
        self._last[what] = time.monotonic()
        return True

    async def _search(self, cloud: Cloud, told: Told) -> None:
        if told.search is None or not (told.search.local or told.search.include):
            return
        order = Order(
            job_id=0,
            operation="discover",
            parameters=told.search.model_dump(mode="json"),
            secrets=snmp_secrets(told.snmp),
        )
        report = await printer_steps()["discover"].run(order, NoFiles())
        found = [FoundPrinter.model_validate(one) for one in report.facts["found"]]
        for start in range(0, len(found), PART):
            await cloud.found(found[start : start + PART])
        log.info("searched", found=len(found), probed=report.facts["probed"])

    async def _read_printers(self, cloud: Cloud) -> None:
        """Read all printers of the agent, and hand in what is news (FL-15, FL-120, FL-160)."""
        slots = asyncio.Semaphore(READ_AT_ONCE)

        async def one(printer: OwnPrinter) -> tuple[str, Report]:
            order = Order(job_id=0, operation="refresh", printer=printer.target)
            async with slots:
                if self._kind == "local":
                    return printer.id, await self.usb.read(printer.target.serial_number)
                return printer.id, await carry_out(order, NoFiles(), printer_steps())

        printers = await cloud.printers()
        read = await asyncio.gather(*(one(printer) for printer in printers))
        news = {printer_id: report for printer_id, report in read if self._uploads.is_news(printer_id, report)}
        for start in range(0, len(news), READINGS_AT_ONCE):
            part = dict(list(news.items())[start : start + READINGS_AT_ONCE])
            await cloud.readings(part)
            for printer_id, report in part.items():
                self._uploads.uploaded(printer_id, report)
        log.info("printers read", printers=len(printers), news=len(news))

    async def _enrol_usb(self, cloud: Cloud) -> None:
        """Register what is at the ports, with the host's address (F-8)."""
        if found := self.usb.found():
            await cloud.found(found)
        log.info("looked at the USB ports", found=len(found))
