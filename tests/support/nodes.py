"""Workstations and storage nodes as the server sees them, without their programs; and what turns them on."""

import base64
from hashlib import sha256
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select, update

from domain.applications.models import ApplicationKind, ClientApplication
from domain.organizations.actor import Actor
from domain.organizations.models import Organization, now
from domain.printing.models import PrintSettingsRow
from domain.printing.settings import PrintSettings
from domain.printing.states import JobState
from domain.tenancy import system_session, tenant_session
from domain.workstation_printing.callers import CallingNode, node_of_credential
from domain.workstation_printing.commands import take_orders
from domain.workstation_printing.copies import accept_copy, end_copy_order, note_stored
from domain.workstation_printing.jobs import HybridSubmission, register_hybrid_job
from domain.workstation_printing.models import HybridCopy, HybridJob, PrintNode
from domain.workstation_printing.registration import (
    NodeStatus,
    Registration,
    register_storage_node,
    register_workstation,
    report_status,
)
from domain.workstation_printing.states import UNREACHABLE_AFTER, CopyState
from steps.node_work import NodeKind, NodeOrder

GIGABYTE = 1 << 30


def request() -> str:
    """A request for a certificate (PEM) for a fresh key."""
    key = ec.generate_private_key(ec.SECP256R1())
    made = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, SHA256())
    return made.public_bytes(Encoding.PEM).decode()


def storage_application(organization_id: str) -> Actor:
    """The organization's application “Advanced hybrid storage”, as its access token lets it act."""
    with system_session(read_only=True) as session:
        organization = session.get_one(Organization, organization_id)
        row = session.scalar(
            select(ClientApplication).where(
                ClientApplication.organization_id == organization_id,
                ClientApplication.kind == ApplicationKind.ADVANCED_HYBRID_STORAGE,
            )
        )
        assert row is not None
        return Actor(
            user_id="",
            organization_id=organization_id,
            email="",
            name=row.name,
            roles=frozenset(),
            home_organization_id=organization.id,
            scopes=frozenset(row.scopes),
            application_id=row.id,
        )


def set_settings(organization_id: str, **sections: Any) -> None:
    """Settings for printing, without what follows from a change."""
    values = PrintSettings.model_validate(sections).model_dump(mode="json")
    with tenant_session(organization_id) as session:
        session.merge(PrintSettingsRow(organization_id=organization_id, values=values))


def workstation(person: Actor, device_id: str = "laptop") -> CallingNode:
    """The person's workstation, registered."""
    registered = register_workstation(person, Registration(device_id, device_id, request()))
    return node_of_credential(registered.credential)


def storage_node(
    organization_id: str, name: str, kind: NodeKind = NodeKind.LINUX, free: int = 100 * GIGABYTE
) -> CallingNode:
    """A storage node, registered and with room."""
    given = Registration(name, name, request(), kind)
    registered = register_storage_node(storage_application(organization_id), given)
    node = node_of_credential(registered.credential)
    seen(node, free=free)
    return node


def seen(node: CallingNode, free: int = 100 * GIGABYTE) -> None:
    """The node tells how it is."""
    report_status(node, NodeStatus(("127.0.0.1",), 9443, free, GIGABYTE))


def silent(*nodes: CallingNode) -> None:
    """As if these nodes had not been heard for long."""
    with system_session() as session:
        mine = PrintNode.id.in_([node.id for node in nodes])
        session.execute(update(PrintNode).where(mine).values(last_seen=now() - 2 * UNREACHABLE_AFTER))


def hybrid_job(node: CallingNode, local_id: str = "1", pages: int = 1, **facts: Any) -> str:
    """A job that waits at the workstation; returns its id."""
    values: dict[str, Any] = {
        "local_id": local_id,
        "name": "Letter.pdf",
        "key": base64.b64encode(b"k" * 32).decode(),
        "size": 1000,
        "sha256": sha256(local_id.encode()).hexdigest(),
        "media_type": "application/pdf",
        "pages": pages,
        "is_color": False,
        "sides": "one-sided",
    }
    view = register_hybrid_job(node, HybridSubmission(**(values | facts)))
    assert view.state is JobState.HELD
    return view.id


def copies_of(organization_id: str, job_id: str) -> dict[str, CopyState]:
    """Node → state of its copy."""
    with tenant_session(organization_id, read_only=True) as session:
        rows = session.execute(select(HybridCopy.node_id, HybridCopy.state).where(HybridCopy.job_id == job_id))
        return {node_id: CopyState(state) for node_id, state in rows}


def is_short(organization_id: str, job_id: str) -> bool:
    """Whether the job is marked as having too few copies."""
    with tenant_session(organization_id, read_only=True) as session:
        return session.get_one(HybridJob, job_id).is_short


def hand_over(sender: CallingNode, nodes: list[CallingNode]) -> list[str]:
    """Carry out the sender's orders to copy, as the two nodes would; returns who got copies."""
    done = []
    by_id = {node.id: node for node in nodes}
    for order in take_orders(sender, []):
        if order.copy_job is None:
            continue
        receiver = by_id[order.copy_job.target.id]
        expected = accept_copy(receiver, order.copy_job.copy_id, order.copy_job.token.get_secret_value(), sender.id)
        note_stored(receiver, order.copy_job.copy_id, expected.sha256)
        end_copy_order(sender, order.id, None)
        done.append(receiver.id)
    return done


def told_to_delete(node: CallingNode) -> list[NodeOrder]:
    """The orders to delete that the node gets."""
    return [order for order in take_orders(node, []) if order.delete is not None]
