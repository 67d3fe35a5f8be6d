"""What narrows a list of printers (FL-178…FL-180): within one filter any value will do, all filters must be met."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from connectors.messages import N_
from fleet.agents.models import AgentKind
from fleet.printers.models import Communication, Compliance, MspStatus, Printer, Severity, TaggedPrinter

Id = Annotated[str, StringConstraints(min_length=1, max_length=32)]
Name = Annotated[str, StringConstraints(max_length=128)]
MOST_VALUES = 100


def _field(title: str) -> Any:
    return Field((), max_length=MOST_VALUES, title=title)


class PrinterFilter(BaseModel):
    """Which printers; an empty filter lets all through. Ids are those of tags, configurations and organizations.

    `search`: every word of it is part of the address, serial number, host name, name, model, asset tag, place, contact
    or hardware address. `supplies_programme` asks for its members and those who wait to be.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    search: Annotated[str, StringConstraints(max_length=255)] = ""
    agent_kinds: tuple[AgentKind, ...] = _field(N_("Agent kind"))
    communication: tuple[Communication, ...] = _field(N_("Communication"))
    firmware_update: bool | None = Field(None, title=N_("Firmware update"))
    supply_alerts: tuple[Severity, ...] = _field(N_("Supply alerts"))
    printer_alerts: tuple[Severity, ...] = _field(N_("Printer alerts"))
    tag_ids: tuple[Id, ...] = _field(N_("Tags"))
    models: tuple[Name, ...] = _field(N_("Model"))
    manufacturers: tuple[Name, ...] = _field(N_("Manufacturer"))
    configuration_ids: tuple[Id, ...] = _field(N_("Assigned configuration"))
    compliance: tuple[Compliance, ...] = _field(N_("Compliance"))
    supplies_programme: tuple[MspStatus, ...] = _field(N_("Vendor-managed"))
    organization_ids: tuple[Id, ...] = _field(N_("Organization"))

    @property
    def is_empty(self) -> bool:
        """Whether it lets every printer through."""
        return not self.model_dump(exclude_defaults=True)

    @property
    def without_search(self) -> "PrinterFilter":
        """The filters alone, as filter groups keep them."""
        return self.model_copy(update={"search": ""})


_COLUMNS = {
    "agent_kinds": "agent_kind",
    "communication": "communication",
    "supply_alerts": "supply_severity",
    "printer_alerts": "alert_severity",
    "models": "model",
    "manufacturers": "manufacturer",
    "configuration_ids": "assigned_configuration_id",
    "compliance": "compliance",
    "supplies_programme": "msp",
    "organization_ids": "organization_id",
}


def conditions(chosen: PrinterFilter, printer: Any) -> list[ColumnElement[bool]]:
    """What `printer` (the class or an alias of it) must meet, for printers looked at one after the other."""
    found = [*_of_search(chosen, printer), *_of_columns(chosen, printer)]
    if chosen.tag_ids:
        tagged = select(TaggedPrinter.printer_id)
        its = tagged.where(TaggedPrinter.printer_id == printer.id, TaggedPrinter.tag_id.in_(chosen.tag_ids))
        found.append(its.correlate(printer).exists())
    return found


def collected(chosen: PrinterFilter) -> list[ColumnElement[bool]]:
    """The same, for finding them among all: each part is looked for in an index that holds all it needs."""
    found: list[ColumnElement[bool]] = []
    for part in (_of_search, _of_columns):
        apart = aliased(Printer)
        if its := part(chosen, apart):
            found.append(Printer.id.in_(select(apart.id).where(*its)))
    if chosen.tag_ids:
        tagged = select(TaggedPrinter.printer_id).where(TaggedPrinter.tag_id.in_(chosen.tag_ids))
        found.append(Printer.id.in_(tagged))
    return found


def _of_search(chosen: PrinterFilter, printer: Any) -> list[ColumnElement[bool]]:
    return [printer.search_key.contains(word, autoescape=True) for word in chosen.search.casefold().split()]


def _of_columns(chosen: PrinterFilter, printer: Any) -> list[ColumnElement[bool]]:
    found = [
        getattr(printer, column).in_(values) for name, column in _COLUMNS.items() if (values := getattr(chosen, name))
    ]
    if chosen.firmware_update is not None:
        found.append(printer.offered_firmware != "" if chosen.firmware_update else printer.offered_firmware == "")
    return found
