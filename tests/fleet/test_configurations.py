"""Configurations: drafts and versions, the default one, variables, copies, and what is imported from bundles."""

import codecs
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from connectors.documents import open_store
from connectors.errors import PressroomError
from domain.audit.models import AuditEvent
from domain.organizations.actor import actor_of_user
from domain.organizations.models import GroupKind, GroupMember, Organization
from domain.organizations.roles import Role
from domain.organizations.service import new_organization
from domain.tenancy import system_session, tenant_session
from fleet.configurations.bundle_import import LineState, examine_bundle, import_bundle
from fleet.configurations.content import MASK
from fleet.configurations.content import content_of as stored_content
from fleet.configurations.copying import copy_configuration
from fleet.configurations.drafts import (
    create_draft,
    discard_draft,
    get_version,
    list_versions,
    publish,
    save_draft,
)
from fleet.configurations.models import ConfigurationVersion, VariableFile, VariableRow
from fleet.configurations.service import (
    change_configuration,
    create_configuration,
    delete_configurations,
    get_configuration,
    list_configurations,
    remove_default,
    set_default,
)
from fleet.configurations.variable_files import delete_variables, export_variables, import_variables
from fleet.printers.models import Compliance, Printer
from fleet.resources.service import list_resources
from printers_sim.packages import settings_bundle, settings_file
from tests.support.configurations import add_configuration, add_file, content_of, settings_of
from tests.support.fleet import add_printers
from tests.support.installation import Installation, installed
from tests.support.people import group

RINGS = settings_of(fax__rings=4)
CSV = b"SERIALNUMBER,Site tag,Rings\nPXC1,Kip1,5\nPXC2,Kip2,6\n"
FED = content_of(
    settings=[
        {"name": "general.asset_tag", "variable": "Site tag"},
        {"name": "fax.rings", "value": 9, "variable": "Rings"},
        {"name": "energy.sleep_minutes", "value": 20},
    ]
)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as one:
        yield one


def code_of(action: Callable[..., Any], *values: Any, **more: Any) -> str:
    with pytest.raises(PressroomError) as refused:
        action(*values, **more)
    return refused.value.code


def secrets_in_the_records() -> str:
    with system_session(read_only=True) as session:
        return "\n".join(f"{one.content} {one.secrets}" for one in session.scalars(select(ConfigurationVersion)))


def test_a_draft_becomes_a_version_that_is_never_changed(office: Installation) -> None:
    """FL-349, FL-397, FL-398, A-25: the published version stays in use until its successor is published."""
    actor = office.administrator
    configuration_id = create_configuration(actor, "Offices", "All of them")
    assert get_version(actor, configuration_id).is_draft
    assert code_of(publish, actor, configuration_id, "") == "configuration.empty"
    save_draft(actor, configuration_id, RINGS)
    assert publish(actor, configuration_id, "The first") == 1
    assert code_of(save_draft, actor, configuration_id, RINGS) == "configuration.no_draft"
    create_draft(actor, configuration_id)
    assert code_of(create_draft, actor, configuration_id) == "configuration.draft_exists"
    assert get_version(actor, configuration_id).content == RINGS
    save_draft(actor, configuration_id, settings_of(fax__rings=8))
    assert get_version(actor, configuration_id, 1).content == RINGS
    view = get_configuration(actor, configuration_id)
    assert (view.version, view.has_draft, view.publisher) == (1, True, actor.name)
    assert publish(actor, configuration_id, "The second") == 2
    assert [(one.number, one.comments) for one in list_versions(actor, configuration_id)] == [
        (2, "The second"),
        (1, "The first"),
    ]
    assert get_version(actor, configuration_id, 1).content == RINGS


def test_a_draft_that_is_given_up_leaves_the_published_version(office: Installation) -> None:
    actor = office.administrator
    configuration_id = add_configuration(actor, "Offices", RINGS)
    create_draft(actor, configuration_id)
    discard_draft(actor, configuration_id)
    assert get_version(actor, configuration_id).number == 1
    only_draft = add_configuration(actor, "Other", RINGS, published=False)
    discard_draft(actor, only_draft)
    assert code_of(get_configuration, actor, only_draft) == "not_found"


def test_names_are_unique_in_the_organization(office: Installation) -> None:
    """FL-348."""
    actor = office.administrator
    create_configuration(actor, "Offices")
    other = create_configuration(actor, "Halls")
    assert code_of(create_configuration, actor, " OFFICES ") == "configuration.name_taken"
    assert code_of(create_configuration, actor, "  ") == "configuration.name_missing"
    assert code_of(change_configuration, actor, other, "offices", "") == "configuration.name_taken"
    change_configuration(actor, other, "HALLS", "Bigger")
    create_configuration(office.stranger, "Offices")


def test_the_list_begins_with_what_was_changed_last(office: Installation) -> None:
    """FL-393, FL-400."""
    actor = office.administrator
    first = add_configuration(actor, "First", RINGS)
    add_configuration(actor, "Draft", RINGS, published=False)
    create_draft(actor, first)
    assert [view.name for view in list_configurations(actor)] == ["First", "Draft"]
    assert [view.name for view in list_configurations(actor, published=True)] == ["First"]
    assert list_configurations(office.stranger) == []


def test_only_a_published_one_is_default_and_only_one(office: Installation) -> None:
    """FL-395."""
    actor = office.administrator
    first, second = add_configuration(actor, "First", RINGS), add_configuration(actor, "Second", RINGS)
    draft = add_configuration(actor, "Draft", RINGS, published=False)
    assert code_of(set_default, actor, draft) == "configuration.not_published"
    for chosen in (first, second):
        set_default(actor, chosen)
        assert [view.id for view in list_configurations(actor) if view.is_default] == [chosen]
    remove_default(actor, second)
    assert not any(view.is_default for view in list_configurations(actor))


def test_deleting_clears_assignments_and_changes_no_printer(office: Installation) -> None:
    """FL-394, A-23."""
    actor = office.administrator
    configuration_id = add_configuration(actor, "Offices", RINGS)
    values = {"assigned_configuration_id": configuration_id, "compliance": Compliance.COMPLIANT}
    ids = add_printers(actor.organization_id, 2, **values)
    assert get_configuration(actor, configuration_id).assigned == 2
    set_default(actor, configuration_id)
    delete_configurations(actor, [configuration_id])
    with tenant_session(actor.organization_id, read_only=True) as session:
        kept = [session.get_one(Printer, one) for one in ids]
        assert {(one.assigned_configuration_id, one.compliance) for one in kept} == {(None, None)}


def test_secrets_are_kept_encrypted_and_shown_to_nobody(office: Installation) -> None:
    actor = office.administrator
    account = {"type": "pin", "name": "desk", "secret": "824671"}
    content = content_of(
        settings=[{"name": "wireless.key", "secret": "a very secret key"}], login_methods={"accounts": [account]}
    )
    configuration_id = add_configuration(actor, "Offices", content, published=False)
    shown = get_version(actor, configuration_id).content.model_dump(mode="json")
    assert shown["settings"][0]["secret"] == shown["login_methods"]["accounts"][0]["secret"] == MASK
    assert not any(word in secrets_in_the_records() for word in ("a very secret key", "824671"))
    save_draft(actor, configuration_id, content_of(**shown))
    with tenant_session(actor.organization_id, read_only=True) as session:
        kept = stored_content(session.scalars(select(ConfigurationVersion)).one())
    assert kept.settings[0].secret is not None
    assert kept.settings[0].secret.get_secret_value() == "a very secret key"
    assert kept.login_methods == content.login_methods


def test_the_mask_alone_is_no_secret(office: Installation) -> None:
    content = content_of(login_methods={"accounts": [{"type": "password", "name": "desk", "secret": MASK}]})
    configuration_id = create_configuration(office.administrator, "Offices")
    assert code_of(save_draft, office.administrator, configuration_id, content) == "configuration.invalid"


def test_a_variable_file_is_imported_used_replaced_and_deleted(office: Installation) -> None:
    """FL-366, FL-369, FL-371, FL-373; FL-321: exported as it was stored; FL-592: one, replaced by the next."""
    actor = office.administrator
    configuration_id = create_configuration(actor, "Offices")
    assert code_of(save_draft, actor, configuration_id, FED) == "configuration.invalid"
    view = import_variables(actor, configuration_id, "sites.csv", CSV)
    assert (view.asset_kind, view.columns, view.row_count) == ("SERIALNUMBER", ("Site tag", "Rings"), 2)
    save_draft(actor, configuration_id, FED)
    exported = "".join(export_variables(actor, configuration_id))
    assert exported.encode("utf-8").removeprefix(codecs.BOM_UTF8).replace(b"\r\n", b"\n") == CSV
    fewer = b"SERIALNUMBER,Site tag\nPXC1,New1\n"
    assert code_of(import_variables, actor, configuration_id, "new.csv", fewer) == "variable_file.columns_in_use"
    import_variables(actor, configuration_id, "new.csv", fewer, turn_off=True)
    settings = {one.name: (one.value, one.variable) for one in get_version(actor, configuration_id).content.settings}
    assert settings["fax.rings"] == (3, "")
    assert settings["general.asset_tag"] == (None, "Site tag")
    delete_variables(actor, configuration_id)
    version = get_version(actor, configuration_id)
    assert version.variables is None
    assert [one.name for one in version.content.settings] == ["fax.rings", "energy.sleep_minutes"]
    with system_session(read_only=True) as session:
        assert session.scalar(select(func.count()).select_from(VariableFile)) == 0
        assert session.scalar(select(func.count()).select_from(VariableRow)) == 0


def test_a_bad_file_imports_nothing(office: Installation) -> None:
    """FL-370."""
    actor = office.administrator
    configuration_id = create_configuration(actor, "Offices")
    import_variables(actor, configuration_id, "sites.csv", CSV)
    bad = b"SERIALNUMBER,Site tag\nPXC1,a\nPXC1,b\n"
    assert code_of(import_variables, actor, configuration_id, "bad.csv", bad) == "variable_file.invalid"
    variables = get_version(actor, configuration_id).variables
    assert variables is not None
    assert variables.name == "sites.csv"


def test_a_column_is_checked_when_a_setting_takes_it(office: Installation) -> None:
    """FL-376: ranges hold for every row, whichever comes first, the file or the choice."""
    actor = office.administrator
    configuration_id = create_configuration(actor, "Offices")
    import_variables(actor, configuration_id, "sites.csv", CSV.replace(b",6\n", b",66\n"))
    assert code_of(save_draft, actor, configuration_id, FED) == "configuration.invalid"
    import_variables(actor, configuration_id, "sites.csv", CSV)
    save_draft(actor, configuration_id, FED)
    out_of_range = CSV.replace(b",6\n", b",66\n")
    assert code_of(import_variables, actor, configuration_id, "sites.csv", out_of_range) == "variable_file.invalid"


def test_a_published_version_keeps_the_file_it_was_published_with(office: Installation) -> None:
    actor = office.administrator
    configuration_id = create_configuration(actor, "Offices")
    import_variables(actor, configuration_id, "sites.csv", CSV)
    save_draft(actor, configuration_id, FED)
    publish(actor, configuration_id, "")
    create_draft(actor, configuration_id)
    import_variables(actor, configuration_id, "new.csv", CSV.replace(b"Kip1", b"Kop1"))
    assert "Kip1" in "".join(export_variables(actor, configuration_id, 1))
    assert "Kop1" in "".join(export_variables(actor, configuration_id))
    discard_draft(actor, configuration_id)
    assert "Kip1" in "".join(export_variables(actor, configuration_id, 1))


def test_cells_that_a_spreadsheet_would_run_are_written_harmless_and_come_back(office: Installation) -> None:
    actor = office.administrator
    configuration_id = create_configuration(actor, "Offices")
    import_variables(actor, configuration_id, "sites.csv", b"SERIALNUMBER,Site tag\nPXC1,=1+1\n")
    text = "".join(export_variables(actor, configuration_id))
    assert "'=1+1" in text
    import_variables(actor, configuration_id, "sites.csv", text.encode())
    assert "".join(export_variables(actor, configuration_id)) == text


def test_a_copy_in_the_same_organization_uses_the_same_resources(office: Installation) -> None:
    """FL-396."""
    actor = office.administrator
    resource_id = add_file(actor, "hall.ucf", settings_file({"fax.rings": 4}).encode())
    source = create_configuration(actor, "Offices")
    import_variables(actor, source, "sites.csv", CSV)
    save_draft(actor, source, FED.model_copy(update={"settings_files": (resource_id,)}))
    publish(actor, source, "")
    assert code_of(copy_configuration, actor, source, "offices") == "configuration.name_taken"
    copy = copy_configuration(actor, source, "Offices, again")
    version = get_version(actor, copy)
    assert (version.is_draft, version.content.settings_files) == (True, (resource_id,))
    assert version.variables is not None
    delete_configurations(actor, [source])
    assert "Kip1" in "".join(export_variables(actor, copy))
    assert list_resources(actor)[0].used_by == ("Offices, again",)


def customer_of(office: Installation, name: str, *roles: str) -> str:
    """A customer organization that the administrator may enter with those roles; returns its id."""
    actor = office.administrator
    with system_session() as session:
        home = session.get_one(Organization, actor.organization_id)
        customer = new_organization(session, name)
        customer.parent_id, customer.entitlements = home.id, home.entitlements
        customer_id = customer.id
    group_id = group(actor, f"For {name}", *roles, kind=GroupKind.CHILD_ACCESS)
    with actor.session() as session:
        session.add(GroupMember(group_id=group_id, user_id=actor.user_id))
    return customer_id


def test_a_copy_in_another_organization_takes_its_resources_along(office: Installation) -> None:
    """FL-396, FL-537."""
    actor = office.administrator
    customer = customer_of(office, "Customer", Role.FLEET_ADMINISTRATOR.value)
    resource_id = add_file(actor, "hall.ucf", settings_file({"fax.rings": 4}).encode())
    source = create_configuration(actor, "Offices")
    import_variables(actor, source, "sites.csv", CSV)
    settings = [
        {"name": "wireless.key", "secret": "a very secret key"},
        {"name": "general.asset_tag", "variable": "Site tag"},
    ]
    save_draft(actor, source, content_of(settings=settings, settings_files=[resource_id]))
    copy = copy_configuration(actor, source, "Offices", customer)
    there = actor_of_user(actor.user_id, customer)
    version = get_version(there, copy)
    assert version.is_draft
    assert version.content.settings_files != (resource_id,)
    assert [one.file_name for one in version.resources.values()] == ["hall.ucf"]
    assert [one.key for one in open_store(office.settings).list(f"{customer}/fleet")] != []
    assert "Kip1" in "".join(export_variables(there, copy))
    assert version.content.settings[0].secret is not None
    assert code_of(get_configuration, actor, copy) == "not_found"


def test_copying_into_another_organization_takes_the_role_there_too(office: Installation) -> None:
    """FL-537; an organization that is not theirs is not found."""
    actor = office.administrator
    source = add_configuration(actor, "Offices", RINGS)
    viewing = customer_of(office, "Customer", Role.FLEET_VIEWER.value)
    assert code_of(copy_configuration, actor, source, "Offices", viewing) == "role.missing"
    foreign = office.stranger.organization_id
    assert code_of(copy_configuration, actor, source, "Offices", foreign) == "not_found"


LOGIN = {
    "public": {"copy": False, "teleport": True},
    "local": {
        "accounts": [
            {"type": "user_password", "name": "kim", "password": "a secret", "groups": ["Staff"]},
            {"type": "user_password", "name": "eve", "password": 'a "quoted" one', "groups": []},
        ],
        "groups": [{"name": "Staff", "access": ["copy"]}],
    },
    "network": [{"type": "ldap", "name": "Directory", "server": "ldap.example.com", "port": 636}, {"type": "radius"}],
}
IN_BUNDLE = {
    "fax.rings": 4,
    "energy.sleep_minutes": 20,
    "print.sides": "sideways",
    "old.setting": 1,
    "wireless.key": "k",
}


def test_a_bundle_brings_what_is_new_or_differs_and_reports_the_rest(office: Installation, tmp_path: Path) -> None:
    """FL-387…FL-390, FL-392."""
    actor = office.administrator
    configuration_id = add_configuration(
        actor, "Offices", settings_of(fax__rings=4, energy__sleep_minutes=15), published=False
    )
    path = tmp_path / "all.zip"
    path.write_bytes(settings_bundle(settings=IN_BUNDLE, login_methods=LOGIN))
    examined = examine_bundle(actor, configuration_id, path, "all.zip")
    assert get_version(actor, configuration_id).content.login_methods is None
    report = import_bundle(actor, configuration_id, path, "all.zip")
    assert report == examined
    assert {line.item: line.state for line in report.settings} == {
        "fax.rings": LineState.SAME,
        "energy.sleep_minutes": LineState.DIFFERS,
        "print.sides": LineState.INVALID,
        "old.setting": LineState.UNSUPPORTED,
        "wireless.key": LineState.NEW,
    }
    assert {line.item: line.state for line in report.login_methods} == {
        "radius": LineState.UNSUPPORTED,
        "accounts: kim": LineState.NEW,
        "accounts: eve": LineState.INVALID,
        "groups: Staff": LineState.NEW,
        "network: Directory": LineState.NEW,
        "public: copy": LineState.NEW,
        "public: teleport": LineState.UNSUPPORTED,
    }
    assert not any(line.value == "k" for line in report.settings)
    content = get_version(actor, configuration_id).content
    assert {one.name for one in content.settings} == {"fax.rings", "energy.sleep_minutes", "wireless.key"}
    assert content.login_methods is not None
    assert [one.name for one in content.login_methods.accounts] == ["kim"]
    assert "a secret" not in secrets_in_the_records()


@pytest.mark.parametrize(("settings", "login"), [(True, False), (False, True), (False, False)])
def test_either_part_can_be_left_out(office: Installation, tmp_path: Path, settings: bool, login: bool) -> None:
    """FL-391."""
    actor = office.administrator
    configuration_id = create_configuration(actor, "Offices")
    path = tmp_path / "all.zip"
    path.write_bytes(settings_bundle(settings={"fax.rings": 4}, login_methods=LOGIN))
    import_bundle(actor, configuration_id, path, "all.zip", settings=settings, login_methods=login)
    content = get_version(actor, configuration_id).content
    assert (bool(content.settings), content.login_methods is not None) == (settings, login)


def test_login_methods_that_would_lock_everybody_out_are_not_imported(office: Installation, tmp_path: Path) -> None:
    actor = office.administrator
    configuration_id = create_configuration(actor, "Offices")
    path = tmp_path / "all.zip"
    path.write_bytes(settings_bundle(settings={"fax.rings": 4}, login_methods={"public": {"copy": False}}))
    report = import_bundle(actor, configuration_id, path, "all.zip")
    assert report.login_methods[-1].state is LineState.INVALID
    assert get_version(actor, configuration_id).content.login_methods is None


def test_everything_that_people_change_is_in_the_audit_trail(office: Installation) -> None:
    actor = office.administrator
    configuration_id = add_configuration(actor, "Offices", RINGS)
    create_draft(actor, configuration_id)
    discard_draft(actor, configuration_id)
    set_default(actor, configuration_id)
    delete_configurations(actor, [configuration_id])
    with system_session(read_only=True) as session:
        query = select(AuditEvent.action).where(AuditEvent.target_id == configuration_id).order_by(AuditEvent.id)
        assert session.scalars(query).all() == [
            "configuration.created",
            "configuration.draft_saved",
            "configuration.published",
            "configuration.draft_created",
            "configuration.draft_discarded",
            "configuration.made_default",
            "configuration.deleted",
        ]


def test_foreign_configurations_are_not_found_and_viewers_see_none(office: Installation) -> None:
    configuration_id = add_configuration(office.administrator, "Offices", RINGS)
    actions: tuple[tuple[Callable[..., Any], tuple[Any, ...]], ...] = (
        (get_configuration, (configuration_id,)),
        (get_version, (configuration_id,)),
        (save_draft, (configuration_id, RINGS)),
        (publish, (configuration_id, "")),
        (create_draft, (configuration_id,)),
        (discard_draft, (configuration_id,)),
        (set_default, (configuration_id,)),
        (delete_configurations, ([configuration_id],)),
        (copy_configuration, (configuration_id, "Mine")),
        (import_variables, (configuration_id, "sites.csv", CSV)),
        (delete_variables, (configuration_id,)),
    )
    viewer = office.add_person("viewer@example.com", Role.FLEET_VIEWER)
    for action, values in actions:
        assert code_of(action, office.stranger, *values) == "not_found"
        assert code_of(action, viewer, *values) == "role.missing"
