"""What people have printed: one line a release, as far back as the organization wants it (PR-174, PR-179…PR-181)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from domain.organizations.actor import Actor
from domain.organizations.models import User, now, shown_name
from domain.printing.models import PrintJob, PrintRelease
from domain.printing.queue import queue_owner
from domain.printing.queue_pages import LARGEST_PAGE
from domain.printing.settings import print_settings
from domain.printing.states import JobSource

ONE_SIDED = "one-sided"


@dataclass(frozen=True, slots=True)
class ReleaseView:
    """One release of a job. `released_by` is the delegate's name, empty where the owner did it.

    `job_name` and `source` are empty once the job's own record is gone.
    """

    id: str
    job_id: str
    job_name: str
    source: JobSource | None
    impressions: int
    pages: int
    copies: int
    is_color: bool
    is_duplex: bool
    printer_name: str
    printer_address: str
    released: datetime
    released_by: str


def list_releases(
    actor: Actor, user_id: str = "", after: tuple[datetime, str] | None = None, limit: int = 50
) -> list[ReleaseView]:
    """What the actor (or `user_id`) has printed within the history period, the latest first."""
    with actor.session(read_only=True) as session:
        owner_id = queue_owner(session, actor, user_id)
        since = now() - print_settings(session, actor.organization_id).jobs.history_period.length
        query = (
            select(PrintRelease, PrintJob.name, PrintJob.source, User)
            .outerjoin(PrintJob, PrintJob.id == PrintRelease.job_id)
            .outerjoin(User, User.id == PrintRelease.released_by)
            .where(PrintRelease.user_id == owner_id, PrintRelease.released >= since)
        )
        if after is not None:
            earlier = (PrintRelease.released == after[0]) & (PrintRelease.attempt_id < after[1])
            query = query.where((PrintRelease.released < after[0]) | earlier)
        query = query.order_by(PrintRelease.released.desc(), PrintRelease.attempt_id.desc())
        rows = session.execute(query.limit(min(limit, LARGEST_PAGE))).all()
        return [_view(release, name, source, user) for release, name, source, user in rows]


def _view(release: PrintRelease, name: str | None, source: str | None, released_by: User | None) -> ReleaseView:
    by_delegate = released_by is not None and released_by.id != release.user_id
    return ReleaseView(
        id=release.attempt_id,
        job_id=release.job_id,
        job_name=name or "",
        source=JobSource(source) if source else None,
        impressions=release.impressions,
        pages=release.pages,
        copies=release.copies,
        is_color=release.color_impressions > 0,
        is_duplex=release.sides != ONE_SIDED,
        printer_name=release.printer_name,
        printer_address=release.printer_address,
        released=release.released,
        released_by=shown_name(released_by) if by_delegate and released_by else "",
    )
