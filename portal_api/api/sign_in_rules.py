"""The organization's own rules of signing in (AC-33, AC-92)."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.sign_in import rules
from portal_api.access import Anyone, needs
from portal_api.problems import documented

router = APIRouter(prefix="/organization/sign-in-rules", tags=["organization"])
Manager = Annotated[Actor, needs(Permission.ORGANIZATION_MANAGE)]


class SignInRules(BaseModel):
    """What holds for everybody in the organization; it can only be stricter than the installation's own rules."""

    shortest_password: int = Field(rules.LEAST_LENGTH, ge=rules.LEAST_LENGTH, le=rules.MOST_LENGTH)
    refused_passwords: int = Field(
        0, ge=0, le=rules.MOST_REFUSED, description="How many of a person's last passwords must not be used again."
    )
    idle_minutes: int = Field(ge=rules.LEAST_IDLE_MINUTES, description="A session unused this long ends.")
    session_hours: float = Field(gt=0, description="A session ends after this time whatever happens.")
    second_factor_roles: list[str] = Field(
        [], max_length=50, description="Whoever has one of these roles needs a second factor; User: everybody."
    )

    @classmethod
    def of(cls, found: rules.Rules) -> "SignInRules":
        return cls(
            shortest_password=found.shortest_password,
            refused_passwords=found.refused_passwords,
            idle_minutes=found.idle_minutes,
            session_hours=found.session_hours,
            second_factor_roles=list(found.second_factor_roles),
        )


@router.get("", operation_id="get_sign_in_rules")
def get_sign_in_rules(actor: Anyone) -> SignInRules:
    """The rules as they are."""
    return SignInRules.of(rules.sign_in_rules(actor))


@router.put("", operation_id="update_sign_in_rules", responses=documented(rules.NOT_STRICTER, rules.NO_SUCH_ROLE))
def update_sign_in_rules(actor: Manager, given: SignInRules) -> SignInRules:
    """Change the rules: sessions follow at once, passwords when they are next set, second factors at sign-in."""
    wanted = rules.Rules(
        given.shortest_password,
        given.refused_passwords,
        given.idle_minutes,
        given.session_hours,
        tuple(dict.fromkeys(given.second_factor_roles)),
    )
    return SignInRules.of(rules.set_sign_in_rules(actor, wanted))
