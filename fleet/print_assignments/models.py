"""What is kept of print assignments."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import now
from domain.print_definitions.models import TargetKind
from domain.tenancy import TenantRow, new_id


class QueueNaming(StrEnum):
    """What the queues of an assignment's printers are called (PR-228)."""

    ADDRESS = "address"
    HOST_NAME = "host_name"
    PRINTER_NAME = "printer_name"


class PrintAssignment(TenantRow, Base):
    """A cost centre or department (`holder` is its name) or people, and printers by their tags.

    Names are unique without regard to case. Assignments of a kind that the organization's mode does not have are kept,
    but they do not count (PR-51). Printers are found when they are asked for, so that a tag more counts at once.
    """

    __tablename__ = "print_assignment"
    __table_args__ = (
        UniqueConstraint("organization_id", "name_key"),
        Index("ix_print_assignment_holder", "organization_id", "kind", "holder"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(100))
    name_key: Mapped[str] = mapped_column(String(150))
    kind: Mapped[TargetKind] = mapped_column(String(16))
    holder: Mapped[str] = mapped_column(String(255), default="")
    naming: Mapped[QueueNaming] = mapped_column(String(16), default=QueueNaming.ADDRESS)
    changed: Mapped[datetime] = mapped_column(default=now)


class AssignmentTag(TenantRow, Base):
    """A tag of an assignment, which goes with the tag."""

    __tablename__ = "print_assignment_tag"

    assignment_id: Mapped[str] = mapped_column(ForeignKey("print_assignment.id", ondelete="CASCADE"), primary_key=True)
    tag_id: Mapped[str] = mapped_column(ForeignKey("printer_tag.id", ondelete="CASCADE"), primary_key=True, index=True)


class AssignmentPerson(TenantRow, Base):
    """Somebody of a personal assignment."""

    __tablename__ = "print_assignment_person"

    assignment_id: Mapped[str] = mapped_column(ForeignKey("print_assignment.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True, index=True
    )
