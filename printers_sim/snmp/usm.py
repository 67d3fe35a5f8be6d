"""Version 3 as an agent speaks it: the user-based security model (RFC 3414, RFC 3826, RFC 7860) and its reports."""

import hashlib
import hmac
import os
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from connectors.snmp.ber import BerError, Oid, Reader, Tag, integer, octets, oid_content, sequence
from connectors.snmp.message import Version, parse_pdu, pdu, variable
from printers_sim.snmp.agent import AgentView, answer_pdu

AUTHENTICATED, ENCRYPTED, REPORTABLE = 0x01, 0x02, 0x04
USER_BASED = 3
TIME_WINDOW = 150
"""Seconds that the two clocks may differ (RFC 3414 §2.2.3)."""
STATISTICS: Oid = (1, 3, 6, 1, 6, 3, 15, 1, 1)
UNSUPPORTED_LEVEL, NOT_IN_TIME, UNKNOWN_USER, UNKNOWN_ENGINE, WRONG_DIGEST, DECRYPTION_ERROR = range(1, 7)
BOOTS_SINCE = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
LARGEST_MESSAGE = 65_507
PASSWORD_OCTETS = 1_048_576


class Authentication(StrEnum):
    """HMAC of the user's messages; the value names the hash."""

    MD5 = "md5"
    SHA1 = "sha1"
    SHA224 = "sha224"
    SHA256 = "sha256"
    SHA384 = "sha384"
    SHA512 = "sha512"

    @property
    def size(self) -> int:
        """Octets of the truncated HMAC."""
        sizes = {"md5": 12, "sha1": 12, "sha224": 16, "sha256": 24, "sha384": 32, "sha512": 48}
        return sizes[self.value]


class Privacy(StrEnum):
    """Encryption of the user's messages."""

    DES = "des"
    AES128 = "aes128"
    AES256 = "aes256"


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may ask. Without passwords the user's messages are neither authenticated nor encrypted."""

    name: str
    authentication: Authentication | None = None
    authentication_password: str = ""
    privacy: Privacy | None = None
    privacy_password: str = ""
    may_write: bool = False


@dataclass(slots=True)
class Engine:
    """An agent's engine: its id, how often it started, and what it has counted (usmStats…)."""

    engine_id: bytes
    users: dict[bytes, User]
    boots: int = 1
    started: float = field(default_factory=time.monotonic)
    counts: dict[int, int] = field(default_factory=dict)

    @property
    def seconds(self) -> int:
        return max(0, int(time.monotonic() - self.started))

    def follow(self, switched_on: float) -> None:
        """The printer was switched on at that (monotonic) time: another boot, if the engine has been up for longer."""
        if switched_on > self.started:
            self.started = switched_on
            self.boots += 1


def boots_now() -> int:
    """A count of boots that grows from one simulation to the next, as whoever asks remembers it (RFC 3414 §2.2)."""
    return int((time.time() - BOOTS_SINCE) // 60)


@dataclass(frozen=True, slots=True)
class _Request:
    """A version 3 message, taken apart. `digest_at` is where the authentication parameters stand in the message."""

    message: bytes
    message_id: int
    flags: int
    engine_id: bytes
    boots: int
    seconds: int
    user: bytes
    digest: bytes
    digest_at: int
    salt: bytes
    scoped: bytes


class _Report(Exception):
    def __init__(self, statistic: int, *, authenticate: bool = False) -> None:
        self.statistic, self.authenticate = statistic, authenticate


def answer_v3(data: bytes, view: AgentView, engine: Engine) -> bytes | None:
    """The answer to a version 3 message: a response, a report that says what to do better, or None."""
    request = _taken_apart(data)
    user = engine.users.get(request.user)
    try:
        user = _checked(request, engine)
        reader = Reader(_decrypted(request, engine, user)).inside(Tag.SEQUENCE)
        context_engine, context = reader.content(Tag.OCTET_STRING), reader.content(Tag.OCTET_STRING)
        answer = answer_pdu(parse_pdu(reader), view, Version.V3, may_write=user.may_write)
    except _Report as report:
        return _report(request, engine, user, report)
    if answer is None:
        return None
    scoped = sequence(octets(context_engine), octets(context), answer)
    return _message(request, engine, user, request.flags & (AUTHENTICATED | ENCRYPTED), scoped)


@lru_cache(maxsize=4096)
def localized_key(hash_name: str, password: str, engine_id: bytes) -> bytes:
    """A password as the key for one engine (RFC 3414 §2.6)."""
    key = _password_key(hash_name, password)
    return hashlib.new(hash_name, key + engine_id + key).digest()


@lru_cache(maxsize=64)
def _password_key(hash_name: str, password: str) -> bytes:
    given = password.encode()
    repeated = given * (PASSWORD_OCTETS // len(given) + 1)
    return hashlib.new(hash_name, repeated[:PASSWORD_OCTETS]).digest()


def _taken_apart(data: bytes) -> _Request:
    reader = Reader(data).inside(Tag.SEQUENCE)
    reader.integer()
    header = reader.inside(Tag.SEQUENCE)
    message_id, _, flags, model = header.integer(), header.integer(), header.content(Tag.OCTET_STRING), header.integer()
    if model != USER_BASED or len(flags) != 1:
        raise BerError("another security model, or no flags")
    security = reader.inside(Tag.OCTET_STRING).inside(Tag.SEQUENCE)
    engine_id, boots, seconds = security.content(Tag.OCTET_STRING), security.integer(), security.integer()
    user, digest = security.content(Tag.OCTET_STRING), security.content(Tag.OCTET_STRING)
    digest_at = security.position - len(digest)
    salt, begin = security.content(Tag.OCTET_STRING), reader.position
    _, content, end = reader.element()
    scoped = data[content:end] if flags[0] & ENCRYPTED else data[begin:end]
    return _Request(data, message_id, flags[0], engine_id, boots, seconds, user, digest, digest_at, salt, scoped)


def _checked(request: _Request, engine: Engine) -> User:
    """Who asks, in the order of RFC 3414 §3.2: engine, user, level, digest, time."""
    if request.engine_id != engine.engine_id:
        raise _Report(UNKNOWN_ENGINE)
    user = engine.users.get(request.user)
    if user is None:
        raise _Report(UNKNOWN_USER)
    wanted = (AUTHENTICATED if user.authentication else 0) | (ENCRYPTED if user.privacy else 0)
    if request.flags & (AUTHENTICATED | ENCRYPTED) != wanted:
        raise _Report(UNSUPPORTED_LEVEL)
    if user.authentication is None:
        return user
    blank = bytes(len(request.digest))
    end = request.digest_at + len(request.digest)
    unsigned = request.message[: request.digest_at] + blank + request.message[end:]
    if not hmac.compare_digest(_digest(unsigned, engine, user), request.digest):
        raise _Report(WRONG_DIGEST)
    if request.boots != engine.boots or abs(request.seconds - engine.seconds) > TIME_WINDOW:
        raise _Report(NOT_IN_TIME, authenticate=True)
    return user


def _digest(message: bytes, engine: Engine, user: User) -> bytes:
    assert user.authentication is not None
    key = localized_key(user.authentication, user.authentication_password, engine.engine_id)
    return hmac.new(key, message, user.authentication.value).digest()[: user.authentication.size]


def _decrypted(request: _Request, engine: Engine, user: User) -> bytes:
    if user.privacy is None:
        return request.scoped
    cipher = _cipher(engine, user, request.salt, request.boots, request.seconds)
    decryptor = cipher.decryptor()
    try:
        return decryptor.update(request.scoped) + decryptor.finalize()
    except ValueError as error:
        raise _Report(DECRYPTION_ERROR) from error


def _encrypted(scoped: bytes, engine: Engine, user: User) -> tuple[bytes, bytes]:
    """The encrypted scoped PDU and its salt."""
    salt = os.urandom(8)
    if user.privacy is Privacy.DES:
        scoped += bytes(-len(scoped) % 8)
    encryptor = _cipher(engine, user, salt, engine.boots, engine.seconds).encryptor()
    return encryptor.update(scoped) + encryptor.finalize(), salt


def _cipher(engine: Engine, user: User, salt: bytes, boots: int, seconds: int) -> Cipher[modes.CBC | CFB]:
    assert user.authentication is not None
    if len(salt) != 8:
        raise _Report(DECRYPTION_ERROR)
    key = localized_key(user.authentication, user.privacy_password, engine.engine_id)
    if user.privacy is Privacy.DES:
        vector = bytes(one ^ other for one, other in zip(key[8:16], salt, strict=True))
        return Cipher(TripleDES(key[:8] * 3), modes.CBC(vector))
    size = 16 if user.privacy is Privacy.AES128 else 32
    while len(key) < size:  # the key is lengthened by hashing what there is of it
        key += hashlib.new(user.authentication.value, key).digest()
    vector = boots.to_bytes(4, "big") + seconds.to_bytes(4, "big") + salt
    return Cipher(algorithms.AES(key[:size]), CFB(vector))


def _report(request: _Request, engine: Engine, user: User | None, report: _Report) -> bytes | None:
    if not request.flags & REPORTABLE:
        return None
    count = engine.counts[report.statistic] = engine.counts.get(report.statistic, 0) + 1
    counted = variable(oid_content((*STATISTICS, report.statistic, 0)), integer(count, Tag.COUNTER32))
    answer = pdu(Tag.REPORT, _request_id(request), 0, 0, [counted])
    flags = AUTHENTICATED if report.authenticate else 0
    return _message(request, engine, user, flags, sequence(octets(engine.engine_id), octets(b""), answer))


def _request_id(request: _Request) -> int:
    """The id of the request, where it can be read; 0 in a message that is encrypted."""
    if request.flags & ENCRYPTED:
        return 0
    reader = Reader(request.scoped).inside(Tag.SEQUENCE)
    reader.content(Tag.OCTET_STRING)
    reader.content(Tag.OCTET_STRING)
    return parse_pdu(reader).request_id


def _message(request: _Request, engine: Engine, user: User | None, flags: int, scoped: bytes) -> bytes:
    salt = b""
    if flags & ENCRYPTED and user is not None:
        content, salt = _encrypted(scoped, engine, user)
        scoped = octets(content)
    digest = bytes(user.authentication.size) if flags & AUTHENTICATED and user and user.authentication else b""
    parameters = sequence(
        octets(engine.engine_id),
        integer(engine.boots),
        integer(engine.seconds),
        octets(request.user),
        octets(digest),
        octets(salt),
    )
    header = sequence(
        integer(request.message_id), integer(LARGEST_MESSAGE), octets(bytes((flags,))), integer(USER_BASED)
    )
    message = sequence(integer(Version.V3), header, octets(parameters), scoped)
    if not digest or user is None:
        return message
    place = _taken_apart(message).digest_at
    return message[:place] + _digest(message, engine, user) + message[place + len(digest) :]


def engine_id_of(mac: bytes) -> bytes:
    """An engine id made of a MAC address, under the enterprise number for documentation (RFC 3411 §5, RFC 5612)."""
    return (0x8000_0000 | 32473).to_bytes(4, "big") + b"\x03" + mac
