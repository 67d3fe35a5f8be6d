"""A provider to test against, and files to send there."""

import os
from pathlib import Path

import pytest

from connectors.storage import PROVIDERS
from tests.connectors.storage.rigs import CLOUDS, LARGE, Rig, cloud_rig, local_rig


@pytest.fixture(params=list(PROVIDERS))
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Rig:
    if request.param in CLOUDS:
        return cloud_rig(request.param, tmp_path)
    return local_rig(request.param, request, tmp_path)


@pytest.fixture(params=list(CLOUDS))
def cloud(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rig:
    monkeypatch.setattr("connectors.storage.pieces.FIRST_PAUSE", 0)
    return cloud_rig(request.param, tmp_path)


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "content"
    path.write_bytes(b"the letter")
    return path


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large"
    path.write_bytes(os.urandom(LARGE))
    return path
