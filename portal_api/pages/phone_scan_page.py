"""Scanning with the phone's camera: pictures of pages, put right and in order, as an original (issue point 6)."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from nicegui import events, ui

from connectors.errors import PressroomError
from connectors.messages import N_
from connectors.page_photos.look import Look
from connectors.page_photos.photos import LARGEST_BYTES
from connectors.settings import get_settings
from domain.camera_scans.handing_in import print_scan
from domain.camera_scans.service import (
    CameraPageView,
    CameraScanView,
    add_photo,
    begin_scan,
    camera_scan,
    change_page,
    delete_page,
    delete_scan,
    move_page,
)
from domain.organizations.permissions import Permission
from portal_api.pages import theme
from portal_api.pages.frame import PHONE, heading, portal_page
from portal_api.pages.scan_pictures import picture_address
from portal_api.pages.visit import ask, faults_shown, show_fault, tell, visitor, when
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.widgets.corner_editor import edit_page
from portal_api.pages.widgets.phone_turn import PhoneTurn, open_turn, turn_ended
from portal_api.pages.words import _

PAGE = "/phone/scan"
PHOTOS = ".jpg,.jpeg,.png,image/jpeg,image/png"


@portal_page(PAGE, N_("Scan with the camera"), Permission.OWN_ACCOUNT, PHONE)
async def scan_with_camera(scan: str = "") -> None:
    """The page; with the id of a `scan` it goes on with that."""
    view = await ask(camera_scan, scan) if scan else None
    turn = await open_turn()
    CameraScanPage(view, turn if isinstance(turn, PhoneTurn) else None).build()


class CameraScanPage:
    """A scan in the making; it begins with the first picture. With a `turn` at a printer it can be run there."""

    def __init__(self, scan: CameraScanView | None, turn: PhoneTurn | None) -> None:
        self._scan, self._turn = scan, turn
        self._waiting = 0
        self._one_after_the_other = asyncio.Lock()

    @property
    def _pages(self) -> tuple[CameraPageView, ...]:
        return self._scan.pages if self._scan else ()

    def build(self) -> None:
        """Lay out the page."""
        ui.add_head_html(f'<script src="{theme.scan_script_address()}"></script>')
        ui.on("camera_refused", self._camera_refused)
        with theme.block("phone") as self._whole:
            if self._turn is not None:
                self._turn.build(lambda: turn_ended(self._whole))
            heading(_("Scan with the camera"), _("Lay the page on something darker and photograph all of it."))
            self._sources()
            self._list()
            self._ends()

    def _sources(self) -> None:
        """Where pictures come from: the camera in the page, the phone's camera app, its pictures."""
        upload = self._upload("multiple")
        camera = self._upload("capture=environment")
        with theme.block("camera hidden") as self._camera:
            self._video = theme.box("", "video", playsinline="", muted="", aria_label=_("Camera"))
            with theme.block("actions"):
                shutter = theme.main_button(_("Take the picture"), "camera")
                shutter.on("click", js_handler=f"() => phoneScan.shoot('{self._video.html_id}', {upload.id})")
                theme.plain_button(_("Close the camera"), "close").on_click(self._close_camera)
        with theme.block("actions") as self._choices:
            opener = theme.main_button(_("Open the camera"), "photo_camera").classes("needs-camera")
            opener.on_click(self._open_camera)
            opener.on("click", js_handler=f"() => phoneScan.openCamera('{self._video.html_id}')")
            app = theme.plain_button(_("Take a picture"), "photo_camera")
            theme.picks_files(app, camera)
            album = theme.plain_button(_("Choose pictures"), "photo_library")
            theme.picks_files(album, upload)

    def _upload(self, props: str) -> ui.upload:
        upload = ui.upload(
            auto_upload=True, max_file_size=LARGEST_BYTES, on_upload=self._take, on_rejected=self._refuse
        ).classes("hidden")
        upload.props(props).props["accept"] = PHOTOS
        return upload

    def _open_camera(self) -> None:
        self._camera.classes(remove="hidden")
        self._choices.classes(add="hidden")

    def _close_camera(self) -> None:
        ui.run_javascript("phoneScan.closeCamera()")
        self._camera.classes(add="hidden")
        self._choices.classes(remove="hidden")

    def _camera_refused(self) -> None:
        self._close_camera()
        ui.notify(
            _("The camera cannot be used in this page."),
            caption=_("Allow it in the browser, or press “Take a picture”, which opens the camera app."),
            type="warning",
            multi_line=True,
        )

    def _refuse(self) -> None:
        ui.notify(
            _("This picture is not taken: JPEG or PNG, at most {limit} MB.", limit=LARGEST_BYTES >> 20), type="negative"
        )

    async def _take(self, event: events.UploadEventArguments) -> None:
        """A picture came: pages follow one another as their pictures do."""
        event.sender.reset()  # type: ignore[attr-defined]
        self._waiting += 1
        self._list.refresh()
        async with self._one_after_the_other:
            try:
                await self._use()
                scan_id = self._scan.id if self._scan is not None else (await ask(begin_scan)).id
                with TemporaryDirectory(prefix="photo-", dir=await asyncio.to_thread(_scratch)) as folder:
                    path = Path(folder) / "photo"
                    await event.file.save(path)
                    self._scan = await ask(add_photo, scan_id, path, event.file.name)
                ui.navigate.history.replace(f"{PAGE}?scan={scan_id}")
            except PressroomError as error:
                show_fault(error)
        self._waiting -= 1
        self._refresh()

    @ui.refreshable_method
    def _list(self) -> None:
        with theme.block("scan-pages", "ol"):
            for number, page in enumerate(self._pages, 1):
                self._page(number, page)
        if self._waiting:
            with theme.block("reading", role="status"):
                ui.spinner(size="1.4em")
                theme.text(_("Looking for the page …"))

    def _page(self, number: int, page: CameraPageView) -> None:
        assert self._scan is not None
        with theme.block("scan-page sheet", "li"):
            address = picture_address(self._scan.id, page.id, page.version)
            theme.box("", "img", src=address, alt=_("Page {number}", number=number), loading="lazy")
            if not page.is_found:
                theme.text(_("No page was seen: the whole photograph is used."), "warning-text", role="status")
            with theme.block("scan-page-actions"):
                theme.text(str(number), "strong")
                edit = theme.icon_button("crop", _("Edges and look of page {number}", number=number))
                edit.on_click(lambda: self._edit(page))
                earlier = theme.icon_button("arrow_back", _("Page {number}: earlier", number=number))
                earlier.on_click(lambda: self._move(page, -1)).set_enabled(number > 1)
                later = theme.icon_button("arrow_forward", _("Page {number}: later", number=number))
                later.on_click(lambda: self._move(page, 1)).set_enabled(number < len(self._pages))
                delete = theme.icon_button("delete", _("Delete page {number}", number=number))
                delete.on_click(lambda: self._ask_before_deleting(page, number))

    def _edit(self, page: CameraPageView) -> None:
        assert self._scan is not None

        async def change(corners: tuple[tuple[float, float], ...], look: Look, turn: int) -> None:
            with faults_shown():
                await self._use()
                self._scan = await ask(
                    change_page, self._scan_id, page.id, corners=_unless_same(corners, page), look=look, turn=turn
                )
                self._refresh()

        edit_page(self._scan.id, page, change)

    @property
    def _scan_id(self) -> str:
        return self._scan.id if self._scan else ""

    async def _move(self, page: CameraPageView, by: int) -> None:
        with faults_shown():
            self._scan = await ask(move_page, self._scan_id, page.id, by)
            self._refresh()

    def _ask_before_deleting(self, page: CameraPageView, number: int) -> None:
        async def delete() -> None:
            with faults_shown():
                self._scan = await ask(delete_page, self._scan_id, page.id)
                self._refresh()

        confirm(_("Delete page {number}?", number=number), (_("The picture goes, too."),), _("Delete"), delete)

    @ui.refreshable_method
    def _ends(self) -> None:
        """What can be done with the pages."""
        if self._scan is None or not self._pages:
            return
        with theme.block("sheet settings", "section", aria_label=_("What becomes of it")):
            if self._turn is not None and visitor().may(Permission.SOLUTIONS_RUN):
                solution = theme.main_button(_("Use in a solution"), "layers")
                solution.props["href"] = f"/phone?tab=solutions&scan={self._scan_id}"
            if visitor().may(Permission.PRINT_SUBMIT):
                name = ui.input(_("File name"), value=_("Scan {time}", time=when(self._scan.created)))
                name.props("outlined dense maxlength=200")
                theme.plain_button(_("Into my print queue"), "print").on_click(lambda: self._print(name.value or ""))
            theme.plain_button(_("Delete all"), "delete").on_click(self._ask_before_deleting_all)

    async def _print(self, name: str) -> None:
        with faults_shown():
            await self._use()
            await ask(print_scan, self._scan_id, name)
            ui.navigate.to("/phone?tab=jobs" if self._turn is not None else "/print-queue")

    def _ask_before_deleting_all(self) -> None:
        async def delete() -> None:
            with faults_shown():
                await ask(delete_scan, self._scan_id)
                tell(_("The scan is deleted."))
                ui.navigate.to(PAGE)

        confirm(_("Delete the whole scan?"), (_("All its pages and pictures go."),), _("Delete"), delete)

    async def _use(self) -> None:
        if self._turn is not None:
            await self._turn.use()

    def _refresh(self) -> None:
        self._list.refresh()
        self._ends.refresh()


def _unless_same(
    corners: tuple[tuple[float, float], ...], page: CameraPageView
) -> tuple[tuple[float, float], ...] | None:
    """Corners that were moved; None where they stand as they stood."""
    moved = max(
        abs(new - old) for pair in zip(corners, page.corners, strict=True) for new, old in zip(*pair, strict=True)
    )
    return corners if moved > 1e-6 else None


def _scratch() -> Path:
    folder = get_settings().scratch_folder
    folder.mkdir(parents=True, exist_ok=True)
    return folder
