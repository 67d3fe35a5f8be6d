"""SAML responses read as the portal reads them, and what a forger makes of them."""

from dataclasses import dataclass, field
from datetime import datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree

from connectors.errors import Fault, PressroomError
from connectors.identity.claims import Identity
from connectors.identity.saml_provider import SamlProvider
from connectors.identity.saml_response import SamlExchange
from tests.support.certificates import certificate_of
from tests.support.saml_responses import PROVIDER, REQUEST_ID, SERVICE, Response, encoded, sign_part

RESPONSE, ASSERTION = "samlp:Response", "saml:Assertion"
OTHER_KEY = rsa.generate_private_key(65537, 2048)


@dataclass
class Memory:
    """What was used, for one test."""

    used: dict[str, datetime] = field(default_factory=dict)

    def remember(self, key: str, until: datetime) -> bool:
        is_new = key not in self.used
        self.used[key] = until
        return is_new


def read(
    response: etree._Element | bytes | str, *, provider: SamlProvider = PROVIDER, memory: Memory | None = None
) -> Identity:
    """Who signed in by this response."""
    return SamlExchange(provider, SERVICE, REQUEST_ID, memory or Memory()).identity(encoded(response))


def refusal(response: etree._Element | bytes | str, provider: SamlProvider = PROVIDER) -> Fault:
    """The fault with which this response is refused."""
    with pytest.raises(PressroomError) as caught:
        read(response, provider=provider)
    return caught.value.fault


def replace_certificates(*certificates: str) -> SamlProvider:
    return PROVIDER.model_copy(update={"certificates": certificates})


def by_another_key() -> etree._Element:
    return sign_part(Response().element(), ASSERTION, key=OTHER_KEY, certificate=certificate_of(OTHER_KEY).decode())


OUTSIDE = '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
