"""The organization's settings for solutions (SC-130…SC-132)."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from connectors.storage import PROVIDERS
from domain.organizations.actor import ROLE_MISSING, Actor
from domain.organizations.permissions import Permission
from domain.storage_accounts.service import account_domains, enabled_providers, set_storage_settings
from portal_api.access import Runner, needs
from portal_api.problems import documented

SettingsManager = Annotated[Actor, needs(Permission.SOLUTIONS_SETTINGS_MANAGE)]
router = APIRouter(prefix="/organization", tags=["organization"])


def _known_provider(name: str) -> str:
    if name not in PROVIDERS:
        raise ValueError("unknown provider")
    return name


Domain = Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, max_length=253, pattern=r"^[^\s@/]+$")]


class SolutionSettings(BaseModel):
    """Which storage providers solutions may use, and whose accounts may be linked (empty: anybody's)."""

    storage_providers: list[Annotated[str, AfterValidator(_known_provider)]] = Field(max_length=50)
    account_domains: list[Domain] = Field([], max_length=200)

    @classmethod
    def of(cls, actor: Actor) -> "SolutionSettings":
        return cls.model_construct(
            storage_providers=list(enabled_providers(actor)), account_domains=list(account_domains(actor))
        )


@router.get("/solution-settings", operation_id="get_solution_settings")
def get_solution_settings(actor: Runner) -> SolutionSettings:
    """The settings as they are."""
    return SolutionSettings.of(actor)


@router.put("/solution-settings", operation_id="update_solution_settings", responses=documented(ROLE_MISSING))
def update_solution_settings(actor: SettingsManager, given: SolutionSettings) -> SolutionSettings:
    """Change the settings; administrators only."""
    set_storage_settings(actor, given.storage_providers, given.account_domains)
    return SolutionSettings.of(actor)
