"""Which printers a workstation sends documents to over TLS: those it knows by their certificates (PR-314).

With an authority for printers in the configuration, certificates have to be signed by it and name the printer. Without
one, a printer's certificate is kept at the first print and has to be the same from then on.
"""

import hashlib
import ssl
from urllib.parse import urlsplit

from connectors.errors import PressroomError
from connectors.ipp.trust import CHANGED, by_authority, by_certificate
from pressroom.workstation.folder import WorkstationFolder

KEPT = "printer-certificates"


class PrinterTrust:
    """What the person's agent and commands know of printers."""

    def __init__(self, folder: WorkstationFolder) -> None:
        self._folder = folder
        self._chosen = folder.configuration().certificate_validation_settings

    def context(self, address: str) -> ssl.SSLContext:
        """How the printer at an `ipps` address is spoken to; raises `NOT_TRUSTED` without a usable authority."""
        parts = urlsplit(address)
        place = f"{parts.hostname}:{parts.port or 631}"
        if self._chosen.printer_authority_file:
            authority, revocation = self._chosen.printer_authority_file, self._chosen.certificate_revocation_mode
            return by_authority(place, authority, revocation)
        return by_certificate(place, self._accept)

    def forget(self, name: str) -> list[str]:
        """Take any certificate once more from the printers of this host, or host and port; returns which they are."""
        known = self._known()
        gone = [place for place in known if name in (place, place.rpartition(":")[0])]
        self._folder.seal(KEPT, {place: one for place, one in known.items() if place not in gone})
        return gone

    def _accept(self, place: str, certificate: bytes) -> PressroomError | None:
        known, shown = self._known(), hashlib.sha256(certificate).hexdigest()
        if place not in known:
            self._folder.seal(KEPT, {**known, place: shown})
            return None
        return None if known[place] == shown else CHANGED(printer=place)

    def _known(self) -> dict[str, str]:
        return self._folder.unsealed(KEPT) or {}
