"""Notification policies go by tags, which are not deleted meanwhile (A-16)."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet.notifications.models import NotificationPolicy
from fleet.printers.references import Reference


def _using_tags(session: Session, tag_ids: Collection[str]) -> Sequence[str]:
    policies = session.execute(select(NotificationPolicy.name, NotificationPolicy.tag_ids))
    return [name for name, its in policies if set(its) & set(tag_ids)]


def _using_filter_groups(_session: Session, _group_ids: Collection[str]) -> Sequence[str]:
    return ()


REFERENCES = (Reference(_using_tags, _using_filter_groups),)
