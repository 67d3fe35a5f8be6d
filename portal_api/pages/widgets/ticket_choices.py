"""What can be chosen for a print job, in people's words (PR-109): by field of a `JobTicket`, its values and titles."""

from collections.abc import Mapping

from connectors.messages import N_

AS_PRINTER = ""
"""The value of a choice that leaves a setting to the printer."""
PRINTER_DECIDES = N_("As the printer is set")

Titles = Mapping[str, str]

SIDES: Titles = {
    "one-sided": N_("One side"),
    "two-sided-long-edge": N_("Both sides, turned over the long edge"),
    "two-sided-short-edge": N_("Both sides, turned over the short edge"),
}
COLLATE: Titles = {"yes": N_("Copy after copy"), "no": N_("Page after page")}
NUMBER_UP: Titles = {str(count): str(count) for count in (1, 2, 4, 6, 9, 16)}
DIRECTION: Titles = {
    "toright-tobottom": N_("To the right, then down"),
    "tobottom-toright": N_("Down, then to the right"),
    "toleft-tobottom": N_("To the left, then down"),
    "tobottom-toleft": N_("Down, then to the left"),
}
ORIENTATION: Titles = {
    "portrait": N_("Upright"),
    "landscape": N_("Across"),
    "reverse-landscape": N_("Across, turned round"),
    "reverse-portrait": N_("Upside down"),
}
COLOR: Titles = {
    "auto": N_("As the document is"),
    "color": N_("Colour"),
    "monochrome": N_("Black and white"),
}
QUALITY: Titles = {"draft": N_("Draft"), "normal": N_("Normal"), "high": N_("High")}
MEDIA: Titles = {
    "iso_a3_297x420mm": "A3",
    "iso_a4_210x297mm": "A4",
    "iso_a5_148x210mm": "A5",
    "iso_a6_105x148mm": "A6",
    "jis_b5_182x257mm": "B5 (JIS)",
    "na_letter_8.5x11in": "Letter",
    "na_legal_8.5x14in": "Legal",
    "na_ledger_11x17in": "Ledger",
    "na_executive_7.25x10.5in": "Executive",
    "iso_dl_110x220mm": N_("Envelope DL"),
    "iso_c5_162x229mm": N_("Envelope C5"),
}
SOURCE: Titles = {
    "auto": N_("Automatically"),
    "tray-1": N_("Tray 1"),
    "tray-2": N_("Tray 2"),
    "tray-3": N_("Tray 3"),
    "tray-4": N_("Tray 4"),
    "large-capacity": N_("Large tray"),
    "by-pass-tray": N_("Multipurpose feeder"),
    "manual": N_("By hand"),
    "envelope": N_("Envelope feeder"),
}
PAPER: Titles = {
    "stationery": N_("Plain paper"),
    "stationery-lightweight": N_("Light paper"),
    "stationery-heavyweight": N_("Heavy paper"),
    "stationery-letterhead": N_("Letterhead"),
    "stationery-preprinted": N_("Preprinted paper"),
    "stationery-recycled": N_("Recycled paper"),
    "cardstock": N_("Card stock"),
    "labels": N_("Labels"),
    "transparency": N_("Transparencies"),
    "envelope": N_("Envelopes"),
}
BIN: Titles = {
    "auto": N_("Automatically"),
    "top": N_("Top bin"),
    "side": N_("Side bin"),
    "tray-1": N_("Bin 1"),
    "tray-2": N_("Bin 2"),
    "tray-3": N_("Bin 3"),
    "stacker-1": N_("Stacker"),
}
STAPLE: Titles = {
    "staple": N_("Staple"),
    "staple-top-left": N_("Top left"),
    "staple-bottom-left": N_("Bottom left"),
    "staple-top-right": N_("Top right"),
    "staple-bottom-right": N_("Bottom right"),
    "staple-dual-left": N_("Two at the left"),
    "staple-dual-top": N_("Two at the top"),
    "saddle-stitch": N_("Saddle stitch"),
}
PUNCH: Titles = {
    "punch": N_("Holes as the printer is set"),
    "punch-dual-left": N_("2 holes at the left"),
    "punch-dual-top": N_("2 holes at the top"),
    "punch-triple-left": N_("3 holes at the left"),
    "punch-quad-left": N_("4 holes at the left"),
}
FOLD: Titles = {
    "fold": N_("Fold"),
    "fold-half": N_("In half"),
    "fold-letter": N_("As a letter"),
    "fold-z": N_("As a Z"),
}
