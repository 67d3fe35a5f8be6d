"""What an organization of the first level begins with: no limits, billed by what it uses.

Customers of a partner begin with nothing: their pages come by a distribution (SC-21).
"""

from sqlalchemy.orm import Session

from domain.quotas.models import DistributedPages, Distribution, Duration
from steps.contract import Service


def grant_usage_billing(session: Session, organization_id: str) -> None:
    """The explicit record that the organization may use every service without a limit until somebody sets one."""
    distribution = Distribution(
        organization_id=organization_id, current_of=organization_id, duration=Duration.USAGE, notify=[]
    )
    session.add(distribution)
    session.flush()
    session.add_all(
        DistributedPages(
            organization_id=organization_id, distribution_id=distribution.id, service=service, page_limit=None
        )
        for service in Service
    )
