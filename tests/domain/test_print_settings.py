"""Changing the settings for printing: all or nothing, what depends on what, and what follows from a change."""

from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from connectors.errors import PressroomError
from domain.audit.models import AuditEvent
from domain.organizations.actor import Actor, actor_of_user
from domain.organizations.models import User
from domain.organizations.roles import Role
from domain.outbox.models import OutboxRow
from domain.print_definitions.assignments import assign
from domain.print_definitions.definitions import create_definition
from domain.print_definitions.models import TargetKind
from domain.print_policies.rules import PolicyRules
from domain.print_policies.subject import POLICIES
from domain.print_quotas.models import PrintQuotaMonth
from domain.print_settings.effects import EFFECTS, apply_effect, give_up, pending_effects
from domain.print_settings.models import AddressState, EffectState
from domain.print_settings.service import (
    SettingsView,
    change_print_settings,
    get_print_settings,
    preview_print_settings,
)
from domain.printer_login.configuration import change_settings
from domain.printer_login.rules import LoginMethod, LoginMode, PinGeneration, PrinterLoginSettings
from domain.printing.features import Feature, enabled_features
from domain.printing.settings import print_settings
from domain.tenancy import system_session
from tests.support.people import person


def change(actor: Actor, **sections: dict[str, Any]) -> SettingsView:
    return change_print_settings(actor, sections)


def problems(actor: Actor, **sections: dict[str, Any]) -> dict[str, str]:
    """What is refused, by place, with the code or kind of each problem; nothing is kept of it."""
    before = get_print_settings(actor)
    with pytest.raises(ValidationError) as refused:
        change(actor, **sections)
    assert get_print_settings(actor) == before
    return {".".join(map(str, item["loc"])): item["type"] for item in refused.value.errors()}


def pin_login(actor: Actor, *, is_on: bool) -> None:
    methods = (LoginMethod.BADGE, LoginMethod.PIN) if is_on else (LoginMethod.BADGE,)
    change_settings(actor, PrinterLoginSettings(methods=methods, pin_generation=PinGeneration.ADMINISTRATOR))


def test_what_is_named_changes_and_the_version_counts(administrator: Actor) -> None:
    view = change(administrator, jobs={"oldest_first": True, "retention_unreleased": {"count": 12, "unit": "hours"}})
    assert view.version == 1
    view = change(administrator, clients={"page_enabled": False})
    assert (view.settings.jobs.oldest_first, view.settings.clients.page_enabled, view.version) == (True, False, 2)
    assert view.settings.jobs.retention_unreleased.length.total_seconds() == 12 * 3600
    assert change(administrator, clients={"page_enabled": False}).version == 2
    with pytest.raises(PressroomError, match="changed_meanwhile"):
        change_print_settings(administrator, {"jobs": {"oldest_first": False}}, version=1)


def test_it_is_all_or_nothing_and_every_wrong_value_is_named(administrator: Actor) -> None:
    found = problems(
        administrator,
        jobs={
            "oldest_first": True,
            "retention_released": {"count": 31, "unit": "days"},
            "auto_release_grace_seconds": 31,
        },
        hybrid_storage={"copies": 4},
        email={"guest_cost_center": "CC1", "guest_department": "Sales", "local_part": "not an address"},
        quotas={"no_such": 1},
        nothing={"x": 1},
    )
    assert set(found) == {
        "jobs.retention_released",
        "jobs.auto_release_grace_seconds",
        "hybrid_storage.copies",
        "email.guest_department",
        "email.local_part",
        "quotas.no_such",
        "nothing",
    }


def test_every_change_is_recorded_with_what_it_was_before(administrator: Actor) -> None:
    change(administrator, jobs={"retention_unreleased": {"count": 7, "unit": "days"}}, quotas={"enabled": True})
    with administrator.session(read_only=True) as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "print_settings.changed")).one()
    assert event.facts == {
        "jobs.retention_unreleased": "7 days",
        "former_jobs.retention_unreleased": "3 days",
        "quotas.enabled": True,
        "former_quotas.enabled": False,
    }


def test_body_and_guests_need_printing_by_mail_and_guests_pin_login(administrator: Actor) -> None:
    """PR-49."""
    pin_login(administrator, is_on=False)
    assert problems(administrator, email={"body_enabled": True, "guests_enabled": True}) == {
        "email.body_enabled": "print_settings.email_needed",
        "email.guests_enabled": "print_settings.email_needed",
    }
    assert problems(administrator, email={"enabled": True}) == {"email.local_part": "print_settings.address_needed"}
    switched = {"enabled": True, "local_part": "Contoso.Print", "body_enabled": True}
    assert problems(administrator, email={**switched, "guests_enabled": True}) == {
        "email.guests_enabled": "print_settings.pin_login_required"
    }
    pin_login(administrator, is_on=True)
    view = change(administrator, email={**switched, "guests_enabled": True})
    assert (view.settings.email.local_part, view.suspended) == ("contoso.print", ())


def test_a_pin_as_second_factor_is_no_pin_login(administrator: Actor) -> None:
    """PR-148: guests have nothing but their PIN."""
    change_settings(
        administrator,
        PrinterLoginSettings(
            mode=LoginMode.BADGE_AND_PIN,
            methods=(LoginMethod.BADGE, LoginMethod.PIN),
            pin_generation=PinGeneration.ADMINISTRATOR,
        ),
    )
    change(administrator, email={"enabled": True, "local_part": "contoso"})
    assert problems(administrator, email={"guests_enabled": True}) == {
        "email.guests_enabled": "print_settings.pin_login_required"
    }


def test_what_depends_on_something_off_is_suspended_and_not_forgotten(administrator: Actor) -> None:
    """PR-50."""
    pin_login(administrator, is_on=True)
    change(
        administrator, email={"enabled": True, "local_part": "contoso", "body_enabled": True, "guests_enabled": True}
    )
    view = change(administrator, email={"enabled": False})
    assert view.settings.email.body_enabled
    assert set(view.suspended) == {("email", "body_enabled"), ("email", "guests_enabled")}
    with administrator.session(read_only=True) as session:
        counting = print_settings(session, administrator.organization_id).email
    assert (counting.body_enabled, counting.guests_enabled) == (False, False)
    assert change(administrator, email={"enabled": True}).suspended == ()
    pin_login(administrator, is_on=False)
    with administrator.session(read_only=True) as session:
        counting = print_settings(session, administrator.organization_id).email
    assert (counting.body_enabled, counting.guests_enabled) == (True, False)


def test_an_address_belongs_to_one_organization_of_all(administrator: Actor, stranger: Actor) -> None:
    """PR-53: without anybody seeing whose it is."""
    assert change(administrator, email={"local_part": "sales"}).address_state is AddressState.DISABLED
    assert problems(stranger, email={"local_part": "SALES"}) == {"email.local_part": "print_settings.local_part_taken"}
    assert change(administrator, email={"enabled": True}).address_state is AddressState.PROVISIONING
    change(administrator, email={"enabled": False, "local_part": "office"})
    assert change(stranger, email={"local_part": "sales"}).settings.email.local_part == "sales"
    assert change(administrator, email={"local_part": None}).address_state is None


def test_a_change_of_mode_tells_how_many_assignments_stop_counting(administrator: Actor) -> None:
    """PR-51."""
    change(administrator, policies={"print_enabled": True, "print_assignment_mode": "cost_center"})
    with administrator.session() as session:
        session.get_one(User, administrator.user_id).cost_center = "CC1"
    policy = create_definition(administrator, POLICIES, "Any", PolicyRules())
    assign(administrator, POLICIES, TargetKind.COST_CENTER, "CC1", policy.id)
    (found,) = preview_print_settings(administrator, {"policies": {"print_assignment_mode": "personal"}})
    assert found.facts == {"count": 1}
    assert preview_print_settings(administrator, {"policies": {"page_analysis": "measure"}}) == ()
    (hides,) = preview_print_settings(administrator, {"policies": {"print_enabled": False}})
    assert "hidden" in str(hides)
    assert get_print_settings(administrator).version == 1


def test_sections_belong_to_roles(administrator: Actor) -> None:
    """PR-7: hybrid administrators have the parts of hybrid printing, retention and quotas; users nothing."""
    hybrid = person(administrator, "hybrid@pressroom.example", Role.HYBRID_PRINT_ADMINISTRATOR.value)
    cloud = person(administrator, "cloud@pressroom.example", Role.PRINT_RELEASE_ADMINISTRATOR.value)
    assert change(hybrid, hybrid_storage={"copies": 2}, jobs={"oldest_first": True}).version == 1
    assert get_print_settings(hybrid).sections == {"clients", "hybrid_storage", "jobs", "quotas"}
    assert "hybrid_storage" not in get_print_settings(cloud).sections
    for actor, section in ((hybrid, {"email": {"enabled": True}}), (cloud, {"hybrid_storage": {"copies": 3}})):
        with pytest.raises(PressroomError, match="other_role"):
            change(actor, **section)
    user = person(administrator, "user@pressroom.example", Role.PRINT_RELEASE_USER.value)
    with pytest.raises(PressroomError, match=r"role\.missing"):
        get_print_settings(user)


def test_what_is_switched_on_is_told(administrator: Actor) -> None:
    assert enabled_features(administrator) == {Feature.PRINT_CLIENTS}
    change(administrator, quotas={"enabled": True}, jobs={"delegation_enabled": True})
    told = enabled_features(actor_of_user(administrator.user_id))
    assert told == {Feature.PRINT_CLIENTS, Feature.PRINT_QUOTAS, Feature.DELEGATION}


@pytest.mark.parametrize(
    ("role", "is_open", "is_closed"),
    [
        (Role.PRINT_RELEASE_USER, True, False),
        (Role.HYBRID_PRINT_USER, True, False),
        (Role.DIRECT_PRINT_USER, False, False),
        (Role.PRINT_RELEASE_ADMINISTRATOR, True, True),
        (Role.HYBRID_PRINT_ADMINISTRATOR, True, True),
        (Role.PRINT_RELEASE_REPORTING_ANALYST, False, False),
    ],
)
def test_the_page_of_print_clients_is_for_end_users_while_it_is_open_to_them(
    administrator: Actor, role: Role, is_open: bool, is_closed: bool
) -> None:
    """PR-19, PR-4: administrators always have it."""
    somebody = person(administrator, "somebody@pressroom.example", role.value)

    def is_there() -> bool:
        return Feature.PRINT_CLIENTS in enabled_features(somebody)

    assert is_there() is is_open
    change(administrator, clients={"page_enabled": False})
    assert is_there() is is_closed
    change(administrator, assignments={"enabled": True, "use_with": "direct"})
    assert is_there() is (is_closed or role is Role.DIRECT_PRINT_USER), "their own package for direct printing (PR-231)"


def test_what_follows_is_asked_for_once_a_version_and_shown_until_it_is_done(administrator: Actor) -> None:
    """F-30."""
    view = change(administrator, quotas={"enabled": True})
    assert [(one.name, one.state) for one in view.effects] == [("quota_status", EffectState.PENDING)]
    with system_session(read_only=True) as session:
        key = f"print-settings/{administrator.organization_id}/{view.version}"
        assert session.scalars(select(OutboxRow).where(OutboxRow.key == key)).one().deployment.startswith("apply-print")
    assert pending_effects(administrator.organization_id) == ["quota_status"]
    apply_effect(administrator.organization_id, "quota_status")
    assert [one.state for one in get_print_settings(administrator).effects] == [EffectState.APPLIED]
    with administrator.session(read_only=True) as session:
        assert session.scalar(select(PrintQuotaMonth.user_id)) == administrator.user_id


def test_a_change_that_comes_while_an_effect_is_done_has_it_done_again(
    administrator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(administrator, quotas={"enabled": True})
    once = EFFECTS["quota_status"]

    def changed_meanwhile(_organization_id: str) -> None:
        change(administrator, quotas={"strict": True})

    monkeypatch.setitem(EFFECTS, "quota_status", type(once)(once.title, once.is_due, changed_meanwhile))  # type: ignore[arg-type]
    apply_effect(administrator.organization_id, "quota_status")
    assert pending_effects(administrator.organization_id) == ["quota_status"]


def test_what_could_not_be_done_says_why(administrator: Actor) -> None:
    change(administrator, quotas={"enabled": True})
    give_up(administrator.organization_id, "quota_status", RuntimeError("no"))
    (effect,) = get_print_settings(administrator).effects
    assert effect.state is EffectState.FAILED
    assert effect.error is not None
    assert (effect.error.code, effect.error.facts) == ("internal", {"reference": "RuntimeError"})
    assert pending_effects(administrator.organization_id) == []
