"""The agent's own page: who may see it, what it sets, and how an agent is activated there (FL-126…FL-130)."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from domain.tenancy import system_session
from fleet.agents.models import Agent
from fleet.agents.service import create_fleet_agent
from fleet.agents.settings import AgentSettings
from portal_api.app import create_service
from pressroom.agent.page import agent_page
from pressroom.agent.program import AgentProgram, Surroundings
from pressroom.agent.state import AgentFolder, Identity, OwnSettings
from pressroom.local_page.passwords import hashed
from tests.support.agent_processes import agent_process, until
from tests.support.installation import Installation, installed
from tests.support.portal_server import serving

PASSWORD = "a long password"
OWN = "http://localhost"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path / "cloud") as one:
        yield one


@pytest.fixture
def folder(tmp_path: Path) -> AgentFolder:
    """Of an agent that is activated."""
    one = AgentFolder(tmp_path / "agent")
    one.keep_identity(Identity("http://127.0.0.1:9", "a1", "fleet", "secret"))
    return one


class Browser:
    """A browser in front of the page; `client` is where it calls from."""

    def __init__(self, folder: AgentFolder, client: str = "127.0.0.1", base: str = OWN) -> None:
        app = agent_page(AgentProgram(folder, Surroundings(page_ports=(0,))), lambda: None)
        self._transport = httpx.ASGITransport(app=app, client=(client, 50_000))
        self._base, self._cookies = base, httpx.Cookies()

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def call() -> httpx.Response:
            async with httpx.AsyncClient(transport=self._transport, base_url=self._base, cookies=self._cookies) as http:
                answer = await http.request(method, path, **options)
                self._cookies = http.cookies
                return answer

        return asyncio.run(call())

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.ask("GET", path, **options)

    def send(self, path: str, headers: dict[str, str] | None = None, **fields: str) -> httpx.Response:
        """Fill in the form of the page and send it."""
        mark = re.search(r'name="csrf" value="([^"]+)"', self.get(path).text)
        assert mark is not None
        return self.ask("POST", path, data={"csrf": mark[1], **fields}, headers=headers)


@pytest.mark.parametrize(
    ("client", "base", "headers", "status"),
    [
        ("127.0.0.1", "http://localhost:8080", {}, 200),
        ("127.0.0.1", "http://127.0.0.1", {}, 200),
        ("::1", "http://[::1]:8080", {}, 200),
        ("10.0.0.9", OWN, {}, 403),  # another computer
        ("127.0.0.1", "http://evil.example", {}, 403),  # a name that was led here (DNS rebinding)
        ("127.0.0.1", "http://localhost.evil.example", {}, 403),
    ],
)
def test_the_page_is_open_to_this_computer_by_its_own_names(
    folder: AgentFolder, client: str, base: str, headers: dict[str, str], status: int
) -> None:
    """FL-130, TS-28: on by default, for whatever address the browser of the host calls it by."""
    answer = Browser(folder, client, base).get("/", headers=headers)
    assert answer.status_code == status
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": OWN}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
def test_forms_of_other_pages_do_nothing(folder: AgentFolder, headers: dict[str, str], status: int) -> None:
    assert Browser(folder).send("/log-level", headers, log_level="detailed").status_code == status
    assert folder.own_settings().log_level == ("detailed" if status == 200 else "")


def test_a_form_without_its_mark_does_nothing(folder: AgentFolder) -> None:
    assert Browser(folder).ask("POST", "/log-level", data={"log_level": "detailed"}).status_code == 403
    assert folder.own_settings() == OwnSettings()


@pytest.mark.parametrize(
    ("path", "fields", "status", "kept"),
    [
        ("/proxy", {"proxy": "http://proxy.example.com:3128"}, 200, {"proxy": "http://proxy.example.com:3128"}),
        ("/proxy", {"proxy": "proxy.example.com"}, 422, {}),
        ("/log-level", {"log_level": "summary"}, 200, {"log_level": "summary"}),
        ("/log-level", {"log_level": "all"}, 200, {}),
        ("/security", {}, 409, {}),  # other computers only with a password
        ("/security", {"local_only": "on"}, 200, {}),
        ("/password", {"password": "short"}, 422, {}),
    ],
)
def test_what_is_set_is_kept_or_refused_with_a_reason(
    folder: AgentFolder, path: str, fields: dict[str, str], status: int, kept: dict[str, Any]
) -> None:
    """FL-129."""
    answer = Browser(folder).send(path, **fields)
    assert answer.status_code == status
    assert ('role="alert"' in answer.text) == (status != 200)
    assert folder.own_settings() == OwnSettings(**kept)


def test_a_password_is_asked_for_and_cannot_be_tried_out(folder: AgentFolder) -> None:
    """FL-127: it is kept as a hash; who is in stays in, who is not sees nothing."""
    first = Browser(folder)
    assert first.send("/password", password=PASSWORD).status_code == 200
    assert PASSWORD not in (folder.path / "page.json").read_text()
    assert (folder.path / "page.json").stat().st_mode & 0o077 == 0
    browser = Browser(folder)
    assert browser.get("/").headers["location"] == "/sign-in"
    assert browser.send("/sign-in", password="a wrong password").status_code == 403
    assert browser.send("/sign-in", password=PASSWORD).status_code == 303
    assert browser.get("/").status_code == 200
    assert browser.send("/password", present="a wrong password", password="").status_code == 403
    stranger = Browser(folder)
    answers = [stranger.send("/sign-in", password=f"wrong password {number}").status_code for number in range(6)]
    assert answers == [403] * 5 + [429]
    assert stranger.send("/sign-in", password=PASSWORD).status_code == 429


def test_other_computers_are_let_in_by_the_hosts_own_names_once_somebody_has_said_so(folder: AgentFolder) -> None:
    folder.keep_own_settings(OwnSettings(password=hashed(PASSWORD), local_only=False))
    assert Browser(folder, "10.0.0.9", "http://127.0.0.1").get("/").status_code == 303
    assert Browser(folder, "10.0.0.9", "http://evil.example").get("/").status_code == 403


def test_the_page_speaks_the_readers_language(folder: AgentFolder) -> None:
    assert "Säkerhetsinställningar" in Browser(folder).get("/", headers={"Accept-Language": "sv-SE,sv;q=0.9"}).text


def test_an_agent_is_activated_at_its_page_and_begins_to_work(office: Installation, tmp_path: Path) -> None:
    """F-7 with a real process: the code is typed there, wrong ones are explained."""
    agent_id, code = create_fleet_agent(office.administrator, "North", "", AgentSettings(discovery_minutes=0))
    log = tmp_path / "agent.log"
    with (
        serving(create_service(office.settings)) as url,
        agent_process(tmp_path / "agent", "--page-port", "0", page="--page"),
    ):
        opened = until(lambda: re.search(r"http://localhost:\d+", log.read_text()), "the page did not open")
        with httpx.Client(base_url=opened[0], trust_env=False) as browser:
            mark = re.search(r'name="csrf" value="([^"]+)"', browser.get("/").text)
            assert mark is not None
            form = {"csrf": mark[1], "portal": url, "code": "AAAA-BBBB-CCCC-DDDD"}
            refused = browser.post("/", data=form)
            assert (refused.status_code, "not known" in refused.text) == (409, True)
            assert "The agent is activated." in browser.post("/", data={**form, "code": code}).text
            until(lambda: contact(agent_id), "the agent did not call in")
            until(lambda: "not yet" not in browser.get("/").text, "the page does not show the contact")


def contact(agent_id: str) -> bool:
    with system_session(read_only=True) as session:
        return bool(session.get_one(Agent, agent_id).host)
