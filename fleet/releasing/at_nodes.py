"""The release of a hybrid job by a node that holds it: the workstation first, then one copy after the other (F-19).

A node prints in the customer's network; what happens at the printer comes back here and is kept as for any release. A
node that does not take the order within three seconds is passed over. The order can be taken back until the node says
that it begins to send; from then on nobody else is asked, so that no two nodes print one job (PR-137).
"""

import time
from collections.abc import Callable
from datetime import timedelta

from pydantic import SecretStr

from connectors.errors import Fault, PressroomError
from connectors.ipp.ticket import JobTicket
from connectors.messages import N_
from connectors.settings import get_settings
from domain.organizations.models import now
from domain.workstation_printing import releases
from domain.workstation_printing.releases import Standing
from fleet.releasing.execution import AttemptWork, BatchWork
from steps.ipp_delivery import Sight
from steps.node_work import NODE_TROUBLE, PrinterPlace, ReleaseOrder
from steps.print_release import End, Outcome, ReleaseWatch

LOCATION_UNREACHABLE = Fault(
    "print_release.location_unreachable",
    503,
    N_("The computer that holds “{name}” cannot be reached."),
    N_("It stays in your queue. Switch that computer on and connect it to the network, then release the job again."),
    spec="PR-248",
    transient=True,
)
NODE_SILENT = Fault(
    "print_release.node_silent",
    503,
    N_("The computer that prints “{name}” does not say any more how it goes."),
    N_("Look at the printer. The release ends by itself if the computer stays away."),
    transient=True,
)
ASK_SECONDS = 3.0
"""So long a node has to answer an order (F-19)."""
BEGIN_SECONDS = 90.0
"""So long a node that answers has to open the content, convert it and reach the printer."""
LOOK_SECONDS = 0.2
SILENT = timedelta(seconds=15)
"""Without a word for so long a node that prints counts as silent."""
PROTOCOL = "node:"
"""How an attempt is marked that a node carries out; the id of its order follows."""


def is_at_node(protocol: str) -> bool:
    """Whether an attempt that was sent before was given to a node."""
    return protocol.startswith(PROTOCOL)


def release_from_nodes(work: BatchWork, attempt: AttemptWork, watch: ReleaseWatch) -> Outcome:
    """Have the job printed by the first node that can; raises why none could: then nothing was printed.

    Goes on with an order that a worker before had given and that has begun.
    """
    if (begun := _begun(work, attempt)) is not None:
        return _given(work, attempt, watch, begun)
    failed: PressroomError = LOCATION_UNREACHABLE(name=attempt.name)
    for place in releases.places_of(work.organization_id, attempt.job_id):
        command_id = releases.order_release(work.organization_id, place, attempt.attempt_id, _order(work, attempt))
        if command_id is None:
            break
        try:
            if _has_taken(work, attempt, watch, command_id):
                return _given(work, attempt, watch, command_id)
        except PressroomError as error:
            is_of_node = error.transient or error.fault is NODE_TROUBLE or error.code.startswith("document.")
            if not is_of_node:
                raise
            failed = error
            continue
        if watch.is_cancelled():
            return Outcome(End.CANCELLED, 0, 0)
    raise failed


def follow_at_node(work: BatchWork, attempt: AttemptWork, watch: ReleaseWatch) -> Outcome:
    """Take up a job that a node was printing, after a pause or a crash."""
    return _followed(work, attempt, watch, attempt.protocol.removeprefix(PROTOCOL))


def _order(work: BatchWork, attempt: AttemptWork) -> ReleaseOrder:
    return ReleaseOrder(
        job_id=attempt.job_id,
        key=SecretStr(""),
        sha256="",
        name=attempt.name,
        mark=attempt.mark,
        user=work.user_name,
        media_type=attempt.media_type,
        printer=PrinterPlace.of(attempt.printer.delivery),
        ticket=attempt.ticket,
        timeout_seconds=get_settings().print_timeout_seconds,
    )


def _begun(work: BatchWork, attempt: AttemptWork) -> str | None:
    """The order of a worker that died before it noted that the node had begun; others of it are taken back."""
    if releases.take_back(work.organization_id, attempt.attempt_id):
        return None
    return releases.command_of(work.organization_id, attempt.attempt_id)


def _has_taken(work: BatchWork, attempt: AttemptWork, watch: ReleaseWatch, command_id: str) -> bool:
    """Whether the node begins; raises why it could not. False: it did not answer, or somebody cancels."""

    def stands() -> Standing | None:
        return releases.standing_of(work.organization_id, command_id)

    # What was delivered may have gone to a connection that nobody reads any more: the node has to say something.
    if _until(lambda: _has_answered(stands()), ASK_SECONDS, watch):
        _until(lambda: _has_decided(stands()), BEGIN_SECONDS, watch)
    if releases.take_back(work.organization_id, attempt.attempt_id):
        standing = stands()
        if standing is not None and standing.end is not None and standing.end.error is not None:
            raise standing.end.error
        return False
    return True


def _has_answered(standing: Standing | None) -> bool:
    return standing is None or standing.heard is not None or not standing.is_open


def _has_decided(standing: Standing | None) -> bool:
    """Whether the node begins, could not, or has fallen silent while it prepared the job."""
    if standing is None or standing.has_begun or not standing.is_open:
        return True
    return standing.heard is None or standing.heard < now() - SILENT


def _until(happened: Callable[[], bool], seconds: float, watch: ReleaseWatch) -> bool:
    deadline = time.monotonic() + seconds
    while not (found := happened()):
        if time.monotonic() > deadline or watch.is_cancelled():
            return False
        time.sleep(LOOK_SECONDS)
    return found


def _given(work: BatchWork, attempt: AttemptWork, watch: ReleaseWatch, command_id: str) -> Outcome:
    """The node begins: note that before anything else, then follow."""
    standing = releases.standing_of(work.organization_id, command_id)
    ticket = standing.ticket if standing is not None else JobTicket()
    watch.sending(PROTOCOL + command_id, ticket)
    return _followed(work, attempt, watch, command_id)


def _followed(work: BatchWork, attempt: AttemptWork, watch: ReleaseWatch, command_id: str) -> Outcome:
    """The end, as the node tells it; a node that stays silent too long leaves it open (PR-344)."""
    number = 0
    while True:
        standing = releases.standing_of(work.organization_id, command_id)
        if standing is None:
            return Outcome(End.UNKNOWN)
        seen = standing.sight
        if seen is not None and seen.printer_job and seen.printer_job != number:
            number = seen.printer_job
            watch.taken(number)
        if standing.end is not None:
            return standing.end
        if not standing.is_open:
            return _open_end(standing)
        if watch.is_cancelled():
            releases.cancel(work.organization_id, command_id)
        if standing.heard is not None and standing.heard < now() - SILENT:
            watch.unreachable(NODE_SILENT(name=attempt.name))
            releases.close(work.organization_id, command_id)
            return _open_end(standing)
        if seen is not None:
            trouble = seen.trouble.error() if seen.trouble is not None else None
            watch.seen(Sight(seen.job(), trouble))
        time.sleep(LOOK_SECONDS)


def _open_end(standing: Standing) -> Outcome:
    seen = standing.sight
    return Outcome(End.UNKNOWN, seen.impressions if seen else None, seen.sheets if seen else None)
