"""The download step: the document is kept for the user to fetch in the portal (SC-85).

The step only says that this document is wanted as a download; the portal makes the short-lived link (SC-116).
"""

from connectors.documents.document import Document
from connectors.messages import N_, Message
from steps.contract import (
    StepClass,
    StepContext,
    StepExample,
    StepKind,
    StepParameters,
    StepReport,
    StepResult,
    Surface,
)
from steps.samples import letter_docx


class DownloadStep(StepParameters):
    """A download has nothing to choose, and so counts as configured and locked (SC-97)."""


def offer_download(document: Document, step: DownloadStep, context: StepContext) -> StepResult:  # noqa: ARG001 — the contract
    """Return the document, marked with the measure `downloadable`."""
    context.progress(1, 1)
    report = StepReport(
        summary=Message.of(N_("“{name}” is ready for download."), name=document.name),
        measures={"downloadable": 1},
    )
    return StepResult(documents=(document,), report=report)


KIND = StepKind(
    name="download",
    title=N_("Download"),
    description=N_("Gives you the document in the portal."),
    icon="download",
    parameters=DownloadStep,
    run=offer_download,
    step_class=StepClass.DESTINATION,
    example=StepExample(DownloadStep(), letter_docx),
    surfaces=frozenset({Surface.PORTAL}),
)
