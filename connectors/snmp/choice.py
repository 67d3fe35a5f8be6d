"""Which client asks: the fast one, or the portable one where gufo-snmp has no build for the platform."""

from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec

from connectors.snmp.client import SnmpClient, SnmpTarget


def snmp_client(target: SnmpTarget) -> SnmpClient:
    """The client for reading `target`; raises `BAD_PROFILE`."""
    client: SnmpClient = _kind()(target)
    return client


@lru_cache(maxsize=1)
def _kind() -> type:
    name = ("gufo_client", "GufoClient") if find_spec("gufo") else ("pysnmp_client", "PysnmpClient")
    kind: type = getattr(import_module(f"connectors.snmp.{name[0]}"), name[1])
    return kind
