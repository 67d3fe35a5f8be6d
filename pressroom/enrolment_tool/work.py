"""The tool at work: who is signed in, what was found, what became of it. One search or enrolment at a time."""

import asyncio
import logging
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import structlog

from connectors.errors import Fault, PressroomError
from connectors.logs import configure_logs
from connectors.messages import N_, Message
from connectors.printers.address_ranges import checked_entry
from connectors.settings import get_settings
from pressroom.enrolment_tool.enrolling import Outcome, enrol
from pressroom.enrolment_tool.portal import Organization, Portal
from pressroom.enrolment_tool.rules import Candidate, candidates
from pressroom.enrolment_tool.settings import ToolSettings
from steps.found_printers import FoundPrinter
from steps.printer_work import Access, FileReference, Order, SnmpAccess
from steps.printers.discover import Discover, discover, snmp_secrets

log = structlog.get_logger(__name__)
DETAILS = "pressroom.enrolment_tool.details"
details = structlog.get_logger(DETAILS)
"""What stands in the log only while it is detailed: a line for each printer."""

AT_WORK = Fault(
    "enrolment_tool.at_work",
    409,
    N_("The tool is at work already."),
    N_("Wait until it is done."),
)
NOTHING_TO_SEARCH = Fault(
    "enrolment_tool.nothing_to_search",
    422,
    N_("There is nothing to search."),
    N_("Choose the local network, or add an address, a subnet, a range or a host name."),
    spec="FL-87",
)
NOTHING_CHOSEN = Fault(
    "enrolment_tool.nothing_chosen",
    422,
    N_("No printer is chosen that can be enrolled."),
    N_("Choose at least one printer of the list."),
    spec="FL-92",
)
SEARCH_TIMED_OUT = N_("The search was ended after {seconds} seconds. Search fewer addresses, or allow more time.")
AT_ONCE = 8
LOG_FORMAT = "%(asctime)s %(levelname)s %(message)s"


class Doing(StrEnum):
    """What the tool does now."""

    NOTHING = "nothing"
    SEARCHING = "searching"
    ENROLLING = "enrolling"


@dataclass(frozen=True, slots=True)
class Search:
    """Where to look: the local network, or what was entered (FL-87)."""

    local: bool
    entries: Sequence[str] = ()


@dataclass(slots=True)
class ToolWork:
    """The whole state of an open tool. Entries and what was found are lost with it (FL-88)."""

    settings: ToolSettings
    portal: Portal | None = None
    organizations: list[Organization] = field(default_factory=list)
    entries: list[str] = field(default_factory=list)
    found: list[FoundPrinter] = field(default_factory=list)
    rows: list[Candidate] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    doing: Doing = Doing.NOTHING
    expected: int = 0
    problem: Message | None = None
    remedy: Message | None = None
    task: "asyncio.Task[None] | None" = None

    def add_entries(self, lines: Iterable[str], *, overwrite: bool) -> None:
        """Take over entries, each once; raises `BAD_ENTRY`."""
        new = [checked_entry(line) for line in lines if line.strip()]
        self.entries = list(dict.fromkeys([*([] if overwrite else self.entries), *new]))

    def search(self, where: Search, access: SnmpAccess) -> None:
        """Begin a search; raises `AT_WORK`, `NOTHING_TO_SEARCH`."""
        if not where.local and not where.entries:
            raise NOTHING_TO_SEARCH()
        self._begin(Doing.SEARCHING, self._search(where, access))

    def enrol(self, serials: Iterable[str], access: Access | None) -> None:
        """Begin to enrol those that may be; raises `AT_WORK`, `NOTHING_CHOSEN`."""
        wanted = set(serials)
        chosen = [row for row in self.rows if row.may_be_chosen and row.found.serial_number in wanted]
        if not chosen:
            raise NOTHING_CHOSEN()
        self._begin(Doing.ENROLLING, self._enrol(chosen, access))

    async def look_up(self) -> None:
        """See which of the found printers are enrolled in the organization now; raises what `Portal` raises."""
        if self.portal is None:
            self.rows = candidates(self.found, {}, self.settings.agent)
            return
        known = await self.portal.known([one.serial_number for one in self.found if one.serial_number])
        self.rows = candidates(self.found, known, self.settings.agent)

    async def done(self) -> None:
        """Wait until nothing is being done."""
        if self.task is not None:
            await self.task

    def _begin(self, doing: Doing, work: Coroutine[Any, Any, None]) -> None:
        if self.doing is not Doing.NOTHING:
            work.close()
            raise AT_WORK()
        self.doing, self.problem, self.remedy = doing, None, None
        self.task = asyncio.create_task(self._done(work))

    async def _done(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except PressroomError as error:
            log.warning("the work was not done", code=error.code, reason=error.message)
            facts = {name: str(value) for name, value in error.facts.items()}
            self.problem = Message.of(error.fault.message, **facts)
            self.remedy = Message.of(error.fault.remedy, **facts)
        finally:
            self.doing = Doing.NOTHING

    async def _search(self, where: Search, access: SnmpAccess) -> None:
        settings = self.settings
        parameters = Discover(
            local=where.local,
            include=() if where.local else tuple(where.entries),
            delay=0,
            http_port=settings.http_port,
            snmp_port=settings.snmp_port,
        )
        order = Order(job_id=0, operation="discover", parameters=parameters.model_dump(), secrets=snmp_secrets(access))
        self.found, self.rows, self.outcomes = [], [], []
        log.info("search begun", local=where.local, entries=len(where.entries))
        try:
            async with asyncio.timeout(settings.discovery_seconds):
                report = await discover(order, _NoFiles())
        except TimeoutError:
            self.problem = Message.of(SEARCH_TIMED_OUT, seconds=settings.discovery_seconds)
            return
        self.found = [FoundPrinter.model_validate(one) for one in report.facts["found"]]
        log.info("search done", found=len(self.found), probed=report.facts["probed"])
        await self.look_up()
        for row in self.rows:
            facts = row.found.model_dump(exclude_defaults=True)
            details.info("printer found", agent=row.agent, enrolled=row.enrolled, reason=str(row.reason or ""), **facts)

    async def _enrol(self, chosen: Sequence[Candidate], access: Access | None) -> None:
        portal = self.portal
        assert portal is not None
        slots = asyncio.Semaphore(AT_ONCE)
        self.outcomes, self.expected = [], len(chosen)

        async def one(row: Candidate) -> None:
            async with slots:
                outcome = await enrol(portal, row, access, self.settings.enrolment_seconds)
                log.info("printer done", serial_number=outcome.serial_number, result=outcome.result.value)
                told = " ".join(str(text) for text in (outcome.reason, outcome.remedy) if text is not None)
                details.info("printer outcome", address=outcome.address, agent=row.agent, told=told)
                self.outcomes.append(outcome)

        async with asyncio.TaskGroup() as group:
            for row in chosen:
                group.create_task(one(row))
        await self.look_up()


class _NoFiles:
    async def fetch(self, reference: FileReference) -> Path:
        raise FileNotFoundError(reference.key)

    async def keep(self, path: Path, name: str, media_type: str) -> str:
        raise FileNotFoundError(f"{path} {name} {media_type}")


class LogDetail(logging.Filter):
    """Lets details into the log while they are wanted (FL-80: detailed, or a summary)."""

    is_wanted = False

    def filter(self, record: logging.LogRecord) -> bool:
        return self.is_wanted or record.name != DETAILS


LOG_DETAIL = LogDetail()


def keep_log(folder: Path, *, detailed: bool) -> None:
    """Write what the tool does to the file `enrol.log` (FL-80); `LOG_DETAIL` says later whether it stays detailed."""
    configure_logs(get_settings())
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = logging.FileHandler(folder / "enrol.log", encoding="utf-8")
    handler.setFormatter(logging.Formatter(LOG_FORMAT))
    LOG_DETAIL.is_wanted = detailed
    handler.addFilter(LOG_DETAIL)
    logging.getLogger().addHandler(handler)
