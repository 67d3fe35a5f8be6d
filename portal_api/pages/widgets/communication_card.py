"""Who does not communicate, as a card of which each number leads to the list that shows them (FL-249)."""

from connectors.messages import N_
from fleet.agents.communication import communication_faults
from fleet.agents.status import AgentStatus
from fleet.printers.models import Communication
from portal_api.pages import theme
from portal_api.pages.visit import ask
from portal_api.pages.words import _

SILENT_PRINTERS = (N_("Printers not communicating"), f"/printers?communication={Communication.SILENT.value}")
SILENT_AGENTS = (N_("Agents not communicating"), f"/agents?status={AgentStatus.SILENT.value}")
NEEDING = (N_("Agents needing credentials"), f"/agents?status={AgentStatus.NEEDS_CREDENTIALS.value}")


async def communication_card() -> None:
    """The card, as of now."""
    faults = await ask(communication_faults)
    more = "+" if faults.silent_printers.is_capped else ""
    with theme.block("sheet communication-card", "section", aria_label=_("Printer communication status")):
        theme.text(_("Printer communication status"), "section-title", "h2")
        _number(SILENT_PRINTERS, f"{faults.silent_printers.count}{more}", is_fault=faults.silent_printers.count > 0)
        _number(SILENT_AGENTS, str(faults.silent_agents), is_fault=faults.silent_agents > 0)
        needing = faults.agents_needing_credentials
        _number(NEEDING, str(needing), is_fault=needing > 0)


def _number(what: tuple[str, str], count: str, *, is_fault: bool) -> None:
    title, address = what
    with theme.block("communication-number", "a", href=address):
        theme.text(count, "strong bad-number" if is_fault else "strong")
        theme.text(_(title))
