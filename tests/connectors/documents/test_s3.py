"""What is particular to documents in S3."""

import hashlib
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from connectors.documents.s3 import S3Store, attachment
from connectors.documents.store import DAMAGED, MISSING, STORE_FULL, STORE_REFUSED, STORE_UNREACHABLE
from connectors.errors import Fault, PressroomError
from tests.connectors.documents.contents import keys, put, read, s3_store
from tests.support.failing_http import answering
from tests.support.s3_server import S3Server, free_ports


def test_a_bucket_with_versions_keeps_none_of_what_was_deleted(s3_server: S3Server, tmp_path: Path) -> None:
    from minio.commonconfig import ENABLED
    from minio.versioningconfig import VersioningConfig

    bucket = f"versions-{uuid4().hex[:8]}"
    client = s3_server.address(bucket).client()
    client.make_bucket(bucket_name=bucket)
    client.set_bucket_versioning(bucket_name=bucket, config=VersioningConfig(status=ENABLED))
    store = S3Store(s3_server.address(bucket), tmp_path)
    for key in ("o/a", "o/ab", "o/run/x", "o/run/y"):
        for turn in range(3):
            put(store, key, f"{turn}".encode())
    client.remove_object(bucket_name=bucket, object_name="o/run/y")
    store.delete("o/a")
    store.delete_folder("o/run")
    left = {
        found.object_name for found in client.list_objects(bucket_name=bucket, recursive=True, include_version=True)
    }
    assert left == {"o/ab"}


def test_the_link_serves_the_file_under_its_name_and_only_for_its_time(s3_server: S3Server, tmp_path: Path) -> None:
    import urllib3

    store = s3_store(s3_server, tmp_path)
    put(store, "o/å b", b"hello")
    name = 'räksmörgås "1"\r\nX-Evil: 1;.pdf'
    link = store.presigned_link("o/å b", name, timedelta(minutes=5))
    assert link is not None
    http = urllib3.PoolManager()
    answer = http.request("GET", link)
    assert (answer.status, answer.data) == (200, b"hello")
    assert answer.headers["content-disposition"] == attachment(name)
    assert "X-Evil" not in answer.headers
    assert http.request("GET", link[:-4] + ("0000" if link[-4:] != "0000" else "1111")).status == 403
    week = store.presigned_link("o/å b", "a", timedelta(days=30))
    assert week is not None
    assert parse_qs(urlsplit(week).query)["X-Amz-Expires"] == ["604800"]


def test_links_name_the_address_that_browsers_reach(s3_server: S3Server, tmp_path: Path) -> None:
    store = S3Store(s3_server.address("any-bucket"), tmp_path, public_endpoint="files.example.com")
    assert str(store.presigned_link("o/a", "a", timedelta(minutes=5))).startswith(
        "http://files.example.com/any-bucket/"
    )


def test_a_wrong_secret_is_refused_and_stays_secret(s3_server: S3Server, tmp_path: Path) -> None:
    server = S3Server(s3_server.endpoint, s3_server.access_key, "wrong-secret")
    store = s3_store(server, tmp_path)
    with pytest.raises(PressroomError) as caught:
        put(store, "o/a")
    assert caught.value.fault is STORE_REFUSED
    assert "wrong-secret" not in f"{caught.value} {caught.value.facts} {server.address('b')!r}"


def test_a_server_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    store = s3_store(S3Server(f"127.0.0.1:{free_ports(1)[0]}"), tmp_path)
    for attempt in (store.check, lambda: store.stat("o/a"), lambda: keys(store, "o"), lambda: store.delete_folder("o")):
        with pytest.raises(PressroomError) as caught:
            attempt()
        assert caught.value.fault is STORE_UNREACHABLE
        assert caught.value.transient


@pytest.mark.parametrize(
    ("status", "code", "fault"),
    [
        (507, "XMinioStorageFull", STORE_FULL),
        (400, "XMinioAdminBucketQuotaExceeded", STORE_FULL),
        (507, "", STORE_FULL),
        (503, "SlowDown", STORE_UNREACHABLE),
        (500, "", STORE_UNREACHABLE),
        (429, "", STORE_UNREACHABLE),
        (403, "AccessDenied", STORE_REFUSED),
        (403, "", STORE_REFUSED),
        (404, "NoSuchKey", MISSING),
        (418, "", STORE_REFUSED),
    ],
)
def test_what_a_server_answers_becomes_a_fault(tmp_path: Path, status: int, code: str, fault: Fault) -> None:
    body = f"<Error><Code>{code}</Code><Message>m</Message></Error>" if code else "<html>no S3 here</html>"
    headers = {"Content-Type": "application/xml" if code else "text/html"}
    with answering(status, body.encode(), headers) as (endpoint, _), pytest.raises(PressroomError) as caught:
        put(s3_store(S3Server(endpoint), tmp_path), "o/a")
    assert caught.value.fault is fault


def test_a_server_that_hangs_up_in_the_middle_is_unreachable(tmp_path: Path) -> None:
    headers = {"Content-Length": "1000", "x-amz-meta-sha256": "0" * 64}
    with answering(200, b"only this", headers) as (endpoint, _), pytest.raises(PressroomError) as caught:
        read(s3_store(S3Server(endpoint), tmp_path), "o/a")
    assert caught.value.fault is STORE_UNREACHABLE


def test_content_that_the_server_changed_is_never_handed_out(tmp_path: Path) -> None:
    headers = {"x-amz-meta-sha256": hashlib.sha256(b"original").hexdigest()}
    with answering(200, b"0riginal", headers) as (endpoint, _), pytest.raises(PressroomError) as caught:
        read(s3_store(S3Server(endpoint), tmp_path), "o/a")
    assert caught.value.fault is DAMAGED
