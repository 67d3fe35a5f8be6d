"""Who may print to the loopback printers: the person of this agent alone, on a computer that others may use too.

A connection is let in when its other end is a program of the same account of the system. Print systems connect with an
account of their own, whoever prints: they show the key, which stands in the address that they keep to themselves, and
say whose job it is. Pages in a browser are kept out by the names that they know this computer by and by their origin.
"""

import getpass
import hmac
import os
import secrets
import socket
import sys
from base64 import b64decode
from binascii import Error as NoBase64
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from pressroom.workstation.folder import WorkstationFolder

KEPT = "loopback-access"
KEY_USER = "printctl"
LOCAL_NAMES = frozenset({"127.0.0.1", "localhost"})
NOBODY_IN_PARTICULAR = frozenset({"", "anonymous"})
TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
"""Where Linux lists connections with the users that they belong to (proc(5))."""
End = tuple[str, int]
"""Address and port of one end of a connection."""


@dataclass(frozen=True, slots=True)
class Access:
    """The port where the printers are, and the key that print systems show."""

    port: int
    key: str

    def is_key(self, shown: str) -> bool:
        """Whether that is the key."""
        return bool(shown) and hmac.compare_digest(shown.encode(), self.key.encode())


def kept_access(folder: WorkstationFolder) -> Access | None:
    """What was chosen here; None where the agent has not run yet. Raises `UNREADABLE`."""
    known = folder.unsealed(KEPT)
    return Access(**known) if known is not None else None


def keep_access(folder: WorkstationFolder, port: int) -> Access:
    """Keep the port, with the key that there is or a new one; an address once given to the system stays good."""
    known = kept_access(folder)
    access = Access(port, known.key if known is not None else secrets.token_urlsafe(24))
    if access != known:
        folder.seal(KEPT, asdict(access))
    return access


def key_of(authorization: str) -> str:
    """The password of an Authorization header, or nothing."""
    scheme, _, shown = authorization.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return b64decode(shown, validate=True).decode().partition(":")[2]
    except (NoBase64, ValueError):
        return ""


def is_local_name(host: str) -> bool:
    """Whether a Host header names this computer as itself: no page of the web can, wherever its name leads."""
    name, colon, port = host.lower().rpartition(":")
    return (name if colon and port.isdigit() else host.lower()) in LOCAL_NAMES


def is_own_name(user: str) -> bool:
    """Whether a job is of the person of this agent, by the account that is named for it: DOMAIN\\kim, kim@house."""
    if user.lower() in NOBODY_IN_PARTICULAR:
        return True
    return user.rpartition("\\")[2].partition("@")[0].casefold() == getpass.getuser().casefold()


def is_own_connection(other: End, here: End) -> bool:
    """Whether the program at the other end of a connection on this computer runs in the agent's own account.

    Where the system does not tell, it does not count as one.
    """
    return _owner_on_linux(other, here) == os.getuid() if TABLES[0].exists() else _has_own_process(other)


def _owner_on_linux(other: End, here: End) -> int | None:
    """The user id of the socket at the other end, as the kernel tells everybody."""
    wanted = {(_listed(other), _listed(here)), (_mapped(other), _mapped(here))}
    for table in TABLES:
        try:
            lines = table.read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if (fields[1], fields[2]) in wanted:
                return int(fields[7])
    return None


def _listed(end: End) -> str:
    number = int.from_bytes(socket.inet_aton(end[0]), sys.byteorder)
    return f"{number:08X}:{end[1]:04X}"


def _mapped(end: End) -> str:
    """The same end as a socket for both kinds of addresses has it."""
    prefix = int.from_bytes(b"\x00\x00\xff\xff", sys.byteorder)
    return f"{0:016X}{prefix:08X}{_listed(end)}"


def _has_own_process(other: End) -> bool:
    own = psutil.Process().username()
    for process in psutil.process_iter():
        try:
            if process.username() == own and any(one.laddr == other for one in process.net_connections("tcp4")):
                return True
        except psutil.Error:
            continue  # another account's, or gone
    return False
