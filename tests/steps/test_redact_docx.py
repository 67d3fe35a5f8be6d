"""Redaction of Word files: the whole package is searched, and nothing but the secret changes."""

import re
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from docx.shared import RGBColor

from connectors.errors import PressroomError
from connectors.office import convert
from connectors.pii import CustomText, MatchMode, build_detector
from connectors.settings import Settings
from steps.contract import DOCX, StepResult
from steps.local_context import LocalContext
from steps.redact import CustomTextEntry, RedactStep, redact
from steps.redaction import office
from steps.redaction.sweep import Sweep
from steps.redaction.verification import verify_package
from steps.samples import letter_docx
from tests.steps.redact_docx_files import BODY, PARTS, SECRET, bare_docx, edited, nasty_docx

LEFT = re.compile(r"zebulon|quartermain", re.IGNORECASE)


def step(*texts: str, mode: MatchMode = MatchMode.WHOLE_WORD) -> RedactStep:
    return RedactStep(language="en", custom_texts=tuple(CustomTextEntry(text=text, mode=mode) for text in texts))


def run(path: Path, parameters: RedactStep, context: LocalContext) -> tuple[StepResult, Path]:
    result = redact(context.take_in(path, DOCX), parameters, context)
    return result, context.fetch(result.documents[0])


def everything_in(package: bytes) -> str:
    """All names and contents of a package as one text, with the tags cut out and with them, packages inside too."""
    texts = []
    with zipfile.ZipFile(BytesIO(package)) as opened:
        for name in opened.namelist():
            data = opened.read(name)
            text = everything_in(data) if data.startswith(b"PK") else data.decode("utf-8", "replace")
            texts += [name, text, re.sub(r"<[^>]*>", "", text)]
    return "\n".join(texts)


@pytest.fixture(scope="module")
def nasty(tmp_path_factory: pytest.TempPathFactory) -> tuple[StepResult, Path, LocalContext]:
    folder = tmp_path_factory.mktemp("nasty")
    context = LocalContext(folder)
    result, path = run(nasty_docx(folder / "nasty.docx"), step(SECRET), context)
    return result, path, context


def test_the_builder_hides_the_secret_in_every_place(tmp_path: Path) -> None:
    text = everything_in(nasty_docx(tmp_path / "nasty.docx").read_bytes())
    assert len(LEFT.findall(text)) > 100
    assert all(part in zipfile.ZipFile(tmp_path / "nasty.docx").namelist() for part in PARTS)


def test_nothing_of_the_secret_is_left_anywhere_in_the_package(
    nasty: tuple[StepResult, Path, LocalContext],
) -> None:
    text = everything_in(nasty[1].read_bytes())
    assert LEFT.search(text) is None, LEFT.search(text)
    assert "Zebulon%20" not in text


def test_python_docx_opens_it_and_finds_the_words_around(nasty: tuple[StepResult, Path, LocalContext]) -> None:
    document = Document(str(nasty[1]))
    paragraphs = [paragraph.text for paragraph in document.paragraphs]
    assert "Before " + "█" * len(SECRET) + " after" in paragraphs
    for name in BODY:
        assert any(text.startswith(name + ": ") for text in paragraphs), name
    assert document.sections[0].even_page_footer.paragraphs[0].text.startswith("even_page_footer █")
    assert set(document.core_properties.author) == {"█"}
    assert document.inline_shapes is not None


def test_the_formatting_of_the_runs_around_stays(nasty: tuple[StepResult, Path, LocalContext]) -> None:
    document = Document(str(nasty[1]))
    before, hidden, after = next(p for p in document.paragraphs if p.text.startswith("Before")).runs
    assert (before.text, before.italic, before.bold) == ("Before ", True, None)
    assert hidden.bold is True
    assert (after.text, after.font.color.rgb) == (" after", RGBColor(0xC0, 0x10, 0x10))


def test_libreoffice_shows_the_words_around_and_nothing_else(nasty: tuple[StepResult, Path, LocalContext]) -> None:
    _, path, context = nasty
    text = convert(path, "txt", context.scratch, 120).read_text(encoding="utf-8")
    assert LEFT.search(text) is None
    assert "split runs: ███" in text
    assert "Before ███" in text


def test_the_report_says_where_and_never_what(nasty: tuple[StepResult, Path, LocalContext]) -> None:
    result, _, _ = nasty
    places = {finding.where for finding in result.report.findings}
    assert places >= {
        "body",
        "headers",
        "footers",
        "footnotes",
        "endnotes",
        "comments",
        "text boxes",
        "tracked changes",
        "field codes",
        "link targets",
        "alternative texts",
        "authors of changes and comments",
        "document properties",
        "document settings",
        "custom XML",
        "charts",
        "diagrams",
        "embedded documents",
        "names of parts",
    }
    assert {finding.what for finding in result.report.findings} == {"custom text 1"}
    assert LEFT.search(result.model_dump_json()) is None
    assert result.report.measures["removed"] == sum(finding.count for finding in result.report.findings)
    assert result.characters > 500


def test_numbers_in_an_embedded_workbook_stay(nasty: tuple[StepResult, Path, LocalContext]) -> None:
    from openpyxl import load_workbook

    with zipfile.ZipFile(nasty[1]) as package:
        book = next(name for name in package.namelist() if name.endswith(".xlsx"))
        sheet = load_workbook(BytesIO(package.read(book))).active
    assert sheet is not None
    assert (sheet["A1"].value, sheet["B1"].value) == ("█" * len(SECRET), 4711)


@pytest.mark.parametrize("place", BODY)
def test_each_place_alone(place: str, tmp_path: Path) -> None:
    """No place is found only because another one was searched: each stands alone in a document."""
    _, path = run(bare_docx(tmp_path / "one.docx", BODY[place]), step(SECRET), LocalContext(tmp_path))
    assert len(Document(str(path)).paragraphs) == 1
    assert LEFT.search(everything_in(path.read_bytes())) is None


@pytest.mark.parametrize(
    ("mode", "text", "written", "expected"),
    [
        (MatchMode.WHOLE_WORD, "Falcon", "falcon and Falconry", "██████ and Falconry"),
        (MatchMode.CONTAINS, "falcon", "the Falconry house", "the ████████ house"),
        (MatchMode.EXACT, "Falcon", "Falcon, falcon", "██████, falcon"),
        (MatchMode.ADVANCED, r"No\. \d{4} ", "see No. 4711 here", "see █████████here"),
    ],
)
def test_the_four_match_modes(mode: MatchMode, text: str, written: str, expected: str, tmp_path: Path) -> None:
    document = Document()
    document.add_paragraph(written)
    document.save(str(tmp_path / "modes.docx"))
    _, path = run(tmp_path / "modes.docx", step(text, mode=mode), LocalContext(tmp_path))
    assert Document(str(path)).paragraphs[0].text == expected


def test_a_person_recognised_in_a_sentence_goes_from_the_properties_too(tmp_path: Path) -> None:
    result, path = run(
        letter_docx(tmp_path), RedactStep(language="en", pii=("PERSON", "IBAN_CODE")), LocalContext(tmp_path)
    )
    document = Document(str(path))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "John Smith" not in text
    assert "DE89" not in text
    assert document.tables[0].cell(1, 0).text == "█" * len("John Smith")
    assert set(document.core_properties.author) == {"█"}
    assert "Northwind Traders" in text
    assert {"PERSON", "IBAN_CODE"} <= {finding.what for finding in result.report.findings}


def test_nothing_found_is_said_loudly(tmp_path: Path) -> None:
    result, path = run(letter_docx(tmp_path), step("Xylophone"), LocalContext(tmp_path))
    assert result.report.findings == ()
    assert str(result.report.warnings[0]).startswith("Nothing was found")
    assert "John Smith" in "\n".join(paragraph.text for paragraph in Document(str(path)).paragraphs)


def test_common_words_of_the_format_can_be_redacted_without_harm(tmp_path: Path) -> None:
    document = Document()
    document.add_heading("Heading and Table and Normal", level=1)
    document.add_paragraph("The default body text style was left.", style="List Bullet")
    document.save(str(tmp_path / "words.docx"))
    words = step("Heading", "Table", "Normal", "default", "text", "style", "left", "1", mode=MatchMode.CONTAINS)
    _, path = run(tmp_path / "words.docx", words, LocalContext(tmp_path))
    redacted = Document(str(path))
    assert redacted.paragraphs[0].text == "███████ and █████ and ██████"
    assert redacted.paragraphs[0].style is not None
    assert redacted.paragraphs[0].style.name == "Heading 1"
    convert(path, "pdf", tmp_path, 120)


def test_styles_that_the_author_named_are_renamed_and_keep_their_look(tmp_path: Path) -> None:
    from docx.enum.style import WD_STYLE_TYPE

    document = Document()
    style = document.styles.add_style("Zebulon note", WD_STYLE_TYPE.PARAGRAPH)
    style.font.italic = True  # type: ignore[attr-defined]
    document.add_paragraph("in a style of his own", style=style)  # type: ignore[arg-type]
    document.save(str(tmp_path / "styled.docx"))
    _, path = run(tmp_path / "styled.docx", step("Zebulon", mode=MatchMode.CONTAINS), LocalContext(tmp_path))
    assert LEFT.search(everything_in(path.read_bytes())) is None
    redacted = Document(str(path)).paragraphs[0].style
    assert redacted is not None
    assert redacted.font.italic is True
    assert redacted.name == "███████ note"


def test_the_packed_copy_of_a_drawing_goes(tmp_path: Path) -> None:
    shape = (
        '<w:r><w:pict><v:shape xmlns:o="urn:schemas-microsoft-com:office:office" o:gfxdata="UEsDBBQ"/></w:pict></w:r>'
    )
    path = bare_docx(tmp_path / "packed.docx", shape)
    assert "UEsDBBQ" in everything_in(path.read_bytes())
    _, path = run(path, step("Xylophone"), LocalContext(tmp_path))
    assert "UEsDBBQ" not in everything_in(path.read_bytes())


def test_a_removal_that_overlooks_a_place_delivers_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sabotage: the removal forgets the footnotes; the search of the result notices."""
    whole = office.part_text
    monkeypatch.setattr(
        office, "part_text", lambda root, where: whole(_nothing() if where == "footnotes" else root, where)
    )
    context = LocalContext(tmp_path)
    path = nasty_docx(tmp_path / "nasty.docx")
    document = context.take_in(path, DOCX)
    with pytest.raises(PressroomError) as caught:
        redact(document, step(SECRET), context)
    assert caught.value.code == "redact.survived"
    assert "footnotes.xml" in str(caught.value)
    assert LEFT.search(str(caught.value)) is None
    assert len(list(context.documents.list("org-1"))) == 1


@pytest.mark.parametrize("place", BODY)
def test_the_search_of_the_result_finds_each_place_by_itself(place: str, tmp_path: Path) -> None:
    """Sabotage: nothing is removed at all."""
    with pytest.raises(PressroomError) as caught:
        verify_package(
            bare_docx(tmp_path / "one.docx", BODY[place]),
            "one.docx",
            "en",
            Settings(_env_file=None),
            sweep(),
            lambda: None,
        )
    assert caught.value.code == "redact.survived"


def test_a_part_that_cannot_be_searched_fails_the_result(tmp_path: Path) -> None:
    path = with_parts(tmp_path, {"word/other.bin": b"\x00\x01"}, BINARY)
    (tmp_path / "letter.docx").unlink()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(tmp_path / "new.docx", "w") as new:
        for name in old.namelist():
            if not name.startswith("docProps/thumbnail"):
                new.writestr(name, old.read(name))
    with pytest.raises(PressroomError) as caught:
        verify_package(tmp_path / "new.docx", "new.docx", "en", Settings(_env_file=None), sweep(), lambda: None)
    assert caught.value.code == "redact.unverifiable"


def sweep() -> Sweep:
    return Sweep(build_detector((), [CustomText(SECRET, MatchMode.WHOLE_WORD)], "en"))


def _nothing() -> "office.etree._Element":
    return office.etree.Element("nothing")


def with_parts(tmp_path: Path, added: dict[str, str | bytes], types: str = "") -> Path:
    source = letter_docx(tmp_path).read_bytes()
    edits: dict[str, Callable[[str], str]] = {
        "[Content_Types].xml": lambda text: text.replace("</Types>", types + "</Types>")
    }
    return edited(source, tmp_path / "with.docx", edits, added)


BINARY = '<Default Extension="bin" ContentType="application/vnd.openxmlformats-officedocument.oleObject"/>'
MACRO = '<Default Extension="bin" ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/>'


@pytest.mark.parametrize(
    ("added", "types", "code"),
    [
        ({"word/embeddings/oleObject1.bin": b"\xd0\xcf\x11\xe0 Zebulon"}, BINARY, "redact.embedded_object"),
        ({"word/vbaProject.bin": b"\xd0\xcf\x11\xe0"}, MACRO, "redact.macros"),
        ({"word/activeX/activeX1.bin": b"\x00"}, BINARY, "redact.macros"),
        ({"word/afchunk.rtf": b"{\\rtf1 Zebulon}"}, "", "redact.embedded_object"),
        ({"word/embeddings/a.zip": b"PK\x05\x06" + bytes(18)}, "", "redact.embedded_object"),
        ({"word/extra.xml": "<!DOCTYPE a [<!ENTITY b 'Zebulon'>]><a>&b;</a>"}, "", "document.malformed"),
        ({"word/extra.xml": "<a><b></a>"}, "", "document.malformed"),
        ({"../outside.xml": "<a/>"}, "", "document.malformed"),
        ({"word/media/image1.png": b"no picture"}, "", "document.damaged_file"),
    ],
)
def test_what_cannot_be_searched_is_refused(
    added: dict[str, str | bytes], types: str, code: str, tmp_path: Path
) -> None:
    with pytest.raises(PressroomError) as caught:
        run(with_parts(tmp_path, added, types), step(SECRET), LocalContext(tmp_path))
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "document.encrypted"),
        (b"plain text", "document.damaged_file"),
        (b"PK\x03\x04 cut off", "document.damaged_file"),
    ],
)
def test_files_that_are_no_word_documents(content: bytes, code: str, tmp_path: Path) -> None:
    (tmp_path / "bad.docx").write_bytes(content)
    with pytest.raises(PressroomError) as caught:
        run(tmp_path / "bad.docx", step(SECRET), LocalContext(tmp_path))
    assert caught.value.code == code


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    context = LocalContext(tmp_path)
    context.settings = context.settings.model_copy(update={"max_unpacked_mb": 1})
    bomb = with_parts(tmp_path, {"word/bomb.xml": b"<a>" + b" " * (2 << 20) + b"</a>"})
    with pytest.raises(PressroomError) as caught:
        run(bomb, step(SECRET), context)
    assert caught.value.code == "document.zip_bomb"


def test_drawings_that_cannot_be_searched_become_empty_pictures(tmp_path: Path) -> None:
    relation = '<Relationship Id="rIdEmf" Type="http://x/image" Target="media/image9.emf"/>'
    source = letter_docx(tmp_path).read_bytes()
    edits: dict[str, Callable[[str], str]] = {
        "word/_rels/document.xml.rels": lambda text: text.replace("</Relationships>", relation + "</Relationships>")
    }
    path = edited(
        source, tmp_path / "emf.docx", edits, {"word/media/image9.emf": "Zebulon Quartermain".encode("utf-16-le")}
    )
    result, redacted = run(path, step("Xylophone"), LocalContext(tmp_path))
    with zipfile.ZipFile(redacted) as package:
        assert "word/media/image9.emf" not in package.namelist()
        assert package.read("word/media/image9-empty.png").startswith(b"\x89PNG")
        assert "/word/media/image9-empty.png" in package.read("word/_rels/document.xml.rels").decode()
    assert any("replaced by empty pictures: 1" in str(warning) for warning in result.report.warnings)


def test_the_thumbnail_goes(tmp_path: Path) -> None:
    _, path = run(letter_docx(tmp_path), step("Xylophone"), LocalContext(tmp_path))
    with zipfile.ZipFile(path) as package:
        assert not [name for name in package.namelist() if "thumbnail" in name]
        assert "thumbnail" not in package.read("_rels/.rels").decode()


def test_a_picture_of_text_in_the_document_is_painted_over(tmp_path: Path) -> None:
    import pytesseract
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (900, 160), "white")
    ImageDraw.Draw(image).text((20, 50), "Signed by Zebulon today", "black", ImageFont.truetype("DejaVuSans.ttf", 48))
    image.save(tmp_path / "picture.png")
    document = Document()
    document.add_picture(str(tmp_path / "picture.png"))
    document.save(str(tmp_path / "pictured.docx"))
    result, path = run(tmp_path / "pictured.docx", step("Zebulon"), LocalContext(tmp_path))
    with zipfile.ZipFile(path) as package:
        read = pytesseract.image_to_string(Image.open(BytesIO(package.read("word/media/image1.png"))))
    assert "Signed" in read
    assert "Zebulon" not in read
    assert [finding.where for finding in result.report.findings] == ["pictures"]


def test_cancelling_stops_it(tmp_path: Path) -> None:
    context = LocalContext(tmp_path, cancel_after=5)
    with pytest.raises(PressroomError) as caught:
        run(letter_docx(tmp_path), step(SECRET), context)
    assert caught.value.code == "run.cancelled"
