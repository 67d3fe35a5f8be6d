"""The settings bundle for printers with the compact release function, with a secret of its own (PR-211…PR-213)."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from connectors.errors import Fault
from connectors.messages import N_
from connectors.printers.compact_release import compact_release_bundle
from connectors.settings import get_settings
from domain.applications.models import ApplicationKind
from domain.applications.service import LONGEST_OVERLAP_HOURS, ApplicationView, list_applications, make_secret
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND

FILE_NAME = "compact-release.zip"
SWITCHED_OFF = Fault(
    "compact_release.switched_off",
    409,
    N_("The application for the authentication of devices is switched off."),
    N_("Switch it on at the page “Applications” first: printers sign in by it."),
)


@dataclass(frozen=True, slots=True)
class CompactReleaseBundle:
    """The file; it holds a client secret that is told nowhere else."""

    name: str
    content: bytes = field(repr=False)


def make_compact_release_bundle(actor: Actor, overlap_hours: int = LONGEST_OVERLAP_HOURS) -> CompactReleaseBundle:
    """A bundle with the address of the service, the client id of the organization's devices and a new secret (PR-213).

    Former secrets work for `overlap_hours` more, as with every new secret. Raises `SWITCHED_OFF`, and as `make_secret`.
    """
    actor.need(Permission.APPLICATIONS_MANAGE)
    application = _devices(actor)
    if not application.is_enabled:
        raise SWITCHED_OFF()
    secret, _view = make_secret(actor, application.id, overlap_hours)
    with actor.session() as session:
        record(session, actor, "compact_release.bundle_made", "application", application.id)
    address = urlsplit(get_settings().public_url).netloc
    return CompactReleaseBundle(FILE_NAME, compact_release_bundle(address, application.id, secret))


def _devices(actor: Actor) -> ApplicationView:
    for application in list_applications(actor):
        if application.kind is ApplicationKind.DEVICE_AUTHENTICATION:
            return application
    raise NOT_FOUND(what="application")
