"""How a printer proves itself to open its panel: by its key, and by the six values that identify it (SC-25, SC-E17).

The key follows from the printer's enrolment and from the installation's secret, so none is kept: it is worth nothing as
soon as the printer is unenrolled, and enrolling it again gives another one. Printers with an agent of their own show
the agent's credential instead. Serial number, model and MAC address have to be those that are known of the printer;
network addresses and names change between two readings, so they have to be set, and are believed.
"""

import hmac
from dataclasses import dataclass, fields

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from connectors.secrets import fingerprint
from domain.organizations.models import Organization, OrganizationStatus
from domain.tenancy import system_session
from fleet.agents.activation import CREDENTIAL_REFUSED, agent_of_credential
from fleet.agents.models import AgentKind
from fleet.capabilities.models_table import model_key
from fleet.printers.models import Printer

PRINTER_REFUSED = Fault(
    "panel.printer_refused",
    401,
    N_("This printer is not enrolled, or its key is no longer good."),
    N_("Enrol the printer, and deploy its panel apps again."),
    spec="SC-E17",
)
IDENTITY_INCOMPLETE = Fault(
    "panel.identity_incomplete",
    422,
    N_("The printer does not tell everything that identifies it: {field} is missing."),
    N_("Set it in the printer's network settings, then open the panel again."),
    spec="SC-E17",
)
IDENTITY_DIFFERS = Fault(
    "panel.identity_differs",
    403,
    N_("The printer is not the one that its key was given to: {field} differs."),
    N_("Enrol the printer, and deploy its panel apps again."),
    spec="SC-E17",
)
PORTAL_SETTING, KEY_SETTING = "portal", "portal_key"
"""Settings of a panel app that are filled in for each printer when a configuration is deployed."""
OWN_AGENTS = frozenset({AgentKind.NATIVE, AgentKind.PRINTER})
"""Agents that are on the one printer they speak for."""


@dataclass(frozen=True, slots=True)
class PrinterIdentity:
    """The six values (SC-25)."""

    serial_number: str
    address: str
    mac: str
    model: str
    host_name: str
    domain_name: str


IDENTITY_NAMES = {
    "serial_number": N_("serial number"),
    "address": N_("IP address"),
    "mac": N_("MAC address"),
    "model": N_("model name"),
    "host_name": N_("host name"),
    "domain_name": N_("domain name"),
}


@dataclass(frozen=True, slots=True)
class ProvedPrinter:
    """A printer that has shown that it is one of the organization's."""

    organization_id: str
    printer_id: str


def panel_key(printer: Printer) -> str:
    """The printer's own key, to be handed to it alone."""
    return f"{printer.id}.{_proof(printer)}"


def printer_of_key(credential: str) -> ProvedPrinter:
    """Whose key, or whose agent's credential, it is; raises `PRINTER_REFUSED`."""
    with system_session(read_only=True) as session:
        printer = _by_key(session, credential)
        if printer is None:
            printer = _by_agent(session, credential)
        if printer is None or _is_inactive(session, printer):
            raise PRINTER_REFUSED()
        return ProvedPrinter(printer.organization_id, printer.id)


def prove(credential: str, identity: PrinterIdentity) -> ProvedPrinter:
    """The printer with that key and these values; raises `PRINTER_REFUSED`, `IDENTITY_INCOMPLETE`, `…_DIFFERS`."""
    proved = printer_of_key(credential)
    missing = [one.name for one in fields(identity) if not getattr(identity, one.name).strip()]
    if missing:
        raise IDENTITY_INCOMPLETE(field=IDENTITY_NAMES[missing[0]])
    with system_session(read_only=True) as session:
        printer = session.get(Printer, proved.printer_id)
        if printer is None:
            raise PRINTER_REFUSED()
        for name, told, known in (
            ("serial_number", identity.serial_number.strip(), printer.serial_number),
            ("model", model_key(identity.model), model_key(printer.model)),
            ("mac", _plain_mac(identity.mac), _plain_mac(printer.mac)),
        ):
            if known and told != known:
                raise IDENTITY_DIFFERS(field=IDENTITY_NAMES[name])
    return proved


def _by_key(session: Session, credential: str) -> Printer | None:
    printer_id, _, proof = credential.partition(".")
    printer = session.get(Printer, printer_id) if proof else None
    return printer if printer is not None and hmac.compare_digest(proof, _proof(printer)) else None


def _by_agent(session: Session, credential: str) -> Printer | None:
    try:
        agent = agent_of_credential(credential)
    except PressroomError as error:
        if error.fault is CREDENTIAL_REFUSED:
            return None
        raise
    if agent.kind not in OWN_AGENTS:
        return None
    return session.scalar(select(Printer).where(Printer.agent_id == agent.id))


def _is_inactive(session: Session, printer: Printer) -> bool:
    return session.get_one(Organization, printer.organization_id).status != OrganizationStatus.ACTIVE


def _proof(printer: Printer) -> str:
    return fingerprint("panel key", printer.organization_id, printer.id, printer.enrolled.isoformat())


def _plain_mac(text: str) -> str:
    return "".join(sign for sign in text.lower() if sign.isalnum())
