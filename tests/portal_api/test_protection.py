"""What holds for every request: ids, headers, limits, and errors without internals."""

from typing import Any

import httpx
import pytest
from fastapi import WebSocket, WebSocketDisconnect
from starlette.testclient import TestClient

from portal_api.app import create_service
from tests.portal_api.conftest import Api
from tests.support.installation import Installation


def lines_of(caplog: pytest.LogCaptureFixture, event: str) -> list[dict[str, Any]]:
    """What was logged under that event."""
    return [record.msg for record in caplog.records if isinstance(record.msg, dict) and record.msg["event"] == event]


def test_every_answer_has_an_id_and_security_headers(anonymous: httpx.Client) -> None:
    answer = anonymous.get("/healthz", headers={"X-Request-ID": "trace-12345678"})
    assert answer.headers["X-Request-ID"] == "trace-12345678"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("given", ["short", "x" * 65, "line\tbreak-12345", "<script>12345"])
def test_an_id_that_could_harm_the_log_is_replaced(anonymous: httpx.Client, given: str) -> None:
    answer = anonymous.get("/healthz", headers={"X-Request-ID": given})
    assert answer.headers["X-Request-ID"] != given
    assert len(answer.headers["X-Request-ID"]) == 32


def test_an_unexpected_error_tells_a_reference_and_nothing_else(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_arguments: object) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr("portal_api.api.storage_accounts.list_accounts", broken)
    answer = api.get("/storage-accounts", headers={"X-Request-ID": "reference-1"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "reference-1" in answer.json()["remedy"]
    assert answer.json()["instance"] == "urn:pressroom:request:reference-1"
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    (logged,) = lines_of(caplog, "unexpected error")
    assert isinstance(logged["exc_info"], RuntimeError)


def test_an_unreachable_database_is_told_as_such(installation: Installation, api: Api, anonymous: httpx.Client) -> None:
    moved = installation.home / "pressroom.db"
    from connectors.database import open_engine

    open_engine(installation.settings.records_url).dispose()
    for name in ("", "-wal", "-shm"):
        file = moved.with_name(moved.name + name)
        if file.exists():
            file.rename(file.with_name("away-" + file.name))
    moved.mkdir()
    try:
        answer = api.get("/me")
        assert (answer.status_code, answer.json()["code"]) == (503, "database.unreachable")
        assert answer.headers["Retry-After"]
        ready = anonymous.get("/readyz")
        assert (ready.status_code, ready.json()["database"]["code"]) == (503, "database.unreachable")
        assert ready.json()["documents"]["ok"] is True
    finally:
        moved.rmdir()
        for file in installation.home.glob("away-*"):
            file.rename(file.with_name(file.name.removeprefix("away-")))


def test_readiness_tells_each_part_and_its_remedy(anonymous: httpx.Client) -> None:
    answer = anonymous.get("/readyz", headers={"Accept-Language": "sv"})
    told = answer.json()
    assert told["ready"] is (answer.status_code == 200)
    assert told["database"] == {"ok": True, "code": "", "message": "", "remedy": ""}
    assert told["engine"]["code"] == "engine.unreachable"
    assert "doctor" in told["engine"]["remedy"]


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_above_the_limit_is_refused(api: Api, declared: bool) -> None:
    piece = b" " * 1_000_000
    content = piece * 3 if declared else iter([piece] * 3)
    answer = api.post("/solutions", content=content, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "request.too_large")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "request.unknown_address"),
        ("PATCH", "/solutions", 405, "request.wrong_method"),
        ("POST", "/solutions", 422, "request.invalid"),
    ],
)
def test_the_frameworks_own_errors_are_problems_too(api: Api, method: str, path: str, status: int, code: str) -> None:
    answer = api.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == f"urn:pressroom:problem:{code}"


def test_invalid_values_are_named_without_being_repeated(api: Api) -> None:
    answer = api.post(
        "/solutions", json={"name": "x" * 300, "steps": "secret value"}, headers={"Accept-Language": "en"}
    )
    assert answer.status_code == 422
    errors = {each["field"]: each["message"] for each in answer.json()["errors"]}
    assert errors == {
        "body.name": "At most 255 characters are allowed.",
        "body.steps": "A list is expected.",
    }
    assert "secret" not in answer.text


def test_the_access_log_names_people_by_id_and_keeps_link_tokens_out(
    installation: Installation, api: Api, anonymous: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    api.get("/runs/abc123")
    anonymous.get("/d/very-secret-token")
    requests = lines_of(caplog, "request")
    assert requests[0]["organization_id"] == installation.administrator.organization_id
    assert (requests[0]["run_id"], requests[0]["status"]) == ("abc123", 404)
    assert "very-secret-token" not in str([record.msg for record in caplog.records if record.name != "httpx"])


def test_a_page_may_run_only_its_own_scripts(installation: Installation) -> None:
    from fastapi.responses import HTMLResponse

    app = create_service(installation.settings)
    app.add_api_route("/page", lambda: HTMLResponse("<html></html>"))
    policy = TestClient(app).get("/page").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "http:" not in policy.replace("http://127", "")
    assert "object-src 'none'" in policy


@pytest.mark.parametrize(("origin", "accepted"), [("http://127.0.0.1:8080", True), ("https://evil.example", False)])
def test_another_web_site_cannot_open_a_web_socket(installation: Installation, origin: str, accepted: bool) -> None:
    async def echo(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text("hello")

    app = create_service(installation.settings)
    app.add_api_websocket_route("/socket", echo)
    opened = TestClient(app, base_url="http://127.0.0.1:8080").websocket_connect("/socket", headers={"Origin": origin})
    if accepted:
        with opened as socket:
            assert socket.receive_text() == "hello"
    else:
        with pytest.raises(WebSocketDisconnect), opened:
            pass
