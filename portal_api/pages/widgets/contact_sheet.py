"""The contact sheet of a run: the original and what each step made of it, side by side."""

from urllib.parse import urlencode

from connectors.documents.document import Document
from connectors.errors import PressroomError
from domain.runs.views import RunDetails
from portal_api.pages import theme
from portal_api.pages.preview_images import Excerpt, excerpt, has_excerpt, is_pictured
from portal_api.pages.visit import ask
from portal_api.pages.widgets.file_types import type_name
from portal_api.pages.words import _, error_texts
from steps.contract import StepClass
from steps.registry import step_kinds

PAGES_SHOWN = 50


class ContactSheet:
    """A row of small sheets that grows as steps finish; each opens large."""

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self._shown: set[tuple[int, str]] = set()
        with theme.block("contact-holder", "section", aria_label=_("Documents of the run")):
            theme.text(_("What each step made of it"), "section-title", "h2")
            self._row = theme.box("contact", role="list")

    async def update(self, details: RunDetails) -> None:
        """Add what has been made since the last time."""
        if details.run.documents_deleted is not None:
            self._row.clear()
            with self._row:
                theme.text(_("The documents of this run were deleted."), "muted")
            return
        if (-1, "") not in self._shown:
            await self._add((-1, ""), _("Original"), details.run.original)
        kinds = step_kinds()
        for step in details.steps:
            kind = kinds.get(step.kind)
            if step.result is None or kind is None:
                continue
            if kind.step_class is StepClass.DESTINATION and not details.run.dry_run:
                continue
            for document in step.result.documents:
                name = (step.position, document.key)
                if name not in self._shown:
                    language = f" · {document.language}" if document.language else ""
                    await self._add(name, _(kind.title) + language, document, kind.step_class.value)

    async def _add(self, name: tuple[int, str], title: str, document: Document, style: str = "") -> None:
        self._shown.add(name)
        text = await self._excerpt(document)
        with self._row, theme.block(f"contact-sheet {style}", role="listitem"):
            with theme.block("contact-open", "button", type="button") as opener:
                opener.props["aria-label"] = _("Show “{name}” large", name=document.name)
                self._small(document, text)
            theme.text(title, "strong")
            theme.text(f"{document.name} · {type_name(document.media_type)}", "hint clamp-one")
        opener.on("click", lambda: self._open(title, document))

    def _small(self, document: Document, text: Excerpt | None) -> None:
        if is_pictured(document):
            theme.box("contact-picture", "img", src=self._address(document, 1, "small"), alt="", loading="lazy")
        elif text is not None:
            theme.text(text.text[:900], "contact-text")
        else:
            with theme.block("contact-none"):
                theme.icon("description")
                theme.text(type_name(document.media_type))

    async def _open(self, title: str, document: Document) -> None:
        text = await self._excerpt(document)
        with theme.dialog().props("full-width") as dialog, theme.block("sheet dialog-sheet preview"):
            with theme.block("preview-head"):
                theme.text(f"{title}: {document.name}", "dialog-title", "h2")
                theme.icon_button("close", _("Close")).on_click(dialog.close)
            with theme.block("preview-body"):
                if is_pictured(document):
                    for page in range(1, min(document.pages or 1, PAGES_SHOWN) + 1):
                        address = self._address(document, page, "large")
                        theme.box("", "img", src=address, alt=_("Page {number}", number=page), loading="lazy")
                elif text is not None:
                    theme.text(text.text, "preview-text")
                    if not text.is_whole:
                        theme.text(_("Only the beginning is shown."), "hint")
                else:
                    theme.text(_("This type of file has no preview. Download it to look at it."), "muted")
        dialog.on("hide", dialog.delete)
        dialog.open()

    async def _excerpt(self, document: Document) -> Excerpt | None:
        if not has_excerpt(document):
            return None
        try:
            return await ask(excerpt, self._run_id, document.key)
        except PressroomError as error:
            return Excerpt(error_texts(error)[0], is_whole=True)

    def _address(self, document: Document, page: int, size: str) -> str:
        return f"/preview/{self._run_id}?{urlencode({'key': document.key, 'page': page, 'size': size})}"
