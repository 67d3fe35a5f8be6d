"""Mail for printing fetched from a mailbox that is signed in to by OAuth 2.0, at real token and IMAP servers (F-11)."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pydantic import ValidationError
from sqlalchemy import select, update

from connectors.errors import PressroomError
from connectors.secrets import decrypt, encrypt
from connectors.settings import get_settings
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.roles import Role
from domain.print_mail.mailboxes import MailboxSettings, MailboxView, get_mailbox, save_mailbox
from domain.print_mail.models import MessageState, PrintMailbox
from domain.print_mail.sign_in import MICROSOFT_SCOPE, MailboxSecrets, SignIn
from flows.print_mail import fetch_print_mail
from pressroom.doctor import examine_mailboxes
from steps.samples import letter_pdf
from tests.support.imap_server import USER, ImapServer, imap_server
from tests.support.installation import Installation, installed
from tests.support.mail_server import TestAuthority, make_authority
from tests.support.print_mail import RELAY, mail, open_address, proven, wire, work_off
from tests.support.token_server import CLIENT_ID, CLIENT_SECRET, TokenServer, token_server

ANN, MAILBOX = "ann@one.example", "print@customer.example"
SECRET = MailboxSecrets(client_secret=CLIENT_SECRET)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> TestAuthority:
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def tokens(authority: TestAuthority, servers: tuple[ImapServer, TokenServer]) -> TokenServer:
    """The token server, which has not been asked anything yet."""
    _, one = servers
    one.forms.clear()
    one.paths.clear()
    return one


@pytest.fixture(scope="module")
def servers(authority: TestAuthority) -> Iterator[tuple[ImapServer, TokenServer]]:
    with token_server(USER, authority.server) as tokens, imap_server(authority, tokens=tokens) as server:
        yield server, tokens


@pytest.fixture
def server(servers: tuple[ImapServer, TokenServer]) -> Iterator[ImapServer]:
    server, _ = servers
    yield server
    for folder in ("INBOX", "Printed"):
        server.empty(folder)


@pytest.fixture
def installation(tmp_path: Path, authority: TestAuthority, tokens: TokenServer) -> Iterator[Installation]:
    """Where Microsoft's token address is the server's, as operators say that of a national cloud."""
    address = urlsplit(tokens.address)
    options = {
        "mail_fetch_ca_file": str(authority.ca_file),
        "identity_ca_file": str(authority.ca_file),
        "storage_addresses": f'{{"microsoft": {{"token": "https://{address.netloc}/common/oauth2/v2.0/token"}}}}',
    }
    with installed(tmp_path / "home", allow_private_addresses="true", **options) as one:
        one.add_person(ANN, Role.PRINT_RELEASE_USER)
        open_address(one.administrator)
        yield one


@pytest.fixture
def actor(installation: Installation) -> Actor:
    return installation.administrator


def settings(server: ImapServer, sign_in: object = SignIn.MICROSOFT, **changes: object) -> MailboxSettings:
    known = {
        **{"address": MAILBOX, "host": "127.0.0.1", "port": server.tls_port, "user": USER},
        **{"authentication_server": RELAY, "sign_in": sign_in, "client_id": CLIENT_ID, "tenant": "contoso.example"},
    }
    return MailboxSettings.model_validate(known | changes)


def look(actor: Actor) -> MailboxView:
    """Look into the mailbox now, as the flow does."""
    with actor.session() as session:
        session.execute(update(PrintMailbox).values(due=now(), lease_owner=None, lease_until=None))
    fetch_print_mail.fn(actor.organization_id)
    view = get_mailbox(actor)
    assert view is not None
    return view


def code_of(view: MailboxView) -> str:
    return view.error.code if view.error else ""


def kept(actor: Actor) -> dict[str, str]:
    """The secrets as they are kept."""
    with actor.session(read_only=True) as session:
        text = session.scalars(select(PrintMailbox.credentials)).one()
    assert not any(value in text for value in decrypt(text).values())
    return decrypt(text)


def expire_token(actor: Actor) -> None:
    """Time passes: the access token has died of age."""
    with actor.session() as session:
        row = session.scalars(select(PrintMailbox)).one()
        row.credentials = encrypt(decrypt(row.credentials) | {"expires": (now() + timedelta(seconds=30)).isoformat()})


def test_a_mailbox_of_microsoft_365_is_printed_from(
    actor: Actor, server: ImapServer, tokens: TokenServer, tmp_path: Path
) -> None:
    """By client credentials of its directory; a token serves until it ends, or until the mail server refuses it."""
    letter = letter_pdf(tmp_path).read_bytes()
    server.put(proven(wire(mail(ANN, MAILBOX, ("a.pdf", letter))), "one.example"))
    save_mailbox(actor, settings(server), SECRET)
    view = look(actor)
    assert (view.fetched, code_of(view), view.failures) == (1, "", 0)
    [row] = work_off(actor)
    assert (row.state, row.accepted) == (MessageState.ACCEPTED, 1)
    [form] = tokens.forms
    assert (form["grant_type"], form["scope"]) == ("client_credentials", MICROSOFT_SCOPE)
    assert tokens.paths == ["/contoso.example/oauth2/v2.0/token"]

    assert code_of(look(actor)) == ""
    assert len(tokens.forms) == 1, "the token that lives is used again"
    assert kept(actor)["access_token"] in tokens.tokens
    expire_token(actor)
    assert code_of(look(actor)) == ""
    assert len(tokens.forms) == 2
    tokens.tokens.clear()
    assert (code_of(look(actor)), len(tokens.forms)) == ("", 3), "one that was withdrawn is replaced at once"


def test_a_refresh_token_is_replaced_each_time_and_its_end_is_told(
    actor: Actor, installation: Installation, server: ImapServer, tokens: TokenServer
) -> None:
    """Each is taken once there; the last one is kept, also where somebody changes the mailbox meanwhile."""
    chosen = settings(server, SignIn.REFRESH_TOKEN, token_address=tokens.address)
    given = tokens.new_refresh_token()
    save_mailbox(actor, chosen, MailboxSecrets(client_secret=CLIENT_SECRET, refresh_token=given))
    for _ in range(2):
        assert code_of(look(actor)) == ""
        expire_token(actor)
    assert [form["grant_type"] for form in tokens.forms] == ["refresh_token"] * 2
    assert tokens.forms[0]["refresh_token"] == given != tokens.forms[1]["refresh_token"]
    tokens.meanwhile = lambda: save_mailbox(actor, chosen.model_copy(update={"interval_seconds": 90})) and None
    with pytest.raises(PressroomError, match=r"mailbox\.lease_lost"):
        look(actor)
    tokens.meanwhile = lambda: None
    assert kept(actor)["refresh_token"] in tokens.refresh_tokens
    assert code_of(look(actor)) == ""

    tokens.refresh_tokens.clear()
    expire_token(actor)
    view = look(actor)
    assert (code_of(view), view.failures) == ("mailbox.grant_over", 1)
    [finding] = examine_mailboxes(installation.settings)
    assert "put the new refresh token in" in finding.remedy
    save_mailbox(actor, chosen, MailboxSecrets(refresh_token=tokens.new_refresh_token()))
    assert code_of(look(actor)) == "", "the client secret that is kept serves on"


@pytest.mark.parametrize(
    ("changes", "secret", "code"),
    [
        ({}, "wrong", "mailbox.client_refused"),
        ({"user": "boss"}, CLIENT_SECRET, "mailbox.token_refused"),
        ({"sign_in": "client_credentials", "scope": "all"}, CLIENT_SECRET, "mailbox.scope_refused"),
    ],
    ids=["client refused", "the mailbox says no", "scope refused"],
)
def test_what_keeps_it_from_being_looked_into_is_told_with_its_remedy(
    actor: Actor, server: ImapServer, tokens: TokenServer, changes: dict[str, str], secret: str, code: str
) -> None:
    save_mailbox(
        actor, settings(server, **{"token_address": tokens.address, **changes}), MailboxSecrets(client_secret=secret)
    )
    view = look(actor)
    assert (code_of(view), view.failures) == (code, 1)
    assert view.error is not None
    assert secret not in view.error.message + view.error.remedy
    assert view.error.remedy.endswith(".")


def test_a_secret_goes_to_no_other_server_and_serves_no_other_program(
    actor: Actor, server: ImapServer, tokens: TokenServer
) -> None:
    """A changed folder or scope needs none; another token address, program, directory, user or way needs it anew."""
    given = {"token_address": tokens.address, "scope": "all"}
    save_mailbox(actor, settings(server, SignIn.CLIENT_CREDENTIALS, **given), SECRET)
    assert kept(actor) == {"client_secret": CLIENT_SECRET}
    save_mailbox(actor, settings(server, SignIn.CLIENT_CREDENTIALS, **{**given, "scope": "", "folder": "Scans"}))
    for change in ({"token_address": "https://evil.example/t"}, {"client_id": "x"}, {"user": "x"}, {"host": "x"}):
        with pytest.raises(PressroomError, match=r"mailbox\.secret_needed"):
            save_mailbox(actor, settings(server, SignIn.CLIENT_CREDENTIALS, **{**given, **change}))
    with pytest.raises(PressroomError, match=r"mailbox\.secret_needed"):
        save_mailbox(actor, settings(server, SignIn.REFRESH_TOKEN, **given))
    with pytest.raises(PressroomError, match=r"mailbox\.password_needed"):
        save_mailbox(actor, settings(server, SignIn.PASSWORD), SECRET)
    save_mailbox(actor, settings(server, SignIn.PASSWORD), MailboxSecrets(password="open"))
    assert kept(actor) == {"password": "open"}, "nothing of the former way is left"


@pytest.mark.parametrize(
    ("sign_in", "changes", "wrong"),
    [
        ("microsoft", {"tenant": ""}, "tenant"),
        ("microsoft", {"tenant": "a/../b"}, "tenant"),
        ("microsoft", {"client_id": " "}, "client_id"),
        ("client_credentials", {"token_address": ""}, "token_address"),
        ("client_credentials", {"token_address": "login.example/token"}, "token_address"),
        ("client_credentials", {"token_address": "https://login.example:x/token"}, "token_address"),
        ("refresh_token", {"token_address": "https://[::1/token"}, "token_address"),
        ("refresh_token", {"client_id": ""}, "client_id"),
        ("magic", {}, "sign_in"),
    ],
)
def test_what_a_way_to_sign_in_wants(
    servers: tuple[ImapServer, TokenServer], sign_in: str, changes: dict[str, str], wrong: str
) -> None:
    server, _ = servers
    sound = {"token_address": "https://login.example/token"}
    with pytest.raises(ValidationError) as refused:
        settings(server, **{**sound, **changes, "sign_in": sign_in})
    assert [error["loc"] for error in refused.value.errors()] == [(wrong,)]


def test_a_token_address_in_our_network_is_refused_when_it_is_saved(
    actor: Actor, server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plain http, unless operators allow private addresses; where a name leads is looked at each time it is asked."""
    monkeypatch.setenv("PRESSROOM_ALLOW_PRIVATE_ADDRESSES", "false")
    get_settings.cache_clear()
    for address in ("http://login.example/token", "https://me@login.example/token"):
        with pytest.raises(PressroomError, match=r"mailbox\.token_unsafe"):
            save_mailbox(actor, settings(server, SignIn.CLIENT_CREDENTIALS, token_address=address), SECRET)
    save_mailbox(actor, settings(server, SignIn.CLIENT_CREDENTIALS, token_address="https://127.0.0.1/token"), SECRET)
    assert code_of(look(actor)) == "mailbox.token_unsafe"


def test_secrets_of_another_secret_key_are_told_as_such(actor: Actor, server: ImapServer) -> None:
    """The mailbox is not silent then: the page says what to do, and new secrets help."""
    save_mailbox(actor, settings(server), SECRET)
    with actor.session() as session:
        session.execute(update(PrintMailbox).values(credentials="of another key"))
    view = look(actor)
    assert (code_of(view), view.failures) == ("secret.unreadable", 1)
    save_mailbox(actor, settings(server), SECRET)
    assert code_of(look(actor)) == ""
