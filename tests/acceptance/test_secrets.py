"""No password, PIN, code, token, badge number or key is ever left readable: not in the records, the logs or the engine.

A whole installation is used the way people use it, with secrets that this test knows. Then everything is searched that
the installation has written: the audit trail, every file byte by byte, all lines of the log, what the engine tells over
its API, and the mails, which hold what they are sent for and nothing else.
"""

import email
import hashlib
import os
import re
import sqlite3
import sys
import time
from base64 import b32decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import Message
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import select

from benchmarks.installation import PASSWORD, RunningInstallation, running_installation
from domain.audit.models import AuditEvent
from domain.mail.models import OutgoingMail
from domain.outbox.models import OutboxRow
from domain.tenancy import system_session

pytestmark = pytest.mark.slow
SECONDS = 90
PREFECT_LISTS = {"flow_runs": 200, "task_runs": 200, "logs": 200, "artifacts": 200, "deployments": 200, "events": 50}
"""What the engine lists, and how many it gives at once; its database is searched besides."""
USER_HEADER = "EMAIL,OPERATION,PASSWORD,FIRST_NAME,LAST_NAME,DISPLAY_NAME,SHORTNAME,GROUPS,CUSTOM_ATTRIBUTES"


@dataclass
class Use:
    """An installation in use. `secrets` are all secrets that came up, by what they are.

    `mailed` are those that a mail is sent for, by whom it is for.
    """

    system: RunningInstallation
    client: httpx.Client
    log: Path
    secrets: dict[str, str] = field(default_factory=dict)
    mailed: dict[str, set[str]] = field(default_factory=dict)

    def ask(self, method: str, path: str, token: str = "", **options: Any) -> Any:
        """What the API answers, which must be a success."""
        headers = {"Authorization": f"Bearer {token or self.secrets['session token']}"}
        answer = self.client.request(method, f"/api/v1{path}", headers=headers, **options)
        assert answer.is_success, f"{method} {path}: {answer.text}"
        return answer.json() if answer.content else None

    def keep_mailed(self, what: str, address: str, pattern: str) -> None:
        """Keep the secret that a mail to that address tells, once the mail has come."""

        def look() -> str | None:
            found = [match for text in self.mails_to(address) if (match := re.search(pattern, text))]
            return found[-1][1] if found else None

        self.secrets[what] = str(until(look, f"{what} mailed to {address}"))
        self.mailed.setdefault(address, set()).add(what)

    def mails_to(self, address: str = "*") -> list[str]:
        """What has been mailed to that address, oldest first."""
        return [_text(path) for path in sorted((self.system.settings.home / "mail").glob(f"*-{address}.eml"))]

    def task_is_over(self, task_id: str) -> None:
        task = until(lambda: self._ended(task_id), "the end of a task")
        assert task["state"] == "FINISHED", (task, self.ask("GET", f"/tasks/{task_id}/lines"))

    def _ended(self, task_id: str) -> Any:
        task = self.ask("GET", f"/tasks/{task_id}")
        return task if task["state"] not in ("QUEUED", "RUNNING") else None


def _text(path: Path) -> str:
    message: Message = email.message_from_bytes(path.read_bytes())
    parts = [part for part in message.walk() if part.get_content_maintype() == "text"]
    return "".join(part.get_payload(decode=True).decode() for part in parts)  # type: ignore[union-attr]


def until(look: Callable[[], Any], what: str) -> Any:
    """What `look` finds, as soon as it finds something."""
    deadline = time.monotonic() + SECONDS
    while not (found := look()):
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.2)
    return found


@contextmanager
def output_in(file: Path) -> Iterator[None]:
    """What this process and those it starts say goes into a file."""
    kept = [os.dup(number) for number in (1, 2)]
    sys.stdout.flush()
    sys.stderr.flush()
    with file.open("wb") as target:
        for number in (1, 2):
            os.dup2(target.fileno(), number)
        try:
            yield
        finally:
            for number, former in zip((1, 2), kept, strict=True):
                os.dup2(former, number)
                os.close(former)


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Use]:
    """The installation after everything has been done that has to do with secrets, and while it still runs."""
    home = tmp_path_factory.mktemp("secrets")
    log = home / "all.log"
    settings = {"log_level": "DEBUG", "log_format": "json", "allow_private_addresses": "true"}
    with output_in(log), running_installation(home / "home", **settings) as system:
        client = httpx.Client(base_url=system.url, trust_env=False, timeout=30)
        use = Use(system, client, log, {"the installation's key": system.settings.secret_key.get_secret_value()})
        for part in (passwords, second_factor, programs, printers, imports, other_places, runs):
            part(use)
        until(_nothing_waits, "the outbox to be empty")
        yield use


def passwords(use: Use) -> None:
    """Signing in, failing to, creating people, links, passwords set by oneself and by others."""
    use.secrets |= {"the administrator's password": PASSWORD, "a wrong password": "Wrong-password-7-by-Mallory"}
    administrator = use.system.administrator.email
    credentials = {"email": administrator, "password": use.secrets["a wrong password"]}
    assert use.client.post("/api/v1/sessions", json=credentials).status_code == 401
    opened = use.client.post("/api/v1/sessions", json={**credentials, "password": PASSWORD}).json()
    use.secrets["session token"] = opened["token"]
    form = {"email": administrator, "password": PASSWORD}
    use.secrets["session cookie"] = use.client.post("/sign-in", data=form).cookies["pressroom_session"]
    use.client.cookies.clear()
    use.secrets |= {"a first password": "First-Password-1-of-Eva", "a set password": "Set-Password-2-of-Eva"}
    eva = {"email": "eva@example.com", "password": use.secrets["a first password"]}
    eva_id = use.ask("POST", "/users", json=eva)["id"]
    use.ask("PUT", f"/users/{eva_id}/password", json={"password": use.secrets["a set password"]})
    use.ask("POST", f"/users/{eva_id}/password-link")
    use.keep_mailed("a password link", "eva@example.com", r"token=([\w-]+)")
    use.secrets["a chosen password"] = "Chosen-Password-3-of-Eva"
    chosen = {"token": use.secrets["a password link"], "password": use.secrets["a chosen password"]}
    assert use.client.post("/api/v1/password-resets/use", json=chosen).status_code == 204
    signed_in = {"email": "eva@example.com", "password": use.secrets["a chosen password"]}
    use.secrets["Eva's session token"] = use.client.post("/api/v1/sessions", json=signed_in).json()["token"]


def second_factor(use: Use) -> None:
    """An authenticator app and the codes for the day it is lost."""
    token = use.secrets["Eva's session token"]
    secret = use.ask("POST", "/me/second-factor", token)["secret"]
    use.secrets["the secret of an authenticator app"] = secret
    key = b32decode(secret + "=" * (-len(secret) % 8))
    code = TOTP(key, 6, SHA1(), 30, enforce_key_length=False).generate(int(time.time())).decode()
    codes = use.ask("PUT", "/me/second-factor", token, json={"code": code})["codes"]
    use.secrets |= {f"recovery code {number}": code for number, code in enumerate(codes)}
    use.ask("POST", "/me/confirmation", token, json={"code": codes[0]})


def programs(use: Use) -> None:
    """API tokens, applications with their secrets, access tokens."""
    expires = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    made = use.ask("POST", "/me/tokens", json={"name": "Script", "scopes": ["own.account"], "expires": expires})
    use.secrets["an API token"] = made["token"]
    use.ask("GET", "/me", made["token"])
    given = {"name": "Panel", "scopes": ["badges-auth"], "roles": []}
    application = use.ask("POST", "/applications", json=given)["id"]
    use.secrets["a client secret"] = use.ask("POST", f"/applications/{application}/secrets", json={})["secret"]
    form = {
        "grant_type": "client_credentials",
        "client_id": application,
        "client_secret": use.secrets["a client secret"],
    }
    use.secrets["an access token"] = use.client.post("/oauth/token", data=form).json()["access_token"]
    refused = use.client.post("/oauth/token", data={**form, "client_secret": "wrong-client-secret-of-Mallory"})
    use.secrets["a wrong client secret"] = "wrong-client-secret-of-Mallory"
    assert refused.status_code == 401


def printers(use: Use) -> None:
    """PINs, badges, login codes, and the sign-in at printers with each of them."""
    settings = {"methods": ["badge", "pin", "secure_login"], "pin_length": 12, "pin_generation": "user"}
    use.ask("PUT", "/printer-login", json=settings)
    use.secrets |= {"a PIN": "739104628517", "a wrong PIN": "628517739104", "a badge number": "04A1B2C3D4E5F607"}
    use.ask("PUT", "/me/pin", json={"pin": use.secrets["a PIN"]})
    use.ask("PUT", "/printer-login", json={**settings, "pin_generation": "administrator"})
    use.secrets["Eva's PIN"] = "517396284107"
    use.ask("POST", "/pins", json={"email": "eva@example.com", "pin": use.secrets["Eva's PIN"]})
    use.ask("PUT", "/printer-login", json={**settings, "pin_generation": "auto"})
    use.ask("POST", "/pins", json={"email": "eva@example.com"})
    use.keep_mailed("a PIN made by Pressroom", "eva@example.com", r"(?m)^(\d{12})\r?$")
    use.ask("PUT", "/printer-login", json={**settings, "pin_generation": "administrator"})
    badge = {"email": use.system.administrator.email, "number": use.secrets["a badge number"], "show_number": True}
    use.ask("POST", "/badges", json=badge)
    use.secrets["a login code"] = use.ask("POST", "/me/login-code")["code"]
    device = {"printer_id": "printer-1"}
    attempts: list[Mapping[str, str]] = [
        {"method": "pin", "pin": use.secrets["a PIN"]},
        {"method": "badge", "badge": use.secrets["a badge number"]},
        {"method": "secure_login", "code": use.secrets["a login code"]},
    ]
    for number, attempt in enumerate(attempts):
        body = {**device, **attempt}
        outcome = use.ask("POST", "/printer-login/sign-ins", use.secrets["an access token"], json=body)
        use.secrets[f"printer session {number}"] = outcome["session"]["token"]
    headers = {"Authorization": f"Bearer {use.secrets['an access token']}"}
    wrong = {**device, "method": "pin", "pin": use.secrets["a wrong PIN"]}
    assert not use.client.post("/api/v1/printer-login/sign-ins", json=wrong, headers=headers).is_success


def imports(use: Use) -> None:
    """Files with passwords, PINs and badge numbers."""
    use.secrets |= {"an imported password": "Imported-Password-4-of-Bo", "an imported badge": "0B0A0D6E5566778899"}
    use.secrets["an imported PIN"] = "840517296383"
    users = f"{USER_HEADER}\nbo@example.com,CREATE,{use.secrets['an imported password']},Bo,Berg,,,,\n"
    started = use.ask("POST", "/users/imports", files={"file": ("people.csv", users.encode(), "text/csv")})
    use.task_is_over(started["task_id"])
    row = f"{use.secrets['an imported badge']},CREATE,bo@example.com,,{use.secrets['an imported PIN']}"
    badges = f"BADGE,OPERATION,EMAIL,TEMPORARY,PIN\n{row}\n"
    started = use.ask("POST", "/badges/import", files={"file": ("badges.csv", badges.encode(), "text/csv")})
    use.task_is_over(started["task_id"])


def other_places(use: Use) -> None:
    """Credentials at storage and identity providers, which do not answer."""
    use.secrets |= {
        "a storage password": "Storage-Password-5-of-Ann",
        "a provider's secret": "idp-secret-6-abcdef",
    }
    use.ask("PUT", "/organization/solution-settings", json={"storage_providers": ["webdav", "folder"]})
    account = {
        "account": "ann@example.com",
        "options": {"address": "http://127.0.0.1:9/dav", "user": "ann"},
        "secrets": {"password": use.secrets["a storage password"]},
    }
    use.ask("PUT", "/storage-accounts/webdav", json=account)
    well_known = "https://127.0.0.1:9/.well-known/openid-configuration"
    configuration = {"kind": "oidc", "client_id": "pressroom", "well_known_url": well_known}
    provider = {"configuration": configuration, "client_secret": use.secrets["a provider's secret"]}
    use.ask("PUT", "/organization/authentication-provider", json=provider)


def runs(use: Use) -> None:
    """A run that fails at a storage provider and one whose result is fetched by a link."""
    webdav = {"kind": "cloud_storage", "parameters": {"provider": "webdav"}}
    for name, step in (("To storage", webdav), ("To fetch", {"kind": "download"})):
        solution = use.ask("POST", "/solutions", json={"name": name, "steps": [step]})["id"]
        files = {"file": ("letter.txt", b"Dear reader", "text/plain")}
        run = use.ask("POST", f"/solutions/{solution}/runs", files=files)["id"]
        details = until(lambda run=run: _final(use, run), "the end of a run")
        for document in details["downloads"]:
            link = use.ask("POST", f"/runs/{run}/documents/{document}/links")
            use.secrets["a download link"] = link["url"].rpartition("/")[2]
            assert use.client.get(link["url"]).text == "Dear reader"


def _final(use: Use, run: str) -> Any:
    details = use.ask("GET", f"/runs/{run}")
    return details if details["run"]["state"] not in ("QUEUED", "RUNNING") else None


def _nothing_waits() -> bool:
    with system_session(read_only=True) as session:
        waiting = session.scalars(select(OutboxRow.id).where(OutboxRow.dispatched.is_(None))).first()
        sending = session.scalars(select(OutgoingMail.id).where(OutgoingMail.ended.is_(None))).first()
        return waiting is None and sending is None


def revealed(use: Use, text: str) -> set[str]:
    """Which secrets stand in `text`, in capitals or not. One of digits only counts where it stands for itself."""
    lowered = text.lower()
    return {
        what
        for what, secret in use.secrets.items()
        if secret.lower() in lowered
        if not secret.isdigit() or re.search(rf"(?<![\d.]){secret}(?!\d)", text)
    }


def guessable(use: Use, content: bytes) -> set[str]:
    """PINs and badge numbers that stand there as a plain digest, which trying them all would turn back."""
    return {
        what
        for what, secret in use.secrets.items()
        if any(word in what.lower() for word in ("pin", "badge"))
        for algorithm in ("md5", "sha1", "sha256", "sha512")
        if (digest := hashlib.new(algorithm, secret.encode())).hexdigest().encode() in content
        or digest.digest() in content
    }


def test_the_walk_met_every_kind_of_secret(used: Use) -> None:
    assert len(used.secrets) > 25
    assert all(len(secret) >= 8 for secret in used.secrets.values()), used.secrets.keys()


def test_what_stands_somewhere_is_found(used: Use) -> None:
    """The search itself: each secret is found in a database that keeps it, in a log line and as a plain digest."""
    database = used.system.settings.home.parent / "leaky.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE leak (content TEXT)")
        rows = [(f"{{'what': '{secret}'}}",) for secret in used.secrets.values()]
        connection.executemany("INSERT INTO leak VALUES (?)", rows)
        connection.commit()
    assert revealed(used, database.read_bytes().decode("latin-1")) == set(used.secrets)
    digest = hashlib.sha256(used.secrets["a PIN"].encode())
    assert guessable(used, digest.digest()) == guessable(used, digest.hexdigest().encode()) == {"a PIN"}


def test_the_audit_trail_tells_what_happened_but_no_secret(used: Use) -> None:
    with system_session(read_only=True) as session:
        events = session.scalars(select(AuditEvent)).all()
        told = " ".join(f"{event.action} {event.target_kind} {event.target_id} {event.facts}" for event in events)
    assert {"user.created", "pin.set", "badge.registered", "api_token.created"} <= {event.action for event in events}
    assert revealed(used, told) == set()


def test_the_log_tells_what_happened_but_no_secret(used: Use) -> None:
    log = used.log.read_text(encoding="utf-8", errors="replace")
    assert "/api/v1/users/imports" in log
    assert revealed(used, log) == set()


def test_the_engine_knows_no_secret(used: Use) -> None:
    """Flow runs with their parameters, task runs, logs, artifacts and events."""
    told = ""
    for kind, limit in PREFECT_LISTS.items():
        answer = httpx.post(f"{used.system.settings.engine_url}/{kind}/filter", json={"limit": limit}, trust_env=False)
        assert answer.is_success, f"{kind}: {answer.text}"
        told += answer.text
    assert "import-users" in told
    assert revealed(used, told) == set()


def test_mails_hold_what_they_are_sent_for_and_no_other_secret(used: Use) -> None:
    folder = used.system.settings.home / "mail"
    addresses = {path.stem.partition("-")[2].split("-", 2)[-1] for path in folder.glob("*.eml")}
    assert addresses >= {"eva@example.com", used.system.administrator.email}
    told = {address: revealed(used, "\n".join(used.mails_to(address))) for address in addresses}
    assert {address: what for address, what in told.items() if what} == used.mailed


def test_what_is_kept_of_a_mail_is_no_longer_its_text(used: Use) -> None:
    with system_session(read_only=True) as session:
        mails = session.scalars(select(OutgoingMail)).all()
    assert len(mails) > 5
    assert {mail.content for mail in mails} == {""}


def test_no_file_holds_a_secret(used: Use) -> None:
    """Byte by byte, so that what was deleted or stands in the write-ahead log of a database counts too."""
    home = used.system.settings.home
    files = {path.relative_to(home).as_posix(): path for path in home.rglob("*") if path.is_file()}
    assert {"pressroom.db", "prefect/prefect.db"} <= set(files)
    assert files.pop("secret.key").stat().st_mode & 0o077 == 0
    for name, file in files.items():
        content = file.read_bytes()
        if file.suffix != ".eml":  # their own test says what they may hold
            assert revealed(used, content.decode("latin-1")) == set(), name
        assert guessable(used, content) == set(), name
