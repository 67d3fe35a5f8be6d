"""What the fixed choices of parameters are called for people."""

from connectors.messages import N_
from portal_api.pages.words import _

NAMES = {
    "pdf": N_("PDF (.pdf)"),
    "docx": N_("Word (.docx)"),
    "txt": N_("Plain text (.txt)"),
    "auto": N_("Automatic"),
    "color": N_("Color"),
    "grayscale": N_("Grayscale"),
    "black_and_white": N_("Black and white"),
    "text": N_("Text"),
    "text_photo": N_("Text and photo"),
    "photo": N_("Photo"),
    "graphics": N_("Graphics"),
    "Mixed": N_("Mixed"),
    "one_sided": N_("One-sided"),
    "two_sided_long_edge": N_("Two-sided, long edge"),
    "two_sided_short_edge": N_("Two-sided, short edge"),
    "best": N_("Best for the content"),
    "hex": N_("Hexadecimal number"),
    "decimal": N_("Decimal number"),
    "WHOLE_WORD": N_("Whole word"),
    "CONTAINS": N_("Contains"),
    "EXACT": N_("Exactly as typed"),
    "ADVANCED": N_("Regular expression"),
    "folder": N_("Folder of this installation"),
    "webdav": N_("WebDAV"),
    "s3": N_("S3"),
    "onedrive": N_("OneDrive"),
    "sharepoint": N_("SharePoint"),
    "googledrive": N_("Google Drive"),
    "google_drive": N_("Google Drive"),
    "box": N_("Box"),
    "dropbox": N_("Dropbox"),
}


def choice_name(value: object) -> str:
    """A choice as people call it; an unknown one with its underscores as spaces."""
    key = str(getattr(value, "value", value))
    if key in NAMES:
        return _(NAMES[key])
    return key.replace("_", " ").capitalize() if "_" in key else key
