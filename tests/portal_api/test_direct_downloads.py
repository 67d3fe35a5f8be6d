"""Downloads straight from the S3 store, where the installation lets browsers reach it."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.portal_api.conftest import Api, simple_solution
from tests.portal_api.test_runs import hand_in
from tests.support.installation import Installation, installed
from tests.support.portal_worker import Worker
from tests.support.s3_server import S3Server


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory, s3_server: S3Server) -> Iterator[Installation]:
    """An installation whose documents are in a real S3 store that browsers may reach."""
    with installed(
        tmp_path_factory.mktemp("portal"),
        documents="s3",
        s3_endpoint=s3_server.endpoint,
        s3_access_key=s3_server.access_key,
        s3_secret_key=s3_server.secret_key,
        s3_bucket="direct-downloads",
        s3_secure="false",
        s3_public_endpoint=s3_server.endpoint,
    ) as one:
        yield one


def test_a_link_leads_to_the_store_once_and_names_the_file(
    api: Api, anonymous: httpx.Client, s3_server: S3Server, letter: Path
) -> None:
    solution = api.post("/solutions", json=simple_solution("Direct")).json()["id"]
    run = hand_in(api, solution, letter)
    Worker(run["id"]).work_through("Übersicht.docx", b"x" * 70_000)
    wanted = api.get(f"/runs/{run['id']}").json()["downloads"][0]
    link = api.post(f"/runs/{run['id']}/documents/{wanted}/links").json()["url"]
    answer = anonymous.get(link, follow_redirects=False)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (303, "no-store")
    assert answer.headers["Location"].startswith(f"http://{s3_server.endpoint}/direct-downloads/")
    stored = httpx.get(answer.headers["Location"], trust_env=False)
    assert stored.content == b"x" * 70_000
    assert "%C3%9Cbersicht.docx" in stored.headers["Content-Disposition"]
    assert anonymous.get(link, follow_redirects=False).status_code == 410
