"""The address that an organization's documents to print are mailed to (PR-35, AM-21)."""

from urllib.parse import urlsplit

from connectors.settings import get_settings
from domain.printing.settings import PrintSettings


def mail_address(settings: PrintSettings) -> str:
    """The organization's name at “print” in this installation's domain; empty while it takes no mail."""
    if not settings.email.enabled or not settings.email.local_part:
        return ""
    return f"{settings.email.local_part}@print.{urlsplit(get_settings().public_url).hostname}"
