"""An installation whose people run solutions at a printer."""

from dataclasses import dataclass
from typing import Any

from domain.organizations.actor import Actor
from domain.organizations.roles import Role
from domain.panel_solutions.drafts import Chosen, DraftView, open_draft
from domain.panel_solutions.parts import add_part
from domain.panel_solutions.printers import PanelPrinter
from domain.solutions.definition import SolutionDefinition
from domain.solutions.service import create_solution
from tests.support.installation import Installation

PANEL = PanelPrinter("p1", "Lobby", address="ipp://127.0.0.1:9/ipp/print", has_app=True)
SERVICES = (Role.OCR_USER, Role.TRANSLATION_USER, Role.REDACTION_USER)


@dataclass(frozen=True)
class Office:
    """An installation in which Ann may use every service, and Bob may only run solutions."""

    installation: Installation
    ann: Actor
    bob: Actor
    scan: bytes

    def add(self, *steps: dict[str, Any], name: str, **values: Any) -> tuple[str, SolutionDefinition]:
        """An organizational solution; returns its id and what it is."""
        content = {"name": name, "steps": steps, "share_with_organization": True, **values}
        definition = SolutionDefinition.model_validate(content)
        return create_solution(self.installation.administrator, definition).id, definition

    def draft(self, solution_id: str, *, scanned: bool = True, **chosen: Any) -> DraftView:
        """What Ann has chosen at the printer, and the scan."""
        draft = open_draft(self.ann, PANEL, Chosen(solution_id, chosen.pop("based_on", 1), **chosen))
        return self.upload(draft) if scanned else draft

    def upload(self, draft: DraftView, offset: int = 0, size: int | None = None) -> DraftView:
        """Send on what is missing of the scan, or `size` bytes of it."""
        part = self.installation.home / "part"
        part.write_bytes(self.scan[offset : None if size is None else offset + size])
        return add_part(self.ann, draft.id, offset, len(self.scan), part)
