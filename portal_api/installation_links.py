"""The page behind a mailed link: choose the host's system, accept the licences, download (FL-123)."""

from html import escape

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from connectors.messages import N_
from domain.texts.catalogue import translate
from fleet.packages.installation import LINK_PATH, InstallationPackage, OpenedLink, open_link, package_of_link
from fleet.packages.offers import targets
from portal_api.downloads import content_disposition
from portal_api.plain_page import plain_page
from portal_api.problems import locale_of
from portal_api.sign_in import client_address

TITLE, SYSTEM, DOWNLOAD = N_("Installation package of an agent"), N_("System of the host"), N_("Download")
LICENCES = N_("I accept the licences of the parts of the package, which are in its folder “lib”.")
FOR_AGENT, FOR_LOCAL = N_("It is for the agent “{name}”."), N_("It is for local agents.")
PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}

router = APIRouter(include_in_schema=False)


@router.get(LINK_PATH + "{token}")
def installation_page(request: Request, token: str) -> HTMLResponse:
    """What can be downloaded."""
    locale = locale_of(request)
    return HTMLResponse(_page(open_link(token), token, locale), headers=PRIVATE)


@router.get(LINK_PATH + "{token}/package")
def installation_package(request: Request, token: str, target: str, licences: str = "") -> Response:
    """The package for a system."""
    address = client_address(request)
    return package_response(package_of_link(token, target, licence_accepted=licences == "accepted", address=address))


def package_response(package: InstallationPackage) -> Response:
    """A package as a download."""
    headers = {"Content-Disposition": content_disposition(package.name), **PRIVATE}
    return Response(package.content, headers=headers, media_type="application/zip")


def _page(link: OpenedLink, token: str, locale: str) -> str:
    def say(text: str) -> str:
        return escape(translate(text, locale))

    whose = say(FOR_AGENT).replace("{name}", escape(link.agent)) if link.agent else say(FOR_LOCAL)
    options = "".join(f"<option>{escape(one)}</option>" for one in targets())
    fields = (
        f'<label>{say(SYSTEM)} <select name="target">{options}</select></label>',
        f'<label><input type="checkbox" name="licences" value="accepted" required> {say(LICENCES)}</label>',
        f'<button type="submit">{say(DOWNLOAD)}</button>',
    )
    form = "".join(f"<p>{field}</p>" for field in fields)
    action = escape(f"{LINK_PATH}{token}/package")
    body = f'<p>{escape(link.organization)}</p><p>{whose}</p><form action="{action}" method="get">{form}</form>'
    return plain_page(translate(TITLE, locale), body, locale)
