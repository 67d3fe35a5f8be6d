"""What the kernel is told about the worker's processes."""

import ctypes
import os
import signal
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

PR_SET_PDEATHSIG = 1
PR_SET_NAME = 15
READINESS, HIGHEST = 500, 1000


def end_with(parent: int) -> None:
    """From now on the kernel kills this process when its parent dies; at once, where `parent` has died before."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def name_process(name: str) -> None:
    """Let `ps` and `top` show this process, a copy of another one, as `name` (at most 15 bytes)."""
    ctypes.CDLL(None).prctl(PR_SET_NAME, name.encode())


def offer_to_end() -> None:
    """Where memory runs out, let the kernel end this process, whose run is resumed, before those that it depends on.

    Anyone may raise this value (proc(5)); where /proc cannot be written, the kernel chooses as ever.
    """
    score = Path("/proc/self/oom_score_adj")
    try:
        score.write_text(str(min(int(score.read_text()) + READINESS, HIGHEST)))
    except OSError as error:
        log.info("the kernel is not told which process to end first", error=str(error))
