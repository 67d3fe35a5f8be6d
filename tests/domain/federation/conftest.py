"""An identity provider on this machine."""

from collections.abc import Iterator

import pytest

from tests.support.identity_provider import IdentityProvider, Relier, identity_provider


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityProvider]:
    relier = Relier("http://127.0.0.1:8080/federation/oidc/callback", "http://sp.example", "http://sp.example/acs")
    with identity_provider(tmp_path_factory.mktemp("provider"), relier) as running:
        yield running
