"""The regular look at alerts for which diagnostic events are made, in fleets that have them (F-38)."""

from prefect import flow

from domain.tenancy import system_session
from fleet.diagnostics.service import keep_diagnostics


@flow(name="keep-diagnostics", persist_result=False)
def keep_fleet_diagnostics() -> dict[str, int]:
    """Expire diagnostic events and make new ones; returns how many of each."""
    with system_session() as session:
        kept = keep_diagnostics(session)
    return {"expired": kept.expired, "made": kept.made}
