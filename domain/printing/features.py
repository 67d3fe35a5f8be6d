"""Features that an organization has switched off (PR-6)."""

from connectors.errors import Fault
from connectors.messages import N_

FEATURE_DISABLED = Fault(
    "feature_disabled",
    403,
    N_("“{feature}” is switched off in this organization."),
    N_("Print administrators switch it on on the page “Print settings”."),
    spec="PR-6",
)
