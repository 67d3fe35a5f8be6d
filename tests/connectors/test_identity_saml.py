"""SAML responses: what is accepted, what is refused although it is well signed (AC-122, AC-132…AC-136)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree
from signxml.algorithms import SignatureMethod

from connectors.errors import Fault, PressroomError
from connectors.identity import faults
from connectors.identity.saml_response import TRANSIENT
from connectors.identity.saml_xml import tag
from tests.connectors.saml_reading import ASSERTION, OTHER_KEY, RESPONSE, Memory, read, refusal, replace_certificates
from tests.support.certificates import certificate_of
from tests.support.saml_responses import CERTIFICATE, ISSUER, SERVICE, Response, sign_part, signed_response

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("parts", [(ASSERTION,), (RESPONSE,), (ASSERTION, RESPONSE)])
def test_a_signed_response_tells_who_signed_in(parts: tuple[str, ...]) -> None:
    identity = read(signed_response(None, *parts))
    assert (identity.issuer, identity.subject, identity.email) == (ISSUER, "ann", "ann@acme.example")
    assert (identity.first_name, identity.last_name, identity.badge, identity.pin) == ("Ann", "Andersson", "4711", None)


@pytest.mark.parametrize(
    "method",
    [
        SignatureMethod.RSA_SHA256,
        SignatureMethod.RSA_SHA384,
        SignatureMethod.RSA_SHA512,
        SignatureMethod.SHA256_RSA_MGF1,
    ],
)
def test_strong_signatures_are_accepted(method: SignatureMethod) -> None:
    assert read(sign_part(Response().element(), ASSERTION, method=method)).subject == "ann"


def test_a_transient_name_is_no_subject() -> None:
    """It is another one at each sign-in, so nothing can be bound to it."""
    assert read(signed_response(Response(name_format=TRANSIENT))).subject == ""


def test_an_unsigned_response_may_lack_its_destination() -> None:
    assert read(signed_response(Response(destination=None, envelope_answers=None))).subject == "ann"


def test_while_certificates_are_renewed_either_of_them_will_do() -> None:
    both = replace_certificates(certificate_of(OTHER_KEY).decode(), CERTIFICATE)
    assert read(signed_response(), provider=both).subject == "ann"


WRONG: list[tuple[str, Response, Fault]] = [
    ("another issuer", Response(issuer="https://evil.example"), faults.WRONG_ISSUER),
    ("no issuer", Response(issuer=""), faults.WRONG_ISSUER),
    ("another audience", Response(audience="https://other.example"), faults.WRONG_AUDIENCE),
    ("an audience that begins like ours", Response(audience=SERVICE.entity_id + "/x"), faults.WRONG_AUDIENCE),
    ("no audience", Response(has_audience=False), faults.WRONG_AUDIENCE),
    ("another recipient", Response(recipient="https://other.example/acs"), faults.WRONG_RECIPIENT),
    ("another destination", Response(destination="https://other.example/acs"), faults.WRONG_RECIPIENT),
    ("expired", Response(ends=-2 * MINUTE), faults.WRONG_TIME),
    ("not valid yet", Response(begins=2 * MINUTE), faults.WRONG_TIME),
    ("confirmation expired", Response(confirmed_until=-2 * MINUTE), faults.WRONG_TIME),
    ("confirmed for ever", Response(confirmed_until=None), faults.MALFORMED_ANSWER),
    ("session over", Response(session_ends=-2 * MINUTE), faults.WRONG_TIME),
    ("answers nothing (begun at the provider)", Response(answers=None, envelope_answers=None), faults.NOT_ASKED_FOR),
    ("answers another request", Response(answers="_other"), faults.NOT_ASKED_FOR),
    ("envelope answers another request", Response(envelope_answers="_other"), faults.NOT_ASKED_FOR),
    ("holder of key", Response(method="urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"), faults.MALFORMED_ANSWER),
    ("nobody signed in", Response(has_statement=False), faults.MALFORMED_ANSWER),
    ("SAML 1.1", Response(version="1.1"), faults.MALFORMED_ANSWER),
    ("no name", Response(name=""), faults.MALFORMED_ANSWER),
    ("refused", Response(status="urn:oasis:names:tc:SAML:2.0:status:Responder"), faults.REFUSED_THERE),
    ("no e-mail", Response(claims={"firstname": "Ann", "lastname": "A"}), faults.MISSING_CLAIM),
]


@pytest.mark.parametrize("parts", [(ASSERTION,), (ASSERTION, RESPONSE)], ids=["assertion", "both"])
@pytest.mark.parametrize(("response", "fault"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_well_signed_responses_that_are_not_for_this_sign_in(
    response: Response, fault: Fault, parts: tuple[str, ...]
) -> None:
    assert refusal(signed_response(response, *parts)) is fault


@pytest.mark.parametrize("offset", [-MINUTE / 2, MINUTE / 2])
def test_clocks_may_differ_a_little(offset: timedelta) -> None:
    times = {"begins": offset} if offset > timedelta() else {"ends": offset, "confirmed_until": offset}
    assert read(signed_response(replace(Response(), **times))).subject == "ann"


def test_a_missing_claim_is_named_with_the_names_it_may_have() -> None:
    response = signed_response(Response(claims={"email": "ann@acme.example", "lastname": "A"}))
    with pytest.raises(PressroomError) as caught:
        read(response)
    assert "firstname" in caught.value.message
    assert "given_name" in caught.value.remedy


def test_a_refusal_says_what_the_provider_says() -> None:
    status = "urn:oasis:names:tc:SAML:2.0:status:Requester"
    with pytest.raises(PressroomError) as caught:
        read(signed_response(Response(status=status, status_message="Ann is not assigned to this application")))
    assert "Ann is not assigned to this application." in caught.value.message


def test_a_signed_response_must_name_this_address() -> None:
    assert refusal(signed_response(Response(destination=None), RESPONSE)) is faults.WRONG_RECIPIENT


def test_an_assertion_counts_once() -> None:
    response, memory = signed_response(), Memory()
    read(response, memory=memory)
    with pytest.raises(PressroomError) as caught:
        read(response, memory=memory)
    assert caught.value.fault is faults.REPLAYED
    (until,) = memory.used.values()
    assert until > datetime.now(UTC) + 5 * MINUTE


def test_a_refused_assertion_is_not_remembered() -> None:
    """Otherwise a forgery could use up the real one."""
    memory = Memory()
    with pytest.raises(PressroomError):
        read(signed_response(Response(audience="https://other.example")), memory=memory)
    assert memory.used == {}


@pytest.mark.parametrize("name", ["saml:EncryptedAssertion", "saml:EncryptedID", "xenc:EncryptedData"])
def test_encryption_is_refused_with_the_remedy(name: str) -> None:
    root = signed_response()
    etree.SubElement(root, tag(name))
    assert refusal(root) is faults.ENCRYPTED
