"""The address of the portal as programs on other computers use it: by TLS, but on the portal's own machine (FL-606)."""

from urllib.parse import urlsplit

from connectors.errors import Fault
from connectors.messages import N_

NOT_SECURE = Fault(
    "agent.not_secure",
    422,
    N_("The address {server} is not encrypted."),
    N_("Use an https address. Only a server on this machine may be reached by http."),
    spec="FL-606",
)
LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})


def check_server(server: str) -> str:
    """The address as it is used; raises `NOT_SECURE`."""
    parts = urlsplit(server)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOCAL):
        raise NOT_SECURE(server=server)
    return server.rstrip("/")
