"""The Redact step: its parameters, its choice of language, plain text and pictures."""

import codecs
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont, PngImagePlugin
from pydantic import ValidationError

from connectors.errors import PressroomError
from connectors.pii import MatchMode
from steps.contract import DOCX, JPEG, PNG, TIFF, TXT, XLSX, Service, StepResult
from steps.local_context import LocalContext
from steps.redact import KIND, CustomTextEntry, RedactStep, redact
from steps.redaction import picture
from steps.redaction.text import blocks
from steps.samples import letter_txt


def step(*texts: str, mode: MatchMode = MatchMode.WHOLE_WORD) -> RedactStep:
    return RedactStep(language="en", custom_texts=tuple(CustomTextEntry(text=text, mode=mode) for text in texts))


def run(path: Path, media_type: str, parameters: RedactStep, context: LocalContext) -> tuple[StepResult, Path]:
    result = redact(context.take_in(path, media_type), parameters, context)
    return result, context.fetch(result.documents[0])


# --- parameters


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"custom_texts": [{"text": "a", "mode": "EXACT"}] * 21}, "at most 20 items"),
        ({"custom_texts": [{"text": "a" * 513, "mode": "ADVANCED"}]}, "at most 512 characters"),
        ({"custom_texts": [{"text": "", "mode": "EXACT"}]}, "at least 1 character"),
        ({"custom_texts": [{"text": "(", "mode": "ADVANCED"}]}, "redact.bad_expression"),
        ({"custom_texts": [{"text": "a", "mode": "FUZZY"}]}, "WHOLE_WORD"),
        ({"pii": ["SHOE_SIZE"]}, "redact.entity_unknown"),
        ({"pii": ["AUS_BANK_ACCOUNT_NUMBER_X"]}, "redact.entity_unknown"),
        ({"colour": "black"}, "Extra inputs"),
    ],
)
def test_what_the_parameters_refuse(values: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        RedactStep.model_validate(values)


def test_entities_that_cannot_be_found_yet_are_refused() -> None:
    from connectors.pii import catalogue

    missing = next(entry for entry in catalogue() if not entry.available)
    with pytest.raises(ValidationError, match=r"redact\.entity_unavailable"):
        RedactStep(pii=(missing.entity,))


def test_twenty_texts_and_512_characters_are_accepted_and_never_trimmed() -> None:
    """SC-82d."""
    parameters = RedactStep(custom_texts=tuple(CustomTextEntry(text=f"text {i} ") for i in range(20)))
    assert parameters.custom_texts[0].text == "text 0 "
    RedactStep(custom_texts=(CustomTextEntry(text="a" * 512, mode=MatchMode.ADVANCED),))


def test_a_step_without_anything_to_look_for_is_not_ready(tmp_path: Path) -> None:
    """SC-82a."""
    fault = RedactStep().unready()
    assert fault is not None
    assert fault.code == "redact.nothing_chosen"
    assert step("x").unready() is None
    assert RedactStep(pii=("PERSON",)).unready() is None
    with pytest.raises(PressroomError, match="nothing to look for"):
        run(letter_txt(tmp_path), TXT, RedactStep(), LocalContext(tmp_path))


def test_the_kind_tells_the_portal_what_it_needs() -> None:
    assert KIND.service is Service.REDACTION
    assert DOCX in KIND.accepts
    fields = RedactStep.model_json_schema()["properties"]
    assert [fields[name]["widget"] for name in ("language", "pii", "custom_texts")] == [
        "language",
        "pii",
        "custom_texts",
    ]


def test_other_formats_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PressroomError) as caught:
        run(letter_txt(tmp_path), XLSX, step("x"), LocalContext(tmp_path))
    assert caught.value.code == "document.format"


# --- language


def test_the_language_is_found_out(tmp_path: Path) -> None:
    _, path = run(letter_txt(tmp_path), TXT, RedactStep(pii=("PERSON", "EMAIL_ADDRESS")), LocalContext(tmp_path))
    text = path.read_text(encoding="utf-8")
    assert "John Smith" not in text
    assert "@example.com" not in text
    assert "Thank you for your order" in text


def test_a_language_without_the_model_fails_closed(tmp_path: Path) -> None:
    context = LocalContext(tmp_path)
    with pytest.raises(PressroomError) as caught:
        run(letter_txt(tmp_path), TXT, RedactStep(language="de", pii=("PERSON",)), context)
    assert caught.value.code == "redact.model_missing"
    assert len(list(context.documents.list("org-1"))) == 1


def test_text_too_short_to_tell_its_language_fails_closed(tmp_path: Path) -> None:
    (tmp_path / "short.txt").write_text("4711")
    with pytest.raises(PressroomError) as caught:
        run(tmp_path / "short.txt", TXT, RedactStep(pii=("PERSON",)), LocalContext(tmp_path))
    assert caught.value.code == "redact.language_unknown"


# --- plain text


@pytest.mark.parametrize(
    ("encoding", "mark", "cover"),
    [
        ("utf-8", b"", "█"),
        ("utf-8", codecs.BOM_UTF8, "█"),
        ("utf-16-le", codecs.BOM_UTF16_LE, "█"),
        ("utf-16-be", codecs.BOM_UTF16_BE, "█"),
        ("utf-16-le", b"", "█"),
        ("utf-32-le", codecs.BOM_UTF32_LE, "█"),
        ("cp1252", b"", "¤"),
    ],
)
def test_encoding_and_line_ends_stay(encoding: str, mark: bytes, cover: str, tmp_path: Path) -> None:
    text = "Räksmörgås för Zebulon\r\nGråt inte, säger hon på sjön.\nEn rad till\r\n"
    (tmp_path / "note.txt").write_bytes(mark + text.encode(encoding))
    result, path = run(tmp_path / "note.txt", TXT, step("zebulon"), LocalContext(tmp_path))
    assert path.read_bytes() == mark + text.replace("Zebulon", cover * 7).encode(encoding)
    assert result.characters == len(text)
    assert [(finding.what, finding.count) for finding in result.report.findings] == [("custom text 1", 1)]


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "odd.txt").write_bytes(bytes(range(256)) * 4 + b"\0odd")
    with pytest.raises(PressroomError) as caught:
        run(tmp_path / "odd.txt", TXT, step("x"), LocalContext(tmp_path))
    assert caught.value.code == "redact.not_text"


@pytest.mark.parametrize("text", ["", "a", "a\n\nb\n\n" * 500, "word " * 900, "x" * 5000])
def test_blocks_are_the_text_again(text: str) -> None:
    pieces = blocks(text, 300)
    assert "".join(pieces) == text
    assert all(len(piece) <= 600 for piece in pieces)


def test_an_expression_that_explodes_fails_the_step_in_time(tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text("a" * 5000 + "!")
    context = LocalContext(tmp_path)
    with pytest.raises(PressroomError) as caught:
        run(tmp_path / "long.txt", TXT, step(r"(?<!b)(a+)+\1$", mode=MatchMode.ADVANCED), context)
    assert caught.value.code == "redact.expression_timeout"
    assert len(list(context.documents.list("org-1"))) == 1


# --- pictures


def written(*lines: str, mode: str = "RGB") -> Image.Image:
    image = Image.new("RGB", (1000, 90 + 90 * len(lines)), "white")
    font = ImageFont.truetype("DejaVuSans.ttf", 40)
    for number, line in enumerate(lines):
        ImageDraw.Draw(image).text((40, 50 + 90 * number), line, "black", font)
    return image.convert(mode)


def read(image: Image.Image) -> str:
    import pytesseract

    return str(pytesseract.image_to_string(image.convert("L")))


def save(image: Image.Image, path: Path, **options: object) -> Path:
    image.save(path, **options)  # type: ignore[arg-type]
    return path


def png_with_secrets(folder: Path) -> Path:
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "Zebulon")
    info.add_itxt("XML:com.adobe.xmp", "<x>Zebulon</x>")
    return save(written("Paid by Zebulon today", "Nobody else"), folder / "a.png", pnginfo=info, dpi=(200, 200))


def jpeg_with_secrets(folder: Path) -> Path:
    exif = Image.Exif()
    exif[0x010E] = "Zebulon"
    exif[0x0112] = 6
    turned = written("Paid by Zebulon today", "Nobody else").rotate(90, expand=True)
    return save(turned, folder / "a.jpg", exif=exif, comment=b"Zebulon", quality=92)


def clear_png(folder: Path) -> Path:
    return save(written("Paid by Zebulon today", "Nobody else").convert("RGBA"), folder / "a.png")


@pytest.mark.parametrize(
    ("make", "media_type"),
    [(png_with_secrets, PNG), (jpeg_with_secrets, JPEG), (clear_png, PNG)],
)
def test_words_go_from_the_pixels_and_metadata_from_the_file(make: object, media_type: str, tmp_path: Path) -> None:
    result, path = run(make(tmp_path), media_type, step("Zebulon"), LocalContext(tmp_path))  # type: ignore[operator]
    assert b"Zebulon" not in path.read_bytes()
    with Image.open(path) as image:
        assert image.width > image.height
        assert not image.getexif()
        assert not set(image.info) & {"Author", "XML:com.adobe.xmp", "comment", "exif", "icc_profile"}
        text = read(image)
    assert "Zebulon" not in text
    assert "Paid by" in text
    assert "Nobody else" in text
    assert [(finding.count, finding.where) for finding in result.report.findings] == [(1, "pictures")]
    assert result.pages == 1
    assert result.characters > 20


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_picture_that_lies_on_its_side_or_its_head(turn: int, tmp_path: Path) -> None:
    lines = ("This letter was paid by Zebulon today", "and by nobody else in the whole house", "as everybody knows")
    path = save(written(*lines).rotate(turn, expand=True), tmp_path / "a.png")
    result, redacted = run(path, PNG, step("Zebulon"), LocalContext(tmp_path))
    with Image.open(redacted) as image:
        text = read(image.rotate(-turn, expand=True))
    assert "Zebulon" not in text
    assert "This letter was paid by" in text
    assert "nobody else" in text
    assert [finding.count for finding in result.report.findings] == [1]


def test_every_page_of_a_tiff(tmp_path: Path) -> None:
    pages = [written(f"Page {n}", "for Zebulon" if n != 2 else "for nobody", mode="1") for n in (1, 2, 3)]
    save(pages[0], tmp_path / "a.tiff", save_all=True, append_images=pages[1:], description="Zebulon", dpi=(200, 200))
    result, path = run(tmp_path / "a.tiff", TIFF, step("Zebulon"), LocalContext(tmp_path))
    assert b"Zebulon" not in path.read_bytes()
    assert [finding.where for finding in result.report.findings] == ["page 1", "page 3"]
    with Image.open(path) as image:
        assert image.n_frames == 3
        texts = []
        for number in range(3):
            image.seek(number)
            texts.append(read(image))
    assert "Zebulon" not in "".join(texts)
    assert "nobody" in texts[1]
    assert all(f"Page {n}" in texts[n - 1] for n in (1, 2, 3))


def test_painting_that_misses_delivers_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sabotage: the boxes are painted beside the words; the new reading notices."""
    paint = picture.painted
    monkeypatch.setattr(picture, "painted", lambda image, boxes: paint(image, [(0, 0, 5, 5)]))
    context = LocalContext(tmp_path)
    with pytest.raises(PressroomError) as caught:
        run(png_with_secrets(tmp_path), PNG, step("Zebulon"), context)
    assert caught.value.code == "redact.survived"
    assert "Zebulon" not in str(caught.value)
    assert len(list(context.documents.list("org-1"))) == 1


@pytest.mark.parametrize(
    ("content", "pixels", "code"),
    [
        (b"\x89PNG\r\n\x1a\n cut off", 60_000_000, "document.damaged_file"),
        (b"nothing", 60_000_000, "document.damaged_file"),
        (None, 1_000_000, "document.too_many_pixels"),
    ],
)
def test_pictures_that_cannot_be_read(content: bytes | None, pixels: int, code: str, tmp_path: Path) -> None:
    if content is None:
        packed = BytesIO()
        Image.new("L", (1500, 1500)).save(packed, "PNG")
        content = packed.getvalue()
    (tmp_path / "bad.png").write_bytes(content)
    context = LocalContext(tmp_path)
    context.settings = context.settings.model_copy(update={"max_pixels": pixels})
    with pytest.raises(PressroomError) as caught:
        run(tmp_path / "bad.png", PNG, step("x"), context)
    assert caught.value.code == code


def test_a_cut_off_jpeg_is_refused(tmp_path: Path) -> None:
    whole = jpeg_with_secrets(tmp_path).read_bytes()
    (tmp_path / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(PressroomError) as caught:
        run(tmp_path / "cut.jpg", JPEG, step("Zebulon"), LocalContext(tmp_path))
    assert caught.value.code == "document.damaged_file"


def test_a_language_that_pictures_cannot_be_read_in(tmp_path: Path) -> None:
    parameters = RedactStep(language="km", custom_texts=(CustomTextEntry(text="Zebulon"),))
    with pytest.raises(PressroomError) as caught:
        run(png_with_secrets(tmp_path), PNG, parameters, LocalContext(tmp_path))
    assert caught.value.code == "ocr.language_missing"


def test_broken_language_data_fails_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "eng.traineddata").write_bytes(b"broken")
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path / "data"))
    with pytest.raises(PressroomError) as caught:
        run(png_with_secrets(tmp_path), PNG, step("Zebulon"), LocalContext(tmp_path))
    assert caught.value.code == "redact.ocr_failed"


def test_the_portal_can_check_parameters_without_heavy_libraries() -> None:
    code = (
        "import sys, steps.redact as r; r.RedactStep(pii=('PERSON',), custom_texts=({'text': 'x'},));"
        "heavy = {'PIL', 'lxml', 'pikepdf', 'pypdfium2', 'pytesseract', 'spacy', 'presidio_analyzer'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
