"""What an OpenID Connect provider publishes about itself (OpenID Connect Discovery 1.0) and its keys (RFC 7517).

Keys are kept in the process for an hour. A token that names a key not among them has them fetched again, at most once
a minute, so that a provider can rotate its keys and nobody can make this server ask for them all the time.
"""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from joserfc import jwk
from joserfc.errors import JoseError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.identity.faults import ISSUER_MISMATCH, NO_KEYS, NO_OIDC_METADATA, SHARED_ISSUER
from connectors.identity.web import IdentityWeb

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Accepted signatures: only those with a key pair. “none” and HMAC, for which the public key would do, are not."""

KEY_TYPES = ("RSA", "EC")
KEEP_SECONDS = 3600.0
SHORTEST_PAUSE = 60.0
MOST_PROVIDERS = 256


class OidcProvider(BaseModel):
    """The parts of a provider's metadata that sign-in needs."""

    model_config = ConfigDict(frozen=True)

    issuer: str = Field(min_length=1)
    authorization_endpoint: str = Field(min_length=1)
    token_endpoint: str = Field(min_length=1)
    jwks_uri: str = Field(min_length=1)
    userinfo_endpoint: str | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


def discover(well_known: str, web: IdentityWeb) -> OidcProvider:
    """The provider whose metadata is at `well_known` (AC-126).

    The issuer must be at the same host: some providers answer under a tenant's name and name its number in the issuer,
    so the paths (Discovery §4.3) are not compared. All addresses must be safe. Metadata that many tenants share is
    refused: any tenant could then vouch for any e-mail address. Raises the faults of the web, `NO_OIDC_METADATA`,
    `ISSUER_MISMATCH`, `SHARED_ISSUER`.
    """
    try:
        provider = OidcProvider.model_validate_json(web.fetch(well_known))
    except ValidationError as error:
        wrong = ".".join(str(part) for part in error.errors()[0]["loc"]) or "JSON"
        raise NO_OIDC_METADATA(address=well_known, field=wrong) from error
    if "{" in provider.issuer:
        raise SHARED_ISSUER(address=well_known)
    if urlsplit(provider.issuer)[:2] != urlsplit(well_known)[:2]:
        raise ISSUER_MISMATCH(address=well_known, issuer=provider.issuer)
    for url in (provider.authorization_endpoint, provider.token_endpoint, provider.jwks_uri):
        web.require_safe(url)
    if provider.userinfo_endpoint:
        web.require_safe(provider.userinfo_endpoint)
    return provider


@dataclass(frozen=True, slots=True)
class _Published:
    """The keys of one provider, and when they were fetched (monotonic seconds)."""

    keys: list[jwk.Key]
    fetched: float

    @property
    def age(self) -> float:
        return time.monotonic() - self.fetched


_kept: OrderedDict[str, _Published] = OrderedDict()
_lock = threading.Lock()


def keys_for(provider: OidcProvider, key_id: str | None, web: IdentityWeb) -> list[jwk.Key]:
    """The provider's keys of that id, or all of them where a token names none; none at all if it is unknown."""
    with _lock:
        published = _kept.get(provider.jwks_uri)
    if published is None or published.age > KEEP_SECONDS:
        return _chosen(_fetch(provider, web).keys, key_id)
    chosen = _chosen(published.keys, key_id)
    if not chosen and published.age > SHORTEST_PAUSE:
        return _chosen(_fetch(provider, web).keys, key_id)
    return chosen


def published_keys(provider: OidcProvider, web: IdentityWeb) -> list[jwk.Key]:
    """The keys as the provider publishes them now; raises `NO_KEYS`, `NO_OIDC_METADATA` and the faults of the web."""
    return _fetch(provider, web).keys


def _fetch(provider: OidcProvider, web: IdentityWeb) -> _Published:
    try:
        document = _KeySet.model_validate_json(web.fetch(provider.jwks_uri))
    except ValidationError as error:
        raise NO_OIDC_METADATA(address=provider.jwks_uri, field="keys") from error
    keys = [key for entry in document.keys if (key := _imported(entry)) is not None]
    if not keys:
        raise NO_KEYS()
    published = _Published(keys, time.monotonic())
    with _lock:
        _kept[provider.jwks_uri] = published
        _kept.move_to_end(provider.jwks_uri)
        while len(_kept) > MOST_PROVIDERS:
            _kept.popitem(last=False)
    return published


class _KeySet(BaseModel):
    keys: list[dict[str, Any]]


def _imported(entry: dict[str, Any]) -> jwk.Key | None:
    """The public key in `entry`; None if it is not for signatures or of a kind that is not accepted."""
    if entry.get("kty") not in KEY_TYPES or entry.get("use", "sig") != "sig":
        return None
    try:
        return jwk.import_key(entry)
    except (JoseError, ValueError, TypeError):
        return None


def _chosen(keys: list[jwk.Key], key_id: str | None) -> list[jwk.Key]:
    return [key for key in keys if key_id is None or key.kid == key_id]
