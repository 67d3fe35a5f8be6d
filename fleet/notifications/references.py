"""Policies that choose printers by tags, so that no tag is deleted under them (A-16)."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet.notifications.models import NotificationPolicy
from fleet.printers.references import Reference


def _by_tags(session: Session, tag_ids: Collection[str]) -> Sequence[str]:
    policies = session.scalars(select(NotificationPolicy))
    return [policy.name for policy in policies if set(policy.tag_ids) & set(tag_ids)]


def _by_filter_groups(_session: Session, _group_ids: Collection[str]) -> Sequence[str]:
    return []


REFERENCES = (Reference(_by_tags, _by_filter_groups),)
