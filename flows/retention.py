"""The flows that keep the promise of the retention time."""

from datetime import timedelta

from prefect import flow, get_run_logger

from connectors.settings import get_settings
from domain.audit.retention import expire_events
from domain.camera_scans.keeping import forget_old_scans
from domain.feedback.service import forget_old_feedback
from domain.organizations.models import now
from domain.panel_solutions.keeping import expire_drafts
from domain.people.imports import forget_ended_imports
from domain.runs import documents
from domain.sign_in.links import forget_old_links
from domain.sign_in.locks import forget_old_guesses
from domain.tasks.service import forget_old_tasks
from domain.tenancy import system_session
from fleet.resources.service import remove_single_files


@flow(name="expire-documents", persist_result=False)
def expire_documents() -> int:
    """Delete the documents of runs that ended longer ago than the retention time; returns how many runs.

    Scans at printers that nobody has sent go a day after they were made.
    """
    while drafts := expire_drafts():
        get_run_logger().info("deleted %s scans that were kept at printers", drafts)
    total = 0
    while count := documents.expire_documents():
        total += count
    get_run_logger().info("deleted the documents of %s runs", total)
    return total


@flow(name="expire-audit-events", persist_result=False)
def expire_audit_events() -> int:
    """Delete events of the audit trail that are older than its retention time; returns how many."""
    count = expire_events()
    get_run_logger().info("deleted %s events of the audit trail", count)
    return count


@flow(name="forget-tasks", persist_result=False)
def forget_tasks() -> int:
    """Delete background tasks that ended longer ago than the retention time, with their logs; returns how many.

    Files of imports that broke off go at once, files that were deployed once when no job can need them any more.
    """
    remove_single_files(now() - timedelta(days=get_settings().fleet_pending_days + 2))
    with system_session() as session:
        forget_ended_imports(session)
    total = 0
    while count := forget_old_tasks():
        total += count
    get_run_logger().info("forgot %s background tasks", total)
    return total


@flow(name="forget-sign-ins", persist_result=False)
def forget_sign_ins() -> int:
    """Delete links to set a password that work no more, and failures that no longer count; returns how many."""
    links, guesses = forget_old_links(), forget_old_guesses()
    get_run_logger().info("deleted %s links and %s counts of failures", links, guesses)
    return links + guesses


@flow(name="forget-camera-scans", persist_result=False)
def forget_camera_scans() -> int:
    """Delete scans with the camera that nobody has touched for a day, and those of deleted people; returns how many."""
    total = 0
    while count := forget_old_scans():
        total += count
    get_run_logger().info("forgot %s scans with the camera", total)
    return total


@flow(name="forget-feedback", persist_result=False)
def forget_feedback() -> int:
    """Delete feedback that was sent long ago; returns how much (FL-333)."""
    count = forget_old_feedback()
    get_run_logger().info("deleted %s entries of feedback", count)
    return count
