"""What usually keeps an installation from working, each with its remedy."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
from sqlalchemy import text

from connectors.database import check_database, open_engine
from connectors.documents import open_store
from connectors.errors import PressroomError
from connectors.settings import Settings
from domain.migrations import is_current
from domain.row_security import HOW_TO_ALLOW, ROLE, is_enforced

FREE_MB_NEEDED = 500
PROGRAMS = {
    "tesseract": "tesseract-ocr",
    "soffice": "libreoffice-writer-nogui libreoffice-calc-nogui libreoffice-impress-nogui",
    "pdftotext": "poppler-utils",
    "apertium": "apertium and language pairs such as apertium-eng-spa",
}
LANGUAGE_PACKAGES = "tesseract-ocr-{language}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is well, what was found, and what to do."""

    part: str
    ok: bool
    text: str
    remedy: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Look at everything; never raises for what it finds."""
    looks: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
        _programs,
        _ocr_languages,
        _disk,
        examine_database,
        _store,
        _engine,
        _mail,
        examine_mail_in,
        examine_mailboxes,
    )
    return [finding for look in looks for finding in look(settings)]


def _programs(_settings: Settings) -> Iterator[Finding]:
    for program, package in PROGRAMS.items():
        found = shutil.which(program)
        yield Finding(
            program, found is not None, found or "not installed", "" if found else f"apt-get install {package}"
        )


def _ocr_languages(settings: Settings) -> Iterator[Finding]:
    if not (tesseract := shutil.which("tesseract")):
        return
    listed = subprocess.run([tesseract, "--list-langs"], capture_output=True, text=True, timeout=30, check=False)  # noqa: S603
    installed = set(listed.stdout.split("\n")[1:])
    missing = [language for language in (*settings.ocr_languages, "osd") if language not in installed]
    packages = " ".join(LANGUAGE_PACKAGES.format(language=language) for language in missing)
    text = f"missing: {', '.join(missing)}" if missing else ", ".join(settings.ocr_languages)
    yield Finding("OCR languages", not missing, text, f"apt-get install {packages}" if missing else "")


def _disk(settings: Settings) -> Iterator[Finding]:
    settings.home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.home).free // 1_048_576
    ok = free >= FREE_MB_NEEDED
    remedy = "" if ok else f"Free some space, or move PRESSROOM_HOME to a larger disk ({FREE_MB_NEEDED} MB at least)."
    yield Finding("disk", ok, f"{free} MB free in {settings.home}", remedy)


def examine_database(settings: Settings) -> Iterator[Finding]:
    """Whether the database answers, has every table, and keeps organizations apart by itself where it can."""
    try:
        check_database(open_engine(settings.records_url))
    except PressroomError as error:
        yield Finding("database", False, error.message, "Start it, or correct PRESSROOM_DATABASE_URL.")
        return
    current = is_current(settings.records_url)
    yield Finding(
        "database", current, "up to date" if current else "not migrated", "" if current else "pressroom migrate"
    )
    if current:
        yield from _row_security(settings)


def _row_security(settings: Settings) -> Iterator[Finding]:
    engine = open_engine(settings.records_url)
    if engine.dialect.name != "postgresql":
        return
    with engine.connect() as connection:
        ok, account = is_enforced(connection), connection.scalar(text("SELECT quote_ident(current_user)"))
    remedy = f"Let a database administrator run: {HOW_TO_ALLOW}{account}; then run “pressroom migrate” and restart."
    found = "keeps organizations apart" if ok else f"the role {ROLE} is missing: only Pressroom keeps them apart"
    yield Finding("row-level security", ok, found, "" if ok else remedy)


def _store(settings: Settings) -> Iterator[Finding]:
    try:
        open_store(settings).check()
    except PressroomError as error:
        yield Finding("document store", False, error.message, error.remedy)
    else:
        yield Finding("document store", True, settings.documents)


def _engine(settings: Settings) -> Iterator[Finding]:
    try:
        answer = httpx.get(f"{settings.engine_url}/health", timeout=5, trust_env=False)
    except httpx.HTTPError as error:
        remedy = "Start it with “pressroom up”, or correct PRESSROOM_PREFECT_API_URL."
        yield Finding("engine (Prefect)", False, f"{settings.engine_url}: {type(error).__name__}", remedy)
    else:
        ok = answer.status_code == 200
        yield Finding("engine (Prefect)", ok, settings.engine_url, "" if ok else "See the engine's own log.")


def _mail(settings: Settings) -> Iterator[Finding]:
    from connectors.mail import MailServer, check

    if not settings.smtp_host:
        yield Finding("mail server", True, "none set: “pressroom up” catches mail in the home folder")
        return
    try:
        check(MailServer.of(settings))
    except PressroomError as error:
        yield Finding("mail server", False, error.message, error.remedy)
    else:
        yield Finding("mail server", True, f"{settings.smtp_host}:{settings.smtp_port}")


def examine_mail_in(settings: Settings) -> Iterator[Finding]:
    """Whether mail for printing can be proven to be from whom it says: otherwise none of it is printed."""
    if not settings.mail_in_port:
        return
    way = settings.mail_in_sender_check
    named = bool(settings.mail_in_relays and settings.mail_in_authentication_servers)
    if way == "none":
        remedy = "Choose another PRESSROOM_MAIL_IN_SENDER_CHECK: anybody could print as anybody."
        is_production = settings.environment == "production"
        yield Finding(
            "mail for printing", not is_production, "senders are not checked", remedy if is_production else ""
        )
    elif way == "relay" and not named:
        remedy = (
            "Set PRESSROOM_MAIL_IN_RELAYS and PRESSROOM_MAIL_IN_AUTHENTICATION_SERVERS, or check signatures (dkim)."
        )
        yield Finding("mail for printing", False, "no relay is trusted, so no mail is printed", remedy)
    else:
        yield Finding("mail for printing", True, f"senders are checked: {way}")


def examine_mailboxes(settings: Settings) -> Iterator[Finding]:
    """Whether the mailboxes can be looked into from which mail for printing is fetched."""
    from domain.print_mail.mailboxes import mailbox_troubles

    try:
        check_database(open_engine(settings.records_url))
    except PressroomError:
        return  # the database has been found wanting already
    if not is_current(settings.records_url):
        return
    for address, error in mailbox_troubles():
        if error is None:
            yield Finding(f"mailbox {address}", True, "can be looked into")
        else:
            yield Finding(f"mailbox {address}", False, error.message, error.remedy)
