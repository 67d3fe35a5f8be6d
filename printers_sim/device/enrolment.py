"""Enrolment in the cloud through the agent on the printer: codes, state (FL-146…FL-154). The agent itself calls out."""

import secrets
import time

from printers_sim.device.apps import version_key
from printers_sim.device.refusal import Refusal, not_supported
from printers_sim.device.settings import COMMUNICATION, setting
from printers_sim.device.state import PRINTER_AGENT, Enrolment, EnrolmentState, EventKind
from printers_sim.knobs import FailingStep
from printers_sim.printer import SimulatedPrinter

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without what is easily mistaken for something else."""
CODE_LENGTH = 9
CODE_SECONDS = 72 * 3600
PRINTER = "printer"
LOWEST_FIRMWARE = "075.001"
MENU = "security.cloud_enrolment_enabled"


def is_iot_capable(printer: SimulatedPrinter) -> bool:
    """Whether the native agent is in its firmware (FL-8, FL-153)."""
    is_new_enough = version_key(printer.firmware) >= version_key(LOWEST_FIRMWARE)
    return "native" in printer.profile.agents and is_new_enough


def has_agent(printer: SimulatedPrinter) -> bool:
    """Whether an agent on it could call out: that of the firmware, or the app, which must be started (FL-70, TS-18)."""
    app = printer.device.apps.get(PRINTER_AGENT)
    return is_iot_capable(printer) or (app is not None and app.is_started)


def enter_code(printer: SimulatedPrinter, code: str, server: str) -> Enrolment:
    """The organization's code is typed at the printer (FL-147); the agent enrols with it."""
    _require_open(printer)
    if not code.strip():
        raise Refusal(422, "invalid_code", "An enrolment code is needed.")
    printer.fail_if_asked(FailingStep.ENROLMENT)
    printer.device.enrolment = Enrolment(EnrolmentState.CODE_ENTERED, server, organization_code=code.strip())
    _note(printer, "Enrolment code of an organization entered")
    return printer.device.enrolment


def issue_code(printer: SimulatedPrinter, server: str = "", agent: str = "") -> Enrolment:
    """The printer makes a code, to be typed in the portal within 72 hours (FL-151); asked again, it shows the same.

    `agent` printer: the printer agent enrols, which has to be installed, whatever the firmware (FL-70, FL-78).
    """
    if agent == PRINTER:
        _require_printer_agent(printer)
    else:
        _require_open(printer)
    current = printer.device.enrolment
    if current.agent == agent and current.state is EnrolmentState.CODE_ISSUED and current.code_expires > time.time():
        return current
    printer.fail_if_asked(FailingStep.ENROLMENT)
    code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
    server = server or current.server
    printer.device.enrolment = Enrolment(
        EnrolmentState.CODE_ISSUED, server, "", code, time.time() + CODE_SECONDS, agent
    )
    _note(printer, "Enrolment code issued")
    return printer.device.enrolment


def complete(printer: SimulatedPrinter) -> None:
    """The cloud has taken the printer in; the codes are worth nothing any more."""
    printer.device.enrolment = Enrolment(EnrolmentState.ENROLLED, printer.device.enrolment.server)
    _note(printer, "Enrolled in the cloud")


def leave(printer: SimulatedPrinter) -> None:
    """Back to not enrolled."""
    printer.device.enrolment = Enrolment(server=printer.device.enrolment.server)
    _note(printer, "Enrolment removed")


def require_capable(printer: SimulatedPrinter) -> None:
    """Refuse where there is no agent that calls out, or its menu is turned off."""
    if not has_agent(printer):
        raise not_supported("enrolment through the native agent or the printer agent")
    if setting(printer, MENU) is not True:
        raise Refusal(409, "menu_disabled", f"Cloud services enrolment is turned off (setting {MENU}).")


def _require_printer_agent(printer: SimulatedPrinter) -> None:
    if printer.device.printer_agent is None:
        raise not_supported("the printer agent before it is installed")
    if printer.device.enrolment.state is EnrolmentState.ENROLLED:
        raise Refusal(409, "enrolled_already", "The printer is enrolled already.")


def _require_open(printer: SimulatedPrinter) -> None:
    require_capable(printer)
    if setting(printer, COMMUNICATION) is not True:
        raise Refusal(409, "communication_off", f"Communication with the cloud is off (setting {COMMUNICATION}).")
    if printer.device.enrolment.state is EnrolmentState.ENROLLED:
        raise Refusal(409, "enrolled_already", "The printer is enrolled already.")


def _note(printer: SimulatedPrinter, text: str) -> None:
    printer.device.note(EventKind.HISTORY, text)
    printer.changes += 1
