"""The notice that a distribution is almost empty: once for each service, to all of its addresses (SQ-25, SQ-29)."""

from sqlalchemy.orm import Session

from connectors.messages import N_, Message
from connectors.settings import get_settings
from domain.mail.service import queue_mail
from domain.organizations.models import Organization, now
from domain.quotas.models import Distribution
from domain.quotas.rules import SERVICE_TITLES, is_almost_empty
from domain.quotas.standing import pages_of
from steps.contract import Service


def give_notice(session: Session, distribution: Distribution, service: Service) -> None:
    """Tell the addresses of the distribution, unless they were told already or nobody wants to know.

    The caller holds the distribution's row; the mail goes out when its transaction is committed.
    """
    pages = pages_of(session, distribution.id)[service]
    if not distribution.notify or pages.notified or pages.page_limit is None:
        return
    if not is_almost_empty(pages, get_settings().quota_notice_percent):
        return
    pages.notified = now()
    facts: dict[str, str | int | float] = {
        "organization": session.get_one(Organization, distribution.organization_id).name,
        "service": SERVICE_TITLES[service],
        "left": max(0, pages.page_limit - pages.used - pages.handed_out),
        "limit": pages.page_limit,
    }
    queue_mail(
        session,
        distribution.organization_id,
        distribution.notify,
        Message.of(N_("Almost no pages left: {service}, {organization}"), **facts),
        [
            Message.of(N_("“{organization}” has {left} of {limit} pages left for “{service}”."), **facts),
            Message.of(N_("When none are left, the service stops for this organization until pages are added.")),
        ],
        locale=distribution.locale,
        link=f"{get_settings().public_url}/quotas/distributions",
        key=f"quota/{distribution.id}/{service.value}/{int(pages.notified.timestamp() * 1_000_000)}",
    )
