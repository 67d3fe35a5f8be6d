"""The error conditions of Scan Management: each is a fault with a message and the hint that the table wants."""

import pytest

from connectors.errors import Fault
from connectors.storage import faults as storage
from domain.organizations.actor import ROLE_MISSING
from domain.scan_destinations.faults import SERVICE_OFF, TEMPLATE_FOLDER
from domain.scan_settings.faults import NOT_SAVED, SCAN_OFF, SETTINGS_HIDDEN
from domain.scanning.finishing import TOO_LARGE
from domain.storage_accounts.faults import DOMAIN_REFUSED, SIGN_IN_OVER, SIGNED_OUT
from domain.texts.catalogue import translate
from fleet.configurations.app_rules import AUTHENTICATION_DIFFERS, QUOTAS_APP

CONDITIONS: list[tuple[str, Fault, str]] = [
    ("SCAN-E01", ROLE_MISSING, "administrator to give you the role"),
    ("SCAN-E02", SETTINGS_HIDDEN, "You need the role"),
    ("SCAN-E03", NOT_SAVED, "Reload the page"),
    ("SCAN-E03", NOT_SAVED, "roles checked"),
    ("SCAN-E04", DOMAIN_REFUSED, "one of your organization's domains"),
    ("SCAN-E04", storage.ACCOUNT_REFUSED, "Choose the account again"),
    ("SCAN-E04", storage.NOT_CONNECTED, "network connection"),
    ("SCAN-E04", storage.SCOPES_MISSING, "allow everything asked for"),
    ("SCAN-E04", storage.ACCOUNT_NAMELESS, "choose another account"),
    ("SCAN-E04", SIGN_IN_OVER, "Choose the account again"),
    ("SCAN-E05", storage.ACCOUNT_SIGNED_OUT, "Sign in again"),
    ("SCAN-E05", storage.CLIENT_UNKNOWN, "Operators"),
    ("SCAN-E06", SCAN_OFF, "Ask a Scan Management Administrator"),
    ("SCAN-E07", TOO_LARGE, "Scan fewer pages"),
    ("SCAN-E08", TEMPLATE_FOLDER, "choose a different folder"),
    ("SCAN-E09", QUOTAS_APP, "disable or uninstall"),
    ("SCAN-E10", AUTHENTICATION_DIFFERS, "Make both identical"),
    ("SCAN-E11", SIGNED_OUT, "Choose your account"),
    ("SCAN-E11", SERVICE_OFF, "Choose another destination"),
    ("SCAN-E11", storage.DUPLICATE_FOLDER, "Use the existing folder"),
    ("SCAN-E11", storage.PATH_TOO_LONG, "shorter folder names"),
    ("SCAN-E11", storage.FOLDER_UNAVAILABLE, "Choose another folder"),
]


@pytest.mark.parametrize(("code", "fault", "hint"), CONDITIONS)
def test_every_condition_says_what_happened_and_what_helps(code: str, fault: Fault, hint: str) -> None:
    assert hint in fault.remedy
    for text in (fault.message, fault.remedy):
        assert text.rstrip("“”").endswith((".", "{reason}")), text
        assert translate(text, "sv") != text
    shared = {"SCAN-E01", "SCAN-E05", "SCAN-E11"}
    assert fault.spec == code or code in shared


def test_none_is_left_out() -> None:
    assert sorted({code for code, _, _ in CONDITIONS}) == [f"SCAN-E{number:02}" for number in range(1, 12)]
