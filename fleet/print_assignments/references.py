"""Print assignments find their printers by tags: none is deleted while one uses it (A-16)."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet.print_assignments.models import AssignmentTag, PrintAssignment
from fleet.printers.references import Reference


def assignments_by_tags(session: Session, tag_ids: Collection[str]) -> Sequence[str]:
    """The names of assignments with any of these tags."""
    query = select(PrintAssignment.name).join(AssignmentTag, AssignmentTag.assignment_id == PrintAssignment.id)
    return session.scalars(query.where(AssignmentTag.tag_id.in_(tag_ids)).distinct()).all()


def _by_filter_groups(_session: Session, _group_ids: Collection[str]) -> Sequence[str]:
    return ()


REFERENCES = (Reference(assignments_by_tags, _by_filter_groups),)
