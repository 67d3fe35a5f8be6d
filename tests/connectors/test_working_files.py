"""Working files of processes that were killed are removed, and nobody else's."""

import os
import time
from pathlib import Path

from connectors.documents.working_files import KEPT, remove_leftovers


def age(path: Path) -> None:
    """As if nothing had been written to it for longer than leftovers are kept."""
    moment = time.time() - KEPT.total_seconds() - 60
    os.utime(path, (moment, moment), follow_symlinks=False)


def test_only_what_nobody_has_written_to_for_a_day_goes(tmp_path: Path) -> None:
    scratch, elsewhere = tmp_path / "scratch", tmp_path / "kept.pdf"
    assert remove_leftovers(scratch) == 0, "there is none yet"
    elsewhere.touch()
    for name in ("old", "busy"):
        (scratch / name / "pages").mkdir(parents=True)
        (scratch / name / "pages" / "1.png").touch()
        age(scratch / name / "pages")
        age(scratch / name)
    age(scratch / "old" / "pages" / "1.png")
    for name in ("ipp-old", "ipp-young"):
        (scratch / name).touch()
    age(scratch / "ipp-old")
    (scratch / "link").symlink_to(elsewhere)
    age(scratch / "link")
    assert remove_leftovers(scratch) == 3
    assert sorted(one.name for one in scratch.iterdir()) == ["busy", "ipp-young"]
    assert elsewhere.is_file()
