"""Pictures and excerpts of a run's documents: right, small, only for those who may see the run, and never a crash."""

import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from connectors.errors import PressroomError
from domain.runs.service import HandIn, start_run
from domain.runs.views import RunView
from domain.solutions.definition import SolutionDefinition, StepDefinition
from domain.solutions.service import create_solution
from domain.tenancy import NOT_FOUND
from portal_api.pages import preview_images
from portal_api.pages.preview_images import NO_PREVIEW, excerpt, page_picture
from steps.samples import letter_docx, letter_pdf, letter_txt, scan_pdf, scan_png
from tests.support.installation import Installation

HandedIn = Callable[[Path], RunView]


@pytest.fixture(scope="module")
def solution_id(installation: Installation) -> str:
    definition = SolutionDefinition(name="Anything", steps=(StepDefinition(kind="download"),))
    return create_solution(installation.administrator, definition).id


@pytest.fixture
def handed_in(installation: Installation, solution_id: str) -> HandedIn:
    return lambda path: start_run(installation.administrator, solution_id, HandIn(path, path.name))


@pytest.mark.parametrize(
    ("make", "page"), [(scan_png, 1), (letter_pdf, 1), (scan_pdf, 2)], ids=["PNG", "PDF", "second page"]
)
def test_a_page_becomes_a_small_picture(
    installation: Installation, handed_in: HandedIn, tmp_path: Path, make: Callable[[Path], Path], page: int
) -> None:
    run = handed_in(make(tmp_path))
    content = page_picture(installation.administrator, run.id, run.original.key, page, 320)
    with Image.open(BytesIO(content)) as picture:
        assert picture.format == "PNG"
        assert 300 <= picture.width <= 321
        shades = set(picture.convert("L").tobytes())
        assert min(shades) < 130 < max(shades), "the page's text is in the picture"


@pytest.mark.parametrize("make", [letter_docx, letter_txt], ids=["DOCX", "TXT"])
def test_text_is_shown_as_text(
    installation: Installation, handed_in: HandedIn, tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    run = handed_in(make(tmp_path))
    shown = excerpt(installation.administrator, run.id, run.original.key)
    assert "Dear Maria Lindqvist," in shown.text
    assert shown.is_whole


def test_a_long_text_is_cut(installation: Installation, handed_in: HandedIn, tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text("word " * 10_000, encoding="utf-8")
    run = handed_in(path)
    shown = excerpt(installation.administrator, run.id, run.original.key)
    assert (len(shown.text), shown.is_whole) == (preview_images.MOST_TEXT, False)


def test_a_word_file_that_unpacks_to_too_much_is_not_opened(
    installation: Installation, handed_in: HandedIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = letter_docx(tmp_path)
    with zipfile.ZipFile(path) as package:
        monkeypatch.setattr(preview_images, "MOST_UNPACKED", sum(part.file_size for part in package.infolist()) - 1)
    run = handed_in(path)
    with pytest.raises(PressroomError) as caught:
        excerpt(installation.administrator, run.id, run.original.key)
    assert caught.value.fault is NO_PREVIEW


@pytest.mark.parametrize(
    ("make", "page"),
    [(letter_pdf, 2), (letter_pdf, 0), (scan_png, 3), (letter_txt, 1)],
    ids=["after the last", "before the first", "of a picture", "of a text"],
)
def test_what_has_no_such_page_says_so(
    installation: Installation, handed_in: HandedIn, tmp_path: Path, make: Callable[[Path], Path], page: int
) -> None:
    run = handed_in(make(tmp_path))
    with pytest.raises(PressroomError) as caught:
        page_picture(installation.administrator, run.id, run.original.key, page, 320)
    assert caught.value.fault is NO_PREVIEW


def test_a_picture_has_no_excerpt(installation: Installation, handed_in: HandedIn, tmp_path: Path) -> None:
    run = handed_in(scan_png(tmp_path))
    with pytest.raises(PressroomError) as caught:
        excerpt(installation.administrator, run.id, run.original.key)
    assert caught.value.fault is NO_PREVIEW


def test_another_organization_and_another_runs_key_find_nothing(
    installation: Installation, handed_in: HandedIn, tmp_path: Path
) -> None:
    first, second = handed_in(letter_pdf(tmp_path)), handed_in(letter_txt(tmp_path))
    for actor, run_id, key in (
        (installation.stranger, first.id, first.original.key),
        (installation.administrator, second.id, first.original.key),
    ):
        with pytest.raises(PressroomError) as caught:
            page_picture(actor, run_id, key, 1, 320)
        assert caught.value.fault is NOT_FOUND
