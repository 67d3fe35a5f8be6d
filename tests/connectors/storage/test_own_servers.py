"""What is particular to WebDAV, S3 and folders, which people name themselves."""

from pathlib import Path

import pytest

from connectors.settings import Settings
from connectors.storage import faults, open_storage
from tests.connectors.storage.rigs import account_of, local_rig, refused, send
from tests.support.s3_server import free_ports


@pytest.mark.parametrize("name", ["webdav", "s3"])
def test_wrong_credentials_are_told_apart(
    name: str, request: pytest.FixtureRequest, tmp_path: Path, letter: Path
) -> None:
    rig = local_rig(name, request, tmp_path)
    rig.account.secrets.update(password="wrong", secret_key="wrong")
    refused(
        lambda: send(rig.connect(), letter),
        {"webdav": faults.ACCOUNT_SIGNED_OUT, "s3": faults.STORAGE_REFUSED}[name],
    )


@pytest.mark.parametrize("name", ["webdav", "s3"])
def test_a_server_that_is_not_there_is_unreachable(
    name: str, request: pytest.FixtureRequest, tmp_path: Path, letter: Path
) -> None:
    rig = local_rig(name, request, tmp_path)
    port = free_ports(1)[0]
    rig.account.options.update(address=f"http://127.0.0.1:{port}/", endpoint=f"127.0.0.1:{port}")
    assert refused(lambda: send(rig.connect(), letter), faults.STORAGE_UNREACHABLE).transient


@pytest.mark.parametrize("name", ["onedrive", "webdav", "s3"])
def test_an_incomplete_account_is_said(name: str, letter: Path) -> None:
    account = account_of(name, {}, {"refresh_token": "x"})
    refused(lambda: send(open_storage(account, Settings(_env_file=None)), letter), faults.INCOMPLETE_ACCOUNT)


def test_an_unknown_provider_is_said() -> None:
    refused(lambda: open_storage(account_of("ftp", {}, {}), Settings(_env_file=None)), faults.UNKNOWN_PROVIDER)


def test_a_link_does_not_lead_out_of_the_folder(request: pytest.FixtureRequest, tmp_path: Path, letter: Path) -> None:
    rig = local_rig("folder", request, tmp_path)
    send(rig.connect(), letter, folder="a")
    (tmp_path / "storage" / "org-1" / "out").symlink_to(tmp_path)
    refused(lambda: send(rig.connect(), letter, folder="out"), faults.FOLDER_UNAVAILABLE)


def test_very_many_files_of_one_name_have_an_end(request: pytest.FixtureRequest, tmp_path: Path, letter: Path) -> None:
    from connectors.documents.file_names import numbered

    rig = local_rig("folder", request, tmp_path)
    send(rig.connect(), letter, folder="a")
    for number in range(1, 200):
        (tmp_path / "storage" / "org-1" / "a" / numbered("letter.pdf", number)).touch()
    refused(lambda: send(rig.connect(), letter, folder="a"), faults.TOO_MANY_COPIES)
