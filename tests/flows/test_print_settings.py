"""What follows from a change of the settings for printing, on a running installation: engine, dispatcher, worker."""

import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.installation import running_installation
from domain.organizations.actor import Actor
from domain.print_quotas.status import StatusFilter, list_status, months_known
from domain.print_settings.models import EffectState
from domain.print_settings.service import change_print_settings, get_print_settings

SECONDS = 90.0


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def states(actor: Actor) -> list[EffectState]:
    return [one.state for one in get_print_settings(actor).effects]


def test_switching_quotas_on_keeps_where_everybody_stands(tmp_path: Path) -> None:
    """F-30, F-27."""
    with running_installation(tmp_path / "home", worker_processes="1") as running:
        actor = running.administrator
        assert change_print_settings(actor, {"quotas": {"enabled": True}}).effects[0].state is EffectState.PENDING
        wait_until(lambda: states(actor) == [EffectState.APPLIED])
        (month,) = months_known(actor)
        assert [one.email for one in list_status(actor, StatusFilter(month=month))] == [actor.email]
