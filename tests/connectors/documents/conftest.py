"""Every document store; none may leave anything in its spool."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.documents import DocumentStore, FolderStore
from connectors.documents.sealed import SealedStore
from tests.connectors.documents.contents import SEALING_KEY, s3_store


@pytest.fixture(params=["folder", "s3", "sealed folder", "sealed s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> DocumentStore:
    inner: DocumentStore
    if request.param.endswith("folder"):
        inner = FolderStore(tmp_path / "store")
    else:
        inner = s3_store(request.getfixturevalue("s3_server"), tmp_path)
    return SealedStore(inner, SEALING_KEY, tmp_path / "spool") if request.param.startswith("sealed") else inner


@pytest.fixture(autouse=True)
def _nothing_left_in_the_spool(tmp_path: Path) -> Iterator[None]:
    yield
    assert not (tmp_path / "spool").exists() or not list((tmp_path / "spool").iterdir())
