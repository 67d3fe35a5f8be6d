"""A printer as the Solution Center on its panel sees it, and what it cannot run (SC-22, SC-26, SC-106)."""

from dataclasses import dataclass

from connectors.errors import Fault, PressroomError
from connectors.messages import N_, Message
from domain.organizations.actor import ROLE_MISSING, Actor
from domain.organizations.permissions import Permission
from domain.organizations.roles import Role
from domain.runs.planning import WRONG_SURFACE, check_permitted, has_ocr
from domain.runs.service import RunPrinter
from domain.solutions.definition import SolutionDefinition
from domain.solutions.rules import NEED_DOCX
from steps.contract import Surface
from steps.registry import step_kind, step_kinds

MODEL_UNSUPPORTED = Fault(
    "panel.model_unsupported",
    422,
    N_("The Solution Center does not run on printers of the model {model}."),
    N_("Use another printer, or run the solution in the portal."),
    spec="SC-22",
)
FIRMWARE_TOO_OLD = Fault(
    "panel.firmware_too_old",
    422,
    N_("The firmware of this printer ({firmware}) is too old for the Solution Center."),
    N_("Ask your administrator to update it to level {lowest} or later, or use another printer."),
    spec="SC-22",
)
APP_MISSING = Fault(
    "panel.app_missing",
    403,
    N_("The Solution Center is not installed on this printer."),
    N_("Ask your administrator to deploy it with a configuration, or use another printer."),
    spec="SC-24",
)
NOT_FOR_YOU = Fault(
    "panel.solutions_not_for_you",
    403,
    N_("You may not use the Solution Center."),
    N_("Ask your organization's administrator for the role “{role}”, and whether your organization has the product."),
    spec="SC-E18",
)
PRINTER_LACKS = Fault(
    "panel.printer_lacks",
    422,
    N_("“{step}” needs {what}, which this printer does not have."),
    N_("Use another printer, or ask your administrator to have it installed."),
    spec="SC-E12",
)
OCR_LICENCE, HARD_DISK = N_("a licence for OCR"), N_("a hard disk")
LOWEST_FIRMWARE = "081"


@dataclass(frozen=True, slots=True)
class PanelPrinter:
    """What counts of a printer. None: it is not known, which refuses nothing (decision 8 of the specification).

    `address` is where it takes jobs by IPP, so that results can go back to it (SC-87); `time_zone` is where it stands.
    """

    id: str
    name: str
    time_zone: str = "UTC"
    model: str = ""
    firmware: str = ""
    address: str = ""
    is_supported_model: bool | None = None
    has_new_firmware: bool | None = None
    has_app: bool = False
    has_ocr_licence: bool | None = None
    has_hard_disk: bool | None = None

    @property
    def of_run(self) -> RunPrinter:
        """The printer as a run keeps it."""
        return RunPrinter(self.id, self.name, self.address)


def check_panel(actor: Actor, printer: PanelPrinter) -> None:
    """Raise what keeps the actor from using the Solution Center at this printer at all (SC-22, SC-24, SC-E18)."""
    if not printer.has_app:
        raise APP_MISSING()
    if printer.is_supported_model is False:
        raise MODEL_UNSUPPORTED(model=printer.model)
    if printer.has_new_firmware is False:
        raise FIRMWARE_TOO_OLD(firmware=printer.firmware, lowest=LOWEST_FIRMWARE)
    if not actor.may(Permission.SOLUTIONS_RUN):
        raise NOT_FOR_YOU(role=Role.SOLUTIONS_USER.value)


def check_printer(definition: SolutionDefinition, printer: PanelPrinter) -> None:
    """Raise what this printer cannot do of the solution: `WRONG_SURFACE` or `PRINTER_LACKS` (SC-106, SC-E12)."""
    for step in definition.steps:
        kind = step_kind(step.kind)
        if Surface.PRINTER not in kind.surfaces or (Surface.PORTAL not in kind.surfaces and not printer.address):
            raise WRONG_SURFACE(step=kind.title, surface=Surface.PRINTER.value)
        if step.kind in NEED_DOCX:
            for what, is_there in ((OCR_LICENCE, printer.has_ocr_licence), (HARD_DISK, printer.has_hard_disk)):
                if is_there is False:
                    raise PRINTER_LACKS(step=kind.title, what=Message.of(what))


def is_executable(definition: SolutionDefinition, actor: Actor, printer: PanelPrinter) -> bool:
    """Whether the actor can run the solution at this printer, as far as roles and the printer are concerned.

    Others are not listed (SC-106, SC-125). Roles count only while the organization has their service (SC-19).
    """
    if any(step.kind not in step_kinds() for step in definition.steps):
        return False
    try:
        check_permitted(definition, actor, Surface.PRINTER)
        check_printer(definition, printer)
    except PressroomError as error:
        if error.fault in (ROLE_MISSING, WRONG_SURFACE, PRINTER_LACKS):
            return False
        raise
    return True


def needs_docx(definition: SolutionDefinition) -> bool:
    """Whether the scan itself has to be DOCX: the solution redacts or inserts a footer and has no OCR step (SC-53)."""
    return not has_ocr(definition) and any(step.kind in NEED_DOCX for step in definition.steps)
