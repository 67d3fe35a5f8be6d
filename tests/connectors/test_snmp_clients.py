"""One suite over both SNMP clients, against net-snmp's snmpd, our simulator, and agents that lie or talk nonsense."""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from connectors.errors import Fault, PressroomError
from connectors.snmp import client as port_of
from connectors.snmp.ber import Oid, Tag, encoded, integer, object_identifier, octets, oid_of, parse_oid
from connectors.snmp.client import Authentication, Privacy, SnmpTarget, SnmpValue
from connectors.snmp.gufo_client import GufoClient
from connectors.snmp.message import CommunityMessage, ErrorStatus, Pdu, Version
from connectors.snmp.pysnmp_client import PysnmpClient
from printers_sim.printer import SimulatedPrinter, make_printer
from printers_sim.profile import profiles
from printers_sim.snmp import usm
from printers_sim.snmp.agents import Access
from tests.support.snmp_agents import Reply, replying, response, simulated, snmpd

Client = GufoClient | PysnmpClient
Result = TypeVar("Result")

SIGN, HIDE = "a secret to sign", "a secret to hide"
DESCRIPTION, OBJECT_ID, UPTIME = "1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.2.0", "1.3.6.1.2.1.1.3.0"
LOCATION, SERIAL, MISSING = "1.3.6.1.2.1.1.6.0", "1.3.6.1.2.1.43.5.1.1.17.1", "1.3.6.1.2.1.99.1.0"
SYSTEM, SUPPLIES, TABLE = "1.3.6.1.2.1.1", "1.3.6.1.2.1.43.11.1.1", oid_of("1.3.6.1.2.1.43")

SNMPD = f"""
rocommunity public
createUser sha SHA "{SIGN}" AES "{HIDE}"
createUser sha256 SHA-256 "{SIGN}" AES "{HIDE}"
createUser signs SHA-256 "{SIGN}"
createUser nobody
rouser sha priv
rouser sha256 priv
rouser signs auth
rouser nobody noauth
sysLocation Room 5
sysContact somebody
sysDescr An oracle
sysObjectID 1.3.6.1.4.1.8072.3.2.10
"""
USERS = {
    "sha": (Authentication.SHA1, Privacy.AES128),
    "sha256": (Authentication.SHA256, Privacy.AES128),
    "signs": (Authentication.SHA256, None),
    "nobody": (None, None),
}


@pytest.fixture(params=[GufoClient, PysnmpClient], ids=["gufo", "pysnmp"])
def kind(request: pytest.FixtureRequest) -> type[Client]:
    found: type[Client] = request.param
    return found


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SnmpTarget]:
    with snmpd(tmp_path_factory.mktemp("snmpd"), SNMPD) as port:
        yield SnmpTarget("127.0.0.1", port, timeout=2.0, attempts=2)


@pytest.fixture(scope="module")
def printer() -> SimulatedPrinter:
    return make_printer(0, profiles()["color-mfp"])


@pytest.fixture(scope="module")
def target(printer: SimulatedPrinter) -> Iterator[SnmpTarget]:
    users = (
        usm.User("sha", usm.Authentication.SHA1, SIGN, usm.Privacy.AES128, HIDE),
        usm.User("sha256", usm.Authentication.SHA256, SIGN, usm.Privacy.AES128, HIDE),
        usm.User("sha512", usm.Authentication.SHA512, SIGN, usm.Privacy.AES256, HIDE),
        usm.User("signs", usm.Authentication.SHA256, SIGN),
        usm.User("nobody"),
    )
    with simulated([printer], Access(users=users)) as port:
        yield SnmpTarget(printer.address, port, timeout=2.0, attempts=2)


def with_user(target: SnmpTarget, name: str, sign: str = SIGN, hide: str = HIDE) -> SnmpTarget:
    signing, hiding = USERS[name]
    return replace(
        target,
        version=Version.V3,
        user=name,
        authentication=signing,
        authentication_password=sign if signing else "",
        privacy=hiding,
        privacy_password=hide if hiding else "",
    )


def asked(kind: type[Client], target: SnmpTarget, ask: Callable[[Client], Awaitable[Result]]) -> Result:
    """What `ask` returns of an opened client."""

    async def run() -> Result:
        async with kind(target) as client:
            return await ask(client)

    return asyncio.run(run())


def refusal(kind: type[Client], target: SnmpTarget, ask: Callable[[Client], Awaitable[object]] | None = None) -> Fault:
    """The fault that asking ends with."""
    with pytest.raises(PressroomError) as caught:
        asked(kind, target, ask or (lambda client: client.get([DESCRIPTION])))
    return caught.value.fault


def quick(port: int) -> SnmpTarget:
    return SnmpTarget("127.0.0.1", port, timeout=0.3, attempts=1)


@pytest.mark.parametrize("version", [Version.V1, Version.V2C])
def test_values_come_with_their_types_and_what_is_missing_is_absent(
    kind: type[Client], oracle: SnmpTarget, version: Version
) -> None:
    oracle = replace(oracle, version=version)
    found = asked(kind, oracle, lambda client: client.get([MISSING, DESCRIPTION, OBJECT_ID, UPTIME, LOCATION]))
    uptime = found[UPTIME]
    assert found == {
        DESCRIPTION: b"An oracle",
        OBJECT_ID: "1.3.6.1.4.1.8072.3.2.10",
        UPTIME: uptime,
        LOCATION: b"Room 5",
    }
    assert isinstance(uptime, int)


@pytest.mark.parametrize("version", [Version.V1, Version.V2C])
@pytest.mark.parametrize("bulk", [True, False])
def test_a_walk_gives_the_whole_branch_in_order(
    kind: type[Client], oracle: SnmpTarget, version: Version, bulk: bool
) -> None:
    rows = asked(kind, replace(oracle, version=version), lambda client: client.walk(SYSTEM, bulk=bulk))
    names = [oid_of(oid) for oid, _ in rows]
    assert names == sorted(set(names))
    assert all(name[:7] == oid_of(SYSTEM) for name in names)
    assert len(names) > 20
    assert dict(rows)[LOCATION] == b"Room 5"


@pytest.mark.parametrize("name", USERS)
def test_version_3_reads_from_snmpd_at_every_level(kind: type[Client], oracle: SnmpTarget, name: str) -> None:
    three = with_user(oracle, name)
    assert asked(kind, three, lambda client: client.get([LOCATION, MISSING])) == {LOCATION: b"Room 5"}
    assert len(asked(kind, three, lambda client: client.walk(SYSTEM))) > 20


@pytest.mark.parametrize("name", ["sha", "sha256", "signs"])
def test_version_3_refuses_wrong_passwords_and_users(kind: type[Client], oracle: SnmpTarget, name: str) -> None:
    three = with_user(replace(oracle, timeout=0.5, attempts=1), name)
    assert refusal(kind, replace(three, authentication_password="wrong password")) is port_of.SIGN_IN
    assert refusal(kind, replace(three, user="stranger")) is port_of.SIGN_IN
    if three.privacy:
        garbled = refusal(kind, replace(three, privacy_password="wrong password"))
        assert garbled in (port_of.SIGN_IN, port_of.NO_ANSWER)  # an agent may answer nothing to what it cannot read


@pytest.mark.parametrize("name", ["sha", "sha256", "signs", "nobody"])
def test_the_simulator_answers_version_3_like_snmpd(
    kind: type[Client], target: SnmpTarget, printer: SimulatedPrinter, name: str
) -> None:
    assert asked(kind, with_user(target, name), lambda client: client.get([SERIAL]))[SERIAL] == printer.serial.encode()


def test_long_keys_are_made_in_the_same_way_on_both_sides(
    kind: type[Client], target: SnmpTarget, printer: SimulatedPrinter
) -> None:
    long = replace(
        with_user(target, "sha256"), user="sha512", authentication=Authentication.SHA512, privacy=Privacy.AES256
    )
    assert asked(kind, long, lambda client: client.get([SERIAL]))[SERIAL] == printer.serial.encode()


@pytest.mark.parametrize("version", [Version.V1, Version.V2C])
def test_a_wrong_community_is_silence(kind: type[Client], oracle: SnmpTarget, version: Version) -> None:
    wrong = replace(oracle, version=version, community="wrong", timeout=0.2, attempts=2)
    began = time.monotonic()
    assert refusal(kind, wrong) is port_of.NO_ANSWER
    assert 0.35 < time.monotonic() - began < 3


def test_nobody_at_home_is_no_answer(kind: type[Client]) -> None:
    assert refusal(kind, SnmpTarget("127.20.9.9", 40_161, timeout=0.2, attempts=1)) is port_of.NO_ANSWER
    assert refusal(kind, SnmpTarget("no-such-host.invalid", timeout=0.2, attempts=1)) is port_of.NO_ANSWER


def test_host_names_and_ipv6_addresses_can_be_asked(kind: type[Client], oracle: SnmpTarget) -> None:
    assert asked(kind, replace(oracle, address="localhost"), lambda client: client.get([LOCATION]))
    assert refusal(kind, SnmpTarget("::1", 40_161, timeout=0.2, attempts=1)) is port_of.NO_ANSWER


def test_a_lost_answer_is_asked_for_again(kind: type[Client]) -> None:
    asked_times = itertools.count(1)

    def every_second(request: CommunityMessage) -> bytes | None:
        return None if next(asked_times) % 2 else response(request, [(oid_of(LOCATION), octets("Room 7"))])

    with replying(every_second) as port:
        patient = SnmpTarget("127.0.0.1", port, timeout=0.3, attempts=2)
        assert asked(kind, patient, lambda client: client.get([LOCATION])) == {LOCATION: b"Room 7"}


def test_an_answer_that_comes_too_late_is_not_taken_for_the_next(kind: type[Client]) -> None:
    late: list[bytes] = []

    def one_behind(request: CommunityMessage) -> Sequence[bytes]:
        """The first question is answered only when the second one comes, right before its own answer."""
        answer = response(request, [(parse_oid(request.pdu.names[0]), octets(f"answer {len(late) + 1}"))])
        late.append(answer)
        return [] if len(late) == 1 else late[-2:]

    async def thrice(client: Client) -> tuple[object, object]:
        with pytest.raises(PressroomError):
            await client.get([DESCRIPTION])
        return await client.get([LOCATION]), await client.get([SERIAL])

    with replying(one_behind) as port:
        first, second = asked(kind, SnmpTarget("127.0.0.1", port, timeout=0.5, attempts=1), thrice)
    assert first == {LOCATION: b"answer 2"}
    assert second == {SERIAL: b"answer 3"}


def test_setting_goes_with_the_write_community(target: SnmpTarget, printer: SimulatedPrinter) -> None:
    writing = replace(target, write_community="private")
    asked(PysnmpClient, writing, lambda client: _set(client, {LOCATION: "Room 9"}))
    assert printer.location == "Room 9"
    assert refusal(PysnmpClient, target, lambda client: _set(client, {LOCATION: "Room 1"})) is port_of.REFUSED
    assert refusal(PysnmpClient, writing, lambda client: _set(client, {SERIAL: "FORGED"})) is port_of.REFUSED
    assert printer.location == "Room 9"


async def _set(client: Client, values: dict[str, int | str | bytes]) -> None:
    assert isinstance(client, PysnmpClient)
    await client.set(values)


@pytest.mark.parametrize(
    "change",
    [
        {"version": Version.V3},
        {"version": Version.V3, "user": "u", "privacy": Privacy.AES128, "privacy_password": HIDE},
        {"version": Version.V3, "user": "u", "authentication": Authentication.SHA1, "authentication_password": "short"},
        {"timeout": 0.0},
        {"attempts": 0},
    ],
)
def test_settings_that_cannot_work_are_refused_at_once(kind: type[Client], change: dict[str, object]) -> None:
    with pytest.raises(PressroomError) as caught:
        kind(replace(SnmpTarget("127.0.0.1"), **change))  # type: ignore[arg-type]
    assert caught.value.fault is port_of.BAD_PROFILE


def test_secrets_stay_out_of_logs() -> None:
    shown = repr(with_user(SnmpTarget("127.0.0.1", community="hush", write_community="hush"), "sha"))
    assert "hush" not in shown
    assert SIGN not in shown
    assert HIDE not in shown


# agents that do not keep to the standard


def numbered(request: CommunityMessage, values: dict[Oid, bytes]) -> bytes:
    """What a well-behaved agent with these values would say to a GET, GETNEXT or GETBULK of one name."""
    if request.pdu.kind == Tag.GET:
        names = [parse_oid(name) for name in request.pdu.names]
        return response(request, [(name, values.get(name, encoded(Tag.NO_SUCH_OBJECT, b""))) for name in names])
    name = parse_oid(request.pdu.names[0])
    count = request.pdu.index if request.pdu.kind == Tag.GET_BULK else 1
    following = [one for one in sorted(values) if one > name][:count]
    rows = [(one, values[one]) for one in following]
    return response(request, rows if rows else [(name, encoded(Tag.END_OF_MIB_VIEW, b""))])


def in_a_circle(request: CommunityMessage) -> bytes:
    return response(request, [((*TABLE, 1, 1), integer(5))])


def in_a_long_circle(request: CommunityMessage) -> bytes:
    last = parse_oid(request.pdu.names[0])[-1]
    return response(request, [((*TABLE, 1, last % 7 + 1), integer(last))])


def on_the_spot(request: CommunityMessage) -> bytes:
    return response(request, [(parse_oid(name), integer(-3)) for name in request.pdu.names])


def elsewhere(request: CommunityMessage) -> bytes:
    return response(request, [((1, 3, 6, 1, 2, 1, 1, 9, 0), integer(5))])


def empty(request: CommunityMessage) -> bytes:
    return response(request, [])


def without_values(request: CommunityMessage) -> bytes:
    return response(request, [(parse_oid(name), encoded(Tag.NULL, b"")) for name in request.pdu.names])


@pytest.mark.parametrize("reply", [in_a_circle, in_a_long_circle, on_the_spot, elsewhere, empty, without_values])
def test_an_agent_that_runs_in_a_circle_is_left(kind: type[Client], reply: Reply) -> None:
    with replying(reply) as port:
        rows = asked(kind, quick(port), lambda client: client.walk("1.3.6.1.2.1.43"))
        found = asked(kind, quick(port), lambda client: client.get([MISSING, LOCATION]))
    assert len(rows) <= 8
    assert len(dict(rows)) == len(rows)
    assert set(found) <= {MISSING, LOCATION}  # what was not asked for does not count


def test_an_agent_without_end_is_left_after_some_rows(kind: type[Client]) -> None:
    def endless(request: CommunityMessage) -> bytes:
        name = parse_oid(request.pdu.names[0])
        start = name[-1] if len(name) == 9 else 0
        return response(request, [((*TABLE, 1, start + step), integer(step)) for step in range(1, 101)])

    with replying(endless) as port:
        rows = asked(kind, quick(port), lambda client: client.walk("1.3.6.1.2.1.43"))
    assert port_of.MOST_ROWS <= len(rows) < port_of.MOST_ROWS + 200


def test_an_agent_that_does_not_know_getbulk_is_walked_step_by_step(kind: type[Client]) -> None:
    values = {(*TABLE, 1, number): integer(number) for number in range(1, 6)}

    def old(request: CommunityMessage) -> bytes | None:
        return None if request.pdu.kind == Tag.GET_BULK else numbered(request, values)

    async def ask(client: Client) -> object:
        await client.get([LOCATION])
        return await client.walk("1.3.6.1.2.1.43")

    with replying(old) as port:
        rows = asked(kind, quick(port), ask)
    assert rows == tuple((f"1.3.6.1.2.1.43.1.{number}", number) for number in range(1, 6))


def test_answers_that_are_too_large_are_asked_for_in_portions(kind: type[Client]) -> None:
    values = {(*TABLE, 1, number): octets(b"x" * 900) for number in range(1, 21)}
    values[(1, 3, 6, 1, 3)] = integer(1)
    names = [f"1.3.6.1.2.1.43.1.{number}" for number in range(1, 21)]
    with replying(lambda request: numbered(request, values)) as port:
        rows = asked(kind, quick(port), lambda client: client.walk("1.3.6.1.2.1.43"))
        found = asked(kind, quick(port), lambda client: client.get(names))
    assert dict(rows) == found == dict.fromkeys(names, b"x" * 900)


@pytest.mark.parametrize("version", [Version.V1, Version.V2C])
def test_an_agent_that_takes_few_objects_at_once_is_asked_in_portions(kind: type[Client], version: Version) -> None:
    def narrow(request: CommunityMessage) -> bytes:
        names = [parse_oid(name) for name in request.pdu.names]
        if len(names) > 3:
            return response(request, [], ErrorStatus.TOO_BIG)
        return response(request, [(name, integer(name[-1])) for name in names])

    names = [f"1.3.6.1.2.1.43.1.{number}" for number in range(1, 21)]
    with replying(narrow) as port:
        found = asked(kind, replace(quick(port), version=version), lambda client: client.get(names))
    assert found == {f"1.3.6.1.2.1.43.1.{number}": number for number in range(1, 21)}


@pytest.mark.parametrize("status", [ErrorStatus.GEN_ERR, ErrorStatus.NO_ACCESS])
def test_one_object_that_the_agent_refuses_does_not_cost_the_others(kind: type[Client], status: int) -> None:
    def refusing(request: CommunityMessage) -> bytes:
        names = [parse_oid(name) for name in request.pdu.names]
        if oid_of(LOCATION) in names:
            null = encoded(Tag.NULL, b"")
            return response(request, [(name, null) for name in names], status, names.index(oid_of(LOCATION)) + 1)
        return response(request, [(name, integer(7)) for name in names])

    with replying(refusing) as port:
        found = asked(kind, quick(port), lambda client: client.get([DESCRIPTION, LOCATION, SERIAL, UPTIME, OBJECT_ID]))
    assert found == dict.fromkeys([DESCRIPTION, SERIAL, UPTIME, OBJECT_ID], 7)


def test_numbers_are_what_the_agent_says_however_strange(kind: type[Client]) -> None:
    told: dict[str, tuple[bytes, SnmpValue]] = {
        "1.3.6.1.2.1.43.1.1": (integer(-3), -3),
        "1.3.6.1.2.1.43.1.2": (integer(2**32 - 1, Tag.COUNTER32), 2**32 - 1),
        "1.3.6.1.2.1.43.1.3": (integer(2**64 - 1, Tag.COUNTER64), 2**64 - 1),
        "1.3.6.1.2.1.43.1.4": (octets(b"\xff\xfe\x00"), b"\xff\xfe\x00"),
        "1.3.6.1.2.1.43.1.5": (encoded(Tag.IP_ADDRESS, bytes((127, 0, 0, 1))), "127.0.0.1"),
        "1.3.6.1.2.1.43.1.6": (object_identifier((0, 0)), "0.0"),
        "1.3.6.1.2.1.43.1.7": (octets(b""), b""),
    }
    values = {oid_of(oid): value for oid, (value, _) in told.items()}
    with replying(lambda request: numbered(request, values)) as port:
        found = asked(kind, quick(port), lambda client: client.get(list(told)))
    assert found == {oid: expected for oid, (_, expected) in told.items()}


def truncated(request: CommunityMessage) -> bytes:
    return response(request, [(oid_of(LOCATION), octets("Room 7"))])[:-5]


def noise(request: CommunityMessage) -> bytes:
    return b"\x30\x84\xff\xff\xff\xff" + bytes(range(64))


def nothing(request: CommunityMessage) -> bytes:
    return b""


def of_another_question(request: CommunityMessage) -> bytes:
    pdu = request.pdu
    other = Pdu(pdu.kind, pdu.request_id + 1, pdu.status, pdu.index, pdu.variables)
    return response(replace(request, pdu=other), [(oid_of(DESCRIPTION), octets("forged"))])


@pytest.mark.parametrize("reply", [truncated, noise, nothing, of_another_question])
def test_nonsense_is_a_fault_and_never_a_value(kind: type[Client], reply: Reply) -> None:
    with replying(reply) as port:
        assert refusal(kind, quick(port)) in (port_of.BAD_ANSWER, port_of.NO_ANSWER)
        walked = refusal(kind, quick(port), lambda client: client.walk("1.3.6.1.2.1.43"))
        assert walked in (port_of.BAD_ANSWER, port_of.NO_ANSWER)


@pytest.mark.parametrize("ask", ["get", "walk", "sign in"])
def test_whoever_keeps_a_fault_keeps_no_socket(kind: type[Client], oracle: SnmpTarget, ask: str) -> None:
    wrong = with_user(replace(oracle, timeout=0.5), "signs", sign="wrong password")
    silent = SnmpTarget("127.20.9.9", 40_161, timeout=0.05, attempts=1)
    kept: list[PressroomError] = []

    async def fail() -> None:
        with pytest.raises(PressroomError) as caught:
            async with kind(wrong if ask == "sign in" else silent) as client:
                await (client.walk(SYSTEM) if ask == "walk" else client.get([LOCATION]))
        kept.append(caught.value)

    async def run() -> int:
        await fail()  # what is opened once, such as the resolver's
        before = len(list(Path("/proc/self/fd").iterdir()))
        for _ in range(10):
            await fail()
        return len(list(Path("/proc/self/fd").iterdir())) - before

    assert asyncio.run(run()) <= 1
    assert len(kept) == 11


def test_many_can_be_asked_at_once(kind: type[Client], tmp_path: Path) -> None:
    printers = [make_printer(number, profiles()["mono-mfp"]) for number in range(20)]

    async def all_of(port: int) -> list[object]:
        async def one(printer: SimulatedPrinter) -> object:
            async with kind(SnmpTarget(printer.address, port)) as client:
                return (await client.get([SERIAL]))[SERIAL]

        return list(await asyncio.gather(*map(one, printers)))

    with simulated(printers) as port:
        assert asyncio.run(all_of(port)) == [printer.serial.encode() for printer in printers]
