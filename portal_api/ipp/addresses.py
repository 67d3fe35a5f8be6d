"""Addresses of the print service: whose queue, which one, and which of its jobs (PR-322).

`/ipp/print/{organization}`, `…/{organization}/{queue}`, or `…/{organization}/{secret}` for a queue address that stands
for its person. A job's address is its printer's with the job's number behind it.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from domain.print_access.callers import ORGANIZATION_DIGITS
from domain.print_access.service import ADDRESS_PREFIX

ROOT = "/ipp/print"
QUEUES = ("cloud",)
"""Queues by name besides the nameless one, which is the same: an organization has one cloud queue (AM-20)."""
_PATH = re.compile(
    rf"{ROOT}/(?P<organization>[0-9a-f]{{{ORGANIZATION_DIGITS}}})"
    rf"(?:/(?P<queue>{'|'.join(QUEUES)}|{ADDRESS_PREFIX}[A-Za-z0-9_-]{{16,64}}))?"
    r"(?:/(?P<job>[1-9][0-9]{0,9}))?/?"
)


@dataclass(frozen=True, slots=True)
class PrinterAddress:
    """A queue as a client reached it: `host` with its port, `path` without a job; `secret` of a queue address."""

    host: str
    is_secure: bool
    organization: str
    queue: str = ""
    job: int | None = None

    @property
    def secret(self) -> str:
        """What stands for a person in it, or nothing."""
        return self.queue if self.queue.startswith(ADDRESS_PREFIX) else ""

    @property
    def path(self) -> str:
        return f"{ROOT}/{self.organization}" + (f"/{self.queue}" if self.queue else "")

    @property
    def uri(self) -> str:
        """The printer's URI."""
        return f"{'ipps' if self.is_secure else 'ipp'}://{self.host}{self.path}"

    @property
    def web(self) -> str:
        """Where its web pages are."""
        return f"{'https' if self.is_secure else 'http'}://{self.host}"


def address_of(path: str, host: str, is_secure: bool) -> PrinterAddress | None:
    """What `path` leads to; None where there can be nothing."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    job = int(found["job"]) if found["job"] else None
    return PrinterAddress(host, is_secure, found["organization"], found["queue"] or "", job)


def target_of(uri: str, called: PrinterAddress) -> PrinterAddress | None:
    """What the URI in a request names, if it is of the same queue as the address that was called.

    Hosts are not compared: clients say by which of our names they know us.
    """
    try:
        path = urlsplit(uri).path
    except ValueError:
        return None
    named = address_of(path, called.host, called.is_secure)
    return named if named is not None and named.path == called.path else None
