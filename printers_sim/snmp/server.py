"""One UDP socket for all printers: which of them is asked is told by the address the request came to.

Ten thousand sockets would cost a descriptor and a buffer each; the kernel's packet information (IP_PKTINFO) gives the
same with one, bound to the loopback device only.
"""

import selectors
import socket
import struct
from collections.abc import Callable

from connectors.snmp.ber import BerError

SO_BINDTODEVICE = 25
IP_PKTINFO = 8
RECEIVE_BUFFER = 8 << 20
LARGEST_REQUEST = 8192
PACKET_INFO = struct.Struct("i4s4s")
AT_ONCE = 64
"""Requests read before other work of the process gets its turn."""

Answer = Callable[[str, bytes, tuple[str, int]], bytes | None]
"""Takes the address asked, the request and the asker; returns the answer, or None for silence."""


class SnmpServer:
    """The socket of all agents. `answer` may come later: `send` answers a request after the fact (slow printers)."""

    def __init__(self, port: int, answer: Answer) -> None:
        self._answer = answer
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, b"lo\0")
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        self._socket.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
        self._socket.setblocking(False)
        self._socket.bind(("0.0.0.0", port))  # noqa: S104 — every loopback address, held to the device above
        self.port: int = self._socket.getsockname()[1]

    def fileno(self) -> int:
        """For selectors and event loops."""
        return self._socket.fileno()

    def serve_waiting(self) -> None:
        """Answer what has arrived, some requests at most."""
        for _ in range(AT_ONCE):
            try:
                data, ancillary, _flags, asker = self._socket.recvmsg(LARGEST_REQUEST, 64)
            except BlockingIOError:
                return
            asked = _address_asked(ancillary)
            if asked is None:
                continue
            try:
                answer = self._answer(asked, data, asker)
            except BerError:
                continue  # an agent stays silent on what it cannot read (RFC 3412 §7.2)
            if answer is not None:
                self.send(asked, answer, asker)

    def send(self, asked: str, answer: bytes, asker: tuple[str, int]) -> None:
        """Answer `asker` from the address that was asked."""
        source = socket.inet_aton(asked)
        control = [(socket.IPPROTO_IP, IP_PKTINFO, PACKET_INFO.pack(0, source, source))]
        self._socket.sendmsg([answer], control, 0, asker)

    def serve_until(self, is_over: Callable[[], bool]) -> None:
        """Serve in this thread; `is_over` is asked several times a second."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket, selectors.EVENT_READ)
            while not is_over():
                if selector.select(0.2):
                    self.serve_waiting()

    def close(self) -> None:
        """Give the port back."""
        self._socket.close()


def _address_asked(ancillary: list[tuple[int, int, bytes]]) -> str | None:
    for level, kind, content in ancillary:
        if level == socket.IPPROTO_IP and kind == IP_PKTINFO:
            return socket.inet_ntoa(content[8:12])
    return None
