"""Amounts of pages for each service: a number, unlimited, or nothing set."""

from collections.abc import Callable
from functools import partial
from typing import Any

from nicegui import ui

from connectors.messages import N_
from domain.quotas.rules import MOST_PAGES, SERVICE_TITLES, Pages
from portal_api.pages import theme
from portal_api.pages.words import _
from steps.contract import Service

UNSET, NUMBER, UNLIMITED = "unset", "number", "unlimited"
CHOICES = {NUMBER: N_("Limited"), UNLIMITED: N_("Unlimited")}


class PagesForm:
    """One line for each service; `value` is what is chosen.

    `unset` names the choice that sets nothing, which an empty number means too. Without it every service has an
    amount, and an empty number is 0.
    """

    def __init__(
        self, pages: Pages, *, unset: str = "", unlimited: bool = True, changed: Callable[[], None] | None = None
    ) -> None:
        self._unset, self._unlimited, self._changed = unset, unlimited, changed
        self._ways = {service: self._way(pages, service) for service in Service}
        self._numbers: dict[Service, int | None] = {service: pages.get(service) for service in Service}
        self._lines()

    @property
    def value(self) -> Pages:
        """The amounts by service; a service for which nothing is set is missing."""
        found: dict[Service, int | None] = {}
        for service, way in self._ways.items():
            if way == UNLIMITED:
                found[service] = None
            elif way == NUMBER and (self._numbers[service] is not None or not self._unset):
                found[service] = self._numbers[service] or 0
        return found

    def allow_unlimited(self, allowed: bool) -> None:
        """Whether unlimited can be chosen; where it is chosen already it becomes a number."""
        self._unlimited = allowed
        for service, way in self._ways.items():
            if way == UNLIMITED and not allowed:
                self._ways[service] = NUMBER
        self._lines.refresh()

    def _way(self, pages: Pages, service: Service) -> str:
        if service not in pages:
            return UNSET if self._unset else NUMBER
        return UNLIMITED if pages[service] is None else NUMBER

    @ui.refreshable_method
    def _lines(self) -> None:
        with theme.block("amounts"):
            for service in Service:
                self._line(service, _(SERVICE_TITLES[service]))

    def _line(self, service: Service, title: str) -> None:
        options = {UNSET: self._unset} if self._unset else {}
        options |= {way: _(words) for way, words in CHOICES.items() if way != UNLIMITED or self._unlimited}
        with theme.block("amount", role="group", aria_label=title):
            theme.text(title, "strong amount-title")
            if len(options) > 1:
                choice = ui.select(options, value=self._ways[service], on_change=partial(self._choose, service))
                choice.props("outlined dense options-dense").classes("amount-way")
                choice.props["aria-label"] = _("{service}: how much", service=title)
            if self._ways[service] == NUMBER:
                field = ui.number(
                    _("Pages"),
                    value=self._numbers[service],
                    min=0,
                    max=MOST_PAGES,
                    precision=0,
                    on_change=partial(self._count, service),
                )
                field.props("outlined dense inputmode=numeric").classes("amount-number")
                field.props["aria-label"] = _("{service}: pages", service=title)

    def _choose(self, service: Service, event: Any) -> None:
        self._ways[service] = str(event.value)
        self._lines.refresh()
        self._tell()

    def _count(self, service: Service, event: Any) -> None:
        self._numbers[service] = int(event.value) if event.value is not None else None
        self._tell()

    def _tell(self) -> None:
        if self._changed is not None:
            self._changed()
