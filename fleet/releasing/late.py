"""What a node tells of a release after nobody waited for it any more: what it printed is charged all the same."""

from domain.printing.jobs import find_job
from domain.printing.models import PrintRelease, ReleaseAttempt, ReleaseBatch
from domain.printing.states import AttemptState
from domain.tenancy import tenant_session
from domain.workstation_printing.models import NodeCommand
from fleet.releasing.printers import ReleasePrinter
from fleet.releasing.usage import Measures, note_end
from steps.node_work import EndTold
from steps.print_release import End


def note_late_end(organization_id: str, command_id: str) -> bool:
    """Write the fact of a release of which it was not known how it ended; whether it was one, and is no longer.

    The job itself stays where it is: its owner was told to look at the printer.
    """
    with tenant_session(organization_id) as session:
        command = session.get_one(NodeCommand, command_id)
        attempt = session.get(ReleaseAttempt, command.subject, with_for_update=True)
        if attempt is None or attempt.state != AttemptState.UNKNOWN:
            return False
        if session.get(PrintRelease, attempt.id) is not None:
            return False
        outcome = EndTold.model_validate(command.told["end"]).outcome()
        is_whole = outcome.end is End.PRINTED
        if not (is_whole or outcome.impressions):
            return False
        batch = session.get_one(ReleaseBatch, attempt.batch_id)
        attempt.state = AttemptState.PRINTED if is_whole else AttemptState.PARTIALLY_PRINTED
        printer = ReleasePrinter.gone(batch.printer_id, batch.printer)
        measures = Measures(outcome.impressions, outcome.sheets, whole=is_whole)
        note_end(session, batch, attempt, find_job(session, attempt.job_id), printer, measures)
        return True
