"""What keeps people from linking and using accounts at storage providers."""

from connectors.errors import Fault
from connectors.messages import N_

SIGNED_OUT = Fault(
    "storage.signed_out",
    403,
    N_("You are not signed in to {provider}."),
    N_("Choose your account on the page “Cloud storage accounts”, then run the step again."),
    spec="SC-E21",
)
PROVIDER_DISABLED = Fault(
    "storage.provider_disabled",
    403,
    N_("{provider} is not enabled for your organization."),
    N_("Choose another provider, or ask your administrator to enable it in the Solution Center settings."),
    spec="SC-E22",
)
DOMAIN_REFUSED = Fault(
    "storage.domain_refused",
    422,
    N_("Accounts of “{domain}” cannot be linked."),
    N_(
        "Use an account of one of your organization's domains: {domains}. Administrators set them in the scan settings "
        "and in the settings of solutions."
    ),
    spec="SCAN-E04",
)
NOT_LINKABLE = Fault(
    "storage.not_linkable",
    422,
    N_("{provider} takes no account of yours: it belongs to the installation."),
    N_("Use it as it is."),
)
UNKNOWN_SETTING = Fault(
    "storage.unknown_setting",
    422,
    N_("An account at {provider} has no setting “{setting}”."),
    N_("Send only the settings that the list of storage providers names."),
)
SIGN_IN_OVER = Fault(
    "storage.sign_in_over",
    410,
    N_("This sign-in at the storage provider is over: it took too long, or it was begun in another session."),
    N_("Choose the account again on the page “Cloud storage accounts”."),
    spec="SCAN-E04",
)
