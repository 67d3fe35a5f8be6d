"""Somebody at a printer."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connectors.errors import PressroomError
from domain.organizations.roles import Role
from steps.samples import scan_pdf
from tests.domain.panel_solutions.office import SERVICES, Office
from tests.support.installation import installed


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    with installed(folder / "home") as installation:
        ann = installation.add_person("ann@one.example", Role.SOLUTIONS_USER, Role.PRINT_RELEASE_USER, *SERVICES)
        bob = installation.add_person("bob@one.example", Role.SOLUTIONS_USER)
        (folder / "scan").mkdir()
        yield Office(installation, ann, bob, scan_pdf(folder / "scan", 1).read_bytes())


@pytest.fixture
def refused() -> Callable[..., str]:
    """The code of the fault that a call raises."""

    def code(call: Callable[..., Any], *arguments: Any) -> str:
        with pytest.raises(PressroomError) as error:
            call(*arguments)
        assert error.value.message.endswith(".")
        assert error.value.remedy
        return error.value.code

    return code
