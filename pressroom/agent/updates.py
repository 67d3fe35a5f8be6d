"""Orders by which an agent changes itself: its program (F-15) and its printer support library (F-16)."""

import asyncio
from typing import Protocol

from connectors.messages import Message
from connectors.printers.levels import is_at_least
from pressroom.agent.cloud import Cloud
from pressroom.agent.versions import WENT_BACK, Versions
from steps.agent_packages import PackageKind
from steps.printer_agent import update_printer_agent
from steps.printer_work import Order, Outcome, Report, WorkFiles
from steps.printers.agent_itself import VERSION, Update, compared

UPDATES = frozenset({"update_agent", "update_library"})


class StartAgain(Exception):
    """Raised out of the agent's work once everything else in hand is done."""


class SelfUpdates(Protocol):
    """How an agent carries out updates of itself."""

    async def carry_out(self, order: Order, files: WorkFiles, *, has_other_work: bool) -> Report | None:
        """The report; None where another version is to be started, which will report."""
        ...

    def library_version(self) -> str:
        """The version of the printer support library that is in use."""
        ...

    def reached_cloud(self) -> None:
        """The cloud has answered."""
        ...


class ProgramUpdates:
    """Updates of a fleet agent or a local agent, which is a program in versions of its own."""

    def __init__(self, versions: Versions, cloud: Cloud) -> None:
        self._versions, self._cloud = versions, cloud

    async def carry_out(self, order: Order, files: WorkFiles, *, has_other_work: bool) -> Report | None:
        """Install what is newer; raises `NOT_SIGNED`, `BAD_PACKAGE`, and what `files` raises."""
        wanted = Update.model_validate(order.parameters)
        if order.operation == "update_library":
            return await self._library(wanted, files)
        return await self._program(order, wanted, files)

    def library_version(self) -> str:
        return self._versions.library_version()

    def reached_cloud(self) -> None:
        self._versions.confirm()

    async def _program(self, order: Order, wanted: Update, files: WorkFiles) -> Report | None:
        if failed := self._versions.went_back(order.job_id):
            reason = Message.of(WENT_BACK, **failed)
            return Report(outcome=Outcome.FAILED, reason=reason, facts={"version": VERSION})
        if self._versions.came_by(order.job_id):
            return Report(facts={"version": VERSION})
        if is_at_least(VERSION, wanted.version) or wanted.package is None:
            return compared(wanted.version, VERSION, "version")
        self._versions.check(wanted.package, self._cloud.identity.signing_key, PackageKind.AGENT)
        file = await files.fetch(wanted.package.file)
        await asyncio.to_thread(self._versions.install, wanted.package, file)
        self._versions.choose(wanted.package.manifest.version, order.job_id)
        return None

    async def _library(self, wanted: Update, files: WorkFiles) -> Report:
        present = self._versions.library_version()
        if is_at_least(present, wanted.version) or wanted.package is None:
            return compared(wanted.version, present, "library_version")
        self._versions.check(wanted.package, self._cloud.identity.signing_key, PackageKind.LIBRARY)
        file = await files.fetch(wanted.package.file)
        await asyncio.to_thread(self._versions.install_library, wanted.package, file)
        return Report(facts={"library_version": self._versions.library_version()})


class PrinterAgentUpdates:
    """Updates of an agent on a printer: of a printer agent, which is an app there. Native agents are firmware."""

    def __init__(self, cloud: Cloud, library_version: str) -> None:
        self._cloud, self._library = cloud, library_version

    async def carry_out(self, order: Order, files: WorkFiles, *, has_other_work: bool) -> Report | None:
        """Install the app on the agent's own printer, as the cloud says how to reach it (FL-105)."""
        wanted = Update.model_validate(order.parameters)
        printers = await self._cloud.printers()
        if order.operation == "update_library" or not printers:
            return compared(wanted.version, self._library, "library_version")
        own = order.model_copy(update={"printer": printers[0].target})
        return await update_printer_agent(own, files, has_other_work=has_other_work)

    def library_version(self) -> str:
        return self._library

    def reached_cloud(self) -> None:
        """There is nothing to confirm: the app runs or it does not."""
