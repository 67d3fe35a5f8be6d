"""E-mail addresses, added one at a time (SQ-25)."""

from collections.abc import Sequence

from nicegui import ui

from domain.quotas.terms import BAD_ADDRESS, TOO_MANY_ADDRESSES, is_address
from portal_api.pages import theme
from portal_api.pages.visit import show_fault
from portal_api.pages.words import _


class AddressList:
    """The addresses so far, with a field and a button to add one; at most `most`."""

    def __init__(self, addresses: Sequence[str], most: int) -> None:
        self._addresses, self._most = list(addresses), most

    @property
    def value(self) -> tuple[str, ...]:
        """The addresses."""
        return tuple(self._addresses)

    def build(self) -> None:
        """Lay it out."""
        with theme.block("address-line"):
            self._field = ui.input(_("E-mail address")).props("outlined dense inputmode=email autocomplete=off")
            self._field.props("maxlength=255").classes("field-input").on("keydown.enter", self._add)
            theme.plain_button(_("Add"), "add").on_click(self._add)
        theme.text(
            _("At most {limit} addresses. All of them are told, once for each service.", limit=self._most), "hint"
        )
        self._shown()

    @ui.refreshable_method
    def _shown(self) -> None:
        with theme.block("slips", role="list", aria_label=_("Addresses")):
            for address in self._addresses:
                with theme.block("slip address-slip", role="listitem"):
                    theme.text(address)
                    button = theme.icon_button("close", _("Remove {address}", address=address))
                    button.on_click(lambda address=address: self._remove(address))

    def _add(self) -> None:
        address = (self._field.value or "").strip()
        if not is_address(address):
            show_fault(BAD_ADDRESS(address=address))
            return
        if len(self._addresses) >= self._most:
            show_fault(TOO_MANY_ADDRESSES(limit=self._most, count=len(self._addresses) + 1))
            return
        if address.casefold() not in (one.casefold() for one in self._addresses):
            self._addresses.append(address)
        self._field.value = ""
        self._shown.refresh()

    def _remove(self, address: str) -> None:
        self._addresses.remove(address)
        self._shown.refresh()
