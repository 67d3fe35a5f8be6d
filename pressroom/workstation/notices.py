"""Notices on the person's screen: what became of what they printed, and that the portal is away or back (PR-281).

They are shown by the program that the system has for it; where there is none, `printctl status` tells the same. Which
ones are wanted stands in `uiSettings` of the configuration.
"""

import asyncio
import html
import shutil
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from connectors.errors import PressroomError
from connectors.messages import N_, Message
from pressroom.workstation.modules import Workstation
from pressroom.workstation.submitting import job_when_ready

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
SHOWN_SECONDS = 20.0
"""A program that has not shown a notice by then is ended."""
PREPARED_SECONDS = 300.0
SAME_SECONDS = 10.0
IN_QUEUE = N_("“{name}” waits in your print queue.")
NOT_IN_QUEUE = N_("“{name}” was not accepted: {reason}")
AWAY = N_("The portal cannot be reached. Documents wait here until it is back.")
AWAY_BUT_PRINTING = N_("The portal cannot be reached. “printctl offline submit” prints without it.")
BACK = N_("The portal can be reached again.")
Show = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Screen:
    """How a system shows a notice: the program and its arguments, of which {text} is what is to be read."""

    program: str
    arguments: tuple[str, ...]
    is_markup: bool = False

    def command(self, text: str) -> list[str]:
        """The command that shows the text."""
        written = html.escape(text, quote=False) if self.is_markup else text
        return [self.program, *(written if one == "{text}" else one for one in self.arguments)]


BALLOON = """param($text)
Add-Type -AssemblyName System.Windows.Forms
$icon = New-Object System.Windows.Forms.NotifyIcon
$icon.Icon = [System.Drawing.SystemIcons]::Information
$icon.Visible = $true
$icon.ShowBalloonTip(10000, 'Pressroom', $text, 'Info')
Start-Sleep -Seconds 10
$icon.Dispose()"""
SCREENS = {
    "linux": Screen("notify-send", ("--app-name=Pressroom", "--icon=printer", "--", "Pressroom", "{text}"), True),
    "darwin": Screen(
        "osascript",
        (
            *("-e", "on run argv"),
            *("-e", 'display notification (item 1 of argv) with title "Pressroom"'),
            *("-e", "end run", "{text}"),
        ),
    ),
    "win32": Screen("powershell", ("-NoProfile", "-NonInteractive", "-Command", f"& {{{BALLOON}}}", "{text}")),
}


class Notices:
    """The module."""

    name, mode = "notices", ""

    async def run(self, workstation: Workstation) -> None:
        """Work until cancelled."""
        screen = SCREENS.get(sys.platform)
        chosen = workstation.configuration.ui_settings
        if screen is None or not shutil.which(screen.program):
            log.info("this system shows no notices", program=screen.program if screen is not None else "")
            await asyncio.Event().wait()
            return
        texts: asyncio.Queue[str] = asyncio.Queue()
        async with asyncio.TaskGroup() as group:
            if chosen.display_notifications:
                jobs: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
                workstation.on_sent, workstation.on_notice = jobs.put_nowait, texts.put_nowait
                group.create_task(_follow_jobs(workstation, jobs, texts))
                group.create_task(_follow_notes(workstation, texts))
            if chosen.display_connection_error_message_boxes:
                group.create_task(_follow_connection(workstation, texts))
            await _show_all(screen, texts)


async def _follow_jobs(
    workstation: Workstation, jobs: "asyncio.Queue[Mapping[str, Any]]", texts: "asyncio.Queue[str]"
) -> None:
    """Tell how the preparation of each job ends: only then it is known whether it can be printed."""

    async def follow(job: Mapping[str, Any]) -> None:
        try:
            done = await job_when_ready(workstation.cloud, dict(job), PREPARED_SECONDS)
        except PressroomError as error:
            log.info("it is not known what became of a document", code=error.code)
            return
        if done["state"] == "held":
            texts.put_nowait(str(Message.of(IN_QUEUE, name=done["name"])))
        elif done["state"] in ("rejected", "failed"):
            reason = (done["reason"] or {}).get("message", "")
            texts.put_nowait(str(Message.of(NOT_IN_QUEUE, name=done["name"], reason=reason)))

    async with asyncio.TaskGroup() as group:
        while True:
            group.create_task(follow(await jobs.get()))


async def _follow_notes(workstation: Workstation, texts: "asyncio.Queue[str]") -> None:
    """Tell what modules have noted, once."""
    told: dict[str, str] = {}
    while True:
        for name, note in dict(workstation.notes).items():
            if note and note != told.get(name):
                texts.put_nowait(note)
            told[name] = note
        await asyncio.sleep(LOOK_SECONDS)


async def _follow_connection(workstation: Workstation, texts: "asyncio.Queue[str]") -> None:
    """Tell when the portal is away, and when it is back (PR-312)."""
    was_online = True
    while True:
        if workstation.is_online != was_online:
            was_online = workstation.is_online
            away = AWAY_BUT_PRINTING if "offline" in workstation.told.modes else AWAY
            texts.put_nowait(str(Message.of(BACK if was_online else away)))
        await asyncio.sleep(LOOK_SECONDS)


async def _show_all(screen: Screen, texts: "asyncio.Queue[str]") -> None:
    """Show them one after the other; what comes as a notice and as a note of its module is shown once."""
    last, at = "", 0.0
    while True:
        text = await texts.get()
        if text == last and time.monotonic() - at < SAME_SECONDS:
            continue
        last, at = text, time.monotonic()
        await _show(screen, text)


async def _show(screen: Screen, text: str) -> None:
    """Show it; that it cannot be shown stops nothing."""
    process = await asyncio.create_subprocess_exec(
        *screen.command(text), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(SHOWN_SECONDS):
            code = await process.wait()
    except TimeoutError:
        process.kill()
        code = await process.wait()
    if code:
        log.info("a notice was not shown", code=code)
