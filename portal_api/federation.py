"""Sign-in at identity providers: the first step of the sign-in page, the ways back from a provider, trials.

A provider's answer counts only in the browser in which the sign-in began, which a cookie of its own shows. SAML
responses come as a form from another site, with which browsers send no such cookie: the reply address checks and keeps
the response, and sends the browser on to an address of ours, with which it does.
"""

import secrets
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from domain.federation import sign_ins
from domain.federation.configuration import saml_service
from domain.federation.service import registered_entity_id
from domain.federation.trial import TrialReport
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from portal_api.access import needs
from portal_api.federation_pages import forward_page, trial_page
from portal_api.problems import locale_of
from portal_api.sign_in import client_address, is_secure, local_path, lookups, origin_of, replace_session

BROWSER_COOKIE = "pressroom_federation"
COOKIE_SECONDS = int(sign_ins.LIFETIME.total_seconds())
LONGEST_SAML_FIELD = 1 << 20

router = APIRouter(include_in_schema=False)
Manager = Annotated[Actor, needs(Permission.AUTHENTICATION_PROVIDER_MANAGE)]
OrganizationId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]


@router.post("/sign-in/address")
def sign_in_by_address(
    request: Request,
    email: Annotated[str, Form(max_length=255)],
    next: Annotated[str, Form(max_length=2048)] = "/",  # noqa: A002 — the form's own name for it
) -> Response:
    """The first step: on to the identity provider (AC-29), or to the password.

    The way to the provider is a page that goes on by itself: a form may lead to this site only, even by redirections.
    """
    lookups.check(client_address(request))
    lookups.add(client_address(request))
    browser = _browser(request)
    address = sign_ins.depart(email, browser, local_path(next))
    if address is None:
        query = urlencode({"email": email.strip(), "next": local_path(next)})
        return RedirectResponse(f"/sign-in?{query}", status_code=303)
    return _with_browser(HTMLResponse(forward_page(address, locale_of(request))), browser)


@router.get("/federation/trial")
def try_provider(request: Request, actor: Manager) -> Response:
    """Go to the provider to try its configuration; what comes back changes nothing (AC-124)."""
    browser = _browser(request)
    return _with_browser(RedirectResponse(sign_ins.depart_for_trial(actor, browser), status_code=303), browser)


@router.get("/federation/oidc/callback")
def return_from_oidc(request: Request) -> Response:
    """The redirect address (AC-127): the browser brings the code."""
    answer = dict(request.query_params)
    return _arrived(request, sign_ins.arrive_by_oidc(answer, _known_browser(request), origin_of(request)))


@router.post("/federation/saml/{organization_id}/acs")
def receive_saml_response(
    request: Request,
    organization_id: OrganizationId,
    response: Annotated[str, Form(alias="SAMLResponse", max_length=LONGEST_SAML_FIELD)],
    relay_state: Annotated[str, Form(alias="RelayState", max_length=256)] = "",
) -> Response:
    """The reply address (AC-135): a form of the provider brings the response."""
    ticket = sign_ins.receive_saml(organization_id, relay_state, response, client_address(request))
    return _uncached(RedirectResponse(f"/federation/saml/arrival?{urlencode({'ticket': ticket})}", status_code=303))


@router.get("/federation/saml/arrival")
def return_from_saml(request: Request, ticket: str = "") -> Response:
    """Where the browser goes on after a SAML response was received."""
    return _arrived(request, sign_ins.arrive_by_saml(ticket, _known_browser(request), origin_of(request)))


@router.get("/federation/saml/{organization_id}/metadata")
def saml_metadata(organization_id: OrganizationId) -> Response:
    """Our metadata, for providers that import them (AC-135); the same for organizations that do not exist."""
    content = saml_service(organization_id, registered_entity_id(organization_id)).metadata()
    return Response(content, media_type="application/samlmetadata+xml")


def _arrived(request: Request, arrival: sign_ins.SignedIn | TrialReport) -> Response:
    if isinstance(arrival, TrialReport):
        return _uncached(HTMLResponse(trial_page(arrival, locale_of(request))))
    request.state.actor = arrival.actor
    response = RedirectResponse(arrival.next_path, status_code=303)
    replace_session(request, response, arrival.token)
    return _uncached(response)


def _known_browser(request: Request) -> str:
    return request.cookies.get(BROWSER_COOKIE, "")


def _browser(request: Request) -> str:
    """The browser's secret; several sign-ins at a time, in several windows, share it."""
    return _known_browser(request) or secrets.token_urlsafe(32)


def _with_browser(response: Response, browser: str) -> Response:
    response.set_cookie(
        BROWSER_COOKIE,
        browser,
        max_age=COOKIE_SECONDS,
        path="/",
        httponly=True,
        samesite="lax",
        secure=is_secure(),
    )
    return _uncached(response)


def _uncached(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
