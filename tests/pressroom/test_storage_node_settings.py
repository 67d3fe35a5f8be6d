"""How a storage node is set up by its environment (section 37)."""

import json
import logging
import threading
from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner

from connectors.errors import PressroomError
from pressroom.node_commands import node_app
from pressroom.workstation.log import keep_log
from pressroom.workstation.node.printer_trust import KEPT, NodeFolder
from pressroom.workstation.node.storage_node import BAD_VALUE, log_of, run_node, settings_of
from pressroom.workstation.node.store import GB, NO_ROOM, Held, NodeStore
from steps.node_work import NodeKind

NOISY = ("httpx", "httpcore", "uvicorn.access", "uvicorn.error")
PORTAL = {"DATA_CENTER": "https://print.example.com"}


@pytest.fixture
def logging_as_before() -> Iterator[None]:
    """What is logged how is the whole process's affair."""
    root, known = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers, root.level
    levels = {name: logging.getLogger(name).level for name in NOISY}
    yield
    structlog.configure(**known)
    root.handlers = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


def test_only_the_portal_has_to_be_named_and_the_rest_has_its_usual_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """PR-318, AM-54."""
    monkeypatch.delenv("HTTPS_PROXY", raising=False)
    monkeypatch.delenv("https_proxy", raising=False)
    node = settings_of(PORTAL)
    assert (node.way.portal, node.way.proxy, node.port, node.folder) == (
        "https://print.example.com",
        "",
        9443,
        Path("/var/lib/pressroom/hybrid"),
    )
    assert (node.kind, node.status, node.clean_up) == (NodeKind.LINUX, "* * * * *", "*/30 * * * *")
    assert (node.device_id, node.by_name) == (settings_of(PORTAL | {"DEVICE_NAME": ""}).device_id, False)
    logged = log_of(PORTAL)
    assert (logged.logging_level, logged.redact_private_information, logged.log_ip_addresses) == ("info", True, False)


@pytest.mark.parametrize(
    ("given", "field", "value"),
    [
        ({"DEVICE_ID": "cellar"}, "device_id", "cellar"),
        ({"DEVICE_NAME": "cellar"}, "device_id", "cellar"),
        ({"SERVER_PORT": "9500"}, "port", 9500),
        ({"NODE_TYPE": "edge"}, "kind", NodeKind.EDGE),
        ({"NODE_TYPE": "windows"}, "kind", NodeKind.WINDOWS),
        ({"JOB_PATH": "/data"}, "folder", Path("/data")),
        ({"RESERVE_MB": "5"}, "reserve", 5_000_000),
        ({"ENABLE_HOSTNAME": "true"}, "by_name", True),
    ],
)
def test_each_variable_sets_what_it_is_for(given: dict[str, str], field: str, value: object) -> None:
    """PR-254, PR-318, AM-52."""
    assert getattr(settings_of(PORTAL | given), field) == value


@pytest.mark.parametrize(
    ("given", "proxy"),
    [
        ({"HTTPS_PROXY": "http://proxy:3128"}, "http://proxy:3128"),
        ({"HTTPS_PROXY": "http://proxy:3128", "PROXY_USER": "kim"}, "http://kim:@proxy:3128"),
        (
            {"HTTPS_PROXY": "http://old@proxy:3128", "PROXY_USER": "ab/kim", "PROXY_PASSWORD": "a@b:c"},
            "http://ab%2Fkim:a%40b%3Ac@proxy:3128",
        ),
        ({"PROXY_USER": "kim"}, "http://of-the-system:8080"),
    ],
)
def test_the_proxy_is_the_one_that_is_named_or_that_of_the_system(
    given: dict[str, str], proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PR-318, PR-320; a password is shown to nobody who looks at the settings."""
    monkeypatch.setenv("https_proxy", "http://of-the-system:8080")
    way = settings_of(PORTAL | given).way
    assert way.proxy == proxy.replace("//of", "//kim:@of")
    assert "proxy" not in repr(way)
    monkeypatch.setenv("no_proxy", ".example.com")
    assert settings_of(PORTAL).way.proxy == ""


@pytest.mark.parametrize(
    "bad",
    [
        {"DATA_CENTER": ""},
        {"SERVER_PORT": "nine"},
        {"NODE_TYPE": "workstation"},
        {"STATUS_SCHEDULE": "often"},
        {"ENABLE_HOSTNAME": "perhaps"},
        {"HTTPS_PROXY": "proxy", "PROXY_USER": "kim"},
    ],
)
def test_a_value_that_means_nothing_is_refused_by_the_variables_name(bad: dict[str, str]) -> None:
    with pytest.raises(PressroomError) as refused:
        settings_of(PORTAL | bad)
    assert (refused.value.fault, refused.value.facts["name"]) == (BAD_VALUE, next(iter(bad)))


def test_a_node_that_is_not_registered_needs_the_secret(tmp_path: Path) -> None:
    """PR-292, PR-318: one that is registered starts again without."""
    with pytest.raises(PressroomError) as refused:
        run_node(settings_of(PORTAL | {"JOB_PATH": str(tmp_path)}), threading.Event())
    assert (refused.value.fault, refused.value.facts["name"]) == (BAD_VALUE, "CLIENT_ID")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({}, {"address": "…", "user": "…"}),
        ({"LOG_IP_ADDRESSES": "true"}, {"address": "10.1.2.3", "user": "…"}),
        ({"LOG_REDACT_PRIVATE_INFORMATION": "false"}, {"address": "…", "user": "kim"}),
        ({"LOGGING_LEVEL": "ERROR"}, {}),
    ],
)
def test_the_log_tells_what_it_may(
    given: dict[str, str], shown: dict[str, str], capsys: pytest.CaptureFixture[str], logging_as_before: None
) -> None:
    """PR-318: private data and addresses are left out unless they are wanted."""
    keep_log(log_of(given))
    structlog.get_logger("node").warning("seen", address="10.1.2.3", user="kim")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [{name: line[name] for name in ("address", "user")} for line in lines] == ([shown] if shown else [])


def test_a_printer_that_was_exchanged_can_be_told_to_a_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOB_PATH", str(tmp_path))
    kept = NodeFolder(tmp_path)
    assert "No certificate" in CliRunner().invoke(node_app, ["trust", "10.1.2.3"]).output
    kept.seal(KEPT, {"10.1.2.3:631": "a", "10.1.2.4:631": "b"})
    said = CliRunner().invoke(node_app, ["trust", "10.1.2.3"])
    assert (said.exit_code, "10.1.2.3:631" in said.output) == (0, True)
    assert kept.unsealed(KEPT) == {"10.1.2.4:631": "b"}


@pytest.mark.parametrize(("free", "reserve"), [(30 * GB, 20 * GB), (200 * GB, 20 * GB), (900 * GB, 90 * GB)])
def test_a_node_keeps_twenty_gigabytes_or_a_tenth_of_what_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, reserve: int
) -> None:
    """PR-255, PR-321: what would touch that is not taken, and nothing is left of it."""
    monkeypatch.setattr(NodeStore, "free", lambda _store: free)
    store = NodeStore(tmp_path / "jobs")
    assert store.reserve() == reserve
    content = b"sealed"
    store.receive("1" * 32, BytesIO(content), Held(sha256(content).hexdigest(), len(content)))
    with pytest.raises(PressroomError) as refused:
        store.receive("2" * 32, BytesIO(content), Held(sha256(content).hexdigest(), free - reserve + 1))
    assert (refused.value.fault, set(store.inventory())) == (NO_ROOM, {"1" * 32})
