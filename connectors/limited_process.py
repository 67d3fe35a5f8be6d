"""Running a program on a file that we do not trust: a bare environment, limits, and nothing left when it is over."""

import os
import resource
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

MOST_FILE_BYTES = 2 << 30


def run_limited(
    command: Sequence[str],
    work: Path,
    timeout: float,
    environment: Mapping[str, str] | None = None,
    most_memory: int | None = None,
) -> int:
    """Run `command` in the folder `work` and return its exit code, negative for a signal.

    Raises `subprocess.TimeoutExpired` after `timeout` seconds. On any way out, nothing of its process group is left.
    """
    process = subprocess.Popen(  # noqa: S603 — programs and options of ours, and file names of ours
        command,
        cwd=work,
        env={**_bare_environment(work), **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (MOST_FILE_BYTES, MOST_FILE_BYTES))
    if most_memory is not None:
        resource.prlimit(process.pid, resource.RLIMIT_AS, (most_memory, most_memory))
    try:
        return process.wait(timeout)
    finally:
        _end_group(process)


def _bare_environment(work: Path) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(work),
        "TMPDIR": str(work),
        "LC_ALL": "C.UTF-8",
        "http_proxy": "http://127.0.0.1:9",
        "https_proxy": "http://127.0.0.1:9",
    }


def _end_group(process: "subprocess.Popen[bytes]") -> None:
    """End what is left of the group that we started: soffice leaves its child behind when it is stopped itself."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    finally:
        process.wait()
