"""What one has printed, one line a release (PR-179)."""

from collections.abc import Sequence

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.printing.history import ReleaseView, list_releases
from domain.printing.queue import owner_of_queue
from domain.printing.states import SOURCE_TITLES
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, when
from portal_api.pages.words import _

PAGE_SIZE = 50
PERIOD = N_("What was printed, as far back as your organization keeps it.")


@portal_page("/print-queue/history", N_("Print history"), Permission.PRINT_OWN_QUEUE, "print-history")
async def print_history() -> None:
    """The visitor's own."""
    heading(_("Print history"), _(PERIOD))
    await _History("").build()


@portal_page("/print-queues/{user_id}/history", N_("Print history"), Permission.PRINT_QUEUES_MANAGE, "print-queues")
async def history_of(user_id: str) -> None:
    """That of somebody else, for who may manage queues."""
    owner = await ask(owner_of_queue, user_id)
    heading(_("Print history of {name}", name=owner.name), _(PERIOD))
    await _History(owner.user_id).build()


class _History:
    """The open list."""

    def __init__(self, user_id: str) -> None:
        self._user_id = user_id
        self._releases: list[ReleaseView] = []
        self._is_last = True

    async def build(self) -> None:
        """Read the first page and lay it out."""
        await self._read()
        self._rows()

    async def _read(self) -> None:
        last = self._releases[-1] if self._releases else None
        after = (last.released, last.id) if last else None
        found: Sequence[ReleaseView] = await ask(list_releases, self._user_id, after, PAGE_SIZE)
        self._releases += found
        self._is_last = len(found) < PAGE_SIZE

    async def _more(self) -> None:
        with faults_shown():
            await self._read()
        self._rows.refresh()

    @ui.refreshable_method
    def _rows(self) -> None:
        if not self._releases:
            with theme.block("empty", role="status"):
                theme.icon("history")
                theme.text(_("Nothing was printed in this time."), "muted")
            return
        by_delegates = any(one.released_by for one in self._releases)
        titles = [_("Document"), _("Source"), _("Impressions"), _("Colour"), _("Both sides"), _("Released from")]
        with theme.block("table-scroll"), theme.block("report-table", "table"):
            with theme.block("", "thead"), theme.block("", "tr"):
                for title in [*titles, _("Released at"), *([_("Released by")] if by_delegates else [])]:
                    theme.text(title, "", "th", scope="col")
            with theme.block("", "tbody"):
                for one in self._releases:
                    _line(one, by_delegates=by_delegates)
        if not self._is_last:
            theme.plain_button(_("Show more"), "expand_more").on_click(self._more)


def _line(release: ReleaseView, *, by_delegates: bool) -> None:
    with theme.block("", "tr"):
        theme.text(release.job_name or "–", "", "th", scope="row")
        for value in (
            _(SOURCE_TITLES[release.source]) if release.source else "–",
            str(release.impressions),
            _("Colour") if release.is_color else _("Black and white"),
            _("yes") if release.is_duplex else _("no"),
            release.printer_address or "–",
            when(release.released),
            *([release.released_by or "–"] if by_delegates else []),
        ):
            theme.text(value, "", "td")
