"""Waking a worker at once: an empty datagram. A hint only — polling stays as the safety net, nothing depends on it."""

import socket

import structlog

log = structlog.get_logger(__name__)


def parse_address(address: str) -> tuple[str, int]:
    """("127.0.0.1", 4210) from "127.0.0.1:4210"; raises `ValueError` with the address in it."""
    host, separator, port = address.rpartition(":")
    if not separator or not port.isdigit():
        raise ValueError(f"{address!r} is not host:port")
    return host.strip("[]"), int(port)


def ring(addresses: tuple[str, ...]) -> None:
    """Send the hint to every worker; one that cannot be reached is only noted in the log."""
    for address in addresses:
        host, port = parse_address(address)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as bell:
            try:
                bell.sendto(b"\0", (host, port))
            except OSError as error:
                log.debug("doorbell not heard", address=address, error=str(error))
