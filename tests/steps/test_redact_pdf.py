"""Redaction of PDF files by true removal, read back by programs that had no part in it."""

import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pypdf
import pypdfium2
import pytesseract
import pytest
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from connectors.errors import PressroomError
from connectors.pii import MatchMode
from steps.contract import PDF, StepResult
from steps.local_context import LocalContext
from steps.redact import CustomTextEntry, RedactStep, redact
from steps.redaction import pdf as redaction_pdf
from steps.redaction.invisible_text import InvisibleFonts
from steps.redaction.jpeg import without_segments

SECRET = "Zebulon"


@pytest.fixture
def context(tmp_path: Path) -> LocalContext:
    context = LocalContext(tmp_path / "context")
    context.settings = context.settings.model_copy(update={"ocr_dpi": 150})
    return context


def step(*texts: str, mode: MatchMode = MatchMode.CONTAINS) -> RedactStep:
    return RedactStep(language="en", custom_texts=tuple(CustomTextEntry(text=text, mode=mode) for text in texts))


def run(path: Path, context: LocalContext, parameters: RedactStep | None = None) -> tuple[StepResult, Path]:
    result = redact(context.take_in(path, PDF), parameters or step(SECRET), context)
    return result, context.fetch(result.documents[0])


def poppler(path: Path) -> str:
    return subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True, text=True).stdout


def seen(path: Path, page: int = 0) -> str:
    """What OCR reads on the rendered page."""
    with pypdfium2.PdfDocument(path) as pdf:
        return str(pytesseract.image_to_string(pdf[page].render(scale=2.5, may_draw_forms=True).to_pil()))


def every_reading(path: Path) -> str:
    """The file's text by four readers, and every string and stream in it, decoded."""
    with pypdfium2.PdfDocument(path) as pdf:
        pdfium = "\n".join(page.get_textpage().get_text_bounded() for page in pdf)
        pages = len(pdf)
    mine = "\n".join(page.extract_text() for page in pypdf.PdfReader(path).pages)
    inside: list[str] = []
    with pikepdf.open(path) as pdf:
        for item in pdf.objects:
            inside.append(repr(item))
            if isinstance(item, pikepdf.Stream):
                data = item.read_raw_bytes()
                inside += [data.decode("latin-1"), data.decode("utf-16-be", "ignore")]
                if item.get("/Filter") in (None, "/FlateDecode"):
                    inside.append(item.read_bytes().decode("latin-1"))
    return "\n".join([poppler(path), pdfium, mine, *inside, *(seen(path, page) for page in range(pages))])


def drawn(path: Path, *pages: Callable[[Canvas], None], **metadata: str) -> Path:
    canvas = Canvas(str(path), pagesize=(420, 220), invariant=1)
    canvas.setTitle(metadata.get("title", ""))
    canvas.setAuthor(metadata.get("author", ""))
    for page in pages:
        canvas.setFont("Helvetica", 18)
        page(canvas)
        canvas.showPage()
    canvas.save()
    return path


def text(*lines: str, font: str = "Helvetica") -> Callable[[Canvas], None]:
    def draw(canvas: Canvas) -> None:
        canvas.setFont(font, 18)
        for number, line in enumerate(lines):
            canvas.drawString(40, 170 - 40 * number, line)

    return draw


def edited(path: Path, change: Callable[[Any], None]) -> Path:
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        change(pdf)
        pdf.save(path)
    return path


def test_a_page_with_a_hit_becomes_a_picture_and_the_others_stay(tmp_path: Path, context: LocalContext) -> None:
    path = drawn(
        tmp_path / "a.pdf",
        text("Paid by Zebulon in May", "Nothing else to say"),
        text("Second page stays"),
        title=SECRET,
    )
    result, redacted = run(path, context)
    assert SECRET not in every_reading(redacted)
    assert "Nothing else to say" in poppler(redacted)
    assert "Paid by" in poppler(redacted)
    assert "Nothing else to say" in seen(redacted)
    with pikepdf.open(path) as old, pikepdf.open(redacted) as new:
        assert new.pages[1].Contents.read_bytes() == old.pages[1].Contents.read_bytes()
        assert new.pages[0].mediabox == old.pages[0].mediabox
        assert "/Info" not in new.trailer or not len(new.docinfo)
        assert "/Metadata" not in new.Root
    assert {(finding.where, finding.count) for finding in result.report.findings} == {
        ("page 1", 1),
        ("document properties", 1),
    }
    assert result.pages == 2
    assert result.characters > 50


def test_pages_keep_their_order_when_many_of_them_become_pictures(
    tmp_path: Path, context: LocalContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pictures are collected in files, two pages in each here."""
    monkeypatch.setattr(redaction_pdf, "PICTURES_AT_ONCE", 2)
    hits = [True, True, False, True, True, True]
    names = ["Alder", "Birch", "Cedar", "Durian", "Elm", "Fir"]
    pages = [text(name, SECRET if hit else "Nothing here") for name, hit in zip(names, hits, strict=True)]
    _, redacted = run(drawn(tmp_path / "a.pdf", *pages), context)
    assert SECRET not in every_reading(redacted)
    assert [page.split()[0] for page in poppler(redacted).split("\f")[:-1]] == names
    with pikepdf.open(redacted) as pdf:
        assert ["/XObject" in page.obj.Resources for page in pdf.pages] == hits


def _red_line(canvas: Canvas) -> None:
    canvas.drawString(40, 170, f"Paid by {SECRET} in May")
    canvas.setStrokeColorRGB(1, 0, 0)
    canvas.line(40, 100, 300, 100)


@pytest.mark.parametrize(
    ("draw", "space"), [(text(f"Paid by {SECRET} in May"), "/DeviceGray"), (_red_line, "/DeviceRGB")]
)
def test_a_picture_has_colours_only_where_its_page_had_any(
    draw: Callable[[Canvas], None], space: str, tmp_path: Path, context: LocalContext
) -> None:
    _, redacted = run(drawn(tmp_path / "a.pdf", draw), context)
    with pikepdf.open(redacted) as pdf:
        (picture,) = pdf.pages[0].images.values()
        assert picture.ColorSpace == space
    with pypdfium2.PdfDocument(redacted) as pdf:
        shown = pdf[0].render(scale=2).to_pil().convert("RGB")
    reddest = max(red - max(green, blue) for _, (red, green, blue) in shown.getcolors(shown.width * shown.height))
    assert (reddest > 100) is (space == "/DeviceRGB")


def _annotated(pdf: Any) -> None:
    page = pdf.pages[0]
    link = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot,
        Subtype=pikepdf.Name.Link,
        Rect=[0, 0, 50, 20],
        A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI=f"https://example.com/{SECRET}"),
    )
    note = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Rect=[60, 0, 80, 20], Contents=SECRET, T=SECRET
    )
    page.Annots = pdf.make_indirect([pdf.make_indirect(link), pdf.make_indirect(note)])
    with pdf.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem(f"About {SECRET}", 0))
    with pdf.open_metadata() as metadata:
        metadata["dc:title"] = SECRET
    pdf.attachments["a.txt"] = pikepdf.AttachedFileSpec(pdf, SECRET.encode(), filename=f"{SECRET}.txt")
    pdf.Root.StructTreeRoot = pdf.make_indirect(
        pikepdf.Dictionary(K=pikepdf.Dictionary(S=pikepdf.Name.Figure, Alt=SECRET, ActualText=SECRET))
    )
    pdf.Root.PageLabels = pikepdf.Dictionary(Nums=[0, pikepdf.Dictionary(P=SECRET)])
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=f"app.alert('{SECRET}')")
    page.PieceInfo = pikepdf.Dictionary(Own=pikepdf.Dictionary(Private=SECRET))
    page.Thumb = pikepdf.Stream(pdf, SECRET.encode())
    page.Metadata = pikepdf.Stream(pdf, SECRET.encode())
    page.Resources.XObject = pikepdf.Dictionary(
        Unused=pikepdf.Stream(pdf, f"BT ({SECRET}) Tj ET".encode(), Subtype=pikepdf.Name.Form, BBox=[0, 0, 9, 9])
    )


def test_everything_beside_the_pages_is_left_behind(tmp_path: Path, context: LocalContext) -> None:
    path = edited(drawn(tmp_path / "a.pdf", text("An innocent page")), _annotated)
    result, redacted = run(path, context)
    assert SECRET not in every_reading(redacted)
    assert "An innocent page" in poppler(redacted)
    assert {finding.where for finding in result.report.findings} >= {
        "document properties",
        "bookmarks",
        "annotations and form fields",
        "attachments",
        "hidden structure",
    }
    with pikepdf.open(redacted) as pdf:
        assert set(pdf.Root.keys()) <= {"/Type", "/Pages", "/Version"}
        assert "/Annots" not in pdf.pages[0]


def _form_field(canvas: Canvas) -> None:
    canvas.drawString(40, 170, "Name of the payer")
    canvas.acroForm.textfield(name="payer", value=SECRET, x=40, y=90, width=200, height=36, fontSize=18)


def _hidden_words(canvas: Canvas) -> None:
    canvas.drawString(40, 170, "Only this is seen")
    line = canvas.beginText(40, 130)
    line.setTextRenderMode(3)
    line.textOut(SECRET)
    canvas.drawText(line)


def _white_words(canvas: Canvas) -> None:
    canvas.drawString(40, 170, "Only this is seen")
    canvas.setFillColorRGB(1, 1, 1)
    canvas.drawString(40, 130, SECRET)


def _beside_the_page(canvas: Canvas) -> None:
    canvas.drawString(40, 170, "Only this is seen")
    canvas.drawString(900, 130, SECRET)


def _glued(canvas: Canvas) -> None:
    canvas.drawString(40, 170, "SignedZebulonX")
    canvas.drawString(40, 130, "Only this is seen")


def _letter_by_letter(canvas: Canvas) -> None:
    for number, letter in enumerate(SECRET):
        canvas.drawString(40 + 13 * number, 170, letter)
    canvas.drawString(40, 130, "Only this is seen")


def _turned(canvas: Canvas) -> None:
    canvas.drawString(40, 170, "Only this is seen")
    canvas.rotate(90)
    canvas.drawString(20, -300, SECRET)


def _subset_font(canvas: Canvas) -> None:
    if "DejaVu" not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(TTFont("DejaVu", "DejaVuSans.ttf"))
    text(f"Λόγος {SECRET} ünïcode", "Only this is seen", font="DejaVu")(canvas)


def _picture_of_words(secret: str = SECRET) -> Image.Image:
    image = Image.new("RGB", (800, 120), "white")
    ImageDraw.Draw(image).text((20, 30), f"Seal of {secret}", "black", ImageFont.truetype("DejaVuSans.ttf", 50))
    return image


def _picture(canvas: Canvas) -> None:
    canvas.drawString(40, 170, "Only this is seen")
    canvas.drawImage(ImageReader(_picture_of_words()), 40, 60, 300, 45)


def _covered_picture(canvas: Canvas) -> None:
    _picture(canvas)
    canvas.setFillColorRGB(1, 1, 1)
    canvas.rect(30, 50, 330, 65, stroke=0, fill=1)


def _commented_jpeg(canvas: Canvas) -> None:
    canvas.drawString(40, 170, "Only this is seen")
    packed = BytesIO()
    exif = Image.Exif()
    exif[0x010E] = SECRET
    _picture_of_words("nobody").save(packed, "JPEG", comment=SECRET.encode(), exif=exif)
    packed.seek(0)
    canvas.drawImage(ImageReader(packed), 40, 60, 300, 45)


@pytest.mark.parametrize(
    ("draw", "kept"),
    [
        (_form_field, "Name of the payer"),
        (_hidden_words, "Only this is seen"),
        (_white_words, "Only this is seen"),
        (_beside_the_page, "Only this is seen"),
        (_glued, "Only this is seen"),
        (_letter_by_letter, "Only this is seen"),
        (_turned, "Only this is seen"),
        (_subset_font, "Only this is seen"),
        (_picture, "Only this is seen"),
        (_covered_picture, "Only this is seen"),
        (_commented_jpeg, "Only this is seen"),
    ],
)
def test_wherever_a_page_holds_it(
    draw: Callable[[Canvas], None], kept: str, tmp_path: Path, context: LocalContext
) -> None:
    _, redacted = run(drawn(tmp_path / "a.pdf", draw), context)
    reading = every_reading(redacted)
    assert SECRET not in reading
    assert SECRET.upper() not in reading.upper()
    assert kept in poppler(redacted)
    assert kept in seen(redacted)


def test_words_of_every_script_stay_searchable(tmp_path: Path, context: LocalContext) -> None:
    _, redacted = run(drawn(tmp_path / "a.pdf", _subset_font), context)
    assert "Λόγος" in poppler(redacted)
    assert "ünïcode" in poppler(redacted)
    with pypdfium2.PdfDocument(redacted) as pdf:
        assert "Λόγος" in pdf[0].get_textpage().get_text_bounded()


def _replacement_text(pdf: Any) -> None:
    marked = f"/Span <</ActualText ({SECRET}) /Alt ({SECRET})>> BDC\n".encode()
    page = pdf.pages[0]
    page.Contents = pikepdf.Stream(pdf, marked + page.Contents.read_bytes() + b"\nEMC")


def _hidden_layer(pdf: Any) -> None:
    group = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name=SECRET))
    pdf.Root.OCProperties = pikepdf.Dictionary(OCGs=[group], D=pikepdf.Dictionary(OFF=[group]))
    page = pdf.pages[0]
    page.Resources.Properties = pikepdf.Dictionary(L=group)
    hidden = f"/OC /L BDC BT /F1 18 Tf 40 60 Td ({SECRET}) Tj ET EMC".encode()
    page.Contents = pikepdf.Stream(pdf, page.Contents.read_bytes() + b"\n" + hidden)


def _turned_and_cropped(pdf: Any) -> None:
    page = pdf.pages[0]
    page.Rotate = 90
    page.CropBox = [20, 100, 400, 210]
    page.Contents = pikepdf.Stream(
        pdf, page.Contents.read_bytes() + f"\nBT /F1 18 Tf 40 130 Td ({SECRET}) Tj ET".encode()
    )


@pytest.mark.parametrize(
    ("change", "kept"),
    [(_replacement_text, set()), (_hidden_layer, {"Only", "seen"}), (_turned_and_cropped, {"Only", "seen"})],
)
def test_what_only_some_readers_show(
    change: Callable[[Any], None], kept: set[str], tmp_path: Path, context: LocalContext
) -> None:
    path = edited(drawn(tmp_path / "a.pdf", text("Only this is seen")), change)
    _, redacted = run(path, context)
    assert SECRET not in every_reading(redacted)
    assert set(poppler(redacted).split()) >= kept


def test_older_versions_in_the_file_are_gone(tmp_path: Path, context: LocalContext) -> None:
    path = drawn(tmp_path / "a.pdf", text(f"Old words of {SECRET}"))
    writer = pypdf.PdfWriter(str(path), incremental=True)
    writer.pages[0][pypdf.generic.NameObject("/Contents")] = writer._add_object(
        pypdf.generic.DecodedStreamObject.initialize_from_dictionary(
            {"__streamdata__": b"BT /F1 18 Tf 40 170 Td (New words) Tj ET"}
        )
    )
    writer.write(str(tmp_path / "b.pdf"))
    assert (tmp_path / "b.pdf").read_bytes().startswith(path.read_bytes()[:500])
    result, redacted = run(tmp_path / "b.pdf", context)
    assert redacted.read_bytes().count(b"%%EOF") == 1
    assert SECRET not in every_reading(redacted)
    assert "New words" in poppler(redacted)
    assert str(result.report.warnings[0]).startswith("Nothing was found")


def test_a_scan_without_text(tmp_path: Path, context: LocalContext) -> None:
    page = Image.new("L", (1000, 500), 245)
    font = ImageFont.truetype("DejaVuSans.ttf", 44)
    for number, line in enumerate((f"Delivered to {SECRET} on Monday", "and signed by nobody else")):
        ImageDraw.Draw(page).text((60, 80 + 120 * number), line, 20, font)
    page.save(tmp_path / "scan.pdf", resolution=150)
    result, redacted = run(tmp_path / "scan.pdf", context)
    assert SECRET not in every_reading(redacted)
    assert "Delivered to" in seen(redacted)
    assert "signed by nobody" in seen(redacted)
    assert [(finding.where, finding.count) for finding in result.report.findings] == [("page 1", 1)]
    assert result.characters > 40


def test_removal_that_misses_delivers_nothing(
    tmp_path: Path, context: LocalContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sabotage: the boxes are painted beside the words; OCR of the new page notices."""
    paint = redaction_pdf.painted
    monkeypatch.setattr(redaction_pdf, "painted", lambda image, boxes: paint(image, [(0, 0, 4, 4)]))
    with pytest.raises(PressroomError) as caught:
        run(drawn(tmp_path / "a.pdf", text(f"Paid by {SECRET}")), context)
    assert caught.value.code == "redact.survived"
    assert "page 1" in str(caught.value)
    assert SECRET not in str(caught.value)
    assert len(list(context.documents.list("org-1"))) == 1


def test_a_text_layer_that_keeps_too_much_delivers_nothing(
    tmp_path: Path, context: LocalContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sabotage: the invisible layer still says it; the extractors notice."""
    content = InvisibleFonts.content
    monkeypatch.setattr(
        InvisibleFonts, "content", lambda fonts, words: content(fonts, [*words, (SECRET, (40.0, 40.0, 120.0, 60.0))])
    )
    with pytest.raises(PressroomError) as caught:
        run(drawn(tmp_path / "a.pdf", text(f"Paid by {SECRET}")), context)
    assert caught.value.code == "redact.survived"


def test_bad_files(tmp_path: Path, context: LocalContext) -> None:
    whole = drawn(tmp_path / "a.pdf", text("One"), text("Two")).read_bytes()
    locked = BytesIO()
    with pikepdf.open(tmp_path / "a.pdf") as pdf:
        pdf.save(locked, encryption=pikepdf.Encryption(owner="o", user="u"))
    context.settings = context.settings.model_copy(update={"max_pages": 1})
    table = {
        "document.encrypted": locked.getvalue(),
        "document.damaged_file": b"%PDF-1.7 nothing",
        "document.too_many_pages": whole,
    }
    for code, content in table.items():
        (tmp_path / "bad.pdf").write_bytes(content)
        with pytest.raises(PressroomError) as caught:
            run(tmp_path / "bad.pdf", context)
        assert caught.value.code == code


def test_without_pdftotext_nothing_is_delivered(
    tmp_path: Path, context: LocalContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PressroomError) as caught:
        run(drawn(tmp_path / "a.pdf", text("One")), context)
    assert caught.value.code == "redact.pdftotext_missing"


def test_jpeg_segments() -> None:
    packed = BytesIO()
    Image.new("RGB", (9, 9), "red").save(packed, "JPEG", comment=b"secret", exif=Image.Exif())
    bare = without_segments(packed.getvalue())
    assert b"secret" not in bare
    assert Image.open(BytesIO(bare)).tobytes() == Image.open(packed).tobytes()
    assert without_segments(b"no jpeg") == b"no jpeg"
