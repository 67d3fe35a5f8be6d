"""A part of a benchmark in a process of its own, so that it neither lends its processor time nor its memory."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent


@contextmanager
def serving(module: str, count: int) -> Iterator[int]:
    """`python -m module count` until the end of the block; what it prints first is the port that it serves."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", module, str(count)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment)
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(20)


def peak_memory_mb() -> float:
    """The most memory that this process has held since its program was started, in MB (1,048,576 bytes).

    From VmHWM of proc(5). `getrusage` is no use here: it begins with what the process held that started this one.
    """
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024
