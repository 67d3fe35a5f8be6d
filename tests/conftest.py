"""What all tests share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from steps.local_context import LocalContext
from tests.support.new_records import quick_installations
from tests.support.postgres import RecordsServer, records_server
from tests.support.s3_server import s3_server
from tests.support.webdav_server import webdav_server

__all__ = ["context", "s3_server", "shared_data", "webdav_server"]

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session", autouse=True)
def _quick_installations(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with quick_installations(tmp_path_factory.mktemp("template")):
        yield


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[RecordsServer]:
    """One PostgreSQL for all tests of this process that need no server of their own."""
    with records_server() as server:
        yield server


@pytest.fixture(scope="module")
def postgres(postgres_server: RecordsServer) -> str:
    """The address of a PostgreSQL database of this module's own, with all tables and no rows."""
    return postgres_server.new_records()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real material made by others; the tests that need it are skipped where it is absent."""
    folder = Path(os.environ.get("PRESSROOM_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real test material in {folder}: set PRESSROOM_TEST_DATA to the folder that holds it")
    return folder


@pytest.fixture
def context(tmp_path: Path) -> LocalContext:
    """A step context on a folder of this test's own."""
    return LocalContext(tmp_path)
