"""The client secret, encrypted in the tables and in the clear only for the sign-in itself."""

from connectors.secrets import decrypt, encrypt
from domain.federation.models import AuthenticationProvider


def sealed_client_secret(secret: str) -> str:
    """The form in which the client secret is kept."""
    return encrypt({"client_secret": secret})


def client_secret_of(row: AuthenticationProvider) -> str:
    """The provider's client secret; raises `UNREADABLE` after a change of the installation's key."""
    return decrypt(row.secrets)["client_secret"] if row.secrets else ""
