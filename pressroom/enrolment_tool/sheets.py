"""What the tool's pages show."""

from collections.abc import Sequence
from html import escape

from connectors.messages import N_
from pressroom.agent.cloud import known_portal
from pressroom.enrolment_tool.enrolling import Result
from pressroom.enrolment_tool.rules import Candidate
from pressroom.enrolment_tool.settings import PreferredAgent
from pressroom.enrolment_tool.work import Doing, ToolWork
from pressroom.local_page.layout import choice, field_of, form, paragraphs, table, text_area, tick
from pressroom.local_page.words import say, say_message
from steps.printer_work import AuthenticationType

PRODUCT = N_("Enrolment tool")
MENU = (
    ("/", N_("Sign in")),
    ("/search", N_("Search")),
    ("/printers", N_("Printers")),
    ("/settings", N_("Settings")),
    ("/log", N_("Log")),
)
AGENTS = {
    "native": N_("Native agent"),
    "printer": N_("Printer agent"),
    "fleet": N_("Fleet agent"),
    "local": N_("Local agent"),
    "": "–",
}
TAKES_MINUTES = N_("Enrolment takes some minutes; it may take some more until the printers stand in the portal's list.")
MOVING = N_("Printers that are enrolled in another organization are best unenrolled there first.")
RESULTS = {
    Result.ENROLLED: N_("Enrolled"),
    Result.RE_ENROLLED: N_("Enrolled again"),
    Result.REFUSED: N_("Not enrolled"),
    Result.TIMED_OUT: N_("Timed out"),
}
TYPES = {
    AuthenticationType.NONE: N_("None"),
    AuthenticationType.USER_PASSWORD: N_("User name and password"),
    AuthenticationType.USER_NAME: N_("User name"),
    AuthenticationType.PASSWORD: N_("Password"),
    AuthenticationType.PIN: N_("PIN"),
}


class Sheets:
    """The pages' content for an open tool; every method gives HTML for a locale and the mark of its forms."""

    def __init__(self, work: ToolWork) -> None:
        self._work = work

    def start(self, locale: str, csrf: str) -> str:
        """Sign in, then the organization (FL-76, FL-86)."""
        work = self._work
        if work.portal is None:
            known = work.settings.portal or known_portal()
            part = field_of("portal", say(N_("Address of the portal"), locale), known, kind="url", more="required")
            return form("/", csrf, [part], say(N_("Sign in with the browser"), locale))
        options = [(one.id, one.name) for one in work.organizations]
        part = choice("organization", say(N_("Organization"), locale), options, work.portal.organization_id)
        return form("/", csrf, [part], say(N_("Next"), locale))

    def search(self, locale: str, csrf: str) -> str:
        """Where to look, and SNMP credentials where they are needed (FL-87…FL-89)."""
        work = self._work
        if work.portal is None:
            return paragraphs([say(N_("Sign in first."), locale)])
        where = [("local", say(N_("Local network"), locale)), ("entries", say(N_("Advanced search"), locale))]
        hint = N_("An address, subnet, range or host name a line. If a firewall asks about the tool, allow it.")
        parts = [
            choice("where", say(N_("Search"), locale), where, "entries" if work.entries else "local"),
            text_area("entries", say(N_("Entries of the advanced search"), locale), entries_text(work.entries)),
            paragraphs([say(hint, locale)]),
        ]
        parts += self._snmp_credentials(locale)
        found = form("/search", csrf, parts, say(N_("Search"), locale), name=say(N_("Search"), locale))
        imported = form(
            "/search",
            csrf,
            [
                '<input type="hidden" name="do" value="keep">',
                text_area("file", say(N_("Content of a CSV file of entries"), locale), ""),
                tick("overwrite", say(N_("Overwrite existing entries"), locale), on=False),
            ],
            say(N_("Import"), locale),
            name=say(N_("Import"), locale),
        )
        export = f'<p><a href="/entries.csv" download>{escape(say(N_("Export"), locale))}</a></p>'
        return f"{found}<h2>{escape(say(N_('Import and export'), locale))}</h2>{imported}{export}"

    def _snmp_credentials(self, locale: str) -> list[str]:
        """What version 3 takes, as far as it is set (FL-89)."""
        settings = self._work.settings
        if not settings.asks_for_snmp:
            return []
        parts = [field_of("user", say(N_("SNMP user"), locale), more="required")]
        if settings.auth_protocol:
            name = say(N_("SNMP authentication password"), locale)
            parts.append(field_of("auth", name, kind="password", more="required"))
        if settings.privacy_protocol:
            name = say(N_("SNMP privacy password"), locale)
            parts.append(field_of("privacy", name, kind="password", more="required"))
        return parts

    def printers(self, locale: str, csrf: str) -> str:
        """What was found, those that are enrolled apart; enrolling, and what came of it (FL-91…FL-101).

        What is good to know before stands there too (FL-96, FL-100).
        """
        work = self._work
        if work.doing is Doing.SEARCHING:
            return paragraphs([say(N_("The tool searches."), locale)])
        news = [row for row in work.rows if not row.enrolled]
        enrolled = [row for row in work.rows if row.enrolled]
        parts = [
            self._rows(say(N_("Found: {count}"), locale, count=len(news)), news, locale),
            self._rows(say(N_("Enrolled: {count}"), locale, count=len(enrolled)), enrolled, locale),
        ]
        content = self._outcomes(locale)
        if work.doing is Doing.ENROLLING:
            done = say(N_("{done} of {count} printers are done."), locale, done=len(work.outcomes), count=work.expected)
            return paragraphs([done]) + content
        if any(row.may_be_chosen for row in work.rows):
            parts += self._authentication(locale)
            parts.append(paragraphs([say(TAKES_MINUTES, locale), say(MOVING, locale)]))
            return content + form("/printers", csrf, parts, say(N_("Enrol"), locale), name=say(N_("Enrol"), locale))
        return content + "".join(parts)

    def settings(self, locale: str, csrf: str) -> str:
        """FL-78…FL-85."""
        settings = self._work.settings
        agents = [
            (PreferredAgent.NATIVE.value, say(AGENTS["native"], locale)),
            (PreferredAgent.PRINTER.value, say(AGENTS["printer"], locale)),
        ]
        none = say(N_("None"), locale)
        auths = [("", none), ("md5", "MD5"), ("sha1", "SHA-1"), ("sha256", "SHA-256"), ("sha512", "SHA-512")]
        privacies = [("", none), ("des", "DES"), ("aes128", "AES-128"), ("aes256", "AES-256")]
        versions = [("1", "1"), ("2c", "2c"), ("3", "3")]
        log = tick("detailed_log", say(N_("Detailed log"), locale), on=settings.detailed_log)
        parts = [
            choice("agent", say(N_("Agent for printers that have a native one"), locale), agents, settings.agent),
            _number("discovery_seconds", say(N_("Longest search in seconds"), locale), settings.discovery_seconds),
            _number("enrolment_seconds", say(N_("Longest enrolment in seconds"), locale), settings.enrolment_seconds),
            log,
            choice("snmp_version", say(N_("SNMP version"), locale), versions, settings.snmp_version),
            field_of("community", say(N_("Community (versions 1 and 2c)"), locale), settings.community),
            choice("auth_protocol", say(N_("Authentication (version 3)"), locale), auths, settings.auth_protocol),
            choice("privacy_protocol", say(N_("Privacy (version 3)"), locale), privacies, settings.privacy_protocol),
            _number("http_port", say(N_("Web port of the printers"), locale), settings.http_port),
            _number("snmp_port", say(N_("SNMP port of the printers"), locale), settings.snmp_port),
        ]
        return form("/settings", csrf, parts, say(N_("Save settings"), locale))

    def _rows(self, caption: str, rows: Sequence[Candidate], locale: str) -> str:
        heads = ["", N_("Address"), N_("Model"), N_("Serial number"), N_("Firmware"), N_("Agent type"), N_("Remark")]
        return table(
            caption, [say(head, locale) if head else "" for head in heads], (_row(row, locale) for row in rows)
        )

    def _authentication(self, locale: str) -> list[str]:
        """FL-97."""
        types = [(kind.value, say(title, locale)) for kind, title in TYPES.items()]
        return [
            f"<h2>{escape(say(N_('Authentication at the printers'), locale))}</h2>",
            choice("type", say(N_("Authentication type"), locale), types, AuthenticationType.NONE.value),
            field_of("user", say(N_("User name"), locale)),
            field_of("secret", say(N_("Password or PIN"), locale), kind="password"),
            tick("skip", say(N_("Skip this step: the printers are not secured"), locale), on=True),
        ]

    def _outcomes(self, locale: str) -> str:
        rows = [
            (
                escape(one.address),
                escape(one.serial_number),
                escape(say(RESULTS[one.result], locale)),
                escape(" ".join(say_message(text, locale) for text in (one.reason, one.remedy) if text is not None)),
            )
            for one in self._work.outcomes
        ]
        heads = [say(head, locale) for head in (N_("Address"), N_("Serial number"), N_("Outcome"), N_("Remark"))]
        return table(say(N_("Outcome"), locale), heads, rows) if rows else ""


def entries_text(entries: Sequence[str]) -> str:
    """An entry a line."""
    return "\n".join(entries)


def _row(row: Candidate, locale: str) -> tuple[str, ...]:
    found = row.found
    label = escape(say(N_("Choose {name}"), locale, name=found.serial_number))
    box = f'<input type="checkbox" name="serial" value="{escape(found.serial_number)}" aria-label="{label}">'
    cells = (found.address, found.model, found.serial_number, found.firmware_level or "–")
    agent = say(AGENTS[row.enrolled or row.agent], locale)
    remark = say_message(row.reason, locale) if row.reason is not None else ""
    return (box if row.may_be_chosen else "", *(escape(cell) for cell in cells), escape(agent), escape(remark))


def _number(name: str, label: str, value: int) -> str:
    return field_of(name, label, str(value), kind="number", more='min="1" required')
