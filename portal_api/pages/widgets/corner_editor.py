"""The corners of a page on its photograph, moved by finger, mouse or arrow keys; its look, and turning it."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from connectors.messages import N_
from connectors.page_photos.look import Look
from domain.camera_scans.service import CameraPageView
from portal_api.pages import theme
from portal_api.pages.scan_pictures import picture_address
from portal_api.pages.words import _

LOOKS = {
    Look.COLOR: N_("Colour, evenly lit"),
    Look.GREY: N_("Grey, evenly lit"),
    Look.BLACK_AND_WHITE: N_("Black and white"),
    Look.AS_TAKEN: N_("As it was taken"),
}
CORNERS = (N_("Corner top left"), N_("Corner top right"), N_("Corner bottom right"), N_("Corner bottom left"))
READ_SECONDS = 10.0
Change = Callable[[tuple[tuple[float, float], ...], Look, int], Awaitable[None]]


def edit_page(scan_id: str, page: CameraPageView, change: Change) -> None:
    """Open the editor; `change` is awaited with what was chosen, after the dialog has closed."""
    caller = ui.context.slot.parent
    with theme.dialog().props("maximized") as dialog, theme.block("sheet dialog-sheet corner-dialog"):
        theme.text(_("Edges of the page"), "dialog-title", "h2")
        theme.text(_("Move the corners to those of the page: by finger, or with the arrow keys."), "hint")
        with theme.block("corner-frame"), theme.block("corner-editor") as editor:
            theme.box("", "img", src=picture_address(scan_id, page.id, page.version, of_photo=True), alt="")
            with theme.box("", "svg", viewBox="0 0 1000 1000", preserveAspectRatio="none", aria_hidden="true"):
                theme.box("", "polygon", points="0,0")
            for title, (x, y) in zip(CORNERS, page.corners, strict=True):
                handle = theme.box("corner", "button", type="button", aria_label=_(title))
                handle.props["data-x"], handle.props["data-y"] = str(x), str(y)
            theme.box("corner-lens", aria_hidden="true")
        with theme.block("option-line corner-options"):
            looks = {look.value: _(title) for look, title in LOOKS.items()}
            look = ui.select(looks, value=page.look.value, label=_("Look")).props("outlined dense options-dense")
            turn = ui.select(
                {0: _("Not turned"), 90: _("To the right"), 180: _("Upside down"), 270: _("To the left")},
                value=page.turn,
                label=_("Turn"),
            ).props("outlined dense options-dense")
        with theme.block("dialog-actions"):
            theme.plain_button(_("Whole photograph"), "crop_free").on(
                "click", js_handler=f"() => phoneScan.whole('c{editor.id}')"
            )
            theme.plain_button(_("Cancel")).on_click(dialog.close)

            async def apply() -> None:
                found = await ui.run_javascript(f"return phoneScan.corners('c{editor.id}')", timeout=READ_SECONDS)
                dialog.close()
                with caller:
                    corners = tuple((float(x), float(y)) for x, y in found)
                    await change(corners, Look(look.value), int(turn.value))

            theme.main_button(_("Apply"), "check").on_click(apply)
    dialog.on("show", js_handler=f"() => phoneScan.edit('c{editor.id}')")
    dialog.on("hide", dialog.delete)
    dialog.open()
