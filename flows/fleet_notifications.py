"""Flows of notifications: mail for what policies hold for, the daily look at silence, forecasts, the history's end."""

from prefect import flow, task

from domain.tenancy import system_session, tenant_session
from fleet.notifications.crossings import note_silence
from fleet.notifications.history import forget_notifications
from fleet.notifications.mails import send_notifications
from fleet.printers.forecast import forecast_all


@flow(name="send-fleet-notifications", persist_result=False)
def send_fleet_notifications(organization_id: str) -> int:
    """Send one mail for each policy with something to tell; returns how many."""
    with tenant_session(organization_id) as session:
        return send_notifications(session, organization_id)


@flow(name="watch-fleets", persist_result=False)
def watch_fleets() -> dict[str, int]:
    """The daily look over all fleets: who is silent, how long supplies last (F-36, F-37)."""
    find_silent()
    return {"forecasts": forecast_supplies(), "forgotten": forget_old_notifications()}


@task(name="find-silent", persist_result=False)
def find_silent() -> None:
    """Printers and agents without data or contact for as many days as a policy says."""
    with system_session() as session:
        note_silence(session)


@task(name="forecast-supplies", persist_result=False)
def forecast_supplies() -> int:
    """Days left of each toner and drum; returns for how many printers that could be said."""
    with system_session() as session:
        return forecast_all(session)


@task(name="forget-old-notifications", persist_result=False)
def forget_old_notifications() -> int:
    """Notifications older than 30 days; returns how many."""
    with system_session() as session:
        return forget_notifications(session)
