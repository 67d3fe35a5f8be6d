"""A place to drop a file on: checked at once, kept in a working folder until the page is closed."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from nicegui import events, ui

from connectors.documents.file_names import safe_file_name
from connectors.documents.inspection import Inspection, inspect
from connectors.documents.media_types import EXTENSIONS
from connectors.errors import PressroomError
from connectors.settings import get_settings
from domain.runs.planning import INPUT_FORMAT, MB, accepted_types, check_size, size_limit
from domain.solutions.definition import SolutionDefinition
from portal_api.pages import theme
from portal_api.pages.widgets.file_types import type_name, type_names
from portal_api.pages.words import _, error_texts


@dataclass(frozen=True, slots=True)
class DroppedFile:
    """A file that passed the checks."""

    path: Path
    name: str


class FileDrop:
    """The place. `file` is what lies there now; `changed` is called when that changes.

    `only` are the media types that are taken, where they are not those of the solution.
    """

    def __init__(
        self, definition: SolutionDefinition, changed: Callable[[], None], only: frozenset[str] | None = None
    ) -> None:
        self.file: DroppedFile | None = None
        self._definition, self._changed = definition, changed
        self._accepted = accepted_types(definition) if only is None else only
        self._folder: Path | None = None
        ui.context.client.on_delete(self._clean)
        with theme.block("drop", role="group", aria_label=_("Document")) as self._place:
            uploader = ui.upload(
                auto_upload=True,
                max_file_size=size_limit(definition),
                on_upload=self._take,
                on_rejected=self._refuse,
            ).classes("drop-uploader")
            uploader.props["accept"] = self._extensions()
            theme.icon("upload_file").classes("drop-icon")
            self._title = theme.text(_("Drop a file here"), "drop-title")
            self._detail = theme.text(self._what_fits(), "hint")
            button = theme.plain_button(_("Choose a file"), "folder_open").classes("drop-button")
            theme.picks_files(button, uploader)
            self._complaint = theme.text("", "complaint", role="alert")
            self._complaint.set_visibility(False)
        self._uploader = uploader

    async def _take(self, event: events.UploadEventArguments) -> None:
        self._forget()
        self._folder = Path(mkdtemp(prefix="portal-", dir=await asyncio.to_thread(_scratch)))
        path = self._folder / "file"
        await event.file.save(path)
        name = safe_file_name(event.file.name)
        self._uploader.reset()
        try:
            inspection = await asyncio.to_thread(_check, self._definition, self._accepted, path, name)
        except PressroomError as error:
            self._complain(" ".join(error_texts(error)))
            return
        self.file = DroppedFile(path, name)
        pages = f" · {_('{count} pages', count=inspection.pages)}" if inspection.pages else ""
        self._title.text = name
        self._detail.text = f"{type_name(inspection.media_type)} · {event.file.size() / MB:.1f} MB{pages}"
        self._place.classes(add="filled")
        self._complain("")
        self._changed()

    def _refuse(self) -> None:
        self._complain(_("This file is not taken. {what}", what=self._what_fits()))

    def _complain(self, words: str) -> None:
        self._complaint.text = words
        self._complaint.set_visibility(bool(words))
        if words:
            self._place.classes(remove="filled")
            self._title.text = _("Drop a file here")
            self._detail.text = self._what_fits()
            self._changed()

    def _what_fits(self) -> str:
        types = type_names(self._accepted)
        limit = size_limit(self._definition) // MB
        if not types:
            return _("Any file of at most {limit} MB.", limit=limit)
        return _("{types}, at most {limit} MB.", types=types, limit=limit)

    def _extensions(self) -> str:
        return ",".join(f".{one}" for media in self._accepted for one in EXTENSIONS.get(media, ()))

    def _forget(self) -> None:
        self.file = None
        self._clean()

    def _clean(self) -> None:
        if self._folder is not None:
            rmtree(self._folder)
            self._folder = None


def _scratch() -> Path:
    folder = get_settings().scratch_folder
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _check(definition: SolutionDefinition, accepted: frozenset[str], path: Path, name: str) -> Inspection:
    check_size(definition, name, path.stat().st_size)
    inspection = inspect(path, name, get_settings())
    if accepted and inspection.media_type not in accepted:
        raise INPUT_FORMAT(name=name, media_type=type_name(inspection.media_type), accepted=type_names(accepted))
    return inspection
