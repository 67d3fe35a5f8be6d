"""The agent's log: one JSON object a line, in its folder and on standard error, without what is private (PR-314)."""

import logging
import sys
from logging.handlers import RotatingFileHandler

import structlog
from structlog.types import EventDict, Processor

from pressroom.workstation.configuration import LoggerSettings
from pressroom.workstation.folder import WorkstationFolder

LOG, LOG_BYTES, LOG_PARTS = "agent.log", 4 << 20, 4
PRIVATE = frozenset({"email", "user", "file", "document", "job_name", "host"})
ADDRESSES = frozenset({"address", "addresses", "peer"})
HIDDEN = "…"


def keep_log(folder: WorkstationFolder, chosen: LoggerSettings) -> None:
    """Log as the configuration says, from now on."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _hiding(chosen),
    ]
    level = logging.getLevelNamesMapping()[chosen.logging_level.upper()]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    file = RotatingFileHandler(folder.path / LOG, maxBytes=LOG_BYTES, backupCount=LOG_PARTS, encoding="utf-8")
    handlers: list[logging.Handler] = [file, logging.StreamHandler(sys.stderr)]
    for handler in handlers:
        handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = handlers
    root.setLevel(level)
    for noisy in ("httpx", "httpcore", "uvicorn.access", "uvicorn.error"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _hiding(chosen: LoggerSettings) -> Processor:
    hidden = (PRIVATE if chosen.redact_private_information else frozenset()) | (
        frozenset() if chosen.log_ip_addresses else ADDRESSES
    )

    def hide(_logger: object, _method: str, event: EventDict) -> EventDict:
        for name in hidden & event.keys():
            event[name] = HIDDEN
        return event

    return hide
