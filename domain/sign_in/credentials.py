"""Who holds a token: of a session, of a person's program, or of a client application."""

from domain.applications import access as applications
from domain.organizations.actor import Actor
from domain.sign_in import tokens
from domain.sign_in.sessions import actor_of_session


def actor_of_token(
    token: str, organization_id: str | None = None, address: str = "", *, is_activity: bool = True
) -> Actor:
    """Who holds it, in the organization named or else the one they have entered.

    `is_activity` False: what a page does by itself does not keep a session alive. Raises `SIGN_IN_NEEDED`,
    `ACCOUNT_ENDED`, and `NOT_FOUND` for an organization that is not theirs to enter.
    """
    if token.startswith(tokens.PREFIX):
        return tokens.actor_of_api_token(token, organization_id, address)
    if token.startswith(applications.TOKEN_PREFIX):
        return applications.actor_of_application_token(token, organization_id, address)
    return actor_of_session(token, organization_id, address, is_activity=is_activity)
