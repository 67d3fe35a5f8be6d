"""The flows of print quotas and settings: the hourly look at where everybody stands (F-27), and F-30."""

from prefect import flow, get_run_logger, task

from domain.print_quotas.status import keep_status, organizations_with_quotas
from domain.print_settings.effects import apply_effect, give_up, pending_effects

RETRIES = [2.0, 4.0, 8.0, 16.0, 32.0]
"""Seconds before each further try (class T of PR-346)."""


@flow(name="keep-print-quotas", persist_result=False)
def keep_print_quotas() -> int:
    """Keep where everybody stands in the present month, for each organization with print quotas."""
    changed = {one: keep_status(one) for one in organizations_with_quotas()}
    get_run_logger().info("%s people in %s organizations have changed", sum(changed.values()), len(changed))
    return sum(changed.values())


@flow(name="apply-print-settings", persist_result=False)
def apply_print_settings(organization_id: str) -> dict[str, bool]:
    """Do what a change of the settings brings about; by name, whether it could be done."""
    done = {}
    for name in pending_effects(organization_id):
        try:
            bring_about(organization_id, name)
            done[name] = True
        except Exception as error:  # noqa: BLE001 — whatever it is, the settings page shows that it failed
            get_run_logger().exception("%s could not be done", name)
            give_up(organization_id, name, error)
            done[name] = False
    return done


@task(
    name="bring-about", retries=len(RETRIES), retry_delay_seconds=RETRIES, retry_jitter_factor=0.5, persist_result=False
)
def bring_about(organization_id: str, name: str) -> None:
    """One effect; it can be done again without harm."""
    apply_effect(organization_id, name)
