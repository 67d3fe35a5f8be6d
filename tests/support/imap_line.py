"""The line between a mail program and its IMAP server, to be cut while the program is in the middle of something."""

import select
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from tests.support.imap_server import WAIT, ImapServer

PIECE = 1 << 16


@dataclass(frozen=True)
class ImapLine:
    """Programs connect to `port`; what they and `server` say passes through here, decrypted."""

    server: ImapServer
    listening: socket.socket

    @property
    def port(self) -> int:
        return int(self.listening.getsockname()[1])

    def pass_on_until(self, command: bytes, *, is_heard: bool, then: Callable[[], object]) -> None:
        """Serve one connection until the program gives the command, then do `then` and hang up.

        With `is_heard` the server gets the command, too, and has carried it out before; its answer goes nowhere.
        """
        self.listening.settimeout(WAIT)
        line, _ = self.listening.accept()
        inner = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        inner.load_cert_chain(*self.server.authority.server)
        outer = ssl.create_default_context(cafile=self.server.authority.ca_file)
        for context in (inner, outer):  # nothing but what is said makes a line of this version readable
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        with (
            line,
            inner.wrap_socket(line, server_side=True) as program,
            socket.create_connection(("127.0.0.1", self.server.tls_port), WAIT) as beyond,
            outer.wrap_socket(beyond, server_hostname="127.0.0.1") as server,
        ):
            program.settimeout(WAIT)
            asked = _exchange(program, server, command)
            if is_heard:
                _carry_out(server, asked)
            then()


def _exchange(program: ssl.SSLSocket, server: ssl.SSLSocket, command: bytes) -> bytes:
    """Pass everything on, both ways, up to the command; returns what the program said there."""
    while True:
        ready = [one for one in (program, server) if one.pending()]
        for one in ready or select.select([program, server], [], [], WAIT)[0]:
            said = one.recv(PIECE)
            assert said, f"nobody ever said {command.decode()}"
            if one is program and command in said:
                return said
            (server if one is program else program).sendall(said)


def _carry_out(server: ssl.SSLSocket, asked: bytes) -> None:
    server.sendall(asked)
    end, answer = asked.split(maxsplit=1)[0] + b" OK", b""
    while end not in answer:
        piece = server.recv(PIECE)
        assert piece, f"the server hung up on {asked!r}"
        answer += piece
