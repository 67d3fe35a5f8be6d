"""The agent of a workstation as a program: it checks in, and keeps the modules running that the person may use.

While the portal cannot be reached, what it said last goes on to count, so that modules which need no portal work on
(section 28). Nobody signed in: the agent waits for somebody.
"""

import asyncio
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

import structlog

from connectors.errors import PressroomError
from pressroom.workstation import VERSION
from pressroom.workstation.cloud import SIGNED_OUT, Cloud, Told
from pressroom.workstation.folder import WorkstationFolder
from pressroom.workstation.host import host_facts
from pressroom.workstation.modules import Module, Workstation
from pressroom.workstation.updating import confirm_version, keep_signing_key, problem_of_update

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
"""How often the agent looks whether somebody has signed in or out."""
CONTACT_SECONDS = 300.0
"""How often the agent says that it is there, so that its state is known to ten minutes (PR-277)."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0
TOLD = "told"


class WorkstationProgram:
    """The whole of it; `run` works until cancelled."""

    def __init__(self, folder: WorkstationFolder, modules: Sequence[Module]) -> None:
        self._folder, self._modules = folder, modules
        self._running: dict[str, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()
        self._status: dict[str, object] = {}
        self.starts_again = False
        """Whether it has ended for another version to be started."""

    async def run(self) -> None:
        """Wait for somebody to sign in, work for them until they sign out, and so on, until it `starts_again`."""
        self._note(state="signed_out", contact="")
        try:
            while not self.starts_again:
                stamp = self._folder.signed_in_at()
                if stamp:
                    await self._work_for(stamp)
                    self._note(state="signed_out", contact="")
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            await self._stop(self._running)
            self._note(state="stopped")

    async def _work_for(self, stamp: int) -> None:
        identity, configuration = self._folder.identity(), self._folder.configuration()
        async with Cloud(identity, configuration) as cloud:
            known = self._folder.unsealed(TOLD)
            told = Told.of(known) if known and known["portal"] == identity.portal else None
            workstation = Workstation(
                self._folder,
                configuration,
                cloud,
                told or _nothing(),
                log,
                check_in_now=self._wake.set,
                start_again=self._end_for_another,
            )
            try:
                await self._until_signed_out(workstation, stamp)
            finally:
                await self._stop(self._running)

    async def _until_signed_out(self, workstation: Workstation, stamp: int) -> None:
        due, pause, contact_due = 0.0, FIRST_PAUSE, time.monotonic() + CONTACT_SECONDS
        while self._folder.signed_in_at() == stamp and not self.starts_again:
            if self._wake.is_set() or time.monotonic() >= due:
                self._wake.clear()
                try:
                    await self._check_in(workstation)
                except PressroomError as error:
                    log.warning("not checked in", code=error.code)
                    workstation.is_online = error.fault is SIGNED_OUT
                    self._note(state="signed_out" if error.fault is SIGNED_OUT else "offline", problem=error.message)
                    due, pause = time.monotonic() + pause, min(pause * 2, LONGEST_PAUSE)
                    if error.fault is SIGNED_OUT:
                        await self._stop(self._running)
                        workstation.told = _nothing()
                else:
                    pause = FIRST_PAUSE
                    hours = min(
                        workstation.told.hours,
                        workstation.configuration.schedule_settings.call_home_frequency_in_hours,
                    )
                    due = time.monotonic() + hours * 3600
            if time.monotonic() >= contact_due:
                contact_due = time.monotonic() + CONTACT_SECONDS
                await self._note_contact(workstation)
            await self._adjust(workstation)
            await self._pause(due)

    def _end_for_another(self) -> None:
        self.starts_again = True

    async def _note_contact(self, workstation: Workstation) -> None:
        """Say that the workstation is there; settings that have changed meanwhile are fetched at once."""
        try:
            told = await workstation.cloud.json(
                "POST", "/client/v1/contact", json={"key": self._folder.workstation_key()}
            )
        except PressroomError as error:
            log.warning("the portal was not told", code=error.code)
            self._wake.set()
        else:
            if told["settings_version"] != workstation.told.settings_version:
                self._wake.set()

    async def _check_in(self, workstation: Workstation) -> None:
        facts = host_facts(workstation.configuration.network_interface_selector_settings)
        queues = list(dict.fromkeys(name for names in workstation.queues.values() for name in names))
        problem = problem_of_update(self._folder, workstation.told.answer)
        told = await workstation.cloud.check_in(self._folder.workstation_key(), facts, queues, problem)
        workstation.told, workstation.is_online = told, True
        keep_told(self._folder, workstation.cloud, told)
        confirm_version(self._folder)
        log.info("checked in", client_id=told.client_id, modes=sorted(told.modes))
        self._note(state="online", contact=datetime.now(UTC).isoformat(timespec="seconds"), problem="")

    async def _adjust(self, workstation: Workstation) -> None:
        """Start the modules that the person may use now, and stop the others."""
        open_modes = workstation.told.modes & workstation.configuration.modes
        is_known = bool(workstation.told.client_id)
        wanted = {one.name: one for one in self._modules if is_known and one.mode in {"", *open_modes}}
        await self._stop({name: task for name, task in self._running.items() if name not in wanted})
        for name, module in wanted.items():
            if name not in self._running:
                log.info("module started", module=name)
                self._running[name] = asyncio.create_task(self._kept_running(module, workstation))
        self._note(modules=sorted(self._running), notes=dict(workstation.notes), queues=dict(workstation.queues))

    async def _kept_running(self, module: Module, workstation: Workstation) -> None:
        pause = FIRST_PAUSE
        while True:
            begun = time.monotonic()
            try:
                await module.run(workstation)
            except PressroomError as error:
                log.warning("module has failed", module=module.name, code=error.code)
                workstation.notes[module.name] = error.message
            except Exception:
                log.exception("module has failed", module=module.name)
                workstation.notes[module.name] = "It has failed; the log tells how."
            pause = FIRST_PAUSE if time.monotonic() - begun > LONGEST_PAUSE else min(pause * 2, LONGEST_PAUSE)
            await asyncio.sleep(pause)

    async def _stop(self, tasks: dict[str, asyncio.Task[None]]) -> None:
        tasks = dict(tasks)
        for name, task in tasks.items():
            task.cancel()
            self._running.pop(name, None)
        await asyncio.gather(*tasks.values(), return_exceptions=True)

    async def _pause(self, due: float) -> None:
        limit = min(LOOK_SECONDS, max(0.01, due - time.monotonic()))
        with suppress(TimeoutError):
            async with asyncio.timeout(limit):  # `wait_for` loses a cancellation that comes with the wake (3.11)
                await self._wake.wait()

    def _note(self, **facts: object) -> None:
        """Keep how the agent stands, for `printctl status`, where that is news."""
        status = {**self._status, **facts, "pid": os.getpid(), "version": VERSION}
        if status != self._status:
            self._status = status
            self._folder.note_status(status)


def keep_told(folder: WorkstationFolder, cloud: Cloud, told: Told) -> None:
    """Keep what the portal has said, for when it cannot be reached, and by what its packages are checked."""
    folder.seal(TOLD, {**told.answer, "portal": cloud.identity.portal})
    keep_signing_key(folder, cloud.identity.portal, str(told.answer.get("signing_key", "")))


def _nothing() -> Told:
    """What counts before the portal has said anything."""
    return Told("", "", "", "", "", "", frozenset(), "", 0, 4, {})
