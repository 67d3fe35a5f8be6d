"""The panel apps for printing of a simulated printer: release with its sessions, and usage (PR-335, PR-338).

The usage app reports each finished job that the server sent, with the sides that really carry toner; it tries again
while the server does not answer. What goes wrong with it is turned at `Knobs.usage_app`.
"""

import asyncio
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from printers_sim.device.refusal import Refusal
from printers_sim.ipp.jobs import Job
from printers_sim.knobs import UsageApp
from printers_sim.panel.server import PrintServer, ServerAccess
from printers_sim.panel.touch import has_portal, report_usage
from printers_sim.printer import SimulatedPrinter

RELEASE_APP, CARD_APP, USAGE_APP = "print-release", "card-authentication", "device-usage"
MARK = re.compile(r"\[([0-9a-f]{16})\]$")
"""What the name of a job ends in that the server has released."""
PAUSES = (0.2, 1.0, 5.0, 30.0)
NO_SERVER = "This printer knows no print server: enter its address, client id and secret first."
NOBODY = "Nobody is signed in."


class PanelApps:
    """The apps of one printer: its server, who is signed in, and what it reported."""

    def __init__(self, printer: SimulatedPrinter) -> None:
        self._printer = printer
        self._server: PrintServer | None = None
        self._session = ""
        self._tasks: set[asyncio.Task[None]] = set()
        self.person: Mapping[str, Any] | None = None
        self.release: Mapping[str, Any] | None = None
        self.reports: list[Mapping[str, Any]] = []

    @property
    def is_small(self) -> bool:
        """Whether only everything can be released here: a screen without the release app (PR-205)."""
        return RELEASE_APP not in self._printer.device.apps

    @property
    def is_connected(self) -> bool:
        return self._server is not None

    async def connect(self, access: ServerAccess) -> None:
        """Enter the server (PR-210)."""
        await self.close()
        self._server = PrintServer(access)

    async def sign_in(self, proof: Mapping[str, Any]) -> Mapping[str, Any]:
        """By `badge` (and `pin`), `pin` or `code`; the server's answer, which may ask for more."""
        await self.sign_out()
        given = {name: proof[name] for name in ("badge", "pin", "code") if proof.get(name)}
        method = "badge" if "badge" in given else "secure_login" if "code" in given else "pin"
        content = given | {"method": method, "printer_id": self._printer.serial, "screen": self._screen}
        answer: Mapping[str, Any] = await self._ask("POST", "/printer-login/sign-ins", content, needs_person=False)
        if (session := answer["session"]) is not None:
            self._session, self.person, self.release = session["token"], session["person"], None
        return answer

    async def offer(self) -> Mapping[str, Any]:
        """What this panel may offer."""
        found: Mapping[str, Any] = await self._ask("GET", "/printer-release/panel")
        return found

    async def jobs(self, owner: str = "") -> list[Mapping[str, Any]]:
        """The jobs of whoever is signed in, or of the person of that id whose delegate they are."""
        path = f"/printer-release/jobs?owner_id={quote(owner)}" if owner else "/printer-release/jobs"
        found: list[Mapping[str, Any]] = await self._ask("GET", path)
        return found

    async def delegators(self) -> list[Mapping[str, Any]]:
        """Whose jobs they may release besides their own."""
        found: list[Mapping[str, Any]] = await self._ask("GET", "/printer-release/owners")
        return found

    async def change(self, job_id: str, changes: Mapping[str, Any]) -> Mapping[str, Any]:
        """Keep settings of a job."""
        changed: Mapping[str, Any] = await self._ask("PATCH", f"/printer-release/jobs/{job_id}", dict(changes))
        return changed

    async def delete(self, job_id: str) -> None:
        """Delete a job."""
        await self._ask("DELETE", f"/printer-release/jobs/{job_id}")

    async def print(self, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
        """Release jobs here: `mode`, `job_ids`, `changes`, `keep`; at a small screen everything."""
        content = {**wanted, "screen": self._screen}
        self.release = await self._ask("POST", "/printer-release/releases", content)
        assert self.release is not None
        return self.release

    async def progress(self) -> Mapping[str, Any] | None:
        """How the last release is going."""
        if self.release is not None:
            self.release = await self._ask("GET", f"/printer-release/releases/{self.release['id']}")
        return self.release

    async def cancel(self) -> Mapping[str, Any] | None:
        """Cancel the last release, auto-release within its grace too."""
        if self.release is not None:
            self.release = await self._ask("POST", f"/printer-release/releases/{self.release['id']}/cancel")
        return self.release

    async def phone_code(self) -> Mapping[str, Any]:
        """The code for phones that the panel is to show now (MOB-4)."""
        path = f"/phone-codes/panel?printer_id={self._printer.serial}"
        found: Mapping[str, Any] = await self._ask("GET", path, needs_person=False)
        return found

    async def sign_out(self) -> None:
        """End the session, if somebody is signed in."""
        if self._session:
            session, self._session, self.person, self.release = self._session, "", None, None
            if self._server is not None:
                await self._server.ask("DELETE", "/printer-login/session", session)

    def job_ended(self, job: Job) -> None:
        """The usage app hears that a job has left the printer."""
        mark = MARK.search(job.name)
        way = self._printer.knobs.usage_app
        if (
            mark is None
            or not (self._server is not None or has_portal(self._printer))
            or USAGE_APP not in self._printer.device.apps
            or way is UsageApp.MISSING
        ):
            return
        for _ in range(2 if way is UsageApp.TWICE else 1):
            task = asyncio.create_task(self._report(mark[1], job))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """The simulation ends, or another server is entered."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._server is not None:
            await self._server.close()
            self._server = None

    async def _report(self, mark: str, job: Job) -> None:
        report = {
            "release": mark,
            "impressions": job.toner_sides,
            "color_impressions": job.color_sides,
            "sheets": job.sheets,
            "paper": job.ticket.word("media", ""),
        }
        for pause in (*PAUSES, None):
            try:
                if self._server is not None:
                    content = {**report, "printer_id": self._printer.serial}
                    await self._server.ask("POST", "/printer-release/usage", content=content)
                else:
                    await report_usage(self._printer, report)
            except Refusal as refusal:
                if refusal.status < 500 or pause is None:
                    return
                await asyncio.sleep(pause)
            else:
                self.reports.append(report)
                return

    @property
    def _screen(self) -> str:
        return "small" if self.is_small else "full"

    async def _ask(self, method: str, path: str, content: object = None, *, needs_person: bool = True) -> Any:
        if self._server is None:
            raise Refusal(409, "no_server", NO_SERVER)
        if needs_person and not self._session:
            raise Refusal(409, "nobody", NOBODY)
        try:
            return await self._server.ask(method, path, self._session if needs_person else "", content)
        except Refusal as refusal:
            if refusal.code == "printer_session.ended":
                self._session, self.person, self.release = "", None, None
            raise
