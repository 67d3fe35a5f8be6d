"""Which client asks: the fast one where it is installed, else the portable one."""

from importlib.machinery import ModuleSpec
from importlib.util import find_spec

import pytest

from connectors.snmp import choice
from connectors.snmp.client import SnmpTarget
from connectors.snmp.gufo_client import GufoClient
from connectors.snmp.pysnmp_client import PysnmpClient


@pytest.mark.parametrize(("is_installed", "kind"), [(True, GufoClient), (False, PysnmpClient)])
def test_the_fast_client_is_taken_where_it_is_installed(
    is_installed: bool, kind: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found(name: str) -> ModuleSpec | None:
        return find_spec(name) if is_installed or name != "gufo" else None

    monkeypatch.setattr(choice, "find_spec", found)
    choice._kind.cache_clear()
    try:
        assert isinstance(choice.snmp_client(SnmpTarget("127.0.0.1")), kind)
    finally:
        choice._kind.cache_clear()
