"""Hybrid jobs and the nodes that hold them, as the server keeps them (sections 26 and 27, F-17…F-22)."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from connectors.errors import Fault, PressroomError
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.permissions import Permission
from domain.organizations.roles import Role
from domain.printing import expiry
from domain.printing.changes import delete_job
from domain.printing.models import PrintJob, PrintSubmission
from domain.printing.queue import list_queue
from domain.printing.states import JobKind, JobState
from domain.tenancy import NOT_FOUND, tenant_session
from domain.workstation_printing import commands, copies, registration, releases, removal, sweep, views
from domain.workstation_printing.authority import BAD_REQUEST
from domain.workstation_printing.callers import CREDENTIAL_REFUSED, NOT_A_WORKSTATION, CallingNode, node_of_credential
from domain.workstation_printing.jobs import CONFLICT
from domain.workstation_printing.models import HybridCopy, HybridJob
from domain.workstation_printing.placement import Room, choose
from domain.workstation_printing.registration import Registration
from domain.workstation_printing.states import CopyState, NodeState
from steps.node_work import EndTold, FaultTold, NodeKind, PrinterPlace, ReleaseOrder
from steps.print_release import End
from tests.support import nodes
from tests.support.installation import Installation, installed

STORAGE = {"enabled": True, "copies": 2}


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as installation:
        nodes.set_settings(installation.administrator.organization_id, hybrid_storage=STORAGE)
        yield installation


@pytest.fixture
def ann(one: Installation) -> Actor:
    return one.add_person("ann@one.example", Role.HYBRID_PRINT_USER)


@pytest.fixture
def hybrid_administrator(one: Installation) -> Actor:
    return one.add_person("admin@one.example", Role.HYBRID_PRINT_ADMINISTRATOR)


@pytest.fixture
def laptop(ann: Actor) -> CallingNode:
    return nodes.workstation(ann)


def refused(fault: Fault, do: Callable[[], object]) -> None:
    with pytest.raises(PressroomError) as caught:
        do()
    assert caught.value.fault is fault


def job_of(actor: Actor, job_id: str) -> PrintJob:
    with actor.session(read_only=True) as session:
        job = session.scalar(select(PrintJob).where(PrintJob.id == job_id))
        assert job is not None
        session.expunge(job)
        return job


def storage_nodes(actor: Actor, count: int, start: int = 0) -> list[CallingNode]:
    return [nodes.storage_node(actor.organization_id, f"node-{number}") for number in range(start, start + count)]


def try_now(actor: Actor) -> int:
    """The next chance to make copies, whatever the pauses."""
    with tenant_session(actor.organization_id) as session:
        session.execute(update(HybridJob).values(next_try=now()))
    return copies.replicate(actor.organization_id)


@pytest.mark.parametrize(
    ("taken", "size", "count", "chosen"),
    [
        ([], 10, 2, ["b", "c"]),
        (["b"], 10, 2, ["c", "a"]),
        ([], 60, 3, ["a"]),
        (["a", "b", "c"], 10, 1, []),
        ([], 10, 5, ["b", "c", "a"]),
    ],
)
def test_copies_go_to_distinct_nodes_with_room_the_least_loaded_first(
    taken: list[str], size: int, count: int, chosen: list[str]
) -> None:
    """PR-258."""
    rooms = [Room("a", 500, 100), Room("b", 0, 50), Room("c", 20, 50)]
    assert choose(rooms, taken, size, count) == chosen


def test_a_job_waits_in_the_queue_while_its_content_stays(ann: Actor, laptop: CallingNode) -> None:
    """F-17, PR-242, PR-247: told twice it is one job; under the same number another content is a conflict."""
    job_id = nodes.hybrid_job(laptop, pages=3)
    assert nodes.hybrid_job(laptop, pages=3) == job_id
    refused(CONFLICT, lambda: nodes.hybrid_job(laptop, sha256="0" * 64))
    [shown] = list_queue(ann)
    assert (shown.id, shown.kind, shown.pages) == (job_id, JobKind.HYBRID, 3)
    assert (shown.original, shown.printable) == (None, None)
    assert shown.expires_at is not None
    with ann.session(read_only=True) as session:
        fact = session.get_one(PrintSubmission, job_id)
        assert (fact.kind, fact.pages, fact.client_type) == (JobKind.HYBRID, 3, "workstation")


def test_who_may_be_what(one: Installation, ann: Actor, hybrid_administrator: Actor) -> None:
    """PR-250, PR-254, PR-24; a name belongs to one computer at a time, and kinds that are not wanted are refused."""
    organization_id = ann.organization_id
    bob = one.add_person("bob@one.example")
    with pytest.raises(PressroomError) as caught:
        nodes.workstation(bob)
    assert caught.value.code == "role.missing"
    application = nodes.storage_application(organization_id)
    assert application.may(Permission.HYBRID_STORAGE)
    first = nodes.storage_node(organization_id, "server")
    again = Registration("SERVER", "server", nodes.request(), NodeKind.LINUX)
    refused(registration.NAME_IN_USE, lambda: registration.register_storage_node(application, again))
    nodes.silent(first)
    second = registration.register_storage_node(application, again)
    assert second.node_id == first.id, "one that comes back is the same node"
    known = Registration("server", "server", nodes.request(), NodeKind.LINUX, former=second.credential)
    assert registration.register_storage_node(application, known).node_id == first.id
    refused(CREDENTIAL_REFUSED, lambda: node_of_credential(second.credential))
    refused(NOT_A_WORKSTATION, lambda: nodes.hybrid_job(first))
    broken = Registration("other", "other", "no request", NodeKind.LINUX)
    refused(BAD_REQUEST, lambda: registration.register_storage_node(application, broken))
    nodes.set_settings(organization_id, hybrid_storage=STORAGE | {"node_types": ["edge"]})
    other = Registration("other", "other", nodes.request(), NodeKind.LINUX)
    refused(registration.KIND_REFUSED, lambda: registration.register_storage_node(application, other))
    nodes.set_settings(organization_id)
    refused(registration.STORAGE_OFF, lambda: registration.register_storage_node(application, other))
    assert [node.name for node in views.list_nodes(hybrid_administrator)] == ["server"]
    with pytest.raises(PressroomError) as caught:
        views.list_nodes(ann)
    assert caught.value.code == "role.missing"


def test_copies_are_made_as_many_as_wanted_and_a_token_counts_once(ann: Actor, laptop: CallingNode) -> None:
    """F-18, PR-251: two of four nodes."""
    found = storage_nodes(ann, 4)
    job_id = nodes.hybrid_job(laptop)
    assert copies.replicate(ann.organization_id) == 2
    [order, _] = commands.take_orders(laptop, [])
    assert order.copy_job is not None
    chosen = next(node for node in found if node.id == order.copy_job.target.id)
    others = [node for node in found if node is not chosen]
    token = order.copy_job.token.get_secret_value()
    refused(copies.COPY_REFUSED, lambda: copies.accept_copy(others[0], order.copy_job.copy_id, token, laptop.id))  # type: ignore[union-attr]
    refused(copies.COPY_REFUSED, lambda: copies.accept_copy(chosen, order.copy_job.copy_id, token, others[0].id))  # type: ignore[union-attr]
    nodes.hand_over(laptop, found)
    refused(copies.COPY_REFUSED, lambda: copies.accept_copy(chosen, order.copy_job.copy_id, token, laptop.id))  # type: ignore[union-attr]
    states = nodes.copies_of(ann.organization_id, job_id)
    assert len(states) == 3
    assert set(states.values()) == {CopyState.STORED}
    assert not nodes.is_short(ann.organization_id, job_id)
    assert try_now(ann) == 0


def test_with_too_few_nodes_what_is_possible_is_made(
    ann: Actor, laptop: CallingNode, hybrid_administrator: Actor
) -> None:
    """PR-258, AM-42."""
    found = storage_nodes(ann, 1)
    job_id = nodes.hybrid_job(laptop)
    assert copies.replicate(ann.organization_id) == 1
    nodes.hand_over(laptop, found)
    assert nodes.is_short(ann.organization_id, job_id)
    standing = views.standing(hybrid_administrator)
    assert (standing.active_nodes, standing.short_jobs, standing.is_short_of_nodes) == (1, 1, True)
    found += storage_nodes(ann, 2, start=1)
    assert try_now(ann) == 1
    nodes.hand_over(laptop, found)
    assert not nodes.is_short(ann.organization_id, job_id)
    assert not views.standing(hybrid_administrator).is_short_of_nodes


def test_a_copy_that_fails_is_made_at_another_node(ann: Actor, laptop: CallingNode) -> None:
    found = storage_nodes(ann, 3)
    job_id = nodes.hybrid_job(laptop)
    copies.replicate(ann.organization_id)
    first, second = commands.take_orders(laptop, [])
    assert first.copy_job is not None
    copies.end_copy_order(laptop, first.id, FaultTold(code="print_node.trouble"))
    assert copies.replicate(ann.organization_id) == 1, "at once, at the third node"
    assert set(nodes.hand_over(laptop, found)) == {node.id for node in found} - {first.copy_job.target.id}
    assert second.copy_job is not None
    assert not nodes.is_short(ann.organization_id, job_id)


def test_copies_of_a_silent_node_are_made_elsewhere_and_it_drops_its_own_when_it_is_back(
    ann: Actor, laptop: CallingNode
) -> None:
    """F-21."""
    found = storage_nodes(ann, 3)
    job_id = nodes.hybrid_job(laptop)
    copies.replicate(ann.organization_id)
    holding = nodes.hand_over(laptop, found)
    gone = next(node for node in found if node.id == holding[0])
    nodes.silent(gone)
    assert sweep.note_silent_nodes() == [gone.id]
    assert ann.organization_id in sweep.organizations_with_work()
    assert copies.replicate(ann.organization_id) == 1
    nodes.hand_over(laptop, found)
    assert not nodes.is_short(ann.organization_id, job_id)
    nodes.seen(gone)
    [order] = nodes.told_to_delete(gone)
    commands.confirm_deleted(gone, order.id)
    assert nodes.copies_of(ann.organization_id, job_id)[gone.id] is CopyState.DELETED


def test_a_node_is_deleted_after_its_copies_were_moved(
    ann: Actor, laptop: CallingNode, hybrid_administrator: Actor
) -> None:
    """F-22, PR-259: also while the workstation is away, from the copies that there are."""
    found = storage_nodes(ann, 3)
    organization_id = ann.organization_id
    job_id = nodes.hybrid_job(laptop)
    copies.replicate(organization_id)
    holding = [next(node for node in found if node.id == one) for one in nodes.hand_over(laptop, found)]
    leaving = holding[0]
    nodes.silent(laptop)
    sweep.note_silent_nodes()
    refused(removal.NOT_STORAGE, lambda: removal.delete_nodes(hybrid_administrator, [laptop.id]))
    refused(NOT_FOUND, lambda: removal.delete_nodes(hybrid_administrator, [leaving.id, "0" * 32]))
    removal.delete_nodes(hybrid_administrator, [leaving.id])
    assert removal.advance_removals(organization_id) == 0, "its copy is nowhere else yet"
    assert copies.replicate(organization_id) == 1
    assert [*nodes.hand_over(leaving, found), *nodes.hand_over(holding[1], found)] != []
    assert removal.advance_removals(organization_id) == 1
    assert views.get_node(hybrid_administrator, leaving.id).state is NodeState.DELETED
    states = nodes.copies_of(organization_id, job_id)
    stored = {node_id for node_id, state in states.items() if state is CopyState.STORED}
    assert stored == {laptop.id, *(node.id for node in found)} - {leaving.id}


def test_a_deactivated_node_gets_nothing_new_and_keeps_what_it_has(
    ann: Actor, laptop: CallingNode, hybrid_administrator: Actor
) -> None:
    """PR-259."""
    found = storage_nodes(ann, 2)
    first = nodes.hybrid_job(laptop)
    copies.replicate(ann.organization_id)
    nodes.hand_over(laptop, found)
    removal.set_enabled(hybrid_administrator, [found[0].id], enabled=False)
    second = nodes.hybrid_job(laptop, "2")
    assert copies.replicate(ann.organization_id) == 1
    nodes.hand_over(laptop, found)
    assert nodes.copies_of(ann.organization_id, first)[found[0].id] is CopyState.STORED
    assert found[0].id not in nodes.copies_of(ann.organization_id, second)
    removal.set_enabled(hybrid_administrator, [found[0].id], enabled=True)
    assert try_now(ann) == 1


@pytest.mark.parametrize("how", ["deleted", "expired", "signed_out", "kept_deleted", "kept_expired"])
def test_a_job_that_ends_is_deleted_at_every_node_and_its_key_is_forgotten(
    ann: Actor, laptop: CallingNode, how: str
) -> None:
    """PR-253, PR-245, PR-178, F-9, F-20; PR-260: of a job that was kept too, when it is deleted or has expired."""
    found = storage_nodes(ann, 2)
    job_id = nodes.hybrid_job(laptop)
    copies.replicate(ann.organization_id)
    nodes.hand_over(laptop, found)
    if how.startswith("kept"):
        with tenant_session(ann.organization_id) as session:
            session.execute(update(PrintJob).values(state=JobState.KEPT))
        assert not any(nodes.told_to_delete(node) for node in found), "it can be printed again"
    if how.endswith("deleted"):
        delete_job(ann, job_id)
    elif how.endswith("expired"):
        with tenant_session(ann.organization_id) as session:
            session.execute(update(PrintJob).values(expires_at=now() - timedelta(seconds=1)))
        assert expiry.expire_due_jobs() == 1
    else:
        registration.sign_out(laptop)
    assert JobState(job_of(ann, job_id).state).is_final
    for node in found:
        [order] = nodes.told_to_delete(node)
        assert order.delete is not None
        assert order.delete.job_ids == (job_id,)
        assert nodes.told_to_delete(node) == [order], "told again until it is confirmed"
        commands.confirm_deleted(node, order.id)
        assert nodes.told_to_delete(node) == []
    with ann.session(read_only=True) as session:
        assert session.get(HybridJob, job_id) is None
        left = session.scalars(select(HybridCopy.node_id).where(HybridCopy.state != CopyState.DELETED)).all()
    assert left == ([] if how == "signed_out" else [laptop.id])


def test_what_a_node_holds_is_compared_with_what_it_should(ann: Actor, laptop: CallingNode) -> None:
    """PR-256: what is too much is deleted, what is damaged or missing is made anew."""
    found = storage_nodes(ann, 2)
    kept, damaged, missing = (nodes.hybrid_job(laptop, name) for name in ("kept", "damaged", "missing"))
    copies.replicate(ann.organization_id)
    nodes.hand_over(laptop, found)
    with tenant_session(ann.organization_id) as session:
        session.execute(update(HybridCopy).values(changed=now() - timedelta(minutes=5)))
        hashes = dict(session.execute(select(HybridJob.job_id, HybridJob.sha256)).tuples().all())
    held = {kept: hashes[kept], damaged: "0" * 64, "f" * 32: "1" * 64}
    assert set(copies.take_inventory(found[0], held)) == {damaged, "f" * 32}
    assert not nodes.is_short(ann.organization_id, kept)
    assert nodes.is_short(ann.organization_id, damaged)
    assert nodes.is_short(ann.organization_id, missing)
    assert try_now(ann) == 2, "there is no other node: the same one is tried again"


def test_settings_bring_copies_to_what_is_wanted_now(ann: Actor, laptop: CallingNode) -> None:
    """PR-22…PR-24."""
    found = storage_nodes(ann, 3)
    job_id = nodes.hybrid_job(laptop)
    copies.replicate(ann.organization_id)
    nodes.hand_over(laptop, found)
    for storage, left in (({"enabled": True, "copies": 1}, 1), ({"enabled": False}, 0)):
        nodes.set_settings(ann.organization_id, hybrid_storage=storage)
        sweep.apply_storage_settings(ann.organization_id)
        states = list(nodes.copies_of(ann.organization_id, job_id).values())
        assert states.count(CopyState.STORED) == left + 1


def release_order(job_id: str) -> ReleaseOrder:
    printer = PrinterPlace(name="p", ipp=("ipp://127.0.0.1/ipp/print",))
    values = {"job_id": job_id, "key": "", "sha256": "", "name": "n", "mark": "m", "user": "u", "ticket": {}}
    return ReleaseOrder.model_validate(
        values | {"media_type": "application/pdf", "printer": printer, "timeout_seconds": 5}
    )


def test_an_order_that_was_taken_back_cannot_begin_and_one_that_began_cannot_be_taken_back(
    ann: Actor, laptop: CallingNode
) -> None:
    """F-19, PR-137: of two nodes at most one prints."""
    organization_id = ann.organization_id
    job_id = nodes.hybrid_job(laptop)
    [place] = releases.places_of(organization_id, job_id)
    first = releases.order_release(organization_id, place, "a" * 32, release_order(job_id))
    [order] = commands.take_orders(laptop, [])
    assert order.release is not None
    assert len(order.release.key.get_secret_value()) == 44
    assert releases.take_back(organization_id, "a" * 32)
    assert first is not None
    refused(commands.TOO_LATE, lambda: commands.begin(laptop, first, "ipp", {}))
    second = releases.order_release(organization_id, place, "b" * 32, release_order(job_id))
    assert second is not None
    commands.take_orders(laptop, [])
    commands.begin(laptop, second, "ipp", {"copies": 2})
    refused(commands.TOO_LATE, lambda: commands.begin(laptop, second, "ipp", {}))
    assert not releases.take_back(organization_id, "b" * 32)
    assert commands.take_orders(laptop, [second]) == []
    assert commands.tell_end(laptop, second, EndTold(end=End.PRINTED, impressions=1))
    assert not commands.tell_end(laptop, second, EndTold(end=End.PRINTED, impressions=1))
    standing = releases.standing_of(organization_id, second)
    assert standing is not None
    assert standing.end is not None
    assert (standing.end.end, standing.end.impressions, standing.ticket.copies) == (End.PRINTED, 1, 2)


def test_an_order_that_its_node_has_forgotten_after_it_began_is_never_given_again(
    ann: Actor, laptop: CallingNode
) -> None:
    """PR-344: the node was set up anew while it printed."""
    job_id = nodes.hybrid_job(laptop)
    [place] = releases.places_of(ann.organization_id, job_id)
    command = releases.order_release(ann.organization_id, place, "a" * 32, release_order(job_id))
    assert command is not None
    commands.take_orders(laptop, [])
    assert [order.id for order in commands.take_orders(laptop, [])] == [command], "lost on the way: told again"
    commands.begin(laptop, command, "ipp", {})
    assert commands.take_orders(laptop, []) == []
    standing = releases.standing_of(ann.organization_id, command)
    assert standing is not None
    assert not standing.is_open


def test_nobody_reaches_nodes_of_another_organization(one: Installation, ann: Actor, laptop: CallingNode) -> None:
    nodes.hybrid_job(laptop)
    refused(NOT_FOUND, lambda: views.get_node(one.stranger, laptop.id))
    refused(NOT_FOUND, lambda: removal.delete_nodes(one.stranger, [laptop.id]))
