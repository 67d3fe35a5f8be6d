"""Choosing, changing and forgetting an account at a storage provider, at a real OAuth 2 server."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import select, update

from connectors.errors import PressroomError
from connectors.settings import Settings
from connectors.storage import open_storage
from domain.audit.models import AuditEvent
from domain.organizations.actor import Actor, Credential, CredentialKind
from domain.organizations.models import now
from domain.scan_settings.service import change_scan_settings
from domain.scan_settings.settings import ScanSettings
from domain.storage_accounts import sign_ins
from domain.storage_accounts.models import LinkedAccount, PendingAccountSignIn
from domain.storage_accounts.service import (
    AccountState,
    forget_account,
    list_families,
    own_account,
    set_storage_settings,
    storage_account,
)
from tests.support.account_server import CLIENT_ID, CLIENT_SECRET, AccountServer, account_server
from tests.support.fake_graph import FakeGraph
from tests.support.installation import Installation, installed

FAMILIES = {"microsoft": True, "google": True, "box": False, "dropbox": False}
"""Each family, and whether it tells who signed in by an ID token."""
PROVIDER = {"microsoft": "onedrive", "google": "google_drive", "box": "box", "dropbox": "dropbox"}
REDIRECT = f"http://127.0.0.1:8080{sign_ins.CALLBACK}"


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(PressroomError) as refused:
        call()
    return refused.value.code


@contextmanager
def world(home: Path, server: AccountServer) -> Iterator[Installation]:
    addresses = {name: server.addresses(is_openid=is_openid) for name, is_openid in FAMILIES.items()}
    registered = {f"{name}_client_id": CLIENT_ID for name in FAMILIES}
    registered |= {f"{name}_client_secret": CLIENT_SECRET for name in FAMILIES}
    others = {"allow_private_addresses": "true", "storage_addresses": json.dumps(addresses)}
    with installed(home, **registered, **others) as installation:
        yield installation


@pytest.fixture
def server() -> Iterator[AccountServer]:
    with account_server(REDIRECT) as running:
        yield running


@pytest.fixture
def ann(tmp_path: Path, server: AccountServer) -> Iterator[Actor]:
    """Somebody in a session of the portal, in an organization that scans to every cloud."""
    with world(tmp_path, server) as installation:
        settings = ScanSettings(enabled=True, families=tuple(FAMILIES), personal_destinations=True)  # type: ignore[arg-type]
        change_scan_settings(installation.administrator, settings)
        yield replace(installation.administrator, credential=Credential(CredentialKind.SESSION, "session-1"))


def way_back(address: str, account: str, **more: str) -> dict[str, str]:
    """What the browser brings back from the provider's sign-in page."""
    answer = httpx.post(address, data={"account": account, **more}, follow_redirects=False)
    assert answer.status_code == 302, answer.text
    assert answer.headers["Location"].startswith(REDIRECT)
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def sign_in(actor: Actor, family: str = "microsoft", account: str = "ann@example.com") -> sign_ins.Arrival:
    return sign_ins.arrive(actor, way_back(sign_ins.depart(actor, family, "/scan"), account))


def states(actor: Actor) -> dict[str, AccountState]:
    return {view.family: view.state for view in list_families(actor)}


@pytest.mark.parametrize("family", FAMILIES)
def test_an_account_is_chosen_changed_and_forgotten(ann: Actor, server: AccountServer, family: str) -> None:
    """SCAN-22, SCAN-23, SCAN-24, SCAN-25."""
    assert states(ann)[family] is AccountState.SIGNED_OUT
    assert sign_in(ann, family) == sign_ins.Arrival(family, "ann@example.com", "/scan")
    assert states(ann)[family] is AccountState.SIGNED_IN
    sign_in(ann, family, "other@example.com")
    has_end = family != "microsoft"
    assert [grant.ended for grant in server.grants] == [has_end, False]
    forget_account(ann, PROVIDER[family])
    assert server.grants[1].ended is has_end
    assert states(ann)[family] is AccountState.SIGNED_OUT
    with ann.session(read_only=True) as session:
        query = select(AuditEvent.action, AuditEvent.facts).where(AuditEvent.action.like("storage_account.%"))
        events = [(action, dict(facts)) for action, facts in session.execute(query.order_by(AuditEvent.id))]
    assert [action.partition(".")[2] for action, _ in events] == ["linked", "linked", "forgotten"]
    assert events[-1][1] == {"account": "other@example.com", "ended_there": has_end}


def test_the_way_there_has_pkce_a_state_a_nonce_and_the_exact_redirect(ann: Actor) -> None:
    query = {name: values[0] for name, values in parse_qs(urlsplit(sign_ins.depart(ann, "google", "/")).query).items()}
    assert query["code_challenge_method"] == "S256"
    assert query["redirect_uri"] == REDIRECT
    assert min(len(query[name]) for name in ("state", "nonce", "code_challenge")) >= 43
    assert query["access_type"] == "offline"
    assert "nonce" not in parse_qs(urlsplit(sign_ins.depart(ann, "box", "/")).query)


def test_an_answer_counts_once_in_its_own_session_and_for_its_own_person(ann: Actor) -> None:
    answer = way_back(sign_ins.depart(ann, "microsoft", "/"), "ann@example.com")
    elsewhere = replace(ann, credential=Credential(CredentialKind.SESSION, "session-2"))
    assert code_of(lambda: sign_ins.arrive(elsewhere, answer)) == "storage.sign_in_over"
    assert code_of(lambda: sign_ins.arrive(replace(ann, user_id="somebody"), answer)) == "storage.sign_in_over"
    sign_ins.arrive(ann, answer)
    assert code_of(lambda: sign_ins.arrive(ann, answer)) == "storage.sign_in_over"
    assert code_of(lambda: sign_ins.arrive(ann, {})) == "storage.sign_in_over"
    assert code_of(lambda: sign_ins.depart(replace(ann, credential=None), "box", "/")) == "storage.sign_in_over"


def test_an_answer_that_comes_too_late_counts_no_more(ann: Actor) -> None:
    answer = way_back(sign_ins.depart(ann, "microsoft", "/"), "ann@example.com")
    with ann.session() as session:
        session.execute(update(PendingAccountSignIn).values(expires=now()))
    assert code_of(lambda: sign_ins.arrive(ann, answer)) == "storage.sign_in_over"


def test_who_refuses_access_there_reads_so(ann: Actor) -> None:
    answer = way_back(sign_ins.depart(ann, "dropbox", "/"), "ann@example.com", cancel="1")
    with pytest.raises(PressroomError, match="access_denied") as refused:
        sign_ins.arrive(ann, answer)
    assert refused.value.fault.spec == "SCAN-E04"
    assert code_of(lambda: sign_ins.arrive(ann, answer)) == "storage.sign_in_over"


def test_a_code_of_another_sign_in_is_not_taken(ann: Actor) -> None:
    """PKCE: a code that was stolen, or put into somebody's browser, belongs to another verifier."""
    mine = way_back(sign_ins.depart(ann, "google", "/"), "ann@example.com")
    other = way_back(sign_ins.depart(ann, "google", "/"), "mallory@example.com")
    mixed = {**mine, "code": other["code"]}
    assert code_of(lambda: sign_ins.arrive(ann, mixed)) == "storage.account_refused"
    assert states(ann)["google"] is AccountState.SIGNED_OUT


def test_an_account_of_another_domain_is_refused_and_given_back(ann: Actor, server: AccountServer) -> None:
    """TS-51: the domain is named, with those that are allowed."""
    change_scan_settings(
        ann, ScanSettings(enabled=True, families=("box", "microsoft"), account_domains=("example.com",))
    )
    with pytest.raises(PressroomError) as refused:
        sign_in(ann, "box", "ann@sub.example.com")
    assert (refused.value.code, refused.value.fault.spec) == ("storage.domain_refused", "SCAN-E04")
    assert "sub.example.com" in refused.value.message
    assert "example.com" in refused.value.remedy
    assert server.grants[0].ended
    assert sign_in(ann, "box", "ann@EXAMPLE.com").account == "ann@EXAMPLE.com"


def test_where_solutions_and_scans_have_lists_of_domains_both_count(ann: Actor) -> None:
    change_scan_settings(ann, ScanSettings(enabled=True, families=("microsoft",), account_domains=("a.example",)))
    set_storage_settings(ann, ["onedrive"], ["b.example"])
    assert code_of(lambda: sign_in(ann, "microsoft", "ann@a.example")) == "storage.domain_refused"
    set_storage_settings(ann, ["onedrive"], ["a.example", "b.example"])
    assert sign_in(ann, "microsoft", "ann@a.example").account == "ann@a.example"


def test_tokens_are_kept_encrypted_and_without_our_registration(ann: Actor, server: AccountServer) -> None:
    sign_in(ann)
    with ann.session(read_only=True) as session:
        row = session.scalars(select(LinkedAccount)).one()
    account = own_account(ann, "onedrive")
    assert account.secrets["refresh_token"] == server.grants[0].refresh_token
    assert account.secrets["client_secret"] == CLIENT_SECRET
    for secret in (CLIENT_SECRET, server.grants[0].refresh_token, server.grants[0].access_token):
        assert secret not in row.secrets
        assert secret not in repr(account)
    account.save_secrets({**account.secrets, "refresh_token": "newer"})
    assert own_account(ann, "sharepoint").secrets["refresh_token"] == "newer"


def test_one_account_serves_solutions_and_scans_where_each_is_allowed(ann: Actor) -> None:
    """SCAN-25."""
    sign_in(ann)
    assert own_account(ann, "onedrive").account == "ann@example.com"
    assert code_of(lambda: storage_account(ann, "onedrive")) == "storage.provider_disabled"
    set_storage_settings(ann, ["onedrive"], [])
    assert storage_account(ann, "onedrive").account == "ann@example.com"


def test_what_the_organization_does_not_use_any_more_stays_but_is_unavailable(ann: Actor) -> None:
    """SCAN-18."""
    sign_in(ann, "google")
    change_scan_settings(ann, ScanSettings(enabled=True, families=("box",)))
    (google,) = (view for view in list_families(ann) if view.family == "google")
    assert (google.state, google.is_enabled) == (AccountState.SIGNED_IN, False)
    assert code_of(lambda: sign_ins.depart(ann, "google", "/")) == "storage.provider_disabled"


class Drive(FakeGraph):
    """OneDrive at the transport, whose tokens are those of the real server."""

    def __init__(self, server: AccountServer) -> None:
        super().__init__()
        self._server, self._tokens = server, httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if str(request.url).startswith(self._server.address):
            return self._tokens.handle_request(request)
        living = [grant.access_token for grant in self._server.grants if not grant.ended]
        self.token = living[0] if living else "none"
        return super().handle_request(request)


def folders(actor: Actor, drive: Drive) -> list[str]:
    storage = open_storage(own_account(actor, "onedrive"), Settings(_env_file=None), transport=drive)
    return storage.list_folders("")


def test_expired_tokens_are_renewed_on_use_and_each_refresh_token_is_used_once(
    ann: Actor, server: AccountServer
) -> None:
    sign_in(ann)
    drive = Drive(server)
    first = server.grants[0].refresh_token
    server.grants[0].access_token = "another by now"
    assert folders(ann, drive) == []
    second = server.grants[0].refresh_token
    assert second not in ("", first)
    assert own_account(ann, "onedrive").secrets["refresh_token"] == second


def test_many_at_once_renew_once(ann: Actor, server: AccountServer) -> None:
    sign_in(ann)
    drive = Drive(server)
    server.grants[0].access_token = "another by now"
    accounts = [own_account(ann, "onedrive") for _ in range(4)]
    failures: list[Exception] = []

    def use(number: int) -> None:
        try:
            open_storage(accounts[number], Settings(_env_file=None), transport=drive).list_folders("")
        except PressroomError as error:
            failures.append(error)

    threads = [threading.Thread(target=use, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failures == []
    assert server.requests.count("POST /token") == 2  # the sign-in's own, and one renewal


def test_a_grant_that_was_ended_there_leaves_the_account_expired(ann: Actor, server: AccountServer) -> None:
    """SCAN-25."""
    sign_in(ann)
    server.grants[0].ended = True
    drive = Drive(server)
    assert code_of(lambda: folders(ann, drive)) == "storage.account_signed_out"
    assert states(ann)["microsoft"] is AccountState.EXPIRED
    assert code_of(lambda: own_account(ann, "onedrive")) == "storage.signed_out"
    sign_in(ann)
    assert states(ann)["microsoft"] is AccountState.SIGNED_IN
    assert folders(ann, drive) == []


def test_without_a_registration_nobody_is_sent_anywhere(tmp_path: Path) -> None:
    with installed(tmp_path) as installation:
        change_scan_settings(installation.administrator, ScanSettings(enabled=True, families=("google",)))
        actor = replace(installation.administrator, credential=Credential(CredentialKind.SESSION, "s"))
        assert code_of(lambda: sign_ins.depart(actor, "google", "/")) == "storage.no_client"
        assert not next(view for view in list_families(actor) if view.family == "google").has_sign_in
        assert code_of(lambda: sign_ins.depart(actor, "fax", "/")) == "storage.unknown_provider"
