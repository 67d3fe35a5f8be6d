"""What is kept of imports."""

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.tenancy import TenantRow


class UserImport(TenantRow, Base):
    """The file of an import that waits or runs, encrypted because it may hold passwords; deleted once it is done."""

    __tablename__ = "user_import"

    task_id: Mapped[str] = mapped_column(ForeignKey("background_task.id", ondelete="CASCADE"), primary_key=True)
    content: Mapped[str] = mapped_column(Text)
