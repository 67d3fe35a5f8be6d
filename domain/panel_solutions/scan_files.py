"""The file that a scan becomes: name, format, and what may be chosen at the panel (SC-50…SC-55, SC-98, SC-126)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from connectors.documents.media_types import DOCX, JPEG, PDF, TIFF
from connectors.errors import Fault
from connectors.messages import N_, Message
from connectors.value_problems import value_problem
from domain.panel_solutions.printers import needs_docx
from domain.runs.planning import accepted_types, has_ocr
from domain.scanning.finishing import EXTENSIONS
from domain.scanning.settings import FileFormat
from domain.solutions.definition import ScanSettings, SolutionDefinition

FILE_NAME_LOCKED = Fault(
    "panel.file_name_locked",
    422,
    N_("The file name of this solution cannot be changed at the printer."),
    N_("Leave it as it is, or ask the solution's author to allow it."),
    spec="SC-52",
)
SETTINGS_LOCKED = Fault(
    "panel.scan_settings_locked",
    422,
    N_("The scan settings of this solution cannot be changed at the printer."),
    N_("Leave them as they are, or ask the solution's author to show them on the panel."),
    spec="SC-51",
)
BAD_FILE_NAME = Fault(
    "panel.bad_file_name",
    422,
    N_("“{name}” cannot be a file name."),
    N_("Use 1 to 128 characters, without slashes, colons, quotation marks, asterisks or question marks."),
    spec="SC-126",
)
BAD_SETTING = Fault("panel.bad_scan_setting", 422, N_("“{field}”: {problem}"), N_("Choose another value."))
WRONG_FORMAT = Fault(
    "panel.wrong_format",
    422,
    N_("This solution takes no scans as {format}."),
    N_("It takes: {accepted}."),
    spec="SC-E14",
)
LONGEST_NAME = 128
NEVER_IN_NAMES = frozenset('\\/:*?"<>|')
PANEL_SETTINGS = (
    *("color_mode", "content_type", "original_size", "sides", "resolution", "contrast", "preview", "custom_job"),
)
"""What can be changed for one scan where the solution shows it; name and format have rules of their own."""


MEDIA_TYPES = {FileFormat.PDF: PDF, FileFormat.TIFF: TIFF, FileFormat.JPEG: JPEG, FileFormat.DOCX: DOCX}


@dataclass(frozen=True, slots=True)
class FileRules:
    """What the file screen offers. `format` is the preset; one format is no choice."""

    name: str
    appends_time: bool
    may_change_name: bool
    formats: tuple[FileFormat, ...]
    format: FileFormat
    may_change_settings: bool
    settings: ScanSettings

    @property
    def is_shown(self) -> bool:
        """Whether there is anything to choose (SC-115 for scans: what is switched off is skipped)."""
        return self.may_change_name or self.may_change_settings


@dataclass(frozen=True, slots=True)
class FileChoice:
    """What was chosen at the panel; None: as the solution has it. `settings` are scan settings by name."""

    name: str | None = None
    format: FileFormat | None = None
    settings: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ScanFile:
    """How the document is scanned and called: with the extension of the scan, which for DOCX is a PDF (SC-53)."""

    name: str
    format: FileFormat
    settings: ScanSettings


def file_rules(definition: SolutionDefinition) -> FileRules:
    """What may be chosen for this solution."""
    settings = definition.scan_settings
    formats = offered_formats(definition)
    preset = FileFormat(settings.file_format)
    return FileRules(
        name=settings.file_name.strip() or "scan",
        appends_time=settings.append_time,
        may_change_name=settings.allow_file_name,
        formats=formats,
        format=preset if preset in formats else formats[0],
        may_change_settings=settings.show_on_panel,
        settings=settings,
    )


def offered_formats(definition: SolutionDefinition) -> tuple[FileFormat, ...]:
    """The formats that the solution's first effective step takes (SC-53, SC-98)."""
    if needs_docx(definition):
        return (FileFormat.DOCX,)
    accepted = accepted_types(definition)
    found = tuple(one for one in FileFormat if not accepted or MEDIA_TYPES[one] in accepted)
    if has_ocr(definition):
        return tuple(one for one in found if one is not FileFormat.DOCX)
    return found or (FileFormat.PDF,)


def scan_file(definition: SolutionDefinition, choice: FileChoice, at: datetime) -> ScanFile:
    """The file by what was chosen; `at`, in the printer's local time, stands in the name (SC-55, SCAN-43).

    Raises `FILE_NAME_LOCKED`, `SETTINGS_LOCKED`, `BAD_FILE_NAME`, `WRONG_FORMAT` and `BAD_SETTING`.
    """
    rules = file_rules(definition)
    name = _name(rules, choice.name)
    format_ = _format(rules, choice.format)
    if rules.appends_time:
        name = f"{name}_{at:%Y-%m-%d_%H-%M-%S}"
    settings = _settings(rules, choice.settings or {})
    return ScanFile(
        f"{name}.{EXTENSIONS[format_]}", format_, settings.model_copy(update={"file_format": format_.value})
    )


def _name(rules: FileRules, chosen: str | None) -> str:
    name = rules.name if chosen is None else chosen.strip()
    if name != rules.name and not rules.may_change_name:
        raise FILE_NAME_LOCKED()
    if not 0 < len(name) <= LONGEST_NAME or NEVER_IN_NAMES & set(name) or not name.isprintable():
        raise BAD_FILE_NAME(name=name[:LONGEST_NAME])
    return name


def _format(rules: FileRules, chosen: FileFormat | None) -> FileFormat:
    if chosen in (None, rules.format):
        return rules.format
    if not rules.may_change_settings:
        raise SETTINGS_LOCKED()
    if chosen not in rules.formats:
        raise WRONG_FORMAT(format=chosen.value, accepted=", ".join(rules.formats))
    return chosen


def _settings(rules: FileRules, chosen: Mapping[str, Any]) -> ScanSettings:
    before = rules.settings.model_dump()
    changed = {name: value for name, value in chosen.items() if before.get(name) != value}
    if changed and not rules.may_change_settings:
        raise SETTINGS_LOCKED()
    if not changed.keys() <= set(PANEL_SETTINGS):
        name = min(changed.keys() - set(PANEL_SETTINGS))
        raise BAD_SETTING(field=name, problem=Message.of(N_("There is no such value.")))
    try:
        return ScanSettings.model_validate({**before, **changed})
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0]) if first["loc"] else ""
        info = ScanSettings.model_fields.get(field)
        raise BAD_SETTING(field=(info.title if info else None) or field, problem=value_problem(first)) from error
