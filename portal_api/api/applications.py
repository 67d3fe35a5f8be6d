"""Client applications and their secrets (AC-190…AC-194)."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from domain.applications import compact_release, service
from domain.applications.models import ApplicationKind
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.sign_in.confirmation import CONFIRMATION_NEEDED, SESSION_NEEDED
from domain.tenancy import NOT_FOUND
from portal_api.access import needs
from portal_api.downloads import content_disposition
from portal_api.problems import documented

router = APIRouter(prefix="/applications", tags=["applications"])
Viewer = Annotated[Actor, needs(Permission.APPLICATIONS_VIEW)]
Manager = Annotated[Actor, needs(Permission.APPLICATIONS_MANAGE)]
ZIP: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}
}
_CHANGES = documented(CONFIRMATION_NEEDED, SESSION_NEEDED, NOT_FOUND)


class SecretPublic(BaseModel):
    """What is known of a client secret. `expires`: another has taken its place, and it works until then."""

    id: str
    hint: str = Field(description="Its last characters.")
    created: datetime
    expires: datetime | None
    last_used: datetime | None


class ApplicationPublic(BaseModel):
    """A client application. Its `id` is the client id for `POST /oauth/token`."""

    id: str
    name: str
    kind: ApplicationKind
    scopes: list[str]
    roles: list[str]
    partner_roles: list[str]
    enabled: bool
    created: datetime
    last_used: datetime | None
    secrets: list[SecretPublic]

    @classmethod
    def of(cls, view: service.ApplicationView) -> "ApplicationPublic":
        return cls(
            id=view.id,
            name=view.name,
            kind=view.kind,
            scopes=list(view.scopes),
            roles=list(view.roles),
            partner_roles=list(view.partner_roles),
            enabled=view.is_enabled,
            created=view.created,
            last_used=view.last_used,
            secrets=[
                SecretPublic(
                    id=each.id, hint=each.hint, created=each.created, expires=each.expires, last_used=each.last_used
                )
                for each in view.secrets
            ],
        )


class ApplicationDefinition(BaseModel):
    """What an administrator decides. `roles` count in the organization, `partner_roles` in its customers."""

    name: str = Field(max_length=service.NAME_LENGTH)
    scopes: list[str] = Field([], max_length=200, description="Permissions, as far as the roles give them.")
    roles: list[str] = Field([], max_length=50)
    partner_roles: list[str] = Field([], max_length=50)
    enabled: bool = True

    def given(self) -> service.ApplicationDefinition:
        """For the service."""
        return service.ApplicationDefinition(
            self.name, self.scopes, self.roles, self.partner_roles, is_enabled=self.enabled
        )


class SecretWish(BaseModel):
    """How a new secret takes over."""

    overlap_hours: int = Field(
        24, ge=0, le=service.LONGEST_OVERLAP_HOURS, description="Hours that former secrets work on; 0: end at once."
    )


class SecretMade(BaseModel):
    """A new client secret, told only here."""

    secret: str
    application: ApplicationPublic


@router.get("", operation_id="list_applications")
def list_applications(
    actor: Viewer, search: Annotated[str, Query(max_length=100, description="Part of the name.")] = ""
) -> list[ApplicationPublic]:
    """The organization's applications by name, those of the product first."""
    return [ApplicationPublic.of(view) for view in service.list_applications(actor, search)]


@router.post(
    "",
    operation_id="create_application",
    status_code=201,
    responses=documented(
        service.NO_NAME, service.NAME_TAKEN, service.UNKNOWN_SCOPE, service.TOO_MANY, CONFIRMATION_NEEDED
    ),
)
def create_application(actor: Manager, given: ApplicationDefinition) -> ApplicationPublic:
    """Add an application; it works once it has a secret."""
    return ApplicationPublic.of(service.create_application(actor, given.given()))


@router.get("/{application_id}", operation_id="get_application", responses=documented(NOT_FOUND))
def get_application(actor: Viewer, application_id: str) -> ApplicationPublic:
    """One application."""
    return ApplicationPublic.of(service.get_application(actor, application_id))


@router.put(
    "/{application_id}",
    operation_id="update_application",
    responses={**_CHANGES, **documented(service.NAME_TAKEN, service.FIXED), **documented(service.UNKNOWN_SCOPE)},
)
def update_application(actor: Manager, application_id: str, given: ApplicationDefinition) -> ApplicationPublic:
    """Change an application; what its tokens may do changes at once."""
    return ApplicationPublic.of(service.update_application(actor, application_id, given.given()))


@router.delete(
    "/{application_id}",
    operation_id="delete_application",
    status_code=204,
    responses={**_CHANGES, **documented(service.FIXED)},
)
def delete_application(actor: Manager, application_id: str) -> None:
    """Delete an application; its secrets and tokens are worthless at once."""
    service.delete_application(actor, application_id)


@router.post("/{application_id}/secrets", operation_id="create_secret", status_code=201, responses=_CHANGES)
def create_secret(actor: Manager, application_id: str, given: SecretWish) -> SecretMade:
    """Make a new client secret, which is told only in this answer."""
    secret, view = service.make_secret(actor, application_id, given.overlap_hours)
    return SecretMade(secret=secret, application=ApplicationPublic.of(view))


@router.post(
    "/compact-release-bundle",
    operation_id="make_compact_release_bundle",
    response_class=Response,
    responses={**ZIP, **_CHANGES, **documented(compact_release.SWITCHED_OFF)},
)
def make_bundle(actor: Manager, given: SecretWish) -> Response:
    """A settings bundle for printers with compact release, with a new secret that is told only in it (PR-212)."""
    bundle = compact_release.make_compact_release_bundle(actor, given.overlap_hours)
    headers = {"Content-Disposition": content_disposition(bundle.name), "Cache-Control": "no-store"}
    return Response(bundle.content, headers=headers, media_type="application/zip")


@router.delete(
    "/{application_id}/secrets/{secret_id}", operation_id="delete_secret", status_code=204, responses=_CHANGES
)
def delete_secret(actor: Manager, application_id: str, secret_id: str) -> None:
    """Make a secret, and the tokens got with it, worthless at once."""
    service.revoke_secret(actor, application_id, secret_id)
