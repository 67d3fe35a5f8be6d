"""A print queue: one's own, or that of somebody else for administrators (PR-105…PR-116)."""

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.print_mail.addresses import own_mail_address
from domain.printing.queue import QueueOwner, list_queue_owners, owner_of_queue
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, visitor
from portal_api.pages.widgets.print_quota_note import own_quota_note
from portal_api.pages.widgets.queue_dialogs import defaults_dialog
from portal_api.pages.widgets.queue_list import QueueList
from portal_api.pages.widgets.queue_upload import QueueUpload
from portal_api.pages.words import _


@portal_page("/print-queue", N_("Print queue"), Permission.PRINT_OWN_QUEUE, "print-queue")
async def print_queue() -> None:
    """The visitor's own."""
    jobs = QueueList("")
    with theme.block("toolbar"):
        heading(_("Print queue"), _("Documents that wait until you release them at a printer."))
        ui.space()
        if visitor().may(Permission.PRINT_QUEUES_MANAGE):
            theme.plain_button(_("Other people’s queues"), "group").props("href=/print-queues")
        theme.plain_button(_("Default settings"), "tune").on_click(lambda: defaults_dialog(""))
    await _banner()
    await own_quota_note()
    if visitor().may(Permission.PRINT_SUBMIT):
        QueueUpload(jobs.load)
    await jobs.build()


@portal_page("/print-queues/{user_id}", N_("Print queue"), Permission.PRINT_QUEUES_MANAGE, "print-queues")
async def queue_of(user_id: str) -> None:
    """That of somebody else, for who may manage queues (PR-106)."""
    owner = await ask(owner_of_queue, user_id)
    with theme.block("toolbar"):
        heading(_("Print queue of {name}", name=owner.name), owner.email)
        ui.space()
        theme.plain_button(_("Print history"), "history").props(f"href=/print-queues/{owner.user_id}/history")
        if visitor().may(Permission.PRINT_DELEGATES_MANAGE):
            theme.plain_button(_("Delegates"), "group").props(f"href=/print-queues/{owner.user_id}/delegates")
        theme.plain_button(_("Default settings"), "tune").on_click(lambda: defaults_dialog(owner.user_id))
    await QueueList(owner.user_id).build()


@portal_page("/print-queues", N_("Print queues"), Permission.PRINT_QUEUES_MANAGE, "print-queues")
async def print_queues() -> None:
    """Whose queues there are, and a search for everybody else's (PR-106)."""
    await _Owners().build()


class _Owners:
    """The open list of people."""

    def __init__(self) -> None:
        self._owners: list[QueueOwner] = []
        self._search = ""

    async def build(self) -> None:
        """Lay out the page."""
        heading(_("Print queues"), _("People whose jobs wait; search to find others too."))
        with theme.block("filters", role="search"):
            box = ui.input(_("Name or e-mail address"), on_change=lambda event: self._find(event.value or ""))
            box.props("outlined dense clearable debounce=250 maxlength=255").classes("search")
        self._owners = await ask(list_queue_owners)
        self._rows()

    async def _find(self, search: str) -> None:
        with faults_shown():
            self._search = search
            self._owners = await ask(list_queue_owners, search)
        self._rows.refresh()

    @ui.refreshable_method
    def _rows(self) -> None:
        if not self._owners:
            with theme.block("empty", role="status"):
                theme.icon("print")
                theme.text(_("Nobody of that name.") if self._search.strip() else _("No jobs wait."), "muted")
            return
        with theme.block("records", role="list"):
            for owner in self._owners:
                with (
                    theme.block("", role="listitem"),
                    theme.block("record", "a", href=f"/print-queues/{owner.user_id}"),
                ):
                    theme.icon("person")
                    with theme.block("record-words"):
                        theme.text(owner.name, "strong clamp-one")
                        theme.text(owner.email, "hint clamp-one")
                    theme.text(_("1 job") if owner.jobs == 1 else _("{count} jobs", count=owner.jobs), "ticket")


async def _banner() -> None:
    """The address that documents can be mailed to (PR-115)."""
    address = await ask(own_mail_address)
    if address:
        with theme.block("warning", role="note"):
            theme.icon("mail")
            theme.text(_("Documents mailed to {address} come into your queue.", address=address))
