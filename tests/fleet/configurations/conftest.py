"""A simulated office to configure."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fleet.simulated_office import SimulatedOffice, simulated_office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[SimulatedOffice]:
    with simulated_office(tmp_path) as one:
        yield one
