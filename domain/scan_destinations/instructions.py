"""The mail that tells somebody at a printer how to sign in to their storage account (SCAN-111)."""

from connectors.messages import N_, Message
from connectors.settings import get_settings
from domain.audit.service import record
from domain.mail.service import queue_mail
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.scan_destinations.offered import OfferedDestination
from domain.scan_settings.families import service_title

PAGE = "/storage-accounts"


def mail_instructions(actor: Actor, offered: OfferedDestination) -> None:
    """Send the instructions to the actor's own address, at most once an hour for each provider."""
    family, provider = offered.definition.family.name, service_title(offered.definition.service)
    with actor.session() as session:
        queue_mail(
            session,
            actor.organization_id,
            [actor.email],
            Message.of(N_("Sign in to {provider} to scan there"), provider=provider),
            [
                Message.of(N_("You wanted to scan to “{name}”."), name=offered.definition.name),
                Message.of(N_("Open the page “Cloud storage accounts” and choose your account at {provider}."),
                           provider=provider),
                Message.of(N_("Then scan again at the printer.")),
            ],
            locale=actor.locale,
            link=f"{get_settings().public_url}{PAGE}",
            key=f"scan-sign-in/{actor.user_id}/{family}/{now():%Y%m%d%H}",
        )  # fmt: skip
        facts = {"provider": family, "destination": offered.definition.name}
        record(session, actor, "scan.instructions_mailed", "scan_destination", offered.id, facts)
