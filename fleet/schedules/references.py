"""Schedules go by tags and filter groups, which are not deleted meanwhile (A-16)."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet.printers.references import Reference
from fleet.schedules.models import FleetSchedule


def _using_tags(session: Session, tag_ids: Collection[str]) -> Sequence[str]:
    schedules = session.execute(select(FleetSchedule.name, FleetSchedule.tag_ids))
    return [name for name, its in schedules if set(its) & set(tag_ids)]


def _using_filter_groups(session: Session, group_ids: Collection[str]) -> Sequence[str]:
    query = select(FleetSchedule.name).where(FleetSchedule.filter_group_id.in_(group_ids))
    return session.scalars(query).all()


REFERENCES = (Reference(_using_tags, _using_filter_groups),)
