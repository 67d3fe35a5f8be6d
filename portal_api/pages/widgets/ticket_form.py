"""The settings of a print job as a form: what a job cannot have is shown, but cannot be chosen (PR-109, PR-110)."""

from collections.abc import Collection
from typing import Any

from nicegui import ui
from pydantic import ValidationError

from connectors.errors import Fault
from connectors.ipp.ticket import MOST_COPIES, JobTicket
from connectors.messages import N_
from portal_api.pages import theme
from portal_api.pages.widgets import ticket_choices as choices
from portal_api.pages.words import _

BAD_PAGES = Fault(
    "print_job.bad_pages",
    422,
    N_("“{pages}” names no pages."),
    N_("Write pages like 1-3,5: they begin at 1 and ascend."),
)
LAYOUT: tuple[tuple[str, str, choices.Titles], ...] = (
    ("collate", N_("Order of copies"), choices.COLLATE),
    ("sides", N_("Sides"), choices.SIDES),
    ("number_up", N_("Pages per side"), choices.NUMBER_UP),
    ("number_up_direction", N_("Order of pages per side"), choices.DIRECTION),
    ("orientation", N_("Orientation"), choices.ORIENTATION),
)
PAPER: tuple[tuple[str, str, choices.Titles], ...] = (
    ("color_mode", N_("Colour"), choices.COLOR),
    ("quality", N_("Quality"), choices.QUALITY),
    ("media", N_("Paper size"), choices.MEDIA),
    ("media_source", N_("Paper source"), choices.SOURCE),
    ("media_type", N_("Paper type"), choices.PAPER),
    ("output_bin", N_("Output bin"), choices.BIN),
)
FINISHINGS: tuple[tuple[str, str, choices.Titles], ...] = (
    ("staple", N_("Staple"), choices.STAPLE),
    ("punch", N_("Punch holes"), choices.PUNCH),
    ("fold", N_("Fold"), choices.FOLD),
)


class TicketForm:
    """The open form of `ticket`; settings of the names in `unavailable` are disabled, all of them if not `is_open`."""

    def __init__(self, ticket: JobTicket, unavailable: Collection[str] = (), *, is_open: bool = True) -> None:
        self._ticket, self._unavailable, self._is_open = ticket, unavailable, is_open
        self._values: dict[str, Any] = {}

    def build(self) -> None:
        """Lay out the groups."""
        with theme.block("ticket-group", role="group", aria_label=_("Layout")):
            theme.text(_("Layout"), "section-title", "h3")
            with theme.block("ticket-fields"):
                self._copies()
                for name, title, titles in LAYOUT:
                    self._select(name, _(title), titles, self._current(name))
                self._pages()
        with theme.block("ticket-group", role="group", aria_label=_("Paper and finishing")):
            theme.text(_("Paper and finishing"), "section-title", "h3")
            with theme.block("ticket-fields"):
                for name, title, titles in PAPER:
                    self._select(name, _(title), titles, self._current(name))
                for name, title, titles in FINISHINGS:
                    chosen = next((one for one in self._ticket.finishings or () if one in titles), choices.AS_PRINTER)
                    self._select(name, _(title), titles, chosen, part_of="finishings")

    def ticket(self) -> JobTicket:
        """What is chosen now; raises `BAD_PAGES`."""
        values = {name: value for name, value in self._values.items() if value not in (choices.AS_PRINTER, None)}
        given = self._ticket.chosen()
        for name in JobTicket.model_fields:
            if name == "finishings":
                given[name] = self._finishings(values)
            elif name in self._values:
                given[name] = _typed(name, values.get(name))
        try:
            return JobTicket.model_validate({name: value for name, value in given.items() if value is not None})
        except ValidationError as error:
            raise BAD_PAGES(pages=str(values.get("page_ranges", ""))) from error

    def _finishings(self, values: dict[str, Any]) -> tuple[str, ...] | None:
        """What is chosen in the three lists, and what was set before and stands in none of them."""
        listed = {one for _name, _title, titles in FINISHINGS for one in titles}
        others = [one for one in self._ticket.finishings or () if one not in listed]
        return (*others, *(values[name] for name, _title, _titles in FINISHINGS if name in values)) or None

    def _current(self, name: str) -> str:
        value = getattr(self._ticket, name)
        if value is None:
            return choices.AS_PRINTER
        return ("yes" if value else "no") if isinstance(value, bool) else str(value)

    def _select(self, name: str, title: str, titles: choices.Titles, value: str, part_of: str = "") -> None:
        options = {choices.AS_PRINTER: _(choices.PRINTER_DECIDES)} | {key: _(words) for key, words in titles.items()}
        options.setdefault(value, value)
        box = ui.select(options, value=value, label=title, on_change=lambda event: self._take(name, event.value))
        box.props("outlined dense options-dense").set_enabled(self._may_set(part_of or name))
        self._values[name] = value

    def _copies(self) -> None:
        box = ui.number(
            _("Copies"),
            value=self._ticket.copies or 1,
            min=1,
            max=MOST_COPIES,
            precision=0,
            on_change=lambda event: self._take("copies", event.value),
        )
        box.props("outlined dense").set_enabled(self._may_set("copies"))
        self._values["copies"] = self._ticket.copies

    def _pages(self) -> None:
        box = ui.input(
            _("Pages (empty: all)"),
            value=self._ticket.page_ranges or "",
            on_change=lambda event: self._take("page_ranges", (event.value or "").replace(" ", "")),
        )
        box.props("outlined dense maxlength=500 placeholder=1-3,5").set_enabled(self._may_set("page_ranges"))
        self._values["page_ranges"] = self._ticket.page_ranges or ""

    def _take(self, name: str, value: Any) -> None:
        self._values[name] = value

    def _may_set(self, name: str) -> bool:
        return self._is_open and name not in self._unavailable


def _typed(name: str, value: Any) -> Any:
    if value is None or value == choices.AS_PRINTER:
        return None
    if name in ("copies", "number_up"):
        return int(value)
    return value == "yes" if name == "collate" else value
