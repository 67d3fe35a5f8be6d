"""What a customer's firewall has to let through is one list, of this installation's own addresses (TS-26)."""

import pytest

from connectors.settings import Settings, get_settings
from portal_api.firewall_addresses import firewall_addresses


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"PORTAL_URL": "https://portal.example.com"}, ["portal.example.com:443"]),
        (
            {"PORTAL_URL": "https://portal.example.com:8443", "IPP_URL": "https://print.example.com"},
            ["portal.example.com:8443", "print.example.com:443"],
        ),
        (
            {
                "PORTAL_URL": "https://portal.example.com",
                "S3_PUBLIC_ENDPOINT": "store.example.com:9000",
                "MAIL_IN_DOMAIN": "Print.example.com",
            },
            ["portal.example.com:443", "store.example.com:9000", "print.example.com:25"],
        ),
    ],
    ids=["one address for everything", "a print service of its own", "a store and mail"],
)
def test_each_address_stands_there_once(
    given: dict[str, str], expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(f"PRESSROOM_{name}", value)
    get_settings.cache_clear()
    found = firewall_addresses(Settings())
    get_settings.cache_clear()
    assert [f"{one.host}:{one.port}" for one in found] == expected
    assert all(one.purpose for one in found)
