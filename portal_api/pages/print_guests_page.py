"""Guests who print by e-mail, and the mails that came for printing (sections 14 and 15)."""

from collections.abc import Callable, Sequence

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.print_guests.administration import GuestView, list_guests, remove_guests, unblock_guests
from domain.print_guests.models import GuestState
from domain.print_mail.listing import MessageView, list_messages
from domain.print_mail.models import TITLES, MessageState
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, tell, visitor, when
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.widgets.mailbox_sheet import MailboxSheet
from portal_api.pages.words import _, error_texts

PAGE_SIZE = 50
GUEST_STATES = {
    GuestState.ACTIVE: (N_("May print"), "good"),
    GuestState.PIN_EXPIRED: (N_("PIN expired"), "quiet"),
    GuestState.BLOCKED: (N_("Blocked"), "bad"),
}
LOOKS = {
    MessageState.RECEIVED: "busy",
    MessageState.PREPARING: "busy",
    MessageState.ACCEPTED: "good",
    MessageState.PARTIALLY_ACCEPTED: "busy",
    MessageState.REFUSED: "bad",
    MessageState.EMPTY: "quiet",
    MessageState.FAILED: "bad",
}


@portal_page("/print/guests", N_("Guests and mail"), Permission.PRINT_QUEUES_MANAGE, "print-guests")
async def print_guests_page() -> None:
    """The page."""
    heading(_("Guests and mail"), _("Who prints by e-mail without an account, and the mails that came for printing."))
    await PrintGuestsPage().build()


class PrintGuestsPage:
    """The open page."""

    def __init__(self) -> None:
        self._guests: list[GuestView] = []
        self._mails: list[MessageView] = []
        self._more_guests = self._more_mails = False

    async def build(self) -> None:
        """Read the first pages and lay them out."""
        await self._read_guests()
        await self._read_mails()
        theme.text(_("Guests"), "section-title", "h2")
        self._guest_rows()
        theme.text(_("Mail for printing"), "section-title", "h2")
        self._mail_rows()
        if visitor().may(Permission.PRINT_SETTINGS_MANAGE):
            await MailboxSheet().build()

    async def _read_guests(self) -> None:
        after = self._guests[-1].id if self._guests else ""
        found = await ask(list_guests, limit=PAGE_SIZE, after=after)
        self._guests += found
        self._more_guests = len(found) == PAGE_SIZE

    async def _read_mails(self) -> None:
        after = self._mails[-1].id if self._mails else ""
        found = await ask(list_messages, limit=PAGE_SIZE, after=after)
        self._mails += found
        self._more_mails = len(found) == PAGE_SIZE

    async def _show_more_guests(self) -> None:
        with faults_shown():
            await self._read_guests()
        self._guest_rows.refresh()

    async def _show_more_mails(self) -> None:
        with faults_shown():
            await self._read_mails()
        self._mail_rows.refresh()

    @ui.refreshable_method
    def _guest_rows(self) -> None:
        if not self._guests:
            _nothing("person_off", _("No guests at present."))
            return
        with theme.block("records", role="list"):
            for guest in self._guests:
                self._guest(guest)
        if self._more_guests:
            theme.plain_button(_("Show more guests"), "expand_more").on_click(self._show_more_guests)

    def _guest(self, guest: GuestView) -> None:
        title, look = GUEST_STATES[guest.state]
        name = guest.name or _("Blocked guest {number}", number=guest.id[:8])
        with theme.block("record", role="listitem"):
            theme.icon("badge")
            with theme.block("record-words"):
                theme.text(name, "strong clamp-one")
                theme.text(_guest_facts(guest), "hint")
            theme.text(_(title), f"state {look}")
            if guest.state is GuestState.BLOCKED:
                theme.plain_button(_("Let in again"), "lock_open").on_click(lambda: self._unblock(guest))
                return
            if guest.jobs:
                theme.plain_button(_("Print queue"), "print").props(f"href=/print-queues/{guest.user_id}")
            theme.icon_button("delete", _("Remove {name}", name=name)).on_click(
                lambda: self._confirm(guest, name, block=False)
            )
            theme.icon_button("block", _("Block {name}", name=name)).on_click(
                lambda: self._confirm(guest, name, block=True)
            )

    def _confirm(self, guest: GuestView, name: str, *, block: bool) -> None:
        async def remove() -> None:
            with faults_shown():
                await ask(remove_guests, [guest.id], block=block)
                tell(_("{name} is blocked.", name=name) if block else _("{name} is removed.", name=name))
            await self._again()

        texts = [name, _("The PIN stops counting at once, and waiting jobs are deleted.")]
        texts.append(_("Nothing more is taken from this guest.") if block else _("A new mail lets the guest in again."))
        title, word = (_("Block this guest?"), _("Block")) if block else (_("Remove this guest?"), _("Remove"))
        confirm(title, tuple(texts), word, remove)

    async def _unblock(self, guest: GuestView) -> None:
        with faults_shown():
            await ask(unblock_guests, [guest.id])
            tell(_("The guest's next mail is taken again."))
        await self._again()

    async def _again(self) -> None:
        self._guests.clear()
        with faults_shown():
            await self._read_guests()
        self._guest_rows.refresh()

    @ui.refreshable_method
    def _mail_rows(self) -> None:
        if not self._mails:
            _nothing("mail", _("No mail has come."))
            return
        titles = (_("Received"), _("Whose"), _("State"), _("Printed"), _("Refused"), _("Reason"))
        _table(titles, [_mail_line(mail) for mail in self._mails])
        if self._more_mails:
            theme.plain_button(_("Show more mail"), "expand_more").on_click(self._show_more_mails)


def _guest_facts(guest: GuestView) -> str:
    facts = [_("first mail {when}", when=when(guest.first_seen))]
    if guest.pin_expires is not None:
        facts.append(_("PIN until {when}", when=when(guest.pin_expires)))
    if guest.expires is not None:
        facts.append(_("queue until {when}", when=when(guest.expires)))
    facts += [place for place in (guest.cost_center, guest.department) if place]
    if guest.jobs:
        facts.append(_("1 job") if guest.jobs == 1 else _("{count} jobs", count=guest.jobs))
    return " · ".join(facts)


def _nothing(icon: str, text: str) -> None:
    with theme.block("empty", role="status"):
        theme.icon(icon)
        theme.text(text, "muted")


Cell = Callable[[], None]


def _mail_line(mail: MessageView) -> tuple[str, Sequence[Cell]]:
    reason = error_texts(mail.reason)[0] if mail.reason else "–"
    texts = (mail.name or "–", "", str(mail.accepted), str(mail.refused), reason)
    cells: list[Cell] = [lambda text=text: theme.text(text, "", "td") for text in texts]  # type: ignore[misc]
    cells[1] = lambda: _state(mail.state)
    return when(mail.received), cells


def _state(state: MessageState) -> None:
    with theme.block("", "td"):
        theme.text(_(TITLES[state]), f"state {LOOKS[state]}")


def _table(titles: Sequence[str], lines: Sequence[tuple[str, Sequence[Cell]]]) -> None:
    with theme.block("table-scroll"), theme.block("report-table", "table"):
        with theme.block("", "thead"), theme.block("", "tr"):
            for title in titles:
                theme.text(title, "", "th", scope="col")
        with theme.block("", "tbody"):
            for head, cells in lines:
                with theme.block("", "tr"):
                    theme.text(head, "", "th", scope="row")
                    for cell in cells:
                        cell()
