"""The tool's page in a browser on the same computer: sign-in, organization, search, list, enrolment, outcome, settings.

Only the browser that was opened with the key of this start gets in: other programs and people of the computer do not.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from html import escape
from pathlib import Path
from urllib.parse import parse_qs

from pydantic import SecretStr, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from connectors.printers.address_ranges import entries_file
from pressroom.agent.page import FORGED
from pressroom.enrolment_tool.portal import Portal, SignIn, signed_in
from pressroom.enrolment_tool.settings import ToolSettings, keep_settings
from pressroom.enrolment_tool.sheets import MENU, PRODUCT, Sheets
from pressroom.enrolment_tool.work import LOG_DETAIL, Doing, Search, ToolWork
from pressroom.local_page.guard import Guard
from pressroom.local_page.layout import STYLE, Sheet
from pressroom.local_page.sessions import Session, Sessions, is_same
from pressroom.local_page.words import locale_of, say, say_error, say_message
from steps.printer_work import Access, AuthenticationType
from steps.printers.agent_itself import VERSION

WRONG_KEY = Fault(
    "enrolment_tool.wrong_key",
    403,
    N_("This page belongs to whoever has started the tool."),
    N_("Open the address that the tool has shown when it started."),
)
WRONG_STATE = Fault(
    "enrolment_tool.wrong_state",
    403,
    N_("The sign-in was not begun here."),
    N_("Sign in from the tool again."),
)
BAD_SETTING = Fault("enrolment_tool.bad_setting", 422, N_("{problem}"), N_("Correct the value and save again."))
COOKIE = "pressroom_enrol"
Form = Mapping[str, list[str]]


class ToolPage:
    """The page of an open tool. `port` is where it is served; `key` lets the first browser in."""

    def __init__(self, work: ToolWork, folder: Path, port: int, ca_file: Path | None = None) -> None:
        self.key = secrets.token_urlsafe(24)
        self._work, self._folder, self._port, self._ca_file = work, folder, port, ca_file
        self._sessions, self._sheets = Sessions(), Sheets(work)
        self._sign_in: SignIn | None = None

    def app(self) -> ASGIApp:
        """Every address with its sheet and what its form does."""
        sheets: Mapping[str, tuple[Callable[[str, str], str], Callable[[Form], Awaitable[str]]]] = {
            "/": (self._sheets.start, self._start),
            "/search": (self._sheets.search, self._search),
            "/printers": (self._sheets.printers, self._enrol),
            "/settings": (self._sheets.settings, self._settings),
        }
        routes = [
            Route(address, partial(self._answer, address, *both), methods=["GET", "POST"])
            for address, both in sheets.items()
        ]
        routes += [
            Route("/signed-in", self._signed_in),
            Route("/entries.csv", self._entries),
            Route("/log", self._log),
            Route("/style.css", lambda _request: PlainTextResponse(STYLE, media_type="text/css")),
        ]
        return Guard(Starlette(routes=routes), lambda: True)

    async def _answer(
        self, address: str, show: Callable[[str, str], str], act: Callable[[Form], Awaitable[str]], request: Request
    ) -> Response:
        session, locale = self._session(request), locale_of(request)
        said, failed, status = "", [], 200
        try:
            self._let_in(request, session)
            if "key" in request.query_params:
                return self._kept(RedirectResponse("/", 303), session)
            if request.method == "POST":
                done = await act(await _form(request, session))
                if done.startswith("/"):
                    return self._kept(RedirectResponse(done, 303), session)
                if done.startswith("http"):
                    return self._kept(self._leave(done, locale), session)
                said = say(done, locale)
        except PressroomError as error:
            failed, status = list(say_error(error, locale)), error.fault.status
        content = show(locale, session.csrf) if session.is_in else ""
        if self._work.problem is not None and not failed:
            told = (self._work.problem, self._work.remedy)
            failed = [say_message(one, locale) for one in told if one is not None]
        return self._page(session, address, content, locale, said, failed, status)

    def _leave(self, address: str, locale: str) -> Response:
        """On to the portal by a page of our own: no form here may lead anywhere else."""
        link = f'<p><a href="{escape(address)}">{escape(say(N_("Go on"), locale))}</a></p>'
        sheet = Sheet(say(PRODUCT, locale), say(N_("Sign in"), locale), locale, link)
        return HTMLResponse(sheet.html(), headers={"Refresh": f"0; url={address}"})

    def _page(
        self, session: Session, address: str, content: str, locale: str, said: str, failed: list[str], status: int
    ) -> Response:
        menu = [(one, say(name, locale)) for one, name in MENU] if session.is_in else []
        wait = 2 if self._work.doing is not Doing.NOTHING and address in ("/search", "/printers") else 0
        title = say(dict(MENU).get(address, PRODUCT), locale)
        sheet = Sheet(say(PRODUCT, locale), title, locale, content, address, menu, said, failed, wait)
        return self._kept(HTMLResponse(sheet.html(), status), session)

    # --- what the forms do: a sentence about it, or where to go

    async def _start(self, given: Form) -> str:
        """Sign in at the portal's page, or choose the organization (FL-76, FL-86)."""
        if "portal" in given:
            self._sign_in = SignIn(_one(given, "portal").strip(), self._port)
            self.remember(self._work.settings.model_copy(update={"portal": self._sign_in.portal}))
            return self._sign_in.address
        chosen = _one(given, "organization")
        if self._work.portal is not None and chosen in {one.id for one in self._work.organizations}:
            self._work.portal.organization_id = chosen
            await self._work.look_up()
            return "/search"
        return "/"

    async def _search(self, given: Form) -> str:
        work = self._work
        if "entries" in given:
            work.add_entries(_one(given, "entries").splitlines(), overwrite=True)
        if file := _one(given, "file"):
            lines = (line.split(",")[0] for line in file.splitlines())
            work.add_entries(lines, overwrite=bool(_one(given, "overwrite")))
        if _one(given, "do") == "keep":
            return N_("The entries were taken over. They are lost when the tool ends: export them to keep them.")
        typed = (_one(given, "user"), _one(given, "auth"), _one(given, "privacy"))
        work.search(Search(_one(given, "where") == "local", work.entries), work.settings.snmp(*typed))
        return "/printers"

    async def _enrol(self, given: Form) -> str:
        access = None
        if not _one(given, "skip"):
            kind = AuthenticationType(_one(given, "type") or "none")
            access = Access(type=kind, user=_one(given, "user"), secret=SecretStr(_one(given, "secret")))
        self._work.enrol(given.get("serial", []), access)
        return "/printers"

    async def _settings(self, given: Form) -> str:
        wanted = {name: values[-1] for name, values in given.items()}
        present = self._work.settings.model_dump(mode="json")
        try:
            changed = ToolSettings.model_validate(
                present | wanted | {"detailed_log": wanted.get("detailed_log") == "on"}
            )
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise BAD_SETTING(problem=f"{first['loc'][0]}: {first['msg']}") from error
        self.remember(changed)
        await self._work.look_up()
        return N_("Saved.")

    def remember(self, settings: ToolSettings) -> None:
        """Take over what was set, and keep it for the next start (FL-85)."""
        self._work.settings, LOG_DETAIL.is_wanted = settings, settings.detailed_log
        keep_settings(self._folder, settings)

    # --- other addresses

    async def _signed_in(self, request: Request) -> Response:
        """The browser comes back from the portal with a code. It comes from another site, without our cookie."""
        locale = locale_of(request)
        try:
            begun, self._sign_in = self._sign_in, None
            if begun is None or not is_same(request.query_params.get("state", ""), begun.state):
                raise WRONG_STATE()
            token = await signed_in(begun, request.query_params.get("code", ""), self._ca_file)
            portal = Portal(begun.portal, token, ca_file=self._ca_file)
            await portal.check_version(VERSION)
            self._work.organizations = await portal.organizations()
            if len(self._work.organizations) == 1:
                portal.organization_id = self._work.organizations[0].id
            self._work.portal = portal
        except PressroomError as error:
            told = list(say_error(error, locale))
            sheet = Sheet(say(PRODUCT, locale), say(N_("Sign in"), locale), locale, _back(locale), failed=told)
            return HTMLResponse(sheet.html(), error.fault.status)
        # A page of our own goes on, so that the browser sends the cookie, which is for our own pages only.
        sheet = Sheet(say(PRODUCT, locale), say(N_("Signed in"), locale), locale, _back(locale))
        return HTMLResponse(sheet.html(), headers={"Refresh": "0; url=/"})

    async def _entries(self, request: Request) -> Response:
        """The entries as a file (FL-88)."""
        session = self._session(request)
        if not session.is_in:
            return PlainTextResponse(WRONG_KEY().message, 403)
        headers = {"Content-Disposition": 'attachment; filename="entries.csv"'}
        return Response(entries_file(self._work.entries), media_type="text/csv", headers=headers)

    async def _log(self, request: Request) -> Response:
        """The current log (FL-80)."""
        session = self._session(request)
        if not session.is_in:
            return PlainTextResponse(WRONG_KEY().message, 403)
        file = self._folder / "enrol.log"
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        return self._page(session, "/log", f"<pre>{escape(text[-200_000:])}</pre>", locale_of(request), "", [], 200)

    # --- who is there

    def _session(self, request: Request) -> Session:
        return self._sessions.find(request.cookies.get(COOKIE, ""))

    def _let_in(self, request: Request, session: Session) -> None:
        if is_same(request.query_params.get("key", ""), self.key):
            session.is_in = True
        if not session.is_in:
            raise WRONG_KEY()

    def _kept(self, response: Response, session: Session) -> Response:
        response.set_cookie(COOKIE, session.token, httponly=True, samesite="strict")
        return response


async def _form(request: Request, session: Session) -> Form:
    fields = parse_qs((await request.body()).decode(errors="replace"), keep_blank_values=True)
    if not is_same(_one(fields, "csrf"), session.csrf):
        raise FORGED()
    return {name: values for name, values in fields.items() if name != "csrf"}


def _one(fields: Form, name: str) -> str:
    return fields.get(name, [""])[-1]


def _back(locale: str) -> str:
    return f'<p><a href="/">{escape(say(N_("Go on"), locale))}</a></p>'
