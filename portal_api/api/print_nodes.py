"""Storage nodes and workstations that hold hybrid jobs (section 27, PR-257)."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field, StringConstraints

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND
from domain.workstation_printing import removal, views
from domain.workstation_printing.removal import NOT_STORAGE
from domain.workstation_printing.states import NodeState
from domain.workstation_printing.views import NodeView, Standing
from portal_api.access import needs
from portal_api.problems import documented
from steps.node_work import NodeKind

router = APIRouter(prefix="/print-nodes", tags=["print nodes"])
Keeper = Annotated[Actor, needs(Permission.HYBRID_SETTINGS_MANAGE)]
NodeId = Annotated[str, Path(max_length=32)]


class PrintNodePublic(BaseModel):
    """A node. `held` are copies that it has, `arriving` are on their way, `leaving` still to be deleted there.

    Sizes are in bytes; `is_low`: it has no room beyond its reserve and gets no copies.
    """

    id: str
    kind: NodeKind
    name: str
    person: str
    state: NodeState
    addresses: list[str]
    port: int
    version: str
    system: str
    free: int
    reserve: int
    is_low: bool
    held: int
    arriving: int
    leaving: int
    last_seen: datetime
    created: datetime

    @classmethod
    def of(cls, view: NodeView) -> "PrintNodePublic":
        return cls.model_validate(view, from_attributes=True)


class PrintNodesPublic(BaseModel):
    """The nodes, and how copies stand. `is_short_of_nodes`: there must be more active nodes than copies (PR-251)."""

    items: list[PrintNodePublic]
    enabled: bool
    copies: int
    active_nodes: int
    short_jobs: int
    is_short_of_nodes: bool

    @classmethod
    def of(cls, found: list[NodeView], standing: Standing) -> "PrintNodesPublic":
        return cls(
            items=[PrintNodePublic.of(one) for one in found],
            enabled=standing.enabled,
            copies=standing.copies,
            active_nodes=standing.active_nodes,
            short_jobs=standing.short_jobs,
            is_short_of_nodes=standing.is_short_of_nodes,
        )


class PrintNodesChosen(BaseModel):
    """Storage nodes by their ids."""

    ids: list[Annotated[str, StringConstraints(max_length=32)]] = Field(min_length=1, max_length=200)


@router.get("", operation_id="list_print_nodes")
def list_print_nodes(actor: Keeper, workstations: bool = False) -> PrintNodesPublic:
    """Storage nodes, or workstations."""
    return PrintNodesPublic.of(views.list_nodes(actor, workstations=workstations), views.standing(actor))


@router.get("/{node_id}", operation_id="get_print_node", responses=documented(NOT_FOUND))
def get_print_node(actor: Keeper, node_id: NodeId) -> PrintNodePublic:
    """One node."""
    return PrintNodePublic.of(views.get_node(actor, node_id))


@router.post(
    "/disable", operation_id="disable_print_nodes", status_code=204, responses=documented(NOT_FOUND, NOT_STORAGE)
)
def disable_print_nodes(actor: Keeper, chosen: PrintNodesChosen) -> None:
    """Deactivate storage nodes: they get no new copies and go on to serve those that they have."""
    removal.set_enabled(actor, chosen.ids, enabled=False)


@router.post(
    "/enable", operation_id="enable_print_nodes", status_code=204, responses=documented(NOT_FOUND, NOT_STORAGE)
)
def enable_print_nodes(actor: Keeper, chosen: PrintNodesChosen) -> None:
    """Let deactivated nodes get copies again."""
    removal.set_enabled(actor, chosen.ids, enabled=True)


@router.post(
    "/delete", operation_id="delete_print_nodes", status_code=202, responses=documented(NOT_FOUND, NOT_STORAGE)
)
def delete_print_nodes(actor: Keeper, chosen: PrintNodesChosen) -> None:
    """Delete storage nodes: what they hold is copied elsewhere first, which may take a while."""
    removal.delete_nodes(actor, chosen.ids)
