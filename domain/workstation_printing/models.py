"""What is kept of jobs that stay in the customer's network: nodes, where copies are, and what nodes were told."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import now
from domain.tenancy import TenantRow, new_id
from domain.workstation_printing.states import CommandState, CopyState, NodeState
from steps.node_work import NodeKind, OrderKind


class NodeAuthority(TenantRow, Base):
    """The authority of an organization's nodes, which know each other by certificates of it; the key is encrypted."""

    __tablename__ = "print_node_authority"

    organization_id: Mapped[str] = mapped_column(
        String(32), ForeignKey("organization.id", ondelete="CASCADE"), primary_key=True
    )
    certificate: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    created: Mapped[datetime] = mapped_column(default=now)


class PrintNode(TenantRow, Base):
    """A computer that holds sealed content of hybrid jobs: somebody's workstation (`user_id`), or a storage node.

    `device_key` is its own name (DEVICE_ID), with whose it is: one that registers again stays the same node. Sizes are
    in bytes; `reserve` is what it keeps free (PR-255). `certificate_hash` is that of its present certificate.
    """

    __tablename__ = "print_node"
    __table_args__ = (
        UniqueConstraint("organization_id", "device_key"),
        Index("ix_print_node_states", "organization_id", "kind", "state"),
        Index("ix_print_node_credential", "credential_hash"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    kind: Mapped[NodeKind] = mapped_column(String(16))
    user_id: Mapped[str | None] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    device_key: Mapped[str] = mapped_column(String(300))
    name: Mapped[str] = mapped_column(String(255))
    state: Mapped[NodeState] = mapped_column(String(16), default=NodeState.ACTIVE)
    credential_hash: Mapped[str | None] = mapped_column(String(64))
    certificate_hash: Mapped[str] = mapped_column(String(64), default="")
    addresses: Mapped[list[str]] = mapped_column(JSON, default=list)
    port: Mapped[int] = mapped_column(default=0)
    version: Mapped[str] = mapped_column(String(32), default="")
    system: Mapped[str] = mapped_column(String(255), default="")
    free: Mapped[int] = mapped_column(BigInteger, default=0)
    reserve: Mapped[int] = mapped_column(BigInteger, default=0)
    is_low: Mapped[bool] = mapped_column(default=False)
    last_seen: Mapped[datetime] = mapped_column(default=now)
    created: Mapped[datetime] = mapped_column(default=now)
    changed: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class HybridJob(TenantRow, Base):
    """What a hybrid job has besides its `PrintJob`: size and SHA-256 of the sealed content, and the key that opens it.

    `node_id` is the workstation from which it came, `wanted` how many copies it is to have besides that (PR-251).
    """

    __tablename__ = "print_hybrid_job"
    __table_args__ = (Index("ix_print_hybrid_job_short", "is_short", "next_try"),)

    job_id: Mapped[str] = mapped_column(ForeignKey("print_job.id", ondelete="CASCADE"), primary_key=True)
    node_id: Mapped[str] = mapped_column(String(32), index=True)
    local_id: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    key: Mapped[str] = mapped_column(Text)
    wanted: Mapped[int] = mapped_column(default=0)
    is_short: Mapped[bool] = mapped_column(default=False)
    tries: Mapped[int] = mapped_column(default=0)
    next_try: Mapped[datetime] = mapped_column(default=now)


class HybridCopy(TenantRow, Base):
    """One copy of a job's content at one node. `job_id` outlives the job: the copy is still to be deleted then.

    `token_hash` is that of the one-time token with which another node hands the content over (PR-321).
    """

    __tablename__ = "print_hybrid_copy"
    __table_args__ = (
        UniqueConstraint("job_id", "node_id"),
        Index("ix_print_hybrid_copy_node", "node_id", "state"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    job_id: Mapped[str] = mapped_column(String(32))
    node_id: Mapped[str] = mapped_column(ForeignKey("print_node.id", ondelete="CASCADE"))
    is_primary: Mapped[bool] = mapped_column(default=False)
    state: Mapped[CopyState] = mapped_column(String(16), default=CopyState.PENDING)
    token_hash: Mapped[str] = mapped_column(String(64), default="")
    token_ends: Mapped[datetime | None]
    error: Mapped[dict[str, Any] | None]
    changed: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class NodeCommand(TenantRow, Base):
    """Something that a node was told (F-20). `subject` is the attempt, the copy or the job that it is about.

    `order` is what the node gets, its secrets encrypted in `secrets`. A release has `began` from the moment on from
    which the printer may have the job: it is never given to another node then. `told` is what the node says of it.
    """

    __tablename__ = "print_node_command"
    __table_args__ = (
        Index("ix_print_node_command_node", "node_id", "state"),
        Index("ix_print_node_command_subject", "subject", "kind"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    node_id: Mapped[str] = mapped_column(ForeignKey("print_node.id", ondelete="CASCADE"))
    kind: Mapped[OrderKind] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(String(32))
    state: Mapped[CommandState] = mapped_column(String(16), default=CommandState.QUEUED)
    order: Mapped[dict[str, Any]]
    secrets: Mapped[str] = mapped_column(Text, default="")
    told: Mapped[dict[str, Any]] = mapped_column(default=dict)
    is_cancelled: Mapped[bool] = mapped_column(default=False)
    created: Mapped[datetime] = mapped_column(default=now)
    delivered: Mapped[datetime | None]
    began: Mapped[datetime | None]
    heard: Mapped[datetime | None]
    ended: Mapped[datetime | None]


class DirectJob(TenantRow, Base):
    """What a direct or offline job has besides its `PrintJob`: by what the printer's own report finds it (PR-241)."""

    __tablename__ = "print_direct_job"
    __table_args__ = (UniqueConstraint("organization_id", "mark"),)

    job_id: Mapped[str] = mapped_column(ForeignKey("print_job.id", ondelete="CASCADE"), primary_key=True)
    mark: Mapped[str] = mapped_column(String(32))
    printer_id: Mapped[str] = mapped_column(String(32), default="")
    policy: Mapped[str] = mapped_column(String(255), default="")


class DirectReport(TenantRow, Base):
    """What a printer told of a direct job whose workstation has not told of it yet; kept until it does (PR-241)."""

    __tablename__ = "print_direct_report"
    __table_args__ = (UniqueConstraint("organization_id", "printer_id", "mark"), Index("ix_direct_report", "received"))

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    printer_id: Mapped[str] = mapped_column(String(32))
    mark: Mapped[str] = mapped_column(String(32))
    numbers: Mapped[dict[str, Any]]
    received: Mapped[datetime] = mapped_column(default=now)
