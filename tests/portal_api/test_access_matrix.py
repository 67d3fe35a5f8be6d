"""Every operation of the API tried by everybody: whoever may not is told so, and nobody sees what is not theirs.

The walk is made of the API's description and of permissions.csv; an operation that is added later is walked too. What
is refused (401, 403, 404) changes nothing: `Side.ask` looks at what the database was told.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from domain.organizations.actor import Actor
from domain.organizations.permissions import IMPLIED, Grant, Permission, Place, allows, rules
from domain.organizations.roles import Role
from tests.support.described_requests import Operation, operations
from tests.support.every_table import everything_of
from tests.support.two_partners import (
    Side,
    World,
    access_token,
    is_for_applications,
    is_for_operators,
    is_for_visitors,
    two_partners,
    visiting,
)

NOWHERE = "0" * 32
NOT_ALLOWED = ("role.missing", "application.needed")
PROGRAM_REFUSED = ("application.person_needed", "token.out_of_scope", "printer_session.ended", *NOT_ALLOWED)
VISITOR = [Grant(Role.ANNOUNCEMENT_AUTHOR.value, Place.PARTNER)]
CLOSED = [operation for operation in operations() if operation.permission is not None]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two partners; `theirs` must be the same at the end as at the beginning."""
    with two_partners(tmp_path_factory.mktemp("world")) as one:
        one.theirs.know_everything()
        before = everything_of(one.theirs.administrator.organization_id)
        yield one
        assert everything_of(one.theirs.administrator.organization_id) == before


@dataclass(frozen=True)
class Refused:
    """Somebody who is refused wherever they are sent, which changes nothing: one for all operations will do."""

    actor: Actor
    token: str


@pytest.fixture(scope="module")
def nobody(world: World) -> Refused:
    """A person without any role."""
    person = world.ours.person()
    return Refused(person, world.ours.token(person))


@pytest.fixture(scope="module")
def homebody(world: World) -> Refused:
    """A person with every role at home who enters no customer."""
    person = world.ours.person(
        [Grant(role.value, Place.HERE) for role in Role if role is not Role.PARTNER_ADMINISTRATOR]
    )
    return Refused(person, world.ours.token(person))


@pytest.fixture(scope="module")
def partner(world: World) -> Refused:
    """Whoever enters the customer of ours with every role, at work with what belongs to others."""
    return Refused(world.ours.administrator, world.ours.token())


@pytest.fixture(scope="module")
def visitor(world: World) -> Refused:
    """A person who enters the customer with a role that hardly anything takes."""
    person = world.ours.person(VISITOR)
    return Refused(person, world.ours.token(person))


def each(found: Sequence[Operation]) -> Any:
    return pytest.mark.parametrize("operation", found, ids=lambda operation: operation.name)


def objects(side: Side, operation: Operation) -> dict[str, str]:
    """Objects for the operation's address; fails where the world has none of a kind."""
    ids = side.ids(operation)
    assert ids is not None, f"nothing to fill {operation.path} with: let tests/support/two_partners.py make one"
    return ids


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["Content-Type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


def answered(world: World, operation: Operation, token: str, **more: Any) -> httpx.Response:
    """What somebody is told who has the permission: an answer that the description names."""
    answer = world.ours.ask(token, operation, objects(world.ours, operation), **more)
    assert answer.status_code in operation.statuses - {401, 500}, answer.text
    return answer


@each(operations())
def test_nobody_gets_in_without_signing_in(world: World, operation: Operation) -> None:
    answer = world.ours.ask("", operation, objects(world.ours, operation), headers={"Authorization": ""})
    if operation.permission is not None:
        assert problem(answer) == (401, "sign_in.needed")
        assert world.ours.marker not in answer.text


@each(CLOSED)
def test_a_made_up_token_opens_nothing(world: World, operation: Operation) -> None:
    for token in ("x" * 43, "prt_" + "x" * 43, "pra_" + "x" * 43):
        assert problem(world.ours.ask(token, operation, objects(world.ours, operation))) == (401, "sign_in.needed")


@each(CLOSED)
def test_without_the_role_one_is_told_which_is_missing(world: World, nobody: Refused, operation: Operation) -> None:
    assert operation.permission is not None
    if allows(nobody.actor, operation.permission):
        pytest.skip("everybody may")
    answer = world.ours.ask(nobody.token, operation, objects(world.ours, operation))
    assert problem(answer)[0] == 403
    assert answer.json()["code"] in NOT_ALLOWED
    assert world.ours.marker not in answer.text


@each([operation for operation in operations() if operation.path_names])
def test_the_administrator_of_a_foreign_organization_finds_nothing(world: World, operation: Operation) -> None:
    ours, theirs = objects(world.ours, operation), objects(world.theirs, operation)
    if ours == theirs:
        pytest.skip("the address names nothing of an organization")
    token, told = world.ours.token(), set[tuple[int, str]]()
    for whole in (False, True):
        unknown = world.ours.ask(token, operation, dict.fromkeys(ours, NOWHERE), whole=whole)
        for name in theirs:  # all foreign, and one foreign part in an address that is otherwise one's own
            for ids in (theirs, {**ours, name: theirs[name]}):
                answer = world.ours.ask(token, operation, ids, whole=whole)
                assert problem(answer) == problem(unknown), (name, answer.text)
                assert world.theirs.marker not in answer.text
                told.add(problem(answer))
    is_closed = operation.permission is not None and is_for_applications(rules()[operation.permission].alternatives[0])
    assert ((403, "application.needed") if is_closed else (404, "not_found")) in told


@each(CLOSED)
def test_a_partner_enters_a_customer_with_the_roles_of_the_access_group_only(
    world: World, visitor: Refused, operation: Operation
) -> None:
    assert operation.permission is not None
    side = world.ours
    allowed = allows(visitor.actor, operation.permission)
    token = side.token(side.person(VISITOR)) if allowed else visitor.token  # what is allowed may be done to oneself
    ids = objects(side, operation)
    answer = side.ask(token, operation, ids, headers=visiting(side.customer_id))
    if not allowed:
        assert problem(answer)[0] == 403
        assert answer.json()["code"] in NOT_ALLOWED
    elif ids == world.theirs.ids(operation):
        assert answer.status_code in operation.statuses - {401, 500}
    else:  # what belongs to the partner is not there while one works for the customer
        nowhere = dict.fromkeys(ids, NOWHERE)
        unknown = side.ask(side.token(side.person(VISITOR)), operation, nowhere, headers=visiting(side.customer_id))
        assert problem(answer) == problem(unknown)


@each(CLOSED)
def test_a_partner_without_membership_does_not_enter(world: World, homebody: Refused, operation: Operation) -> None:
    ids = objects(world.ours, operation)
    for organization_id in (world.ours.customer_id, world.theirs.customer_id, NOWHERE):
        answer = world.ours.ask(homebody.token, operation, ids, headers=visiting(organization_id))
        assert problem(answer) == (404, "not_found")


@each(CLOSED)
def test_a_partner_enters_nobody_elses_customer(world: World, partner: Refused, operation: Operation) -> None:
    ids = objects(world.ours, operation)
    foreign = (world.theirs.customer_id, world.theirs.administrator.organization_id)
    for organization_id in foreign:
        answer = world.ours.ask(partner.token, operation, ids, headers=visiting(organization_id))
        assert problem(answer) == (404, "not_found")


@each(CLOSED)
def test_a_token_without_the_scope_is_refused(world: World, operation: Operation) -> None:
    assert operation.permission is not None
    covering = {operation.permission.value, *IMPLIED.get(operation.permission, ())}
    others = [permission.value for permission in Permission if permission.value not in covering]
    answer = world.ours.ask(world.ours.api_token(*others), operation, objects(world.ours, operation))
    assert problem(answer)[0] == 403
    is_closed = is_for_operators(rules()[operation.permission].alternatives[0])
    expected = ("role.missing",) if is_closed else ("token.out_of_scope", "application.needed")
    assert answer.json()["code"] in expected


@each(CLOSED)
def test_a_token_with_the_scope_is_accepted(world: World, operation: Operation) -> None:
    assert operation.permission is not None
    if is_for_applications(rules()[operation.permission].alternatives[0]):
        pytest.skip("for client applications only")
    token = world.ours.api_token(operation.permission.value)
    for whole in (False, True):
        answer = answered(world, operation, token, whole=whole)
        assert answer.status_code != 403 or f"“{operation.permission.value}”" not in answer.json()["detail"]


READING = [operation for operation in operations() if operation.method == "GET" and operation.permission is not None]


@each(READING)
def test_nothing_foreign_is_read(world: World, operation: Operation) -> None:
    """Lists, searches, exports and streams: with and without what could be asked for."""
    ours, them = world.ours, world.theirs
    ids, token = objects(ours, operation), ours.token()
    for values in ({}, {"search": them.marker}, {"person": them.administrator.email}):
        for whole in (False, True):
            answer = ours.ask(token, operation, ids, whole=whole, values=values)
            assert answer.status_code in operation.statuses, answer.text
            assert them.marker not in without_echo(answer.text, values), answer.text


def without_echo(text: str, values: dict[str, str]) -> str:
    """An answer without what the request itself said."""
    for value in values.values():
        text = text.replace(value, "") if value else text
    return text


@each([operation for operation in CLOSED if operation.method != "GET"])
def test_a_foreign_id_in_a_body_reaches_nothing(world: World, operation: Operation) -> None:
    """That theirs is as it was is checked at the end of the walk."""
    them = world.theirs
    person, email = them.administrator.user_id, them.administrator.email
    chosen = {"user_id": person, "user_ids": [person], "email": email, "organization_id": them.customer_id}
    chosen |= {"person_id": person, "ids": [person], "group_ids": [person], "users": [person], "person": person}
    answer = world.ours.ask(world.ours.token(), operation, objects(world.ours, operation), whole=True, values=chosen)
    assert answer.status_code in operation.statuses - {401, 500}, answer.text
    assert them.marker not in without_echo(answer.text, {"email": email, "person": person}), answer.text


def ways() -> Iterator[Any]:
    for operation in CLOSED:
        assert operation.permission is not None
        for number, grants in enumerate(rules()[operation.permission].alternatives):
            yield pytest.param(operation, grants, id=f"{operation.name}-{number}")


@pytest.mark.parametrize(("operation", "grants"), ways())
def test_with_the_role_one_is_answered(world: World, operation: Operation, grants: Sequence[Grant]) -> None:
    """The counterpart of all others; it comes last because some operations delete what they are asked about."""
    if is_for_applications(grants):
        pytest.skip("for client applications only")
    person = world.ours.person(grants)
    headers = visiting(world.ours.customer_id) if is_for_visitors(grants) else {}
    answer = answered(world, operation, world.ours.token(person), headers=headers)
    if answer.status_code == 403:
        assert operation.permission is not None
        assert not any(f"“{role}”" in answer.json()["detail"] for role in granting(operation.permission)), answer.text


def granting(permission: Permission) -> set[str]:
    return {grant.role for way in rules()[permission].alternatives for grant in way}


@pytest.mark.parametrize(
    ("permission", "grants"),
    [(one, way) for one in Permission for way in rules()[one].alternatives if len(way) > 1],
    ids=lambda value: value.value if isinstance(value, Permission) else "",
)
def test_of_several_roles_that_are_needed_none_is_enough(
    world: World, permission: Permission, grants: Sequence[Grant]
) -> None:
    """AC-48…AC-57, for the permissions that operations and pages ask for."""
    for missing in grants:
        partly = world.ours.person([grant for grant in grants if grant is not missing])
        for operation in CLOSED:
            if operation.permission is permission and not allows(partly, permission):
                answer = world.ours.ask(world.ours.token(partly), operation, objects(world.ours, operation))
                assert problem(answer) == (403, "role.missing")


@pytest.fixture(scope="module")
def program(world: World) -> str:
    return access_token(world.ours)


@each([operation for operation in CLOSED if operation.method == "GET"])
def test_an_application_reads_what_it_may_or_is_told_why_not(world: World, program: str, operation: Operation) -> None:
    """It has no person; no operation may stumble over that."""
    answer = world.ours.ask(program, operation, objects(world.ours, operation))
    assert answer.status_code in operation.statuses - {401, 500}, answer.text
    if answer.status_code == 403:
        assert answer.json()["code"] in PROGRAM_REFUSED
