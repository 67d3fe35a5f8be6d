"""What the settings and secrets of accounts at storage services are called."""

from connectors.messages import N_

FIELD_TITLES = {
    "client_id": N_("Client id"),
    "client_secret": N_("Client secret"),
    "refresh_token": N_("Refresh token"),
    "access_token": N_("Access token (if there is no refresh token)"),
    "address": N_("Address"),
    "user": N_("User name"),
    "password": N_("Password"),
    "endpoint": N_("Server (host:port)"),
    "bucket": N_("Bucket"),
    "region": N_("Region"),
    "secure": N_("Use HTTPS (true or false)"),
    "access_key": N_("Access key"),
    "secret_key": N_("Secret key"),
}
