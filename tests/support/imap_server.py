"""A real IMAP server: Debian's Dovecot as an ordinary process on loopback, with one mailbox."""

import grp
import imaplib
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.mail_server import TestAuthority
from tests.support.s3_server import free_ports
from tests.support.token_server import SCOPE, TokenServer

USER, PASSWORD = "print", "open (sesame) 7"
WAIT = 60
CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
instance_name = {name}
listen = 127.0.0.1
protocols = imap
default_internal_user = {account}
default_internal_group = {group}
default_login_user = {login}
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{folder}/mail/%u
ssl = required
ssl_min_protocol = TLSv1.2
ssl_cert = <{certificate}
ssl_key = <{key}
imap_capability = {capabilities}
auth_failure_delay = 0
mail_max_userip_connections = 50
auth_mechanisms = {mechanisms}
{tokens}
passdb {{
  driver = passwd-file
  mechanisms = plain
  args = scheme=PLAIN username_format=%u {folder}/users
  auth_verbose = default
}}
userdb {{
  driver = static
  args = uid={mail} gid={mail_group} home={folder}/mail
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {starttls_port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
"""
TOKENS = """
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {path}
}}
"""
TOKEN_RULES = """
introspection_url = {introspection}
introspection_mode = post
force_introspection = yes
username_attribute = email
active_attribute = active
active_value = true
scope = {scope}
"""
WITHOUT_EXTENSIONS = "IMAP4rev1 LITERAL+ SASL-IR LOGIN-REFERRALS ID ENABLE IDLE"
"""What a server of old can: neither MOVE nor UIDPLUS."""


@dataclass(frozen=True)
class ImapServer:
    """A running server. Its certificate is for `127.0.0.1`, signed by `authority`."""

    folder: Path
    authority: TestAuthority
    tls_port: int
    starttls_port: int

    @contextmanager
    def client(self) -> Iterator[imaplib.IMAP4_SSL]:
        """A mail program of the mailbox's owner."""
        context = ssl.create_default_context(cafile=self.authority.ca_file)
        with imaplib.IMAP4_SSL("127.0.0.1", self.tls_port, ssl_context=context, timeout=WAIT) as client:
            client.login(USER, PASSWORD)
            yield client

    def put(self, content: bytes, folder: str = "INBOX", flags: str = "") -> None:
        """A message arrives."""
        with self.client() as client:
            answer, _ = client.append(folder, flags, "", content)
            assert answer == "OK"

    def contents(self, folder: str = "INBOX") -> list[bytes]:
        """The messages of a folder that are not deleted; none where there is no such folder."""
        return [content for content, _ in self._messages(folder)]

    def empty(self, folder: str) -> None:
        """Delete what is in a folder, if there is one."""
        with self.client() as client:
            answer, count = client.select(f'"{folder}"')
            if answer == "OK" and count != [b"0"]:
                client.store("1:*", "+FLAGS", "\\Deleted")
                client.expunge()

    def flags(self, folder: str = "INBOX") -> list[str]:
        """Their flags."""
        return [flags for _, flags in self._messages(folder)]

    def _messages(self, folder: str) -> list[tuple[bytes, str]]:
        with self.client() as client:
            if client.select(f'"{folder}"', readonly=True)[0] != "OK":
                return []
            found: Any = client.search(None, "UNDELETED")[1][0]
            messages = []
            for number in found.split():
                answer: Any = client.fetch(number.decode(), "(FLAGS BODY.PEEK[])")[1]
                flags = b" ".join(part if isinstance(part, bytes) else part[0] for part in answer).decode()
                messages.append((answer[0][1], flags))
            return messages


@contextmanager
def imap_server(
    authority: TestAuthority,
    *,
    capabilities: str = "",
    tokens: TokenServer | None = None,
    mechanisms: str = "oauthbearer xoauth2",
) -> Iterator[ImapServer]:
    """Dovecot with one empty mailbox; `capabilities` are all that it says it has, in place of its own.

    It is signed in to by access tokens, too, where there is a server that gives `tokens`, by these SASL `mechanisms`.
    Its folder has a short name (sockets), and others than root may go there: Dovecot reads mail as nobody.
    """
    with tempfile.TemporaryDirectory(prefix="imap-") as name:
        Path(name).chmod(0o755)
        server = ImapServer(Path(name), authority, *free_ports(2))
        with _running(server, _write(server, capabilities, tokens, mechanisms)):
            yield server


@contextmanager
def _running(server: ImapServer, configuration: Path) -> Iterator[None]:
    program = shutil.which("dovecot") or "/usr/sbin/dovecot"
    process = subprocess.Popen([program, "-F", "-c", str(configuration)], stdout=subprocess.DEVNULL)
    try:
        _wait_for(server, process)
        yield
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(WAIT)
        process.kill()
        process.wait()


def _write(server: ImapServer, capabilities: str, tokens: TokenServer | None, mechanisms: str) -> Path:
    folder, is_root = server.folder, os.getuid() == 0
    own = pwd.getpwuid(os.getuid()).pw_name
    account = "dovecot" if is_root else own
    login = "dovenull" if is_root else own
    mail = pwd.getpwnam("nobody" if is_root else own)
    for name in ("run", "state", "mail"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    if is_root:
        os.chown(folder / "mail", mail.pw_uid, mail.pw_gid)
    users = folder / "users"
    users.write_text(f"{USER}:{{PLAIN}}{PASSWORD}::::::\n")
    users.chmod(0o644)
    certificate, key = server.authority.server
    text = CONFIGURATION.format(
        folder=folder,
        name=f"pressroom-{server.tls_port}",
        account=account,
        group=grp.getgrgid(pwd.getpwnam(account).pw_gid).gr_name,
        login=login,
        mail=mail.pw_uid,
        mail_group=mail.pw_gid,
        certificate=certificate,
        key=key,
        capabilities=capabilities,
        mechanisms=f"plain {mechanisms}" if tokens else "plain",
        tokens=_take_tokens(folder / "tokens.conf", tokens) if tokens else "",
        tls_port=server.tls_port,
        starttls_port=server.starttls_port,
    )
    path = folder / "dovecot.conf"
    path.write_text("\n".join(line for line in text.splitlines() if line.strip() != "imap_capability ="))
    return path


def _take_tokens(path: Path, tokens: TokenServer) -> str:
    path.write_text(TOKEN_RULES.format(introspection=tokens.introspection, scope=SCOPE))
    path.chmod(0o644)
    return TOKENS.format(path=path)


def _wait_for(server: ImapServer, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(WAIT * 20):
        assert process.poll() is None, (server.folder / "dovecot.log").read_text()
        try:
            with socket.create_connection(("127.0.0.1", server.starttls_port), timeout=5) as line:
                if line.recv(1024).startswith(b"* OK"):
                    return
        except OSError:
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.05)
    raise AssertionError("Dovecot never answered: " + (server.folder / "dovecot.log").read_text())
