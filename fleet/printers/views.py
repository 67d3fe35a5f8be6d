"""Views: which columns a list of printers shows (FL-186…FL-202).

System views can be copied, never changed (FL-194). A view that somebody makes belongs to the organization where it is
made; those of a partner are offered in its customers' organizations too (FL-201), and changed at the partner only.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.audit.service import record
from domain.organizations.actor import PERSON_NEEDED, Actor
from domain.organizations.models import Organization
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND, system_session, tenant_session
from fleet.printers.columns import COLUMNS, Column
from fleet.printers.models import ChosenView, ListView
from fleet.printers.names import NAME_TAKEN, checked_name, folded, once_only

BAD_COLUMNS = Fault(
    "printer_view.bad_columns",
    422,
    N_("A view needs a first column that tells printers apart, and each column only once."),
    N_("Begin with the address, the host name, the serial number, the printer name or the asset tag."),
    spec="FL-197",
)
SYSTEM_VIEW = Fault(
    "printer_view.system",
    409,
    N_("The view “{name}” belongs to the system."),
    N_("Copy it and change the copy."),
    spec="FL-194",
)
C = Column


@dataclass(frozen=True, slots=True)
class ViewInfo:
    """A view; `id` is a word for those of the system. `may_change`: by the actor, where they work."""

    id: str
    name: str
    columns: tuple[Column, ...]
    is_system: bool = False
    may_change: bool = False


STANDARD = ViewInfo(
    "standard",
    N_("Standard"),
    (
        *(C.ADDRESS, C.MODEL, C.SERIAL_NUMBER, C.TAGS, C.ASSET_TAG, C.LOCATION),
        *(C.COMMUNICATION, C.SUPPLY_ALERTS, C.PRINTER_ALERTS),
    ),
    is_system=True,
)
SYSTEM_VIEWS = (
    STANDARD,
    ViewInfo(
        "configurations",
        N_("Configurations"),
        (
            *(C.ADDRESS, C.MODEL, C.LAST_CONFIGURATION, C.ASSIGNED_CONFIGURATION, C.COMPLIANCE),
            *(C.FIRMWARE_UPDATE, C.FIRMWARE_LEVEL, C.LAST_CONTACT),
        ),
        is_system=True,
    ),
    ViewInfo(
        "meters",
        N_("Meters"),
        (C.ADDRESS, C.MODEL, C.LIFE_PAGES, C.SCANS, C.COPIES, C.MONO_COPIES, C.COLOR_COPIES, C.FAXES),
        is_system=True,
    ),
    ViewInfo("supplies", N_("Supplies"), (C.ADDRESS, C.MODEL, C.SUPPLY_ALERTS, C.DAYS_LEFT), is_system=True),
    ViewInfo("coverage", N_("Supplies coverage"), (C.ADDRESS, C.MODEL, C.COVERAGE), is_system=True),
    ViewInfo(
        "operations",
        N_("Operations"),
        (
            *(C.ADDRESS, C.SERIAL_NUMBER, C.MODEL, C.MANUFACTURER, C.AGENT_KIND),
            *(C.AGENT_VERSION, C.COMMUNICATION, C.LAST_TASK),
        ),
        is_system=True,
    ),
    ViewInfo(
        "managed",
        N_("Managed"),
        (C.ADDRESS, C.SERIAL_NUMBER, C.MODEL, C.MSP, C.DELIVERY_CONTACT, C.COMPANY_NAME),
        is_system=True,
    ),
)
_BY_ID = {view.id: view for view in SYSTEM_VIEWS}


def list_views(actor: Actor) -> list[ViewInfo]:
    """The views that the actor may use: those of the system, then made ones by name; viewers get the first (FL-202)."""
    _need_a_list(actor)
    if not actor.may(Permission.FLEET_VIEWS):
        return [STANDARD]
    with system_session(read_only=True) as session:
        query = select(ListView).where(ListView.organization_id.in_(_owners(session, actor)))
        made = session.scalars(query.order_by(ListView.name_key)).all()
        return [*SYSTEM_VIEWS, *(_view(actor, row) for row in made)]


def get_view(actor: Actor, view_id: str) -> ViewInfo:
    """One of the views that the actor may use; raises `NOT_FOUND`."""
    found = next((view for view in list_views(actor) if view.id == view_id), None)
    if found is None:
        raise NOT_FOUND(what="view")
    return found


def current_view(actor: Actor) -> ViewInfo:
    """The view that the actor chose last, wherever they work; Standard where that is gone (FL-195, FL-200)."""
    _need_a_list(actor)
    if actor.is_application:
        return STANDARD
    with tenant_session(actor.home_organization_id, read_only=True) as session:
        chosen = session.get(ChosenView, actor.user_id)
    if chosen is None:
        return STANDARD
    return next((view for view in list_views(actor) if view.id == chosen.view), STANDARD)


def choose_view(actor: Actor, view_id: str) -> ViewInfo:
    """Make a view the actor's default (FL-195); raises `NOT_FOUND`, and `PERSON_NEEDED` for an application."""
    if actor.is_application:
        raise PERSON_NEEDED()
    view = get_view(actor, view_id)
    _choose(actor, view.id)
    return view


def create_view(actor: Actor, name: str, columns: Sequence[Column], *, is_chosen: bool) -> ViewInfo:
    """A new view, of the actor's own or copied from another; `is_chosen`: their default from now on (A-14).

    Raises `NO_NAME`, `NAME_TAKEN`, `BAD_COLUMNS`.
    """
    actor.need(Permission.FLEET_VIEWS)
    name = _checked(name)
    with once_only(name), actor.session() as session:
        row = ListView(
            organization_id=actor.organization_id, name=name, name_key=folded(name), columns=_columns(columns)
        )
        session.add(row)
        session.flush()
        record(session, actor, "printer_view.created", "printer_view", row.id, {"name": name})
        view = _view(actor, row)
    if is_chosen and not actor.is_application:
        _choose(actor, view.id)
    return view


def change_view(actor: Actor, view_id: str, name: str, columns: Sequence[Column]) -> ViewInfo:
    """Another name, other columns (FL-198); raises `SYSTEM_VIEW`, `NOT_FOUND`, and as `create_view`."""
    actor.need(Permission.FLEET_VIEWS)
    name = _checked(name)
    with once_only(name), actor.session() as session:
        row = _own(session, view_id)
        row.name, row.name_key, row.columns = name, folded(name), _columns(columns)
        record(session, actor, "printer_view.changed", "printer_view", row.id, {"name": name})
        return _view(actor, row)


def delete_views(actor: Actor, view_ids: Collection[str]) -> None:
    """Delete all of these views or none (FL-200); raises `SYSTEM_VIEW`, `NOT_FOUND`."""
    actor.need(Permission.FLEET_VIEWS)
    with actor.session() as session:
        for row in [_own(session, view_id) for view_id in dict.fromkeys(view_ids)]:
            record(session, actor, "printer_view.deleted", "printer_view", row.id, {"name": row.name})
            session.execute(delete(ListView).where(ListView.id == row.id))


def quick_view(view: ViewInfo, columns: Sequence[Column]) -> ViewInfo:
    """The view with other columns for the time being (FL-196); raises `BAD_COLUMNS`."""
    return replace(view, columns=tuple(Column(column) for column in _columns(columns)))


def _need_a_list(actor: Actor) -> None:
    """Views are for who sees printers: those of where they work, or the summary of all organizations."""
    if not actor.may(Permission.FLEET_ALL_ORGANIZATIONS):
        actor.need(Permission.FLEET_VIEW)


def _choose(actor: Actor, view_id: str) -> None:
    with tenant_session(actor.home_organization_id) as session:
        chosen = session.get(ChosenView, actor.user_id)
        if chosen is None:
            session.add(ChosenView(user_id=actor.user_id, view=view_id))
        else:
            chosen.view = view_id


def _owners(session: Session, actor: Actor) -> list[str]:
    parent = session.scalar(select(Organization.parent_id).where(Organization.id == actor.organization_id))
    return [actor.organization_id, *([parent] if parent else [])]


def _checked(name: str) -> str:
    name = checked_name(name)
    taken = {folded(view.name) for view in SYSTEM_VIEWS}
    if folded(name) in taken:
        raise NAME_TAKEN(name=name)
    return name


def _columns(columns: Sequence[Column]) -> list[str]:
    if not columns or len(set(columns)) != len(columns) or not COLUMNS[Column(columns[0])].identifies:
        raise BAD_COLUMNS()
    return [Column(column).value for column in columns]


def _own(session: Session, view_id: str) -> ListView:
    if view_id in _BY_ID:
        raise SYSTEM_VIEW(name=_BY_ID[view_id].name)
    row = session.scalar(select(ListView).where(ListView.id == view_id))
    if row is None:
        raise NOT_FOUND(what="view")
    return row


def _view(actor: Actor, row: ListView) -> ViewInfo:
    known = frozenset(Column)
    columns = tuple(Column(column) for column in row.columns if column in known)
    may_change = row.organization_id == actor.organization_id and actor.may(Permission.FLEET_VIEWS)
    return ViewInfo(row.id, row.name, columns, may_change=may_change)
