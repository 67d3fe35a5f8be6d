"""The main job in the browser: compose, try dry, run on a real scan, watch, download."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from docx import Document
from playwright.sync_api import Browser, expect

from benchmarks.installation import running_installation
from steps.samples import scan_png
from tests.browser.conftest import Open, Visitor, windows
from tests.browser.test_composer import add, new, save

RUN_SECONDS = 120


@pytest.fixture(scope="module")
def whole_portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an installation with engine and worker."""
    with running_installation(tmp_path_factory.mktemp("whole")) as installation:
        yield installation.url


@pytest.fixture
def open_window(chromium: Browser, whole_portal: str) -> Iterator[Open]:
    yield from windows(chromium, whole_portal)


@pytest.mark.slow
def test_a_scan_is_read_redacted_and_downloaded(open_window: Open, tmp_path: Path) -> None:
    visitor = open_window()
    visitor.walk_in()
    page = new(visitor, "Letters", "Extract text with OCR")
    page.get_by_label("Output type", exact=True).click()
    page.get_by_role("option", name="Word (.docx)").click()
    add(page, "Redact", "Download")
    page.get_by_role("button", name="Choose personal data").click()
    page.get_by_role("listbox", name="Available").get_by_role("option", name="E-mail address").dblclick()
    page.get_by_role("button", name="Use these").click()
    solution = save(visitor)

    page.get_by_role("button", name="Dry run").click()
    page.wait_for_url("**/run?dry=1")
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/runs/*")
    _wait_until_complete(visitor)
    expect(page.locator(".contact-sheet")).to_have_count(4)
    expect(page.locator(".contact-sheet").last).to_contain_text("Download")
    expect(page.get_by_role("button", name="Download “")).to_have_count(0)
    page.get_by_role("button", name="Show “scan.docx” large").nth(1).click()
    expect(page.locator(".preview-text")).not_to_contain_text("maria.lindqvist@example.com")
    page.get_by_role("button", name="Close").click()

    visitor.go(f"/solutions/{solution['id']}/run")
    page.locator("input[type=file]").set_input_files(scan_png(tmp_path))
    expect(page.locator(".drop.filled")).to_be_visible()
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/runs/*")
    _wait_until_complete(visitor)
    expect(page.locator(".findings").first).to_contain_text("E-mail address")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download “scan.docx”").click()
    file = tmp_path / "result.docx"
    download.value.save_as(file)
    text = "\n".join(paragraph.text for paragraph in Document(str(file)).paragraphs)
    assert "Maria Lindqvist" in text
    assert "example.com" not in text


def _wait_until_complete(visitor: Visitor) -> None:
    expect(visitor.page.locator(".run-status .state.good")).to_be_visible(timeout=RUN_SECONDS * 1000)
