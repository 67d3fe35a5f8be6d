"""What the doctor says of mail for printing."""

import pytest

from connectors.settings import Settings
from pressroom.doctor import examine_mail_in

RELAY = {"mail_in_relays": "192.0.2.0/28", "mail_in_authentication_servers": "mx.example.com"}


@pytest.mark.parametrize(
    ("values", "is_well"),
    [
        ({}, True),
        ({"mail_in_sender_check": "dkim"}, True),
        ({"mail_in_sender_check": "own"}, True),
        ({"mail_in_sender_check": "relay"}, False),
        ({"mail_in_sender_check": "relay", "mail_in_relays": "192.0.2.0/28"}, False),
        ({"mail_in_sender_check": "relay", **RELAY}, True),
        ({"mail_in_sender_check": "none"}, True),
        ({"mail_in_sender_check": "none", "environment": "production", "secret_key": "s" * 40}, False),
        ({"mail_in_port": 0, "mail_in_sender_check": "relay"}, None),
    ],
)
def test_whether_senders_can_be_proven(values: dict[str, str], is_well: bool | None) -> None:
    found = list(examine_mail_in(Settings(_env_file=None, **values)))  # type: ignore[arg-type]
    assert [one.ok for one in found] == ([] if is_well is None else [is_well])
    assert all(one.remedy for one in found if not one.ok)
