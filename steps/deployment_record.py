"""What is written down while a configuration is put on a printer: results by part, and evidence before and after."""

from dataclasses import dataclass, field

from connectors.messages import Message
from connectors.printers.device_answers import DeviceIdentity
from steps.printer_configuration import Change
from steps.printer_work import ComponentResult, Outcome


class StepFailedError(Exception):
    """A component could not be deployed: which one, why, and the code of the fault where there was one."""

    def __init__(self, component: str, reason: Message, outcome: Outcome = Outcome.FAILED, code: str = "") -> None:
        super().__init__(f"{component}: {reason}")
        self.component, self.reason, self.outcome, self.code = component, reason, outcome, code


@dataclass(slots=True)
class DeploymentRecord:
    """`is_over`: what is left cannot be deployed, because the agent that manages the printer is gone (FL-356)."""

    identity: DeviceIdentity
    components: list[ComponentResult] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    warnings: list[Message] = field(default_factory=list)
    remarks: list[Message] = field(default_factory=list)
    is_over: bool = False

    def result(
        self, kind: str, name: str, outcome: Outcome = Outcome.COMPLETED, message: Message | None = None
    ) -> None:
        """Note what came of one part."""
        self.components.append(ComponentResult(kind=kind, name=name, outcome=outcome, message=message))

    def change(self, component: str, item: str, before: str, after: str) -> None:
        """Note a value before, and the value that was read back."""
        self.changes.append(Change(component=component, item=item, before=before, after=after))
