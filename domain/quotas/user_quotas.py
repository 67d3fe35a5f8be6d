"""Quotas of people: the default, and custom ones for a person, a cost centre or a department (SQ-40…SQ-53)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.audit.service import Facts, record
from domain.organizations.actor import Actor
from domain.organizations.models import NO_ACCOUNT, Organization, User, UserStatus, now
from domain.organizations.permissions import Permission
from domain.quotas.models import QuotaKind, UserQuota
from domain.quotas.rules import Pages
from domain.quotas.standing import set_quota
from domain.quotas.terms import check_pages
from domain.tenancy import NOT_FOUND
from steps.contract import Service

GROUP_COLUMNS = {QuotaKind.COST_CENTER: User.cost_center, QuotaKind.DEPARTMENT: User.department}
"""What makes a person a member, for the kinds of quotas that are for groups."""
LONGEST_NAME = 255

NOT_REGISTERED = Fault(
    "quota.not_registered",
    422,
    N_("“{email}” is nobody of this organization."),
    N_("Enter the e-mail address of somebody who is registered already."),
    spec="SQ-E06",
)
OTHER_KIND = Fault(
    "quota.other_kind",
    409,
    N_("The organization has quotas for departments or for cost centres, never for both."),
    N_("Delete the quotas of the other kind first."),
    spec="SQ-E07",
)
SET_ALREADY = Fault(
    "quota.set_already",
    409,
    N_("There is a quota for “{name}” already."),
    N_("Change the one there is."),
    spec="SQ-E08",
)
NOTHING_SET = Fault(
    "quota.nothing_set",
    422,
    N_("The quota sets no service."),
    N_("Give a number of pages, or “unlimited”, for at least one service."),
)
NAME_MISSING = Fault(
    "quota.name_missing",
    422,
    N_("It was not said for whom the quota is."),
    N_("Give an e-mail address, or the exact name of a cost centre or department."),
)


@dataclass(frozen=True, slots=True)
class CustomQuota:
    """A custom quota as its administrator sees it.

    `name` is the person's e-mail address or the group's name; `members` are the people whom it concerns: none where
    nobody has the name any more (SQ-50).
    """

    id: str
    kind: QuotaKind
    name: str
    pages: Pages
    pooled: bool
    members: int
    changed: datetime


@dataclass(frozen=True, slots=True)
class CustomQuotas:
    """All custom quotas of an organization, and which kind of group it may still make quotas for (SQ-48)."""

    quotas: tuple[CustomQuota, ...]
    open_kinds: tuple[QuotaKind, ...]


def default_quota(actor: Actor) -> Pages:
    """The default quota, by service; a service that is missing is not set: everybody shares what there is (SQ-41)."""
    actor.need(Permission.QUOTAS_MANAGE)
    with actor.session(read_only=True) as session:
        row = _row(session, QuotaKind.DEFAULT, "")
        return set_quota(row).pages if row else {}


def set_default_quota(actor: Actor, pages: Pages) -> None:
    """Set the default for the services named and unset it for the others (SQ-40)."""
    actor.need(Permission.QUOTAS_MANAGE)
    check_pages(pages)
    with actor.session() as session:
        _lock(session, actor)
        row = _row(session, QuotaKind.DEFAULT, "")
        if row is None:
            row = UserQuota(kind=QuotaKind.DEFAULT, holder="", pages={})
            session.add(row)
        row.pages, row.changed = _kept(pages), now()
        session.flush()
        record(session, actor, "user_quota.default_set", "user_quota", row.id, _facts(pages, row))


def list_custom_quotas(actor: Actor, kind: QuotaKind | None = None, search: str = "") -> CustomQuotas:
    """The custom quotas, by kind and name; a person who is gone has none."""
    actor.need(Permission.QUOTAS_MANAGE)
    wanted = search.strip().casefold()
    with actor.session(read_only=True) as session:
        views = _views(session, UserQuota.kind != QuotaKind.DEFAULT)
    shown = [view for view in views if kind in (None, view.kind) and wanted in view.name.casefold()]
    shown.sort(key=lambda view: (list(QuotaKind).index(view.kind), view.name.casefold()))
    return CustomQuotas(tuple(shown), _open_kinds({view.kind for view in views}))


def get_custom_quota(actor: Actor, quota_id: str) -> CustomQuota:
    """One of them; raises `NOT_FOUND`."""
    actor.need(Permission.QUOTAS_MANAGE)
    with actor.session(read_only=True) as session:
        return _found(session, _custom(session, quota_id))


def create_custom_quota(actor: Actor, kind: QuotaKind, name: str, pages: Pages, *, pooled: bool = False) -> CustomQuota:
    """A quota for the person of that address, or for the cost centre or department of exactly that name.

    Raises `NOT_REGISTERED` (SQ-E06), `OTHER_KIND` (SQ-E07) or `SET_ALREADY` (SQ-E08).
    """
    actor.need(Permission.QUOTAS_MANAGE)
    _check(pages)
    with actor.session() as session:
        _lock(session, actor)
        holder = _holder(session, kind, name.strip())
        if kind in GROUP_COLUMNS and _any(session, _other(kind)):
            raise OTHER_KIND()
        if _row(session, kind, holder) is not None:
            raise SET_ALREADY(name=name.strip())
        row = UserQuota(kind=kind, holder=holder, pages=_kept(pages), pooled=pooled and kind in GROUP_COLUMNS)
        session.add(row)
        session.flush()
        record(session, actor, "user_quota.created", "user_quota", row.id, _facts(pages, row))
        return _found(session, row)


def update_custom_quota(actor: Actor, quota_id: str, pages: Pages, *, pooled: bool = False) -> CustomQuota:
    """Change what a custom quota allows (SQ-49); for whom it is stays."""
    actor.need(Permission.QUOTAS_MANAGE)
    _check(pages)
    with actor.session() as session:
        row = _custom(session, quota_id)
        row.pages, row.changed = _kept(pages), now()
        row.pooled = pooled and QuotaKind(row.kind) in GROUP_COLUMNS
        record(session, actor, "user_quota.changed", "user_quota", row.id, _facts(pages, row))
        return _found(session, row)


def delete_custom_quota(actor: Actor, quota_id: str) -> None:
    """Delete a custom quota; without any of its kind the choice of SQ-48 is open again (SQ-50)."""
    actor.need(Permission.QUOTAS_MANAGE)
    with actor.session() as session:
        row = _custom(session, quota_id)
        record(session, actor, "user_quota.deleted", "user_quota", row.id, _facts({}, row))
        session.delete(row)


def group_names(actor: Actor, kind: QuotaKind) -> list[str]:
    """The names of cost centres or departments that people of the organization have."""
    actor.need(Permission.QUOTAS_MANAGE)
    column = GROUP_COLUMNS[kind]
    with actor.session(read_only=True) as session:
        query = select(column).where(column != "", User.status == UserStatus.ACTIVE).distinct().order_by(column)
        return list(session.scalars(query))


def _lock(session: Session, actor: Actor) -> None:
    """Two who set quotas at the same moment wait for each other, so that what they check still holds (SQ-48, SQ-53)."""
    session.get(Organization, actor.organization_id, with_for_update=True)


def _row(session: Session, kind: QuotaKind, holder: str) -> UserQuota | None:
    return session.scalar(select(UserQuota).where(UserQuota.kind == kind, UserQuota.holder == holder))


def _any(session: Session, kind: QuotaKind) -> bool:
    return session.scalar(select(UserQuota.id).where(UserQuota.kind == kind).limit(1)) is not None


def _custom(session: Session, quota_id: str) -> UserQuota:
    query = select(UserQuota).where(UserQuota.id == quota_id, UserQuota.kind != QuotaKind.DEFAULT)
    row = session.scalar(query.with_for_update())
    if row is None:
        raise NOT_FOUND(what="quota")
    return row


def _holder(session: Session, kind: QuotaKind, name: str) -> str:
    if not name or len(name) > LONGEST_NAME:
        raise NAME_MISSING()
    if kind is not QuotaKind.PERSONAL:
        return name
    query = select(User.id).where(User.email == name.lower(), User.status.not_in(NO_ACCOUNT))
    user_id = session.scalar(query)
    if user_id is None:
        raise NOT_REGISTERED(email=name)
    return user_id


def _found(session: Session, row: UserQuota) -> CustomQuota:
    views = _views(session, UserQuota.id == row.id)
    if not views:
        raise NOT_FOUND(what="quota")
    return views[0]


def _views(session: Session, condition: ColumnElement[bool]) -> list[CustomQuota]:
    """The custom quotas that fit, with the names that people know their holders by."""
    people = (
        select(UserQuota, User.email)
        .join(User, User.id == UserQuota.holder)
        .where(UserQuota.kind == QuotaKind.PERSONAL, User.status.not_in(NO_ACCOUNT), condition)
    )
    views = [_view(row, email, 1) for row, email in session.execute(people)]
    for kind, column in GROUP_COLUMNS.items():
        members = (
            select(column.label("name"), func.count().label("members"))
            .where(User.status == UserStatus.ACTIVE)
            .group_by(column)
            .subquery()
        )
        groups = (
            select(UserQuota, func.coalesce(members.c.members, 0))
            .outerjoin(members, members.c.name == UserQuota.holder)
            .where(UserQuota.kind == kind, condition)
        )
        views += [_view(row, row.holder, count) for row, count in session.execute(groups)]
    return views


def _view(row: UserQuota, name: str, members: int) -> CustomQuota:
    return CustomQuota(row.id, QuotaKind(row.kind), name, set_quota(row).pages, row.pooled, members, row.changed)


def _other(kind: QuotaKind) -> QuotaKind:
    return QuotaKind.DEPARTMENT if kind is QuotaKind.COST_CENTER else QuotaKind.COST_CENTER


def _open_kinds(present: set[QuotaKind]) -> tuple[QuotaKind, ...]:
    return tuple(kind for kind in GROUP_COLUMNS if _other(kind) not in present)


def _check(pages: Pages) -> None:
    check_pages(pages)
    if not pages:
        raise NOTHING_SET()


def _kept(pages: Pages) -> dict[str, int | None]:
    return {service.value: pages[service] for service in Service if service in pages}


def _facts(pages: Pages, row: UserQuota) -> Facts:
    """For the audit trail; people by their ids."""
    amounts = {service.lower(): "unlimited" if amount is None else amount for service, amount in pages.items()}
    return {"kind": QuotaKind(row.kind).value, "holder": row.holder, "pooled": row.pooled, **amounts}
