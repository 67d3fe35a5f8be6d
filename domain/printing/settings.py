"""The organization's settings for printing, by category, with their dependencies (PR-16…PR-53)."""

from datetime import time, timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)
from sqlalchemy.orm import Session

from connectors.messages import N_
from domain.printer_login.models import PrinterLogin
from domain.printer_login.rules import LoginMethod, PrinterLoginSettings, Screen
from domain.printing.models import PrintSettingsRow


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


_LocalPart = Annotated[str, StringConstraints(pattern=r"^[a-z0-9._-]{1,64}$")]
LocalPart = Annotated[_LocalPart, BeforeValidator(_lower, json_schema_input_type=_LocalPart)]
QueueName = Annotated[str, StringConstraints(max_length=127)]
QueuePrefix = Annotated[str, StringConstraints(pattern=r"^[^\W_][\w .-]{0,39}$")]
"""As the names of queues on workstations may begin."""


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Period(_Settings):
    """A number of days or hours."""

    count: int = Field(ge=1)
    unit: Literal["days", "hours"] = "days"

    @property
    def length(self) -> timedelta:
        return timedelta(days=self.count) if self.unit == "days" else timedelta(hours=self.count)


def _at_most(days: int, problem: str) -> AfterValidator:
    def check(period: Period) -> Period:
        if period.length > timedelta(days=days):
            raise ValueError(problem)
        return period

    return AfterValidator(check)


Retention = Annotated[Period, _at_most(30, N_("Jobs are kept for 30 days at most."))]
History = Annotated[Period, _at_most(730, N_("The history goes back 730 days at most."))]


class AssignmentMode(StrEnum):
    """What quotas and policies may be assigned by; cost centre and department exclude each other (PR-52)."""

    COST_CENTER = "cost_center"
    DEPARTMENT = "department"
    PERSONAL = "personal"


class ClientSettings(_Settings):
    """Print clients (PR-19…PR-21)."""

    page_enabled: bool = True
    auto_update_enabled: bool = False
    auto_update_time: time | None = None


class HybridStorageSettings(_Settings):
    """Advanced hybrid storage (PR-22…PR-24)."""

    enabled: bool = False
    copies: int = Field(1, ge=1, le=3)
    node_types: frozenset[Literal["windows", "linux", "edge"]] = frozenset({"windows", "linux", "edge"})


class JobSettings(_Settings):
    """Print jobs: delegation, delivery, retention, history (PR-25…PR-33)."""

    delegation_enabled: bool = False
    delegation_email_enabled: bool = False
    change_copies_enabled: bool = True
    print_and_keep_enabled: bool = False
    auto_release_enabled: bool = False
    auto_release_grace_seconds: int = Field(5, ge=0, le=30)
    keep_filename_for_reporting: bool = False
    oldest_first: bool = False
    retention_unreleased: Retention = Period(count=3)
    retention_released: Retention = Period(count=1)
    history_period: History = Period(count=30)
    extra_formats: bool = True
    phone_stickers_enabled: bool = False


class EmailSettings(_Settings):
    """Submission by e-mail and guests (PR-34…PR-39)."""

    enabled: bool = False
    local_part: LocalPart | None = None
    body_enabled: bool = False
    guests_enabled: bool = False
    guest_page_limit_enabled: bool = False
    guest_page_limit: int = Field(20, ge=1, le=2000)
    guest_cost_center: str = Field("", max_length=255)
    guest_department: str = Field("", max_length=255)

    @field_validator("guest_department")
    @classmethod
    def _one_place_for_guests(cls, department: str, info: ValidationInfo) -> str:
        if department and info.data.get("guest_cost_center"):
            raise ValueError(N_("Guests belong to a cost centre or to a department, not to both."))
        return department


class QuotaSettings(_Settings):
    """Print quotas (PR-40, PR-41, PR-81)."""

    enabled: bool = False
    assignment_mode: AssignmentMode = AssignmentMode.PERSONAL
    strict: bool = False


class PolicySettings(_Settings):
    """Print and client policies (PR-42…PR-44, PR-94)."""

    print_enabled: bool = False
    print_assignment_mode: AssignmentMode = AssignmentMode.PERSONAL
    client_enabled: bool = False
    page_analysis: Literal["assume", "measure"] = "assume"


class AssignmentSettings(_Settings):
    """Print assignments (PR-45…PR-47); `queue_prefix` begins the names of queues that go by an address (FL-226)."""

    enabled: bool = False
    use_with: Literal["direct", "offline", "direct_and_offline"] = "direct"
    mode: Literal["cost_center", "department"] = "department"
    queue_prefix: QueuePrefix = "DirectPrint-"


class UniversalPrintSettings(_Settings):
    """Universal print integration (PR-48)."""

    enabled: bool = False
    printer_name: str = Field("", max_length=127)
    share_name: str = Field("", max_length=127)


class PrintSettings(_Settings):
    """All of them, with the defaults of a new organization (section 41 where the guide names none)."""

    clients: ClientSettings = ClientSettings()
    hybrid_storage: HybridStorageSettings = HybridStorageSettings()
    jobs: JobSettings = JobSettings()
    email: EmailSettings = EmailSettings()
    quotas: QuotaSettings = QuotaSettings()
    policies: PolicySettings = PolicySettings()
    assignments: AssignmentSettings = AssignmentSettings()
    universal: UniversalPrintSettings = UniversalPrintSettings()


def print_settings(session: Session, organization_id: str) -> PrintSettings:
    """The settings of an organization that count now.

    What depends on something that is off counts as off, without being forgotten (PR-50); guests take PIN login (PR-37).
    """
    settings = stored_settings(session, organization_id)
    jobs = settings.jobs
    if not jobs.delegation_enabled:
        jobs = jobs.model_copy(update={"delegation_email_enabled": False})
    email = _suspended_email(session, organization_id, settings.email)
    return settings.model_copy(update={"email": email, "jobs": jobs})


def stored_settings(session: Session, organization_id: str) -> PrintSettings:
    """The settings of an organization as they were saved, whether each counts or not."""
    row = session.get(PrintSettingsRow, organization_id)
    return PrintSettings.model_validate(row.values) if row is not None else PrintSettings()


def takes_pin_login(session: Session, organization_id: str) -> bool:
    """Whether people can sign in at printers with a PIN alone, as guests have to (PR-148)."""
    login = session.get(PrinterLogin, organization_id)
    settings = PrinterLoginSettings.model_validate(login.settings) if login else PrinterLoginSettings()
    return LoginMethod.PIN in settings.offered_at(Screen.FULL)


def _suspended_email(session: Session, organization_id: str, email: EmailSettings) -> EmailSettings:
    if not email.enabled:
        return email.model_copy(update={"body_enabled": False, "guests_enabled": False})
    if email.guests_enabled and not takes_pin_login(session, organization_id):
        return email.model_copy(update={"guests_enabled": False})
    return email
