"""What people do with tags: make, rename, delete them, give them to printers and take them (FL-255…FL-257)."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND
from fleet.printers.models import Printer, Tag, TaggedPrinter
from fleet.printers.names import checked_name, folded, once_only
from fleet.printers.references import users_of_tags

IN_USE = Fault(
    "printer_tag.in_use",
    409,
    N_("The tag is used by: {users}."),
    N_("Take the tag out of these policies and schedules first."),
    spec="A-16",
)
NO_TAG = Fault(
    "printer_tag.none_chosen",
    422,
    N_("No tag is chosen."),
    N_("Choose at least one tag."),
)
CHUNK = 500


@dataclass(frozen=True, slots=True)
class TagView:
    """A tag with how many printers carry it."""

    id: str
    name: str
    printers: int


def list_tags(actor: Actor) -> list[TagView]:
    """The organization's tags by name."""
    actor.need(Permission.FLEET_VIEW)
    with actor.session(read_only=True) as session:
        counted = select(TaggedPrinter.tag_id, func.count()).group_by(TaggedPrinter.tag_id)
        counts = {tag_id: count for tag_id, count in session.execute(counted)}  # noqa: C416 — rows are no pairs to mypy
        tags = session.scalars(select(Tag).order_by(Tag.name_key))
        return [TagView(tag.id, tag.name, counts.get(tag.id, 0)) for tag in tags]


def create_tag(actor: Actor, name: str) -> TagView:
    """A new tag; raises `NO_NAME`, `NAME_TAKEN`."""
    actor.need(Permission.FLEET_MANAGE)
    name = checked_name(name)
    with once_only(name), actor.session() as session:
        tag = Tag(organization_id=actor.organization_id, name=name, name_key=folded(name))
        session.add(tag)
        session.flush()
        record(session, actor, "printer_tag.created", "printer_tag", tag.id, {"name": name})
        return TagView(tag.id, name, 0)


def rename_tag(actor: Actor, tag_id: str, name: str) -> None:
    """Another name; raises `NOT_FOUND`, `NO_NAME`, `NAME_TAKEN`."""
    actor.need(Permission.FLEET_MANAGE)
    name = checked_name(name)
    with once_only(name), actor.session() as session:
        tag = checked_tags(session, [tag_id])[0]
        record(session, actor, "printer_tag.renamed", "printer_tag", tag.id, {"from": tag.name, "to": name})
        tag.name, tag.name_key = name, folded(name)


def delete_tags(actor: Actor, tag_ids: Collection[str]) -> None:
    """Delete all of these tags or none; raises `NOT_FOUND`, `IN_USE`."""
    actor.need(Permission.FLEET_MANAGE)
    with actor.session() as session:
        tags = checked_tags(session, tag_ids)
        if users := users_of_tags(session, tag_ids):
            raise IN_USE(users=", ".join(users))
        for tag in tags:
            record(session, actor, "printer_tag.deleted", "printer_tag", tag.id, {"name": tag.name})
            session.delete(tag)


def change_tags(actor: Actor, printer_ids: Sequence[str], *, give: Collection[str], take: Collection[str]) -> None:
    """Give and take tags of printers (FL-257); raises `NOT_FOUND` where a printer or tag is not the organization's."""
    actor.need(Permission.FLEET_MANAGE)
    with actor.session() as session:
        checked_tags(session, {*give, *take})
        _check_printers(session, printer_ids)
        give_tags(session, actor, printer_ids, give)
        for chunk in _chunks(printer_ids):
            session.execute(
                delete(TaggedPrinter).where(TaggedPrinter.tag_id.in_(take), TaggedPrinter.printer_id.in_(chunk))
            )
        facts = {"given": len(set(give)), "taken": len(set(take)), "printers": len(printer_ids)}
        record(session, actor, "printer_tag.applied", "printer_tag", facts=facts)


def give_tags(session: Session, actor: Actor, printer_ids: Sequence[str], tag_ids: Collection[str]) -> None:
    """Give each tag to each of the printers that lacks it, in the caller's transaction."""
    for tag_id in tag_ids:
        for chunk in _chunks(printer_ids):
            query = select(TaggedPrinter.printer_id)
            having = set(
                session.scalars(query.where(TaggedPrinter.tag_id == tag_id, TaggedPrinter.printer_id.in_(chunk)))
            )
            rows = [
                {"organization_id": actor.organization_id, "tag_id": tag_id, "printer_id": one}
                for one in dict.fromkeys(chunk)
                if one not in having
            ]
            if rows:
                session.execute(insert(TaggedPrinter), rows)


def tags_on(actor: Actor, printer_ids: Sequence[str]) -> dict[str, int]:
    """How many of the printers carry each tag, by its id; for the choice in the menu."""
    actor.need(Permission.FLEET_VIEW)
    counts: dict[str, int] = {}
    with actor.session(read_only=True) as session:
        for chunk in _chunks(printer_ids):
            query = select(TaggedPrinter.tag_id, func.count()).where(TaggedPrinter.printer_id.in_(chunk))
            for tag_id, count in session.execute(query.group_by(TaggedPrinter.tag_id)):
                counts[tag_id] = counts.get(tag_id, 0) + count
    return counts


def checked_tags(session: Session, tag_ids: Collection[str]) -> Sequence[Tag]:
    """The tags of these ids; raises `NOT_FOUND` where one is not the organization's."""
    wanted = set(tag_ids)
    tags = session.scalars(select(Tag).where(Tag.id.in_(wanted))).all()
    if len(tags) != len(wanted):
        raise NOT_FOUND(what="tag")
    return tags


def _check_printers(session: Session, printer_ids: Sequence[str]) -> None:
    for chunk in _chunks(printer_ids):
        found = session.scalar(select(func.count()).select_from(Printer).where(Printer.id.in_(chunk)))
        if found != len(set(chunk)):
            raise NOT_FOUND(what="printer")


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    yield from (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))
