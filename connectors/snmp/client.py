"""The port through which agents are asked: whom to ask (`SnmpTarget`), what can be asked (`SnmpClient`), what can fail.

Two clients implement it and pass one conformance suite: `gufo_client` (fast, for polling) and `pysnmp_client`
(portable, and the only one that can write).
"""

import asyncio
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from types import TracebackType
from typing import Protocol, Self

from connectors.errors import Fault
from connectors.messages import N_
from connectors.snmp.message import Version

SnmpValue = int | float | bytes | str
"""A number, an octet string, or an object identifier or IP address as dotted text."""

DEFAULT_PORT = 161
DEFAULT_REPETITIONS = 40
"""Rows asked for in one GETBULK: as many as fit into one Ethernet frame on most printers."""
MOST_VALUES = 40
"""Values asked for in one GET."""
SHORTEST_PASSWORD = 8
"""RFC 3414 §11.2."""
MOST_ROWS = 10_000
"""A walk that is longer than this comes from an agent that runs in a circle or wants to fill our memory."""

NO_ANSWER = Fault(
    "snmp.no_answer",
    504,
    N_("The printer at {address} does not answer SNMP."),
    N_("Check that it is switched on with SNMP turned on. A wrong community name gets no answer either."),
    spec="FL-114",
    transient=True,
)
SIGN_IN = Fault(
    "snmp.sign_in",
    403,
    N_("The printer at {address} refuses the SNMP user: {reason}."),
    N_("Correct user, passwords, authentication and privacy type in the SNMP profile."),
    spec="FL-117",
)
BAD_ANSWER = Fault(
    "snmp.bad_answer",
    502,
    N_("The printer at {address} gives an SNMP answer that makes no sense: {reason}."),
    N_("Update its firmware. If it stays, try another SNMP version in the profile."),
)
REFUSED = Fault(
    "snmp.refused",
    409,
    N_("The printer at {address} refuses what SNMP asks of it: {reason}."),
    N_("Check that the community or user may read, and for changes also write, these values."),
)
BAD_PROFILE = Fault(
    "snmp.bad_profile",
    422,
    N_("These SNMP settings cannot be used: {reason}."),
    N_("Correct version, security level, types and passwords in the SNMP profile."),
)


class Authentication(StrEnum):
    """How version 3 signs messages (RFC 3414, RFC 7860)."""

    MD5 = "md5"
    SHA1 = "sha1"
    SHA224 = "sha224"
    SHA256 = "sha256"
    SHA384 = "sha384"
    SHA512 = "sha512"


class Privacy(StrEnum):
    """How version 3 encrypts messages (RFC 3414, RFC 3826, and the customary extension to 256 bits)."""

    DES = "des"
    AES128 = "aes128"
    AES256 = "aes256"


@dataclass(frozen=True, slots=True)
class SnmpTarget:
    """An agent and how it is asked (FL-115 to FL-118). `timeout` in seconds holds for each of the `attempts`.

    Version 3 goes by `user`; with `authentication` it is authNoPriv, with `privacy` too it is authPriv.
    """

    address: str
    port: int = DEFAULT_PORT
    version: Version = Version.V2C
    community: str = field(default="public", repr=False)
    write_community: str = field(default="", repr=False)
    user: str = ""
    authentication: Authentication | None = None
    authentication_password: str = field(default="", repr=False)
    privacy: Privacy | None = None
    privacy_password: str = field(default="", repr=False)
    timeout: float = 2.0
    attempts: int = 2


class SnmpClient(Protocol):
    """Asks one agent; use it in an `async with` block. Object identifiers are dotted numbers without a leading dot.

    All methods raise `NO_ANSWER`, `SIGN_IN` or `BAD_ANSWER`; `REFUSED` where the agent says no.
    """

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    async def get(self, oids: Sequence[str]) -> Mapping[str, SnmpValue]:
        """The values of exactly these objects; those that the agent does not have are absent."""
        ...

    async def walk(self, prefix: str, *, bulk: bool = True) -> Sequence[tuple[str, SnmpValue]]:
        """All objects below `prefix` in their order, by GETBULK or, where that is harmful, one by one with GETNEXT.

        An agent whose objects do not ascend is left at that point; what it gave before counts.
        """
        ...


def check_target(target: SnmpTarget) -> None:
    """Raises `BAD_PROFILE` for settings that no agent can be asked with (FL-115 to FL-118)."""
    problems = {
        "version 3 needs a user": target.version is Version.V3 and not target.user,
        "privacy needs authentication": target.privacy is not None and target.authentication is None,
        "a password is shorter than eight characters": any(
            kind is not None and len(password) < SHORTEST_PASSWORD
            for kind, password in (
                (target.authentication, target.authentication_password),
                (target.privacy, target.privacy_password),
            )
        ),
        "the time-out must be longer than nothing": target.timeout <= 0,
        "there must be one attempt at least": target.attempts < 1,
    }
    for reason, is_so in problems.items():
        if is_so:
            raise BAD_PROFILE(reason=reason)


async def numeric_address(target: SnmpTarget) -> str:
    """The target's address as numbers; a host name is looked up. Raises `NO_ANSWER` where the name leads nowhere."""
    try:
        return str(ip_address(target.address))
    except ValueError:
        pass
    try:
        found = await asyncio.get_running_loop().getaddrinfo(target.address, target.port, type=socket.SOCK_DGRAM)
    except OSError as error:
        raise NO_ANSWER(address=target.address) from error
    return str(found[0][4][0])
