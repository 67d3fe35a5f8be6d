"""Who calls: a node that shows the credential that it got when it was registered (section 33)."""

from dataclasses import dataclass

from sqlalchemy import select

from connectors.errors import Fault
from connectors.messages import N_
from domain.organizations.actor import Actor, actor_of_user
from domain.organizations.models import Organization, OrganizationStatus
from domain.sign_in.sessions import token_hash
from domain.tenancy import system_session
from domain.workstation_printing.models import PrintNode
from domain.workstation_printing.states import NodeState
from steps.node_work import NodeKind

CREDENTIAL_PREFIX = "prn_"
"""How credentials begin, so that scanners find them."""
CREDENTIAL_REFUSED = Fault(
    "print_node.credential_refused",
    401,
    N_("This computer is not registered any more."),
    N_("Sign in again on it; a storage node is registered again with the client id and a valid secret."),
)
NOT_A_WORKSTATION = Fault(
    "print_node.not_a_workstation",
    403,
    N_("Only the workstation of somebody who is signed in can do this."),
    N_("Storage nodes hold copies; documents are printed from workstations."),
)


@dataclass(frozen=True, slots=True)
class CallingNode:
    """A node that has shown its credential; `user_id` is who is signed in at a workstation, empty at storage nodes."""

    id: str
    organization_id: str
    kind: NodeKind
    user_id: str

    def person(self) -> Actor:
        """Who is signed in there, as they count now; raises `NOT_A_WORKSTATION`, `ACCOUNT_ENDED`."""
        if not self.user_id:
            raise NOT_A_WORKSTATION()
        return actor_of_user(self.user_id, self.organization_id)


def node_of_credential(credential: str) -> CallingNode:
    """Whose credential it is; raises `CREDENTIAL_REFUSED`."""
    with system_session(read_only=True) as session:
        query = (
            select(PrintNode, Organization.status)
            .join(Organization, Organization.id == PrintNode.organization_id)
            .where(PrintNode.credential_hash == token_hash(credential))
        )
        found = session.execute(query).one_or_none()
        if found is None or found[1] != OrganizationStatus.ACTIVE or found[0].state == NodeState.DELETED:
            raise CREDENTIAL_REFUSED()
        node: PrintNode = found[0]
        return CallingNode(node.id, node.organization_id, NodeKind(node.kind), node.user_id or "")
