"""What a worker does to a run that was handed in at the portal, without steps that really work."""

from dataclasses import dataclass

from connectors.documents import open_store
from connectors.documents.document import Document
from connectors.messages import Message
from connectors.settings import get_settings
from domain.runs.execution import begin_step, claim, complete_step, finish
from domain.runs.models import RunState
from steps.contract import Finding, StepReport, StepResult


@dataclass
class Worker:
    """Does to a run what a worker does, without steps that really work."""

    run_id: str

    def __post_init__(self) -> None:
        work = claim(self.run_id, "a worker")
        assert work is not None
        self.work = work

    def work_through(self, name: str = "result.docx", content: bytes = b"the result", media_type: str = "") -> Document:
        """Finish both steps with one document of that content."""
        original = self.work.original
        key = f"{self.work.organization_id}/runs/{self.run_id}/0/{name}"
        path = get_settings().home / "content"
        path.write_bytes(content)
        with path.open("rb") as source:
            stored = open_store(get_settings()).put(key, source, media_type or original.media_type)
        document = Document(
            key=key,
            name=name,
            media_type=media_type or original.media_type,
            size=stored.size,
            sha256=stored.sha256,
        )
        report = StepReport(
            summary=Message.of("{count} pages read.", count=3), findings=(Finding(what="IBAN", count=2, where="body"),)
        )
        for step in self.work.plan:
            begin_step(self.work, step, "0", original)
            complete_step(self.work, step, "0", StepResult(documents=(document,), report=report))
        finish(self.work, RunState.COMPLETED)
        return document
