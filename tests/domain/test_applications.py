"""Client applications: those every organization has, secrets with overlap, what an application may do as an actor."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from connectors.errors import PressroomError
from domain.applications.access import issue_token
from domain.applications.models import ApplicationKind, ApplicationSecret, ApplicationToken
from domain.applications.service import (
    ApplicationDefinition,
    ApplicationView,
    create_application,
    delete_application,
    get_application,
    list_applications,
    make_secret,
    revoke_secret,
    update_application,
)
from domain.audit.models import AuditEvent
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.models import Organization, OrganizationStatus, User, now
from domain.organizations.permissions import PEOPLE_ONLY, Permission
from domain.organizations.roles import Role
from domain.organizations.service import new_organization
from domain.people.import_file import HEADER
from domain.people.imports import start_import
from domain.sign_in.credentials import actor_of_token
from domain.tenancy import system_session
from tests.domain.sessions import in_session, not_fresh

VIEWER = ApplicationDefinition(
    "Directory sync", scopes=[Permission.USERS_VIEW.value], roles=[Role.USER_ADMINISTRATOR.value]
)


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(PressroomError) as caught:
        call()
    return caught.value.code


@pytest.fixture
def chief(administrator: Actor) -> Actor:
    return in_session(administrator)


@pytest.fixture
def application(chief: Actor) -> ApplicationView:
    return create_application(chief, VIEWER)


def token_of(chief: Actor, application: ApplicationView, scope: str = "") -> str:
    secret, _ = make_secret(chief, application.id)
    return issue_token(application.id, secret, scope).token


def actions() -> list[str]:
    with system_session(read_only=True) as session:
        return list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))


def test_every_organization_has_the_applications_of_the_product(administrator: Actor, stranger: Actor) -> None:
    """AC-192."""
    for actor in (administrator, stranger):
        found = {view.kind: view for view in list_applications(actor)}
        assert set(found) == set(ApplicationKind) - {ApplicationKind.CUSTOM}
        assert found[ApplicationKind.DEVICE_AUTHENTICATION].scopes == ("badges-auth",)
        assert not [view for view in found.values() if view.secrets]


def test_device_authentication_may_ask_who_somebody_is_and_nothing_else(chief: Actor) -> None:
    """PR-293: its scope is badges-auth."""
    device = next(view for view in list_applications(chief) if view.kind == ApplicationKind.DEVICE_AUTHENTICATION)
    actor = actor_of_token(token_of(chief, device))
    assert (actor.name, actor.user_id, actor.organization_id) == ("Device authentication", "", chief.organization_id)
    actor.need(Permission.BADGES_AUTH)
    assert [permission for permission in Permission if actor.may(permission)] == [Permission.BADGES_AUTH]
    assert refused(lambda: chief.need(Permission.BADGES_AUTH)) == "application.needed"


def test_scopes_and_roles_both_limit_an_application(chief: Actor, application: ApplicationView) -> None:
    actor = actor_of_token(token_of(chief, application))
    actor.need(Permission.USERS_VIEW)
    assert refused(lambda: actor.need(Permission.USERS_EDIT)) == "token.out_of_scope"
    more = ApplicationDefinition("Directory sync", ["users.view", "printer_login.manage"], VIEWER.roles)
    update_application(chief, application.id, more)
    actor = actor_of_token(token_of(chief, application))
    assert refused(lambda: actor.need(Permission.PRINTER_LOGIN_MANAGE)) == "role.missing"


def test_a_token_may_ask_for_less_than_the_application_has(chief: Actor) -> None:
    both = ApplicationDefinition("Sync", ["users.view", "users.edit"], [Role.USER_ADMINISTRATOR.value])
    application = create_application(chief, both)
    actor = actor_of_token(token_of(chief, application, "users.view"))
    assert (actor.may(Permission.USERS_VIEW), actor.may(Permission.USERS_EDIT)) == (True, False)
    assert refused(lambda: token_of(chief, application, "users.view audit.view")) == "application.scope_refused"


@pytest.mark.parametrize("permission", sorted(PEOPLE_ONLY))
def test_what_belongs_to_a_person_is_refused_to_applications_with_a_reason(chief: Actor, permission: str) -> None:
    application = create_application(chief, ApplicationDefinition("All", ["users.view"], [r.value for r in GIVABLE]))
    actor = actor_of_token(token_of(chief, application))
    assert refused(lambda: actor.need(Permission(permission))) == "application.person_needed"


def test_what_is_done_later_in_somebodys_name_is_refused_to_applications(chief: Actor) -> None:
    """AC-97: the log of an import goes to the person who began it."""
    importer = ApplicationDefinition("Import", ["users.import"], [Role.USER_ADMINISTRATOR.value])
    actor = actor_of_token(token_of(chief, create_application(chief, importer)))
    file = f"{','.join(HEADER)}\na@example.com,DELETE,,,,,,,,,".encode()
    assert refused(lambda: start_import(actor, "people.csv", file)) == "application.person_needed"


GIVABLE = [role for role in Role if role not in (Role.PRINT_GUEST, Role.PARTNER_ADMINISTRATOR)]


def test_what_an_application_does_is_recorded_under_its_id(chief: Actor, application: ApplicationView) -> None:
    actor = actor_of_token(token_of(chief, application), address="192.0.2.5")
    with actor.session() as session:
        record(session, actor, "user.viewed", "user")
    with system_session(read_only=True) as session:
        event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
    assert (event.user_id, event.address) == (application.id, "192.0.2.5")


def test_a_secret_is_replaced_with_overlap(chief: Actor, application: ApplicationView) -> None:
    """AC-193."""
    first, _ = make_secret(chief, application.id)
    second, view = make_secret(chief, application.id, overlap_hours=2)
    assert len(view.secrets) == 2
    assert timedelta(hours=1, minutes=59) < (view.secrets[1].expires or now()) - now() <= timedelta(hours=2)
    assert view.secrets[1].hint == first[-4:]
    for secret in (first, second):
        assert issue_token(application.id, secret)
    with system_session() as session:
        expired = update(ApplicationSecret).where(ApplicationSecret.expires.is_not(None))
        session.execute(expired.values(expires=now()))
    assert refused(lambda: issue_token(application.id, first)) == "application.client_refused"
    assert len(get_application(chief, application.id).secrets) == 1


@pytest.mark.parametrize("how", ["no overlap", "revoked"])
def test_a_secret_that_is_out_takes_its_tokens_with_it(chief: Actor, application: ApplicationView, how: str) -> None:
    secret, view = make_secret(chief, application.id)
    token = issue_token(application.id, secret).token
    if how == "revoked":
        revoke_secret(chief, application.id, view.secrets[0].id)
    else:
        make_secret(chief, application.id, overlap_hours=0)
    assert refused(lambda: actor_of_token(token)) == "sign_in.needed"
    assert refused(lambda: issue_token(application.id, secret)) == "application.client_refused"


def test_secrets_and_tokens_are_kept_as_hashes_and_stand_nowhere_else(
    chief: Actor, application: ApplicationView
) -> None:
    secret, _ = make_secret(chief, application.id)
    issued = issue_token(application.id, secret)
    assert issued.lifetime == timedelta(seconds=7200)
    with system_session(read_only=True) as session:
        rows = [*session.scalars(select(ApplicationSecret)), *session.scalars(select(ApplicationToken))]
        kept = " ".join(str(vars(row)) for row in (*rows, *session.scalars(select(AuditEvent))))
    assert secret not in kept
    assert issued.token not in kept


@pytest.mark.parametrize("how", ["switched off", "deleted", "organization being deleted", "token expired"])
def test_when_tokens_of_an_application_are_refused(chief: Actor, application: ApplicationView, how: str) -> None:
    token = token_of(chief, application)
    match how:
        case "switched off":
            off = ApplicationDefinition(VIEWER.name, VIEWER.scopes, VIEWER.roles, is_enabled=False)
            update_application(chief, application.id, off)
        case "deleted":
            delete_application(chief, application.id)
        case "token expired":
            with system_session() as session:
                session.execute(update(ApplicationToken).values(expires=now()))
        case _:
            with system_session() as session:
                session.execute(update(Organization).values(status=OrganizationStatus.PENDING_DELETION))
    assert refused(lambda: actor_of_token(token)) in ("sign_in.needed", "account.ended")


@pytest.mark.parametrize(
    ("client", "secret"), [("", ""), ("0" * 32, "prs_x"), ("ours", ""), ("ours", "prs_wrong"), ("ours", "theirs")]
)
def test_wrong_clients_and_secrets_look_the_same(chief: Actor, stranger: Actor, client: str, secret: str) -> None:
    ours = list_applications(chief)[0].id
    their_chief = in_session(stranger)
    theirs, _ = make_secret(their_chief, list_applications(their_chief)[0].id)
    given = (ours if client == "ours" else client, theirs if secret == "theirs" else secret)
    assert refused(lambda: issue_token(*given)) == "application.client_refused"


def test_a_partners_application_works_in_customers_only_with_partner_roles(
    chief: Actor, stranger: Actor, application: ApplicationView
) -> None:
    """AC-196."""
    with system_session() as session:
        customer = new_organization(session, "Customer", chief.organization_id).id
    assert refused(lambda: actor_of_token(token_of(chief, application), customer)) == "not_found"
    partner = ApplicationDefinition("Partner sync", ["users.view"], [], partner_roles=[Role.USER_ADMINISTRATOR.value])
    actor = actor_of_token(token := token_of(chief, create_application(chief, partner)), customer)
    assert (actor.organization_id, actor.home_organization_id) == (customer, chief.organization_id)
    actor.need(Permission.USERS_VIEW)
    assert refused(lambda: actor_of_token(token).need(Permission.USERS_VIEW)) == "role.missing", "not at home"
    assert refused(lambda: actor_of_token(token, stranger.organization_id)) == "not_found"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (ApplicationDefinition(" "), "application.no_name"),
        (ApplicationDefinition("device  AUTHENTICATION"), "application.name_taken"),
        (ApplicationDefinition("x", ["everything"]), "application.unknown_scope"),
        (ApplicationDefinition("x", ["solutions.run"]), "application.unknown_scope"),
        (ApplicationDefinition("x", [], ["Emperor"]), "role.unknown"),
        (ApplicationDefinition("x", [], [Role.PARTNER_ADMINISTRATOR.value]), "role.access_groups_only"),
    ],
)
def test_what_makes_no_application(chief: Actor, given: ApplicationDefinition, code: str) -> None:
    assert refused(lambda: create_application(chief, given)) == code
    assert len(list_applications(chief)) == 3


def test_applications_of_the_product_can_be_switched_off_but_not_changed(chief: Actor) -> None:
    device = list_applications(chief, "device")[0]
    assert refused(lambda: delete_application(chief, device.id)) == "application.fixed"
    renamed = ApplicationDefinition("Mine", device.scopes)
    assert refused(lambda: update_application(chief, device.id, renamed)) == "application.fixed"
    off = ApplicationDefinition(device.name, device.scopes, is_enabled=False)
    assert not update_application(chief, device.id, off).is_enabled


def test_who_may_do_what(chief: Actor, stranger: Actor, colleague: Actor, application: ApplicationView) -> None:
    """AC-190, AC-191: Organization Administrators; Help Desk may look and search, without secrets (section 4.4)."""
    with system_session() as session:
        session.get_one(User, colleague.user_id).roles = [Role.HELP_DESK.value]
    helper, outsider = in_session(colleague), in_session(stranger)
    assert [view.name for view in list_applications(helper, "SYNC")] == ["Directory sync"]
    assert refused(lambda: make_secret(helper, application.id)) == "role.missing"
    assert refused(lambda: create_application(helper, VIEWER)) == "role.missing"
    for call in (get_application, delete_application, make_secret):
        assert refused(lambda call=call: call(outsider, application.id)) == "not_found"  # type: ignore[misc]
    stale = not_fresh(in_session(chief))
    assert refused(lambda: make_secret(stale, application.id)) == "sign_in.confirmation_needed"


def test_everything_is_recorded(chief: Actor, application: ApplicationView) -> None:
    """AC-193."""
    secret, view = make_secret(chief, application.id)
    for _ in range(2):
        issue_token(application.id, secret)
    refused(lambda: issue_token(application.id, "wrong"))
    revoke_secret(chief, application.id, view.secrets[0].id)
    delete_application(chief, application.id)
    assert [action.removeprefix("application.") for action in actions() if action.startswith("application.")] == [
        "created",
        "secret_made",
        "secret_first_used",
        "refused",
        "secret_revoked",
        "deleted",
    ]
