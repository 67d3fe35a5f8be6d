"""The partner's supplies desk: requests of customers' printers, orders, and how the programme runs (FL-450…FL-479)."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from fleet.managed_supplies.answers import Shipment, answer_requests, mark_order, release_printers
from fleet.managed_supplies.listing import (
    OrderFilter,
    OrderView,
    RequestFilter,
    RequestView,
    list_orders_of_customers,
    list_requests_of_customers,
)
from fleet.managed_supplies.models import OrderStanding, RequestState
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, tell
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.widgets.programme_form import ProgrammeForm
from portal_api.pages.widgets.supply_records import order_words, request_words
from portal_api.pages.words import _

TABS = {"requests": N_("Requests"), "orders": N_("Orders"), "programme": N_("Programme")}
PAGE = 50


@portal_page("/supplies-desk", N_("Supplies desk"), Permission.FLEET_SUPPLIES_DESK, "supplies-desk")
async def supplies_desk(tab: str = "requests") -> None:
    """The page."""
    await SuppliesDesk(tab if tab in TABS else "requests").build()


class SuppliesDesk:
    """The open page with what the chosen tab holds."""

    def __init__(self, tab: str) -> None:
        self._tab = tab

    async def build(self) -> None:
        """Lay out the page."""
        heading(_("Supplies desk"), _("Customers' printers that ask to join, and what is to be sent to them."))
        with theme.block("filters"), ui.tabs(on_change=lambda event: self._choose(str(event.value))) as tabs:
            for name, title in TABS.items():
                ui.tab(name, _(title))
        tabs.props("no-caps dense").value = self._tab
        self._holder = theme.box("list-holder")
        await self._show()

    async def _choose(self, tab: str) -> None:
        if tab != self._tab:
            self._tab = tab
            await self._show()

    async def _show(self) -> None:
        self._holder.clear()
        with self._holder:
            if self._tab == "requests":
                await RequestList().build()
            elif self._tab == "orders":
                await OrderList().build()
            else:
                await ProgrammeForm().build()


class RequestList:
    """Requests of customers' printers; pending ones can be ticked and answered."""

    def __init__(self) -> None:
        self._found: list[RequestView] = []
        self._chosen: set[str] = set()
        self._is_last = True

    async def build(self) -> None:
        """Lay it out."""
        self._bar = theme.box("chosen-bar", role="status")
        with self._bar:
            self._count = theme.text("", "strong")
            ui.space()
            theme.plain_button(_("Choose all pending")).on_click(self._choose_all)
            decline = theme.plain_button(_("Decline"), "block").on_click(self._decline)
            accept = theme.main_button(_("Accept"), "check").on_click(self._accept)
            self._answers = (decline, accept)
        self._rows()
        await self._load()

    async def _load(self) -> None:
        self._found, self._chosen = [], set()
        await self._next()

    async def _next(self) -> None:
        with faults_shown():
            last = self._found[-1].id if self._found else ""
            found = await ask(list_requests_of_customers, RequestFilter(before=last, limit=PAGE))
            self._found += found
            self._is_last = len(found) < PAGE
        self._show_choice()
        self._rows.refresh()

    def _pending(self) -> list[str]:
        return [view.id for view in self._found if view.state is RequestState.PENDING]

    def _show_choice(self) -> None:
        self._bar.set_visibility(bool(self._pending()))
        self._count.text = _("{count} chosen", count=len(self._chosen))
        for button in self._answers:
            button.set_enabled(bool(self._chosen))

    def _choose_all(self) -> None:
        self._chosen = set(self._pending())
        self._show_choice()
        self._rows.refresh()

    def _choose(self, request_id: str, *, is_chosen: bool) -> None:
        (self._chosen.add if is_chosen else self._chosen.discard)(request_id)
        self._show_choice()

    @ui.refreshable_method
    def _rows(self) -> None:
        if not self._found:
            with theme.block("empty", role="status"):
                theme.icon("inbox")
                theme.text(_("No printer has asked to join yet."), "strong")
            return
        with theme.block("records", role="list"):
            for view in self._found:
                with theme.block("record", role="listitem"):
                    self._box(view)
                    request_words(view, names_customer=True)
                    if view.state is RequestState.ACCEPTED:
                        release = theme.icon_button("logout", _("Release {name}", name=view.serial_number))
                        release.on_click(lambda view=view: self._release(view))
        if not self._is_last:
            theme.plain_button(_("Show more"), "expand_more").on_click(self._next)

    def _box(self, view: RequestView) -> None:
        if view.state is not RequestState.PENDING:
            theme.icon("print")
            return
        box = ui.checkbox(
            value=view.id in self._chosen,
            on_change=lambda event: self._choose(view.id, is_chosen=bool(event.value)),
        )
        box.props("dense").props["aria-label"] = _("Choose {name}", name=view.serial_number)

    def _release(self, view: RequestView) -> None:
        async def go_on() -> None:
            with faults_shown():
                await ask(release_printers, [view.printer_id])
                tell(_("“{name}” is released.", name=view.serial_number))
                await self._load()

        text = _("Nothing is ordered for it any more, and the customer may unenrol it.")
        title = _("Release {name} from the programme?", name=view.serial_number)
        confirm(title, (text,), _("Release"), go_on, icon="logout")

    async def _accept(self) -> None:
        ids = sorted(self._chosen)

        async def go_on() -> None:
            with faults_shown():
                count = await ask(answer_requests, ids, accept=True)
                tell(_("Accepted: {count}", count=count))
                await self._load()

        text = _("What runs low in them is ordered from now on, at once where it is low already.")
        confirm(_("Accept printers?"), (_chosen_number(len(ids)), text), _("Accept"), go_on, icon="check")

    async def _decline(self) -> None:
        ids = sorted(self._chosen)

        async def go_on(reason: str) -> None:
            count = await ask(answer_requests, ids, accept=False, reason=reason)
            tell(_("Declined: {count}", count=count))
            await self._load()

        _reason_dialog(_("Decline printers?"), _chosen_number(len(ids)), _("Decline"), go_on)


class OrderList:
    """Orders for customers' printers; people say what became of them."""

    def __init__(self) -> None:
        self._found: list[OrderView] = []
        self._is_last = True

    async def build(self) -> None:
        """Lay it out."""
        self._rows()
        await self._next()

    async def _load(self) -> None:
        self._found = []
        await self._next()

    async def _next(self) -> None:
        with faults_shown():
            last = self._found[-1].id if self._found else ""
            found = await ask(list_orders_of_customers, OrderFilter(before=last, limit=PAGE))
            self._found += found
            self._is_last = len(found) < PAGE
        self._rows.refresh()

    @ui.refreshable_method
    def _rows(self) -> None:
        if not self._found:
            with theme.block("empty", role="status"):
                theme.icon("local_shipping")
                theme.text(_("Nothing was ordered yet."), "strong")
            return
        with theme.block("records", role="list"):
            for view in self._found:
                with theme.block("record", role="listitem"):
                    theme.icon("local_shipping")
                    order_words(view, names_customer=True)
                    with theme.block("record-actions"):
                        self._actions(view)
        if not self._is_last:
            theme.plain_button(_("Show more"), "expand_more").on_click(self._next)

    def _actions(self, view: OrderView) -> None:
        name = f"{view.supply}, {view.serial_number}"

        async def delivered() -> None:
            with faults_shown():
                await ask(mark_order, view.id, Shipment.DELIVERED)
                await self._load()

        if view.state is OrderStanding.PLACED:
            ship = theme.icon_button("local_shipping", _("Shipped: {name}", name=name))
            ship.on_click(lambda: self._ship(view))
            theme.icon_button("block", _("Refuse: {name}", name=name)).on_click(lambda: self._refuse(view))
        if view.state in (OrderStanding.PLACED, OrderStanding.SHIPPED):
            theme.icon_button("check", _("Delivered: {name}", name=name)).on_click(delivered)

    def _ship(self, view: OrderView) -> None:
        with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
            theme.text(_("Mark as shipped"), "dialog-title", "h2")
            tracking = ui.input(_("Tracking number (optional)")).props("outlined dense autofocus maxlength=255")

            async def go_on() -> None:
                with faults_shown():
                    await ask(mark_order, view.id, Shipment.SHIPPED, tracking.value or "")
                    dialog.close()
                    await self._load()

            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(dialog.close)
                theme.main_button(_("Shipped"), "local_shipping").on_click(go_on)
        dialog.on("hide", dialog.delete)
        dialog.open()

    def _refuse(self, view: OrderView) -> None:
        async def go_on(reason: str) -> None:
            await ask(mark_order, view.id, Shipment.REFUSED, "", reason)
            await self._load()

        _reason_dialog(_("Refuse the order?"), f"{view.supply} · {view.serial_number}", _("Refuse"), go_on)


def _chosen_number(count: int) -> str:
    return _("1 printer is chosen.") if count == 1 else _("{count} printers are chosen.", count=count)


def _reason_dialog(title: str, about: str, action: str, act: Callable[[str], Awaitable[None]]) -> None:
    """Ask for a reason, which the customer's people read."""
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(title, "dialog-title", "h2")
        theme.text(about, "", "p")
        reason = ui.input(_("Reason, for the customer's people")).props("outlined dense autofocus maxlength=1000")

        async def go_on() -> None:
            with faults_shown():
                await act(reason.value or "")
                dialog.close()

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(action, "block").classes("danger").on_click(go_on)
    dialog.on("hide", dialog.delete)
    dialog.open()
