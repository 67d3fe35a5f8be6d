"""What can go wrong with an organization's identity provider, besides what the protocols refuse."""

from connectors.errors import Fault
from connectors.messages import N_

NO_PROVIDER = Fault(
    "federation.no_provider",
    404,
    N_("Your organization has no identity provider of that kind configured."),
    N_("Configure one on the page “Identity provider”."),
)
NOT_CHECKED = Fault(
    "federation.not_checked",
    409,
    N_("The identity provider has not passed its check yet."),
    N_("Wait for the check to end. If it failed, correct the configuration and save it again."),
)
NO_LOCAL_ADMINISTRATOR = Fault(
    "federation.no_local_administrator",
    409,
    N_("Nobody could correct a faulty configuration: no Organization Administrator here has a password."),
    N_("Give an Organization Administrator of this organization a password first; that account is the way back in."),
)
DOMAIN_TAKEN = Fault(
    "federation.domain_taken",
    409,
    N_("The domain “{domain}” is in use by another organization."),
    N_("Leave it out, or ask the operator of this installation if it is yours."),
)
BAD_DOMAIN = Fault(
    "federation.bad_domain",
    422,
    N_("“{domain}” is not the domain of an organization."),
    N_("Write what stands after the @ of your e-mail addresses, such as example.com."),
)
INCOMPLETE = Fault(
    "federation.incomplete",
    422,
    N_("The configuration is incomplete."),
    N_("Enter the metadata URL, or else the SSO target URL, the SSO logout URL and the certificate."),
)
SECRET_MISSING = Fault(
    "federation.secret_missing",
    422,
    N_("The client secret is missing."),
    N_("Enter the client secret; the one kept only serves the same client ID and well-known address."),
)
ACCOUNT_NEEDED = Fault(
    "federation.account_needed",
    403,
    N_("There is no account for {email} in this organization."),
    N_("Ask your administrator to add you, then sign in again."),
)
IDENTITY_CHANGED = Fault(
    "federation.identity_changed",
    403,
    N_("The account {email} belongs to another identity at your identity provider."),
    N_("Ask your administrator to release the account's link on the page “Identity provider”, then sign in again."),
)
SIGN_IN_ELSEWHERE = Fault(
    "sign_in.elsewhere",
    403,
    N_("You sign in at your organization's identity provider, not with a password."),
    N_("Enter your e-mail address on the sign-in page; it leads you there."),
)
SIGN_IN_OVER = Fault(
    "federation.sign_in_over",
    403,
    N_("This sign-in took too long, was used already, or began in another browser."),
    N_("Start again on the sign-in page, and finish in the same browser within ten minutes."),
)
