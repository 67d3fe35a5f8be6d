"""A test that fails beside others gets one more try alone, and no more than that: the script that CI runs."""

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent / "scripts" / "run-tests"

PASSES = "def test_passes():\n    pass\n"
FAILS = "def test_fails():\n    assert False\n"
FAILS_ONCE = """
from pathlib import Path

def test_fails_once():
    seen = Path(__file__).with_suffix(".seen")
    before = seen.exists()
    seen.touch()
    assert before
"""
FAILS_ELEVEN_TIMES = """
import pytest

@pytest.mark.parametrize("number", range(11))
def test_fails(number):
    assert False
"""
NAMES_CHANGE = """
import os

import pytest

@pytest.mark.parametrize("number", [os.getpid()])
def test_passes(number):
    pass
"""
DOES_NOT_LOAD = "import nothing_of_this_name\n"


@pytest.mark.parametrize(
    ("text", "status", "tried_again"),
    [
        (PASSES, 0, False),
        (FAILS_ONCE, 0, True),
        (FAILS, 1, True),
        (FAILS_ELEVEN_TIMES, 1, False),
        (DOES_NOT_LOAD, 1, False),
        (NAMES_CHANGE, 1, False),
    ],
    ids=["passes", "fails once", "fails always", "fails too often", "does not load", "names change"],
)
def test_one_more_try(tmp_path: Path, text: str, status: int, tried_again: bool) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_beside.py").write_text(PASSES)
    (tmp_path / "test_it.py").write_text(text)
    done = subprocess.run(
        [SCRIPT, "-n", "2", "--dist", "loadfile", tmp_path],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, "Once more, alone" in done.stdout) == (status, tried_again), done.stdout + done.stderr
    assert not (tmp_path / ".pytest_cache").exists()
