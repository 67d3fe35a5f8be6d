"""The API's description is tried with made-up requests, valid and not: no error of ours, nothing that it does not say.

Schemathesis makes the requests from the description alone, so that an operation that is added later is tried too. They
are sent for an administrator of one organization; nothing of the other one may be told or changed by any of them.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, openapi
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.described_requests import Operation, description, operations
from tests.support.every_table import everything_of
from tests.support.two_partners import ADDRESS, API, World, two_partners

EXAMPLES = 6
"""Requests to each operation of each kind. More of them find more: set it higher for a long search."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
Part = tuple[str | None, Any]
SCHEMA = openapi.from_dict({**description(), "servers": [{"url": API}]})
CASES = {found.ok().definition.raw["operationId"]: found.ok() for found in SCHEMA.get_all_operations()}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two partners; whatever is asked by ours, theirs stay as they were."""
    with two_partners(tmp_path_factory.mktemp("world")) as one:
        one.theirs.know_everything()
        before = everything_of(one.theirs.administrator.organization_id)
        yield one
        assert everything_of(one.theirs.administrator.organization_id) == before


def requests(operation: Operation, mode: GenerationMode, *known: dict[str, str] | None) -> st.SearchStrategy[Case]:
    """Made-up requests; some of them about the known objects, ours and theirs."""
    made = CASES[operation.name].as_strategy
    kinds = [made(mode)]
    if operation.path_names:
        kinds += [made(mode, path_parameters=ids) for ids in known if ids]
    return st.one_of(kinds)


def files(made_up: Iterable[tuple[str, Part]]) -> Iterator[tuple[str, Part]]:
    """The parts of a form; a file is made up of a number at times, which travels as its digits."""
    for field, (name, content) in made_up:
        yield field, (name, content if isinstance(content, bytes | str) else str(content))


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["valid", "invalid"])
@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.name)
def test_the_description_holds(world: World, operation: Operation, mode: GenerationMode) -> None:
    ours, theirs = world.ours, world.theirs
    token = ours.token(ours.another_administrator())

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(requests(operation, mode, ours.ids(operation), theirs.ids(operation)))
    def ask(case: Case) -> None:
        if operation.is_stream:
            ours.settle()
        asked: dict[str, Any] = case.as_transport_kwargs(ADDRESS + API, {"Authorization": f"Bearer {token}"})
        parts = list(files(asked.pop("files", None) or ()))
        request = world.client.build_request(files=parts, **asked)
        request.read()  # the checks look at what was sent, a file too
        answer = world.client.send(request)
        case.validate_response(answer, checks=CHECKS)
        assert theirs.marker not in answer.text

    ask()
