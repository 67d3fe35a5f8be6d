"""States of a print job, and which may follow which (PR-135, PR-136)."""

from enum import StrEnum

from connectors.messages import N_


class JobState(StrEnum):
    """Where a job is."""

    AWAITING_AUTH = "awaiting_auth"
    RECEIVING = "receiving"
    CONVERTING = "converting"
    HELD = "held"
    RELEASING = "releasing"
    PRINTING = "printing"
    STOPPED = "stopped"
    KEPT = "kept"
    PRINTED = "printed"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REJECTED = "rejected"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        return self in FINAL

    @property
    def is_releasable(self) -> bool:
        return self in RELEASABLE


FINAL = frozenset({JobState.PRINTED, JobState.CANCELED, JobState.EXPIRED, JobState.REJECTED, JobState.FAILED})
RELEASABLE = frozenset({JobState.HELD, JobState.KEPT})
INCOMING = frozenset({JobState.AWAITING_AUTH, JobState.RECEIVING, JobState.CONVERTING})
AT_PRINTER = frozenset({JobState.RELEASING, JobState.PRINTING, JobState.STOPPED})

FOLLOWING: dict[JobState, frozenset[JobState]] = {
    JobState.AWAITING_AUTH: frozenset({JobState.RECEIVING, JobState.REJECTED, JobState.CANCELED}),
    JobState.RECEIVING: frozenset({JobState.CONVERTING, JobState.HELD, JobState.REJECTED, JobState.CANCELED}),
    JobState.CONVERTING: frozenset({JobState.HELD, JobState.REJECTED, JobState.FAILED, JobState.CANCELED}),
    JobState.HELD: frozenset({JobState.RELEASING, JobState.CANCELED, JobState.EXPIRED, JobState.FAILED}),
    JobState.KEPT: frozenset({JobState.RELEASING, JobState.CANCELED, JobState.EXPIRED, JobState.FAILED}),
    JobState.RELEASING: frozenset(
        {JobState.PRINTING, JobState.STOPPED, JobState.HELD, JobState.KEPT, JobState.PRINTED, JobState.CANCELED}
    ),
    JobState.PRINTING: frozenset({JobState.STOPPED, JobState.HELD, JobState.KEPT, JobState.PRINTED, JobState.CANCELED}),
    JobState.STOPPED: frozenset({JobState.PRINTING, JobState.HELD, JobState.KEPT, JobState.PRINTED, JobState.CANCELED}),
    **dict.fromkeys(FINAL, frozenset()),
}
"""Which states may follow each."""

TITLES = {
    JobState.AWAITING_AUTH: N_("Waits for sign-in"),
    JobState.RECEIVING: N_("Arriving"),
    JobState.CONVERTING: N_("Being prepared"),
    JobState.HELD: N_("Ready to be released"),
    JobState.RELEASING: N_("On its way to the printer"),
    JobState.PRINTING: N_("Printing"),
    JobState.STOPPED: N_("The printer needs attention"),
    JobState.KEPT: N_("Printed and kept"),
    JobState.PRINTED: N_("Printed"),
    JobState.CANCELED: N_("Deleted"),
    JobState.EXPIRED: N_("Expired"),
    JobState.REJECTED: N_("Not accepted"),
    JobState.FAILED: N_("Failed"),
}
"""States in people's words."""


class JobSource(StrEnum):
    """How a job came in (PR-117)."""

    WEB = "web"
    PRINT_CLIENT = "print_client"
    CHROME = "chrome"
    MOBILE = "mobile"
    EMAIL = "email"
    UNIVERSAL_PRINT = "universal_print"
    HYBRID = "hybrid"
    DIRECT = "direct"
    OFFLINE = "offline"
    WORKFLOW = "workflow"
    IPP = "ipp"
    COMMAND_LINE = "command_line"
    API = "api"


SOURCE_TITLES = {
    JobSource.WEB: N_("Web upload"),
    JobSource.PRINT_CLIENT: N_("Print client"),
    JobSource.CHROME: N_("Chrome OS"),
    JobSource.MOBILE: N_("Mobile"),
    JobSource.EMAIL: N_("E-mail"),
    JobSource.UNIVERSAL_PRINT: N_("Microsoft Universal Print"),
    JobSource.HYBRID: N_("Hybrid print"),
    JobSource.DIRECT: N_("Direct print"),
    JobSource.OFFLINE: N_("Offline print"),
    JobSource.WORKFLOW: N_("Solution"),
    JobSource.IPP: N_("IPP"),
    JobSource.COMMAND_LINE: N_("Command line"),
    JobSource.API: N_("API"),
}
"""Sources in people's words."""


class JobKind(StrEnum):
    """Where the content of a job is: with us, with the workstation, or nowhere any more (PR-105)."""

    CLOUD = "cloud"
    HYBRID = "hybrid"
    DIRECT = "direct"
    OFFLINE = "offline"


class AttemptState(StrEnum):
    """How far one release of a job at a printer is, and how it ended (F-5)."""

    STARTED = "started"
    SENT = "sent"
    PRINTED = "printed"
    PARTIALLY_PRINTED = "partially_printed"
    CANCELLED_AT_DEVICE = "cancelled_at_device"
    REFUSED = "refused"
    FAILED = "failed"
    UNKNOWN = "unknown"

    @property
    def is_final(self) -> bool:
        return self not in (AttemptState.STARTED, AttemptState.SENT)


class BatchState(StrEnum):
    """How far a release of several jobs is (F-6)."""

    WAITING_CANCEL = "waiting_cancel"
    RUNNING = "running"
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    COMPLETED_WITH_ERRORS = "completed_with_errors"

    @property
    def is_final(self) -> bool:
        return self not in (BatchState.WAITING_CANCEL, BatchState.RUNNING)


class BatchMode(StrEnum):
    """Which jobs a release of several takes (F-6)."""

    AUTO = "auto"
    ALL = "all"
    ADAPTER = "adapter"
    SELECTED = "selected"
