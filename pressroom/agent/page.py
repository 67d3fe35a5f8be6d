"""The agent's own page: activation, state, proxy, password, security settings, log level (FL-126…FL-130).

It is open to the computer it runs on only, unless somebody has set a password and let others in.
"""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from pressroom.agent.cloud import activate, known_portal
from pressroom.agent.versions import Versions
from pressroom.agent.work import host_facts
from pressroom.local_page.guard import Guard
from pressroom.local_page.layout import STYLE, Sheet, choice, facts, field_of, form, paragraphs, tick
from pressroom.local_page.passwords import Gate, hashed
from pressroom.local_page.sessions import Session, Sessions, is_same
from pressroom.local_page.words import locale_of, say, say_error
from steps.printers.agent_itself import VERSION

if TYPE_CHECKING:
    from pressroom.agent.program import AgentProgram

BAD_PROXY = Fault(
    "agent_page.bad_proxy",
    422,
    N_("“{proxy}” is no address of a proxy."),
    N_("Write it as http://proxy.example.com:3128."),
    spec="FL-127",
)
PASSWORD_FIRST = Fault(
    "agent_page.password_first",
    409,
    N_("Other computers can be let in only when the page has a password."),
    N_("Create a password first."),
    spec="FL-130",
)
FORGED = Fault(
    "agent_page.forged",
    403,
    N_("The form is out of date."),
    N_("Open the page again and repeat what you did."),
)
PRODUCT = N_("Pressroom agent")
MENU = (
    ("/", N_("State")),
    ("/proxy", N_("Proxy")),
    ("/password", N_("Password")),
    ("/security", N_("Security settings")),
    ("/log-level", N_("Log level")),
)
LEVELS = (("", N_("As the portal says")), ("summary", N_("Summary")), ("detailed", N_("Detailed")))
COOKIE = "pressroom_agent"
Form = Mapping[str, str]


def agent_page(program: "AgentProgram", reopen: Callable[[], None]) -> ASGIApp:
    """The page's application; `reopen` has it served anew after other computers were let in or shut out."""
    return _Page(program, reopen).app()


class _Page:
    def __init__(self, program: "AgentProgram", reopen: Callable[[], None]) -> None:
        self._program, self._folder, self._reopen = program, program.folder, reopen
        self._sessions, self._gate = Sessions(), Gate()

    def app(self) -> ASGIApp:
        """Every address with its page and what its form does."""
        pages: Mapping[str, tuple[Callable[..., str], Callable[[Form], Awaitable[str]]]] = {
            "/": (self._state, self._activate),
            "/proxy": (self._proxy, self._set_proxy),
            "/password": (self._password, self._set_password),
            "/security": (self._security, self._set_security),
            "/log-level": (self._log_level, self._set_log_level),
        }
        routes = [
            Route(address, partial(self._answer, address, *both), methods=["GET", "POST"])
            for address, both in pages.items()
        ]
        routes += [
            Route("/sign-in", self._sign_in, methods=["GET", "POST"]),
            Route("/style.css", lambda _request: PlainTextResponse(STYLE, media_type="text/css")),
        ]
        return Guard(Starlette(routes=routes), lambda: self._folder.own_settings().local_only)

    async def _answer(
        self, address: str, show: Callable[..., str], act: Callable[[Form], Awaitable[str]], request: Request
    ) -> Response:
        """A page, or what its form did: the page again with a sentence about it."""
        session = self._session(request)
        if self._folder.own_settings().password and not session.is_in:
            return self._kept(RedirectResponse("/sign-in", 303), session)
        locale, said, failed, status = locale_of(request), "", [], 200
        if request.method == "POST":
            try:
                said = say(await act(await _form(request, session)), locale)
            except PressroomError as error:
                failed, status = list(say_error(error, locale)), error.fault.status
        content = show(locale, session.csrf)
        title = dict(MENU)[address] if address != "/" or self._folder.is_activated() else N_("Activate agent")
        return self._page(session, title, content, locale, here=address, said=said, failed=failed, status=status)

    async def _sign_in(self, request: Request) -> Response:
        session, locale, failed, status = self._session(request), locale_of(request), [], 200
        kept = self._folder.own_settings().password
        if session.is_in or not kept:
            return RedirectResponse("/", 303)
        if request.method == "POST":
            try:
                given = (await _form(request, session)).get("password", "")
                await asyncio.to_thread(self._gate.check, given, kept)
                session = self._sessions.renew(session)
                session.is_in = True
                return self._kept(RedirectResponse("/", 303), session)
            except PressroomError as error:
                failed, status = list(say_error(error, locale)), error.fault.status
        content = form(
            "/sign-in",
            session.csrf,
            [field_of("password", say(N_("Password"), locale), kind="password", more="autofocus required")],
            say(N_("Sign in"), locale),
        )
        return self._page(session, N_("Sign in"), content, locale, failed=failed, status=status)

    # --- what the pages show

    def _state(self, locale: str, csrf: str) -> str:
        if not self._folder.is_activated():
            return self._activation(locale, csrf)
        identity, reached = self._folder.identity(), self._program.state.reached
        at = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(reached)) if reached else say(N_("not yet"), locale)
        rows = (
            (N_("Kind"), identity.kind),
            (N_("Portal"), identity.server),
            (N_("Version"), VERSION),
            (N_("Printer support library"), Versions(self._folder.path).library_version()),
            (N_("Last answer of the portal"), at),
            (N_("Reports that wait for the portal"), str(len(self._folder.reported()))),
            (N_("Host"), socket.gethostname()),
        )
        return facts((say(name, locale), value) for name, value in rows)

    def _activation(self, locale: str, csrf: str) -> str:
        settings, portal = self._folder.own_settings(), known_portal()
        parts = [
            field_of("portal", say(N_("Address of the portal"), locale), portal, kind="url", more="required"),
            field_of("code", say(N_("Activation code"), locale), more="required maxlength=64"),
            field_of("proxy", say(N_("Proxy (only if one is needed)"), locale), settings.proxy),
            field_of(
                "password",
                say(N_("Password of this page (optional)"), locale),
                kind="password",
                hint=say(N_("With one, it is asked for whenever this page is opened."), locale),
            ),
            tick("search", say(N_("Discover and enrol immediately after activation"), locale), on=True),
        ]
        intro = paragraphs(
            [say(N_("The code is shown on the agent's page in the portal. It is valid for 72 hours."), locale)]
        )
        return intro + form("/", csrf, parts, say(N_("Activate agent"), locale))

    def _proxy(self, locale: str, csrf: str) -> str:
        label, hint = say(N_("Proxy for calls to the portal"), locale), say(N_("Empty: none."), locale)
        part = field_of("proxy", label, self._folder.own_settings().proxy, hint=hint)
        return form("/proxy", csrf, [part], say(N_("Save"), locale))

    def _password(self, locale: str, csrf: str) -> str:
        present = field_of("present", say(N_("Present password"), locale), kind="password")
        parts = [present] if self._folder.own_settings().password else []
        hint = say(N_("Empty: the page asks for none."), locale)
        parts.append(field_of("password", say(N_("New password"), locale), kind="password", hint=hint))
        return form("/password", csrf, parts, say(N_("Save"), locale))

    def _security(self, locale: str, csrf: str) -> str:
        on = self._folder.own_settings().local_only
        box = tick("local_only", say(N_("Allow access from the local host only (recommended)"), locale), on=on)
        return form("/security", csrf, [box], say(N_("Save"), locale))

    def _log_level(self, locale: str, csrf: str) -> str:
        options = [(value, say(title, locale)) for value, title in LEVELS]
        part = choice("log_level", say(N_("Log level"), locale), options, self._folder.own_settings().log_level)
        return form("/log-level", csrf, [part], say(N_("Save"), locale))

    # --- what their forms do

    async def _activate(self, given: Form) -> str:
        """F-7: nothing is kept unless the portal has accepted the code."""
        proxy, password = _checked_proxy(given.get("proxy", "")), given.get("password", "")
        settings = replace(self._folder.own_settings(), proxy=proxy)
        if password:
            settings = replace(settings, password=hashed(password))
        ask = partial(activate, proxy=proxy, ca_file=self._program.around.ca_file)
        portal, code = given.get("portal", "").strip(), given.get("code", "").strip()
        identity = await asyncio.to_thread(ask, portal, code, socket.gethostname(), VERSION, host_facts())
        self._folder.keep_own_settings(settings)
        self._folder.keep_identity(identity)
        self._program.state.searches_now = given.get("search") == "on"
        self._program.state.changed.set()
        return N_("The agent is activated.")

    async def _set_proxy(self, given: Form) -> str:
        proxy = _checked_proxy(given.get("proxy", ""))
        self._folder.keep_own_settings(replace(self._folder.own_settings(), proxy=proxy))
        self._program.state.changed.set()
        return N_("Saved.")

    async def _set_password(self, given: Form) -> str:
        settings, password = self._folder.own_settings(), given.get("password", "")
        if settings.password:
            await asyncio.to_thread(self._gate.check, given.get("present", ""), settings.password)
        if not password and not settings.local_only:
            raise PASSWORD_FIRST()
        kept = await asyncio.to_thread(hashed, password) if password else ""
        self._folder.keep_own_settings(replace(settings, password=kept))
        self._sessions.end_all()
        return N_("Saved.")

    async def _set_security(self, given: Form) -> str:
        settings, local_only = self._folder.own_settings(), given.get("local_only") == "on"
        if not local_only and not settings.password:
            raise PASSWORD_FIRST()
        self._folder.keep_own_settings(replace(settings, local_only=local_only))
        if local_only != settings.local_only:
            asyncio.get_running_loop().call_later(1, self._reopen)
        return N_("Saved.")

    async def _set_log_level(self, given: Form) -> str:
        wanted = given.get("log_level", "")
        chosen = wanted if wanted in dict(LEVELS) else ""
        self._folder.keep_own_settings(replace(self._folder.own_settings(), log_level=chosen))
        if chosen:
            self._folder.log_level(chosen)
        else:
            self._program.state.changed.set()
        return N_("Saved.")

    # --- around them

    def _session(self, request: Request) -> Session:
        return self._sessions.find(request.cookies.get(COOKIE, ""))

    def _kept(self, response: Response, session: Session) -> Response:
        response.set_cookie(COOKIE, session.token, httponly=True, samesite="strict")
        return response

    def _page(
        self,
        session: Session,
        title: str,
        content: str,
        locale: str,
        *,
        here: str = "",
        said: str = "",
        failed: list[str],
        status: int,
    ) -> Response:
        menu = [(address, say(name, locale)) for address, name in MENU] if here else []
        sheet = Sheet(say(PRODUCT, locale), say(title, locale), locale, content, here, menu, said, failed)
        return self._kept(HTMLResponse(sheet.html(), status), session)


async def _form(request: Request, session: Session) -> Form:
    """The form's fields; raises `FORGED` where it does not carry the session's mark."""
    fields = dict(parse_qsl((await request.body()).decode(errors="replace"), keep_blank_values=True))
    if not is_same(fields.get("csrf", ""), session.csrf):
        raise FORGED()
    return fields


def _checked_proxy(text: str) -> str:
    proxy = text.strip()
    parts = urlsplit(proxy)
    if proxy and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise BAD_PROXY(proxy=proxy)
    return proxy
