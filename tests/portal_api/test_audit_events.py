"""The audit trail through the API: pages, filters, files."""

import csv
import json
from io import StringIO
from pathlib import Path

import pytest

from tests.portal_api.conftest import Api, simple_solution


@pytest.fixture(scope="module")
def solutions(api: Api) -> list[str]:
    """Ids of five solutions, made one after the other."""
    return [api.post("/solutions", json=simple_solution(f"Solution {number}")).json()["id"] for number in range(5)]


def test_pages(api: Api, solutions: list[str]) -> None:
    seen: list[str] = []
    before: str | None = ""
    while before is not None:
        page = api.get("/audit-events", params={"action": "solution.created", "limit": 2, "before": before}).json()
        seen += [event["target_id"] for event in page["items"]]
        before = page["next"]
    assert seen == solutions[::-1]


def test_an_event_tells_who_what_when_and_from_where(api: Api, solutions: list[str]) -> None:
    (event,) = api.get("/audit-events", params={"target_id": solutions[0]}).json()["items"]
    assert (event["action"], event["target_kind"], event["person"]) == ("solution.created", "solution", "Administrator")
    assert event["facts"]["name"] == "Solution 0"
    assert event["address"]
    assert len(event["request_id"]) == 32


def test_a_bad_page_is_refused(api: Api) -> None:
    answer = api.get("/audit-events", params={"before": "yesterday"})
    assert (answer.status_code, answer.json()["code"]) == (422, "audit.bad_cursor")


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_files(api: Api, solutions: list[str], form: str) -> None:
    answer = api.get("/audit-events/export", params={"action": "solution.created", "format": form})
    assert f'filename="audit-trail.{form}"' in answer.headers["Content-Disposition"]
    if form == "csv":
        assert answer.headers["Content-Type"].startswith("text/csv")
        told = [row["target_id"] for row in csv.DictReader(StringIO(answer.text))]
    else:
        told = [json.loads(line)["target_id"] for line in answer.text.splitlines()]
    assert told == solutions[::-1]


def test_downloads_are_recorded(api: Api, letter: Path) -> None:
    solution = api.post("/solutions", json=simple_solution("Downloads")).json()
    files = {"file": ("letter.docx", letter.read_bytes())}
    run = api.post(f"/solutions/{solution['id']}/runs", files=files).json()
    api.get(f"/runs/{run['id']}/documents/{run['original']['id']}/content")
    events = api.get("/audit-events", params={"target_id": run["id"]}).json()["items"]
    assert [event["action"] for event in events] == ["document.downloaded", "run.started"]
    assert events[0]["facts"] == {"document": "letter.docx"}
