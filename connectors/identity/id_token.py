"""The checks of an ID token (OpenID Connect Core 1.0 §3.1.3.7); signatures by joserfc, the successor of authlib's JOSE.

The algorithm must be one with a key pair, the key one that the provider publishes; headers that bring a key of their
own are never looked at.
"""

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from typing import Any

from joserfc import jwk, jwt
from joserfc.errors import JoseError

from connectors.identity.faults import (
    BAD_SIGNATURE,
    MALFORMED_ANSWER,
    NOT_ASKED_FOR,
    WEAK_ALGORITHM,
    WRONG_AUDIENCE,
    WRONG_ISSUER,
    WRONG_TIME,
)
from connectors.identity.oidc_provider import ALGORITHMS, OidcProvider, keys_for
from connectors.identity.web import IdentityWeb

LEEWAY_SECONDS = 60
OLDEST_SECONDS = 600
"""An ID token comes straight from the token endpoint, so an old one was kept by somebody."""

LONGEST_TOKEN = 64 << 10
LONGEST_SUBJECT = 255


@dataclass(frozen=True, slots=True)
class Expected:
    """What the token must be about: who asked, with which nonce, and the access token that came along."""

    client_id: str
    nonce: str
    access_token: str = ""


def checked_claims(
    token: str, provider: OidcProvider, expected: Expected, web: IdentityWeb, now: float | None = None
) -> dict[str, Any]:
    """The claims of a valid token.

    Raises `MALFORMED_ANSWER`, `WEAK_ALGORITHM`, `BAD_SIGNATURE`, `WRONG_ISSUER`, `WRONG_AUDIENCE`, `WRONG_TIME` and
    `NOT_ASKED_FOR` (another nonce). `now` is in seconds since 1970.
    """
    header = _header(token)
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS:
        raise WEAK_ALGORITHM(algorithm=algorithm)
    key_id = header.get("kid")
    claims = _verified(token, algorithm, keys_for(provider, key_id if isinstance(key_id, str) else None, web))
    if claims.get("iss") != provider.issuer:
        raise WRONG_ISSUER()
    _check_audience(claims, expected.client_id)
    _check_times(claims, time.time() if now is None else now)
    _check_binding(claims, algorithm, expected)
    return claims


def _header(token: str) -> dict[str, Any]:
    if len(token) > LONGEST_TOKEN or token.count(".") != 2:
        raise MALFORMED_ANSWER()
    try:
        header = json.loads(base64.urlsafe_b64decode(token.partition(".")[0] + "=="))
    except ValueError as error:
        raise MALFORMED_ANSWER() from error
    if not isinstance(header, dict):
        raise MALFORMED_ANSWER()
    return header


def _verified(token: str, algorithm: str, keys: list[jwk.Key]) -> dict[str, Any]:
    for key in keys:
        try:
            return jwt.decode(token, key, algorithms=[algorithm]).claims
        except (JoseError, ValueError):  # another key of the provider may fit
            continue
    raise BAD_SIGNATURE()


def _check_audience(claims: dict[str, Any], client_id: str) -> None:
    """We must be among the audiences; where there are others, or `azp` is told, the token must be issued to us."""
    told = claims.get("aud")
    audiences = [told] if isinstance(told, str) else told
    if not isinstance(audiences, list) or client_id not in audiences:
        raise WRONG_AUDIENCE()
    if (len(audiences) > 1 or "azp" in claims) and claims.get("azp") != client_id:
        raise WRONG_AUDIENCE()


def _check_times(claims: dict[str, Any], now: float) -> None:
    expires, issued = _seconds(claims, "exp"), _seconds(claims, "iat")
    if expires <= now - LEEWAY_SECONDS or not now - OLDEST_SECONDS <= issued <= now + LEEWAY_SECONDS:
        raise WRONG_TIME()
    if "nbf" in claims and _seconds(claims, "nbf") > now + LEEWAY_SECONDS:
        raise WRONG_TIME()


def _seconds(claims: dict[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MALFORMED_ANSWER()
    return value


def _check_binding(claims: dict[str, Any], algorithm: str, expected: Expected) -> None:
    """The token answers our request (nonce), belongs to the access token (at_hash), and names somebody (sub)."""
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), expected.nonce.encode()):
        raise NOT_ASKED_FOR()
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise MALFORMED_ANSWER()
    if "at_hash" in claims and claims["at_hash"] != access_token_hash(expected.access_token, algorithm):
        raise BAD_SIGNATURE()


def access_token_hash(access_token: str, algorithm: str) -> str:
    """The left half of the access token's hash, as `at_hash` holds it (Core §3.1.3.6)."""
    digest = hashlib.new(f"sha{algorithm[-3:]}", access_token.encode()).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
