"""What is read keeps its shape: paragraphs, headings, words divided at line ends, the language."""

from pathlib import Path

import pytest

from connectors.ocr.headings import heading_levels
from connectors.ocr.languages import debian_package, language_of, tag_of, tesseract_name_of
from connectors.ocr.layout import Line, PageText, Paragraph, join_lines, page_from_hocr
from connectors.ocr.text_documents import write_docx, write_txt

HOCR = """<?xml version="1.0" encoding="UTF-8"?>
<html xmlns="http://www.w3.org/1999/xhtml"><body>
<div class='ocr_page' title='image "x.pgm"; bbox 0 0 600 900; ppageno 0; scan_res 300 300'>
 <div class='ocr_photo' title="bbox 0 0 10 10"></div>
 <p class='ocr_par' lang='eng' title="bbox 10 10 500 200">
  <span class='ocr_header' title="bbox 10 10 500 60; baseline 0 -9; x_size 50; x_descenders 9; x_ascenders 12">
   <span class='ocrx_word' title='bbox 10 10 90 60; x_wconf 90'>Tom</span>
   <span class='ocrx_word' title='bbox 95 10 99 60; x_wconf 10'> </span>
   <span class='ocrx_word' title='bbox 100 10 200 60; x_wconf 60'><strong>&amp;c</strong></span></span>
  <span class='ocr_line' title="bbox 10 70 500 90; baseline 0 -5; x_size 25; x_descenders 5; x_ascenders 6">
   <span class='ocrx_word' title='bbox 10 70 90 90; x_wconf 50'>below</span></span>
  <span class='ocr_line' title="bbox 10 95 500 120; baseline 0 -5; x_size 25; x_descenders 5; x_ascenders 6">
   <span class='ocrx_word' title='bbox 10 95 20 120; x_wconf 50'>¢</span>
   <span class='ocrx_word' title='bbox 30 95 90 120; x_wconf 50'>item</span></span>
 </p>
</div></body></html>"""


def test_hocr_becomes_paragraphs_with_sizes_and_confidence(tmp_path: Path) -> None:
    (tmp_path / "page.hocr").write_text(HOCR, encoding="utf-8")
    page = page_from_hocr(tmp_path / "page.hocr", dpi=300)
    assert (page.width, page.height) == (144, 216)
    assert [paragraph.text for paragraph in page.paragraphs] == ["Tom &c", "below", "¢ item"]
    assert page.paragraphs[0].size == pytest.approx(12)
    assert page.confidence == pytest.approx((3 * 90 + 2 * 60 + 10 * 50) / 15)
    assert page.characters == 6 + 5 + 6


@pytest.mark.parametrize(
    ("text", "line", "joined"),
    [
        ("", "begin", "begin"),
        ("the bud-", "get of", "the budget of"),
        ("the bud\xad", "get of", "the budget of"),
        ("the bud‐", "get of", "the budget of"),
        ("a state-of-the-", "art tool", "a state-of-the-art tool"),
        ("Jean-", "Paul", "Jean- Paul"),
        ("pages 3-", "4 are", "pages 3- 4 are"),
        ("a dash -", "here", "a dash - here"),
        ("no hyphen", "here", "no hyphen here"),
    ],
)
def test_words_divided_at_a_line_end_are_joined(text: str, line: str, joined: str) -> None:
    assert join_lines(text, line) == joined


def paragraph(text: str, size: float, bold: bool = False) -> Paragraph:
    return Paragraph((Line(text, size, bold),))


BODY = paragraph("A long sentence of running text that makes up most of the page, as it always does. " * 3, 10)


@pytest.mark.parametrize(
    ("candidate", "level"),
    [
        (paragraph("Annual report", 20), 1),
        (paragraph("Introduction", 14), 2),
        (paragraph("Details", 10, bold=True), 3),
        (paragraph("Nearly the same", 10.8), 0),
        (paragraph("A larger sentence that ends as sentences do.", 14), 0),
        (paragraph("• A larger list item", 14), 0),
        (paragraph("600", 14), 0),
        (paragraph("Large running text " * 20, 14), 0),
    ],
)
def test_headings_stand_out(candidate: Paragraph, level: int) -> None:
    others = (paragraph("Annual report", 20), paragraph("Introduction", 14), BODY)
    assert heading_levels([PageText(595, 842, (*others, candidate))])[0][3] == level


def test_recognised_and_carried_text_have_scales_of_their_own() -> None:
    large = PageText(595, 842, (paragraph("Running text of a scan, which measures larger than the other kind", 14),))
    pages = [PageText(595, 842, (BODY, BODY)), PageText(595, 842, large.paragraphs, 90, recognised=True)]
    assert heading_levels(pages) == [[0, 0], [0]]


def test_documents_are_written_with_pages_sheets_and_headings(tmp_path: Path) -> None:
    from docx import Document

    pages = [PageText(612, 792, (paragraph("Title\x02", 20), BODY)), PageText(612, 792), PageText(612, 792, (BODY,))]
    write_docx(pages, tmp_path / "a.docx", "a", "sv")
    document = Document(str(tmp_path / "a.docx"))
    texts = [(p.style.name if p.style else "", p.text.strip()[:6]) for p in document.paragraphs]
    assert texts == [("Heading 1", "Title"), ("Normal", "A long"), ("Normal", ""), ("Normal", "A long")]
    assert document.element.xml.count('w:br w:type="page"') == 2
    assert document.sections[0].page_width == 612 * 12700
    assert document.core_properties.language == "sv"
    write_txt(pages, tmp_path / "a.txt")
    assert [len(part) > 5 for part in (tmp_path / "a.txt").read_text().split("\f")] == [True, False, True]


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("Jag ar inte saker pa att det har fungerar som vi tankt oss, men vi provar det i alla fall.", "sv"),
        ("Wir konnen das nicht uber die Strase tragen, weil es viel zu grof und zu schwer ist.", "de"),
        ("Vous etes prie de vous presenter a la mairie avec vos papiers avant la fin du mois.", "fr"),
        ("El contrato entra en vigor en la fecha de la firma y tiene una vigencia de dos anos.", "es"),
        ("Il contratto entra in vigore alla data della firma e ha una durata di due anni.", "it"),
        ("O contrato entra em vigor na data da assinatura e nao pode ser alterado pelas partes.", "pt"),
        ("De overeenkomst treedt in werking op de datum van ondertekening door beide partijen.", "nl"),
        ("x1 34 ,, |", None),
        ("Invoice", None),
        ("1234567890 " * 30, None),
    ],
)
def test_the_language_is_told_even_without_accents(text: str, tag: str | None) -> None:
    found = language_of(text)
    assert (found.tag if found else None) == tag


@pytest.mark.parametrize(
    ("language", "name", "package"),
    [
        ("en", "eng", "tesseract-ocr-eng"),
        ("sv-SE", "swe", "tesseract-ocr-swe"),
        ("zh-Hant", "chi_tra", "tesseract-ocr-chi-tra"),
        ("deu", "deu", "tesseract-ocr-deu"),
        ("no", "nor", "tesseract-ocr-nor"),
    ],
)
def test_languages_by_all_their_names(language: str, name: str, package: str) -> None:
    assert tesseract_name_of(language) == name
    assert debian_package(name) == package
    assert tesseract_name_of(tag_of(name)) == name
