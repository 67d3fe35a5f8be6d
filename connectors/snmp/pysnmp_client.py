"""The portable client: `pysnmp`, pure Python, for platforms without gufo-snmp and for everything that writes.

Versions 1 and 2c go through its small architecture, version 3 through the full engine, as slow as that is.
"""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from pyasn1.type import univ
from pysnmp.hlapi.v1arch import asyncio as small
from pysnmp.hlapi.v3arch import asyncio as full
from pysnmp.proto import errind, rfc1155, rfc1902
from pysnmp.proto.rfc1902 import Integer32, Null, ObjectIdentifier, OctetString

from connectors.errors import PressroomError
from connectors.snmp.client import (
    BAD_ANSWER,
    DEFAULT_REPETITIONS,
    MOST_ROWS,
    MOST_VALUES,
    NO_ANSWER,
    REFUSED,
    SIGN_IN,
    Authentication,
    Privacy,
    SnmpTarget,
    SnmpValue,
    check_target,
    numeric_address,
)
from connectors.snmp.message import ErrorStatus, Version

Bindings = Sequence[tuple[Any, Any]]
Answer = tuple[Any, int, int, Bindings]
"""What pysnmp returns: an error indication or None, error status and index, the objects and their values."""

AUTHENTICATION = {
    Authentication.MD5: full.USM_AUTH_HMAC96_MD5,
    Authentication.SHA1: full.USM_AUTH_HMAC96_SHA,
    Authentication.SHA224: full.USM_AUTH_HMAC128_SHA224,
    Authentication.SHA256: full.USM_AUTH_HMAC192_SHA256,
    Authentication.SHA384: full.USM_AUTH_HMAC256_SHA384,
    Authentication.SHA512: full.USM_AUTH_HMAC384_SHA512,
}
PRIVACY = {
    Privacy.DES: full.USM_PRIV_CBC56_DES,
    Privacy.AES128: full.USM_PRIV_CFB128_AES,
    Privacy.AES256: full.USM_PRIV_CFB256_AES_BLUMENTHAL,
}


class PysnmpClient:
    """`SnmpClient` by pysnmp; it can also `set`."""

    def __init__(self, target: SnmpTarget) -> None:
        """Raises `BAD_PROFILE`."""
        check_target(target)
        self.target = target
        self._asker: _Architecture
        self._is_known = False
        self._takes_bulk = target.version is not Version.V1

    async def __aenter__(self) -> Self:
        self._asker = await _opened(self.target)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._asker.close()

    async def get(self, oids: Sequence[str]) -> Mapping[str, SnmpValue]:
        """See `SnmpClient.get`."""
        wanted = list(dict.fromkeys(oids))
        found: dict[str, SnmpValue] = {}
        for start in range(0, len(wanted), MOST_VALUES):
            found |= await self._get(wanted[start : start + MOST_VALUES])
        return found

    async def walk(self, prefix: str, *, bulk: bool = True) -> Sequence[tuple[str, SnmpValue]]:
        """See `SnmpClient.walk`."""
        if bulk and self._takes_bulk:
            try:
                return await self._rows(prefix, is_bulk=True)
            except PressroomError as fault:
                if fault.fault is not NO_ANSWER or not self._is_known:
                    raise
                self._takes_bulk = False  # it answers, but not to this
        return await self._rows(prefix, is_bulk=False)

    async def set(self, values: Mapping[str, int | str | bytes]) -> None:
        """Set INTEGERs and OCTET STRINGs, all or none. Raises `REFUSED` where the agent does not let."""
        bindings = [
            (ObjectIdentifier(oid), Integer32(value) if isinstance(value, int) else OctetString(value))
            for oid, value in values.items()
        ]
        status, _, _ = self._checked(await self._asker.set(bindings))
        if status != ErrorStatus.NO_ERROR:
            raise REFUSED(address=self.target.address, reason=_status_name(status))

    async def _get(self, batch: Sequence[str]) -> Mapping[str, SnmpValue]:
        """A batch, without the object that version 1 finds missing, in halves where the answer would be too big."""
        remaining = list(batch)
        while remaining:
            answer = await self._asker.get([_name(oid) for oid in remaining])
            status, index, bindings = self._checked(answer)
            if status == ErrorStatus.NO_ERROR:
                return {oid: value for oid, value in _values(bindings) if oid in remaining}
            if status == ErrorStatus.TOO_BIG and len(remaining) > 1:
                middle = len(remaining) // 2
                return {**await self._get(remaining[:middle]), **await self._get(remaining[middle:])}
            if not 1 <= index <= len(remaining):
                raise REFUSED(address=self.target.address, reason=_status_name(status))
            del remaining[index - 1]
        return {}

    async def _rows(self, prefix: str, *, is_bulk: bool) -> Sequence[tuple[str, SnmpValue]]:
        rows: dict[str, SnmpValue] = {}
        last = prefix
        while len(rows) < MOST_ROWS:
            ask = self._asker.bulk(last) if is_bulk else self._asker.following(last)
            status, _, bindings = self._checked(await ask)
            if status != ErrorStatus.NO_ERROR or not bindings:
                break
            for oid, value in _values(bindings):
                if oid in rows or not oid.startswith(f"{prefix}."):
                    return tuple(rows.items())
                rows[oid] = value
            if isinstance(bindings[-1][1], univ.Null) or str(bindings[-1][0]) == last:
                break
            last = str(bindings[-1][0])
        return tuple(rows.items())

    def _checked(self, answer: Answer) -> tuple[int, int, Bindings]:
        indication, status, index, bindings = answer
        address = self.target.address
        if indication is None:
            self._is_known = True
            return int(status), int(index), bindings
        if isinstance(indication, errind.RequestTimedOut):
            raise NO_ANSWER(address=address) from indication
        if self.target.version is Version.V3:
            raise SIGN_IN(address=address, reason=str(indication)) from indication
        raise BAD_ANSWER(address=address, reason=str(indication)) from indication


class _Architecture:
    """One of pysnmp's two architectures, ready to ask one target; their commands have the same names and answers."""

    def __init__(self, commands: Any, engine: Any, users: tuple[Any, Any], rest: tuple[Any, ...]) -> None:
        """`users` are who reads and who writes; `rest` is what else every command takes."""
        self._commands, self._engine = commands, engine
        self._reading, self._writing = ((engine, user, *rest) for user in users)

    async def get(self, bindings: Bindings) -> Answer:
        answer: Answer = await self._commands.get_cmd(*self._reading, *bindings, lookupMib=False)
        return answer

    async def following(self, oid: str) -> Answer:
        answer: Answer = await self._commands.next_cmd(*self._reading, _name(oid), lookupMib=False)
        return answer

    async def bulk(self, oid: str) -> Answer:
        repetitions = (0, DEFAULT_REPETITIONS)
        answer: Answer = await self._commands.bulk_cmd(*self._reading, *repetitions, _name(oid), lookupMib=False)
        return answer

    async def set(self, bindings: Bindings) -> Answer:
        answer: Answer = await self._commands.set_cmd(*self._writing, *bindings, lookupMib=False)
        return answer

    def close(self) -> None:
        (self._engine.transport_dispatcher if self._commands is small else self._engine).close_dispatcher()


async def _opened(target: SnmpTarget) -> _Architecture:
    address = await numeric_address(target)
    commands = full if target.version is Version.V3 else small
    kind = commands.Udp6TransportTarget if ":" in address else commands.UdpTransportTarget
    transport = await kind.create((address, target.port), target.timeout, target.attempts - 1)
    if commands is full:
        user = _user(target)
        return _Architecture(full, full.SnmpEngine(), (user, user), (transport, full.ContextData()))
    model = 0 if target.version is Version.V1 else 1
    names = (target.community, target.write_community or target.community)
    read, write = (small.CommunityData(name, mpModel=model) for name in names)
    return _Architecture(small, small.SnmpDispatcher(), (read, write), (transport,))


def _user(target: SnmpTarget) -> Any:
    return full.UsmUserData(
        target.user,
        authKey=target.authentication_password if target.authentication else None,
        privKey=target.privacy_password if target.privacy else None,
        authProtocol=AUTHENTICATION[target.authentication] if target.authentication else None,
        privProtocol=PRIVACY[target.privacy] if target.privacy else None,
    )


def _name(oid: str) -> tuple[Any, Any]:
    return ObjectIdentifier(oid), Null("")


def _values(bindings: Bindings) -> Sequence[tuple[str, SnmpValue]]:
    """Names and values of an answer, without those that are absent."""
    return [(str(oid), _value(value)) for oid, value in bindings if not isinstance(value, univ.Null)]


def _value(value: Any) -> SnmpValue:
    """The two architectures have types of their own, with common ancestors. All exceptions are kinds of NULL."""
    if isinstance(value, rfc1155.NetworkAddress):
        value = value.getComponent()
    if isinstance(value, rfc1155.IpAddress | rfc1902.IpAddress):
        return ".".join(map(str, bytes(value)))
    if isinstance(value, univ.ObjectIdentifier):
        return str(value)
    if isinstance(value, univ.OctetString):
        return bytes(value)
    return int(value)


def _status_name(status: int) -> str:
    try:
        return ErrorStatus(status).name.replace("_", " ").lower()
    except ValueError:
        return str(status)
