"""What can go wrong between Pressroom and an identity provider: for administrators first, then for who signs in."""

from connectors.errors import Fault
from connectors.messages import N_

# --- reaching the provider

PROVIDER_UNREACHABLE = Fault(
    "identity.unreachable",
    503,
    N_("The identity provider does not answer at {address}."),
    N_("Try again in a few minutes. If it stays, check the address and the provider's certificate."),
    transient=True,
)
UNSAFE_PROVIDER = Fault(
    "identity.unsafe_address",
    422,
    N_("The address {address} of the identity provider leads into a private network or is not encrypted."),
    N_("Use a public https address. Operators can allow others with PRESSROOM_ALLOW_PRIVATE_ADDRESSES."),
)
PROVIDER_ANSWERED = Fault(
    "identity.bad_status",
    502,
    N_("The identity provider answers with status {status} at {address}."),
    N_("Check the address: it must be the one the provider shows, without a redirection."),
)
BAD_AUTHORITY_FILE = Fault(
    "identity.bad_authority",
    500,
    N_("The file {file} holds no certificate authority for identity providers."),
    N_("Operators: correct PRESSROOM_IDENTITY_CA_FILE."),
)

# --- what a provider publishes

NO_OIDC_METADATA = Fault(
    "identity.no_oidc_metadata",
    422,
    N_("There is no usable OpenID Connect metadata at {address}: “{field}” is missing or wrong."),
    N_("Copy the well-known address again; it usually ends with /.well-known/openid-configuration."),
)
ISSUER_MISMATCH = Fault(
    "identity.issuer_mismatch",
    422,
    N_("The metadata at {address} belongs to another issuer: {issuer}."),
    N_("Use the well-known address below the issuer's own address."),
)
SHARED_ISSUER = Fault(
    "identity.shared_issuer",
    422,
    N_("The metadata at {address} is shared by all tenants of the identity provider."),
    N_("Use the well-known address of your own tenant. With the shared one, others could sign in as your people."),
)
NO_KEYS = Fault(
    "identity.no_keys",
    502,
    N_("The identity provider publishes no key for signatures that are accepted here."),
    N_("Let it sign with RS256, PS256 or ES256, or stronger ones of these kinds."),
)
NO_SAML_METADATA = Fault(
    "identity.no_saml_metadata",
    422,
    N_("There is no usable SAML metadata at {address}: “{field}” is missing or wrong."),
    N_("Copy the federation metadata address of the application from the identity provider again."),
)
BAD_CERTIFICATE = Fault(
    "identity.bad_certificate",
    422,
    N_("The certificate of the identity provider cannot be read."),
    N_("Paste it in Base64 form, with its lines BEGIN CERTIFICATE and END CERTIFICATE."),
)
WEAK_CERTIFICATE = Fault(
    "identity.weak_certificate",
    422,
    N_("The key in the identity provider's certificate is too weak or of a kind that is not accepted."),
    N_("Use a certificate with an RSA key of at least 2048 bits or an elliptic curve key of at least 256 bits."),
)
CERTIFICATE_EXPIRED = Fault(
    "identity.certificate_expired",
    422,
    N_("The certificate of the identity provider is not valid now."),
    N_("Renew it at the identity provider, and enter the new one here."),
)
CLIENT_REFUSED = Fault(
    "identity.client_refused",
    422,
    N_("The identity provider does not accept the client ID with this client secret."),
    N_("Administrators: check both. A secret that has expired must be made anew at the identity provider."),
)

# --- a sign-in

REFUSED_THERE = Fault(
    "identity.refused",
    403,
    N_("Your organization's identity provider refused the sign-in: {reason}"),
    N_("Try again. If it stays, ask your administrator whether you may use this application."),
)
CODE_REFUSED = Fault(
    "identity.code_refused",
    403,
    N_("The identity provider does not accept the sign-in code any more."),
    N_("Start the sign-in again."),
)
MALFORMED_ANSWER = Fault(
    "identity.malformed",
    400,
    N_("The identity provider's answer is malformed."),
    N_("Start the sign-in again. If it stays, tell your administrator."),
)
UNSIGNED = Fault(
    "identity.unsigned",
    403,
    N_("The identity provider's answer is not signed."),
    N_("Administrators: let the identity provider sign the response or the assertion."),
)
BAD_SIGNATURE = Fault(
    "identity.bad_signature",
    403,
    N_("The signature of the identity provider's answer is wrong."),
    N_("Administrators: check that the certificate or the keys are those the identity provider signs with."),
)
WEAK_ALGORITHM = Fault(
    "identity.weak_algorithm",
    403,
    N_("The identity provider signs with an algorithm that is not accepted: {algorithm}."),
    N_("Administrators: let it sign with RSA or an elliptic curve and SHA-256 or stronger."),
)
ENCRYPTED = Fault(
    "identity.encrypted",
    403,
    N_("The identity provider encrypts its assertions, which is not supported."),
    N_("Administrators: switch assertion or token encryption off for this application. The connection is encrypted."),
)
WRONG_ISSUER = Fault(
    "identity.wrong_issuer",
    403,
    N_("The sign-in was confirmed by another identity provider than the one of your organization."),
    N_("Start the sign-in again. Administrators: compare the issuer with the configuration."),
)
WRONG_AUDIENCE = Fault(
    "identity.wrong_audience",
    403,
    N_("The sign-in was confirmed for another application."),
    N_("Administrators: the client ID or entity ID here must equal the one registered at the identity provider."),
)
WRONG_RECIPIENT = Fault(
    "identity.wrong_recipient",
    403,
    N_("The sign-in was confirmed for another address than this one."),
    N_("Administrators: enter the reply address exactly as shown here at the identity provider."),
)
WRONG_TIME = Fault(
    "identity.wrong_time",
    403,
    N_("The confirmation of the sign-in has expired or is not valid yet."),
    N_("Start the sign-in again. Administrators: compare the clocks of the identity provider and of this server."),
)
NOT_ASKED_FOR = Fault(
    "identity.not_asked_for",
    403,
    N_("This sign-in was not begun here."),
    N_("Open Pressroom's sign-in page and enter your e-mail address: sign-in cannot begin at the identity provider."),
)
REPLAYED = Fault(
    "identity.replayed",
    403,
    N_("This sign-in was already used."),
    N_("Start the sign-in again."),
)
MISSING_CLAIM = Fault(
    "identity.missing_claim",
    403,
    N_("The identity provider does not tell the required claim “{claim}”."),
    N_("Administrators: let the identity provider send it under one of these names: {names}."),
)
BAD_CLAIM = Fault(
    "identity.bad_claim",
    403,
    N_("The identity provider tells a value of the claim “{claim}” that cannot be used."),
    N_("Administrators: correct the value at the identity provider."),
)
EMAIL_UNVERIFIED = Fault(
    "identity.email_unverified",
    403,
    N_("The identity provider says that your e-mail address is not verified."),
    N_("Verify the address at the identity provider, then sign in again."),
)
