"""The address that an organization's documents to print are mailed to (PR-35, AM-21)."""

from urllib.parse import urlsplit

from connectors.settings import get_settings
from domain.printing.settings import PrintSettings


def mail_domain() -> str:
    """The domain of all organizations' addresses on this installation, in lower case."""
    settings = get_settings()
    return (settings.mail_in_domain or f"print.{urlsplit(settings.public_url).hostname}").lower()


def mail_address(settings: PrintSettings) -> str:
    """The organization's name in that domain; empty while it takes no mail."""
    if not settings.email.enabled or not settings.email.local_part:
        return ""
    return f"{settings.email.local_part}@{mail_domain()}"
