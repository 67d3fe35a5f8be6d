"""The Solution Center at printers as programs and panels see it, its texts in the language of who is signed in."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, JsonValue

from connectors.errors import PressroomError
from domain.panel_solutions.drafts import DraftView
from domain.panel_solutions.listing import ListedSolution
from domain.panel_solutions.scan_files import PANEL_SETTINGS, FileRules
from domain.panel_solutions.screens import StepScreen, step_screens
from domain.quotas.rules import SERVICE_TITLES
from domain.quotas.usage import ServiceUse
from domain.runs.planning import size_limit
from domain.scanning.settings import FileFormat
from domain.scanning.states import TITLES, ScanState
from domain.scanning.views import ScanView
from domain.solutions.definition import ScanSettings, SolutionDefinition, SolutionType
from domain.solutions.rules import is_quick_run
from domain.solutions.service import SolutionView
from domain.texts.catalogue import translate, translate_error
from portal_api.api.error_models import ErrorPublic
from portal_api.api.step_fields import FieldPublic, field_public
from steps.contract import Service, StepClass
from steps.registry import step_kind, step_kinds


class StepKindPublic(BaseModel):
    """What a kind of step is called, and its icon's name."""

    title: str
    icon: str


class ListedSolutionPublic(BaseModel):
    """A line of the list."""

    id: str
    version: int
    name: str
    type: SolutionType
    steps: list[str] = Field(description="Kinds of the steps, as composed.")
    is_quick: bool = Field(description="It runs at once: every value is set and locked (SC-105).")

    @classmethod
    def of(cls, one: ListedSolution) -> "ListedSolutionPublic":
        return cls.model_construct(
            id=one.id, version=one.version, name=one.name, type=one.type, steps=list(one.steps), is_quick=one.is_quick
        )


class SolutionListPublic(BaseModel):
    """Everything that the list shows: solutions by name, what their steps are called, and how many scans are kept."""

    solutions: list[ListedSolutionPublic]
    kinds: dict[str, StepKindPublic]
    kept: int = Field(description="Scans that were not sent: see `list_run_drafts`.")

    @classmethod
    def of(cls, listed: list[ListedSolution], kept: int, locale: str) -> "SolutionListPublic":
        used = {kind for one in listed for kind in one.steps}
        kinds = {
            name: StepKindPublic(title=translate(kind.title, locale), icon=kind.icon)
            for name, kind in step_kinds().items()
            if name in used
        }
        return cls.model_construct(solutions=[ListedSolutionPublic.of(one) for one in listed], kinds=kinds, kept=kept)


class StepScreenPublic(BaseModel):
    """A step: on a screen of its own where something is unlocked, else only in the summary (SC-94, SC-127)."""

    position: int = Field(description="In the editor's order; values for a run are given by it.")
    kind: str
    title: str
    description: str
    icon: str
    is_destination: bool
    is_shown: bool
    fields: list[FieldPublic]

    @classmethod
    def of(cls, screen: StepScreen, locale: str) -> "StepScreenPublic":
        kind = step_kind(screen.kind)
        return cls(
            position=screen.position,
            kind=kind.name,
            title=translate(kind.title, locale),
            description=translate(kind.description, locale),
            icon=kind.icon,
            is_destination=kind.step_class is StepClass.DESTINATION,
            is_shown=screen.is_shown,
            fields=[
                field_public(
                    kind.name,
                    field.name,
                    kind.parameters.model_fields[field.name],
                    field.value,
                    locale,
                    is_locked=field.is_locked,
                )
                for field in screen.fields
            ],
        )


class FileRulesPublic(BaseModel):
    """What can be chosen of the file (SC-126), and of the scan where the solution shows its settings (SC-51)."""

    name: str
    appends_time: bool
    may_change_name: bool
    formats: list[FileFormat]
    format: FileFormat
    may_change_settings: bool
    is_shown: bool
    settings: list[FieldPublic]

    @classmethod
    def of(cls, rules: FileRules, locale: str) -> "FileRulesPublic":
        values = rules.settings.model_dump(mode="json")
        settings = [
            field_public("", name, ScanSettings.model_fields[name], values[name], locale, is_locked=False)
            for name in PANEL_SETTINGS
        ]
        return cls(
            name=rules.name,
            appends_time=rules.appends_time,
            may_change_name=rules.may_change_name,
            formats=list(rules.formats),
            format=rules.format,
            may_change_settings=rules.may_change_settings,
            is_shown=rules.is_shown,
            settings=settings if rules.may_change_settings else [],
        )


class SolutionAtPrinter(BaseModel):
    """A solution with everything that is asked before it runs (SC-103). `hindrance`: why it cannot run just now."""

    id: str
    version: int
    name: str
    description: str
    type: SolutionType
    owner_name: str
    is_quick: bool
    size_limit: int = Field(description="Largest document in bytes (SC-99).")
    steps: list[StepScreenPublic] = Field(description="In the order in which they run.")
    file: FileRulesPublic
    hindrance: ErrorPublic | None

    @classmethod
    def of(
        cls, view: SolutionView, rules: FileRules, hindrance: PressroomError | None, locale: str
    ) -> "SolutionAtPrinter":
        definition: SolutionDefinition = view.definition
        return cls(
            id=view.id,
            version=view.version,
            name=definition.name,
            description=definition.description,
            type=view.type,
            owner_name=view.owner_name,
            is_quick=is_quick_run(definition),
            size_limit=size_limit(definition),
            steps=[StepScreenPublic.of(screen, locale) for screen in step_screens(definition)],
            file=FileRulesPublic.of(rules, locale),
            hindrance=told(hindrance, locale),
        )


class UsedPages(BaseModel):
    """How many pages of a service one has used (SC-107)."""

    service: Service
    title: str
    used: int

    @classmethod
    def of(cls, use: ServiceUse, locale: str) -> "UsedPages":
        return cls(service=use.service, title=translate(SERVICE_TITLES[use.service], locale), used=use.own)


class StepValues(BaseModel):
    """Values of one step, by name; what is left out is as the solution has it."""

    values: dict[Annotated[str, Field(max_length=64)], JsonValue] = Field(max_length=50)


class FileChosen(BaseModel):
    """What was chosen of the file and the scan; what is left out is as the solution has it."""

    name: str | None = Field(None, max_length=200)
    format: FileFormat | None = None
    settings: dict[Annotated[str, Field(max_length=32)], JsonValue] = Field({}, max_length=20)


class DraftChosen(BaseModel):
    """Everything that was chosen for a run. `version` is that of the solution as it was shown."""

    solution_id: str = Field(max_length=32)
    version: int = Field(ge=1)
    values: dict[int, dict[str, JsonValue]] = Field(
        {}, max_length=20, description="By the step's position in the editor's order, then by name (SC-112)."
    )
    file: FileChosen = FileChosen()


class ScannedPage(BaseModel):
    """A page of a scan; there is a picture of it once it is complete."""

    number: int
    is_complete: bool


class DraftScan(BaseModel):
    """The scan as it is now. `problem` is why the printer stopped early; what had come by then is kept."""

    state: ScanState
    title: str
    is_busy: bool = Field(description="The printer scans, or is waited for.")
    pages: list[ScannedPage]
    size: int
    problem: ErrorPublic | None
    ignored: list[str]

    @classmethod
    def of(cls, scan: ScanView, locale: str) -> "DraftScan":
        return cls(
            state=scan.state,
            title=translate(TITLES[scan.state], locale),
            is_busy=scan.state.is_at_printer,
            pages=[ScannedPage(number=page.number, is_complete=page.is_complete) for page in scan.pages],
            size=scan.size,
            problem=ErrorPublic.of(scan.problem, locale),
            ignored=list(scan.ignored),
        )


class RunDraftPublic(BaseModel):
    """A run that is being put together. `trouble` says why it could not be sent."""

    id: str
    solution_id: str
    solution_name: str
    version: int
    printer_name: str
    values: dict[int, dict[str, JsonValue]]
    file_name: str
    format: FileFormat
    received: int
    total: int | None
    limit: int | None = Field(description="Largest document in bytes; nothing where the solution is gone.")
    scan: DraftScan | None
    trouble: ErrorPublic | None
    is_sent: bool
    created: datetime

    @classmethod
    def of(cls, draft: DraftView, scan: ScanView | None, locale: str) -> "RunDraftPublic":
        return cls(
            id=draft.id,
            solution_id=draft.solution_id,
            solution_name=draft.solution_name,
            version=draft.solution_version,
            printer_name=draft.printer_name,
            values={position: dict(values) for position, values in draft.overrides.items()},
            file_name=draft.file.name,
            format=draft.file.format,
            received=draft.received,
            total=draft.total,
            limit=draft.limit,
            scan=DraftScan.of(scan, locale) if scan else None,
            trouble=ErrorPublic.of(draft.trouble, locale),
            is_sent=draft.is_sent,
            created=draft.created,
        )


def told(error: PressroomError | None, locale: str) -> ErrorPublic | None:
    """An error that is only told of, in the reader's language."""
    if error is None:
        return None
    message, remedy = translate_error(error, locale)
    return ErrorPublic(code=error.code, message=message, remedy=remedy)
