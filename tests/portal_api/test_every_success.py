"""Every operation of the API succeeds for somebody who may, so that the refusals of the other walks mean something."""

from collections.abc import Iterator

import pytest

from domain.organizations.permissions import rules
from tests.support.described_requests import Operation, operations
from tests.support.sound_values import OTHERWISE, of_its_own
from tests.support.two_partners import World, access_token, is_for_applications, two_partners

LAST = ("delete", "remove", "end", "discard", "forget", "take")
"""How the names of operations begin that take away what others are asked about."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with two_partners(tmp_path_factory.mktemp("world")) as one:
        one.ours.know_everything()
        yield one


@pytest.fixture(scope="module")
def program(world: World) -> str:
    return access_token(world.ours)


def last(operation: Operation) -> tuple[bool, int]:
    """What takes nothing away comes first, then the parts of things, then the things."""
    takes_away = operation.name.startswith(LAST)
    return takes_away, -len(operation.path) * takes_away


@pytest.mark.parametrize(
    "operation",
    sorted((each for each in operations() if each.permission is not None), key=last),
    ids=lambda operation: operation.name,
)
def test_whoever_may_do_everything_succeeds(world: World, program: str, operation: Operation) -> None:
    side, told = world.ours, dict[str, str]()
    side.settle()
    found, own = side.ids(operation), of_its_own(operation.name, side)
    assert found is not None, f"nothing to fill {operation.path} with: let tests/support/two_partners.py make one"
    ids = {name: str(own.get(name, object_id)) for name, object_id in found.items()}
    assert operation.permission is not None
    if is_for_applications(rules()[operation.permission].alternatives[0]):
        tokens = [program]
    else:
        tokens = [side.token(), side.token(side.another_administrator())]
    for token in tokens:
        for whole in (False, True):
            answer = side.ask(token, operation, ids, whole=whole, values=own)
            if answer.is_success or answer.is_redirect:
                assert operation.name not in OTHERWISE, "it can succeed: take it out of OTHERWISE"
                return
            told[answer.json()["code"]] = answer.text
    assert OTHERWISE.get(operation.name) in told, f"see tests/support/sound_values.py; it was answered {told}"
