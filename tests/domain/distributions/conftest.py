"""A partner with a customer."""

import pytest

from domain.organizations.actor import Actor
from tests.support.quotas import customer_of, partner_of


@pytest.fixture
def partner(administrator: Actor) -> Actor:
    return partner_of(administrator)


@pytest.fixture
def customer(partner: Actor) -> Actor:
    return customer_of(partner, "Contoso")
