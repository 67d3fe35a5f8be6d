"""Who may release one's print jobs, and whose jobs one may release (PR-163…PR-172)."""

from nicegui import ui

from connectors.errors import PressroomError
from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.printing.delegates.rules import DELEGATION_OFF, MOST_DAYS, SUGGESTED_DAYS
from domain.printing.delegates.service import (
    DelegationView,
    NewDelegate,
    add_delegate,
    candidates,
    list_delegates,
    list_delegating,
    remove_delegates,
)
from domain.printing.queue import owner_of_queue
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, tell, when
from portal_api.pages.widgets.chosen_bar import ChosenBar
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.words import _


@portal_page("/print-queue/delegates", N_("Delegates"), Permission.PRINT_DELEGATE, "print-delegates")
async def print_delegates() -> None:
    """The visitor's own."""
    await DelegatesPage("").build()


@portal_page("/print-queues/{user_id}/delegates", N_("Delegates"), Permission.PRINT_DELEGATES_MANAGE, "print-queues")
async def delegates_of(user_id: str) -> None:
    """Those of somebody else, for print administrators."""
    await DelegatesPage(user_id).build()


class DelegatesPage:
    """The open page."""

    def __init__(self, owner_id: str) -> None:
        self._owner_id = owner_id
        self._delegates: list[DelegationView] = []
        self._delegating: list[DelegationView] = []
        self._chosen: set[str] = set()

    async def build(self) -> None:
        """Lay out the page; where delegation is off, that is all it says."""
        title = _("Delegates")
        if self._owner_id:
            title = _("Delegates of {name}", name=(await ask(owner_of_queue, self._owner_id)).name)
        try:
            await self._read()
        except PressroomError as error:
            if error.fault is not DELEGATION_OFF:
                raise
            heading(title)
            with theme.block("empty", role="status"):
                theme.icon("group_off")
                theme.text(_(DELEGATION_OFF.message), "strong")
                theme.text(_(DELEGATION_OFF.remedy), "muted")
            return
        with theme.block("toolbar"):
            heading(title, _("People who may release your print jobs at printers."))
            ui.space()
            theme.main_button(_("Add a delegate"), "person_add").on_click(self._add)
        self._rows()

    async def _read(self) -> None:
        self._delegates = await ask(list_delegates, self._owner_id)
        self._delegating = [] if self._owner_id else await ask(list_delegating)

    async def _again(self) -> None:
        with faults_shown():
            await self._read()
            self._chosen.clear()
        self._rows.refresh()

    @ui.refreshable_method
    def _rows(self) -> None:
        self._bar = ChosenBar()
        with self._bar.actions():
            theme.plain_button(_("Remove"), "delete").on_click(lambda: self._confirm(sorted(self._chosen)))
        if not self._delegates:
            with theme.block("empty", role="status"):
                theme.icon("group")
                theme.text(_("Nobody else may release these print jobs."), "muted")
        with theme.block("records", role="list"):
            for one in self._delegates:
                self._row(one)
        if self._delegating:
            theme.text(_("You may release jobs of"), "section-title", "h2")
            with theme.block("records", role="list"):
                for one in self._delegating:
                    with theme.block("record", role="listitem"):
                        _words(one)

    def _row(self, one: DelegationView) -> None:
        with theme.block("record", role="listitem"):
            box = ui.checkbox(
                value=one.id in self._chosen, on_change=lambda event: self._tick(one.id, is_chosen=bool(event.value))
            )
            box.props["aria-label"] = _("Choose the entry of {email}", email=one.email)
            _words(one)
            theme.icon_button("delete", _("Remove {name}", name=one.name)).on_click(lambda: self._confirm([one.id]))

    def _tick(self, delegation_id: str, *, is_chosen: bool) -> None:
        (self._chosen.add if is_chosen else self._chosen.discard)(delegation_id)
        self._bar.show(len(self._chosen))

    def _confirm(self, ids: list[str]) -> None:
        names = ", ".join(one.name for one in self._delegates if one.id in ids)

        async def remove() -> None:
            with faults_shown():
                await ask(remove_delegates, ids)
                tell(_("Removed: {count}", count=len(ids)))
            await self._again()

        confirm(_("Remove delegates?"), (names, _("They can release these jobs no more.")), _("Remove"), remove)

    async def _add(self) -> None:
        with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
            theme.text(_("Add a delegate"), "dialog-title", "h2")
            person = ui.select({}, label=_("Person"), with_input=True).props("outlined dense input-debounce=250")

            async def find(words: str) -> None:
                with faults_shown():
                    found = await ask(candidates, words, self._owner_id)
                    person.set_options({one.user_id: f"{one.name} · {one.email}" for one in found}, value=person.value)

            person.on("input-value", lambda event: find(str(event.args or "")))
            await find("")
            never = ui.switch(_("Never expires"), value=False)
            days = ui.number(_("Expires after days"), value=SUGGESTED_DAYS, min=1, max=MOST_DAYS, precision=0)
            days.props("outlined dense").bind_enabled_from(never, "value", lambda value: not value)

            async def save() -> None:
                with faults_shown():
                    last = None if never.value else int(days.value or SUGGESTED_DAYS)
                    await ask(add_delegate, NewDelegate(str(person.value or ""), days=last, owner_id=self._owner_id))
                    dialog.close()
                    tell(_("The delegate is added."))
                    await self._again()

            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(dialog.close)
                add = theme.main_button(_("Add"), "check").on_click(save)
                add.bind_enabled_from(person, "value", bool)
        dialog.on("hide", dialog.delete)
        dialog.open()


def _words(one: DelegationView) -> None:
    theme.icon("person")
    with theme.block("record-words"):
        theme.text(one.name, "strong clamp-one")
        theme.text(one.email, "hint clamp-one")
    ends = _("until {moment}", moment=when(one.expires)) if one.expires else _("never expires")
    theme.text(ends, "ticket")
