"""Who a mail is really from: the word of a trusted relay, and signatures looked up at a real name server (PR-143)."""

from collections.abc import Iterator

import pytest

from connectors.errors import PressroomError
from connectors.mail_in.alignment import is_within
from connectors.mail_in.authenticity import Origin, check_authentic
from connectors.settings import Settings
from tests.support.print_mail import RELAY, Signer, mail, name_server, wire

DOMAIN = "one.example"
SENDER = f"ann@{DOMAIN}"
PEER = "127.0.0.1"


def settings(**values: object) -> Settings:
    known = {"mail_in_relays": "127.0.0.0/8, ::1/128", "mail_in_authentication_servers": RELAY}
    return Settings(_env_file=None, **(known | values))  # type: ignore[arg-type]


def message(**headers: str) -> bytes:
    return wire(mail(SENDER, "office@print.example", ("a.txt", b"hello"), **headers))


def stated(*statements: str, content: bytes | None = None) -> bytes:
    lines = "".join(f"Authentication-Results: {one}\r\n" for one in statements)
    return lines.encode() + (content if content is not None else message())


def outcome(content: bytes, peer: str = PEER, domain: str = DOMAIN, **values: object) -> str:
    try:
        return check_authentic(content, domain, Origin(peer, SENDER), settings(**values))
    except PressroomError as error:
        return error.code


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([f"{RELAY}; dmarc=pass header.from={DOMAIN}"], "relay"),
        ([f"{RELAY}; dmarc=pass (p=REJECT sp=REJECT) header.from={DOMAIN}"], "relay"),
        ([f"{RELAY.upper()} 1; dmarc=pass header.from={DOMAIN}"], "relay"),
        ([f"{RELAY}; dmarc=fail header.from={DOMAIN}; dkim=pass header.d={DOMAIN}"], "print_mail.not_authentic"),
        ([f"{RELAY}; dmarc=pass header.from=evil.example"], "print_mail.not_authentic"),
        ([f"{RELAY}; dmarc=none header.from={DOMAIN}; dkim=pass header.d={DOMAIN}"], "relay"),
        ([f"{RELAY}; dkim=pass header.i=@{DOMAIN}"], "relay"),
        ([f"{RELAY}; dkim=pass header.d=example"], "print_mail.not_authentic"),
        ([f"{RELAY}; dkim=pass header.d=evil.example"], "print_mail.not_authentic"),
        ([f"{RELAY}; spf=pass smtp.mailfrom={SENDER}"], "relay"),
        ([f"{RELAY}; spf=pass smtp.mailfrom=x@evil.example"], "print_mail.not_authentic"),
        ([f"{RELAY}; spf=softfail smtp.mailfrom={SENDER}"], "print_mail.not_authentic"),
        ([f"{RELAY}; none"], "print_mail.not_authentic"),
        ([f"evil.example; dmarc=pass header.from={DOMAIN}"], "print_mail.not_authentic"),
        ([f"{RELAY}; dmarc=fail", f"{RELAY}; dmarc=pass header.from={DOMAIN}"], "print_mail.not_authentic"),
        ([f"{RELAY}; this is (no statement", f"{RELAY}; dmarc=pass header.from={DOMAIN}"], "print_mail.not_authentic"),
        ([], "print_mail.not_authentic"),
    ],
)  # fmt: skip
def test_the_relays_word(statements: list[str], expected: str) -> None:
    assert outcome(stated(*statements), mail_in_sender_check="relay") == expected


@pytest.mark.parametrize(
    ("peer", "values", "expected"),
    [
        ("192.0.2.7", {}, "print_mail.not_authentic"),
        ("::1", {}, "relay"),
        ("", {}, "print_mail.not_authentic"),
        (PEER, {"mail_in_relays": ""}, "print_mail.not_authentic"),
        (PEER, {"mail_in_relays": "nonsense"}, "print_mail.not_authentic"),
        (PEER, {"mail_in_authentication_servers": ""}, "print_mail.not_authentic"),
        (PEER, {"mail_in_sender_check": "dkim"}, "print_mail.not_authentic"),
        ("192.0.2.7", {"mail_in_sender_check": "none"}, "unchecked"),
    ],
)
def test_only_a_trusted_relays_word_counts(peer: str, values: dict[str, object], expected: str) -> None:
    assert outcome(stated(f"{RELAY}; dmarc=pass header.from={DOMAIN}"), peer, **values) == expected


@pytest.fixture(scope="module")
def signer() -> Signer:
    return Signer(DOMAIN)


@pytest.fixture(scope="module")
def names(signer: Signer) -> Iterator[str]:
    records = {
        f"mail._domainkey.{DOMAIN}": signer.record,
        "mail._domainkey.revoked.example": "v=DKIM1; k=rsa; p=",
        "mail._domainkey.slow.example": "silent",
        "mail._domainkey.bad.example": "v=DKIM1; k=rsa; p=nonsense",
    }
    with name_server(records) as address:
        yield address


def test_a_signature_of_the_senders_domain_counts_from_anywhere(signer: Signer, names: str) -> None:
    signed = signer.signed(message())
    assert outcome(signed, "192.0.2.7", mail_in_name_servers=names) == "dkim"
    assert outcome(signed, "192.0.2.7", f"sales.{DOMAIN}", mail_in_name_servers=names) == "dkim"
    assert outcome(signed, "192.0.2.7", "two.example", mail_in_name_servers=names) == "print_mail.not_authentic"
    assert outcome(signed, "192.0.2.7", mail_in_name_servers=names, mail_in_sender_check="relay") == (
        "print_mail.not_authentic"
    )


def test_what_was_changed_after_signing_does_not_count(signer: Signer, names: str) -> None:
    signed = signer.signed(message())
    changes = {
        "body": signed.replace(b"aGVsbG8", b"aGVsbG9"),
        "sender": signed.replace(SENDER.encode(), b"bob@" + DOMAIN.encode()),
        "subject": signed.replace(b"Please print", b"Please burn!"),
        "second sender": b"From: boss@" + DOMAIN.encode() + b"\r\n" + signed,
    }
    for what, content in changes.items():
        assert content != signed, what
        assert outcome(content, mail_in_name_servers=names) == "print_mail.not_authentic", what


def test_a_signature_that_covers_only_the_beginning_does_not_count(signer: Signer, names: str) -> None:
    """With `l=` anybody could append an attachment of their own."""
    signed = signer.signed(message(), length=True)
    assert b" l=" in signed
    assert outcome(signed, mail_in_name_servers=names) == "print_mail.not_authentic"


@pytest.mark.parametrize(
    ("domain", "code"),
    [
        ("slow.example", "print_mail.proof_unreachable"),
        ("nowhere.example", "print_mail.not_authentic"),
        ("bad.example", "print_mail.not_authentic"),
        ("revoked.example", "print_mail.not_authentic"),
    ],
)
def test_keys_that_cannot_be_had(names: str, domain: str, code: str) -> None:
    """Silence is no refusal: the mail is looked at again later."""
    signed = Signer(domain).signed(message())
    assert outcome(signed, domain=domain, mail_in_name_servers=names) == code


def test_a_signature_is_found_among_others(signer: Signer, names: str) -> None:
    content = message()
    foreign = Signer("list.example").signed(content).removesuffix(content)
    own = signer.signed(content).removesuffix(content)
    broken = b"DKIM-Signature: v=1; a=rsa-sha256; nonsense\r\n"
    assert outcome(foreign + own + content, mail_in_name_servers=names) == "dkim"
    assert outcome(broken + content, mail_in_name_servers=names) == "print_mail.not_authentic"
    assert outcome(broken * 6 + own + content, mail_in_name_servers=names) == "print_mail.not_authentic", "five at most"


@pytest.mark.parametrize(
    ("domain", "proven", "expected"),
    [
        ("a.example", "a.example", True),
        ("mail.a.example", "a.example", True),
        ("a.example", "mail.a.example", False),
        ("nota.example", "a.example", False),
        ("a.example", "example", False),
    ],
)
def test_which_domain_answers_for_which(domain: str, proven: str, expected: bool) -> None:
    assert is_within(domain, proven) is expected
