"""The ways to a storage provider and back, when somebody chooses an account there (SCAN-22, SCAN-23).

The provider's answer counts only in the portal session in which the choice began: the session's cookie comes along
with it (SameSite=Lax), and what is pending belongs to that session.
"""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import RedirectResponse, Response

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.storage_accounts import sign_ins
from portal_api.access import needs
from portal_api.sign_in import local_path

ACCOUNTS_PAGE = "/storage-accounts"
router = APIRouter(include_in_schema=False)
AccountOwner = Annotated[Actor, needs(Permission.STORAGE_ACCOUNTS)]
Family = Annotated[str, Path(pattern=r"^[a-z]{1,32}$")]


@router.get("/storage-accounts/callback")
def return_from_provider(request: Request, actor: AccountOwner) -> Response:
    """The redirect address: the browser brings the code."""
    arrival = sign_ins.arrive(actor, dict(request.query_params))
    return _onwards(arrival.next_path)


@router.get("/storage-accounts/{family}/choose")
def choose_account(
    actor: AccountOwner, family: Family, next_path: Annotated[str, Query(alias="next", max_length=2048)] = ACCOUNTS_PAGE
) -> Response:
    """Go to the provider to choose an account, or another one."""
    return _onwards(sign_ins.depart(actor, family, local_path(next_path)))


def _onwards(address: str) -> Response:
    response = RedirectResponse(address, status_code=303)
    response.headers["Cache-Control"] = "no-store"
    return response
