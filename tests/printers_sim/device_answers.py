"""What simulated printers answer over their device management API."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from printers_sim.knobs import FailingStep
from printers_sim.simulation import Simulation
from tests.printers_sim.conftest import printer_of

BACK_SECONDS = 10


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal, whose reason is a sentence."""
    content = answer.json()
    assert content["reason"].endswith("."), content
    return answer.status_code, content["code"]


def identity(client: httpx.Client) -> dict[str, object]:
    """Who the printer is, asked without credentials, as soon as it answers."""
    deadline = time.monotonic() + BACK_SECONDS
    while True:
        try:
            return dict(httpx.get(f"{client.base_url}identity").raise_for_status().json())
        except httpx.TransportError:
            assert time.monotonic() < deadline
            time.sleep(0.02)


@contextmanager
def failing(simulation: Simulation, profile: str, *steps: FailingStep) -> Iterator[None]:
    """The printer fails at these steps for the time being."""
    knobs = printer_of(simulation, profile).knobs
    knobs.fail_at = set(steps)
    yield
    knobs.fail_at = set()
