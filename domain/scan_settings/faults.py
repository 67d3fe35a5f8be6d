"""What keeps people from Scan Management and administrators from changing its settings."""

from connectors.errors import Fault
from connectors.messages import N_

SCAN_OFF = Fault(
    "scan.not_enabled",
    403,
    N_("Scan Management is not switched on for your organization."),
    N_("Ask a Scan Management Administrator to switch it on in the scan settings."),
    spec="SCAN-E06",
)
SETTINGS_HIDDEN = Fault(
    "scan.settings_hidden",
    403,
    N_("These scan settings belong to the administrators of Scan Management."),
    N_("You need the role “Scan Management Administrator”: ask your organization's administrator for it."),
    spec="SCAN-E02",
)
NOT_SAVED = Fault(
    "scan.settings_changed_meanwhile",
    409,
    N_("The scan settings are not saved: somebody else has changed them meanwhile."),
    N_("Reload the page and make your changes once more. If it stays, have your roles checked."),
    spec="SCAN-E03",
)
NO_PROVIDER = Fault(
    "scan.no_provider",
    422,
    N_("Scan Management cannot be on without a storage provider."),
    N_("Select at least one provider, or switch Scan Management off."),
    spec="SCAN-16",
)
