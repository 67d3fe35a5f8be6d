"""Image files as PDF pages of their physical size, without loss."""

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.ocr.pages import ImagePages

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_OPEN = 64
_EXIF_ORIENTATION = 0x0112
_MIRRORED = frozenset({2, 4, 5, 7})


def pdf_of_images(pages: ImagePages, folder: Path) -> Path:
    """A PDF of the images in their physical sizes, in `folder`.

    JPEG data and, where PDF can hold them, PNG data are taken over byte by byte; others are compressed without loss.
    """
    parts = [_page_pdf(pages, number, folder / f"image-{number}") for number in range(pages.count)]
    while len(parts) > 1:
        groups = [parts[start : start + MOST_OPEN] for start in range(0, len(parts), MOST_OPEN)]
        parts = [_joined(group) for group in groups]
    return parts[0]


def _joined(parts: list[Path]) -> Path:
    import pikepdf

    target = parts[0].with_suffix(".joined" + parts[0].suffix)
    with ExitStack() as opened, pikepdf.new() as whole:
        for part in parts:
            whole.pages.extend(opened.enter_context(pikepdf.open(part)).pages)
        whole.save(target)
    for part in parts:
        part.unlink()
    return target


def _page_pdf(pages: ImagePages, number: int, base: Path) -> Path:
    import img2pdf
    from PIL import Image

    target = base.with_suffix(".pdf")
    dpi = pages.resolution(number)
    layout = img2pdf.get_fixed_dpi_layout_fun(dpi)
    with Image.open(pages.path) as image:
        as_it_is = image.format in ("JPEG", "PNG") and image.getexif().get(_EXIF_ORIENTATION, 1) not in _MIRRORED
    for path in ([pages.path] if as_it_is else []) + [None]:
        source = path or _without_loss(pages.original(number)[0], base)
        try:
            with target.open("wb") as stream:
                img2pdf.convert(
                    str(source), layout_fun=layout, rotation=img2pdf.Rotation.ifvalid, outputstream=stream, nodate=True
                )
        except (img2pdf.AlphaChannelError, img2pdf.JpegColorspaceError, img2pdf.ImageOpenError):
            if path is None:
                raise
            continue
        break
    return target


def _without_loss(image: "Image", base: Path) -> Path:
    """The pixels in a format that img2pdf takes over as it is: fax compression for black and white, else PNG."""
    from PIL import ImageOps

    upright = ImageOps.exif_transpose(image)
    if upright.mode == "1":
        path = base.with_suffix(".tif")
        upright.save(path, compression="group4")
    else:
        path = base.with_suffix(".png")
        upright = upright if upright.mode in ("L", "P", "RGB", "I;16") else upright.convert("RGB")
        upright.save(path, compress_level=3)
    return path
