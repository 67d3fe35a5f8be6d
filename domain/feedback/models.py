"""What is kept of feedback."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from connectors.database import Base
from domain.organizations.models import now
from domain.tenancy import TenantRow


class Feedback(TenantRow, Base):
    """What somebody said; `page` is the path of the page they came from. `may_contact`: they want to be answered."""

    __tablename__ = "feedback"
    __table_args__ = (Index("ix_feedback_of_author", "user_id", "created"), Index("ix_feedback_created", "created"))

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    text: Mapped[str] = mapped_column(Text)
    page: Mapped[str] = mapped_column(String(255))
    may_contact: Mapped[bool]
    created: Mapped[datetime] = mapped_column(default=now)
