"""The agent replaces itself, as the client policy wants: which version, and when (PR-268, PR-303, PR-305, PR-331).

A package is fetched from the portal, going on where a broken transfer stopped, checked by the installation's signature,
unpacked beside the running version and started once to see that it does. The agent then ends what it has in hand and
begins again in it, on trial (`pressroom.agent.launcher`): a version that does not reach the portal is given up and the
former one goes on. Why is told to the portal, and the version is not tried again until another one is wanted.
"""

import asyncio
import hashlib
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from connectors.errors import Fault, PressroomError
from connectors.messages import N_, Message
from pressroom.agent.launcher import CHOSEN, VERSIONS, numbers, read
from pressroom.agent.versions import WENT_BACK, Program, Versions
from pressroom.workstation import VERSION
from pressroom.workstation.folder import WorkstationFolder
from pressroom.workstation.modules import Workstation
from steps.agent_packages import OfferedPackage, PackageKind, own_target

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

PLAN, SIGNING_KEY = "update-plan", "signing-key"
MODULE = "pressroom.workstation.commands"
PROGRAM = Program(MODULE, ("version", "--loaded"), PackageKind.WORKSTATION)
LOOK_SECONDS = 1.0
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 3600.0
DAY = 86_400.0
NO_JOB = 0
"""Workstations update themselves by no order, of which the versions of fleet agents keep the number."""
DAMAGED = Fault(
    "workstation.update_damaged",
    502,
    N_("The package {name} did not arrive as it was sent."),
    N_("Nothing has to be done: it is fetched again."),
    transient=True,
)


@dataclass(frozen=True, slots=True)
class Plan:
    """The version that is wanted, at which moment (seconds since 1970), and why it could not be had, if so."""

    version: str
    due: float
    problem: str = ""


class SelfUpdate:
    """The module."""

    name, mode = "updates", ""

    async def run(self, workstation: Workstation) -> None:
        """Work until cancelled, or until another version is to be started."""
        folder = workstation.folder
        if _has_gone_back(folder):
            workstation.check_in_now()
        pause = FIRST_PAUSE
        while True:
            plan = planned(folder, workstation.told.answer)
            workstation.notes[self.name] = plan.problem if plan is not None else ""
            if plan is not None and not plan.problem and plan.due <= time.time():
                try:
                    await self._install(workstation, plan)
                except PressroomError as error:
                    pause = await self._failed(workstation, plan, error, pause)
                else:
                    workstation.start_again()
            await asyncio.sleep(LOOK_SECONDS)

    async def _install(self, workstation: Workstation, plan: Plan) -> None:
        place = f"/client/v1/updates/{own_target()}/{plan.version}"
        offered = OfferedPackage.model_validate(await workstation.cloud.json("GET", place))
        versions = Versions(workstation.folder.path, PROGRAM)
        versions.check(offered, signing_key(workstation.folder), PackageKind.WORKSTATION)
        file = workstation.folder.subfolder("updates") / f"{offered.file.sha256}.part"
        await workstation.cloud.fetch(f"{place}/file", file, offered.file.size)
        await asyncio.to_thread(_check, offered, file)
        try:
            await asyncio.to_thread(versions.install, offered, file)
        finally:
            file.unlink()
        versions.choose(plan.version, NO_JOB)
        log.info("another version is installed", wanted=plan.version)

    async def _failed(self, workstation: Workstation, plan: Plan, error: PressroomError, pause: float) -> float:
        """What cannot get better is kept and told; else it is tried again, after a pause that grows."""
        log.warning("not updated", wanted=plan.version, code=str(error.facts.get("code", error.code)))
        if error.transient:
            await asyncio.sleep(pause)
            return min(pause * 2, LONGEST_PAUSE)
        _keep(workstation.folder, replace(plan, problem=str(error.facts.get("reason", error.message))))
        workstation.check_in_now()
        return FIRST_PAUSE


def planned(folder: WorkstationFolder, answer: Any) -> Plan | None:
    """What is to be installed by this answer of the portal and when, kept so that the moment stays; None: nothing."""
    wanted = answer.get("update", {})
    if not installs_itself(wanted) or numbers(VERSION) >= numbers(wanted["version"]):
        return None
    known = _kept(folder)
    if known is not None and known.version == wanted["version"]:
        if known.due <= (latest := _due(folder, wanted, time.time())):
            return known
        plan = replace(known, due=latest)  # the policy wants it sooner now
    else:
        plan = Plan(wanted["version"], _due(folder, wanted, time.time()))
    _keep(folder, plan)
    return plan


def installs_itself(wanted: Mapping[str, Any]) -> bool:
    """Whether the agent is to install this version: one that is too old does so too, where updates are wanted."""
    state = wanted.get("state")
    return state in ("update_now", "update_within") or (state == "too_old" and bool(wanted.get("is_automatic")))


def problem_of_update(folder: WorkstationFolder, answer: Any) -> str:
    """What is in the way of the version that this answer wants, for the portal to know."""
    plan, update = _kept(folder), answer.get("update", {})
    is_wanted = plan is not None and plan.version == update.get("version") and update.get("state") != "up_to_date"
    return plan.problem if plan is not None and is_wanted else ""


def keep_signing_key(folder: WorkstationFolder, portal: str, key: str) -> None:
    """Keep by what key packages of this portal are checked: the first one counts, as long as it is the same portal."""
    known = folder.unsealed(SIGNING_KEY)
    if key and (known is None or known["portal"] != portal):
        folder.seal(SIGNING_KEY, {"portal": portal, "key": key})


def signing_key(folder: WorkstationFolder) -> str:
    """By what packages are checked; empty where no portal has said."""
    return str((folder.unsealed(SIGNING_KEY) or {}).get("key", ""))


def confirm_version(folder: WorkstationFolder) -> None:
    """The portal was reached: the running version is no longer on trial."""
    if (folder.path / VERSIONS).is_dir():
        Versions(folder.path, PROGRAM).confirm()


def chosen_version(folder: Path) -> str:
    """The version in the agent's folder that is to run instead of this one; empty: this one."""
    chosen = read(folder / VERSIONS / CHOSEN)
    version = str(chosen.get("version") or "")
    is_there = bool(version) and (folder / VERSIONS / version).is_dir()
    return version if is_there and version != VERSION else ""


def _due(folder: WorkstationFolder, wanted: Any, now: float) -> float:
    """At once, at a time of the day, or at a moment within days that is always the same for this workstation."""
    if wanted["state"] == "update_within":
        seed = hashlib.sha256(f"{folder.workstation_key()} {wanted['version']}".encode()).digest()
        share = int.from_bytes(seed[:8]) / (1 << 64)
        return now + share * DAY * int(wanted["days"])
    if not wanted.get("at"):
        return now
    hour, minute = str(wanted["at"]).split(":")[:2]
    today = (
        datetime.fromtimestamp(now).astimezone().replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
    )
    return (today if today.timestamp() >= now else today + timedelta(days=1)).timestamp()


def _has_gone_back(folder: WorkstationFolder) -> bool:
    """Whether the version that was installed has just been given up; it is not tried again."""
    if not (folder.path / VERSIONS).is_dir():
        return False
    failed, plan = Versions(folder.path, PROGRAM).went_back(NO_JOB), _kept(folder)
    if not failed or plan is None or plan.version != failed["version"] or plan.problem:
        return False
    _keep(folder, replace(plan, problem=str(Message.of(WENT_BACK, **failed))))
    return True


def _check(offered: OfferedPackage, file: Path) -> None:
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if (file.stat().st_size, digest) != (offered.file.size, offered.file.sha256):
        file.unlink()
        raise DAMAGED(name=offered.file.name)


def _keep(folder: WorkstationFolder, plan: Plan) -> None:
    folder.seal(PLAN, asdict(plan))


def _kept(folder: WorkstationFolder) -> Plan | None:
    known = folder.unsealed(PLAN)
    return Plan(**known) if known is not None else None
