"""The list of printers: filters, search, sorting, paging, counts, the summary over all organizations."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import PressroomError
from domain.organizations.actor import Actor, actor_of_user
from domain.organizations.models import Group, GroupKind, GroupMember, Organization
from domain.organizations.roles import Role
from domain.organizations.service import new_organization
from domain.tenancy import system_session, tenant_session
from fleet.agents.models import AgentKind
from fleet.printers import listing
from fleet.printers.cells import Words, cell_text
from fleet.printers.columns import SORTABLE, Column
from fleet.printers.filters import PrinterFilter
from fleet.printers.listing import PrinterQuery, count_printers, list_printers, matching_ids, values_in_use
from fleet.printers.models import Communication, Compliance, MspStatus, Printer, Severity, TaggedPrinter
from fleet.printers.tags.service import create_tag
from tests.support.fleet import add_agent, add_printers
from tests.support.installation import Installation, installed

MOMENT = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as one:
        yield one


def names(actor: Actor, chosen: PrinterFilter | None = None, **values: Any) -> list[str]:
    query = PrinterQuery(chosen or PrinterFilter(), **values)
    return [view.name for view in list_printers(actor, query)]


@pytest.fixture
def fleet(office: Installation) -> Mapping[str, str]:
    """Printers named for what is special about them; by name, their ids."""
    home = office.administrator.organization_id
    special: dict[str, dict[str, Any]] = {
        "plain": {},
        "silent": {"communication": Communication.SILENT},
        "locked": {"communication": Communication.NEEDS_CREDENTIALS},
        "old": {"offered_firmware": "081.300"},
        "empty": {"supply_severity": Severity.ERROR},
        "low": {"supply_severity": Severity.WARNING},
        "jammed": {"alert_severity": Severity.ERROR},
        "foreign make": {"manufacturer": "HP", "model": "LaserJet 600", "is_vendor": False},
        "compliant": {"compliance": Compliance.COMPLIANT, "assigned_configuration_id": "c1"},
        "managed": {"msp": MspStatus.MEMBER},
    }
    ids = {name: add_printers(home, 1, name=name, **values)[0] for name, values in special.items()}
    native = add_agent(home, AgentKind.NATIVE)
    ids["native"] = add_printers(home, 1, native, name="native")[0]
    return ids


FILTERS: list[tuple[dict[str, Any], set[str]]] = [
    ({"communication": ["not_communicating"]}, {"silent"}),
    ({"communication": ["not_communicating", "agent_needs_credentials"]}, {"silent", "locked"}),
    ({"firmware_update": True}, {"old"}),
    ({"supply_alerts": ["error", "warning"]}, {"empty", "low"}),
    ({"printer_alerts": ["error"]}, {"jammed"}),
    ({"agent_kinds": ["native"]}, {"native"}),
    ({"models": ["LaserJet 600"]}, {"foreign make"}),
    ({"manufacturers": ["HP"]}, {"foreign make"}),
    ({"compliance": ["compliant"]}, {"compliant"}),
    ({"configuration_ids": ["c1"]}, {"compliant"}),
    ({"supplies_programme": ["member"]}, {"managed"}),
    ({"search": "SILENT"}, {"silent"}),
    ({"search": "laserjet foreign"}, {"foreign make"}),
    ({"search": "%"}, set()),
    ({"communication": ["communicating"], "supply_alerts": ["error"], "search": "emp"}, {"empty"}),
    ({"communication": ["not_communicating"], "supply_alerts": ["error"]}, set()),
]


@pytest.mark.parametrize(("given", "expected"), FILTERS, ids=[str(given) for given, _ in FILTERS])
@pytest.mark.parametrize("window", [1, 2000], ids=["sorted", "along the index"])
def test_values_of_a_filter_are_alternatives_and_all_filters_must_be_met(
    office: Installation,
    fleet: Mapping[str, str],
    monkeypatch: pytest.MonkeyPatch,
    window: int,
    given: dict[str, Any],
    expected: set[str],
) -> None:
    """FL-19, FL-178, FL-180: agent kinds too; whichever way the page is found."""
    monkeypatch.setattr(listing, "WINDOW", window)
    chosen = PrinterFilter.model_validate(given)
    assert set(names(office.administrator, chosen)) == expected
    assert count_printers(office.administrator, chosen).count == len(expected)
    assert set(matching_ids(office.administrator, chosen)) == {fleet[name] for name in expected}


def test_members_of_the_programme_are_told_from_those_who_wait(office: Installation, fleet: Mapping[str, str]) -> None:
    """FL-205, FL-173: whatever else is true of them, such as who communicates and of which make they are."""
    with tenant_session(office.administrator.organization_id) as session:
        for name in ("silent", "foreign make"):
            session.get_one(Printer, fleet[name]).msp = MspStatus.PENDING
    words = Words(lambda template, **_: template, str)
    told = {view.name: cell_text(view, Column.MSP, words) for view in list_printers(office.administrator)}
    pending, members = ({name for name, text in told.items() if text == one} for one in ("MSP (pending)", "MSP"))
    assert (pending, members) == ({"silent", "foreign make"}, {"managed"})
    chosen = {"supplies_programme": ["pending"], "communication": ["not_communicating"]}
    assert names(office.administrator, PrinterFilter.model_validate(chosen)) == ["silent"]


def test_without_a_filter_everything_is_there(office: Installation, fleet: Mapping[str, str]) -> None:
    assert set(names(office.administrator)) == set(fleet)
    assert set(names(office.administrator, PrinterFilter(firmware_update=False))) == set(fleet) - {"old"}


def test_tags_are_alternatives_and_stand_beside_the_printer(office: Installation, fleet: Mapping[str, str]) -> None:
    """FL-179."""
    tags = [create_tag(office.administrator, name) for name in ("North", "South")]
    with tenant_session(office.administrator.organization_id) as session:
        for tag, name in zip(tags, ("plain", "silent"), strict=True):
            session.add(TaggedPrinter(tag_id=tag.id, printer_id=fleet[name]))
    assert names(office.administrator, PrinterFilter(tag_ids=(tags[0].id,))) == ["plain"]
    both = list_printers(office.administrator, PrinterQuery(PrinterFilter(tag_ids=(tags[0].id, tags[1].id))))
    assert {(view.name, view.tags[0].name) for view in both} == {("plain", "North"), ("silent", "South")}


def test_addresses_are_sorted_by_their_numbers(office: Installation) -> None:
    for address in ("10.0.0.10", "10.0.0.9", "10.0.0.100", "printer.example.com"):
        add_printers(office.administrator.organization_id, 1, address=address)
    views = list_printers(office.administrator)
    assert [view.address for view in views] == ["10.0.0.9", "10.0.0.10", "10.0.0.100", "printer.example.com"]


@pytest.mark.parametrize("column", SORTABLE)
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("window", [3, 2000])
def test_pages_by_any_column_show_each_printer_once_in_order(
    office: Installation, monkeypatch: pytest.MonkeyPatch, column: Column, descending: bool, window: int
) -> None:
    monkeypatch.setattr(listing, "WINDOW", window)
    home = office.administrator.organization_id
    texts = {"manufacturer": "Make", "location": "Room", "contact": "Desk", "description": "Text", "host_name": "h"}
    for number in range(9):
        counts = dict.fromkeys(("life_pages", "mono_copies", "color_copies", "copies", "scans", "faxes"), number % 4)
        known: dict[str, Any] = {
            **counts,
            "last_contact": MOMENT + timedelta(hours=number % 4),
            "msp": MspStatus.MEMBER,
        }
        known |= {"last_refresh": MOMENT + timedelta(hours=number % 3), "compliance": Compliance.COMPLIANT}
        values = {name: f"{text} {number % 3}" for name, text in texts.items()}
        add_printers(home, 1, **values, **(known if number % 3 else {}))
    query = PrinterQuery(PrinterFilter(search="room"), sort=column, descending=descending, limit=2)
    shown = []
    while page := list_printers(office.administrator, query):
        shown += page
        query = replace(query, after=page[-1].key)
    assert len({view.id for view in shown}) == len(shown) == 9
    with_value = [view.key for view in shown if view.key[0]]
    assert with_value == sorted(with_value, reverse=descending)
    assert [view.key for view in shown][: len(with_value)] == with_value, "what is not known comes last"


@pytest.mark.parametrize("column", [column for column in Column if column not in SORTABLE])
def test_what_cannot_be_sorted_by_is_refused(office: Installation, column: Column) -> None:
    with pytest.raises(PressroomError) as refused:
        list_printers(office.administrator, PrinterQuery(sort=column))
    assert refused.value.code == "printer.not_sortable"


@pytest.mark.parametrize("column", [Column.LIFE_PAGES, Column.LAST_CONTACT])
def test_a_place_of_another_sorting_is_refused(office: Installation, column: Column) -> None:
    with pytest.raises(PressroomError) as refused:
        list_printers(office.administrator, PrinterQuery(sort=column, after=("PX C4150", "1")))
    assert refused.value.code == "printer.no_place"


def test_counts_are_capped(office: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_COUNTED", 3)
    add_printers(office.administrator.organization_id, 3)
    exact = count_printers(office.administrator)
    assert (exact.count, exact.is_capped) == (3, False)
    add_printers(office.administrator.organization_id, 1)
    capped = count_printers(office.administrator)
    assert (capped.count, capped.is_capped) == (3, True)


def test_models_in_use_are_offered(office: Installation, fleet: Mapping[str, str]) -> None:
    assert values_in_use(office.administrator, Column.MODEL) == ["LaserJet 600", "PX C4150"]
    assert values_in_use(office.administrator, Column.MANUFACTURER) == ["HP", "Pressroom"]


def test_the_search_follows_what_is_written_down(office: Installation) -> None:
    home = office.administrator.organization_id
    printer_id = add_printers(home, 1, asset_tag="INV-1")[0]
    with tenant_session(home) as session:
        session.get_one(Printer, printer_id).asset_tag = "INV-2"
    assert matching_ids(office.administrator, PrinterFilter(search="inv-2")) == [printer_id]
    assert matching_ids(office.administrator, PrinterFilter(search="inv-1")) == []


class Partner:
    """A partner with two customers, each with a printer, and an administrator who may see all of them."""

    def __init__(self, office: Installation) -> None:
        home = office.administrator.organization_id
        with system_session() as session:
            partner = session.get_one(Organization, home)
            partner.may_have_children = True
            customers = [new_organization(session, name, home) for name in ("Customer A", "Customer B")]
            for customer in customers:
                customer.entitlements = list(partner.entitlements)
            self.customers = [customer.id for customer in customers]
            roles = [Role.PARTNER_ADMINISTRATOR.value, Role.FLEET_ADMINISTRATOR.value]
            group = Group(
                organization_id=home, name="Access", name_key="access", kind=GroupKind.CHILD_ACCESS, roles=roles
            )
            session.add(group)
            session.flush()
            session.add(GroupMember(organization_id=home, group_id=group.id, user_id=office.administrator.user_id))
        self.actor = actor_of_user(office.administrator.user_id)
        self.printers = [add_printers(one, 1, name=f"printer of {one}")[0] for one in (home, *self.customers)]
        self.foreign = add_printers(office.stranger.organization_id, 1)[0]


@pytest.fixture
def partner(office: Installation) -> Partner:
    return Partner(office)


def test_the_summary_shows_the_printers_of_the_partner_and_of_all_customers(partner: Partner) -> None:
    """FL-176, FL-59."""
    found = list_printers(partner.actor, PrinterQuery(across=True, sort=Column.ORGANIZATION))
    assert {view.id for view in found} == set(partner.printers)
    assert [view.organization for view in found][:2] == ["Customer A", "Customer B"]
    of_one = PrinterFilter(organization_ids=(partner.customers[0],))
    assert matching_ids(partner.actor, of_one, across=True) == [partner.printers[1]]
    assert count_printers(partner.actor, across=True).count == 3


def test_the_summary_is_for_partner_administrators(office: Installation, partner: Partner) -> None:
    """FL-176, FL-531."""
    administrator = office.add_person("fleet@example.com", Role.FLEET_ADMINISTRATOR)
    assert matching_ids(administrator, PrinterFilter()) == [partner.printers[0]]
    for look in (list_printers, lambda actor, query: count_printers(actor, across=query.across)):
        with pytest.raises(PressroomError) as refused:
            look(administrator, PrinterQuery(across=True))
        assert refused.value.code == "role.missing"


def test_without_a_role_nothing_is_seen(office: Installation) -> None:
    somebody = office.add_person("nobody@example.com", Role.SOLUTIONS_USER)
    with pytest.raises(PressroomError) as refused:
        list_printers(somebody)
    assert refused.value.code == "role.missing"
