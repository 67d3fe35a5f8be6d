"""The organization's queue as a printer at the print service of its identity cloud (section 32, F-29)."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from connectors.cloud_print.faults import NO_CLIENT, SIGN_IN_OVER, SIGN_IN_REFUSED, UNREACHABLE
from domain.cloud_printing import service
from domain.cloud_printing.models import RegistrationState
from domain.cloud_printing.service import NAMES_NEEDED, CloudPrinterView
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.printing.features import FEATURE_DISABLED
from domain.tenancy import NOT_FOUND
from portal_api.access import needs
from portal_api.api.error_models import ErrorPublic
from portal_api.api.reader import ReaderLocale
from portal_api.problems import documented

router = APIRouter(prefix="/universal-print", tags=["print settings"])
Keeper = Annotated[Actor, needs(Permission.PRINT_SETTINGS_MANAGE)]


class UniversalPrinterPublic(BaseModel):
    """How the registration stands. The names are those of the print settings."""

    state: RegistrationState
    service: str = Field(description="Whose service it is.")
    enabled: bool
    printer_name: str
    share_name: str
    tenant_id: str = Field(description="The tenant of the directory; empty: nobody has signed in yet.")
    tenant_name: str
    account: str = Field(description="The administrator who has signed in last.")
    sign_in_code: str = Field(description="To be typed at `sign_in_address`; empty: no sign-in waits.")
    sign_in_address: str
    sign_in_expires: datetime | None
    error: ErrorPublic | None = Field(description="Why the last attempt failed, or why jobs cannot be taken.")

    @classmethod
    def of(cls, view: CloudPrinterView, locale: str) -> "UniversalPrinterPublic":
        return cls(
            state=view.state,
            service=view.service,
            enabled=view.enabled,
            printer_name=view.printer_name,
            share_name=view.share_name,
            tenant_id=view.tenant_id,
            tenant_name=view.tenant_name,
            account=view.account,
            sign_in_code=view.sign_in_code,
            sign_in_address=view.sign_in_address,
            sign_in_expires=view.sign_in_expires,
            error=ErrorPublic.of(view.error, locale),
        )


@router.get("", operation_id="get_universal_printer")
def get_universal_printer(actor: Keeper, locale: ReaderLocale) -> UniversalPrinterPublic:
    """How the registration stands."""
    return UniversalPrinterPublic.of(service.get_cloud_printer(actor), locale)


@router.delete("", operation_id="unregister_universal_printer", status_code=202, responses=documented(NOT_FOUND))
def unregister_universal_printer(actor: Keeper, locale: ReaderLocale) -> UniversalPrinterPublic:
    """Have printer and share removed at the service."""
    return UniversalPrinterPublic.of(service.unregister(actor), locale)


@router.post(
    "/sign-in",
    operation_id="begin_universal_print_sign_in",
    responses=documented(FEATURE_DISABLED, NAMES_NEEDED, NO_CLIENT, UNREACHABLE, SIGN_IN_REFUSED),
)
def begin_universal_print_sign_in(actor: Keeper, locale: ReaderLocale) -> UniversalPrinterPublic:
    """Get a code that an administrator of the directory types at the service, to have the queue registered."""
    return UniversalPrinterPublic.of(service.begin_sign_in(actor), locale)


@router.post(
    "/sign-in/check",
    operation_id="finish_universal_print_sign_in",
    responses=documented(SIGN_IN_OVER, SIGN_IN_REFUSED, NO_CLIENT, UNREACHABLE),
)
def finish_universal_print_sign_in(actor: Keeper, locale: ReaderLocale) -> UniversalPrinterPublic:
    """Look whether the code has been typed; once it has, the state is `registering`."""
    return UniversalPrinterPublic.of(service.finish_sign_in(actor), locale)


@router.delete("/sign-in", operation_id="cancel_universal_print_sign_in", status_code=204)
def cancel_universal_print_sign_in(actor: Keeper) -> None:
    """Forget a sign-in that waits."""
    service.cancel_sign_in(actor)
