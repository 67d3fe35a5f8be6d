"""Schedules that choose printers by tags or a filter group, so that neither is deleted under them (A-16)."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet.printers.references import Reference
from fleet.schedules.models import FleetSchedule


def _by_tags(session: Session, tag_ids: Collection[str]) -> Sequence[str]:
    schedules = session.scalars(select(FleetSchedule))
    return [schedule.name for schedule in schedules if set(schedule.tag_ids) & set(tag_ids)]


def _by_filter_groups(session: Session, group_ids: Collection[str]) -> Sequence[str]:
    query = select(FleetSchedule.name).where(FleetSchedule.filter_group_id.in_(list(group_ids)))
    return session.scalars(query).all()


REFERENCES = (Reference(_by_tags, _by_filter_groups),)
