"""The log of agents and storage nodes: one JSON object a line, without what is private (PR-314, PR-318)."""

import logging
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

import structlog
from structlog.types import EventDict, Processor

from pressroom.workstation.configuration import LoggerSettings

LOG, LOG_BYTES, LOG_PARTS = "agent.log", 4 << 20, 4
PRIVATE = frozenset({"email", "user", "file", "document", "job_name", "host"})
ADDRESSES = frozenset({"address", "addresses", "peer"})
HIDDEN = "…"


def keep_log(chosen: LoggerSettings, folder: Path | None = None) -> None:
    """Log to standard error, and to a file in the folder if there is one, as it is chosen, from now on."""
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
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    if folder is not None:
        handlers.append(RotatingFileHandler(folder / LOG, maxBytes=LOG_BYTES, backupCount=LOG_PARTS, encoding="utf-8"))
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
