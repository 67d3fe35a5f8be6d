"""Firmware: what the models of the fleet have and are offered, and the catalogue of images (F-26, F-27)."""

from collections.abc import Sequence

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from fleet.firmware.service import (
    FirmwareView,
    ModelFirmware,
    delete_image,
    fleet_firmware,
    list_images,
    recommend,
    share_image,
)
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, tell, visitor, when
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.widgets.fleet_uploads import firmware_upload
from portal_api.pages.words import _

MB = 1 << 20


@portal_page("/firmware", N_("Firmware"), Permission.FLEET_MANAGE, "firmware")
async def firmware() -> None:
    """The page."""
    await FirmwarePage().build()


class FirmwarePage:
    """The open page with its two lists."""

    def __init__(self) -> None:
        self._models: Sequence[ModelFirmware] = ()
        self._images: Sequence[FirmwareView] = ()

    async def build(self) -> None:
        """Lay out the page."""
        with theme.block("toolbar"):
            heading(_("Firmware"), _("What your models have and are offered. Updates are started from the printers."))
            ui.space()
            theme.main_button(_("Add an image"), "upload_file").on_click(lambda: firmware_upload(self.load))
        await self._find()
        self._lists()

    async def load(self) -> None:
        """Show everything anew."""
        await self._find()
        self._lists.refresh()

    async def _find(self) -> None:
        self._models = await ask(fleet_firmware)
        self._images = await ask(list_images)

    @ui.refreshable_method
    def _lists(self) -> None:
        with theme.block("sheet settings", "section", aria_label=_("Models of the fleet")):
            theme.text(_("Models of the fleet"), "section-title", "h2")
            if not self._models:
                theme.text(_("There are no printers of our own make yet."), "muted")
            with theme.block("records", role="list"):
                for model in self._models:
                    self._model(model)
        with theme.block("sheet settings", "section", aria_label=_("Catalogue")):
            theme.text(_("Catalogue"), "section-title", "h2")
            if not self._images:
                theme.text(_("There are no images yet. Add one: what it is for is read out of it."), "muted")
            with theme.block("records", role="list"):
                for image in self._images:
                    self._image(image)

    def _model(self, row: ModelFirmware) -> None:
        with theme.block("record", role="listitem"):
            theme.icon("print")
            with theme.block("record-words"):
                theme.text(row.model, "strong clamp-one")
                levels = ", ".join(row.levels) or _("unknown")
                theme.text(_("Printers: {count} · Installed: {levels}", count=row.printers, levels=levels), "hint")
            if row.with_update:
                theme.chip(_("Update available: {count}", count=row.with_update), "busy")
            elif row.offered:
                theme.chip(_("Current"), "good")
            else:
                theme.chip(_("Nothing offered"), "quiet")
            self._wanted(row)

    def _wanted(self, row: ModelFirmware) -> None:
        fitting = {image.level for image in self._images if row.model in image.models} | {row.recommended} - {""}
        choices = {"": _("Newest")} | {level: level for level in sorted(fitting, reverse=True)}
        chosen = ui.select(choices, value=row.recommended, label=_("Offered level")).props("outlined dense")
        chosen.props["aria-label"] = _("Offered level for {model}", model=row.model)
        chosen.on_value_change(lambda event: self._recommend(row.model, str(event.value or "")))

    async def _recommend(self, model: str, level: str) -> None:
        with faults_shown():
            await ask(recommend, model, level)
            tell(_("Saved."))
        await self.load()

    def _image(self, image: FirmwareView) -> None:
        with theme.block("record", role="listitem"):
            theme.icon("memory")
            with theme.block("record-words"):
                theme.text(_("Level {level} for {models}", level=image.level, models=", ".join(image.models)), "strong")
                size = f"{image.size / MB:.1f}"
                facts = _(
                    "{name} · {size} MB · added {time}", name=image.file_name, size=size, time=when(image.created)
                )
                theme.text(facts, "hint clamp-one")
                if image.notes:
                    theme.text(image.notes, "hint")
            if not image.is_own:
                theme.chip(_("From the operator"), "quiet")
                return
            if visitor().is_operator:
                shared = ui.switch(_("For every organization"), value=image.is_shared)
                shared.on_value_change(lambda event: self._share(image, shared=bool(event.value)))
            theme.icon_button("delete", _("Delete {name}", name=image.level)).on_click(lambda: self._delete(image))

    async def _share(self, image: FirmwareView, *, shared: bool) -> None:
        with faults_shown():
            await ask(share_image, image.id, shared=shared)
            tell(_("Saved."))

    def _delete(self, image: FirmwareView) -> None:
        async def delete() -> None:
            with faults_shown():
                await ask(delete_image, image.id)
                tell(_("Deleted: {name}", name=image.level))
            await self.load()

        text = _("Printers keep the firmware that they have.")
        confirm(_("Delete firmware {level}?", level=image.level), (text,), _("Delete"), delete)
