"""Deleting a customer organization: asked for by typing its name, done in the background, never half (AC-21…AC-27).

The request marks it as pending deletion, which ends every sign-in and every write of its people at once, and starts a
background task of the partner. A task that came to nothing is started anew by a schedule: an organization stays pending
until everything of it is gone.
"""

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from connectors.errors import Fault, PressroomError
from connectors.messages import N_, Message
from domain.audit.service import record, record_unattended
from domain.mail.service import queue_mail
from domain.organizations.actor import Actor
from domain.organizations.children import BEING_DELETED, own_child
from domain.organizations.entitlements import IRREVERSIBLE, TITLES, Entitlement
from domain.organizations.last_administrator import lock_organization
from domain.organizations.models import Organization, OrganizationStatus, User, UserStatus
from domain.organizations.permissions import Permission
from domain.sign_in.models import SignInSession
from domain.tasks.models import BackgroundTask, TaskState
from domain.tasks.service import start_task_of
from domain.tenancy import system_session

DELETE_ORGANIZATION = "delete-organization/delete-organization"
KIND = "organization-deletion"

KEPT_BY_SERVICE = Fault(
    "organization.kept_by_service",
    409,
    N_("“{name}” has the service “{service}” and cannot be deleted."),
    N_("Ask the operator of the installation to remove the service first."),
)
HAS_CHILDREN = Fault(
    "organization.has_children",
    409,
    N_("“{name}” has customer organizations and cannot be deleted."),
    N_("Delete its customer organizations first."),
)
NAME_DIFFERS = Fault(
    "organization.name_differs",
    422,
    N_("The name typed is not that of the organization."),
    N_("Type “{name}” exactly, with capital and small letters."),
)


def refusal_of_deletion(actor: Actor, child_id: str) -> PressroomError | None:
    """Why this child cannot be deleted now (AC-24); None: it can. Raises `NOT_FOUND`."""
    actor.need(Permission.CHILDREN_LIST)
    with system_session(read_only=True) as session:
        return _refusal(session, own_child(session, actor, child_id))


def deletion_task(actor: Actor, child_id: str) -> str:
    """The id of the latest task that deletes this child; empty where there is none. Raises `NOT_FOUND`."""
    actor.need(Permission.CHILDREN_LIST)
    with system_session(read_only=True) as session:
        child = own_child(session, actor, child_id)
        return session.scalar(_tasks(child.id).with_only_columns(BackgroundTask.id).limit(1)) or ""


def request_deletion(actor: Actor, child_id: str, typed_name: str) -> str:
    """Mark a child as pending deletion and have it deleted; returns the id of the background task.

    Raises `NOT_FOUND`, what `refusal_of_deletion` tells, and `NAME_DIFFERS` unless the name was typed exactly (AC-23).
    """
    actor.need(Permission.CHILDREN_DELETE)
    with system_session() as session:
        child = own_child(session, actor, child_id)
        child = lock_organization(session, child.id)
        if refusal := _refusal(session, child):
            raise refusal
        if typed_name.strip() != child.name:
            raise NAME_DIFFERS(name=child.name)
        child.status = OrganizationStatus.PENDING_DELETION
        session.execute(delete(SignInSession).where(SignInSession.organization_id == child.id))
        record(session, actor, "organization.deletion_requested", "organization", child.id, {"name": child.name})
        return _start(session, child, asked_by=actor.user_id)


def finish_deletion(organization_id: str, asked_by: str) -> None:
    """Delete the organization's own row, with what the database deletes along with it, and tell who asked for it.

    Does nothing where it is gone already.
    """
    with system_session() as session:
        child = session.get(Organization, organization_id)
        if child is None or child.parent_id is None:
            return
        name, parent_id = child.name, child.parent_id
        session.delete(child)
        session.flush()
        facts = {"name": name}
        record_unattended(
            session, parent_id, "organization.deleted", "organization", organization_id, facts, user_id=asked_by
        )
        user = session.get(User, asked_by)
        if user is not None and user.status == UserStatus.ACTIVE:
            _tell(session, user, name, organization_id)


def restart_unfinished_deletions() -> int:
    """Start those deletions anew whose task came to nothing; returns how many."""
    at_work = select(BackgroundTask.parameters["organization_id"].as_string()).where(
        BackgroundTask.kind == KIND, BackgroundTask.state.in_([TaskState.QUEUED, TaskState.RUNNING])
    )
    stranded = select(Organization).where(
        Organization.status == OrganizationStatus.PENDING_DELETION, Organization.id.not_in(at_work)
    )
    with system_session() as session:
        found = session.scalars(stranded).all()
        for child in found:
            _start(session, child, asked_by=_who_asked(session, child.id))
        return len(found)


def _start(session: Session, child: Organization, asked_by: str | None) -> str:
    parent_id = child.parent_id
    assert parent_id is not None, "only children are deleted"
    title = Message.of(N_("Deletion of the organization “{name}”"), name=child.name)
    parameters = {"organization_id": child.id}
    return start_task_of(session, parent_id, asked_by, KIND, DELETE_ORGANIZATION, title, parameters)


def _who_asked(session: Session, child_id: str) -> str | None:
    return session.scalar(_tasks(child_id).with_only_columns(BackgroundTask.started_by).limit(1))


def _tasks(child_id: str) -> Select[tuple[BackgroundTask]]:
    """The tasks that delete this organization, the latest first."""
    organization = BackgroundTask.parameters["organization_id"].as_string()
    return (
        select(BackgroundTask)
        .where(BackgroundTask.kind == KIND, organization == child_id)
        .order_by(BackgroundTask.created.desc())
    )


def _refusal(session: Session, organization: Organization) -> PressroomError | None:
    """AC-24, AC-27."""
    if organization.status != OrganizationStatus.ACTIVE:
        return BEING_DELETED(name=organization.name)
    for entitlement in IRREVERSIBLE.intersection(map(Entitlement, organization.entitlements)):
        return KEPT_BY_SERVICE(name=organization.name, service=TITLES[entitlement])
    children = select(Organization.id).where(Organization.parent_id == organization.id).limit(1)
    return HAS_CHILDREN(name=organization.name) if session.scalar(children) else None


def _tell(session: Session, user: User, name: str, organization_id: str) -> None:
    queue_mail(
        session,
        user.organization_id,
        [user.email],
        Message.of(N_("The organization “{name}” is deleted"), name=name),
        [
            Message.of(N_("The customer organization “{name}” that you deleted is gone now."), name=name),
            Message.of(N_("Its people, groups, applications, documents and settings are deleted for good.")),
        ],
        locale=user.locale,
        key=f"organization-deleted/{organization_id}",
    )
