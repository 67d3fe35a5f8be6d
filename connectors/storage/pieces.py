"""Sending a large file in pieces: after an interruption the receiver is asked how far it got, and it goes on there."""

import time
from collections.abc import Callable
from typing import Protocol

from connectors.errors import PressroomError, is_transient
from connectors.storage.connector import Upload
from connectors.storage.faults import UPLOAD_INTERRUPTED

MOST_FAILURES = 5
FIRST_PAUSE = 0.25


class UploadSession(Protocol):
    """A provider's upload session. `piece_size` is in bytes."""

    piece_size: int

    def send(self, offset: int, piece: bytes) -> int:
        """Send a piece and return how many bytes the receiver has from the start; the file's size once it is done."""
        ...

    def received(self) -> int:
        """How many bytes the receiver has from the start; the file's size if it is done."""
        ...


def send_in_pieces(upload: Upload, session: UploadSession, pause: Callable[[float], None] = time.sleep) -> None:
    """Send all of the file; the last of more than `MOST_FAILURES` transient faults in a row passes through.

    So does `UPLOAD_INTERRUPTED` at once, with which a session says that the receiver knows nothing of it any more:
    the file may have arrived, and only the next attempt can ask.
    """
    size, offset, failures = upload.size, 0, 0
    upload.on_progress(0, size)
    with upload.path.open("rb") as file:
        while offset < size:
            file.seek(offset)
            try:
                offset = session.send(offset, file.read(session.piece_size))
                failures = 0
            except PressroomError as error:
                failures += 1
                if not _may_go_on(error) or failures > MOST_FAILURES:
                    raise
                pause(FIRST_PAUSE * 2**failures)
                offset = _how_far(session, offset)
            upload.on_progress(offset, size)


def _how_far(session: UploadSession, offset: int) -> int:
    """Where to go on; while the receiver cannot be asked either, from where we were."""
    try:
        return session.received()
    except PressroomError as error:
        if not _may_go_on(error):
            raise
        return offset


def _may_go_on(error: PressroomError) -> bool:
    return is_transient(error) and error.fault is not UPLOAD_INTERRUPTED
