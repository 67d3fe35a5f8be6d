"""What the API says of configurations."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from connectors.messages import Message
from fleet.configurations.bundle_import import BundleReport, LineState, ReportLine
from fleet.configurations.compliance import DriftView
from fleet.configurations.content import ConfigurationContent
from fleet.configurations.deployment import AssignmentResult
from fleet.configurations.drafts import VariableFileView, VersionRow, VersionView
from fleet.configurations.models import DriftEnding
from fleet.configurations.service import ConfigurationView
from fleet.configurations.settings_catalogue import SettingFacts, SettingType
from fleet.configurations.variables import VariableTable
from portal_api.api.resources import ResourcePublic

Id = Annotated[str, StringConstraints(min_length=1, max_length=32)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]
MOST_PRINTERS = 20_000


class ConfigurationChange(BaseModel):
    """The name, unique in the organization, and the description of a configuration."""

    name: Name
    description: str = Field("", max_length=1000)


class ConfigurationCopy(BaseModel):
    """What a copy is called, and in which organization it is made."""

    name: Name
    organization_id: str = Field("", max_length=32, description="Empty: the organization of the original.")


class ProxySetting(BaseModel):
    """Whether the organization's printers reach the cloud through a proxy that asks for credentials."""

    authenticated: bool


class ConfigurationPublic(BaseModel):
    """A configuration. `version` is the newest published one, 0 where none is."""

    id: str
    name: str
    description: str
    version: int
    has_draft: bool
    is_default: bool
    assigned: int = Field(description="To how many printers it is assigned.")
    changed: datetime
    editor: str
    publisher: str
    published: datetime | None

    @classmethod
    def of(cls, view: ConfigurationView) -> "ConfigurationPublic":
        return cls(**{name: getattr(view, name) for name in cls.model_fields})


class VariableFilePublic(BaseModel):
    """The variable settings file of a version."""

    name: str
    asset_column: str
    columns: list[str]
    records: int

    @classmethod
    def of(cls, view: VariableFileView) -> "VariableFilePublic":
        return cls(name=view.name, asset_column=view.asset_kind, columns=list(view.columns), records=view.row_count)


class VersionPublic(BaseModel):
    """A version with its content. `number` 0 is the draft. Secrets are ten asterisks: send them back to keep them."""

    configuration_id: str
    number: int
    content: ConfigurationContent
    resources: list[ResourcePublic]
    variables: VariableFilePublic | None
    advice: list[Message] = Field(description="What to know about the apps together.")
    comments: str
    published: datetime | None
    publisher: str

    @classmethod
    def of(cls, view: VersionView) -> "VersionPublic":
        return cls(
            configuration_id=view.configuration_id,
            number=view.number,
            content=view.content,
            resources=[ResourcePublic.of(resource) for resource in view.resources.values()],
            variables=VariableFilePublic.of(view.variables) if view.variables else None,
            advice=list(view.advice),
            comments=view.comments,
            published=view.published,
            publisher=view.publisher,
        )


class VersionRowPublic(BaseModel):
    """A published version in the history."""

    number: int
    comments: str
    published: datetime | None
    publisher: str

    @classmethod
    def of(cls, row: VersionRow) -> "VersionRowPublic":
        return cls(number=row.number, comments=row.comments, published=row.published, publisher=row.publisher)


class Publication(BaseModel):
    """What is said of a version when it is published."""

    comments: str = Field("", max_length=1000)


class Configurations(BaseModel):
    """Several configurations."""

    ids: list[Id] = Field(min_length=1, max_length=200)


class Printers(BaseModel):
    """The printers that something is about."""

    printer_ids: list[Id] = Field(min_length=1, max_length=MOST_PRINTERS)


class Deployment(Printers):
    """Printers that a configuration is deployed to."""

    draft: bool = Field(False, description="Try the draft, on a single printer.")


class Enforcement(Printers):
    """Printers whose assigned configurations are enforced."""

    restart: bool = Field(True, description="Restart what was changed before the second check.")


class Started(BaseModel):
    """The fleet task that was started."""

    task_id: str


class RefusedPrinter(BaseModel):
    """A printer that cannot have an assigned configuration, and why."""

    printer_id: str
    printer: str
    reason: Message


class AssignmentPublic(BaseModel):
    """What came of an assignment."""

    assigned: int
    refused: list[RefusedPrinter]

    @classmethod
    def of(cls, result: AssignmentResult) -> "AssignmentPublic":
        refused = [
            RefusedPrinter(printer_id=one.printer_id, printer=one.subject, reason=one.reason) for one in result.refused
        ]
        return cls(assigned=result.assigned, refused=refused)


class Unassigned(BaseModel):
    """How many printers had an assigned configuration."""

    count: int


class SettingPublic(BaseModel):
    """A setting of the catalogue. `low` and `high` bound numbers, `high` the length of texts."""

    name: str
    label: str
    path: list[str]
    type: SettingType
    default: bool | int | str
    low: int | None
    high: int | None
    choices: list[str]
    unit: str

    @classmethod
    def of(cls, facts: SettingFacts) -> "SettingPublic":
        return cls(
            name=facts.name,
            label=facts.label,
            path=list(facts.path),
            type=facts.type,
            default=facts.default,
            low=facts.low,
            high=facts.high,
            choices=list(facts.choices),
            unit=facts.unit,
        )


class LineProblem(BaseModel):
    """What is wrong in a line of a file; the header is line 1."""

    line: int
    problem: Message


class VariableCheck(BaseModel):
    """What an import of a variable settings file would find."""

    asset_column: str
    columns: list[str]
    records: int
    problems: list[LineProblem]

    @classmethod
    def of(cls, table: VariableTable) -> "VariableCheck":
        return cls(
            asset_column=table.asset_kind,
            columns=table.columns,
            records=len(table.rows),
            problems=[LineProblem(line=one.line, problem=one.message) for one in table.problems],
        )


class BundleLine(BaseModel):
    """One setting or login method of a bundle, and what an import does with it."""

    item: str
    state: LineState
    value: str = Field(description="Never a secret.")
    problem: Message | None

    @classmethod
    def of(cls, line: ReportLine) -> "BundleLine":
        return cls(item=line.item, state=line.state, value=line.value, problem=line.problem)


class BundleReportPublic(BaseModel):
    """The reports of the two parts of a bundle."""

    settings: list[BundleLine]
    login_methods: list[BundleLine]

    @classmethod
    def of(cls, report: BundleReport) -> "BundleReportPublic":
        return cls(
            settings=[BundleLine.of(line) for line in report.settings],
            login_methods=[BundleLine.of(line) for line in report.login_methods],
        )


class DriftPublic(BaseModel):
    """A part of a printer that differed from its assigned configuration, and what became of it."""

    id: int
    configuration: str
    component: str
    item: str
    expected: str
    found: str
    after: str
    seen: datetime
    ended: datetime | None
    ending: DriftEnding | None
    task_id: str

    @classmethod
    def of(cls, view: DriftView) -> "DriftPublic":
        return cls(**{name: getattr(view, name) for name in cls.model_fields})
