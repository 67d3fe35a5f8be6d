"""Filter groups: sets of filters that an organization keeps under a name (FL-181…FL-185)."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND
from fleet.printers.filters import PrinterFilter, collected
from fleet.printers.models import FilterGroup, Printer
from fleet.printers.names import checked_name, folded, once_only
from fleet.printers.references import users_of_filter_groups

NO_FILTERS = Fault(
    "printer_filter_group.no_filters",
    422,
    N_("No filter is chosen."),
    N_("Choose at least one filter; a search is not kept."),
    spec="FL-181",
)
IN_USE = Fault(
    "printer_filter_group.in_use",
    409,
    N_("The filter group is used by: {users}."),
    N_("Choose other printers in these schedules first."),
    spec="A-16",
)


@dataclass(frozen=True, slots=True)
class FilterGroupView:
    """A filter group."""

    id: str
    name: str
    chosen: PrinterFilter


def list_filter_groups(actor: Actor) -> list[FilterGroupView]:
    """The organization's groups by name."""
    actor.need(Permission.FLEET_VIEW)
    with actor.session(read_only=True) as session:
        return [_view(group) for group in session.scalars(select(FilterGroup).order_by(FilterGroup.name_key))]


def get_filter_group(actor: Actor, group_id: str) -> FilterGroupView:
    """One of them; raises `NOT_FOUND`."""
    actor.need(Permission.FLEET_VIEW)
    with actor.session(read_only=True) as session:
        return _view(_group(session, group_id))


def create_filter_group(actor: Actor, name: str, chosen: PrinterFilter) -> FilterGroupView:
    """Keep the filters under a name; raises `NO_NAME`, `NAME_TAKEN`, `NO_FILTERS`."""
    actor.need(Permission.FLEET_MANAGE)
    name = checked_name(name)
    with once_only(name), actor.session() as session:
        group = FilterGroup(
            organization_id=actor.organization_id, name=name, name_key=folded(name), filters=_kept(chosen)
        )
        session.add(group)
        session.flush()
        record(session, actor, "printer_filter_group.created", "printer_filter_group", group.id, {"name": name})
        return _view(group)


def change_filter_group(actor: Actor, group_id: str, name: str, chosen: PrinterFilter) -> FilterGroupView:
    """Other filters, another name or both (FL-182)."""
    actor.need(Permission.FLEET_MANAGE)
    name = checked_name(name)
    with once_only(name), actor.session() as session:
        group = _group(session, group_id)
        group.name, group.name_key, group.filters = name, folded(name), _kept(chosen)
        record(session, actor, "printer_filter_group.changed", "printer_filter_group", group.id, {"name": name})
        return _view(group)


def delete_filter_group(actor: Actor, group_id: str) -> None:
    """Delete it; raises `NOT_FOUND`, `IN_USE`."""
    actor.need(Permission.FLEET_MANAGE)
    with actor.session() as session:
        group = _group(session, group_id)
        if users := users_of_filter_groups(session, [group_id]):
            raise IN_USE(users=", ".join(users))
        record(session, actor, "printer_filter_group.deleted", "printer_filter_group", group.id, {"name": group.name})
        session.delete(group)


def printers_of_filter_group(session: Session, group_id: str) -> list[str]:
    """The ids of the printers that the group lets through now (FL-184, A-37); raises `NOT_FOUND`."""
    group = _group(session, group_id)
    its = PrinterFilter.model_validate(group.filters)
    query = select(Printer.id).where(Printer.organization_id == group.organization_id, *collected(its))
    return list(session.scalars(query.order_by(Printer.address_key)))


def check_filter_group(session: Session, group_id: str) -> None:
    """Raise `NOT_FOUND` unless the group is there."""
    _group(session, group_id)


def _kept(chosen: PrinterFilter) -> dict[str, object]:
    filters = chosen.without_search
    if filters.is_empty:
        raise NO_FILTERS()
    return filters.model_dump(mode="json", exclude_defaults=True)


def _group(session: Session, group_id: str) -> FilterGroup:
    group = session.scalar(select(FilterGroup).where(FilterGroup.id == group_id))
    if group is None:
        raise NOT_FOUND(what="filter group")
    return group


def _view(group: FilterGroup) -> FilterGroupView:
    return FilterGroupView(group.id, group.name, PrinterFilter.model_validate(group.filters))
