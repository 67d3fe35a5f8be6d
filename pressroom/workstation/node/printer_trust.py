"""Which printers a workstation or storage node sends documents to over TLS: those it knows by their certificates.

With an authority for printers in the configuration, certificates have to be signed by it and name the printer. Without
one, a printer's certificate is kept at the first print and has to be the same from then on. That holds for what is
printed directly, offline, and from the hybrid queue alike (PR-314).
"""

import hashlib
import json
import ssl
import threading
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from connectors.errors import PressroomError
from connectors.ipp.trust import CHANGED, by_authority, by_certificate
from pressroom.workstation.folder import WorkstationFolder
from pressroom.workstation.node.journal import write_durably

KEPT = "printer-certificates"


class KeptCertificates(Protocol):
    """Where certificates are kept: the folder of a workstation, or `NodeFolder`."""

    def unsealed(self, name: str) -> dict[str, Any] | None:
        """What is kept under the name, None without it."""

    def seal(self, name: str, content: dict[str, Any]) -> None:
        """Keep it at once or not at all."""


class NodeFolder:
    """The folder of a storage node, which keeps by what it knows printers: that is no secret."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def unsealed(self, name: str) -> dict[str, Any] | None:
        """What is kept under the name, None without it."""
        file = self._path / f"{name}.json"
        known: dict[str, Any] | None = json.loads(file.read_bytes()) if file.exists() else None
        return known

    def seal(self, name: str, content: dict[str, Any]) -> None:
        """Keep it at once or not at all."""
        write_durably(self._path / f"{name}.json", json.dumps(content).encode())


class PrinterTrust:
    """What is known of printers. With `authority_file`, it decides; `revocation` is the mode for its list (0, 1, 2)."""

    def __init__(self, kept: KeptCertificates, authority_file: str = "", revocation: int = 0) -> None:
        self._kept, self._authority_file, self._revocation = kept, authority_file, revocation
        self._lock = threading.Lock()

    @classmethod
    def of(cls, folder: WorkstationFolder) -> "PrinterTrust":
        """What the person's agent and commands know, as their configuration wants it."""
        chosen = folder.configuration().certificate_validation_settings
        return cls(folder, chosen.printer_authority_file, chosen.certificate_revocation_mode)

    def context(self, address: str) -> ssl.SSLContext:
        """How the printer at an `ipps` address is spoken to; raises `NOT_TRUSTED` without a usable authority."""
        parts = urlsplit(address)
        place = f"{parts.hostname}:{parts.port or 631}"
        if self._authority_file:
            return by_authority(place, self._authority_file, self._revocation)
        return by_certificate(place, self._accept)

    def forget(self, name: str) -> list[str]:
        """Take any certificate once more from the printers of this host, or host and port; returns which they are."""
        known = self._known()
        gone = [place for place in known if name in (place, place.rpartition(":")[0])]
        if gone:
            self._kept.seal(KEPT, {place: one for place, one in known.items() if place not in gone})
        return gone

    def _accept(self, place: str, certificate: bytes) -> PressroomError | None:
        shown = hashlib.sha256(certificate).hexdigest()
        with self._lock:
            known = self._known()
            if place not in known:
                self._kept.seal(KEPT, {**known, place: shown})
                return None
        return None if known[place] == shown else CHANGED(printer=place)

    def _known(self) -> dict[str, str]:
        return self._kept.unsealed(KEPT) or {}
