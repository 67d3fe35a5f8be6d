"""Working files of processes that were killed: they lie unsealed in the scratch folder, and nobody else removes them.

Working files are removed by whoever made them; these are left when a portal or a worker dies in between.
"""

import shutil
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

KEPT = timedelta(days=1)
"""Work that has written nothing for so long is over."""


def remove_leftovers(folder: Path, kept: timedelta = KEPT) -> int:
    """Remove the files and folders in `folder` in which nothing was written for as long as `kept`; returns how many.

    What its owner removes meanwhile is left to them.
    """
    if not folder.is_dir():
        return 0
    limit, count = time.time() - kept.total_seconds(), 0
    for entry in folder.iterdir():
        with suppress(FileNotFoundError):
            if _last_written(entry) > limit:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
            count += 1
    return count


def _last_written(entry: Path) -> float:
    own = entry.lstat().st_mtime
    if not entry.is_dir() or entry.is_symlink():
        return own
    return max([own, *(one.lstat().st_mtime for one in entry.rglob("*"))])
