"""Where documents for the print queue are dropped: many at a time, each with its progress, sent straight to the API."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import events, ui

from connectors.documents.media_types import EXTENSIONS
from connectors.settings import get_settings
from domain.printing.formats import NAMES
from portal_api.pages import theme
from portal_api.pages.words import _

REASON = """(info) => emit({
  names: info.files.map(file => file.name),
  answer: info.xhr && info.xhr.responseText ? info.xhr.responseText.slice(0, 4000) : ""
})"""
REFUSED = "(entries) => emit({names: entries.map(entry => entry.file.name), rule: entries[0].failedPropValidation})"
RAW = frozenset({"image/pwg-raster", "image/urf"})


class QueueUpload:
    """The place. `done` is called after each upload; what was not taken in is told below, file by file."""

    def __init__(self, done: Callable[[], Awaitable[None]]) -> None:
        self._done = done
        settings = get_settings()
        self._limits = _("At most {size} MB each.", size=settings.print_max_mb)
        with theme.block("queue-drop", role="group", aria_label=_("Upload documents")):
            uploader = ui.element("q-uploader").classes("queue-uploader")
            uploader.props("multiple auto-upload flat no-thumbnails field-name=file url=/api/v1/print-jobs")
            uploader.props["max-file-size"] = settings.print_max_mb << 20
            uploader.props["accept"] = _extensions()
            uploader.on("uploaded", self._uploaded, js_handler="() => emit()")
            uploader.on("failed", self._failed, js_handler=REASON)
            uploader.on("rejected", self._rejected, js_handler=REFUSED)
            uploader.on("finish", js_handler=f"() => runMethod({uploader.id}, 'removeUploadedFiles', [])")
            with theme.block("queue-drop-words"):
                theme.icon("upload_file").classes("drop-icon")
                with theme.block("record-words"):
                    theme.text(_("Drop documents here"), "drop-title")
                    theme.text(f"{', '.join(sorted(_shown()))}. {self._limits}", "hint")
                button = theme.plain_button(_("Choose files"), "folder_open")
                button.on("click", js_handler=f"() => runMethod({uploader.id}, 'pickFiles', [])")
        self._complaints = theme.box("complaints", role="alert")

    async def _uploaded(self) -> None:
        await self._done()

    async def _failed(self, event: events.GenericEventArguments) -> None:
        self._complain(event.args, _why(event.args.get("answer", "")))
        await self._done()

    def _rejected(self, event: events.GenericEventArguments) -> None:
        formats = _("These formats are taken: {formats}.", formats=", ".join(sorted(_shown())))
        self._complain(event.args, self._limits if event.args.get("rule") == "max-file-size" else formats)

    def _complain(self, args: dict[str, Any], why: str) -> None:
        with self._complaints, theme.block("complaint"):
            theme.text(f"{', '.join(map(str, args.get('names', [])))}: {why}")


def _why(answer: str) -> str:
    """The words of a problem that the API answered, or that there was no answer."""
    try:
        problem = json.loads(answer)
        return f"{problem['detail']} {problem['remedy']}"
    except (ValueError, KeyError, TypeError):
        return _("The file could not be sent. Check the connection and try again.")


def _shown() -> list[str]:
    return [title for kind, title in NAMES.items() if kind not in RAW]


def _extensions() -> str:
    return ",".join(f".{one}" for kind in NAMES if kind in EXTENSIONS for one in EXTENSIONS[kind])
