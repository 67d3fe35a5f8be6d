"""In which version the program runs: the installed one, or one that its agent has installed since (PR-303)."""

import os
import sys
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pressroom.agent import launcher
from pressroom.agent.launcher import CONFIRMED, VERSIONS, read
from pressroom.workstation import VERSION
from pressroom.workstation.folder import WorkstationFolder, usual_folder
from pressroom.workstation.updating import MODULE, Plan, chosen_version

FOLDER_OPTION, FOLDER_VARIABLE, TRIAL_VARIABLE = "--folder", "PRINTCTL_FOLDER", "PRINTCTL_TRIAL_SECONDS"
TRIAL_SECONDS = 300.0
"""How long a new version may take until it has reached the portal."""
UNDER_LAUNCHER = frozenset({"agent", "work"})
"""Commands whose version the launcher chooses."""
ROOT = Path(__file__).parents[2]


def follow_versions(folder: WorkstationFolder) -> None:
    """Become the launcher, which runs the agent in the version that was installed; keeps this process's id."""
    roots = os.pathsep.join(str(path) for path in (ROOT, ROOT.parent / "lib") if path.is_dir())
    trial = os.environ.get(TRIAL_VARIABLE, str(TRIAL_SECONDS))
    ours = ["--folder", str(folder.path), "--base", VERSION, "--roots", roots, "--trial-seconds", trial]
    command = [sys.executable, launcher.__file__, *ours, "--program", f"{MODULE} work"]
    os.execv(sys.executable, command)  # noqa: S606 — the launcher, in place of this process


def be_chosen_version(arguments: Sequence[str]) -> None:
    """Become the version that the agent runs in, if that is another one; commands then do what it does."""
    if arguments and arguments[0] in UNDER_LAUNCHER:
        return
    folder = _folder(arguments)
    version = chosen_version(folder)
    chosen = read(folder / VERSIONS / launcher.CHOSEN)
    if not version or chosen.get("state") != CONFIRMED or _is_newer(VERSION, version):
        return
    here = folder / VERSIONS / version
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(here / "app"), str(here / "lib")))}
    command = [sys.executable, "-P", "-m", MODULE, *arguments]
    os.execve(sys.executable, command, environment)  # noqa: S606 — the same program, in another version


def end_with_launcher() -> None:
    """Standard input is a pipe from the launcher: when it is gone, so is this version of the agent."""

    def wait() -> None:
        while os.read(sys.stdin.fileno(), 1024):
            pass
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def update_words(update: Mapping[str, Any], plan: Plan | None) -> str:
    """What is told of updates on the command line."""
    version = update["version"]
    if plan is not None and plan.problem:
        return f"Version {version} is wanted, and was not installed: {plan.problem}"
    if plan is not None:
        when = datetime.fromtimestamp(plan.due).astimezone().isoformat(sep=" ", timespec="minutes")
        return f"Version {version} is wanted; the running agent installs it at {when}."
    words = {
        "up_to_date": "This is the version that the organization wants.",
        "update_blocked": f"There is version {version}; the organization does not want updates.",
        "too_old": f"This version is too old for the portal; install the package of version {version}.",
    }
    return words[update["state"]]


def _folder(arguments: Sequence[str]) -> Path:
    """The agent's folder, as the command line or the environment names it."""
    for number, word in enumerate(arguments):
        name, equals, value = word.partition("=")
        if name == FOLDER_OPTION:
            return Path(value if equals else "".join(arguments[number + 1 : number + 2])).expanduser()
    named = os.environ.get(FOLDER_VARIABLE)
    return Path(named).expanduser() if named else usual_folder()


def _is_newer(version: str, other: str) -> bool:
    return launcher.numbers(version) > launcher.numbers(other)
