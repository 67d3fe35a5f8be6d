"""Printers that join the supplies programme, and what that locks (FL-450…FL-456, FL-474…FL-479)."""

from domain.organizations.actor import Actor, actor_of_user
from domain.organizations.children import create_child, entitle_child
from domain.organizations.deletion import refusal_of_deletion
from domain.organizations.entitlements import Entitlement
from domain.tenancy import tenant_session
from fleet.agents.service import deactivate_agent, delete_agent
from fleet.managed_supplies.answers import answer_requests, release_printers
from fleet.managed_supplies.contacts import create_contact
from fleet.managed_supplies.joining import add_printers as join
from fleet.managed_supplies.joining import check_eligibility, programme_standing
from fleet.managed_supplies.listing import list_orders, list_requests, list_requests_of_customers, managed_printers_of
from fleet.managed_supplies.models import RequestState
from fleet.managed_supplies.rules import Eligibility
from fleet.printers.details import get_printer, printer_events
from fleet.printers.models import MspStatus
from fleet.tasks.execution import end_jobs, for_worker, take_jobs
from fleet.tasks.kinds import TaskKind
from fleet.tasks.listing import get_fleet_task
from fleet.tasks.service import NewTask, start_fleet_task
from flows.fleet_task import work_on_printers
from flows.managed_supplies import add_to_managed_supplies
from steps.printer_work import Outcome, Report
from tests.fleet.managed_supplies.members import deliver, members, msp, read, refused, toner, words
from tests.support.fleet import add_agent
from tests.support.mail_server import Mailbox
from tests.support.supplies import CONTACT, DESK, SuppliesWorld


class TestJoining:
    """F-40."""

    def test_eligible_ones_are_pending_until_the_desk_accepts(self, world: SuppliesWorld, mailbox: Mailbox) -> None:
        good, other = world.printers(2)
        (without,) = world.printers(1, contact="")
        standing = check_eligibility(world.customer, [good, other, without])
        assert [one.id for one in standing.groups[Eligibility.ELIGIBLE]] == [good, other]
        assert [one.id for one in standing.groups[Eligibility.NO_CONTACT]] == [without]
        assert "managed supplies programme" in standing.shown_terms
        assert join(world.customer, [good, other, without], standing.terms_version) == 2
        assert [msp(world, one) for one in (good, other, without)] == [MspStatus.PENDING, MspStatus.PENDING, None]
        add_to_managed_supplies.fn(world.home)
        add_to_managed_supplies.fn(world.home)
        deliver()
        (letter,) = mailbox.messages
        assert (letter["To"], letter["Subject"]) == (
            DESK,
            "Managed supplies: 2 printers of Lind AB ask to be taken in",
        )
        assert "/supplies-desk" in words(letter)
        first, second = sorted(
            list_requests_of_customers(world.partner), key=lambda view: [good, other].index(view.printer_id)
        )
        assert (first.state, first.organization, first.contact) == (RequestState.PENDING, "Lind AB", "Astrid Lind")
        answer_requests(world.partner, [first.id], accept=True)
        answer_requests(world.partner, [second.id], accept=False, reason="Too old.")
        assert [msp(world, one) for one in (good, other)] == [MspStatus.MEMBER, None]
        assert {view.state: view.reason for view in list_requests(world.customer)} == {
            RequestState.ACCEPTED: "",
            RequestState.DECLINED: "Too old.",
        }
        assert "Too old." in str(printer_events(world.customer, other)[0].message)
        again = check_eligibility(world.customer, [good, other]).groups
        assert [one.id for one in again[Eligibility.MANAGED]] == [good]
        assert [one.id for one in again[Eligibility.ELIGIBLE]] == [other], "one that was declined may ask again"

    def test_the_prerequisites_are_checked_in_turn(self, world: SuppliesWorld) -> None:
        """FL-452, FL-453."""
        child = create_child(world.partner, "Ek AB", [Entitlement.FLEET])
        visiting = _visiting(world, child.id)
        with refused("supplies_programme.parent"):
            check_eligibility(world.partner, [])
        with refused("supplies_programme.not_entitled"):
            check_eligibility(visiting, [])
        entitle_child(world.partner, child.id, [Entitlement.FLEET, Entitlement.MANAGED_PRINT])
        with refused("managed_supplies.no_contacts"):
            check_eligibility(visiting, [])
        assert programme_standing(visiting).is_entitled
        assert not programme_standing(world.partner).has_partner

    def test_terms_must_be_the_present_ones(self, world: SuppliesWorld) -> None:
        ids = world.printers(1)
        seen = world.terms
        world.run_programme(terms="New terms.")
        for version in ("", seen):
            with refused("managed_supplies.terms"):
                join(world.customer, ids, version)
        assert msp(world, ids[0]) is None
        assert join(world.customer, ids, world.terms) == 1

    def test_nothing_is_asked_where_nobody_would_answer(self, world: SuppliesWorld) -> None:
        ids = world.printers(1)
        world.run_programme(options={})
        with refused("supplies_programme.no_desk"):
            join(world.customer, ids, world.terms)
        assert msp(world, ids[0]) is None

    def test_only_printers_of_the_organization(self, world: SuppliesWorld) -> None:
        (own,) = world.printers(1)
        foreign = world.printers(1)
        with refused("not_found"):
            check_eligibility(_visiting(world, create_customer(world)), foreign)
        with refused("not_found"):
            join(world.customer, [own, "0" * 32], world.terms)
        assert msp(world, own) is None
        with refused("managed_supplies.none_eligible"):
            join(world.customer, world.printers(1, life_pages=None), world.terms)

    def test_the_limits_of_the_programme(self, world: SuppliesWorld) -> None:
        """FL-468, FL-469."""
        world.run_programme(models=["PX M*"], most_pages=1000)
        color, mono = *world.printers(1), *world.printers(1, model="PX M2250", life_pages=1001)
        groups = check_eligibility(world.customer, [color, mono]).groups
        assert [one.id for one in groups[Eligibility.MODEL_NOT_SUPPORTED]] == [color]
        assert [one.id for one in groups[Eligibility.TOO_MANY_PAGES]] == [mono]


def create_customer(world: SuppliesWorld) -> str:
    """Another customer of the partner, with the programme and a contact."""
    child = create_child(world.partner, "Ek AB", [Entitlement.FLEET, Entitlement.MANAGED_PRINT]).id
    create_contact(_visiting(world, child), CONTACT)
    return child


def _visiting(world: SuppliesWorld, organization_id: str) -> Actor:
    return actor_of_user(world.partner.user_id, organization_id)


class TestLocks:
    """FL-474…FL-479, FL-454."""

    def test_unenrolling_only_managed_ones_is_an_error(self, world: SuppliesWorld) -> None:
        (member,), (pending,) = members(world), world.printers(1)
        join(world.customer, [pending], world.terms)
        with refused("fleet_task.all_managed"):
            start_fleet_task(world.customer, NewTask(TaskKind.UNENROL), [member, pending])

    def test_a_mix_ends_with_errors(self, world: SuppliesWorld) -> None:
        (member,), (free,) = members(world), world.printers(1)
        task_id = start_fleet_task(world.customer, NewTask(TaskKind.UNENROL), [member, free])
        while work_on_printers.fn(world.home, task_id, resumes=True):
            pass
        assert get_fleet_task(world.customer, task_id).status == "completed_with_errors"
        assert msp(world, member) is MspStatus.MEMBER
        with refused("not_found"):
            get_printer(world.customer, free)

    def test_one_that_joins_while_it_is_unenrolled_stays(self, world: SuppliesWorld) -> None:
        """The job was sent before; the look at its end counts."""
        (printer,) = world.printers(1)
        task_id = start_fleet_task(world.customer, NewTask(TaskKind.UNENROL), [printer])
        with tenant_session(world.home) as session:
            orders = take_jobs(session, for_worker(task_id), 10).orders
        join(world.customer, [printer], world.terms)
        with tenant_session(world.home) as session:
            end_jobs(session, [(order.job_id, Report(outcome=Outcome.COMPLETED)) for order in orders])
        assert msp(world, printer) is MspStatus.PENDING
        assert get_fleet_task(world.customer, task_id).status == "failed"

    def test_its_agent_stays(self, world: SuppliesWorld) -> None:
        agent = add_agent(world.home, version="2.1.18")
        (printer,) = world.printers(1, agent_id=agent)
        join(world.customer, [printer], world.terms)
        for act in (deactivate_agent, delete_agent):
            with refused("agent.manages_programme"):
                act(world.customer, agent)
        serial = get_printer(world.customer, printer).view.serial_number
        assert list(managed_printers_of(world.customer, agent)) == [(printer, serial)]

    def test_the_organization_cannot_be_deleted(self, world: SuppliesWorld) -> None:
        refusal = refusal_of_deletion(world.partner, world.home)
        assert refusal is not None
        assert refusal.code == "organization.kept_by_service"

    def test_only_the_partner_lets_go(self, world: SuppliesWorld) -> None:
        """FL-473: no way back for customers."""
        (member,) = members(world)
        read(world, member, toner(3))
        with refused("role.missing"):
            release_printers(world.customer, [member])
        assert release_printers(world.partner, [member]) == 1
        assert msp(world, member) is None
        assert [view.state for view in list_requests(world.customer)] == [RequestState.RELEASED]
        read(world, member, toner(2))
        assert len(list_orders(world.customer)) == 1, "the order of its time in the programme"
        with refused("not_found"):
            release_printers(world.partner, [member])
        assert start_fleet_task(world.customer, NewTask(TaskKind.UNENROL), [member])
