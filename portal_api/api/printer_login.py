"""The organization's printer login configuration (AC-147…AC-157)."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.printer_login.configuration import change_settings, printer_login_settings
from domain.printer_login.rules import BYTES_OF_TEXT, EXPIRY_OUT_OF_RANGE, NO_METHOD, PrinterLoginSettings
from domain.texts.catalogue import translate_message
from portal_api.access import needs
from portal_api.api.reader import ReaderLocale
from portal_api.problems import documented

LoginManager = Annotated[Actor, needs(Permission.PRINTER_LOGIN_MANAGE)]
router = APIRouter(prefix="/printer-login", tags=["printer login"])


class PrinterLoginSaved(BaseModel):
    """The settings that hold from now on, and what they mean for people, in sentences."""

    settings: PrinterLoginSettings
    notices: list[str]


@router.get("", operation_id="get_printer_login")
def get_printer_login(actor: LoginManager) -> PrinterLoginSettings:
    """How people sign in at the organization's printers."""
    return printer_login_settings(actor)


@router.put(
    "",
    operation_id="update_printer_login",
    responses=documented(NO_METHOD, EXPIRY_OUT_OF_RANGE, BYTES_OF_TEXT),
)
def update_printer_login(actor: LoginManager, given: PrinterLoginSettings, locale: ReaderLocale) -> PrinterLoginSaved:
    """Change it, for all printers of the organization at once; what is left out gets its default."""
    saved = change_settings(actor, given)
    return PrinterLoginSaved(
        settings=saved.settings, notices=[translate_message(notice, locale) for notice in saved.notices]
    )
