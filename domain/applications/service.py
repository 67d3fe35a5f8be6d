"""Managing client applications and their secrets; a secret is told once, when it is made (AC-190…AC-193)."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.applications.models import ApplicationKind, ApplicationSecret, ApplicationToken, ClientApplication
from domain.applications.predefined import name_key
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.grants import Level, check_grant
from domain.organizations.models import now
from domain.organizations.permissions import PEOPLE_ONLY, Permission
from domain.sign_in.confirmation import need_confirmation
from domain.sign_in.sessions import token_hash
from domain.tenancy import NOT_FOUND

SECRET_PREFIX = "prs_"  # noqa: S105 — how secrets begin, so that scanners find them
HINT_LENGTH = 4
NAME_LENGTH = 100
MOST_APPLICATIONS = 200
LONGEST_OVERLAP_HOURS = 168
SCOPES = tuple(permission for permission in Permission if permission not in PEOPLE_ONLY)
"""What an application can be allowed."""

NO_NAME = Fault(
    "application.no_name", 422, N_("The application has no name."), N_("Give it a name that says what it does.")
)
NAME_TAKEN = Fault(
    "application.name_taken", 409, N_("There is an application “{name}” already."), N_("Choose another name.")
)
UNKNOWN_SCOPE = Fault(
    "application.unknown_scope",
    422,
    N_("“{scope}” cannot be allowed to an application."),
    N_("Choose scopes from the list of the page “Applications”."),
)
FIXED = Fault(
    "application.fixed",
    409,
    N_("“{name}” belongs to the product: it can neither be renamed nor deleted, nor can its scopes change."),
    N_("Switch it off if it is not to be used, or add an application of your own."),
)
TOO_MANY = Fault(
    "application.too_many",
    409,
    N_("There are {count} applications, which is the most."),
    N_("Delete those no longer used."),
)


@dataclass(frozen=True, slots=True)
class SecretView:
    """What is known of a secret without itself; `expires`: when it ceases to work because another took its place."""

    id: str
    hint: str
    created: datetime
    expires: datetime | None
    last_used: datetime | None


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """A client application; `id` is its client id."""

    id: str
    name: str
    kind: ApplicationKind
    scopes: tuple[str, ...]
    roles: tuple[str, ...]
    partner_roles: tuple[str, ...]
    is_enabled: bool
    created: datetime
    secrets: tuple[SecretView, ...]

    @property
    def last_used(self) -> datetime | None:
        """When a token was last got with one of its secrets."""
        return max((secret.last_used for secret in self.secrets if secret.last_used), default=None)


@dataclass(frozen=True, slots=True)
class ApplicationDefinition:
    """What an administrator decides about an application."""

    name: str
    scopes: Sequence[str] = ()
    roles: Sequence[str] = ()
    partner_roles: Sequence[str] = ()
    is_enabled: bool = True


def list_applications(actor: Actor, search: str = "") -> list[ApplicationView]:
    """The organization's applications by name, those of the product first; `search` looks in names (AC-190)."""
    actor.need(Permission.APPLICATIONS_VIEW)
    with actor.session(read_only=True) as session:
        query = select(ClientApplication).order_by(
            ClientApplication.kind == ApplicationKind.CUSTOM, ClientApplication.name_key
        )
        if search.strip():
            query = query.where(ClientApplication.name_key.contains(name_key(search), autoescape=True))
        rows = session.scalars(query).all()
        known = _secrets(session, [row.id for row in rows])
        return [_view(row, known.get(row.id, [])) for row in rows]


def get_application(actor: Actor, application_id: str) -> ApplicationView:
    """One application; raises `NOT_FOUND`."""
    actor.need(Permission.APPLICATIONS_VIEW)
    with actor.session(read_only=True) as session:
        return _shown(session, _found(session, application_id))


def create_application(actor: Actor, given: ApplicationDefinition) -> ApplicationView:
    """Add an application without a secret. Raises the faults of this module and those of giving roles."""
    actor.need(Permission.APPLICATIONS_MANAGE)
    need_confirmation(actor)
    with actor.session() as session:
        if len(session.scalars(select(ClientApplication.id)).all()) >= MOST_APPLICATIONS:
            raise TOO_MANY(count=MOST_APPLICATIONS)
        row = ClientApplication(organization_id=actor.organization_id, kind=ApplicationKind.CUSTOM)
        _apply(session, actor, row, given)
        record(session, actor, "application.created", "application", row.id, _facts(row))
        return _shown(session, row)


def update_application(actor: Actor, application_id: str, given: ApplicationDefinition) -> ApplicationView:
    """Change an application; what tokens may do changes at once. Raises as `create_application`, and `FIXED`."""
    actor.need(Permission.APPLICATIONS_MANAGE)
    need_confirmation(actor)
    with actor.session() as session:
        row = _found(session, application_id)
        if row.kind != ApplicationKind.CUSTOM and _decided(row) != (_clean(given.name), *_rights(given)):
            raise FIXED(name=row.name)
        _apply(session, actor, row, given)
        record(session, actor, "application.changed", "application", row.id, _facts(row))
        return _shown(session, row)


def delete_application(actor: Actor, application_id: str) -> None:
    """Delete an application; its secrets and tokens are worthless at once. Raises `NOT_FOUND`, `FIXED`."""
    actor.need(Permission.APPLICATIONS_MANAGE)
    need_confirmation(actor)
    with actor.session() as session:
        row = _found(session, application_id)
        if row.kind != ApplicationKind.CUSTOM:
            raise FIXED(name=row.name)
        session.execute(delete(ClientApplication).where(ClientApplication.id == row.id))
        record(session, actor, "application.deleted", "application", row.id, {"name": row.name})


def make_secret(actor: Actor, application_id: str, overlap_hours: int = 24) -> tuple[str, ApplicationView]:
    """A new secret, told only here; former ones work for `overlap_hours` more, so that programs can be changed over.

    Without overlap, tokens got with them are worthless at once too.
    """
    actor.need(Permission.APPLICATIONS_MANAGE)
    need_confirmation(actor)
    secret = SECRET_PREFIX + secrets.token_urlsafe(32)
    with actor.session() as session:
        row = _found(session, application_id)
        _retire(session, row.id, timedelta(hours=min(max(overlap_hours, 0), LONGEST_OVERLAP_HOURS)))
        made = ApplicationSecret(
            organization_id=actor.organization_id,
            application_id=row.id,
            secret_hash=token_hash(secret),
            hint=secret[-HINT_LENGTH:],
        )
        session.add(made)
        session.flush()
        record(session, actor, "application.secret_made", "application", row.id, {"overlap_hours": overlap_hours})
        return secret, _shown(session, row)


def revoke_secret(actor: Actor, application_id: str, secret_id: str) -> ApplicationView:
    """Make a secret and the tokens got with it worthless at once; raises `NOT_FOUND`."""
    actor.need(Permission.APPLICATIONS_MANAGE)
    need_confirmation(actor)
    with actor.session() as session:
        row = _found(session, application_id)
        gone = delete(ApplicationSecret).where(
            ApplicationSecret.id == secret_id, ApplicationSecret.application_id == row.id
        )
        if session.scalar(gone.returning(ApplicationSecret.id)) is None:
            raise NOT_FOUND(what="secret")
        record(session, actor, "application.secret_revoked", "application", row.id, {"secret": secret_id})
        return _shown(session, row)


def _retire(session: Session, application_id: str, overlap: timedelta) -> None:
    present = now()
    for kept in session.scalars(select(ApplicationSecret).where(ApplicationSecret.application_id == application_id)):
        end = min(kept.expires or present + overlap, present + overlap)
        if end <= present:
            session.execute(delete(ApplicationToken).where(ApplicationToken.secret_id == kept.id))
            session.delete(kept)
        else:
            kept.expires = end


def _apply(session: Session, actor: Actor, row: ClientApplication, given: ApplicationDefinition) -> None:
    name = _clean(given.name)
    if not name:
        raise NO_NAME()
    for scope in given.scopes:
        if scope not in {permission.value for permission in SCOPES}:
            raise UNKNOWN_SCOPE(scope=scope)
    if added := set(given.roles) - set(row.roles or ()):
        check_grant(session, actor, sorted(added), Level.USER)
    if added := set(given.partner_roles) - set(row.partner_roles or ()):
        check_grant(session, actor, sorted(added), Level.ACCESS_GROUP)
    row.name, row.name_key, row.is_enabled = name, name_key(name), given.is_enabled
    row.scopes, row.roles, row.partner_roles = (list(each) for each in _rights(given))
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError as error:
        raise NAME_TAKEN(name=name) from error


def _clean(name: str) -> str:
    return " ".join(name.split())[:NAME_LENGTH]


def _rights(given: ApplicationDefinition) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    return tuple(sorted(set(given.scopes))), tuple(sorted(set(given.roles))), tuple(sorted(set(given.partner_roles)))


def _decided(row: ClientApplication) -> tuple[object, ...]:
    return (row.name, tuple(sorted(row.scopes)), tuple(sorted(row.roles)), tuple(sorted(row.partner_roles)))


def _facts(row: ClientApplication) -> dict[str, str | bool | list[str]]:
    return {
        "name": row.name,
        "scopes": list(row.scopes),
        "roles": list(row.roles),
        "partner_roles": list(row.partner_roles),
        "enabled": row.is_enabled,
    }


def _found(session: Session, application_id: str) -> ClientApplication:
    row = session.scalar(select(ClientApplication).where(ClientApplication.id == application_id))
    if row is None:
        raise NOT_FOUND(what="application")
    return row


def _secrets(session: Session, application_ids: Sequence[str]) -> dict[str, list[ApplicationSecret]]:
    query = select(ApplicationSecret).where(ApplicationSecret.application_id.in_(application_ids))
    found: dict[str, list[ApplicationSecret]] = {}
    for secret in session.scalars(query.order_by(ApplicationSecret.created.desc())):
        if secret.expires is None or secret.expires > now():
            found.setdefault(secret.application_id, []).append(secret)
    return found


def _shown(session: Session, row: ClientApplication) -> ApplicationView:
    return _view(row, _secrets(session, [row.id]).get(row.id, []))


def _view(row: ClientApplication, kept: Sequence[ApplicationSecret]) -> ApplicationView:
    return ApplicationView(
        id=row.id,
        name=row.name,
        kind=ApplicationKind(row.kind),
        scopes=tuple(row.scopes),
        roles=tuple(row.roles),
        partner_roles=tuple(row.partner_roles),
        is_enabled=row.is_enabled,
        created=row.created,
        secrets=tuple(SecretView(each.id, each.hint, each.created, each.expires, each.last_used) for each in kept),
    )
