"""The end of scans: those that nobody touches expire, and nothing is left of ended ones."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from itertools import groupby

from sqlalchemy import delete, select, update

from connectors.documents import open_store
from connectors.settings import get_settings
from domain.organizations.models import Organization, now
from domain.scanning.content import FOLDER, delete_scans
from domain.scanning.jobs import not_ended
from domain.scanning.models import ScanJob
from domain.scanning.states import ENDED, ScanState
from domain.scanning.ways import forget_devices
from domain.tenancy import system_session, tenant_session

BATCH = 200
YOUNG = timedelta(hours=1)
"""Content younger than this may belong to a scan whose record is just being written."""
HISTORY = timedelta(days=30)
"""How long the records of ended scans stay."""


def expire_due_scans() -> int:
    """End a batch of scans whose time has passed and delete their pages; returns how many."""
    with system_session() as session:
        due = select(ScanJob.id).where(ScanJob.state.in_(not_ended()), ScanJob.expires_at <= now()).limit(BATCH)
        ids = session.scalars(due.with_for_update(skip_locked=True)).all()
        ended = update(ScanJob).where(ScanJob.id.in_(ids), ScanJob.state.in_(not_ended()))
        ended = ended.values(state=ScanState.EXPIRED, changed=now(), due=None, documents=[])
        gone = session.execute(ended.returning(ScanJob.organization_id, ScanJob.id)).tuples().all()
    _remove(gone)
    return len(gone)


def remove_left_content() -> int:
    """Delete a batch of contents of ended scans that a crash has left; returns how many."""
    with system_session(read_only=True) as session:
        old = now() - timedelta(minutes=5)
        left = select(ScanJob.organization_id, ScanJob.id).where(
            ScanJob.content_deleted.is_(None), ScanJob.state.in_(ENDED), ScanJob.changed < old
        )
        found = session.execute(left.limit(BATCH)).tuples().all()
    _remove(found)
    return len(found)


def delete_orphans(organization_id: str) -> int:
    """Delete content whose scan is gone, such as that of people who were deleted; returns of how many scans."""
    limit = now() - YOUNG
    stored = (
        (one.key.split("/")[2], one.modified) for one in open_store(get_settings()).list(_prefix(organization_id))
    )
    newest = {scan_id: max(when for _, when in group) for scan_id, group in groupby(stored, key=lambda one: one[0])}
    old = [scan_id for scan_id, modified in newest.items() if modified < limit]
    count = 0
    for start in range(0, len(old), BATCH):
        batch = old[start : start + BATCH]
        with tenant_session(organization_id, read_only=True) as session:
            living = set(session.scalars(select(ScanJob.id).where(ScanJob.id.in_(batch), ScanJob.state.not_in(ENDED))))
        orphans = sorted(set(batch) - living)
        delete_scans(organization_id, orphans)
        count += len(orphans)
    return count


def forget_ended() -> None:
    """Forget ended scans after a month, and printers that ask for orders no more."""
    with system_session() as session:
        old = ScanJob.changed < now() - HISTORY
        session.execute(delete(ScanJob).where(ScanJob.state.in_(ENDED), ScanJob.content_deleted.is_not(None), old))
    forget_devices()


def organizations() -> list[str]:
    """The ids of all organizations."""
    with system_session(read_only=True) as session:
        return list(session.scalars(select(Organization.id)))


def _prefix(organization_id: str) -> str:
    return f"{organization_id}/{FOLDER}"


def _remove(found: Iterable[tuple[str, str]]) -> None:
    """Delete what is kept of ended scans and note it; what a crash leaves is found by the sweep."""
    by_organization: dict[str, list[str]] = defaultdict(list)
    for organization_id, scan_id in found:
        by_organization[organization_id].append(scan_id)
    for organization_id, scan_ids in by_organization.items():
        delete_scans(organization_id, scan_ids)
        with tenant_session(organization_id) as session:
            done = update(ScanJob).where(ScanJob.id.in_(scan_ids), ScanJob.content_deleted.is_(None))
            session.execute(done.values(content_deleted=now(), changed=ScanJob.changed))
