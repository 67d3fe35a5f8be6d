"""The partner's own supplies desk: letters go to it by mail, and its people answer in the portal.

Only `PartnerDesk` knows that; what its people say is kept beside the request or order (`said`) and takes effect when
the programme is asked, as with every other programme.
"""

from sqlalchemy import select

from connectors.settings import get_settings
from connectors.supplies.desk import Letter
from connectors.supplies.programme import Answer, Membership, OrderState, Receipt
from domain.mail.service import queue_mail
from domain.tenancy import system_session, tenant_session
from fleet.managed_supplies.models import MembershipRequestRow, SupplyOrderRow
from fleet.managed_supplies.programme import NO_DESK, Programme

ADDRESS = "/supplies-desk"
"""The page where the partner's people answer."""


class PartnerDesk:
    """See `connectors.supplies.desk.Desk`: the partner's desk as it serves one customer."""

    def __init__(self, programme: Programme, organization_id: str) -> None:
        self._programme, self._organization_id = programme, organization_id

    def send(self, letter: Letter) -> None:
        """Mail it, in the partner's name; raises `NO_DESK`."""
        programme = self._programme
        if not programme.desk_address:
            raise NO_DESK()
        with system_session() as session:
            queue_mail(
                session,
                programme.partner_id,
                [programme.desk_address],
                letter.subject,
                letter.paragraphs,
                locale=programme.settings.locale,
                link=f"{get_settings().public_url}{ADDRESS}",
                key=letter.key,
            )

    def decision(self, key: str) -> Answer:
        """What people have said to the request."""
        with tenant_session(self._organization_id, read_only=True) as session:
            said = session.scalars(select(MembershipRequestRow.said).where(MembershipRequestRow.id == key)).one()
        return Answer(Membership(said["state"]), key, said["reason"]) if said else Answer(Membership.PENDING, key)

    def shipment(self, key: str) -> Receipt:
        """How far people are with the order."""
        with tenant_session(self._organization_id, read_only=True) as session:
            said = session.scalars(select(SupplyOrderRow.said).where(SupplyOrderRow.id == key)).one()
        if not said:
            return Receipt(OrderState.PLACED, key)
        return Receipt(OrderState(said["state"]), key, said["tracking"], said["reason"])
