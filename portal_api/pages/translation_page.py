"""Translation: the terms, one document, its languages, how it comes back; and the latest ones (TR-6, TR-30…TR-46)."""

from typing import Any

from nicegui import ui

from connectors.documents.media_types import DOCX
from connectors.messages import N_
from connectors.translation.languages import find_language
from domain.organizations.permissions import Permission
from domain.runs.models import TRANSLATION, ClientType
from domain.runs.service import HandIn, RunFilter, get_run, list_runs
from domain.runs.views import RunView
from domain.translation.service import (
    DELIVERY_TITLES,
    TranslationDelivery,
    TranslationOffer,
    TranslationOrder,
    composed,
    start_translation,
    translation_offer,
)
from domain.translation.settings import TranslationSettings
from domain.translation.terms import TERMS, TERMS_VERSION, accept_terms
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.run_page import RunPage
from portal_api.pages.visit import ask, faults_shown, visitor, when
from portal_api.pages.widgets.file_drop import FileDrop
from portal_api.pages.widgets.parameter_form import ParameterForm
from portal_api.pages.widgets.states import state_mark
from portal_api.pages.words import _
from steps.translate import TranslateStep

LATEST = 10
"""How many of one's translations stand below the form."""


@portal_page("/translation", N_("Translation"), Permission.TRANSLATION_USE, "translation")
async def translation() -> None:
    """The page. The terms come first, each time it is opened (TR-30)."""
    latest = await ask(list_runs, RunFilter(solution_id=TRANSLATION, limit=LATEST, own=True))
    await TranslationPage(await ask(translation_offer), latest).build()


@portal_page("/translation/{run_id}", N_("Translation"), Permission.TRANSLATION_USE, "translation")
async def translation_run(run_id: str) -> None:
    """How one translation goes on, and what it made."""
    await RunPage(await ask(get_run, run_id)).build()


class TranslationPage:
    """The open page; the form is there once the terms are accepted."""

    def __init__(self, offer: TranslationOffer, latest: list[RunView]) -> None:
        self._offer, self._latest = offer, latest
        self._values: dict[str, Any] = {}
        self._delivery = TranslationDelivery.DOWNLOAD

    async def build(self) -> None:
        """Lay out the page."""
        heading(_("Translation"), _("One document in up to five languages, with its formatting."))
        with theme.block("run-form") as self._holder:
            self._terms()
        if self._latest:
            with theme.block("records", "section", role="list", aria_label=_("Your latest translations")):
                for run in self._latest:
                    _row(run)

    def _terms(self) -> None:
        with theme.block("sheet", "section", aria_label=_("Terms of use")):
            theme.text(_("Terms of use"), "section-title", "h2")
            for one in TERMS:
                theme.text(_(one), "", "p")
            with theme.block("dialog-actions"):
                theme.main_button(_("I accept the terms of use"), "check").on_click(self._accept)

    async def _accept(self) -> None:
        with faults_shown():
            await ask(accept_terms, TERMS_VERSION)
            self._holder.clear()
            with self._holder:
                self._form()

    def _form(self) -> None:
        with theme.block("sheet crop run-document"):
            theme.text(_("Document"), "section-title", "h2")
            if self._offer.takes_docx_only:
                theme.text(_("Your organization adds a footer to translations: hand in a Word document."), "hint")
            only = frozenset({DOCX}) if self._offer.takes_docx_only else None
            with theme.block("drop-holder"):
                self._drop = FileDrop(composed(TranslationOrder(), TranslationSettings(), ""), self._show_ready, only)
        with theme.block("sheet run-step action"):
            theme.text(_("Languages"), "section-title", "h2")
            ParameterForm(TranslateStep, "translate", {}, self._give)
        with theme.block("sheet run-step destination"):
            theme.text(_("Delivery"), "section-title", "h2")
            titles = {one.value: _(DELIVERY_TITLES[one]) for one in self._offer.deliveries}
            ui.radio(titles, value=self._delivery.value, on_change=self._deliver).props("inline").classes("choices")
            self._notes()
        with theme.block("sheet run-start"):
            ui.space()
            self._button = theme.main_button(_("Translate file"), "translate").on_click(self._start)
        self._show_ready()

    @ui.refreshable_method
    def _notes(self) -> None:
        """What is worth knowing of the chosen delivery (TR-41, TR-43)."""
        if self._delivery is TranslationDelivery.EMAIL:
            theme.text(_("It goes to {address}, the address of your account.", address=visitor().email), "hint")
            text = _("Some mail services refuse attachments above 10 MB: download those. The document may have 25 MB.")
            theme.text(text, "hint")
        elif self._delivery is TranslationDelivery.PRINT_QUEUE:
            found = map(find_language, self._values.get("target_languages", ()))
            if any(one is not None and not one.docx_print_supported for one in found):
                with theme.block("warning", role="note"):
                    theme.icon("warning")
                    theme.text(
                        _("Printers replace the letters of this language by others in Word documents: download those.")
                    )

    def _deliver(self, event: Any) -> None:
        self._delivery = TranslationDelivery(event.value)
        self._notes.refresh()

    def _give(self, name: str, value: Any) -> None:
        self._values[name] = value
        self._notes.refresh()
        self._show_ready()

    def _show_ready(self) -> None:
        if hasattr(self, "_button"):
            self._button.set_enabled(self._drop.file is not None and bool(self._values.get("target_languages")))

    async def _start(self) -> None:
        self._button.disable()
        with faults_shown():
            dropped = self._drop.file
            assert dropped is not None, "the button is off without a file"
            order = TranslationOrder(
                source_language=self._values.get("source_language") or "auto",
                target_languages=tuple(self._values.get("target_languages", ())),
                delivery=self._delivery,
                terms_version=TERMS_VERSION,
            )
            hand_in = HandIn(dropped.path, dropped.name, ClientType.BROWSER)
            run = await ask(start_translation, hand_in, order)
            ui.navigate.to(f"/translation/{run.id}")
            return
        self._button.enable()


def _row(run: RunView) -> None:
    with theme.block("record", "a", href=f"/translation/{run.id}", role="listitem"):
        state_mark(run.state)
        with theme.block("record-words"):
            theme.text(run.original.name, "strong clamp-one")
        with theme.block("record-when"):
            theme.text(when(run.created), "ticket")
