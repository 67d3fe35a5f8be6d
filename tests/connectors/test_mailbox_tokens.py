"""Mailboxes that are signed in to by access tokens: a real token server (oauthlib) over TLS, and a real IMAP server
(Dovecot) that asks it whose mailbox a token opens.
"""

import base64
import json
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from imapclient import IMAPClient

from connectors.errors import PressroomError
from connectors.identity.web import IdentityWeb
from connectors.mail_in.access_tokens import TokenGrant, check_token_address, new_access_token
from connectors.mail_in.mailbox import Afterwards, MailboxPlace, open_mailbox
from connectors.mail_in.token_sign_in import sign_in_by_token
from connectors.settings import Settings, get_settings
from tests.support.failing_http import answering
from tests.support.imap_server import PASSWORD, USER, ImapServer, imap_server
from tests.support.mail_server import TestAuthority, make_authority
from tests.support.token_server import (
    CLIENT_ID,
    CLIENT_SECRET,
    NARROW_SCOPE,
    SCOPE,
    SECONDS,
    TokenServer,
    token_server,
)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> TestAuthority:
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def tokens(authority: TestAuthority) -> Iterator[TokenServer]:
    with token_server(USER, authority.server) as one:
        yield one


@pytest.fixture(scope="module", params=["oauthbearer", "xoauth2"])
def server(request: pytest.FixtureRequest, authority: TestAuthority, tokens: TokenServer) -> Iterator[ImapServer]:
    with imap_server(authority, tokens=tokens, mechanisms=request.param) as one:
        yield one


@pytest.fixture
def web(authority: TestAuthority) -> Iterator[IdentityWeb]:
    with IdentityWeb(_settings(allow_private_addresses=True, identity_ca_file=authority.ca_file)) as one:
        yield one


def _settings(**values: Any) -> Settings:
    return get_settings().model_copy(update=values)


def grant(tokens: TokenServer, **changes: str) -> TokenGrant:
    return replace(TokenGrant(tokens.address, CLIENT_ID, CLIENT_SECRET, SCOPE), **changes)


def place(server: ImapServer, token: str, **changes: Any) -> MailboxPlace:
    where = ("127.0.0.1", server.tls_port, "tls", USER, "INBOX", Afterwards.MOVE, "Printed", "Not printed", 100_000, 30)
    there = MailboxPlace(*where, server.authority.ca_file, allow_private=True, secret=token, by_token=True)  # type: ignore[arg-type]
    return replace(there, **changes)


def opens(there: MailboxPlace) -> str:
    """Empty where the mailbox opens, else why it does not."""
    try:
        with open_mailbox(there) as mailbox:
            mailbox.waiting(1)
    except PressroomError as error:
        return error.code
    return ""


def test_a_token_opens_the_mailbox(server: ImapServer, tokens: TokenServer, web: IdentityWeb) -> None:
    """By the program's own right and by a refresh token, which is renewed; over TLS and STARTTLS."""
    by_right = new_access_token(grant(tokens), web)
    assert (by_right.seconds, by_right.refresh_token) == (SECONDS, "")
    given = tokens.new_refresh_token()
    allowed = new_access_token(grant(tokens, refresh_token=given), web)
    assert allowed.refresh_token in tokens.refresh_tokens - {given}
    assert [form["grant_type"] for form in tokens.forms[-2:]] == ["client_credentials", "refresh_token"]
    for token in (by_right, allowed):
        assert opens(place(server, token.text)) == ""
    assert opens(place(server, by_right.text, tls="starttls", port=server.starttls_port)) == ""
    assert opens(place(server, PASSWORD, by_token=False)) == "", "others sign in by their password still"


def test_the_mail_server_says_no(
    server: ImapServer, tokens: TokenServer, web: IdentityWeb, authority: TestAuthority
) -> None:
    """To a token of nobody, to that of another mailbox, and to one that does not reach so far; it is told as such."""
    token = new_access_token(grant(tokens), web).text
    assert opens(place(server, "of-nobody")) == "mailbox.token_refused"
    assert opens(place(server, token, user="boss")) == "mailbox.token_refused"
    narrow = new_access_token(grant(tokens, scope=NARROW_SCOPE), web).text
    assert opens(place(server, narrow)) == "mailbox.token_refused"
    tokens.tokens.pop(token)
    assert opens(place(server, token)) == "mailbox.token_refused"


def test_a_mail_server_that_takes_no_tokens(authority: TestAuthority) -> None:
    with imap_server(authority) as server:
        assert opens(place(server, "any")) == "mailbox.no_tokens"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"client_secret": "wrong"}, "mailbox.client_refused"),
        ({"client_id": "somebody"}, "mailbox.client_refused"),
        ({"scope": "everything"}, "mailbox.scope_refused"),
        ({"refresh_token": "used-before"}, "mailbox.grant_over"),
        ({"address": "https://127.0.0.1:1/token"}, "mailbox.token_unreachable"),
        ({"address": "https://no-such-host.invalid/token"}, "mailbox.token_unreachable"),
    ],
)
def test_no_token_is_given(tokens: TokenServer, web: IdentityWeb, changes: dict[str, str], code: str) -> None:
    """The fault names the server and never a secret."""
    with pytest.raises(PressroomError) as refused:
        new_access_token(grant(tokens, **changes), web)
    assert refused.value.code == code
    assert not any(secret in str(refused.value) for secret in (CLIENT_SECRET, "used-before"))


def test_a_server_that_is_busy_is_asked_again(tokens: TokenServer, web: IdentityWeb) -> None:
    tokens.busy = True
    with pytest.raises(PressroomError) as refused:
        new_access_token(grant(tokens), web)
    tokens.busy = False
    assert (refused.value.code, refused.value.transient) == ("mailbox.token_unreachable", True)


def test_an_authority_that_nobody_knows(tokens: TokenServer) -> None:
    with (
        IdentityWeb(_settings(allow_private_addresses=True, identity_ca_file=None)) as web,
        pytest.raises(PressroomError, match=r"mailbox\.token_unreachable"),
    ):
        new_access_token(grant(tokens), web)


@pytest.mark.parametrize("address", ["https://localhost/t", "https://10.0.0.7/t", "http://login.example/t"])
def test_a_secret_goes_to_no_private_address_and_never_in_the_clear(tokens: TokenServer, address: str) -> None:
    """Whoever sets a mailbox up does not reach into our network by it, unless operators allow private addresses."""
    asked = len(tokens.forms)
    with IdentityWeb(_settings(allow_private_addresses=False, identity_ca_file=None)) as web:
        for one in (address, tokens.address):
            with pytest.raises(PressroomError, match=r"mailbox\.token_unsafe"):
                new_access_token(grant(tokens, address=one), web)
        with pytest.raises(PressroomError, match=r"mailbox\.token_unsafe"):
            check_token_address("http://login.example/t", web)
    assert len(tokens.forms) == asked


def test_secrets_and_tokens_are_in_no_log(
    server: ImapServer, tokens: TokenServer, web: IdentityWeb, caplog: pytest.LogCaptureFixture
) -> None:
    """However much is logged."""
    with caplog.at_level(logging.DEBUG):
        given = grant(tokens, refresh_token=tokens.new_refresh_token())
        token = new_access_token(given, web)
        assert opens(place(server, token.text)) == ""
        assert opens(place(server, "not-" + token.text)) == "mailbox.token_refused"
    ours = [one.getMessage() for one in caplog.records if not one.name.startswith("oauthlib")]  # that is the server
    texts = [*ours, repr(given), repr(token), repr(place(server, token.text))]
    secrets = [CLIENT_SECRET, given.refresh_token, token.text, token.refresh_token]
    encoded = [base64.b64encode(one.encode()).decode().rstrip("=")[4:-4] for one in secrets]
    assert any("AUTHENTICATE" in text for text in ours)
    assert [one for one in secrets + encoded for text in texts if one in text] == []


HANGS_UP = ""


@dataclass
class Script:
    """What a mail server that plays a role hears of an AUTHENTICATE, decoded."""

    port: int
    heard: list[bytes]


@contextmanager
def scripted(mechanism: str, challenge: bytes, answer: str) -> Iterator[Script]:
    """A server that offers `mechanism` and answers a token with `challenge`, then with `answer`."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        script = Script(listening.getsockname()[1], [])

        def serve() -> None:
            line, _ = listening.accept()
            with line, line.makefile("rwb") as talk:
                talk.write(f"* OK [CAPABILITY IMAP4rev1 AUTH={mechanism}] hello\r\n".encode())
                talk.flush()
                for said in iter(talk.readline, b""):
                    tag, command, *_ = said.split()
                    if command == b"AUTHENTICATE":
                        for given in (b"", base64.b64encode(challenge)):
                            talk.write(b"+ " + given + b"\r\n")
                            talk.flush()
                            script.heard.append(base64.b64decode(talk.readline()))
                        if answer == HANGS_UP:
                            return
                        talk.write(tag + f" {answer}\r\n".encode())
                    else:
                        talk.write(f"* CAPABILITY IMAP4rev1 AUTH={mechanism}\r\n".encode() + tag + b" OK done\r\n")
                    talk.flush()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield script
        thread.join(30)


NARROW = {"status": "insufficient_scope", "scope": "mail.read\r\nmail.move"}
BEARER = b"n,a=a=2Cb=3Dc@x,\x01host=mx.example\x01port=993\x01auth=Bearer T0ken==\x01\x01"


@pytest.mark.parametrize(
    ("mechanism", "challenge", "heard", "code", "words"),
    [
        ("OAUTHBEARER", json.dumps(NARROW), [BEARER, b"\x01"], "mailbox.scope_missing", "“mail.read mail.move”"),
        ("XOAUTH2", '{"status":"400"}', [b"user=a,b=c@x\x01auth=Bearer T0ken==\x01\x01", b""],
         "mailbox.token_refused", "of a,b=c@x: 400, it is …."),
        ("XOAUTH2", "no JSON", [b"user=a,b=c@x\x01auth=Bearer T0ken==\x01\x01", b""],
         "mailbox.token_refused", "it is …. no JSON."),
    ],
    ids=["scope", "status", "words"],
)  # fmt: skip
def test_what_is_said_and_how_a_refusal_is_understood(
    mechanism: str, challenge: str, heard: list[bytes], code: str, words: str
) -> None:
    """RFC 7628 §3.1 and §3.2.2, and its forerunner; a token that the server repeats is told to nobody."""
    with scripted(mechanism, challenge.encode(), "NO it is T0ken==.") as script:
        client = IMAPClient("127.0.0.1", script.port, ssl=False, timeout=30)
        with pytest.raises(PressroomError) as refused:
            sign_in_by_token(client, "mx.example:993", "a,b=c@x", "T0ken==")
        client.shutdown()
    assert script.heard == heard
    assert refused.value.code == code
    assert words in refused.value.message


def test_a_line_that_breaks_is_no_refusal() -> None:
    """A server that is restarted just then is tried again, and nobody is sent to look for a wrong secret."""
    with scripted("XOAUTH2", b"{}", HANGS_UP) as script:
        client = IMAPClient("127.0.0.1", script.port, ssl=False, timeout=30)
        with pytest.raises(IMAPClient.AbortError):
            sign_in_by_token(client, "mx.example:993", "a", "T0ken")
        client.shutdown()


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (b'{"access_token": "abc", "token_type": "Bearer"}', 300),
        (b'{"access_token": "abc", "expires_in": "7200"}', 7200),
        (b'{"access_token": "abc", "expires_in": 99999999}', 86_400),
        (b'{"access_token": "abc", "expires_in": -5}', 300),
        (b'{"access_token": "a b\\u0001c"}', "mailbox.no_token"),
        (b'{"error": "invalid_client"}', "mailbox.client_refused"),
        (b"[]", "mailbox.no_token"),
        (b"<html>", "mailbox.no_token"),
    ],
)
def test_answers_of_servers_of_all_kinds(web: IdentityWeb, body: bytes, outcome: int | str) -> None:
    """Seconds that a token lives, or why it is none: it goes into a line of a protocol as it is."""
    with answering(200, body, {}) as (host, _):
        try:
            found: int | str = new_access_token(TokenGrant(f"http://{host}/", "me", "", ""), web).seconds
        except PressroomError as error:
            found = error.code
    assert found == outcome
