"""These tests need the real engine."""

import pytest

from steps.local_context import LocalContext


@pytest.fixture(autouse=True)
def _apertium(context: LocalContext) -> None:
    from connectors.translation import Pair, translation_engines

    if Pair("en", "es") not in translation_engines(context.settings).pairs:
        pytest.skip("the Apertium pair eng-spa is not installed")
