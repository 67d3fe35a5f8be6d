"""A mail server for trying things out: it keeps every message as a file and sends nothing on."""

import re
import signal
from datetime import UTC, datetime
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class MailFolder:
    """Handles messages by writing them as .eml files into a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the message; aiosmtpd's name for the event."""
        content = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        first = re.sub(r"[^\w.@-]", "_", envelope.rcpt_tos[0])[:80]
        path = self._folder / f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}-{first}.eml"
        path.write_bytes(content)
        return "250 kept"


def serve(folder: Path, port: int) -> None:
    """Catch mail on loopback until told to stop."""
    stops = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, stops)
    controller = Controller(MailFolder(folder), hostname="127.0.0.1", port=port, data_size_limit=100 * 1_048_576)
    controller.start()
    signal.sigwait(stops)
    controller.stop()
