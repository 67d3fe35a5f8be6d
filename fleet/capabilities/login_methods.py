"""What people can sign in with at a printer of a model: columns of the table of models, as data (PR-186, PM-9)."""

from collections.abc import Mapping

from sqlalchemy import or_, select

from domain.printer_login.rules import METHODS_OF_SCREEN, LoginMethod, Screen
from domain.tenancy import tenant_session
from fleet.capabilities.models_table import model_facts
from fleet.printers.models import Printer

COLUMNS: Mapping[LoginMethod, str] = {
    LoginMethod.BADGE: "auth_badge",
    LoginMethod.PIN: "auth_pin",
    LoginMethod.SECURE_LOGIN: "auth_user_id",
}
COMPACT = "print_release"
"""The column of models with the compact release app, which takes a PIN or a login code only (PR-206)."""


def methods_of_model(model: str) -> frozenset[LoginMethod]:
    """What a model takes. One that the table does not list may take everything (decision 8)."""
    facts = model_facts(model)
    if facts.can(COMPACT):
        return METHODS_OF_SCREEN[Screen.SMALL]
    return frozenset(method for method, column in COLUMNS.items() if facts.can(column) is not False)


def methods_at_printer(organization_id: str, printer_id: str) -> frozenset[LoginMethod]:
    """What a printer takes, by its id or serial number; one that the organization does not know may take everything."""
    with tenant_session(organization_id, read_only=True) as session:
        query = select(Printer.model).where(or_(Printer.id == printer_id, Printer.serial_number == printer_id))
        return methods_of_model(session.scalar(query.limit(1)) or "")
