"""A PDF whose pages stay as they are and get an invisible layer of text.

qpdf (through pikepdf) copies the pages' streams from file to file, so that memory does not grow with the scans. The
layer of a page is the text-only PDF that tesseract wrote for it, placed as one form; all share one font.
"""

import zlib
from pathlib import Path
from typing import Any

from connectors.documents.inspection_faults import DAMAGED_FILE, ENCRYPTED
from connectors.ocr.recognition import ReadPage
from connectors.ocr.text_layer import aligned, layer_matrix


class SearchablePdf:
    """The PDF at `source`, to which text layers are added and which is then saved elsewhere.

    Raises `document.encrypted`, `document.damaged_file` for what qpdf cannot open.
    """

    def __init__(self, source: Path, name: str) -> None:
        import pikepdf

        try:
            self._pdf = pikepdf.open(source)
            self._pages = list(self._pdf.pages)
        except pikepdf.PasswordError as exc:
            raise ENCRYPTED(name=name) from exc
        except pikepdf.PdfError as exc:
            raise DAMAGED_FILE(name=name) from exc
        self._font: Any = None

    def add(self, read: ReadPage) -> None:
        """Lay the text layer of `read` over its page.

        The layer belongs to the page as it was recognised. A quarter turn is kept: the page is shown upright from now
        on. A skewed page's content stays skewed as it is, and the layer is skewed to lie on its words.
        """
        page = self._pages[read.number]
        if read.turn:
            page.rotate(read.turn, relative=True)
        if read.layer is not None:
            name = self._name_on(page, self._form(page, read.layer, read.skew))
            # first on the page, where no earlier content has moved the coordinates; invisible, it hides nothing
            page.contents_add(f"q {name} Do Q\n".encode(), prepend=True)

    def _form(self, page: Any, layer: Path, skew: float) -> Any:
        import pikepdf
        from pikepdf import Array, Dictionary, Name

        with pikepdf.open(layer) as text_only:
            text = text_only.pages[0]
            _, _, width, height = (float(side) for side in text.mediabox)
            fonts = text.obj.Resources.Font
            if self._font is None:
                self._font = self._pdf.copy_foreign(next(iter(fonts.values())))
            content = zlib.compress(aligned(text, skew, width, height))
            matrix = layer_matrix((width, height), _visible_box(page), int(page.rotation) % 360)
            return pikepdf.Stream(
                self._pdf,
                content,
                Type=Name.XObject,
                Filter=Name.FlateDecode,
                Subtype=Name.Form,
                BBox=Array([0, 0, width, height]),
                Matrix=Array([round(value, 6) for value in matrix]),
                Resources=Dictionary(Font=Dictionary(dict.fromkeys(fonts, self._font))),
            )

    def _name_on(self, page: Any, form: Any) -> str:
        """Name `form` in the page's resources, without touching those of other pages that share them."""
        from pikepdf import Dictionary, Name

        resources = Dictionary(dict(page.resources.items()))
        forms = Dictionary(dict(resources.get("/XObject", Dictionary()).items()))
        names = (f"/PressroomText{place}" for place in range(len(forms) + 1))
        name = next(name for name in names if name not in forms)
        forms[name] = form
        resources[Name.XObject] = forms
        page.obj[Name.Resources] = resources
        return name

    def save(self, target: Path) -> None:
        """Write the PDF to `target`; all streams stay packed as they were."""
        import pikepdf

        self._pdf.save(target, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)

    def close(self) -> None:
        self._pdf.close()


def _visible_box(page: Any) -> tuple[float, float, float, float]:
    """Left, bottom, right, top of what is shown: the crop box, as far as it lies within the media box."""
    (a, b, c, d), (e, f, g, h) = ([float(side) for side in box] for box in (page.cropbox, page.mediabox))
    return max(min(a, c), min(e, g)), max(min(b, d), min(f, h)), min(max(a, c), max(e, g)), min(max(b, d), max(f, h))
