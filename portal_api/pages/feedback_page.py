"""Feedback: somebody tells those who run the installation what they think of a page, and these read it (FL-333)."""

from collections.abc import Sequence

from nicegui import ui

from connectors.messages import N_
from domain.feedback.service import LONGEST, RECEIVED, FeedbackView, list_feedback, send_feedback
from domain.organizations.permissions import Permission
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, when
from portal_api.pages.widgets.paged_rows import PagedRows
from portal_api.pages.words import _

PAGE_SIZE = 50


@portal_page("/feedback", N_("Feedback"), Permission.OWN_ACCOUNT, "account")
async def feedback(page: str = "") -> None:
    """The form; the query says which page it is about."""
    heading(_("Feedback"), _("What is missing, what is in the way, what do you like? The operators read it."))
    with theme.block("sheet settings", "section", aria_label=_("Feedback")) as form:
        text = ui.textarea(_("Your feedback")).props(f"outlined autogrow counter maxlength={LONGEST}")
        may_contact = ui.switch(_("You may contact me about it"))
        theme.text(
            _("Without it, only the name of your organization and the page are shown with the text."), "hint", "p"
        )

        async def send() -> None:
            with faults_shown():
                await ask(send_feedback, text.value or "", may_contact=bool(may_contact.value), page=page)
                form.clear()
                with form:
                    _thanks()

        with theme.block("actions"):
            theme.main_button(_("Send"), "send").on_click(send)


def _thanks() -> None:
    with theme.block("verdict-line good", role="status"):
        theme.icon("task_alt")
        theme.text(_("Thank you. Your feedback has been sent."))
    with theme.block("actions"):
        theme.plain_button(_("Go to the start page"), "arrow_back").props("href=/")


@portal_page(RECEIVED, N_("Received feedback"), Permission.FEEDBACK_READ, "received-feedback")
async def received_feedback() -> None:
    """What people of all organizations sent, for operators."""
    heading(_("Received feedback"), _("From people of all organizations. It is kept for a year."))
    rows = PagedRows(_fetch, _row, page_size=PAGE_SIZE, icon="forum", nothing=_("Nobody has sent feedback."))
    await rows.load()


async def _fetch(last: FeedbackView | None) -> Sequence[FeedbackView]:
    return await ask(list_feedback, before=last.id if last else None, limit=PAGE_SIZE)


def _row(view: FeedbackView) -> None:
    with theme.block("record", role="listitem"):
        theme.icon("forum")
        with theme.block("record-words"):
            theme.text(view.text, "feedback-text")
            who = f"{view.author} ({view.email})" if view.email else ""
            theme.text(" · ".join(filter(None, (view.organization, view.page, who))), "hint")
        with theme.block("record-when"):
            theme.text(when(view.created), "ticket")
