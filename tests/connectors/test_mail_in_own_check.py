"""Our own check of who a mail is from: SPF of the server that hands it over, joined with DKIM by DMARC (PR-143)."""

from collections.abc import Iterator

import pytest

from connectors.errors import PressroomError
from connectors.mail_in.alignment import is_aligned
from connectors.mail_in.authenticity import Origin, check_authentic
from connectors.mail_in.names import MOST_LOOKUPS, Names
from connectors.mail_in.sender_policy import permitted_domain
from connectors.settings import Settings
from tests.support.print_mail import RELAY, Signer, mail, name_server, wire

REFUSED, UNKNOWN = "print_mail.not_authentic", "print_mail.proof_unreachable"
SERVER, STRANGER, SIXTH = "192.0.2.7", "198.51.100.9", "2001:db8::7"
RECORDS = {
    "one.example": "v=spf1 mx -all\nsome-proof=4711",
    "MX one.example": "10 mx.one.example.\n20 nowhere.one.example.",
    "A mx.one.example": SERVER,
    "AAAA mx.one.example": SIXTH,
    "bounces.one.example": "v=spf1 include:mailer.example -all",
    "mailer.example": f"v=spf1 ip4:{SERVER} -all",
    "soft.example": "v=spf1 ~all",
    "twice.example": "v=spf1 +all\nv=spf1 -all",
    "broken.example": "v=spf1 ip4:nonsense +all",
    "loop.example": "v=spf1 include:loop.example +all",
    "macro.example": "v=spf1 exists:%{i}.%{h}.%{d} -all",
    f"A {SERVER}.mail.macro.example.macro.example": "127.0.0.2",
    "silent.example": "silent",
    "void.example": "v=spf1 a:a.void.example a:b.void.example a:c.void.example +all",
    # what domains demand of their mail
    "_dmarc.relaxed.example": "v=DMARC1; p=reject",
    "relaxed.example": "v=spf1 -all",
    "bounce.relaxed.example": f"v=spf1 ip4:{SERVER} -all",
    "_dmarc.strict.example": "v=DMARC1; p=none; adkim=s; aspf=s",
    "bounce.strict.example": f"v=spf1 ip4:{SERVER} -all",
    "strict.example": f"v=spf1 ip4:{SERVER} -all",
    "_dmarc.public.example": "v=DMARC1; p=none; psd=y",
    "evil.public.example": f"v=spf1 ip4:{SERVER} -all",
    "_dmarc.twice.example": "v=DMARC1; p=none\nv=DMARC1; p=reject",
    "_dmarc.own.group.example": "v=DMARC1; p=none; psd=n",
    "_dmarc.group.example": "v=DMARC1; p=none",
    "_dmarc.unclear.example": "silent",
    "bounce.unclear.example": f"v=spf1 ip4:{SERVER} -all",
}
RECORDS |= {f"many{number}.example": f"v=spf1 include:many{number + 1}.example -all" for number in range(12)}
RECORDS["many12.example"] = "v=spf1 +all"


@pytest.fixture(scope="module")
def signer() -> Signer:
    return Signer("mail.relaxed.example")


@pytest.fixture(scope="module")
def names(signer: Signer) -> Iterator[str]:
    with name_server(RECORDS | {"mail._domainkey.mail.relaxed.example": signer.record}) as address:
        yield address


def settings(names: str, **values: object) -> Settings:
    known: dict[str, object] = {"mail_in_name_servers": names, "mail_in_direct": True}
    return Settings(_env_file=None, **(known | values))  # type: ignore[arg-type]


def outcome(domain: str, origin: Origin, names: str, content: bytes = b"", **values: object) -> str:
    content = content or wire(mail(f"ann@{domain}", "office@print.example", ("a.txt", b"hello")))
    try:
        return check_authentic(content, domain, origin, settings(names, **values))
    except PressroomError as error:
        return error.code


@pytest.mark.parametrize(
    ("peer", "mail_from", "permitted"),
    [
        (SERVER, "ann@one.example", "one.example"),
        (SIXTH, "ann@One.Example", "one.example"),
        (f"::ffff:{SERVER}", "ann@one.example", "one.example"),
        (STRANGER, "ann@one.example", ""),
        (SERVER, "x@bounces.one.example", "bounces.one.example"),
        (STRANGER, "x@bounces.one.example", ""),
        (SERVER, "x@soft.example", ""),
        (SERVER, "x@twice.example", ""),
        (SERVER, "x@broken.example", ""),
        (SERVER, "x@loop.example", ""),
        (SERVER, "x@many0.example", ""),
        (SERVER, "x@many3.example", "many3.example"),
        (SERVER, "x@void.example", ""),
        (SERVER, "x@macro.example", "macro.example"),
        (STRANGER, "x@macro.example", ""),
        (SERVER, "x@nowhere.example", ""),
        (SERVER, "", ""),
        ("", "ann@one.example", ""),
        ("no address", "ann@one.example", ""),
        (SERVER, "x@" + "a" * 70 + ".example", ""),
    ],
)
def test_which_servers_may_send_for_a_domain(names: str, peer: str, mail_from: str, permitted: str) -> None:
    """RFC 7208: mx, include, macros; ten lookups and two of them void at most; what is malformed permits nobody."""
    asked = Names(settings(names))
    assert permitted_domain(peer, mail_from, "mail.macro.example", asked) == permitted
    assert not asked.failed


@pytest.mark.parametrize(
    ("domain", "mail_from", "expected"),
    [
        ("one.example", "ann@one.example", "spf"),
        ("one.example", "x@bounces.one.example", REFUSED),  # nothing is demanded, and it is below
        ("sales.one.example", "ann@one.example", "spf"),
        ("relaxed.example", "x@bounce.relaxed.example", "spf"),
        ("news.relaxed.example", "x@bounce.relaxed.example", "spf"),
        ("relaxed.example", "ann@relaxed.example", REFUSED),
        ("strict.example", "x@bounce.strict.example", REFUSED),
        ("strict.example", "ann@strict.example", "spf"),
        ("victim.public.example", "x@evil.public.example", REFUSED),
        ("evil.public.example", "x@evil.public.example", "spf"),
        ("two.example", "ann@one.example", REFUSED),
        ("silent.example", "ann@silent.example", UNKNOWN),
        ("unclear.example", "x@bounce.unclear.example", UNKNOWN),
    ],
)  # fmt: skip
def test_a_servers_right_counts_by_what_the_senders_domain_demands(
    names: str, domain: str, mail_from: str, expected: str
) -> None:
    assert outcome(domain, Origin(SERVER, mail_from), names) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, "spf"),
        ({"mail_in_sender_check": "own"}, "spf"),
        ({"mail_in_direct": False}, REFUSED),
        ({"mail_in_relays": f"{SERVER}/32", "mail_in_authentication_servers": RELAY}, REFUSED),
        ({"mail_in_sender_check": "dkim"}, REFUSED),
        ({"mail_in_sender_check": "relay"}, REFUSED),
    ],
)
def test_a_relay_of_ours_proves_nothing_by_its_own_right_to_send(
    names: str, values: dict[str, object], expected: str
) -> None:
    """It may be allowed to send for our own domain, and would make everything that it passes on ours."""
    assert outcome("one.example", Origin(SERVER, "ann@one.example"), names, **values) == expected


def test_a_signature_of_another_name_of_the_organization_counts_where_its_dmarc_says_so(
    names: str, signer: Signer
) -> None:
    """Most senders sign as one domain and write as another; without DMARC only names below count."""
    content = signer.signed(wire(mail("ann@relaxed.example", "office@print.example")))
    for domain, expected in {"relaxed.example": "dkim", "news.relaxed.example": "dkim", "one.example": REFUSED}.items():
        assert outcome(domain, Origin(STRANGER, "x@one.example"), names, content) == expected, domain


@pytest.mark.parametrize(
    ("domain", "proven", "expected"),
    [
        ("a.own.group.example", "b.own.group.example", True),
        ("a.own.group.example", "b.group.example", False),  # `psd=n`: an organization within
        ("a.group.example", "b.group.example", True),
        ("a.twice.example", "b.twice.example", False),  # two records are none
        ("a.b.c.d.e.f.g.h.i.relaxed.example", "relaxed.example", True),
        ("relaxed.example", "", False),
    ],
)
def test_whose_organization_a_domain_belongs_to(names: str, domain: str, proven: str, expected: bool) -> None:
    assert is_aligned(domain, proven, Names(settings(names)), by_signature=True) is expected


def test_a_fetched_mail_is_proven_by_its_own_servers_word_only(names: str) -> None:
    """It has no peer: SPF says nothing, and statements of others' servers do not count."""
    content = wire(mail("ann@one.example", "office@print.example"))
    stated = b"Authentication-Results: mx.customer.example; dmarc=pass header.from=one.example\r\n" + content
    fetched = Origin("", "ann@one.example", vouching="MX.customer.example")
    assert outcome("one.example", fetched, names, stated) == "relay"
    assert outcome("one.example", fetched, names, content) == REFUSED
    assert outcome("one.example", Origin("", "ann@one.example"), names, stated) == REFUSED
    assert outcome("one.example", Origin("", "ann@one.example", vouching="mx.other.example"), names, stated) == REFUSED


def test_a_mail_cannot_make_us_ask_without_end(names: str) -> None:
    asked = Names(settings(names))
    for number in range(MOST_LOOKUPS):
        assert asked.find(f"n{number}.nowhere.example", "TXT") == []
    assert not is_quiet(asked, "one.example")
    assert asked.texts("n1.nowhere.example") == [], "what is known is not asked again"
    assert not asked.failed, "a mail that asks too much is refused, not tried again for a day"


def is_quiet(asked: Names, name: str) -> bool:
    """Whether it still answers."""
    from connectors.mail_in.names import NamesUnreachable

    try:
        asked.texts(name)
    except NamesUnreachable:
        return False
    return True
