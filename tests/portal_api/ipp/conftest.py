"""One service and one person for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.organizations.actor import Actor
from steps.samples import letter_pdf
from tests.support.print_service import Computer, Service, print_service


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with print_service(tmp_path / "home", print_max_mb="2") as one:
        yield one


@pytest.fixture
def person(service: Service) -> Actor:
    return service.person()


@pytest.fixture
def computer(service: Service, person: Actor) -> Computer:
    return service.printer_of(person)


@pytest.fixture
def letter(tmp_path: Path) -> bytes:
    return letter_pdf(tmp_path).read_bytes()
