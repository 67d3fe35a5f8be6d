"""Deleting people: what is personal goes, what was counted stays under a pseudonym (AC-83, AC-84, check 11)."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from connectors.documents.document import Document
from connectors.messages import Message
from domain.organizations.actor import Actor, actor_of_user
from domain.organizations.models import MembershipPeriod, User, UserStatus
from domain.organizations.roles import Role
from domain.people.deletion import delete_people, pseudonym, references
from domain.people.fields import PersonFields
from domain.people.groups import add_to_group, create_group, get_group
from domain.people.listing import list_people
from domain.people.service import NewPerson, create_person, get_person
from domain.printing.service import hold_document
from domain.runs.models import ClientType, Run
from domain.runs.service import HandIn, list_runs, start_run
from domain.sign_in.credentials import actor_of_token
from domain.sign_in.links import send_link_to
from domain.sign_in.service import sign_in
from domain.solutions.service import create_solution, list_solutions
from domain.storage_accounts.models import LinkedAccount
from domain.tables import all_tables
from domain.tasks.service import start_task
from domain.tenancy import system_session
from tests.domain.test_people import GOOD_PASSWORD, code_of
from tests.domain.test_rules import DOWNLOAD, solution

SECRETS = ("Zacharias", "Quentin", "zaquentin", "zacharias.quentin@example.com", "Zacharius", "badge-office")
"""Long enough that none of them is met by chance in what is random or encrypted."""

FOR_ALL = {"share_with_organization": True}


@pytest.fixture
def person(administrator: Actor) -> Actor:
    facts = PersonFields(SECRETS[3], "Zacharias", "Quentin", "Zacharius", "zaquentin", "Sales", "CC9")
    roles = [Role.SOLUTIONS_ADMINISTRATOR, Role.OCR_USER, Role.PRINT_RELEASE_USER]
    details = create_person(administrator, NewPerson(facts, GOOD_PASSWORD, roles))
    with administrator.session() as session:
        session.get_one(User, details.view.id).custom_attributes = {"place": "badge-office"}
    return actor_of_user(details.view.id)


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "letter.txt"
    path.write_text("Dear reader")
    return path


def test_everything_personal_is_gone_from_every_table_and_the_counts_stay(
    administrator: Actor, person: Actor, letter: Path
) -> None:
    group = create_group(administrator, "Crew").id
    add_to_group(administrator, group, [person.user_id])
    shared = create_solution(person, solution(DOWNLOAD, name="Shared").model_copy(update=FOR_ALL))
    create_solution(person, solution(DOWNLOAD, name="Private"))
    run = start_run(person, shared.id, HandIn(letter, "letter.txt", ClientType.API))
    with person.session() as session:
        start_task(session, person, "test", "test/test", Message.of("Test"), {})
        session.add(LinkedAccount(user_id=person.user_id, family="box", account=person.email, options={}, secrets=""))
    hold_document(person, run.original, "k")
    token = sign_in(person.email, GOOD_PASSWORD).session.token
    send_link_to(administrator, person.user_id)

    delete_people(administrator, [person.user_id])

    with system_session(read_only=True) as session:
        for table in all_tables().sorted_tables:
            held = str(session.execute(select(table)).mappings().all()).casefold()
            assert not [secret for secret in SECRETS if secret.casefold() in held], table.name
        row = session.get_one(User, person.user_id)
        assert (row.status, row.password_hash, row.roles) == (UserStatus.DELETED, "", [])
        assert row.ended is not None
        ended = session.scalars(select(MembershipPeriod)).all()
        assert {(one.name, one.end is None) for one in ended} == {("Sales", False), ("CC9", False)}
    assert code_of(lambda: actor_of_token(token)) == "sign_in.needed"
    assert code_of(lambda: sign_in(SECRETS[3], GOOD_PASSWORD)) == "sign_in.failed"
    assert [one.user_id for one in list_runs(administrator)] == [person.user_id], "the run is counted as before"
    assert [one.definition.name for one in list_solutions(administrator)] == ["Shared"]
    assert get_group(administrator, group).members == 0
    assert str(pseudonym(person.user_id)) == f"Deleted person {person.user_id[:8]}"


def test_a_deleted_person_is_not_there_any_more_and_the_address_is_free(administrator: Actor, person: Actor) -> None:
    delete_people(administrator, [person.user_id])
    assert code_of(lambda: get_person(administrator, person.user_id)) == "not_found"
    assert code_of(lambda: delete_people(administrator, [person.user_id])) == "not_found"
    assert person.user_id not in [view.id for view in list_people(administrator)]
    again = create_person(administrator, NewPerson(PersonFields(SECRETS[3])))
    assert again.view.id != person.user_id


def test_what_goes_takes_along_what_hangs_on_it(administrator: Actor, person: Actor) -> None:
    """Tables are emptied in the order in which the database would cascade."""
    order = [column.table.name for column, _ in references()]
    positions = {table.name: place for place, table in enumerate(all_tables().sorted_tables)}
    assert order == sorted(order, key=lambda name: -positions[name])


def test_a_partners_person_leaves_nothing_at_a_customers(administrator: Actor, stranger: Actor, person: Actor) -> None:
    with system_session() as session:
        row = {"id": "x", "user_id": person.user_id, "family": "box", "account": "a", "options": {}, "secrets": ""}
        session.execute(insert(LinkedAccount).values(**row, organization_id=stranger.organization_id))
    delete_people(administrator, [person.user_id])
    with system_session(read_only=True) as session:
        assert session.scalars(select(LinkedAccount)).all() == []


def test_many_are_deleted_or_nobody(administrator: Actor, person: Actor, colleague: Actor, stranger: Actor) -> None:
    ids = [person.user_id, colleague.user_id]
    assert code_of(lambda: delete_people(administrator, [*ids, stranger.user_id])) == "not_found"
    assert code_of(lambda: delete_people(administrator, [*ids, administrator.user_id])) == "person.yourself"
    assert get_person(administrator, person.user_id).view.email == person.email
    delete_people(administrator, ids)
    assert {view.id for view in list_people(administrator)} == {administrator.user_id}


def test_the_last_administrator_is_not_deleted_by_a_partner_either(administrator: Actor, stranger: Actor) -> None:
    with system_session() as session:
        session.get_one(User, administrator.user_id).is_operator = False
    visiting = replace(stranger, organization_id=administrator.organization_id)
    refused = code_of(lambda: delete_people(visiting, [administrator.user_id]))
    assert refused == "organization.last_administrator"
    assert get_person(administrator, administrator.user_id).view.status is UserStatus.ACTIVE


def test_foreign_keys_hold_after_a_deletion(administrator: Actor, person: Actor, letter: Path) -> None:
    shared = create_solution(person, solution(DOWNLOAD))
    start_run(person, shared.id, HandIn(letter, "letter.txt", ClientType.API))
    delete_people(administrator, [person.user_id])
    with system_session(read_only=True) as session:
        assert session.execute(text("PRAGMA foreign_key_check")).all() == []
        assert session.scalars(select(Run.user_id)).all() == [person.user_id]
        assert Document.model_validate(session.scalars(select(Run.original)).one()).name == "letter.txt"
