"""States of nodes, of the copies that they hold, and of what they are told (PR-257, F-18, F-20)."""

from datetime import timedelta
from enum import StrEnum

from connectors.messages import N_
from steps.node_work import NodeKind

UNREACHABLE_AFTER = timedelta(minutes=5)
"""Without a report for this long a node counts as unreachable (PR-257)."""


class NodeState(StrEnum):
    """What becomes of a node: disabled ones get no new copies, deleting ones have theirs moved first (PR-259)."""

    ACTIVE = "active"
    UNREACHABLE = "unreachable"
    DISABLED = "disabled"
    DELETING = "deleting"
    DELETED = "deleted"


class CopyState(StrEnum):
    """How far one copy of a job's content is (F-18)."""

    PENDING = "pending"
    COPYING = "copying"
    STORED = "stored"
    FAILED = "failed"
    DELETE_PENDING = "delete_pending"
    DELETED = "deleted"


LIVING_COPIES = (CopyState.PENDING, CopyState.COPYING, CopyState.STORED)
"""A copy, or one that is on its way."""


class CommandState(StrEnum):
    """How far something is that a node was told (F-20)."""

    QUEUED = "queued"
    DELIVERED = "delivered"
    DONE = "done"
    OBSOLETE = "obsolete"


OPEN_COMMANDS = (CommandState.QUEUED, CommandState.DELIVERED)

NODE_TITLES = {
    NodeState.ACTIVE: N_("Active"),
    NodeState.UNREACHABLE: N_("Unreachable"),
    NodeState.DISABLED: N_("Deactivated"),
    NodeState.DELETING: N_("Being deleted"),
    NodeState.DELETED: N_("Deleted"),
}
"""States of nodes in people's words."""
KIND_TITLES = {
    NodeKind.WORKSTATION: N_("Workstation"),
    NodeKind.WINDOWS: N_("Windows node"),
    NodeKind.LINUX: N_("Linux node"),
    NodeKind.EDGE: N_("Edge appliance"),
}
"""Kinds of nodes in people's words."""
