"""What card readers do to a badge's number, with a place to try it: swipe a badge and see what becomes of it (TS-5)."""

from collections.abc import Callable
from typing import Any

from nicegui import ui
from pydantic import ValidationError

from connectors.errors import PressroomError
from connectors.messages import N_
from domain.printer_login.card_numbers import CardForm, CardReader, card_number, other_forms
from portal_api.pages import theme
from portal_api.pages.widgets.parameter_form import ParameterForm
from portal_api.pages.words import _, error_texts

OTHER_FORMS = {CardForm.HEX: N_("As a hexadecimal number"), CardForm.DECIMAL: N_("As a decimal number")}


def card_reader_form(values: dict[str, Any], changed: Callable[[], None]) -> None:
    """The form for `values` in an expansion; `changed` is called after each change of them."""
    trial = _Trial(values)

    def change(name: str, value: Any) -> None:
        values[name] = value
        trial.show.refresh()
        changed()

    title = _("Card readers")
    is_used = values != CardReader().model_dump(mode="json")
    with (
        theme.block("sheet folded"),
        ui.expansion(title, icon=theme.symbol("contactless"), value=is_used).classes("fold"),
    ):
        theme.text(
            _("Readers differ in how they send the number of one and the same badge. Say what yours do, and try it."),
            "hint",
        )
        with theme.block("form-grid"):
            ParameterForm(CardReader, "card_reader", values, change)
        trial.build()


class _Trial:
    """The place to try the settings."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._values, self._sent = values, ""

    def build(self) -> None:
        with theme.block("trial"):
            field = ui.input(_("Try it: hold a badge to a reader here"), on_change=self._read)
            field.props("outlined dense autocomplete=off clearable maxlength=255")
            self.show()

    def _read(self, event: Any) -> None:
        self._sent = event.value or ""
        self.show.refresh()

    @ui.refreshable_method
    def show(self) -> None:
        """What the settings make of it."""
        with theme.block("trial-result", role="status"):
            if not self._sent.strip():
                theme.text(_("The number by which the badge is registered is shown here."), "hint")
                return
            try:
                number = card_number(CardReader.model_validate(self._values), self._sent)
            except PressroomError as error:
                theme.text(error_texts(error)[0], "complaint")
                return
            except ValidationError:
                theme.text(_("Correct the settings first."), "complaint")
                return
            theme.text(_("Registered as"), "ticket-label")
            theme.text(number, "trial-number")
            for form, other in other_forms(number).items():
                theme.text(f"{_(OTHER_FORMS[form])}: {other}", "ticket")
