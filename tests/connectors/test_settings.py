"""Settings: the rules that keep an installation from running with a secret that everybody knows."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from connectors.settings import DEFAULT_SECRET, Settings

LONG = "0123456789abcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize("key", ["", DEFAULT_SECRET, "short", LONG[:31]])
def test_production_refuses_default_empty_and_short_secrets(tmp_path: Path, key: str) -> None:
    with pytest.raises(ValidationError, match="PRESSROOM_SECRET_KEY"):
        Settings(_env_file=None, home=tmp_path, environment="production", secret_key=key)


def test_production_takes_a_long_secret(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, home=tmp_path, environment="production", secret_key=LONG)
    assert settings.secret_key.get_secret_value() == LONG


@pytest.mark.parametrize("given", [{}, {"secret_key": ""}])
def test_the_secret_made_at_the_first_start_is_used_where_none_is_given(tmp_path: Path, given: dict[str, str]) -> None:
    (tmp_path / "secret.key").write_text(LONG)
    settings = Settings(_env_file=None, home=tmp_path, environment="production", **given)
    assert settings.secret_key.get_secret_value() == LONG


def test_lists_are_written_with_commas(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PRESSROOM_DOORBELLS", "one:4210, two:4210,")
    assert Settings(_env_file=None, home=tmp_path).doorbells == ("one:4210", "two:4210")
